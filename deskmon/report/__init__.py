"""The figures part of a market report: found by the desk, told in plain sentences, each figure with its source."""

from deskmon.report.content import Form, Report
from deskmon.report.making import make, week_span
from deskmon.report.rendering import FORMS, pictures, render

__all__ = ["FORMS", "Form", "Report", "make", "pictures", "render", "week_span"]
