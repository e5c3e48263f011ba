"""The stream of a hub on its way to a broker: numbered by event, bounded, with a snapshot for whoever asks."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from deskmon.hub.subscriber import QUEUE_BYTES, Batch
from deskmon.mqtt.client.broker import publish
from deskmon.mqtt.client.wire import MESSAGE_BYTES, pack_batch, pack_snapshot

if TYPE_CHECKING:
    from aiomqtt import Client

SNAPSHOT_EVERY_S = 0.5
"""Snapshots are sent this far apart at least, however many screens ask: those who ask meanwhile share the next."""
_FLOW_S = 0.05
"""Seconds between two turns of the stream while a snapshot is made."""
_TOGETHER = 4
_HEAD = 4  # bytes before the array in a frame of the wire format


class SequencedPublisher:
    """A subscriber that numbers events and holds those that wait for the broker. While it isn't `open` nothing waits.

    When the broker takes too long the queue is dropped: readers see it by the numbers. `dropped` counts such events.
    """

    def __init__(self, queue_bytes: int = QUEUE_BYTES) -> None:
        self.seq = 0
        """Events so far, dropped ones included."""
        self.dropped = 0
        self.wake = asyncio.Event()
        self._open = False
        self._limit = queue_bytes
        self._queue: deque[bytes] = deque()  # those before `seq`
        self._bytes = 0
        self._border = 0

    def offer(self, batch: Batch) -> None:
        """Number a batch's events, and queue them where anyone is to have them."""
        self.seq += len(batch.items)
        if not self._open or not batch.items:
            return
        for item in batch.items:
            json = item.json()
            self._queue.append(json)
            self._bytes += len(json)
        if self._bytes > self._limit:
            self.dropped += len(self._queue)
            self._clear()
        self.wake.set()

    def restart(self) -> None:
        """The stream jumped: a number that stands for no event shows every reader that it needs a snapshot."""
        self.seq += 1
        self._clear()

    def open(self, wanted: bool) -> None:
        """Whether there is a broker, and someone who reads."""
        self._open = wanted
        if not wanted:
            self._clear()

    def border(self) -> int:
        """The number of the next event; no message holds events on both sides of it."""
        self._border = self.seq
        return self.seq

    def take(self) -> bytes | None:
        """The next message, None where nothing waits."""
        if not self._queue:
            return None
        first = self.seq - len(self._queue)
        events: list[bytes] = []
        size = 0
        while self._queue and (not events or size + len(self._queue[0]) <= MESSAGE_BYTES):
            if events and first + len(events) == self._border:
                break
            json = self._queue.popleft()
            events.append(json)
            size += len(json)
        self._bytes -= size
        return pack_batch(first, events)

    def _clear(self) -> None:
        self._queue.clear()
        self._bytes = 0

    async def send(self, client: Client, topic: str) -> None:
        """Publish what waits, in order, until cancelled."""
        while True:
            await self.wake.wait()
            self.wake.clear()
            await self.flush(client, topic)

    async def flush(self, client: Client, topic: str) -> None:
        """Publish all that waits at this moment."""
        for message in [*iter(self.take, None)]:
            await publish(client, topic, message)


class SnapshotPublisher:
    """Answers those who ask: one snapshot for all of them, at its place in the stream."""

    def __init__(self, stream: SequencedPublisher, frames: Callable[[], Awaitable[Sequence[bytes]]]) -> None:
        """`frames` gives the frames that rebuild the hub's model as it is when they come."""
        self._stream = stream
        self._frames = frames
        self._asked = False
        self._sent = -SNAPSHOT_EVERY_S

    def ask(self) -> None:
        """Someone needs a snapshot."""
        self._asked = True
        self._stream.wake.set()

    async def send(self, client: Client, stream: str, snapshot: str) -> None:
        """Publish the stream to topic `stream`, and what is asked for to `snapshot`, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = self._sent + SNAPSHOT_EVERY_S
            with suppress(TimeoutError):
                async with asyncio.timeout_at(due if self._asked else None):
                    await self._stream.wake.wait()
            self._stream.wake.clear()
            fragments: list[bytes] = []
            if self._asked and loop.time() >= due:
                self._asked, self._sent = False, loop.time()
                fragments = await self._fragments(client, stream)
            await self._stream.flush(client, stream)
            for at in range(0, len(fragments), _TOGETHER):
                parts = fragments[at : at + _TOGETHER]
                await asyncio.gather(*(client.publish(snapshot, part, qos=1) for part in parts))
                await self._stream.flush(
                    client, stream
                )  # over a slow line a snapshot takes long, and the pulse doesn't wait

    async def _fragments(self, client: Client, stream: str) -> list[bytes]:
        """A snapshot at its place in the stream, which flows on while it is made."""
        making = asyncio.create_task(self._pack())
        try:
            while not making.done():
                await self._stream.flush(client, stream)
                await asyncio.wait({making}, timeout=_FLOW_S)
        finally:
            making.cancel()
        return making.result()

    async def _pack(self) -> list[bytes]:
        frames = await self._frames()
        seq = self._stream.border()  # at once: what is numbered from here on isn't among the frames
        return await asyncio.to_thread(pack_snapshot, seq, [frame[_HEAD:] for frame in frames])
