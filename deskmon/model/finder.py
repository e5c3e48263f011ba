"""Where a model finds what takes some milliseconds, and keeps it until it is found anew: the levels of a symbol, the
figures of an option chain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

Key = tuple[str, ...]
"""What is to be found: ("levels", "BTC/USDT:USDT"), ("chain", "BTC", "deribit", "")."""
Search = Callable[[], Any]
"""Finds it from data of its own, so that any thread may call it."""
Prepare = Callable[[], Search]
"""Takes what a search needs out of the model."""


Fits = Callable[[Any], bool]
"""Whether what was found is of what the model knows: a hub that finds it may be ahead, and what it saw may never have
been here when the model was asked."""


class Finder(Protocol):
    """A model asks it. A screen, whose draws mustn't wait, gives one that finds later."""

    def find(
        self, key: Key, version: Any, now: int, prepare: Prepare, found: Callable[[], None], fits: Fits | None = None
    ) -> Any:
        """What `key` names as of desk time `now` (ms): that of an earlier `version` of its sources, or one that doesn't
        fit, until the search is done, None before the first. `found` is called when a later one is done."""
        ...

    def find_once(self, key: Key, now: int, prepare: Prepare, take: Callable[[Any], None]) -> None:
        """Have `take` called with what `key` names as of `now` (ms), at once or later; never after `clear`."""
        ...

    def is_pending(self, key: Key) -> bool:
        """Whether the first of a key is being searched."""
        ...

    def clear(self) -> None:
        """Forget what was found, and what is being searched."""
        ...


class DirectFinder:
    """Searches when it is asked."""

    def __init__(self) -> None:
        self._found: dict[Key, tuple[Any, Any]] = {}

    def find(
        self, key: Key, version: Any, now: int, prepare: Prepare, found: Callable[[], None], fits: Fits | None = None
    ) -> Any:
        """That of this version."""
        known = self._found.get(key)
        if known is None or known[0] != version:
            known = self._found[key] = version, prepare()()
        return known[1]

    def find_once(self, key: Key, now: int, prepare: Prepare, take: Callable[[Any], None]) -> None:
        """At once."""
        take(prepare()())

    def is_pending(self, key: Key) -> bool:
        """Never."""
        return False

    def clear(self) -> None:
        """Forget what was found."""
        self._found.clear()
