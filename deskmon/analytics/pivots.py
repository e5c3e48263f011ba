"""Swing pivots: fractals, candles whose high or low stands out among their neighbours."""

from __future__ import annotations

import numpy as np

from deskmon.analytics.bars import Bars, Floats, Times


def swings(bars: Bars, wing: int, length: int) -> tuple[tuple[Floats, Times], tuple[Floats, Times]]:
    """(prices, confirmed at) of swing highs and of swing lows.

    A swing high is above the highs of the `wing` candles before it and not below those of the `wing` after it; swing
    lows are its mirror. It's confirmed (ms) when the last of those `wing` candles of `length` ms has closed.
    """
    highs, lows = _peaks(bars.high, wing), _peaks(-bars.low, wing)
    confirmed = bars.time + (wing + 1) * length
    return (bars.high[highs], confirmed[highs]), (bars.low[lows], confirmed[lows])


def _peaks(values: Floats, wing: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    if len(values) <= 2 * wing:
        return np.empty(0, np.intp)
    highest = np.lib.stride_tricks.sliding_window_view(values, wing).max(axis=1)
    middle = values[wing : len(values) - wing]
    before, after = highest[: len(middle)], highest[wing + 1 : wing + 1 + len(middle)]
    return np.flatnonzero((middle > before) & (middle >= after)) + wing
