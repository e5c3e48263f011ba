"""The contract of feeds accepts those that keep it and names what others do wrong."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import suppress

import pytest

from deskmon.feedkit import SECOND, Feed, TimelineFeed, events
from deskmon.plugins import load_feed
from deskmon.testing import FRAMES, NOW, check_feed


def ticker(ts, last=100.0):
    return events.Ticker(ts=ts, venue="mine", symbol="BTC/USDT", last=last)


class Steady(Feed):
    name = "steady"
    title = "Steady"

    async def run(self, context):
        context.status("live", "")
        while True:
            context.emit(ticker(context.clock.now()))
            await context.sleep(1)

    def take(self, raw, context):
        context.reject(raw, "nothing is expected")


class Lingering(Steady):
    async def run(self, context):
        async def go_on():
            for _ in range(1_000):
                context.emit(ticker(NOW))
                await asyncio.sleep(0)

        self.task = asyncio.ensure_future(go_on())
        await asyncio.sleep(60)


class Inventing(Steady):
    async def run(self, context):
        context.emit({"type": "ticker"})


class Touchy(Steady):
    def take(self, raw, context):
        context.reject(raw[0], "no")


class Credulous(Steady):
    def take(self, raw, context):
        pass


class Failing(Steady):
    async def run(self, context):
        raise OSError("refused")


async def test_a_feed_that_keeps_the_contract():
    feed = Steady("steady")
    probe = await check_feed(feed, take=feed.take, turns=50)
    assert len(probe.events) > 10
    assert [event.ts for event in probe.events[:3]] == [NOW, NOW + SECOND, NOW + 2 * SECOND]
    assert probe.statuses == [("live", "")]
    assert (FRAMES[2], "nothing is expected") in probe.rejected


@pytest.mark.parametrize(
    ("feed", "complaint"), [(Lingering, "emitted after it had ended"), (Inventing, "which is no event")]
)
async def test_the_contract_names_what_is_wrong(feed, complaint):
    with pytest.raises(AssertionError, match=complaint):
        await check_feed(feed("x"))


class Deaf(Steady):
    async def run(self, context):
        while True:
            try:
                await asyncio.sleep(0.01)
            except asyncio.CancelledError:
                context.status("live", "cancelled, but going on")
                await asyncio.sleep(60)


class Stubborn(Steady):
    async def run(self, context):
        while True:
            with suppress(BaseException):
                await asyncio.sleep(0.01)


class Spinning(Steady):
    async def run(self, context):
        while True:
            pass


class Pouring(Steady):
    async def run(self, context):
        while True:
            context.emit(ticker(context.clock.now()))


class Sleeping(Steady):
    async def run(self, context):
        sleep_soundly()


class Choking(Steady):
    def take(self, raw, context):
        sleep_soundly()


class Leaving(Steady):
    async def run(self, context):
        raise SystemExit(3)


class Plain(Steady):
    def run(self, context):
        context.emit(ticker(NOW))


class Yielding(Steady):
    async def run(self, context):
        yield ticker(NOW)


def sleep_soundly():
    """As a library does that knows no event loop."""
    time.sleep(2)


@pytest.mark.parametrize("feed", [Deaf, Stubborn])
async def test_a_feed_that_ignores_cancelling_is_found(monkeypatch, feed):
    monkeypatch.setattr("deskmon.feed_contract.PROMPT_S", 0.05)
    with pytest.raises(AssertionError, match=r"steady: still running 0\.05 s after it was cancelled"):
        await check_feed(feed("x"), turns=5)


@pytest.mark.parametrize(
    ("feed", "place"), [(Spinning, "Spinning.run"), (Sleeping, "sleep_soundly"), (Choking, "sleep_soundly")]
)
async def test_a_feed_that_never_lets_its_loop_go_is_named_with_the_place(monkeypatch, feed, place):
    monkeypatch.setattr("deskmon.feed_contract.BLOCKED_S", 0.3)
    blocks = feed("x")
    with pytest.raises(AssertionError, match=rf"kept its loop for .* at test_check_feed\.py.*{place}; a feed awaits"):
        await check_feed(blocks, take=blocks.take, turns=5)


async def test_a_feed_that_spins_does_not_go_on_behind_the_tests(monkeypatch):
    monkeypatch.setattr("deskmon.feed_contract.BLOCKED_S", 0.3)
    with pytest.raises(AssertionError, match="kept its loop"):
        await check_feed(Spinning("x"))
    for thread in threading.enumerate():
        if thread.name == "check of steady" and thread is not threading.current_thread():
            await asyncio.to_thread(thread.join, 60)
            assert not thread.is_alive()


async def test_a_feed_that_waits_for_nothing_is_stopped_before_memory_is_full(monkeypatch):
    monkeypatch.setattr("deskmon.feed_contract.MOST_EVENTS", 1_000)
    with pytest.raises(AssertionError, match="emitted or said 1,000 things and went on"):
        await check_feed(Pouring("x"))


@pytest.mark.parametrize("feed", [Plain, Yielding])
async def test_a_run_that_is_no_coroutine_is_named(feed):
    with pytest.raises(AssertionError, match="run is no `async def`"):
        await check_feed(feed("x"))


async def test_a_feed_that_leaves_python_is_named():
    with pytest.raises(AssertionError, match="raised SystemExit, which ends Python"):
        await check_feed(Leaving("x"))


async def test_garbage_must_be_counted_and_not_raised():
    with pytest.raises(AssertionError, match="no garbage was rejected"):
        await check_feed(Credulous("x"), take=Credulous("x").take, turns=1)
    with pytest.raises(IndexError):
        await check_feed(Touchy("x"), take=Touchy("x").take, turns=1)


async def test_what_a_feed_raises_is_seen():
    with pytest.raises(OSError, match="refused"):
        await check_feed(Failing("x"))


class Market:
    header = events.Journal(version=1, source="simulated", ts=NOW, started=NOW)
    mode = "demo"
    start = NOW
    end = None

    def __init__(self, order):
        self.order = order

    def events(self):
        return iter([ticker(NOW + i) for i in self.order])


class Played(TimelineFeed):
    name = "played"
    title = "Played"
    mode = "demo"
    order = (1, 2, 3)

    def timeline(self):
        return Market(self.order)


class Backwards(Played):
    order = (2, 1)


class Forgetful(Played):
    def timeline(self):
        return Drifting(self.order)


class Drifting(Market):
    def events(self):
        self.order = tuple(i + 1 for i in self.order)
        return super().events()


async def test_a_timeline_must_be_ordered_and_the_same_each_time():
    await check_feed(Played("x"))
    with pytest.raises(AssertionError, match="aren't in order"):
        await check_feed(Backwards("x"))
    with pytest.raises(AssertionError, match="read twice"):
        await check_feed(Forgetful("x"))


async def test_the_demo_keeps_the_contract():
    await check_feed(load_feed("demo")("demo"), turns=2_000)
