"""A feed in a process of its own keeps the rules of one in the hub, and what it does to its process costs itself."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from deskmon.clock import AlongsideClock, LiveClock, ManualClock
from deskmon.config.schema import FeedConfig
from deskmon.events import Encoded, Gap, Headline, Ticker, encode_event
from deskmon.hub.hub import Hub
from deskmon.hub.mailbox import Mailbox
from deskmon.hub.supervisor import Supervisor, has_own_process
from deskmon.hub.worker import Outbox
from deskmon.loop_watch import Hold
from deskmon.transport.worker_wire import Turn
from tests.hub.market import T0, config, load, ticker, trade
from tests.hub.waiting import until

CHILD = Path(__file__).parent / "child.py"


class Far:
    """A feed of acme's under a supervisor, and what comes of it."""

    def __init__(self, kind, *, clock=None, **fields):
        self.clock = clock or LiveClock()
        self.events: list = []
        self.lines: list = []
        self.naps: list[float] = []
        self.again = asyncio.Event()
        self.questions: list = []
        self.supervisor = Supervisor(
            "far", FeedConfig(type=kind, **fields), self.put, load=load, clock=self.clock, rng=random.Random(1),
            stored_times=self.stored_times, claim_candles=self.claim_candles, sleep=self.sleep,
        )  # fmt: skip

    def put(self, item, origin):
        assert origin == "far"
        self.events.append(item.event)
        self.lines.append(item.made)
        return True

    def stored_times(self, kind, venue, symbol, timeframe=""):
        self.questions.append((kind.__name__, venue, symbol, timeframe))
        return (T0, T0 + 3_600_000)

    def claim_candles(self, venue, symbol, wanted=True):
        self.questions.append((venue, symbol, wanted))
        return wanted

    async def sleep(self, seconds):
        self.naps.append(seconds)
        await self.again.wait()

    def said(self):
        return [event.text for event in self.events if type(event) is Headline]

    def status(self):
        self.supervisor._reported = None
        return self.supervisor.report(self.clock.now())


@asynccontextmanager
async def running(kind, **more):
    far = Far(kind, **more)
    task = asyncio.create_task(far.supervisor.run())
    try:
        yield far
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def is_alive(pid: int) -> bool:
    """Not so one that is dead and that nobody has asked after."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize(
    ("kind", "process", "own"),
    [
        ("blocks", "auto", True), ("blocks", "own", True), ("blocks", "shared", False),
        ("ccxt", "auto", False), ("ccxt", "own", True), ("ccxt", "shared", False),
        ("nonesuch", "auto", False),
    ],
)  # fmt: skip
def test_a_third_partys_feed_gets_a_process_of_its_own_unless_it_shares_the_hubs(acme, kind, process, own):
    assert has_own_process(FeedConfig(type=kind, process=process)) is own


async def test_a_feed_that_blocks_delays_nobody_and_is_named(acme, tmp_path, caplog):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    desk = config("blocks", "steady", blocks={"path": str(pipe)})
    hub = Hub(desk, clock=LiveClock(), load=load)
    task = asyncio.create_task(hub.run())
    figures = lambda: hub.stream.model.feeds.figures(hub.now)  # noqa: E731
    try:
        await until(
            lambda: (
                {"blocks", "steady"} <= figures().keys() and "held its own process for" in figures()["blocks"].detail
            )
        )
        first = figures()
        assert first["blocks"].state == "live"
        assert " at acme_feeds.py:" in first["blocks"].detail
        assert first["blocks"].detail.endswith("Blocks.run; all well")
        assert first["blocks"].blocked_ms >= 500
        assert "feed blocks holds its own process" in caplog.text
        await until(lambda: figures()["steady"].events > first["steady"].events)
        os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
        await until(lambda: "after" in [each.text for each in hub.stream.model.headlines.figures(hub.now)])
        await until(lambda: "feed blocks held its own process for" in caplog.text)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert hub.stuck == []


async def test_a_killed_process_costs_its_feed_a_gap_and_nothing_else(acme):
    async with running("dies") as far:
        await until(far.said)
        first = int(far.said()[0])
        assert first != os.getpid()
        os.kill(first, signal.SIGKILL)
        await until(lambda: far.naps)
        assert far.status().state == "reconnecting"
        assert far.status().detail.startswith("its process killed by SIGKILL; next attempt in ")
        far.again.set()
        await until(lambda: len(far.said()) == 2)
        assert [type(event) for event in far.events] == [Headline, Gap, Headline]
        handed_on = [*map(encode_event, far.events)]
        assert far.lines == [handed_on[0], None, handed_on[2]], "as the process wrote them; the gap is the hub's own"
        assert (far.status().state, far.status().reconnects) == ("live", 1)
        second = int(far.said()[1])
        far.again.clear()
        os.kill(second, signal.SIGTERM)
        await until(lambda: len(far.naps) == 2)
        assert far.status().detail.startswith("ended by SIGTERM; next attempt in ")
    assert not is_alive(first)
    assert not is_alive(second)


async def test_what_a_feed_may_ask_say_and_spoil_is_as_in_the_hub(acme, caplog):
    caplog.set_level(logging.INFO)
    far = Far("asks", clock=ManualClock(T0))
    far.supervisor.watch(frozenset({"chain BTC"}))
    task = asyncio.create_task(far.supervisor.run())
    try:
        await until(far.said)
        await until(lambda: "low on" in caplog.text)
        status = far.status()
        seed = random.Random(random.Random(1).getrandbits(63)).random()
        assert far.said() == [f"[{T0}, {T0 + 3_600_000}] (True, False) ['chain BTC'] {seed:.6f}"]
        assert far.questions == [("OpenInterest", "okx", "BTC", ""), ("okx", "BTC", True), ("okx", "BTC", False)]
        assert (status.state, status.detail, status.channels) == ("stale", "slow", {"trades": "live"})
        assert (status.events, status.rejected, status.reconnects, status.dropped) == (4, 4, 1, 0)
        assert (status.venue, status.lag_ms) == ("okx", 40.0)
        newest = [event for event in far.events if type(event) is Ticker][-1]
        assert newest.last == 3.0
        assert T0 <= newest.recv < T0 + 600_000, "the clock is the desk's"
        assert far.supervisor._feed.quiet_s == 42.0
        assert "feed far: acme: low on" in caplog.text
        assert "feed far rejected 'not an event': a feed can't emit a str" in caplog.text
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_feed_that_raises_is_begun_again_and_its_traceback_is_in_the_log(acme, caplog):
    async with running("raises_far") as far:
        await until(lambda: far.naps)
        assert far.status().detail.startswith("ConnectionError: the venue hung up; next attempt in ")
        assert far.said() == ["once"]
    assert "acme_feeds.py" in caplog.text


async def test_a_feed_that_leaves_python_is_begun_again(acme):
    async with running("leaves") as far:
        await until(lambda: far.naps)
        assert far.status().detail.startswith("SystemExit: no licence; next attempt in ")


@pytest.mark.parametrize(
    ("kind", "options", "said"),
    [
        ("nonesuch", {}, "feed 'nonesuch' isn't installed"),
        ("demo", {}, "demo has a desk to itself"),
        ("dies", {"paht": ""}, "unknown field `paht`"),
    ],
)
async def test_a_feed_that_can_not_run_is_down_with_the_reason_and_left_alone(acme, kind, options, said):
    far = Far(kind, options=options, process="own")
    await far.supervisor.run()
    assert far.status().state == "down"
    assert said in far.status().detail
    assert far.naps == []


async def test_a_source_that_can_wait_does_while_the_hub_takes_nothing(acme, tmp_path):
    waits, done = tmp_path / "waits", tmp_path / "done"
    async with running("floods", options={"path": str(tmp_path)}) as far:
        async with far.supervisor._turns:
            await until(lambda: waits.exists() or done.exists())
            assert not done.exists()
        await until(lambda: len(far.events) >= 120_000)
        assert Counter(event.id for event in far.events) == Counter(map(str, range(120_000)))
        assert far.status().dropped == 0


async def test_a_process_that_does_not_end_is_killed_at_once_when_told_again(acme):
    far = Far("deaf")
    task = asyncio.create_task(far.supervisor.run())
    await until(far.said)
    pid = int(far.said()[0])
    task.cancel()
    await until(far.supervisor._feed._child.stdin.is_closing)
    assert is_alive(pid), "it gets a while"
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()
    assert not is_alive(pid)


def test_what_finds_no_room_is_a_gap_and_is_counted():
    outbox = Outbox("far")
    outbox._mailbox = Mailbox(2)
    for event in (*map(trade, range(5)), *map(ticker, (1.0, 2.0, 3.0))):
        outbox.put(Encoded(event))
    items, turn = outbox.take()
    events = [item.event for item in items]
    assert [type(event).__name__ for event in events] == ["Trade", "Trade", "Ticker", "Gap"]
    assert (events[2].last, events[3].feed, events[3].dropped) == (3.0, "far", 3)
    assert (turn.conflated, turn.dropped) == (2, 3)
    assert outbox.take() == ([], Turn())
    far = Far("asks")
    for item in items:
        far.supervisor.take(item)
    far.supervisor.turned(turn)
    assert (far.status().events, far.status().dropped) == (8, 3)


def test_what_waits_for_the_hub_is_bounded_whatever_the_feed_says_and_logs():
    outbox = Outbox("far")
    for number in range(3_000):
        outbox.say("live", f"number {number}" + "x" * 10_000)
        outbox.reject("x" * 10_000, "bad")
        outbox.held(Hold(None, number / 10, "a.py:1 in run", True))
        outbox.emit(logging.LogRecord("acme", logging.INFO, "", 0, "y" * 10_000, None, None))
    _, turn = outbox.take()
    assert len(msgspec.json.encode(turn)) < 1_000_000
    assert turn.rejected == 3_000
    assert turn.said.detail.startswith("number 2999x")


def test_the_clock_of_the_process_follows_the_desks_and_never_goes_back():
    machine = ManualClock(1_000)
    clock = AlongsideClock(T0, machine.now)
    assert clock.now() == T0 + 1_000
    machine.advance(500)
    clock.follow(T0 + 200)
    assert clock.now() == T0 + 1_700
    clock.follow(T0 - 5_000)
    assert clock.now() == T0 + 1_700
    machine.advance(6_000)
    assert clock.now() == T0 + 2_500


def test_no_process_outlives_a_hub_that_was_killed(acme, tmp_path):
    """Neither one that waits nor one that blocks, though the hub has no chance to say anything to them."""
    argv = [sys.executable, CHILD, msgspec.json.encode(config("deaf", "dies")).decode(), f"unix:{tmp_path}/hub.sock"]
    with subprocess.Popen(argv, start_new_session=True) as hub:
        children = Path(f"/proc/{hub.pid}/task/{hub.pid}/children")
        asyncio.run(until(lambda: hub.poll() is not None or len(children.read_text().split()) == 2))
        pids = [int(pid) for pid in children.read_text().split()]
        hub.kill()
    assert len(pids) == 2
    asyncio.run(until(lambda: not any(map(is_alive, pids))))
