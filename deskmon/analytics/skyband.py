"""The largest of a stream in any window that ends now, exactly, without holding the stream.

An item is dropped once `depth` later ones are as large: from then on it is among the `depth` largest of no window that
ends now. So of n items in random order depth · (1 + ln(n / depth)) are held. This is the k-skyband of time and size
(Papadias et al., Progressive Skyline Computation in Database Systems, ACM TODS 30, 2005, section 6.3).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Entry(Generic[Item]):
    """An item with its time (ms) and size; `beaten`: how many later ones are as large."""

    __slots__ = ("beaten", "item", "size", "ts")

    def __init__(self, ts: int, size: float, item: Item, beaten: int = 0) -> None:
        self.ts, self.size, self.item, self.beaten = ts, size, item, beaten


_size = attrgetter("size")


class Skyband(Generic[Item]):
    """Items by size. Each is counted `depth` times before it leaves, so that one more costs the same, however many
    there were."""

    __slots__ = ("_depth", "_newest", "entries")

    def __init__(self, depth: int, entries: Iterable[Entry[Item]] = ()) -> None:
        self._depth = depth
        self.entries = sorted(entries, key=_size)
        """What is held, the smallest first."""
        self._newest = max((entry.ts for entry in self.entries), default=0)

    def add(self, ts: int, size: float, item: Item) -> None:
        """Take an item, whatever the order in which they come."""
        entries, depth = self.entries, self._depth
        new = Entry(ts, size, item)
        place = bisect_right(entries, size, key=_size)
        if ts < self._newest:
            new.beaten = sum(entry.ts > ts for entry in entries[place:])
        else:
            self._newest = ts
        is_full = False
        for entry in entries[:place]:
            if entry.ts <= ts:
                entry.beaten += 1
                is_full = is_full or entry.beaten >= depth
        if new.beaten < depth:
            entries.insert(place, new)
        if is_full:
            entries[:place] = [entry for entry in entries[:place] if entry.beaten < depth]

    def within(self, after: int, until: int) -> Iterator[Item]:
        """Those with after < ts ≤ until (ms), the largest first: of a window that ends now the first `depth` are the
        largest that came in it."""
        return (entry.item for entry in reversed(self.entries) if after < entry.ts <= until)

    def forget(self, before: int) -> None:
        """Let go of what is older than `before` (ms)."""
        self.entries = [entry for entry in self.entries if entry.ts >= before]
