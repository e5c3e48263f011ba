"""The figures part of a market report: found by the desk, told in plain sentences, each figure with its source."""

from deskmon.report.content import Form, Report
from deskmon.report.making import make, week_span
from deskmon.report.rendering import FORMS, pictures, render
from deskmon.report.sources import known_figures

__all__ = ["FORMS", "Form", "Report", "known_figures", "make", "pictures", "render", "week_span"]
