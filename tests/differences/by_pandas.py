"""Changes of a series by pandas alone: the slow and obvious version of `deskmon.analytics.changes`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

MOST_STEPS = 12
MOST_POINTS = 20_000


class Measured(NamedTuple):
    """Of the changes of a series: mean, sample standard deviation, and how many."""

    mean: float
    sigma: float
    n: int


class Series(NamedTuple):
    """A series that begins at `first` (ms) with a value each `step` (ms). at: its values at some times, NaN where
    unknown. relative: its changes are told in percent."""

    first: int
    step: int
    at: Callable[[pd.DatetimeIndex], pd.Series]
    relative: bool = False

    def changes(self, length: int, until: int) -> pd.Series | None:
        """Its changes over `length` up to `until` (ms), those that are known; None where it is too coarse or short."""
        if length < self.step or until - self.first < length:
            return None
        steps = max(1, min(MOST_STEPS, length // self.step))
        apart = length // steps
        count = min(MOST_POINTS, (until - self.first) // apart)
        seen = self.at(times([until - apart * i for i in range(count, -1, -1)]))
        changes = seen.pct_change(steps, fill_method=None) * 100 if self.relative else seen.diff(steps)
        return changes.replace([np.inf, -np.inf], np.nan).dropna()

    def measured(self, length: int, until: int) -> Measured | None:
        """The same, measured; None where no change is known."""
        changes = self.changes(length, until)
        return None if changes is None or changes.empty else Measured(changes.mean(), changes.std(), len(changes))


def times(ms: Sequence[int]) -> pd.DatetimeIndex:
    return pd.to_datetime(np.asarray(ms, dtype=np.int64), unit="ms")


def held(pairs: Sequence[tuple[int, float]], step: int, hold: int, *, relative: bool = False) -> Series:
    """A series of (time in ms, value), each of which counts until the next one, at most `hold` ms."""
    known = pd.Series([value for _, value in pairs], index=times([ts for ts, _ in pairs]))
    known = known.groupby(level=0).last()
    tolerance = pd.Timedelta(hold, "ms")
    return Series(pairs[0][0], step, lambda at: known.reindex(at, method="ffill", tolerance=tolerance), relative)


def window_sums(ms: Sequence[int], amounts: Sequence[float], window: int, step: int, first: int) -> Series:
    """What came in the `window` (ms) before each time, of which all is known from `first` (ms) on."""
    whole = pd.Series(np.asarray(amounts, dtype=float), index=times(ms)).cumsum().groupby(level=0).last()

    def until(at: pd.DatetimeIndex) -> pd.Series:
        return pd.Series(whole.reindex(at, method="ffill").fillna(0.0).to_numpy())

    return Series(first + window, step, lambda at: until(at) - until(at - pd.Timedelta(window, "ms")))
