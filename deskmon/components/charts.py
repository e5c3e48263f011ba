"""A line of values over time in braille cells; its highest and lowest value and its first and last time as labels."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from deskmon import format as fmt
from deskmon.components.panel import Span
from deskmon.components.text import cell_width, rjust

__all__ = ["CHART_LEAST", "chart_below", "extremes", "line_chart", "within"]

Points = Sequence[tuple[int, float]]
"""(time in ms, value), oldest first."""

CHART_LEAST = (12, 3)
"""(width, height) in cells below which a chart says nothing."""

BLANK = 0x2800
DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""Bits of a braille cell: by column, from the top."""


class Extent(NamedTuple):
    """What a chart shows: times (ms) and values."""

    start: int
    end: int
    low: float
    high: float


def within(points: Points, start: int, end: int) -> Points:
    """The points in (start, end] and the one before, whose value held at the start."""
    first = bisect_right(points, start, key=_time)
    return points[max(0, first - 1) : bisect_right(points, end, key=_time)]


def extremes(points: Points) -> tuple[tuple[int, float], tuple[int, float]]:
    """The lowest and the highest of some points, the first of each."""
    return min(points, key=_value), max(points, key=_value)


def chart_below(
    words: Sequence[Sequence[Span]], points: Points, span: tuple[int, int], size: tuple[int, int],
    write: Callable[[float], str], *, hold_ms: int,
) -> Sequence[Sequence[Span]]:  # fmt: skip
    """Lines of words, and below them a `line_chart` where `size` (width, height) has room for it."""
    width, rows = size[0], size[1] - len(words)
    if width < CHART_LEAST[0] or rows < CHART_LEAST[1]:
        return words[: size[1]]
    return [*words, *line_chart(points, span, (width, rows), write, hold_ms=hold_ms)]


def line_chart(
    points: Points, span: tuple[int, int], size: tuple[int, int], write: Callable[[float], str], *, hold_ms: int,
    style: str = "accent",
) -> list[list[Span]]:  # fmt: skip
    """Exactly `height` lines of at most `width` cells for `size` (width, height), both at least the least.

    span: first and last time (ms). write: how a value is written on the axis. hold_ms: a value counts this long, and
    where the next one comes later the line breaks. At 0, where the values lie on both sides of it, stands a faint line.
    """
    (start, end), (width, height) = span, size
    shown = within(points, start, end)
    if not shown or end <= start:
        return [[("", "")]] * height
    values = [value for _, value in shown]
    low, high = min(values), max(values)
    extent = Extent(start, end, low - (low == high), high + (low == high))
    labels = [write(high), *([write(low)] if high > low else [])]
    margin = max(map(cell_width, labels))
    if margin + CHART_LEAST[0] // 2 >= width:
        margin = 0
    rows, columns = height - 1, width - margin - (1 if margin else 0)
    cells = _cells(shown, extent, columns, rows, hold_ms)
    zero = _row(0.0, extent, rows) // 4 if low < 0 < high else -1
    lines = []
    for number in range(rows):
        label = _label(number, rows, labels, zero)
        gutter: list[Span] = [(rjust(label, margin) + " ", "faint")] if margin else []
        lines.append([*gutter, *_spans(cells[number], style, "─" if number == zero else " ")])
    lines.append([(" " * (margin + 1 if margin else 0) + _times(start, end, columns), "faint")])
    return lines


def _value(point: tuple[int, float]) -> float:
    return point[1]


def _time(point: tuple[int, float]) -> int:
    return point[0]


def _label(number: int, rows: int, labels: Sequence[str], zero: int) -> str:
    if len(labels) == 1:
        return labels[0] if number == rows // 2 else ""
    if number in (0, rows - 1):
        return labels[0] if number == 0 else labels[1]
    return "0" if number == zero else ""


def _times(start: int, end: int, columns: int) -> str:
    """The first and the last time, each whole or not at all: with the time of day where both are within two days."""
    write = fmt.date if end - start > 2 * 86_400_000 else _minute
    first, last = write(start), write(end)
    if len(first) + len(last) + 1 > columns:
        return last.rjust(columns) if len(last) <= columns else ""
    return first + last.rjust(columns - len(first))


def _minute(ts: int) -> str:
    return f"{fmt.day(ts)} {fmt.clock(ts)[:5]}"


def _cells(points: Points, extent: Extent, columns: int, rows: int, hold_ms: int) -> list[list[int]]:
    """Braille bits of each cell, by row from the top."""
    cells = [[0] * columns for _ in range(rows)]
    before = -1
    for x, values in enumerate(_columns(points, extent, columns * 2, hold_ms)):
        if not values:
            before = -1
            continue
        spots = [_row(value, extent, rows) for value in values]
        reached = [*spots, before] if before >= 0 else spots
        for y in range(min(reached), max(reached) + 1):
            cells[y // 4][x // 2] |= DOTS[x % 2][y % 4]
        before = spots[-1]
    return cells


def _columns(points: Points, extent: Extent, count: int, hold_ms: int) -> Iterator[list[float]]:
    """For each of `count` even stretches of time the values in it, or the one that still holds; empty without any."""
    span = extent.end - extent.start
    held: tuple[int, float] | None = None
    index = 0
    for column in range(count):
        until = extent.start + span * (column + 1) // count
        after = bisect_left(points, until + 1, index, key=_time)
        values = [value for _, value in points[index:after]]
        if after > index:
            held = points[after - 1]
        elif held is not None and until - held[0] <= hold_ms:
            values = [held[1]]
        index = after
        yield values


def _row(value: float, extent: Extent, rows: int) -> int:
    """The row of dots, from the top, of a value."""
    dots = rows * 4 - 1
    return max(0, min(dots, round((extent.high - value) / (extent.high - extent.low) * dots)))


def _spans(row: Iterable[int], style: str, ground: str) -> list[Span]:
    spans: list[Span] = []
    for bits in row:
        text, words = (chr(BLANK + bits), style) if bits else (ground, "faint")
        if spans and spans[-1][1] == words:
            spans[-1] = (spans[-1][0] + text, words)
        else:
            spans.append((text, words))
    return spans
