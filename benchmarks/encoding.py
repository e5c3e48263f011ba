"""What an order book costs a hub between the feed that emits it and every endpoint, in encodings of that book.

    python -m benchmarks.encoding [LEVELS]    200 levels a side by default

The endpoints are a screen's pipe, the journal, the broker's stream, the share of other hubs and the topics of other
programs. The fold into the model isn't counted. Rounds of both halves alternate, so that both meet the same noise of
the machine.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from deskmon.clock import ManualClock
from deskmon.config.schema import FeedConfig
from deskmon.events import Book, Journal, encode_event
from deskmon.feedkit import Feed, FeedContext
from deskmon.hub.journal_files import JournalFile
from deskmon.hub.mailbox import Mailbox
from deskmon.hub.recorder import Recorder
from deskmon.hub.stream import Stream
from deskmon.hub.subscriber import Batch
from deskmon.hub.supervisor import Supervisor
from deskmon.model import Model
from deskmon.mqtt.client.topics import address
from deskmon.mqtt.hub.stream_publisher import SequencedPublisher
from deskmon.mqtt.hub.topic_publisher import TopicPublisher

START = 1_767_225_600_000
BOOKS, ROUNDS = 200, 9


class IdleModel(Model):
    """Takes events and does nothing with them."""

    def apply(self, events: object) -> None: ...


class Pipe:
    """Takes what a screen's pipe takes."""

    def offer(self, batch: Batch) -> None:
        assert batch.frame

    def restart(self) -> None: ...


class Broker:
    """Takes all that is published."""

    async def publish(self, *message: Any, **how: Any) -> None: ...


class Source(Feed):
    """Gives away its context."""

    name, title = "source", "books"
    started: asyncio.Future[FeedContext]

    async def run(self, context: FeedContext) -> None:
        self.started.set_result(context)
        await asyncio.Event().wait()


def books(levels: int) -> list[Book]:
    """Books of many symbols, `levels` on each side, prices and amounts as a venue sends them."""
    rng = random.Random(1)

    def side(price: float, step: float) -> tuple[tuple[float, float], ...]:
        return tuple((round(price + step * n, 1), round(rng.expovariate(1) + 0.001, 3)) for n in range(levels))

    about = {"ts": START, "recv": START + 20, "venue": "binance"}
    return [
        Book(**about, symbol=f"S{number}/USDT:USDT", bids=side(90_000.0, -0.1), asks=side(90_000.1, 0.1))
        for number in range(BOOKS)
    ]


class Desk:
    """The way of an event through a hub."""

    def __init__(self, folder: Path) -> None:
        clock = ManualClock(START)
        self.mailbox = Mailbox()
        self.stream = Stream(IdleModel())
        header = Journal(version=1, source="live", started=START)
        self.recorder = Recorder(JournalFile(lambda _: folder / "j.jsonl", header), clock)
        self.stream.recorders = [self.recorder]
        self.published, self.shared = SequencedPublisher(), SequencedPublisher()
        self.topics = TopicPublisher(address("mqtt://localhost/desk"))
        for subscriber in (Pipe(), self.published, self.topics):
            self.stream.add(subscriber)
        for endpoint in (self.published, self.shared, self.topics):
            endpoint.open(True)
        self.supervisor = Supervisor(
            "source", FeedConfig(type="source"), self.mailbox.put,
            load=lambda _: Source, clock=clock, rng=random.Random(1),
        )  # fmt: skip

    @asynccontextmanager
    async def fed(self) -> AsyncIterator[FeedContext]:
        Source.started = asyncio.get_running_loop().create_future()
        feeding = asyncio.create_task(self.supervisor.run())
        try:
            yield await Source.started
        finally:
            feeding.cancel()
            await self.recorder.close()

    async def pass_on(self, context: FeedContext, events: list[Book]) -> None:
        for event in events:
            context.emit(event)
        drained = self.mailbox.drain()
        self.shared.offer(Batch(drained))
        self.stream.fold_encoded(drained)
        while self.published.take() or self.shared.take():
            pass
        await self.recorder.flush()
        await self.topics.publish(Broker())  # type: ignore[arg-type]


async def measure(levels: int) -> tuple[float, float]:
    """Seconds that a book takes: encoded once, and from the feed to every endpoint."""
    events = books(levels)
    alone, through = [], []
    with tempfile.TemporaryDirectory() as name:
        desk = Desk(Path(name))
        async with desk.fed() as context:
            for _ in range(ROUNDS):
                begun = perf_counter()
                for event in events:
                    encode_event(event)
                alone.append(perf_counter() - begun)
                begun = perf_counter()
                await desk.pass_on(context, events)
                through.append(perf_counter() - begun)
    return median(alone) / BOOKS, median(through) / BOOKS


def main() -> int:
    levels = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    alone, through = asyncio.run(measure(levels))
    print(f"a book of {levels} levels a side, encoded once:      {alone * 1e6:7.1f} µs")
    print(f"the same from its feed to five endpoints:     {through * 1e6:7.1f} µs, {through / alone:.1f} encodings")
    return 0


if __name__ == "__main__":
    sys.exit(main())
