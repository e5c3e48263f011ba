"""Volume profile: how much was traded at which price, and the nodes that a trader reads from it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from deskmon.analytics.bars import Bars, Floats

VALUE_AREA = 0.70
NODE_ABOVE = 1.5
"""A node holds at least so many times the average of the prices that were traded at all."""
MAX_BINS = 20_000


class Profile(NamedTuple):
    """Weights by bin of log price: bin i reaches from `start + i × step` for one step. `by_time`: candles carry no
    volume, so each counts the same."""

    start: float
    step: float
    weights: Floats
    by_time: bool

    def price(self, index: float) -> float:
        """The middle of a bin."""
        return float(np.exp(self.start + (index + 0.5) * self.step))


def profile(bars: Bars, step: float) -> Profile | None:
    """The profile of some candles in bins of `step` (natural log); a candle's volume spreads evenly over its range.

    By time where fewer than half of the candles carry volume. None without candles, or where they span too many bins.
    """
    if not bars.number:
        return None
    first = np.floor(np.log(bars.low) / step).astype(np.int64)
    last = np.floor(np.log(bars.high) / step).astype(np.int64)
    lowest = int(first.min())
    size = int(last.max()) - lowest + 1
    if size > MAX_BINS:
        return None
    by_time = bool(np.count_nonzero(bars.volume) * 2 < bars.number)
    each = (np.ones(bars.number) if by_time else bars.volume) / (last - first + 1)
    changes = np.bincount(first - lowest, each, size + 1) - np.bincount(last - lowest + 1, each, size + 1)
    return Profile(lowest * step, step, np.maximum(np.cumsum(changes)[:-1], 0.0), by_time)


def value_area(found: Profile) -> tuple[float, float, float]:
    """(point of control, lower edge, upper edge): the busiest price, and the stretch around it that grows by its
    busier neighbour until it holds 70 % of all."""
    weights = found.weights
    peak = int(weights.argmax())
    low = high = peak
    wanted, held = VALUE_AREA * float(weights.sum()), float(weights[peak])
    values = weights.tolist()
    while held < wanted and (low > 0 or high < len(values) - 1):
        below = values[low - 1] if low > 0 else -1.0
        above = values[high + 1] if high < len(values) - 1 else -1.0
        if above >= below:
            high, held = high + 1, held + above
        else:
            low, held = low - 1, held + below
    return found.price(peak), found.price(low), found.price(high)


def nodes(found: Profile, width: int, most: int = 6) -> list[float]:
    """Prices of the busiest local maxima, the busiest first: each the highest within `width` bins on both sides."""
    weights = found.weights
    kernel = np.ones(max(1, width // 2))
    smooth = np.convolve(weights, kernel / len(kernel), "same")
    padded = np.pad(smooth, width, constant_values=-1.0)
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * width + 1).max(axis=1)
    traded = smooth[smooth > 0]
    if not len(traded):
        return []
    peaks = np.flatnonzero((smooth >= around) & (smooth >= NODE_ABOVE * traded.mean()))
    order = peaks[np.argsort(-smooth[peaks], kind="stable")][:most]
    return [found.price(float(index)) for index in order]
