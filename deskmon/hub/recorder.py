"""Writes the stream to a journal beside the loop: the disk may be slow, full or gone, the desk goes on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from deskmon.clock import Clock
from deskmon.errors import DeskError
from deskmon.events import Encoded, FeedState, FeedStatus, Gap, Journal, JournalFiles, encode_event
from deskmon.events.checks import encodable
from deskmon.journal import NOT_KEPT, JournalWriter

log = logging.getLogger(__name__)

FEED = "journal"
"""Name under which trouble with the journal stands among the feeds."""
FLUSH_S = 0.5
"""What a violent end can cost, and the length of a frame of a compressed journal: shorter ones pack worse."""
WAITING_BYTES = 64 * 1024 * 1024
"""Bytes that wait for a slow disk at most; more are lost to the journal, which then says so with a gap."""
RETRY_MS = 30_000
REPORT_MS = 5_000

Place = Callable[[int], Path]
"""Where a journal that starts at this time (ms UTC) is written."""


class Recorder:
    """One desk's journal. After a failure a new file is begun every half minute, until that succeeds."""

    def __init__(self, place: Place, header: Journal, clock: Clock, *, needed: bool = False) -> None:
        """Where the journal is `needed`, `run` and `close` raise DeskError when it can't be written."""
        self._needed = needed
        self._place = place
        self._header = header
        self._clock = clock
        self._writer: JournalWriter | None = None
        self._files = self._finished_bytes = 0
        self._path = ""
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._lost = 0
        self._lost_since = 0
        self._retry = header.started
        self._flushing: asyncio.Task[None] | None = None
        self._reported: FeedStatus | None = None
        self.trouble: DeskError | None = None
        """Why nothing is written at present."""

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
            await asyncio.to_thread(self._put, lines, now)
        except DeskError as trouble:
            first = self.trouble is None
            self.trouble, self._retry = trouble, now + RETRY_MS
            self._clear()
            if self._needed:
                raise
            if first:
                log.error("journal: %s", trouble)
        else:
            self.trouble = None

    def _clear(self) -> list[bytes]:
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
        if self._writer is not None:
            with suppress(DeskError):  # flush has told of it
                await asyncio.to_thread(self._writer.close)

    def report(self, now: int) -> FeedStatus | None:
        """How the journal is, once there was trouble: at each change and every five seconds."""
        last = self._reported
        if self.trouble is None and last is None:
            return None
        state: FeedState = "live" if self.trouble is None else "down"
        detail = f"writes to {self._writer.path.name}" if self._writer is not None else str(self.trouble)[:500]
        if last is not None and (last.state, last.detail) == (state, detail) and 0 <= now - last.ts < REPORT_MS:
            return None
        self._reported = FeedStatus(ts=now, feed=FEED, state=state, detail=detail, service=True)
        return self._reported

    def written(self) -> JournalFiles | None:
        """What was written so far; None before the first file."""
        if not self._files:
            return None
        current = 0 if self._writer is None else self._writer.bytes
        return JournalFiles(
            path=encodable(self._path),
            bytes=self._finished_bytes + current,
            segments=self._files,
            oldest=self._header.started,
        )

    def _put(self, lines: list[bytes], now: int) -> None:
        if self._writer is None:
            started = now if self.trouble is not None else self._header.started
            self._writer = JournalWriter(self._place(started), msgspec.structs.replace(self._header, started=started))
            self._files, self._path = self._files + 1, str(self._writer.path)
        try:
            self._writer.append(lines)
            self._writer.flush()
        except DeskError:
            self._writer.close()
            self._finished_bytes += self._writer.bytes
            self._writer = None
            raise

    def _gap(self, now: int) -> Gap:
        return Gap(
            ts=now, feed=FEED, venue=FEED, channel="all",
            since=min(self._lost_since, now), until=now, dropped=self._lost,
        )  # fmt: skip
