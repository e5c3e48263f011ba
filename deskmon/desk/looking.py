"""Where a screen of a live desk looks back to: the moment it asked for, and what is asked next.

One request is under way at a time. Keys that come meanwhile count from the moment that was asked for, and the newest
moment is asked for next: who holds a key down goes there in steps as large as the hub is fast.
"""

from __future__ import annotations

from collections.abc import Callable

from deskmon.events import Pulse
from deskmon.transport.requests import Look

PACE_S = 0.5
"""Seconds between two requests: what a hub lets a screen ask in the long run."""


class Looking:
    """Knows what to ask. `monotonic` tells seconds."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._asked: Look | None = None  # what is under way
        self._next: Look | None = None
        self._at = 0.0

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
        if self._next is None or self._asked is not None or self._monotonic() - self._at < PACE_S:
            return None
        self._asked, self._next, self._at = self._next, None, self._monotonic()
        return self._asked

    def refused(self) -> None:
        """The hub doesn't do what was asked."""
        self._asked = self._next = None

    def beat(self, pulse: Pulse) -> None:
        """Take a heartbeat of what the screen shows: the way ends where it was to lead."""
        asked = self._asked
        if asked is None or pulse.seeking:
            return
        is_back = pulse.mode == "look_back"
        if is_back != (asked.at is not None or asked.speed is not None):
            return
        if not is_back or asked.at is None or asked.speed or pulse.ts == asked.at:
            self._asked = None
