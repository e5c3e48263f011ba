"""A timeline: a market with a beginning, known in order of arrival. A journal is one, a simulated market is one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from deskmon.events import Event, Journal, Mode


class Timeline(Protocol):
    """A stream that can be read again from its start, so that a player can seek."""

    header: Journal
    mode: Mode
    start: int
    """Desk time (ms UTC) at which playing begins; events that arrived by then are the history."""
    end: int | None
    """Desk time (ms UTC) of the last arrival, or None for a market without end."""

    def events(self) -> Iterator[Event]:
        """All events from the beginning, in order of arrival. Each call starts afresh and yields the same."""
        ...
