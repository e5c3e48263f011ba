"""How extreme the newest value of a series is: rank, percentile, and the last time that it was at least as extreme."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from math import inf
from typing import Literal, NamedTuple

LEAST = 30
"""Observations below which a rank says nothing."""


class Standing(NamedTuple):
    """rank: (newest − min) / (max − min), percentile: share of the observations below the newest, both 0–100, None of
    fewer than `LEAST` observations; rank also where all are equal. n: how many observations, with the newest.
    last: time of the last earlier one at least as extreme, None where there is none. history_from: time of the oldest.
    extreme: the side of the median on which the newest lies."""

    rank: float | None
    percentile: float | None
    n: int
    last: int | None
    history_from: int
    extreme: Literal["high", "low"]


class Earlier:
    """The earlier values of a series, ordered once, so that each newest value finds its place among them in O(log n).

    times: ascending. values: finite numbers, one for each time.
    """

    __slots__ = ("_first", "_highs", "_lows", "_ordered")

    def __init__(self, times: Sequence[int], values: Sequence[float]) -> None:
        self._first = times[0] if times else None
        self._ordered = sorted(values)
        self._highs, self._lows = _records(times, values, self._ordered)

    def standing(self, ts: int, value: float) -> Standing:
        """How the newest `value`, of the time `ts`, stands among the earlier ones and itself."""
        ordered, n = self._ordered, len(self._ordered) + 1
        below, above = bisect_left(ordered, value), len(ordered) - bisect_right(ordered, value)
        low, high = (min(value, ordered[0]), max(value, ordered[-1])) if ordered else (value, value)
        is_high, enough = below >= above, n >= LEAST
        return Standing(
            rank=(value - low) / (high - low) * 100 if enough and high > low else None,
            percentile=100 * below / n if enough else None,
            n=n,
            last=_newest_as_extreme(*self._highs, value) if is_high else _newest_as_extreme(*self._lows, -value),
            history_from=ts if self._first is None else self._first,
            extreme="high" if is_high else "low",
        )


def standing(times: Sequence[int], values: Sequence[float]) -> Standing | None:
    """The same of a whole series in order of time, the newest last; None of an empty one."""
    return Earlier(times[:-1], values[:-1]).standing(times[-1], values[-1]) if values else None


Records = tuple[list[float], list[int]]
"""Values that exceed every later one, ascending, and their times, descending."""


def _records(times: Sequence[int], values: Sequence[float], ordered: Sequence[float]) -> tuple[Records, Records]:
    """Of the highs, and of the lows with their signs turned; `ordered`: the values, the least first."""
    highs: Records = [], []
    lows: Records = [], []
    if not ordered:
        return highs, lows
    lowest, highest = ordered[0], ordered[-1]
    low, high = inf, -inf
    for index in range(len(values) - 1, -1, -1):
        value = values[index]
        if value > high:
            high = value
            highs[0].append(value)
            highs[1].append(times[index])
        if value < low:
            low = value
            lows[0].append(-value)
            lows[1].append(times[index])
        if high == highest and low == lowest:
            break
    return highs, lows


def _newest_as_extreme(records: list[float], times: list[int], value: float) -> int | None:
    """Time of the newest value that is at least `value`: what comes after it is less, so it is a record."""
    place = bisect_left(records, value)
    return times[place] if place < len(times) else None
