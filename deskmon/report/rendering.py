"""The one door to the forms of a report."""

from __future__ import annotations

from typing import get_args

from deskmon.report import charts
from deskmon.report.content import Form, Report
from deskmon.report.heading import label
from deskmon.report.html import html
from deskmon.report.markdown import markdown, picture_name
from deskmon.report.plain import plain

FORMS: tuple[Form, ...] = get_args(Form)


def render(report: Report, form: Form, stem: str = "") -> str:
    """The report as Markdown, as one HTML file or as text for a mail. Markdown shows the pictures that `pictures` gives
    for the same `stem`; without one it tells charts in words, as text does. The same report gives the same bytes."""
    if form == "md":
        return markdown(report, stem)
    return html(report) if form == "html" else plain(report)


def pictures(report: Report, stem: str) -> dict[str, str]:
    """The charts that Markdown of this `stem` shows: SVG by the name of its file."""
    return {
        picture_name(stem, section, number): charts.picture(chart, label(report))
        for section, number, chart in charts.charts(report)
        if charts.drawn(chart)
    }
