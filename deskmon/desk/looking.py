"""Where a screen of a live desk looks back to: the moment it asked for, and what it asks next.

One request is under way at a time. Keys that come meanwhile count from the moment that was asked for, and the newest
moment is asked for next: who holds a key down goes there in steps as large as the hub is fast.
"""

from __future__ import annotations

from collections.abc import Callable

from deskmon.desk.playing import NOW
from deskmon.events import Pulse
from deskmon.transport.requests import Look

PACE_S = 0.5
"""Seconds between two requests: what a hub lets a screen ask in the long run."""
PATIENCE_S = 20.0
"""Seconds after which a screen no longer counts on what it asked for."""


class Looking:
    """Knows what to ask. `monotonic` tells seconds."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._asked: Look | None = None
        self._next: Look | None = None
        self._at = -PATIENCE_S
        self._moved = False  # whether another market began since it asked

    @property
    def target(self) -> int | None:
        """The moment (ms) that the screen is on its way to, None where it stands still or returns."""
        wanted = self._next or self._asked
        return None if wanted is None else wanted.at

    def want(self, look: Look) -> None:
        """Go somewhere, in place of where the screen would have gone next."""
        self._next = look

    def due(self) -> Look | None:
        """What is to be asked now."""
        passed = self._monotonic() - self._at
        if self._asked is not None and passed > PATIENCE_S:
            self._asked = None
        if self._next is None or self._asked is not None or passed < PACE_S:
            return None
        self._asked, self._next, self._at, self._moved = self._next, None, self._monotonic(), False
        return self._asked

    def stop(self) -> None:
        """The hub doesn't do what was asked, or is lost."""
        self._asked = self._next = None

    def restarted(self) -> None:
        """Another market begins."""
        self._moved = True

    def beat(self, pulse: Pulse) -> None:
        """Take a heartbeat of what the screen shows: the way ends where it was to lead."""
        asked = self._asked
        if asked is not None and not pulse.seeking and self._is_there(asked, pulse):
            self._asked = None

    def _is_there(self, asked: Look, pulse: Pulse) -> bool:
        if asked == NOW or pulse.mode != "look_back":
            return asked == NOW and pulse.mode != "look_back"
        return self._moved if asked.at is not None else pulse.paused == (not asked.speed)
