"""The newest events of a kind, in order of time, and the ids already seen."""

from __future__ import annotations

from bisect import insort_right
from collections.abc import Sequence
from operator import attrgetter
from typing import Any, Generic, TypeVar

import msgspec

from deskmon.events import Headline, HoldingTrade, Liquidation, Trade

E = TypeVar("E", Trade, Liquidation, HoldingTrade, Headline)
_time = attrgetter("ts")


class Recent(Generic[E]):
    """At most `capacity` events, oldest first by `ts`. What is beyond that leaves in bulk: alone, each would move all
    others."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._most = capacity + capacity // 8 + 1
        self._events: list[E] = []

    @property
    def events(self) -> Sequence[E]:
        if len(self._events) > self._capacity:
            del self._events[: -self._capacity]
        return self._events

    def add(self, event: E) -> None:
        """Take one event, into its place by time; beyond the capacity the oldest leaves."""
        events = self._events
        if not events or events[-1].ts <= event.ts:
            events.append(event)
        elif len(events) <= self._capacity or events[-self._capacity].ts <= event.ts:
            insort_right(events, event, key=_time)
        if len(events) >= self._most:
            del events[: -self._capacity]

    def checkpoint(self) -> Any:
        return msgspec.to_builtins(self.events)

    def restore(self, data: Any, kind: type[E]) -> None:
        self._events = msgspec.convert(data, list[kind])  # type: ignore[valid-type]


class Ids:
    """Ids by venue, at least the newest `capacity`, at most twice as many, so that an item sent twice counts once."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._newer: dict[str, dict[str, None]] = {}
        self._older: dict[str, dict[str, None]] = {}

    def new(self, venue: str, id: str | None) -> bool:
        """True where this venue's id wasn't seen before; without an id every item is new."""
        if id is None:
            return True
        newer = self._newer.get(venue)
        if newer is None:
            newer = self._newer[venue] = {}
        elif id in newer or id in self._older.get(venue, ()):
            return False
        newer[id] = None
        if len(newer) >= self._capacity:
            self._older[venue] = newer
            self._newer[venue] = {}
        return True

    def checkpoint(self) -> list[dict[str, list[str]]]:
        return [{venue: list(seen) for venue, seen in by_venue.items()} for by_venue in (self._newer, self._older)]

    def restore(self, data: Any) -> None:
        newer, older = data
        self._newer = {venue: dict.fromkeys(ids) for venue, ids in newer.items()}
        self._older = {venue: dict.fromkeys(ids) for venue, ids in older.items()}
