"""A reconstructed market as a timeline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from deskmon.events import Event, Journal, Mode
from deskmon.feeds.demo.reconstructions import SPEED


class Reconstruction:
    """Plays from `start` to `end` (ms); what arrived before is history, listened to since `started`.

    Nobody received these events, so they have no `recv` and arrive at their `ts`.
    """

    mode: Mode = "demo"

    def __init__(
        self, note: str, started: int, start: int, end: int, events: Sequence[Event], pace: int = SPEED
    ) -> None:
        """`events` in order of `ts`, none after `end`: others raise ValueError."""
        if any(before.ts > after.ts for before, after in pairwise(events)) or events[-1].ts > end:
            raise ValueError("events of a reconstruction out of order")
        self.start = start
        self.end: int | None = end
        self.header = Journal(version=1, source="reconstructed", note=note, started=started, mode="demo", pace=pace)
        self._events = events

    def events(self) -> Iterator[Event]:
        """All events, in order of arrival; the same each time."""
        return iter(self._events)
