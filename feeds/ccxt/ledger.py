"""Nothing twice, nothing lost: ids for what has none, and a bounded memory of what was seen."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any


class Seen:
    """The newest `capacity` ids; the oldest is forgotten first.

    An OrderedDict, since the first key of a plain dict is found by walking over all that were deleted before it.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._ids: OrderedDict[str, None] = OrderedDict()

    def __contains__(self, identity: str) -> bool:
        return identity in self._ids

    def add(self, identity: str) -> bool:
        """Remember `identity`; True if it is new."""
        if identity in self._ids:
            return False
        self._ids[identity] = None
        if len(self._ids) > self.capacity:
            self._ids.popitem(last=False)
        return True


class Occurrences:
    """Numbers equal items within one source (a connection, or one answer): 1 for the first, 2 for its twin.

    What a venue repeats after a reconnect gets the numbers it had before, so its ids are known; two different orders
    of the same millisecond, price and size keep different numbers, so both survive.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._counts: OrderedDict[tuple[Any, str], int] = OrderedDict()

    def number(self, source: Any, content: str) -> int:
        """Which occurrence of `content` in `source` this is. The newest `capacity` pairs are remembered."""
        key = (source, content)
        count = self._counts.pop(key, 0) + 1
        self._counts[key] = count
        if len(self._counts) > self.capacity:
            self._counts.popitem(last=False)
        return count
