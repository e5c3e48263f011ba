"""A plot as an SVG picture: no script, no font from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from deskmon.components.figure_words import figure_words
from deskmon.components.text import clean
from deskmon.plots.series import Line, Series

COLOURS = ("#2b7de9", "#e8833a", "#3fa34d", "#b35cc4", "#1aa5a5", "#d6455d", "#a08a1c", "#7a7a7a")
CELL = (9, 18)
"""Pixels of a column and a row, so that `--size` means the same as in the terminal."""
LEFT, RIGHT, BELOW, LINE = 96, 96, 34, 18


def svg_plot(series: Series, size: tuple[int, int]) -> str:
    """The series on `size` (columns, rows)."""
    width, height = size[0] * CELL[0], size[1] * CELL[1]
    top = LINE * (len(series.lines) + 1) + 12
    box = (LEFT, top, max(40, width - LEFT - RIGHT), max(40, height - top - BELOW))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        _text(12, LINE, series.note, "#555555"),
        *(_legend(series, number) for number in range(len(series.lines))),
        *_axes(series, box),
        *(_drawn(series, line, COLOURS[number], box) for number, line in _areas_first(series)),
        f'<rect x="{box[0]}" y="{box[1]}" width="{box[2]}" height="{box[3]}" fill="none" stroke="#999999"/>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


Box = tuple[int, int, int, int]
"""x, y, width, height of where lines are drawn."""


def _areas_first(series: Series) -> list[tuple[int, Line]]:
    return sorted(enumerate(series.lines), key=lambda item: not item[1].is_area)


def _text(x: float, y: float, words: str, colour: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" text-anchor="{anchor}">{escape(clean(words))}</text>'


def _legend(series: Series, number: int) -> str:
    line, y = series.lines[number], LINE * (number + 2)
    unit = series.units[line.axis]
    newest = next((value for value in reversed(line.values) if value is not None), None)
    where = f", {('left', 'right')[line.axis]}" if len(series.units) > 1 else ""
    mark = f'<rect x="12" y="{y - 9}" width="14" height="9" fill="{COLOURS[number]}"/>'
    return mark + _text(32, y, f"{line.name}  {figure_words(unit, newest)} ({unit}{where})", "#222222")


def _axes(series: Series, box: Box) -> Iterator[str]:
    x, y, width, height = box
    for axis in range(len(series.units)):
        low, high = series.extent(axis)
        for value, label in series.value_ticks(axis):
            at = y + height - height * (value - low) / (high - low)
            if axis == 0:
                yield f'<line x1="{x}" y1="{at:.1f}" x2="{x + width}" y2="{at:.1f}" stroke="#e4e4e4"/>'
            place = (x - 8, "end") if axis == 0 else (x + width + 8, "start")
            yield _text(place[0], at + 4, label, "#555555", place[1])
    times = series.time_ticks()
    for n, (_, label) in enumerate(times):
        yield _text(x + width * n / (len(times) - 1), y + height + 20, label, "#555555", "middle")


def _drawn(series: Series, line: Line, colour: str, box: Box) -> str:
    """One path: stretches of known values, each closed down to 0 where it is an area."""
    x, y, width, height = box
    low, high = series.extent(line.axis)
    last = max(1, len(series.times) - 1)

    def at(place: int, value: float) -> str:
        return f"{x + width * place / last:.1f},{y + height - height * (value - low) / (high - low):.1f}"

    stretches: list[list[tuple[int, float]]] = [[]]
    for place, value in enumerate(line.values):
        if value is not None:
            stretches[-1].append((place, value))
        elif stretches[-1]:
            stretches.append([])
    paths = []
    for points in filter(None, stretches):
        drawn = [at(*point) for point in points]
        if line.is_area:
            drawn = [at(points[0][0], 0.0), *drawn, at(points[-1][0], 0.0)]
        paths.append("M" + "L".join(drawn) + "Z" * line.is_area)
    look = (
        f'fill="{colour}" fill-opacity="0.45"' if line.is_area else f'fill="none" stroke="{colour}" stroke-width="1.6"'
    )
    return f'<path d="{"".join(paths)}" {look}/>'
