"""The stream as server-sent events with sequence numbers: what is kept of it, and readers that are behind.

All readers share the bytes that are kept. A reader is a place in them: one that is too slow finds its place gone, is
told what it missed, and goes on with the oldest event that is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from typing import NamedTuple, get_args

import msgspec

from deskmon.events import Event, MarketEvent, encode_event

KEPT_BYTES = 16 * 1024 * 1024
"""Bytes of events that are kept for those who come late or are slow."""
PIECE_BYTES = 32 * 1024
"""Bytes that a reader takes at once; more where one event alone has more."""
QUIET_S = 15.0
"""Seconds without an event after which a reader gets a comment, so that nobody between takes it for dead."""
COMMENT = b": nothing new\n\n"

TYPES = frozenset(str(kind.__struct_config__.tag) for kind in get_args(MarketEvent))
"""Values of `type` that a reader may choose: those of a journal."""
_TAGS = {kind: str(kind.__struct_config__.tag) for kind in get_args(MarketEvent)}


class Missed(msgspec.Struct, frozen=True, tag="gap"):
    """What a reader missed, as a gap of a feed is written: `dropped` is null where nobody counted."""

    since: int | None
    until: int
    dropped: int | None
    why: str
    ts: int = 0
    feed: str = "http"
    venue: str = "http"
    channel: str = "events"


class _Kept(NamedTuple):
    tag: str  # "" for a gap, which everybody is told
    ts: int
    text: bytes


class EventLog:
    """Numbers events and keeps the newest. `first` is the number of the first one of this run: every later run begins
    with a higher one."""

    def __init__(self, first: int, kept_bytes: int = KEPT_BYTES) -> None:
        self.first = first
        self._kept: list[_Kept] = []
        self._bytes = 0
        self._most = kept_bytes
        self._oldest = first
        self._grown = asyncio.Event()
        self.now = 0
        """Desk time (ms) of the newest event."""

    @property
    def next(self) -> int:
        """The number of the next event."""
        return self._oldest + len(self._kept)

    def add(self, events: Sequence[Event]) -> None:
        """Number and keep what belongs into a journal; all else is left out."""
        added = [(_TAGS[type(event)], event) for event in events if type(event) in _TAGS]
        for number, (tag, event) in enumerate(added, self.next):
            self._keep(_Kept(tag, event.arrival, b"id: %d\ndata: %b\n\n" % (number, encode_event(event))))
        if added:
            self._trim()

    def interrupt(self, why: str, now: int) -> None:
        """Say to every reader that the stream has a hole here, of events that nobody counted."""
        since = self._kept[-1].ts if self._kept else None
        self._keep(_Kept("", now, _gap(Missed(since, now, None, why, ts=now), self.next)))
        self._trim()

    def _keep(self, kept: _Kept) -> None:
        self._kept.append(kept)
        self.now = max(self.now, kept.ts)
        self._bytes += len(kept.text)

    def _trim(self) -> None:
        count = 0
        while self._bytes > self._most and count < len(self._kept) - 1:
            self._bytes -= len(self._kept[count].text)
            count += 1
        del self._kept[:count]
        self._oldest += count
        self._grown.set()
        self._grown = asyncio.Event()

    def reader(self, begin: int | None, types: Collection[str] = TYPES) -> Reader:
        """Who reads events of `types` from number `begin` on; from now on where that is None."""
        return Reader(self, begin, frozenset(types))


class Reader:
    """One reader's place."""

    def __init__(self, log: EventLog, begin: int | None, types: frozenset[str]) -> None:
        self._log, self._types = log, types
        self._at = log.next if begin is None else begin
        self._since: int | None = None  # when the newest event that it took arrived

    async def take(self, quiet_s: float = QUIET_S) -> bytes:
        """The next events, some at once, as they are written into the answer; a comment after `quiet_s` without one."""
        try:
            async with asyncio.timeout(quiet_s):
                while not (piece := self._piece()):
                    await self._log._grown.wait()
                return piece
        except TimeoutError:
            return COMMENT

    def _piece(self) -> bytes:
        log = self._log
        texts: list[bytes] = []
        size = 0
        if not log._oldest <= self._at <= log.next:
            texts.append(self._missed())
        place = self._at - log._oldest
        while place < len(log._kept) and size < PIECE_BYTES:
            kept = log._kept[place]
            place += 1
            self._since = kept.ts
            if not kept.tag or kept.tag in self._types:
                texts.append(kept.text)
                size += len(kept.text)
        self._at = log._oldest + place
        return b"".join(texts)

    def _missed(self) -> bytes:
        """Go on with what is kept, or with what comes where the number lies ahead; say what is missing."""
        log, begin = self._log, self._at
        dropped = None
        if begin > log.next:
            self._at, why = log.next, "this number was not reached yet"
        else:
            self._at, why = log._oldest, f"the numbers of this run begin with {log.first}"
            if begin >= log.first:
                dropped, why = self._at - begin, "this reader was too slow, or came too late"
        until = log._kept[self._at - log._oldest].ts if self._at < log.next else log.now
        return _gap(Missed(self._since, until, dropped, why, ts=until), self._at - 1)


def _gap(missed: Missed, number: int) -> bytes:
    return b"event: gap\nid: %d\ndata: %b\n\n" % (number, msgspec.json.encode(missed))
