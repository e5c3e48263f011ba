"""The screen's desk clock: the hub's heartbeat, carried on between beats by the machine's monotonic clock."""

from __future__ import annotations

import time
from collections.abc import Callable

from deskmon.events import Pulse

FASTEST = 1_000.0
"""Beyond this speed time jumps from beat to beat: nobody could say what it is in between."""


class PulseClock:
    """Tells the hub's desk time (ms UTC), whatever this machine's own clock says."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time) -> None:
        self._monotonic, self._wall = monotonic, wall
        self._pulse: Pulse | None = None
        self._at = 0.0

    def beat(self, pulse: Pulse) -> None:
        """Take the newest heartbeat."""
        self._pulse, self._at = pulse, self._monotonic()

    def now(self) -> int:
        """Desk time; the machine's own until the first beat, and moving on at the beat's speed between beats."""
        if self._pulse is None:
            return int(self._wall() * 1000)
        if self._pulse.paused:
            return self._pulse.ts
        if self._pulse.speed > FASTEST:
            return self._pulse.ts
        return self._pulse.ts + int(self.passed() * self._pulse.speed * 1000)

    def now_or_none(self) -> int | None:
        """The same; None before the first beat."""
        return None if self._pulse is None else self.now()

    def passed(self) -> float:
        """Seconds since the last beat, at most one in a replay: a hub that is silent has no time."""
        gone = self._monotonic() - self._at
        live = self._pulse is not None and self._pulse.mode == "live"
        return gone if live else min(gone, 1.0)
