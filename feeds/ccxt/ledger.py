"""Nothing twice, nothing lost: ids for what has none, and a bounded memory of what was seen."""

from __future__ import annotations

from typing import Any


class Seen:
    """The newest `capacity` ids; the oldest is forgotten first."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._ids: dict[str, None] = {}

    def add(self, identity: str) -> bool:
        """Remember `identity`; True if it is new."""
        if identity in self._ids:
            return False
        self._ids[identity] = None
        if len(self._ids) > self.capacity:
            del self._ids[next(iter(self._ids))]
        return True


class Occurrences:
    """Numbers equal items within one source (a connection, or one answer): 1 for the first, 2 for its twin.

    What a venue repeats after a reconnect gets the numbers it had before, so its ids are known; two different orders
    of the same millisecond, price and size keep different numbers, so both survive.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._counts: dict[tuple[Any, str], int] = {}

    def number(self, source: Any, content: str) -> int:
        """Which occurrence of `content` in `source` this is. The newest `capacity` pairs are remembered."""
        key = (source, content)
        count = self._counts.pop(key, 0) + 1
        self._counts[key] = count
        if len(self._counts) > self.capacity:
            del self._counts[next(iter(self._counts))]
        return count
