"""Finds what takes a while in a thread, or lets the hub find it: the draws of a screen mustn't wait for it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from deskmon.background import start
from deskmon.desk.hub_link import HubLink
from deskmon.transport.requests import Find, Reply, Request

if TYPE_CHECKING:
    from deskmon.model.finder import Fits, Key, Prepare

log = logging.getLogger(__name__)

SWITCH_S = 0.001
"""How long a search may keep the loop's thread from going on, whenever that has let go of Python's lock."""
AGAIN_S = 1.0
"""How long after a hub didn't answer it is asked again."""
ONCE = frozenset({"hour"})
"""Kinds that no draw asks for again: where the hub doesn't answer they are searched here."""


class PendingSearch(Protocol):
    """A future, of asyncio or of a pool of threads. None: nothing could be found."""

    def done(self) -> bool: ...

    def result(self) -> Any: ...

    def cancelled(self) -> bool: ...

    def exception(self) -> BaseException | None: ...

    def add_done_callback(self, call: Callable[[Any], None], /) -> Any: ...


Submit: TypeAlias = "Callable[[Key, int, Prepare], PendingSearch]"
"""Has something be found as of a desk time (ms)."""


def in_thread(key: Key, now: int, prepare: Prepare) -> asyncio.Future[Any]:
    """Search in a thread of the running loop."""
    return asyncio.get_running_loop().run_in_executor(None, prepare())


def by_hub(ask: Callable[[Request], Awaitable[Reply]]) -> Submit:
    """Let a screen's own hub find what it can, and search the rest in a thread. What the hub finds is of the market
    that this screen has, or of what comes next."""

    async def find(key: Key, now: int, prepare: Prepare) -> Any:
        from deskmon.transport.findings import KINDS, of_text  # as the model: no first frame waits for it

        if key[0] in KINDS:
            reply = await ask(Find(id=0, what=key, at=now))
            if not reply.ok and key[0] not in ONCE:
                await asyncio.sleep(AGAIN_S)
                return None
            if reply.ok and reply.text:
                with suppress(ValueError):  # a hub of another version
                    return of_text(key[0], reply.text)
        return await in_thread(key, now, prepare)

    return lambda *about: start(find(*about), "what the hub finds")


def needed_by(link: HubLink) -> tuple[str, ...]:
    """Modules by which a screen at the end of `link` searches itself."""
    return () if link.private else ("numpy",)


def finder_of(link: HubLink) -> LateFinder:
    """What finds for a screen at the end of `link`. Another's hub may have other settings and pins than the screen."""
    return LateFinder(by_hub(link.ask) if link.private else in_thread)


class LateFinder:
    """A `Finder` that hands each search to `submit`; until it is done what was found before stands."""

    def __init__(self, submit: Submit) -> None:
        self._submit = submit
        self._found: dict[Key, tuple[Any, Any]] = {}
        self._pending: dict[Key, tuple[Any, PendingSearch]] = {}
        self._once = set[PendingSearch]()

    def find(
        self, key: Key, version: Any, now: int, prepare: Prepare, found: Callable[[], None], fits: Fits | None = None
    ) -> Any:
        """The newest there is; raises what the search raised."""

        def is_due() -> bool:
            return known is None or known[0] != version or not (fits is None or fits(known[1]))

        known = self._found.get(key)
        if is_due():
            pending = self._pending.pop(key, None)
            if pending is not None and pending[1].done():
                if (result := pending[1].result()) is not None:
                    known = self._found[key] = pending[0], result
                pending = None
            if pending is None and is_due():
                pending = version, self._submit(key, now, prepare)
                pending[1].add_done_callback(lambda future: found())
            if pending is not None:
                self._pending[key] = pending
        return known[1] if known else None

    def find_once(self, key: Key, now: int, prepare: Prepare, take: Callable[[Any], None]) -> None:
        """Once it is found; never where the search failed."""
        pending = self._submit(key, now, prepare)
        self._once.add(pending)
        pending.add_done_callback(partial(self._give, take))

    def _give(self, take: Callable[[Any], None], pending: PendingSearch) -> None:
        if pending not in self._once:
            return
        self._once.discard(pending)
        if pending.cancelled():
            return
        if (fault := pending.exception()) is not None:
            log.error("a search failed: %s: %s", type(fault).__name__, fault, exc_info=fault)
        elif (result := pending.result()) is not None:
            take(result)

    def is_pending(self, key: Key) -> bool:
        """Whether the first of a key is being searched."""
        pending = self._pending.get(key)
        return pending is not None and key not in self._found and not pending[1].done()

    def clear(self) -> None:
        """Forget what was found, and what is being searched."""
        self._found.clear()
        self._pending.clear()
        self._once.clear()
