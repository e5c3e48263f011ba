"""Time is injected: the wall live, the journal's time in a replay, a hand-wound one in tests."""

from __future__ import annotations

import time
from typing import Protocol

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

WINDOWS = {
    "1m": MINUTE,
    "5m": 5 * MINUTE,
    "15m": 15 * MINUTE,
    "1h": HOUR,
    "4h": 4 * HOUR,
    "12h": 12 * HOUR,
    "24h": DAY,
    "7d": 7 * DAY,
}
"""The standard windows, shortest first: name → length in ms. A window covers (now − length, now]."""


class Clock(Protocol):
    """Tells the desk's time in integer milliseconds UTC."""

    def now(self) -> int: ...


class WallClock:
    """The machine's clock."""

    def now(self) -> int:
        return time.time_ns() // 1_000_000


class ManualClock:
    """A clock that moves when told to."""

    def __init__(self, now: int) -> None:
        self._now = now

    def now(self) -> int:
        return self._now

    def set(self, now: int) -> None:
        """Move to `now` (ms UTC); backwards is allowed, a replay seeks."""
        self._now = now

    def advance(self, ms: int) -> None:
        """Move on by `ms`."""
        self._now += ms
