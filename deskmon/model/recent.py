"""The newest events of a kind, in order of time, and the ids already seen."""

from __future__ import annotations

from array import array
from bisect import bisect_left, insort_right
from collections import deque
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any, Generic, TypeVar

import msgspec

from deskmon.events import Headline, HoldingTrade, Liquidation, Trade
from deskmon.events.checks import encodable

E = TypeVar("E", Trade, Liquidation, HoldingTrade, Headline)
_time = attrgetter("ts")
_decode = msgspec.json.Decoder(list[str]).decode

CHUNKS = 4
"""Stretches in which older ids are packed: one leaves at a time."""


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
        """The events themselves, which nobody changes: in JSON they are what they are alone."""
        return list(self.events)

    def restore(self, data: Any, kind: type[E]) -> None:
        self._events = msgspec.convert(data, list[kind])  # type: ignore[valid-type]


class Ids:
    """Ids by venue, at least the newest `capacity`, at most a quarter more, so that an item sent twice counts once.

    The newest stand as they came. Of older ones a venue holds a hash of 64 bits each, sorted, and the ids as JSON for
    the checkpoint: 11 bytes and its characters an id instead of 100. Two ids of one hash would count once: of 20,000
    held, a new one meets that once in 10¹⁵ times.
    """

    def __init__(self, capacity: int) -> None:
        self._chunk = capacity // CHUNKS
        self._seen: dict[str, _Seen] = {}

    def new(self, venue: str, id: str | None) -> bool:
        """True where this venue's id wasn't seen before; without an id every item is new."""
        if id is None:
            return True
        seen = self._seen.get(venue)
        if seen is None:
            seen = self._seen[venue] = _Seen()
        elif id in seen.newest or seen.is_packed(id):
            return False
        seen.newest[id] = None
        if len(seen.newest) >= self._chunk:
            seen.pack()
        return True

    def checkpoint(self) -> dict[str, msgspec.Raw]:
        """The ids of each venue, the oldest first, as the JSON that they are held in: as strings they are megabytes."""
        return {venue: seen.ids() for venue, seen in self._seen.items()}

    def restore(self, data: Any) -> None:
        self._seen.clear()
        for venue, found in data.items():
            ids = _decode(found) if isinstance(found, msgspec.Raw) else found
            seen = self._seen[venue] = _Seen()
            for start in range(0, len(ids), self._chunk):
                seen.newest = dict.fromkeys(map(str, ids[start : start + self._chunk]))
                if len(seen.newest) >= self._chunk:
                    seen.pack()


class _Seen:
    """The ids of one venue."""

    __slots__ = ("_chunks", "newest")

    def __init__(self) -> None:
        self.newest: dict[str, None] = {}
        self._chunks: deque[tuple[bytes, array[int]]] = deque(maxlen=CHUNKS)

    def is_packed(self, id: str) -> bool:
        wanted = hash(id)
        for _, hashes in self._chunks:
            at = bisect_left(hashes, wanted)
            if at < len(hashes) and hashes[at] == wanted:
                return True
        return False

    def pack(self) -> None:
        """Put the newest to the older ones, of which the oldest leave."""
        self._chunks.append((_listed(self.newest), array("q", sorted(map(hash, self.newest)))))
        self.newest = {}

    def ids(self) -> msgspec.Raw:
        listed = [ids for ids, _ in self._chunks]
        if self.newest:
            listed.append(_listed(self.newest))
        return msgspec.Raw(b"[" + b",".join(listed) + b"]")


def _listed(ids: Iterable[str]) -> bytes:
    """Ids as they stand in a JSON array; one that no JSON can carry costs itself alone."""
    return msgspec.json.encode([*map(encodable, ids)])[1:-1]
