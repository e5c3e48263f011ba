"""Candles in cells, two steps of price to a cell: rising ones are drawn thin, falling ones filled, so that they differ
without colour; behind them bands of price, a line of the average price, and at the right what stands at which price.

Drawn by hand: a few milliseconds at any size, in the desk's styles. A plotting library takes several times a frame.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from deskmon.components.panel import Span
from deskmon.components.text import shorten

__all__ = [
    "CANDLES_LEAST",
    "Band",
    "Candlestick",
    "candle_chart",
]

CANDLES_LEAST = (24, 3)
"""(width, height) in cells below which candles say nothing."""

RISING = {
    (2, 2): "┃", (2, 1): "╿", (1, 2): "╽", (2, 0): "╹", (0, 2): "╻", (1, 1): "│", (1, 0): "╵", (0, 1): "╷",
}  # fmt: skip
"""(upper half, lower half) of a cell → its character; 0: nothing, 1: wick, 2: body."""
FALLING = {
    (2, 2): "█", (2, 1): "▀", (1, 2): "▄", (2, 0): "▀", (0, 2): "▄", (1, 1): "│", (1, 0): "╵", (0, 1): "╷",
}  # fmt: skip
AVERAGE = "•"
SHADE, THIN, PRICE, CURSOR = "░", "╌", "─", "┆"


class Candlestick(NamedTuple):
    """One candle, its prices in any unit; `average` is that of the line through the candles, None where unknown."""

    open: float
    high: float
    low: float
    close: float
    average: float | None = None


class Band(NamedTuple):
    """Prices from `low` to `high` that are shaded behind the candles, with a label at the right."""

    low: float
    high: float
    label: str
    style: str


def candle_chart(
    sticks: Mapping[int, Candlestick], bands: Sequence[Band], size: tuple[int, int], *, margin: int,
    write: Callable[[float], str], price: float | None = None, cursor: int | None = None, stale: bool = False,
) -> list[list[Span]]:  # fmt: skip
    """Exactly `height` lines of at most `width` cells for `size` (width, height): the candles in the columns that
    `sticks` has them by, and in the last `margin` cells the labels.

    bands: what matters most first: where two labels need one line, that of the first stands. price: gets a line and a
    label, dimmed where it is `stale`. cursor: the column under it. write: how a price is written.
    """
    width, height = size
    columns = width - margin
    low, high = _range(sticks.values(), bands, price)
    steps = 2 * height

    def step(value: float) -> int:
        return max(0, min(steps - 1, int((high - value) / (high - low) * steps)))

    cells = [[(" ", "")] * columns for _ in range(height)]
    labels: dict[int, Span] = {}
    for band in reversed(bands):
        if band.high >= low and band.low <= high:
            top, bottom = step(band.high) // 2, step(band.low) // 2
            for row in range(top, bottom + 1):
                cells[row] = [(THIN if top == bottom else SHADE, "faint")] * columns
            labels[(top + bottom) // 2] = (band.label, band.style)
    labels = {0: (write(high), "faint"), height - 1: (write(low), "faint"), **labels}
    if price is not None:
        row = step(price) // 2
        cells[row] = [(PRICE, "faint")] * columns
        labels[row] = (f"◂{write(price)}", "stale" if stale else "sum flash")
    if cursor is not None:
        for line in cells:
            line[cursor] = (CURSOR, "accent")
    for column, stick in sticks.items():
        if stick.average is not None and low <= stick.average <= high:
            cells[step(stick.average) // 2][column] = (AVERAGE, "accent")
        _stand(cells, column, stick, step)
    return [
        [*_spans(line), *([_label(labels.get(row, ("", "")), margin)] if margin else [])]
        for row, line in enumerate(cells)
    ]


def _range(sticks: Iterable[Candlestick], bands: Sequence[Band], price: float | None) -> tuple[float, float]:
    """The lowest and the highest price shown: those of the candles, and of bands that are close by."""
    sticks = tuple(sticks)
    now = [] if price is None else [price]
    low, high = min([stick.low for stick in sticks] + now), max([stick.high for stick in sticks] + now)
    reach = (high - low) / 8
    edges = [edge for band in bands for edge in (band.low, band.high) if low - reach <= edge <= high + reach]
    low, high = min([low, *edges]), max([high, *edges])
    return (low, high) if high > low else (low - abs(low) / 100, high + abs(high) / 100)


def _stand(cells: list[list[Span]], column: int, stick: Candlestick, step: Callable[[float], int]) -> None:
    rising = stick.close >= stick.open
    marks, style = (RISING, "up") if rising else (FALLING, "down")
    first, last = step(stick.high), step(stick.low)
    top, bottom = step(max(stick.open, stick.close)), step(min(stick.open, stick.close))

    def part(half: int) -> int:
        return 2 if top <= half <= bottom else 1 if first <= half <= last else 0

    for row in range(first // 2, last // 2 + 1):
        cells[row][column] = (marks[part(2 * row), part(2 * row + 1)], style)


def _label(label: Span, margin: int) -> Span:
    text, style = label
    return (" " + shorten(text, margin - 1), style) if text else ("", "")


def _spans(cells: Iterable[Span]) -> list[Span]:
    spans: list[Span] = []
    for text, style in cells:
        if spans and spans[-1][1] == style:
            spans[-1] = (spans[-1][0] + text, style)
        else:
            spans.append((text, style))
    return spans
