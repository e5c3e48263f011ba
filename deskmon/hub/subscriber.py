"""Where the stream leaves the hub: what a subscriber is, and the one that writes frames to a pipe or a socket."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from functools import cached_property
from typing import Protocol

from deskmon.events import Encoded
from deskmon.transport.requests import Reply
from deskmon.transport.wire import pack_array, pack_message

log = logging.getLogger(__name__)

QUEUE_BYTES = 4 * 1024 * 1024
"""Bytes that wait for one screen at most; one that is further behind gets a fresh snapshot instead."""
ANSWERS = 64
"""Answers that wait for one screen at most; what is beyond is not sent."""
SHOWN_BYTES = 1024 * 1024
"""Bytes of another stream than the hub's that wait for one screen; the rest waits with who makes it."""
_PIECE = 64 * 1024
"""Bytes handed to the system at once: what it doesn't take is copied for each screen, all else is shared."""


class Batch:
    """Events that one turn of the pump published; the frame is made once, however many subscribers take it."""

    def __init__(self, items: Sequence[Encoded]) -> None:
        self.items = items

    @cached_property
    def frame(self) -> bytes:
        """The events as one frame of the wire format."""
        return pack_array([item.json() for item in self.items])


class Subscriber(Protocol):
    """A way out of the hub. Neither call may block: a subscriber that can't keep up drops and asks for a snapshot."""

    def offer(self, batch: Batch) -> None:
        """The next batch of the stream."""
        ...

    def restart(self) -> None:
        """The stream jumped (a seek): what waits is void, a snapshot must follow."""
        ...


class ScreenSubscriber:
    """Writes the stream to one screen: a snapshot, then every batch; when the screen is too slow, a snapshot again."""

    def __init__(
        self,
        writer: asyncio.StreamWriter,
        snapshot: Callable[[], Awaitable[Sequence[bytes]]],
        queue_bytes: int = QUEUE_BYTES,
        patience_s: float | None = None,
        *,
        is_screen: bool = True,
    ) -> None:
        """`snapshot` gives the frames that rebuild the hub's model as it is when they come. `patience_s`: how long a
        screen may take for them; None: as long as it likes. `is_screen`: whether it counts as one."""
        writer.transport.set_write_buffer_limits(0)
        self._writer = writer
        self._snapshot = snapshot
        self._limit = queue_bytes
        self._patience_s = patience_s
        self.is_screen = is_screen
        self._queue: deque[bytes] = deque()
        self._answers: deque[bytes] = deque()
        self._bytes = 0
        self._behind = True
        self._elsewhere = False  # whether it shows another stream than the hub's
        self._wake = asyncio.Event()
        self._written = asyncio.Event()
        self._wake.set()
        self.began = asyncio.Event()
        """Set once the first snapshot is written."""
        self.snapshots = 0
        """How many snapshots this screen was sent: one, and one more for each time it fell behind."""

    @property
    def waiting_bytes(self) -> int:
        """Bytes of the batches that wait."""
        return self._bytes

    def offer(self, batch: Batch) -> None:
        """Queue a batch; drop the queue where the screen is too far behind."""
        if self._behind or self._elsewhere:
            return
        frame = batch.frame
        if self._bytes + len(frame) > self._limit:
            self.restart()
            return
        self._queue.append(frame)
        self._bytes += len(frame)
        self._wake.set()

    def reply(self, reply: Reply) -> None:
        """Queue an answer, which goes before the stream."""
        if len(self._answers) < ANSWERS:
            self._answers.append(pack_message(reply))
            self._wake.set()

    def restart(self) -> None:
        """Drop the queue and send a snapshot once the screen takes bytes again."""
        if self._elsewhere:
            return
        self._queue.clear()
        self._bytes = 0
        self._behind = True
        self._wake.set()

    async def show(self, look: int, frame: bytes) -> None:
        """Queue a frame of what the screen looks back at; returns when there is room for more."""
        if not self._elsewhere:
            self._elsewhere, self._behind = True, False
            self._queue.clear()
            self._bytes = 0
        self._queue.append(frame)
        self._bytes += len(frame)
        self._wake.set()
        while self._bytes > SHOWN_BYTES:
            self._written.clear()
            await self._written.wait()

    def live(self) -> None:
        """Take the hub's stream again."""
        self._elsewhere = False
        self.restart()

    async def run(self) -> None:
        """Write until the other side is gone, or takes too long for a snapshot; then return, and raise nothing."""
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                await self._answer()
                if self._behind:
                    await self._catch_up()
                while self._queue:
                    frame = self._queue.popleft()
                    self._bytes -= len(frame)
                    await self._write(frame)
                    self._written.set()
                    await self._answer()
        except TimeoutError:
            log.info("a screen took more than %g s for a snapshot", self._patience_s)
        except OSError as fault:
            log.info("a screen is gone: %s", fault or type(fault).__name__)

    async def _catch_up(self) -> None:
        """Write a snapshot. Raises TimeoutError. It is let go with the end of this call."""
        frames = await self._snapshot()
        self._behind = False  # at once: what is offered from here on isn't among the frames
        self.snapshots += 1
        async with asyncio.timeout(self._patience_s):
            for frame in frames:  # whole, even where the screen falls behind again meanwhile
                await self._write(frame)
        self.began.set()

    async def _answer(self) -> None:
        while self._answers:
            await self._write(self._answers.popleft())

    async def _write(self, frame: bytes) -> None:
        view = memoryview(frame)
        for at in range(0, len(view), _PIECE):
            self._writer.write(view[at : at + _PIECE])
            await self._writer.drain()
