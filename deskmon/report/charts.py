"""The charts of a report: as pictures by the desk's own chart code, and in words where there are no pictures."""

from __future__ import annotations

from collections.abc import Iterator

from deskmon.components.figure_words import figure_words
from deskmon.plots.series import Line, Series
from deskmon.plots.svg import svg_plot
from deskmon.report.content import Chart, ChartLine, Report, Section
from deskmon.report.words import moment, one_line

WIDTH, HEIGHT = 52, 14
"""Columns, and rows beside those of the names of lines: wide enough to read on a phone, two beside each other on a
desk."""


def picture(chart: Chart, label: str) -> str:
    """The chart as SVG, with the label of the market."""
    note = f"{label}: {one_line(chart.caption)}"
    lines = [Line(one_line(line.name), 0, "bars" if line.is_bar else "line", line.points) for line in chart.lines]
    return svg_plot(Series(lines, (chart.unit,), note), (WIDTH, HEIGHT + len(lines)))


def drawn(chart: Chart) -> bool:
    """Whether there is anything to draw: two known values of one line, or more."""
    return any(len(_known(line)) > 1 for line in chart.lines)


def charts(report: Report) -> Iterator[tuple[Section, int, Chart]]:
    """Each chart with its section, and its number there, counted from 1."""
    for section in report.sections:
        of_section = (block for block in section.blocks if isinstance(block, Chart))
        for number, chart in enumerate(of_section, 1):
            yield section, number, chart


def extremes(chart: Chart) -> list[str]:
    """Each line in words: where it begins and ends, and its lowest and highest value with their times."""
    return [_extremes(line, chart.unit) for line in chart.lines]


def _extremes(line: ChartLine, unit: str) -> str:
    known = _known(line)
    if not known:
        return f"{one_line(line.name)}: unknown"
    if len({value for _, value in known}) == 1:
        return f"{one_line(line.name)}: {figure_words(unit, known[0][1])} throughout"
    lowest, highest = (each(known, key=lambda point: point[1]) for each in (min, max))
    first, last, low, high = (
        f"{figure_words(unit, value)} ({moment(ts)})" for ts, value in (known[0], known[-1], lowest, highest)
    )
    return f"{one_line(line.name)}: first {first}, last {last}, lowest {low}, highest {high}"


def _known(line: ChartLine) -> list[tuple[int, float]]:
    return [(ts, value) for ts, value in line.points if value is not None]
