"""A feed may fail in any way: its keeper says so in words, starts it again, and lets nothing bad through."""

from __future__ import annotations

import asyncio
import logging
import random
from contextlib import asynccontextmanager

import pytest

from deskmon.clock import ManualClock
from deskmon.config.schema import FeedConfig
from deskmon.events import Gap, Ticker, Trade
from deskmon.feedkit import Feed, TimelineFeed
from deskmon.hub.supervisor import SAMPLES, Supervisor
from tests.hub.market import T0, Raises, Rubbish, load, ticker, trade
from tests.hub.waiting import until


class Bench:
    """A supervisor with a clock of its own whose sleeps take no time."""

    def __init__(self, kind, *, options=None, loader=None, room=10**9):
        self.clock = ManualClock(T0)
        self.events: list = []
        self.naps: list[float] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.room = room
        name = kind if isinstance(kind, str) else kind.name
        self.supervisor = Supervisor(
            "mine",
            FeedConfig(type=name, options=options or {}),
            self.put,
            load=loader or (load if isinstance(kind, str) else lambda _: kind),
            clock=self.clock,
            rng=random.Random(1),
            sleep=self.sleep,
        )

    def put(self, item, origin):
        assert origin == "mine"
        if len(self.events) >= self.room:
            return False
        self.events.append(item.event)
        return True

    async def sleep(self, seconds):
        self.naps.append(seconds)
        self.clock.advance(round(seconds * 1000))
        await asyncio.sleep(0)
        await self.gate.wait()

    def status(self):
        """The status that is due by now, whatever was told before."""
        self.clock.advance(10_000)
        return self.supervisor.report(self.clock.now())


@asynccontextmanager
async def running(*args, **kwargs):
    bench = Bench(*args, **kwargs)
    task = asyncio.create_task(bench.supervisor.run())
    try:
        yield bench
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_feed_that_dies_is_started_again_with_capped_growing_waits():
    async with running(Raises) as bench:
        await until(lambda: len(bench.naps) >= 30)
        bench.gate.clear()
        status = bench.supervisor.report(bench.clock.now())
    assert status.state == "reconnecting"
    assert status.detail.startswith("RuntimeError: the venue hung up; next attempt in ")
    ceilings = [min(30.0, 0.5 * 2**attempt) for attempt in range(30)]
    assert all(ceiling / 2 <= nap <= ceiling for nap, ceiling in zip(bench.naps, ceilings, strict=False))
    assert status.reconnects == len(bench.naps) - 1


async def test_backoff_begins_afresh_after_a_healthy_minute():
    class Holds(Feed):
        name, title = "holds", ""

        async def run(self, context):
            await context.sleep(61)
            raise RuntimeError("cut")

    async with running(Holds) as bench:
        await until(lambda: len(bench.naps) >= 20)
    waits = [nap for nap in bench.naps if nap != 61]
    assert max(waits) <= 0.5


async def test_what_was_missed_while_it_was_dead_is_marked_by_a_gap():
    async with running(Raises) as bench:
        await until(lambda: len(bench.events) >= 5)
    first, gap, second, *_ = bench.events
    assert (type(first), type(gap), type(second)) == (Trade, Gap, Trade)
    assert (gap.feed, gap.venue, gap.channel, gap.since) == ("mine", "binance", "all", first.ts)
    assert gap.until == second.ts > gap.since


async def test_a_feed_that_marks_its_own_gap_is_not_doubled():
    class Honest(Feed):
        name, title = "honest", ""

        async def run(self, context):
            now = context.clock.now()
            if now > T0:
                context.emit(Gap(ts=now, feed="mine", venue="okx", channel="trades", since=T0, until=now, dropped=3))
            context.emit(trade(1, ts=now))
            raise RuntimeError("cut")

    async with running(Honest) as bench:
        await until(lambda: len(bench.events) >= 5)
    assert [type(event).__name__ for event in bench.events[:5]] == ["Trade", "Gap", "Trade", "Gap", "Trade"]
    assert {event.channel for event in bench.events if type(event) is Gap} == {"trades"}


async def test_rubbish_is_quarantined_counted_and_never_reaches_the_stream(caplog):
    with caplog.at_level(logging.WARNING):
        async with running(Rubbish) as bench:
            await until(lambda: bench.events)
            status = bench.status()
    assert [event.id for event in bench.events] == ["2"]
    assert (status.rejected, status.events, status.state) == (8, 1, "live")
    assert sum("rejected" in record.message for record in caplog.records) == SAMPLES


@pytest.mark.parametrize(
    ("kind", "options", "said"),
    [
        ("nonesuch", {}, "feed 'nonesuch' isn't installed"),
        ("steady", {"rate": "fast"}, "feeds.mine: Expected `int`, got `str` - at `$.rate`"),
        ("steady", {"ratte": 1}, "unknown field `ratte`"),
        ("impossible", {}, "no exchange 'bynance'; did you mean 'binance'?"),
    ],
)
async def test_a_feed_that_can_not_run_is_down_with_the_reason_and_left_alone(kind, options, said):
    bench = Bench(kind, options=options)
    await bench.supervisor.run()
    status = bench.status()
    assert status.state == "down"
    assert said in status.detail
    assert bench.naps == []


async def test_a_loader_that_breaks_costs_its_own_feed_only():
    def broken(name):
        raise ZeroDivisionError("in module scope")

    bench = Bench("steady", loader=broken)
    await bench.supervisor.run()
    assert bench.status().detail == "ZeroDivisionError: in module scope"


async def test_a_market_of_its_own_is_refused_beside_other_feeds():
    class Alone(TimelineFeed):
        name, title, mode = "alone", "", "demo"

    bench = Bench(Alone)
    await bench.supervisor.run()
    assert "has a desk to itself" in bench.status().detail


async def test_a_cancelled_future_inside_a_library_is_a_death_not_an_end():
    class Leaks(Feed):
        name, title = "leaks", ""

        async def run(self, context):
            future = asyncio.get_running_loop().create_future()
            future.cancel()
            await future

    async with running(Leaks) as bench:
        await until(lambda: len(bench.naps) >= 3)
        bench.gate.clear()
        assert bench.supervisor.report(bench.clock.now()).state == "reconnecting"


async def test_nor_is_it_an_end_after_a_task_group_of_the_feed_failed():
    class Grouped(Feed):
        name, title = "grouped", ""
        runs = 0

        async def run(self, context):
            self.runs += 1
            if self.runs == 1:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self.fail())
            future = asyncio.get_running_loop().create_future()
            future.cancel()
            await future

        async def fail(self):
            await asyncio.sleep(0)
            raise RuntimeError("cut")

    async with running(Grouped) as bench:
        await until(lambda: len(bench.naps) >= 3)


async def test_a_source_that_ends_is_said_to_have_ended():
    class Ends(Feed):
        name, title = "ends", ""

        async def run(self, context):
            context.emit(trade(1))

    bench = Bench(Ends)
    await bench.supervisor.run()
    assert (bench.status().state, bench.status().detail) == ("down", "the source has ended")


class Quiet(Feed):
    """Emits `ticker` events when told to, says it is live first."""

    name, title = "quiet", ""
    quiet_s = 30.0

    async def run(self, context):
        context.status("live", "all well", {"ticker": "websocket"})
        context.emit(Ticker(ts=T0 - 40, recv=T0, venue="okx", symbol="BTC/USDT", last=1.0))
        await asyncio.Event().wait()


async def test_silence_makes_a_live_feed_stale_and_counters_are_told():
    async with running(Quiet) as bench:
        await until(lambda: bench.events)
        status = bench.supervisor.report(T0 + 29_000)
        assert (status.state, status.detail, status.channels) == ("live", "all well", {"ticker": "websocket"})
        assert (status.events, status.lag_ms, status.venue, status.last_event) == (1, 40.0, "okx", T0)
        status = bench.supervisor.report(T0 + 30_001)
        assert (status.state, status.detail) == ("stale", "nothing arrived for over 30 s")


async def test_status_is_told_at_once_when_it_changed_and_seldom_when_not():
    async with running(Quiet) as bench:
        await until(lambda: bench.events)
        tell = bench.supervisor.report
        assert tell(T0).state == "live"
        assert [tell(T0 + ms) for ms in (250, 1_000, 4_750)] == [None, None, None]
        assert tell(T0 + 5_000) is not None
        assert tell(T0 + 31_000).state == "stale"


async def test_counters_are_told_once_a_second():
    async with running(Raises) as bench:
        bench.gate.clear()
        await until(lambda: bench.naps)
        now = bench.clock.now()
        assert bench.supervisor.report(now).events == 1
        bench.supervisor._reject("raw", "reason")
        assert bench.supervisor.report(now + 999) is None
        assert bench.supervisor.report(now + 1_000).rejected == 1


async def test_what_the_mailbox_drops_is_counted_with_the_feed():
    class Floods(Feed):
        name, title = "floods", ""

        async def run(self, context):
            for number in range(10):
                context.emit(ticker(1.0, ts=context.clock.now(), symbol=f"S{number}"))
            await asyncio.Event().wait()

    async with running(Floods, room=4) as bench:
        await until(lambda: len(bench.events) == 4)
        assert (bench.status().events, bench.status().dropped) == (10, 6)


async def test_a_state_that_does_not_exist_kills_the_feed_not_its_keeper():
    class Confused(Feed):
        name, title = "confused", ""

        async def run(self, context):
            context.status("splendid", "")

    async with running(Confused) as bench:
        await until(lambda: bench.naps)
        bench.gate.clear()
        assert "'splendid' is none of" in bench.supervisor.report(bench.clock.now()).detail
