"""Nothing twice, nothing lost: ids for what has none, and a bounded memory of what was seen."""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import Any


class Seen:
    """The newest `capacity` ids; the oldest is forgotten first.

    Their order stands beside them: the first key of a plain dict is found by walking over all that were deleted before
    it, and an OrderedDict takes twice the memory.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._ids: dict[str, None] = {}
        self._order: deque[str] = deque()

    def __contains__(self, identity: str) -> bool:
        return identity in self._ids

    def add(self, identity: str) -> bool:
        """Remember `identity`; True if it is new."""
        ids, order = self._ids, self._order
        if identity in ids:
            return False
        ids[identity] = None
        order.append(identity)
        if len(order) > self.capacity:
            del ids[order.popleft()]
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
