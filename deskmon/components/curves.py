"""Curves over any axis in braille cells, each with its own mark at its points, so that they differ without colour."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import log
from typing import NamedTuple

from deskmon.components.charts import BLANK, DOTS
from deskmon.components.panel import Span

__all__ = [
    "CURVES_LEAST",
    "Axes",
    "Curve",
    "curve_chart",
]

CURVES_LEAST = (16, 4)
"""(width, height) in cells below which curves say nothing."""

Cells = list[list[tuple[str, str]]]


class Curve(NamedTuple):
    """Points (x, y) with x ascending, each with `mark` (a cell or none), `joined` by a line where it is wanted."""

    points: Sequence[tuple[float, float]]
    mark: str
    style: str
    joined: bool = False


class Axes(NamedTuple):
    """How x and y are written; `ticks`: values of x that are labelled where they have room; `upright`: a value of x
    at which an upright line stands; `logarithmic`: of x, which is above 0 then."""

    write_x: Callable[[float], str]
    write_y: Callable[[float], str]
    ticks: Sequence[float] = ()
    upright: float | None = None
    logarithmic: bool = False


def curve_chart(curves: Sequence[Curve], axes: Axes, size: tuple[int, int]) -> list[list[Span]]:
    """Exactly `height` lines of at most `width` cells for `size` (width, height), both at least the least.

    The first of the curves lies on top. At 0, where values lie on both sides of it, stands a faint line.
    """
    width, height = size
    values = [y for curve in curves for _, y in curve.points]
    if not values:
        return [[("", "")]] * height
    low, high = min(values), max(values)
    labels = (axes.write_y(high), axes.write_y(low))
    margin = max(map(len, labels)) + 1
    rows, columns = height - 1, width - margin
    edge = (low - (low == high), high + (low == high))
    across = _across(curves, axes, columns)
    cells: Cells = [[(" ", "")] * columns for _ in range(rows)]
    zero = _down(0.0, edge, rows) // 4 if low < 0 < high else -1
    if zero >= 0:
        cells[zero] = [("─", "faint")] * columns
    if axes.upright is not None and (place := across(axes.upright)) is not None:
        for row in cells:
            row[place // 2] = ("│", "faint")
    for curve in reversed(curves):
        spots = [(place, _down(y, edge, rows)) for x, y in curve.points if (place := across(x)) is not None]
        if curve.joined:
            _join(cells, spots, curve.style)
        for place, down in spots:
            if curve.mark:
                cells[down // 4][place // 2] = (curve.mark, curve.style)
    gutter = {zero: "0", 0: labels[0], rows - 1: labels[1] if high > low else ""}
    lines = [[(gutter.get(n, "").rjust(margin - 1) + " ", "faint"), *_spans(row)] for n, row in enumerate(cells)]
    return [*lines, [(" " * margin + _ticks(axes, across, columns), "faint")]]


def _across(curves: Sequence[Curve], axes: Axes, columns: int) -> Callable[[float], int | None]:
    """Makes of a value of x its column of dots, None for one beyond the curves."""
    scale: Callable[[float], float] = log if axes.logarithmic else float
    known = [scale(x) for curve in curves for x, _ in curve.points]
    first, last = min(known), max(known)
    dots = columns * 2 - 1

    def place(x: float) -> int | None:
        if last <= first:
            return dots // 2
        share = (scale(x) - first) / (last - first)
        return round(share * dots) if -1e-9 <= share <= 1 + 1e-9 else None

    return place


def _down(value: float, edge: tuple[float, float], rows: int) -> int:
    """The row of dots, from the top, of a value."""
    dots = rows * 4 - 1
    return max(0, min(dots, round((edge[1] - value) / (edge[1] - edge[0]) * dots)))


def _join(cells: Cells, spots: Sequence[tuple[int, int]], style: str) -> None:
    """Dots along straight lines between neighbouring spots, over what stands there."""
    for (x0, y0), (x1, y1) in pairwise(spots):
        steps = max(abs(x1 - x0), abs(y1 - y0), 1)
        for step in range(steps + 1):
            x, y = x0 + round((x1 - x0) * step / steps), y0 + round((y1 - y0) * step / steps)
            held, words = cells[y // 4][x // 2]
            bits = ord(held) - BLANK if BLANK <= ord(held) < BLANK + 256 and words == style else 0
            cells[y // 4][x // 2] = (chr(BLANK + (bits | DOTS[x % 2][y % 4])), style)


def _ticks(axes: Axes, across: Callable[[float], int | None], columns: int) -> str:
    """The labels of x in their places, each whole or not at all."""
    chars = [" "] * columns
    for tick in axes.ticks:
        place, text = across(tick), axes.write_x(tick)
        if place is None:
            continue
        start = max(0, min(columns - len(text), place // 2 - len(text) // 2))
        around = chars[max(0, start - 1) : start + len(text) + 1]
        if len(text) <= columns and not "".join(around).strip():
            chars[start : start + len(text)] = text
    return "".join(chars).rstrip()


def _spans(row: Sequence[tuple[str, str]]) -> list[Span]:
    spans: list[Span] = []
    for text, style in row:
        if spans and spans[-1][1] == style:
            spans[-1] = (spans[-1][0] + text, style)
        else:
            spans.append((text, style))
    return spans
