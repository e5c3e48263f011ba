"""One snapshot for many: who needs one soon after another gets the same bytes, and the batches that followed.

The loop only copies the model; a thread makes the bytes of the copy.

A heartbeat ends a snapshot: who reads one knows by it that the model is whole, and of which moment. So there is none in
what is shared, and the newest one behind it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from deskmon.events import Pulse
from deskmon.hub.subscriber import QUEUE_BYTES, Batch
from deskmon.transport.wire import pack_array

TAIL_BYTES = 1024 * 1024
"""Batches that may follow a snapshot before it is made anew."""
SHARE = 0.05
"""Part of the time that making snapshots may take: one that took long is used longer, up to QUEUE_BYTES of batches."""
IDLE_S = 10.0
"""A snapshot that nobody asked for so long is let go."""


class SharedSnapshot:
    """A subscriber that keeps the newest snapshot and what followed. The bytes are the same objects for all."""

    def __init__(
        self,
        make: Callable[[], Awaitable[Sequence[bytes]]],
        pulse: Callable[[], Sequence[bytes]],
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        """`make` gives the frames that rebuild the hub's model as it is when they are first awaited, without its
        heartbeat; `pulse` the frame of that, if there is one."""
        self._make, self._pulse = make, pulse
        self._timer = timer
        self._one = asyncio.Lock()
        self._follows = False  # whether what leaves the hub belongs to a snapshot that is there or being made
        self._frames: tuple[bytes, ...] = ()
        self._tail: list[bytes] = []
        self._tail_bytes = 0
        self._cheap_from = 0.0
        self._used = 0.0
        self.made = 0
        """How many snapshots were made."""

    def offer(self, batch: Batch) -> None:
        """Remember a batch that follows."""
        if not self._follows:
            return
        if self._frames and (self._timer() - self._used > IDLE_S or self._tail_bytes > QUEUE_BYTES):
            self.restart()
            return
        kept = [item.json() for item in batch.items if type(item.event) is not Pulse]
        if kept:
            frame = batch.frame if len(kept) == len(batch.items) else pack_array(kept)
            self._tail.append(frame)
            self._tail_bytes += len(frame)

    def begin(self, frames: Sequence[bytes]) -> None:
        """Begin with a snapshot that was made in another run."""
        self._follows, self._frames, self._used = True, tuple(frames), self._timer()

    def restart(self) -> None:
        """The stream jumped: the next one who asks gets a new snapshot."""
        self._follows, self._frames, self._tail, self._tail_bytes = False, (), [], 0

    async def take(self) -> Sequence[bytes]:
        """Frames that rebuild the model as it is when this returns."""
        async with self._one:
            if self._tail_bytes > TAIL_BYTES and self._timer() >= self._cheap_from:
                self.restart()
            while not self._frames:
                await self._take_new()
        self._used = self._timer()
        return (*self._frames, *self._tail, *self._pulse())

    async def _take_new(self) -> None:
        """Make a snapshot; there is none afterwards if the stream jumped meanwhile."""
        begun = self._timer()
        self._follows = True
        try:
            frames = tuple(await self._make())
        except BaseException:
            self.restart()
            raise
        if self._follows:
            self._frames = frames
            self.made += 1
            self._cheap_from = self._timer() + (self._timer() - begun) / SHARE
