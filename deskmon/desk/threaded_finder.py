"""Finds levels in a thread of the screen, whose draws mustn't wait for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from deskmon.analytics.levels import Map
    from deskmon.model.level_finder import Search


SWITCH_S = 0.001
"""How long a search may keep the loop's thread from going on, whenever that has let go of Python's lock."""


class PendingSearch(Protocol):
    """A future, of asyncio or of a pool of threads."""

    def done(self) -> bool: ...

    def result(self) -> Map: ...

    def add_done_callback(self, call: Callable[[Any], None], /) -> None: ...


def in_thread(search: Search) -> PendingSearch:
    """Search in a thread of the running loop."""
    return asyncio.get_running_loop().run_in_executor(None, search)


class ThreadedFinder:
    """A `LevelFinder` that hands each search to `submit`; until it is done the former levels stand."""

    def __init__(self, submit: Callable[[Search], PendingSearch]) -> None:
        self._submit = submit
        self._found: dict[str, tuple[Any, Map]] = {}
        self._pending: dict[str, tuple[Any, PendingSearch]] = {}

    def find(self, symbol: str, version: Any, prepare: Callable[[], Search], found: Callable[[], None]) -> Map | None:
        """The newest levels there are; raises what the search raised."""
        known = self._found.get(symbol)
        if known is None or known[0] != version:
            pending = self._pending.pop(symbol, None)
            if pending is None:
                pending = version, self._submit(prepare())
                pending[1].add_done_callback(lambda future: found())
            if pending[1].done():
                known = self._found[symbol] = pending[0], pending[1].result()
            else:
                self._pending[symbol] = pending
        return known[1] if known else None

    def is_pending(self, symbol: str) -> bool:
        """Whether the first levels of a symbol are being searched."""
        return symbol in self._pending and symbol not in self._found

    def clear(self) -> None:
        """Forget what was found, and what is being searched."""
        self._found.clear()
        self._pending.clear()
