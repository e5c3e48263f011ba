"""Volume profile: how much was traded at which price, and the nodes that a trader reads from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from deskmon.analytics.bars import DAY, Bars, Floats

VALUE_AREA = 0.70
NODE_ABOVE = 1.5
"""A node holds at least so many times the average of the prices that were traded at all."""
MAX_BINS = 20_000
RESIDUE = 1e-12
"""Less than this share of the busiest price is what sums left over, not trade."""


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
    spread = _Spread.of(bars, step)
    return None if spread is None else spread.profile(0, bars.number)


def profiles(bars: Bars, days: Sequence[int], recent: int, step: float) -> Iterator[tuple[int, Profile, Profile]]:
    """(start of the day in ms, profile of the `recent` days before it, profile of all candles before it) for each of
    the ascending `days` with recent trade: what `profile` makes of those, but by time for all days or for none."""
    spread = _Spread.of(bars, step)
    if spread is None:
        return
    stops = np.searchsorted(bars.time, days).tolist()
    starts = np.searchsorted(bars.time, [day - recent * DAY for day in days]).tolist()
    for day, start, stop in zip(days, starts, stops, strict=True):
        late, whole = spread.profile(start, stop), spread.profile(0, stop)
        if late is not None and whole is not None:
            yield day, late, whole


class _Spread(NamedTuple):
    """Candles spread over bins: the first and the last bin of each, from `lowest`, and what each of them gets."""

    first: npt.NDArray[np.int64]
    last: npt.NDArray[np.int64]
    each: Floats
    lowest: int
    step: float
    by_time: bool

    @classmethod
    def of(cls, bars: Bars, step: float) -> _Spread | None:
        if not bars.number:
            return None
        first = np.floor(np.log(bars.low) / step).astype(np.int64)
        last = np.floor(np.log(bars.high) / step).astype(np.int64)
        lowest = int(first.min())
        if int(last.max()) - lowest >= MAX_BINS:
            return None
        by_time = bool(np.count_nonzero(bars.volume) * 2 < bars.number)
        each = (np.ones(bars.number) if by_time else bars.volume) / (last - first + 1)
        return cls(first - lowest, last - lowest, each, lowest, step, by_time)

    def profile(self, start: int, stop: int) -> Profile | None:
        """Of the candles of index `start` up to `stop`; None where nothing was traded."""
        first, last, each = self.first[start:stop], self.last[start:stop], self.each[start:stop]
        if not each.any():
            return None
        low, size = int(first.min()), int(last.max()) - int(first.min()) + 1
        changes = np.bincount(first - low, each, size + 1) - np.bincount(last - low + 1, each, size + 1)
        weights = np.cumsum(changes)[:-1]
        weights[weights < RESIDUE * weights.max()] = 0.0
        return Profile((self.lowest + low) * self.step, self.step, weights, self.by_time)


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
