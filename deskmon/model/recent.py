"""The newest events of a kind, in order of time, and the ids already seen."""

from __future__ import annotations

from array import array
from bisect import bisect_left, insort_right
from collections import deque
from collections.abc import Sequence
from operator import attrgetter
from typing import Any, Generic, TypeVar

import msgspec

from deskmon.events import Headline, HoldingTrade, Liquidation, Trade
from deskmon.events.columns import unpack

E = TypeVar("E", Trade, Liquidation, HoldingTrade, Headline)
_time = attrgetter("ts")

CHUNKS = 4
"""Stretches in which older ids are packed: one leaves at a time."""
UNPACKED = 1_024
"""Newest ids that stand as they came, at most: put into their stretch one by one, each would move half of it."""
_PRIME = 7_244_019_458_077_122_899
"""The first from π · 2⁶¹ on. By a prime near a power of 2, letters some places apart would count alike."""


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

    Each is held as a number of 63 bits, the older ones in sorted columns: 8 bytes an id instead of 100. Two ids of one
    number would count once: of 20,000 held, a new one meets that once in 10¹⁴ times.
    """

    def __init__(self, capacity: int) -> None:
        self._chunk = capacity // CHUNKS
        self._unpacked = min(self._chunk, UNPACKED)
        self._number = _number  # by which a checkpoint is written: another function has another shape
        self._seen: dict[str, _Seen] = {}

    def new(self, venue: str, id: str | None) -> bool:
        """True where this venue's id wasn't seen before; without an id every item is new."""
        if id is None:
            return True
        number = self._number(id)
        seen = self._seen.get(venue)
        if seen is None:
            seen = self._seen[venue] = _Seen()
        elif number in seen.newest or seen.is_packed(number):
            return False
        seen.newest.add(number)
        if len(seen.newest) >= self._unpacked:
            seen.pack(self._chunk)
        return True

    def checkpoint(self) -> dict[str, array[int]]:
        """The ids' numbers of each venue, stretch by stretch, the oldest first."""
        return {venue: seen.numbers() for venue, seen in self._seen.items()}

    def restore(self, data: Any) -> None:
        self._seen.clear()
        for venue, column in data.items():
            numbers = unpack("q", column)
            seen = self._seen[venue] = _Seen()
            for start in range(0, len(numbers), self._unpacked):
                seen.newest.update(numbers[start : start + self._unpacked])
                if len(seen.newest) >= self._unpacked:
                    seen.pack(self._chunk)


class _Seen:
    """The ids of one venue, by their numbers."""

    __slots__ = ("_chunks", "newest")

    def __init__(self) -> None:
        self.newest: set[int] = set()
        self._chunks: deque[array[int]] = deque([array("q")], maxlen=CHUNKS + 1)

    def is_packed(self, number: int) -> bool:
        for chunk in self._chunks:
            at = bisect_left(chunk, number)
            if at < len(chunk) and chunk[at] == number:
                return True
        return False

    def pack(self, size: int) -> None:
        """Put the newest into the newest chunk. Where that has `size` then, another begins, and the oldest leaves."""
        self._chunks[-1] = array("q", sorted([*self._chunks[-1], *self.newest]))
        self.newest = set()
        if len(self._chunks[-1]) >= size:
            self._chunks.append(array("q"))

    def numbers(self) -> array[int]:
        found = array("q")
        for chunk in (*self._chunks, sorted(self.newest)):
            found.extend(chunk)
        return found


def _number(id: str) -> int:
    """The number that stands for an id in every process: Python's own hash of a text differs from run to run."""
    return int.from_bytes(b"\1" + id.encode("utf-8", "surrogatepass"), "big") % _PRIME
