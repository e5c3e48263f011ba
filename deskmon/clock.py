"""Time is injected: the wall live, the journal's time in a replay, a hand-wound one in tests."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import ClassVar, Protocol

SECOND = 1_000
"""A second in ms."""
MINUTE = 60 * SECOND
"""A minute in ms."""
HOUR = 60 * MINUTE
"""An hour in ms."""
DAY = 24 * HOUR
"""A day in ms."""

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


def wall_ms() -> int:
    """Milliseconds UTC of the machine's clock."""
    return time.time_ns() // 1_000_000


class WallClock:
    """The machine's clock."""

    def now(self) -> int:
        return wall_ms()


STEP = 2 * SECOND
"""A difference (ms) up to which the machine's clock is simply taken; beyond, it has stepped."""


_STEADY = getattr(time, "CLOCK_BOOTTIME", None)


def steady_ms() -> int:
    """Milliseconds of a clock that nobody sets; on Linux it counts the time that the machine slept, too."""
    return (time.monotonic_ns() if _STEADY is None else time.clock_gettime_ns(_STEADY)) // 1_000_000


class LiveClock:
    """The clock of a live desk: the machine's, and never back.

    Small differences are taken as they come, by standing still rather than by going back. When the machine's clock
    steps, time goes on at the pace of the steady clock, until somebody says that the machine is right. Whether it
    stepped is looked at each `CHECK` ms of it at least: the time is asked for with every frame.
    """

    CHECK: ClassVar[int] = 20

    def __init__(self, wall: Callable[[], int] = wall_ms, steady: Callable[[], int] = steady_ms) -> None:
        """Both tell milliseconds: `wall` UTC, `steady` since any moment."""
        self._wall, self._steady = wall, steady
        self._last = wall()
        self._offset = self._last - steady()
        self._trusted = 0
        """The machine's time until which it is taken as it is, 0 while it stepped."""

    def now(self) -> int:
        now = self._wall()
        if not 0 < self._trusted - now <= self.CHECK:
            steady = self._steady()
            ahead = now - steady - self._offset
            if -STEP <= ahead <= STEP:
                self._offset += ahead
                self._trusted = now + self.CHECK
            else:
                self._trusted = 0
            now = steady + self._offset
        if now > self._last:
            self._last = now
        return self._last

    def ahead(self) -> int:
        """How far (ms) the machine's clock is ahead of this one; negative where it is behind."""
        return self._wall() - self._steady() - self._offset

    def follow(self) -> None:
        """Take the machine's time, where it is ahead."""
        self._offset += max(0, self.ahead())


class AlongsideClock:
    """The desk clock of another process of this machine, by how far it is ahead of the steady clock; never back."""

    def __init__(self, ahead: int, steady: Callable[[], int] = steady_ms) -> None:
        """`ahead` in milliseconds, as the other process tells it."""
        self._steady = steady
        self._ahead = ahead
        self._last = 0

    def now(self) -> int:
        self._last = max(self._last, self._steady() + self._ahead)
        return self._last

    def follow(self, ahead: int) -> None:
        """Take another difference."""
        self._ahead = ahead


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
