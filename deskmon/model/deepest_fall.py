"""The deepest fall of a total within a day, in all that is held of it by the hour."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Sequence
from typing import NamedTuple

from deskmon.clock import DAY
from deskmon.model.series import Series


class Fall(NamedTuple):
    """Percent, below 0, and the time (ms) of its end."""

    percent: float
    ts: int


class DeepestFall:
    """Of one total. What is past is looked through anew only where its version moved."""

    __slots__ = ("_past", "_version")

    def __init__(self) -> None:
        self._version: Hashable = None
        self._past: Fall | None = None

    def of(self, version: Hashable, totals: Series, usd: float, now: int) -> Fall | None:
        """Until `now` (ms), where the total is `usd`; None where it never fell. `version` moves with the `totals`."""
        values, near = totals.columns[0], max(totals.before(now - DAY), 0)
        if version != self._version:
            self._version, self._past = version, deepest(totals.ts, values)
        newest = deepest([*totals.ts[near:], now], [*values[near:], usd])
        return min((fall for fall in (self._past, newest) if fall is not None), default=None)


def deepest(times: Sequence[int], values: Sequence[float]) -> Fall | None:
    """The deepest of the falls from a value to one at most a day later; `times` in ms, ascending."""
    highest: deque[int] = deque()  # indices of falling values of the last day
    found: Fall | None = None
    for index, (ts, value) in enumerate(zip(times, values, strict=True)):
        while highest and values[highest[-1]] <= value:
            highest.pop()
        highest.append(index)
        while times[highest[0]] < ts - DAY:
            highest.popleft()
        top = values[highest[0]]
        if value < top and (found is None or 100 * (value / top - 1) < found.percent):
            found = Fall(100 * (value / top - 1), ts)
    return found
