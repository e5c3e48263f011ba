"""The largest of a stream in any window that ends now, exactly, without holding the stream.

An item is dropped once `depth` later ones are as large: from then on it is among the `depth` largest of no window that
ends now. So of n items in random order depth · (1 + ln(n / depth)) are held. This is the k-skyband of time and size
(Papadias et al., Progressive Skyline Computation in Database Systems, ACM TODS 30, 2005, section 6.3).
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heapify, heapreplace
from operator import itemgetter
from typing import Generic, TypeVar

Item = TypeVar("Item")
Entry = tuple[int, float, Item]
"""Time (ms), size, item."""

FRESH = 8
"""So many times `depth` items wait until what they drop is looked for: looking costs as much for one as for all."""

_time_and_size = itemgetter(0, 1)
_size = itemgetter(1)


class Skyband(Generic[Item]):
    """Items with their times and sizes. Of those of one moment the larger one counts as later: each window has both."""

    __slots__ = ("_depth", "_entries", "_fresh", "_most")

    def __init__(self, depth: int, entries: Iterable[Entry[Item]] = ()) -> None:
        self._depth = depth
        self._most = FRESH * depth
        self._entries: list[Entry[Item]] = []
        self._fresh = [*entries]

    def extend(self, entries: Iterable[Entry[Item]]) -> None:
        """Take items, whatever the order in which they come."""
        self._fresh.extend(entries)
        if len(self._fresh) >= self._most:
            self._settle()

    @property
    def entries(self) -> list[Entry[Item]]:
        """What is held, the newest first."""
        if self._fresh:
            self._settle()
        return self._entries

    def within(self, after: int, until: int) -> list[Item]:
        """Those with after < ts ≤ until (ms), the largest first: of a window that ends now the first `depth` are the
        largest that came in it."""
        found = [entry for entry in self.entries if after < entry[0] <= until]
        found.sort(key=_size, reverse=True)
        return [item for _, _, item in found]

    def forget(self, before: int) -> None:
        """Let go of what is older than `before` (ms)."""
        self._entries = [entry for entry in self.entries if entry[0] >= before]

    def _settle(self) -> None:
        """Drop what is beaten: from the newest on, whatever is no larger than `depth` before it."""
        every = sorted(self._fresh + self._entries, key=_time_and_size, reverse=True)
        depth = self._depth
        kept = every[:depth]
        largest = [size for _, size, _ in kept]
        heapify(largest)
        least = largest[0]
        for entry in every[depth:]:
            if entry[1] > least:
                heapreplace(largest, entry[1])
                least = largest[0]
                kept.append(entry)
        self._fresh, self._entries = [], kept
