"""What trade did to a stretch of price: which candles left it by a wick only, and how much was traded in it."""

from __future__ import annotations

from typing import NamedTuple

from deskmon.analytics.candle_columns import CandleColumns


class Wick(NamedTuple):
    """A candle, by open time (ms), that reached a price beyond a stretch and closed on the side on which it opened."""

    time: int
    reached: float
    close: float


class Traded(NamedTuple):
    """Volume in base: within a stretch of price, and at all prices. whole: whether all candles that traded within it
    carry volume; where not, more was traded."""

    inside: float
    total: float
    whole: bool


def wicks(candles: CandleColumns, low: float, high: float) -> list[Wick]:
    """The candles that went beyond [low, high] with their wick only, the newest first: below it, with open and close at
    `low` or above; above it, with both at `high` or below. Of one that did both, the longer wick counts."""
    found = []
    for time, opened, top, bottom, close, _ in zip(*candles, strict=True):
        under = low - bottom if min(opened, close) >= low else 0.0
        over = top - high if max(opened, close) <= high else 0.0
        if under > 0 or over > 0:
            found.append(Wick(time, bottom if under >= over else top, close))
    return found[::-1]


def traded(candles: CandleColumns, low: float, high: float) -> Traded | None:
    """What candles traded within [low, high]; a candle's volume spreads evenly over its range. None where none of them
    carries volume."""
    total = sum(candles.volume)
    if not total > 0:
        return None
    inside, whole = 0.0, True
    for top, bottom, volume in zip(candles.high, candles.low, candles.volume, strict=True):
        share = _share(bottom, top, low, high)
        inside += volume * share
        whole = whole and (share <= 0 or volume > 0)
    return Traded(inside, total, whole)


def _share(bottom: float, top: float, low: float, high: float) -> float:
    """The share of a candle's range that lies within [low, high]."""
    if top > bottom:
        return max(0.0, min(top, high) - max(bottom, low)) / (top - bottom)
    return float(low <= bottom and top <= high)
