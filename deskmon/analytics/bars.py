"""Candles as columns, and what is measured on them: coarser candles, true range, realised volatility, VWAP."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Times = npt.NDArray[np.int64]

DAY = 86_400_000


class Bars(NamedTuple):
    """Candles, the oldest first: open times in ms UTC, prices, volume in base (0 where unknown)."""

    time: Times
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats

    def cut(self, start: int, stop: int | None = None) -> Bars:
        """The candles of index `start` up to `stop`."""
        of = slice(start, stop)
        return Bars(self.time[of], self.open[of], self.high[of], self.low[of], self.close[of], self.volume[of])

    @property
    def number(self) -> int:
        """How many candles there are."""
        return len(self.time)


def coarser(bars: Bars, length: int) -> Bars:
    """Candles of `length` ms, by UTC, made of the finer ones that there are; the last may be unfinished."""
    if not bars.number:
        return bars
    slots = bars.time // length
    starts = np.flatnonzero(np.concatenate(([True], slots[1:] != slots[:-1])))
    ends = np.concatenate((starts[1:], [bars.number])) - 1
    return Bars(
        slots[starts] * length, bars.open[starts], np.maximum.reduceat(bars.high, starts),
        np.minimum.reduceat(bars.low, starts), bars.close[ends], np.add.reduceat(bars.volume, starts),
    )  # fmt: skip


def average_true_ranges(bars: Bars, periods: int = 14) -> Floats:
    """ATR by Wilder, in dollars, as it stood at the close of each candle but the first: the true ranges averaged, up to
    `periods` of them, then smoothed by 1 / `periods`."""
    if bars.number < 2:
        return np.empty(0)
    before = bars.close[:-1]
    ranges = np.maximum(bars.high[1:], before) - np.minimum(bars.low[1:], before)
    found = (np.cumsum(ranges[:periods]) / np.arange(1, len(ranges[:periods]) + 1)).tolist()
    value = found[-1]
    for each in ranges[periods:].tolist():
        value += (each - value) / periods
        found.append(value)
    return np.array(found)


def daily_volatility(bars: Bars, length: int, days: int = 30) -> float | None:
    """Realised volatility of a day, in percent: root mean square of the log returns of candles of `length` ms over the
    last `days`, times the root of how many a day has. None below 24 returns."""
    if bars.number < 25:
        return None
    closes = bars.close[bars.time > bars.time[-1] - days * DAY]
    if len(closes) < 25:
        return None
    returns = np.diff(np.log(closes))
    return float(np.sqrt(np.mean(returns**2) * DAY / length)) * 100


def anchored_vwap(bars: Bars, start: int = 0) -> float | None:
    """Average of the typical prices (high + low + close) / 3 since index `start`, weighted by volume; None without."""
    volume = bars.volume[start:]
    total = float(volume.sum())
    if total <= 0:
        return None
    typical = (bars.high[start:] + bars.low[start:] + bars.close[start:]) / 3
    return float(typical @ volume) / total
