"""What a hub's journal holds of a time in which another hub of the desk didn't run, told to that one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple, Protocol

from deskmon.background import start
from deskmon.clock import DAY
from deskmon.errors import DeskError
from deskmon.events import (
    Alert,
    Checkpoint,
    Event,
    FeedStatus,
    Journal,
    Level,
    Liquidation,
    PinnedLevel,
    Pulse,
    Reset,
    Trade,
    Wave,
    encode_event,
)
from deskmon.hub.door import Visitor
from deskmon.journal import ReadReport, read_after
from deskmon.transport.requests import Missed
from deskmon.transport.wire import pack_array

log = logging.getLogger(__name__)

OWN = frozenset({Wave, Level, PinnedLevel, Alert, Journal, Pulse, Reset, Checkpoint, FeedStatus})
"""What a hub says of itself and of what it knows: another one says that anew."""
LONGEST = DAY
"""Of a longer time (ms) nothing is told: too much would have to be read."""
MOST_BYTES = 64 * 1024 * 1024
"""JSON that one answer has at most; it breaks off there."""
OVERLAP = 10_000
"""So long before its newest event (ms) a hub asks from: what was under way to it then, and clocks that differ."""
AT_ONCE = 2
_CHUNK = 500


class MissedEvents(NamedTuple):
    """What another hub told of a time, in order of arrival."""

    hub: str
    events: list[Event]


class AskOthers(Protocol):
    """Asks the desk's other hubs what arrived after a time (ms); None where none tells."""

    def __call__(self, since: int) -> Awaitable[MissedEvents | None]: ...


class MissedEventsTeller:
    """Answers hubs that ask, AT_ONCE of them at a time."""

    def __init__(
        self, folder: Callable[[], Path | None], flush: Callable[[], Awaitable[None]], now: Callable[[], int]
    ) -> None:
        """`folder` tells where the journal is, if there is one, `flush` writes to it what waits, `now` is the desk's
        clock (ms)."""
        self._folder, self._flush, self._now = folder, flush, now
        self._running: set[asyncio.Task[None]] = set()

    def take(self, request: Missed, visitor: Visitor) -> str:
        """Begin to answer. Raises DeskError with the words why not."""
        folder = self._folder()
        if visitor.lease_s is None:
            raise DeskError("only another hub asks for that, by the broker")
        if folder is None:
            raise DeskError("this hub keeps no journal", "[journal] enabled = true keeps one")
        if self._now() - request.since > LONGEST:
            raise DeskError("a hub is told of a day at most")
        if len(self._running) >= AT_ONCE:
            raise DeskError(f"{AT_ONCE} hubs are told already", "ask again later")
        task = start(self._tell(request, folder, visitor), "what another hub missed")
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return "it follows"

    async def close(self) -> None:
        """Break off."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _tell(self, request: Missed, folder: Path, visitor: Visitor) -> None:
        await self._flush()
        lines, size = _lines(folder, request.since), 0
        try:
            while size < MOST_BYTES and (some := await asyncio.to_thread(lambda: list(islice(lines, _CHUNK)))):
                size += sum(map(len, some))
                await visitor.end.show(request.id, pack_array(some))
        except DeskError as fault:
            log.warning("what another hub missed can't be read: %s", fault)
        await visitor.end.show(request.id, pack_array([]))


def _lines(folder: Path, since: int) -> Iterator[bytes]:
    return (encode_event(event) for event in read_after(folder, since, ReadReport()) if type(event) not in OWN)


def news(missed: MissedEvents, newest: int) -> list[Event]:
    """What of it may be new to a desk whose newest event arrived at `newest` (ms). Who folds it knows orders by their
    id; of those without one, those of a later time are new; anything else is if it arrived later."""
    return [event for event in missed.events if _may_be_new(event, newest)]


def _may_be_new(event: Event, newest: int) -> bool:
    if type(event) is not Liquidation and type(event) is not Trade:
        return event.arrival > newest
    return event.ts > newest if event.id is None else event.arrival > newest - OVERLAP
