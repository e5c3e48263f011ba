"""What trade did to a stretch of price: which candles left it by a wick only, and how much was traded in it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from deskmon.analytics.bars import Bars, Floats


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


def wicks(bars: Bars, low: float, high: float) -> list[Wick]:
    """The candles that went beyond [low, high] with their wick only, the newest first: below it, with open and close at
    `low` or above; above it, with both at `high` or below. Of one that did both, the longer wick counts."""
    body_low, body_high = np.minimum(bars.open, bars.close), np.maximum(bars.open, bars.close)
    under = np.where((bars.low < low) & (body_low >= low), low - bars.low, 0.0)
    over = np.where((bars.high > high) & (body_high <= high), bars.high - high, 0.0)
    reached = np.where(under >= over, bars.low, bars.high)
    return [
        Wick(int(bars.time[at]), float(reached[at]), float(bars.close[at]))
        for at in np.flatnonzero((under > 0) | (over > 0))[::-1]
    ]


def traded(bars: Bars, low: float, high: float) -> Traded | None:
    """What candles traded within [low, high]; a candle's volume spreads evenly over its range. None where none of them
    carries volume."""
    total = float(bars.volume.sum())
    if not total > 0:
        return None
    share = _share(bars, low, high)
    return Traded(float((bars.volume * share).sum()), total, bool((bars.volume[share > 0] > 0).all()))


def _share(bars: Bars, low: float, high: float) -> Floats:
    """The share of each candle's range that lies within [low, high]."""
    size = bars.high - bars.low
    inside = np.clip(np.minimum(bars.high, high) - np.maximum(bars.low, low), 0.0, None)
    still = ((bars.low >= low) & (bars.high <= high)).astype(float)
    return np.where(size > 0, inside / np.where(size > 0, size, 1.0), still)
