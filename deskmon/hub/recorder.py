"""Writes the stream to a journal beside the loop: the disk may be slow, full or gone, the desk goes on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from deskmon.clock import Clock
from deskmon.errors import DeskError
from deskmon.events import Encoded, FeedState, FeedStatus, Gap, JournalFiles, encode_event
from deskmon.journal import NOT_KEPT, HeldElsewhere, Place

log = logging.getLogger(__name__)

FEED = "journal"
"""Name under which trouble with the journal stands among the feeds."""
FLUSH_S = 0.5
"""What a violent end can cost, and the length of a frame of a compressed journal: shorter ones pack worse."""
WAITING_BYTES = 64 * 1024 * 1024
"""Bytes that wait for a slow disk at most; more are lost to the journal, which then says so with a gap."""
RETRY_MS = 30_000
REPORT_MS = 5_000


class Sink(Protocol):
    """Where lines go. Every call blocks; `put` and `close` raise DeskError, and the next `put` begins anew."""

    @property
    def words(self) -> str:
        """Where it writes."""
        ...

    def put(self, lines: Sequence[bytes], now: int) -> None:
        """Write lines and hand them to the system; `now` is the desk's time (ms)."""
        ...

    def place(self) -> Place:
        """Where the next line will stand."""
        ...

    def written(self) -> JournalFiles | None:
        """What there is; None before anything."""
        ...

    def close(self) -> None:
        """Finish."""
        ...


class Recorder:
    """One journal of a desk. After a failure it is tried again each half minute, until that succeeds."""

    def __init__(self, sink: Sink, clock: Clock, *, feed: str = FEED, needed: bool = False) -> None:
        """`feed` is the name under which trouble stands. Where the journal is `needed`, `run` and `close` raise
        DeskError when it can't be written."""
        self._sink = sink
        self._clock = clock
        self._feed = feed
        self._needed = needed
        self._waiting: list[bytes | asyncio.Future[Place | None]] = []
        self._waiting_bytes = 0
        self._lost = 0
        self._lost_since = 0
        self._retry = 0
        self._flushing: asyncio.Task[None] | None = None
        self._reported: FeedStatus | None = None
        self.trouble: DeskError | None = None
        """Why nothing is written at present."""

    def mark(self) -> asyncio.Future[Place | None]:
        """The place in the journal between what was written so far and what follows, once both are apart on the disk;
        None where that isn't written."""
        marked: asyncio.Future[Place | None] = asyncio.get_running_loop().create_future()
        if self.trouble is None:
            self._waiting.append(marked)
        else:
            marked.set_result(None)
        return marked

    def write(self, items: Sequence[Encoded]) -> None:
        """Take a slice of the stream; never blocks, never raises. While there is trouble nothing is kept: the next
        file begins later."""
        if self.trouble is not None:
            return
        for item in items:
            if type(item.event) not in NOT_KEPT:
                self._add(item.json())

    def _add(self, line: bytes) -> None:
        if self._waiting_bytes + len(line) <= WAITING_BYTES:
            self._waiting.append(line)
            self._waiting_bytes += len(line)
            return
        if not self._lost:
            self._lost_since = self._clock.now()
        self._lost += 1

    async def run(self) -> None:
        """Write twice a second until cancelled."""
        while True:
            await self.flush()
            await asyncio.sleep(FLUSH_S)

    async def flush(self) -> None:
        """Hand what waits to the disk, in a thread; begin a file where there is none. One that is under way when this
        is cancelled goes on."""
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush())
        await asyncio.shield(self._flushing)

    async def _flush(self) -> None:
        now = self._clock.now()
        if self.trouble is not None and now < self._retry:
            return
        lines = self._clear()
        if self._lost:
            lines.append(encode_event(self._gap(now)))
            self._lost = 0
        try:
            places = await asyncio.to_thread(self._put, lines, now)
        except DeskError as trouble:
            first = self.trouble is None
            self.trouble, self._retry = trouble, now + RETRY_MS
            _forget(lines + self._clear())
            if self._needed:
                raise
            if first:
                log.log(logging.INFO if isinstance(trouble, HeldElsewhere) else logging.ERROR, "journal: %s", trouble)
        else:
            self.trouble = None
            for marked, place in places:
                if not marked.done():
                    marked.set_result(place)

    def _clear(self) -> list[bytes | asyncio.Future[Place | None]]:
        lines, self._waiting, self._waiting_bytes = self._waiting, [], 0
        return lines

    async def close(self) -> None:
        """Write what waits and finish the file."""
        if self._flushing is not None:
            await asyncio.gather(self._flushing, return_exceptions=True)
        if self.trouble is None:
            await self.flush()
        elif self._needed:
            raise self.trouble
        with suppress(DeskError):  # flush has told of it
            await asyncio.to_thread(self._sink.close)
        _forget(self._clear())

    def report(self, now: int) -> FeedStatus | None:
        """How the journal is, once there was trouble: at each change and every five seconds."""
        last = self._reported
        if self.trouble is None and last is None:
            return None
        read_only = isinstance(self.trouble, HeldElsewhere)
        state: FeedState = "live" if self.trouble is None or read_only else "down"
        detail = self._sink.words if self.trouble is None else str(self.trouble)[:500]
        if last is not None and (last.state, last.detail) == (state, detail) and 0 <= now - last.ts < REPORT_MS:
            return None
        self._reported = FeedStatus(ts=now, feed=self._feed, state=state, detail=detail, service=True)
        return self._reported

    def written(self) -> JournalFiles | None:
        """What was written so far; None before anything."""
        return self._sink.written()

    def _put(
        self, items: Sequence[bytes | asyncio.Future[Place | None]], now: int
    ) -> list[tuple[asyncio.Future[Place | None], Place]]:
        """Write lines, each stretch between two marks in frames of its own; the marks and their places."""
        places: list[tuple[asyncio.Future[Place | None], Place]] = []
        lines: list[bytes] = []
        for item in items:
            if isinstance(item, bytes):
                lines.append(item)
                continue
            self._sink.put(lines, now)
            places.append((item, self._sink.place()))
            lines = []
        self._sink.put(lines, now)
        return places

    def _gap(self, now: int) -> Gap:
        return Gap(
            ts=now, feed=FEED, venue=FEED, channel="all",
            since=min(self._lost_since, now), until=now, dropped=self._lost,
        )  # fmt: skip


def _forget(items: Sequence[bytes | asyncio.Future[Place | None]]) -> None:
    """Tell who waits for a place in what was lost."""
    for item in items:
        if not isinstance(item, bytes) and not item.done():
            item.set_result(None)
