"""What is looked at reaches the feeds: from the page of a smile, through the private pipe's request, to each feed."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress

import msgspec
import pytest

from deskmon.clock import WallClock
from deskmon.components.panel import Command, Drill
from deskmon.config.schema import Cell, Config, FeedConfig, HistoryConfig, Layout
from deskmon.desk.app import DeskApp
from deskmon.events import Pulse, Reset
from deskmon.feedkit import Feed
from deskmon.hub.hub import Hub
from deskmon.hub.supervisor import Supervisor
from deskmon.transport.requests import Control
from tests.desk.test_app import FakeLink, feed
from tests.options.chains import NOW, market

STRIKES = range(60_000, 125_000, 5_000)
CHAIN = [option for days in (10, 40) for option in market(STRIKES, days=days)]
NEAR, FAR = (f"option:BTC:{option.expiry}" for option in (CHAIN[0], CHAIN[-1]))


class Listening(Feed):
    """Runs until it is cancelled."""

    name = "listening"

    def __init__(self, label, options=None):
        super().__init__(label, options)
        self.told = []

    def watch(self, topics):
        self.told.append(topics)

    async def run(self, context):
        self.started.put_nowait(self)
        await asyncio.Event().wait()


class Deaf(Listening):
    """Can't be told anything."""

    def watch(self, topics):
        raise LookupError("what is that?")


@pytest.fixture
async def started():
    """Feeds as they begin to run."""
    Listening.started = asyncio.Queue()
    return Listening.started


async def running(coroutine, until):
    """Run `coroutine` until another one has ended; what that one found."""
    task = asyncio.create_task(coroutine)
    try:
        async with asyncio.timeout(30):
            return await until
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_the_page_of_a_smile_is_told_to_the_hub_while_it_is_open():
    link = FakeLink()
    app = DeskApp(Config(layouts={"default": Layout(cells=(Cell(panel="options"),))}), link)
    async with app.run_test(size=(100, 30)) as pilot:
        await feed(app, pilot, [*CHAIN, Pulse(ts=NOW, seq=1, mode="live")])
        assert link.commands == [], "nobody looks at an expiry by itself"
        app.go(Drill("smile", {"underlying": "BTC"}, "BTC"))
        assert link.commands == [Command("watch", NEAR)]
        await pilot.press("right")
        await pilot.press("left")
        assert [each.value for each in link.commands] == [NEAR, FAR, NEAR]
        app.tick()
        assert len(link.commands) == 3, "told when it changes"
        await feed(app, pilot, [Reset(ts=NOW), *CHAIN, Pulse(ts=NOW, seq=2, mode="live")])
        app.tick()
        assert link.commands[3:] == [Command("watch", NEAR)], "and again after a snapshot: the hub may be another one"
        await pilot.press("escape")
        assert link.commands[4:] == [Command("watch", "")]
        app.tick()
        assert len(link.commands) == 5


async def test_a_hub_tells_its_feeds(started):
    config = Config(feeds={"one": FeedConfig(type="listening"), "two": FeedConfig(type="listening")})
    config = msgspec.structs.replace(config, history=HistoryConfig(enabled=False))
    hub = Hub(config, load=lambda _: Listening)

    async def ask():
        feeds = [await started.get(), await started.get()]
        for value in (f"{NEAR} other:1", f"{NEAR} other:1", "", None):
            hub.control(Control("watch", value))
        for each in feeds:
            assert each.told == [frozenset(), frozenset({NEAR, "other:1"}), frozenset()]

    await running(hub.run(), ask())


async def test_a_feed_that_starts_later_is_told_and_one_that_can_not_be_told_runs_on(started):
    for kind in (Listening, Deaf):
        keeper = Supervisor(
            "mine", FeedConfig(type="x"), lambda *_: True, load=lambda _, kind=kind: kind, clock=WallClock(),
            rng=random.Random(1),
        )  # fmt: skip
        keeper.watch(frozenset({NEAR}))
        begun = await running(keeper.run(), started.get())
        assert begun.told == ([frozenset({NEAR})] if kind is Listening else [])
