"""Hubs and screens on a broker, in this process, and the programs beside them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiomqtt

from deskmon.clock import Clock
from deskmon.events import Liquidation, Pulse, Reset, Ticker
from deskmon.feedkit import Feed, FeedContext
from deskmon.hub.hub import Hub
from deskmon.model import Model
from deskmon.mqtt.client.broker import Broker, Credentials
from deskmon.mqtt.client.link import MqttLink
from deskmon.mqtt.client.topics import address
from deskmon.mqtt.hub.endpoint import MqttEndpoint, mqtt_endpoint
from tests.hub import market
from tests.hub.market import config

CHILD = Path(__file__).with_name("child.py")
"""A hub as a process: `child.py CONFIG_JSON URL`."""


class Okx(Feed):
    """Another venue's market: a ticker and a liquidation each twentieth of a second."""

    name = "okx"
    title = "another venue"

    async def run(self, context: FeedContext) -> None:
        number = 0
        while True:
            number, now = number + 1, context.clock.now()
            context.emit(Ticker(ts=now, recv=now, venue="okx", symbol="ETH/USDT:USDT", last=4_000.0 + number % 10))
            context.emit(
                Liquidation(
                    ts=now, recv=now, venue="okx", symbol="ETH/USDT:USDT", side="short",
                    price=4_000.0, amount=1.0, usd=4_000.0, id=str(number),
                )
            )  # fmt: skip
            await asyncio.sleep(0.05)


def load(name: str) -> type[Feed]:
    """The tests' feeds by name."""
    return Okx if name == Okx.name else market.load(name)


@asynccontextmanager
async def process(argv: list[str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process that is over when the block is."""
    child = await asyncio.create_subprocess_exec(*argv)
    try:
        yield child
    finally:
        with suppress(ProcessLookupError):
            child.kill()
        await child.wait()


def broker(url: str, **who: str | None) -> Broker:
    """The broker at an address."""
    return Broker(address(url), Credentials(**who))


@asynccontextmanager
async def hub_at(
    url: str | Broker, *types: str, name: str = "tokyo", clock: Clock | None = None, **options: Any
) -> AsyncIterator[tuple[Hub, MqttEndpoint]]:
    """A hub with the tests' feeds that publishes to a broker."""
    hub = Hub(config(*types, **options), clock=clock, load=load, rng=random.Random(1))
    reached = broker(url) if isinstance(url, str) else url
    async with mqtt_endpoint(hub, reached, name, random.Random(1)) as endpoint:
        running = asyncio.create_task(hub.run())
        try:
            yield hub, endpoint
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


class Screen:
    """Folds a link's events as a screen does, and keeps what a test asks about."""

    def __init__(self, link: MqttLink) -> None:
        self.link = link
        self.model = Model()
        self.resets = 0
        self.states: dict[int, Any] = {}
        self.keep = False

    async def fold(self) -> None:
        async for batch in self.link.events():
            self.model.apply(batch)
            for event in batch:
                self.resets += type(event) is Reset
                if type(event) is Pulse and self.keep:
                    self.states[event.seq] = self.model.state(event.ts)

    def liquidations(self) -> int:
        pulse = self.model.pulse
        return 0 if pulse is None else self.model.state(pulse.ts).liquidations.windows["1h"].count

    def beats(self, count: int) -> bool:
        return self.model.pulse is not None and self.model.pulse.seq >= count

    def feed(self, label: str) -> Any:
        """What the feeds panel has of a feed."""
        pulse = self.model.pulse
        return None if pulse is None else self.model.feeds.figures(pulse.ts).get(label)


@asynccontextmanager
async def screen_at(url: str | Broker) -> AsyncIterator[Screen]:
    """A screen that attaches to a desk, and tries again ten times faster than it would."""
    reached = broker(url) if isinstance(url, str) else url
    link = MqttLink(reached, rng=random.Random(1), sleep=lambda seconds: asyncio.sleep(seconds / 10))
    screen = Screen(link)
    task = asyncio.create_task(screen.fold())
    try:
        yield screen
    finally:
        await link.close()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def program(url: str, **who: Any) -> AsyncIterator[aiomqtt.Client]:
    """A program beside the desk, with a connection of its own."""
    at = address(url)
    async with aiomqtt.Client(at.host, at.port, protocol=aiomqtt.ProtocolVersion.V5, **who) as client:
        yield client
