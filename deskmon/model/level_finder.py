"""Where the levels of a symbol are found, which takes some milliseconds, and kept until it is done anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from deskmon.analytics.levels import Map

Search = Callable[[], "Map"]
"""Finds the levels of a symbol from data of its own, so that any thread may call it."""


class LevelFinder(Protocol):
    """A model asks it for levels. A screen, whose draws mustn't wait, gives one that searches in a thread."""

    def find(self, symbol: str, version: Any, prepare: Callable[[], Search], found: Callable[[], None]) -> Map | None:
        """The levels of a symbol, those of an earlier `version` of their sources until the search is done, None before
        the first. `prepare` takes what a search needs out of the model; `found` is called when a later one is done."""
        ...

    def is_pending(self, symbol: str) -> bool:
        """Whether the first levels of a symbol are being searched."""
        ...

    def clear(self) -> None:
        """Forget what was found."""
        ...


class DirectFinder:
    """Searches when it is asked."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[Any, Map]] = {}

    def find(self, symbol: str, version: Any, prepare: Callable[[], Search], found: Callable[[], None]) -> Map:
        """The levels of this version."""
        known = self._found.get(symbol)
        if known is None or known[0] != version:
            known = self._found[symbol] = version, prepare()()
        return known[1]

    def is_pending(self, symbol: str) -> bool:
        """Never."""
        return False

    def clear(self) -> None:
        """Forget what was found."""
        self._found.clear()
