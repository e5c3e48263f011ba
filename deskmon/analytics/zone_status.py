"""What closes did to a zone: held, tested, broke, reclaimed or flipped it. A fold over closes; only a close changes it.

Seven bands around the zone [low, high], t its tolerance, on the side where the price stands:

    far away          beyond 2 t of the zone's edge
    near              within t
    through           beyond the other edge by more than t / 2

Between `far` and `near`, and between one side's `through` and the other's, lies at least one tolerance: noise of half a
tolerance about any price can't go to and fro. A tolerance that follows the market's range is another one each day, and
a zone grows when a source joins it: each close is judged by what was known then, so that the past isn't judged anew.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from deskmon.analytics.bars import DAY, Floats, Times
from deskmon.analytics.level_values import Status, StatusChange, ZoneStanding

RECLAIM_WITHIN = {True: 14 * DAY, False: 3 * DAY}
"""A close back above a zone (True), or back below it, this long after its break (ms) reclaims it; later it breaks it
the other way. A support that was lost is waited for; a resistance that has been left behind for days is a support."""

_FAR, _NEAR, _THROUGH = 6, 4, 2
"""Bands, counted from beyond the zone towards the far of the own side: far, at most near, at most through."""


def standing(
    times: Times, closes: Floats, grown: Sequence[tuple[int, float, float]], tolerances: Floats
) -> ZoneStanding:
    """Judge a zone by the closes at `times` (ms, ascending), at least one: from the newest before it was born, each by
    the zone as it was `grown` then, (since ms, low, high), and by its own of the `tolerances` (dollars)."""
    since, lows, highs = zip(*grown, strict=True)
    start = max(0, int(np.searchsorted(times, since[0], "right")) - 1)
    closes, times, t = closes[start:], times[start:], tolerances[start:]
    step = np.maximum(np.searchsorted(since, times, "right") - 1, 0)
    low, high = np.array(lows)[step], np.array(highs)[step]
    bands = np.zeros(len(closes), np.int8)
    for edge in (low - 2 * t, low - t, low - t / 2, high + t / 2, high + t, high + 2 * t):
        bands += closes > edge
    moved = np.flatnonzero(bands[1:] != bands[:-1]) + 1
    machine = _Machine(bool(closes[0] >= (low[0] + high[0]) / 2), int(bands[0]), max(since[0], int(times[0])))
    for i, band in zip(moved.tolist(), bands[moved].tolist(), strict=True):
        machine.step(band, int(times[i]), float(closes[i]))
    return ZoneStanding(machine.status, machine.since, machine.above, machine.away, tuple(machine.changes))


class _Machine:
    """The rule, one change of band at a time."""

    def __init__(self, above: bool, band: int, since: int) -> None:
        self.above = above
        own = band if above else _FAR - band
        self.status: Status = "testing" if own <= _NEAR else "holding"
        self.since = since
        self.away = own == _FAR
        self.changes: list[StatusChange] = []
        self._before_test: Status = "holding"
        self._crossing: tuple[Status, int] = ("holding", 0)

    def step(self, band: int, time: int, close: float) -> None:
        own = band if self.above else _FAR - band
        if own <= _THROUGH:
            kind, at = self._crossing
            self.above = not self.above
            back = kind == "broken" and time - at <= RECLAIM_WITHIN[self.above]
            self.away = _FAR - own == _FAR
            self._crossing = ("reclaimed" if back else "broken", time)
            self._turn(self._crossing[0], time, close)
        elif own == _FAR:
            self.away = True
            if self.status == "testing":
                self._turn("flipped" if self._before_test == "broken" else "holding", time, close)
        elif own <= _NEAR and self.away:
            self.away = False
            self._before_test = self.status
            self._turn("testing", time, close)

    def _turn(self, status: Status, time: int, close: float) -> None:
        self.changes.append(StatusChange(time, status, self.status, close, self.above))
        self.status, self.since = status, time
