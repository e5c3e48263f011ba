"""How much a figure usually changes over some time: mean and standard deviation of its past changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

LEAST = 30
"""Changes below which a standard deviation says nothing."""
MOST_STEPS = 12
"""Points of the grid in the time of one change, at most: a change begins at each of them, so that they overlap."""
MOST_POINTS = 20_000
"""Points of the grid, the newest: changes over seconds have no need of a week."""

Floats = NDArray[np.float64]
Times = NDArray[np.int64]


class Usual(NamedTuple):
    """Of `n` changes the mean, and sigma, the sample standard deviation (n − 1 in the denominator); sigma is None of
    fewer than `LEAST` changes, and where none differs from another."""

    mean: float
    sigma: float | None
    n: int


class Grid(NamedTuple):
    """Times (ms, ascending) at which a series is looked at; two that are `steps` apart are the length of a change
    apart."""

    points: Times
    steps: int


def grid(length: int, step: int, first: int, until: int) -> Grid | None:
    """The grid that ends at `until` and begins at `first` or later (ms), for changes over `length` of a series that has
    a value each `step` (ms). None where the series is coarser than the change, or shorter."""
    if length < step or until - first < length:
        return None
    steps = max(1, min(MOST_STEPS, length // step))
    apart = length // steps
    count = min(MOST_POINTS, (until - first) // apart)
    return Grid(until - apart * np.arange(count, -1, -1, dtype=np.int64), steps)


def levels(times: Sequence[int], values: Sequence[float], points: Times, *, hold: int) -> Floats:
    """What a series was at each of the points: its newest value by then, NaN where that is older than `hold` (ms).
    times: ms, ascending; values: as many."""
    stamps, known = np.asarray(times, dtype=np.int64), np.asarray(values, dtype=np.float64)
    if not len(stamps):
        return np.full(len(points), np.nan)
    places = np.searchsorted(stamps, points, side="right") - 1
    is_known = (places >= 0) & (points - stamps[places] <= hold)
    return np.where(is_known, known[places], np.nan)


def window_sums(times: Sequence[int], amounts: Sequence[float], points: Times, *, window: int) -> Floats:
    """What came in (point − window, point], summed, of each point. times: ms, ascending; amounts: as many."""
    stamps = np.asarray(times, dtype=np.int64)
    sums = np.concatenate(([0.0], np.cumsum(np.asarray(amounts, dtype=np.float64))))
    ends, starts = (np.searchsorted(stamps, edge, side="right") for edge in (points, points - window))
    found: Floats = sums[ends] - sums[starts]
    return found


def usual(values: Floats, steps: int, *, relative: bool = False) -> Usual | None:
    """How values at the points of a grid changed over `steps` of them: in percent of the earlier one where `relative`.
    None where no two are known."""
    before, after = values[:-steps], values[steps:]
    with np.errstate(divide="ignore", invalid="ignore"):
        changes = (after / before - 1) * 100 if relative else after - before
    changes = changes[np.isfinite(changes)]
    if not len(changes):
        return None
    sigma = float(np.std(changes, ddof=1)) if len(changes) >= LEAST else None
    return Usual(float(np.mean(changes)), sigma or None, len(changes))
