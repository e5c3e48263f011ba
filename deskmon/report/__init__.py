"""The figures part of a market report: found by the desk, told in plain sentences, each figure with its source."""

from deskmon.report.content import Report
from deskmon.report.making import make

__all__ = ["Report", "make"]
