"""A plot as an SVG picture: no script, no font from elsewhere.

Its colours are those of paper. Each part has a class, so that a page around it may give it colours of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import NamedTuple

from deskmon.components.text import cell_width, clean, shorten, wrap
from deskmon.plots.series import TICKS, Point, Series

COLOURS = ("#2b7de9", "#c9621a", "#2f8a3d", "#b35cc4", "#148a8a", "#d6455d", "#8f7a15", "#7a7a7a")
DASHES = ("none", "7 3", "2 2", "9 3 2 3", "4 4", "12 4", "1 3", "6 2 1 2 1 2")
"""What tells lines apart without colour."""
CELL = (9, 18)
"""Pixels of a column and a row, so that `--size` means the same as in the terminal."""
LINE, FONT, CHAR = 18, 12, 7.3
"""Pixels: height of a line of text, of its font, and width of a character."""
NOTES = 2
"""Lines of a note at most."""
BELOW, BESIDE, EDGE = 34, 44, 12
"""Pixels: for the times under the axis, for half of the last one, and to the edge."""
LABEL = 110
"""Pixels that the label of a time wants."""
ROOM = 0.03
"""Share of the height that is left over and under the extremes."""
BAR = 0.8
"""Share of its time that a bar takes."""

THIN = 3
"""Pixels below which bars stand over each other, not beside."""


def svg_plot(series: Series, size: tuple[int, int]) -> str:
    """The series on `size` (columns, rows)."""
    width, height = size[0] * CELL[0], size[1] * CELL[1]
    notes = wrap(clean(series.note), int((width - 2 * EDGE) / CHAR))[:NOTES] or [""]
    top = LINE * len(notes)
    box = _box(series, width, height, top)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{escape(" ".join(notes))}" '
        f'font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="{FONT}">',
        f'<rect class="ground" width="{width}" height="{height}" fill="#ffffff"/>',
        *(_text(EDGE, LINE * place, words, "quiet") for place, words in enumerate(notes, 1)),
        *(_legend(series, number, width, top) for number in range(len(series.lines))),
        *_axes(series, box),
        *(part for number in series.backmost_first() for part in _drawn(series, number, box)),
        f'<rect class="frame" x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" fill="none" '
        'stroke="#999999"/>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


class Box(NamedTuple):
    """Pixels where lines are drawn."""

    x: int
    y: int
    width: int
    height: int

    def at(self, series: Series, axis: int, point: Point) -> tuple[float, float]:
        """Where a point is drawn."""
        (first, last), (low, high) = series.stretch, series.extent(axis)
        across = self.width * (point[0] - first) / max(1, last - first)
        up = ROOM + (1 - 2 * ROOM) * (point[1] - low) / (high - low)
        return self.x + across, self.y + self.height * (1 - up)


def _box(series: Series, width: int, height: int, top: int) -> Box:
    sides = [EDGE, BESIDE]
    for axis in range(len(series.units)):
        longest = max(cell_width(label) for _, label in series.value_ticks(axis))
        sides[axis] = max(sides[axis], EDGE + round(longest * CHAR) + 8, BESIDE)
    top += LINE * len(series.lines) + EDGE
    return Box(sides[0], top, max(40, width - sum(sides)), max(40, height - top - BELOW))


_INKS = {"quiet": "#555555", "ink": "#222222"}


def _text(x: float, y: float, words: str, ink: str, anchor: str = "start") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" fill="{_INKS[ink]}" text-anchor="{anchor}"'
    return f'<text class="{ink}" {place}>{escape(clean(words))}</text>'


def _legend(series: Series, number: int, width: int, top: int) -> str:
    line, y = series.lines[number], top + LINE * (number + 1)
    said = series.reading(number)
    name = shorten(line.name, max(1, int((width - EDGE - 40) / CHAR) - len(said)))
    if line.look == "line":
        mark = f'<line x1="{EDGE}" y1="{y - 4}" x2="{EDGE + 24}" y2="{y - 4}" {_stroke(number)}/>'
    else:
        mark = f'<rect x="{EDGE}" y="{y - 9}" width="24" height="9" {_fill(number)}/>'
    return mark + _text(40, y, f"{name}{said}", "ink")


def _axes(series: Series, box: Box) -> Iterator[str]:
    for axis in range(len(series.units)):
        for value, label in series.value_ticks(axis):
            _, y = box.at(series, axis, (series.times[0], value))
            if axis == 0:
                ends = f'x1="{box.x}" y1="{y:.1f}" x2="{box.x + box.width}" y2="{y:.1f}"'
                yield f'<line class="grid" {ends} stroke="#e4e4e4"/>'
            side, anchor = (box.x - 8, "end") if axis == 0 else (box.x + box.width + 8, "start")
            yield _text(side, y + 4, label, "quiet", anchor)
    low, _ = series.extent(0)
    for ts, label in series.time_ticks(max(2, min(TICKS, box.width // LABEL))):
        x, y = box.at(series, 0, (ts, low))
        yield _text(x, y + 20, label, "quiet", "middle")


def _drawn(series: Series, number: int, box: Box) -> Iterator[str]:
    """A line: its known stretches, each closed down to 0 where it is an area; of bars one each."""
    line = series.lines[number]
    if line.look == "bars":
        yield from _bars(series, number, box)
        return
    paths = []
    for points in line.stretches:
        if line.look == "area":
            points = [(points[0][0], 0.0), *points, (points[-1][0], 0.0)]
        places = (box.at(series, line.axis, point) for point in points)
        paths.append("M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in places) + "Z" * (line.look == "area"))
        if len(points) == 1:
            paths.append("h0.1")  # a round end makes a dot of it
    look = _fill(number) if line.look == "area" else _stroke(number)
    yield f'<path d="{"".join(paths)}" {look}/>'


def _bars(series: Series, number: int, box: Box) -> Iterator[str]:
    line = series.lines[number]
    beside = [n for n, each in enumerate(series.lines) if each.look == "bars"]
    first, last = series.stretch
    width = box.width * series.bar_ms / max(1, last - first) * BAR
    if width / len(beside) < THIN:
        beside = [number]
    width /= len(beside)
    for ts, value in line.known:
        x, y = box.at(series, line.axis, (ts, value))
        _, zero = box.at(series, line.axis, (ts, 0.0))
        left = x + width * (beside.index(number) - len(beside) / 2)
        size = f'width="{width:.1f}" height="{abs(zero - y):.1f}"'
        yield f'<rect x="{left:.1f}" y="{min(y, zero):.1f}" {size} {_fill(number)}/>'


def _fill(number: int) -> str:
    return f'fill="{COLOURS[number % len(COLOURS)]}" fill-opacity="0.55"'


def _stroke(number: int) -> str:
    colour, dash = COLOURS[number % len(COLOURS)], DASHES[number % len(DASHES)]
    return f'fill="none" stroke="{colour}" stroke-width="1.6" stroke-linecap="round" stroke-dasharray="{dash}"'
