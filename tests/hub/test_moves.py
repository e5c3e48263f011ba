"""A feed of the desk's own moves to a process of its own while the hub runs: nothing is lost, nothing told twice, and
what goes wrong there costs that feed alone."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from contextlib import asynccontextmanager
from functools import partialmethod
from random import Random

import pytest

from deskmon import plugins
from deskmon.clock import LiveClock
from deskmon.config.schema import Config, FeedConfig, HistoryConfig, JournalConfig
from deskmon.events import Gap, Trade
from deskmon.hub import feed_mover
from deskmon.hub.feed_mover import FeedMover
from deskmon.hub.handover import PATIENCE_S
from deskmon.hub.hub import Hub
from deskmon.hub.movable_feed import SAID_S, MovableFeed
from deskmon.hub.overlap import CALM_S, SURE_MS
from deskmon.hub.supervisor import Supervisor, is_movable
from tests.hub.market import config
from tests.hub.test_hub import state_of
from tests.hub.test_own_process import Far, is_alive
from tests.hub.waiting import until

WHY = "the hub's loop was busy for 10 s"


class Timer:
    now = 1_000.0

    def __call__(self):
        return self.now


class Venue:
    """Where feeds of the type `listens` connect to: it tells each connection what that feed is to do."""

    def __init__(self, path):
        self.path = str(path / "venue.sock")
        self.pids: list[int] = []
        self.open: list[bool] = []
        self._writers: list[asyncio.StreamWriter] = []

    async def talk(self, reader, writer):
        self.pids.append(int(await reader.readline()))
        self._writers.append(writer)
        self.open.append(True)
        place = len(self.open) - 1
        await reader.read()
        self.open[place] = False
        writer.close()

    def say(self, connection, *lines):
        self._writers[connection].write("".join(f"{line}\n" for line in lines).encode())


@pytest.fixture
async def venue(acme, tmp_path, monkeypatch):
    """With the feeds of acme taken for the desk's own."""
    monkeypatch.setattr(plugins, "OWN", plugins.feed_owner("listens"))
    venue = Venue(tmp_path)
    server = await asyncio.start_unix_server(venue.talk, venue.path)
    yield venue
    server.close()


@asynccontextmanager
async def listening(venue):
    """A feed that is live in the hub's process, its first trade told."""
    far = Far("listens", options={"path": venue.path})
    far.supervisor._load = plugins.load_feed
    task = far.task = asyncio.create_task(far.supervisor.run())
    try:
        await until(lambda: venue.pids)
        far.timer = far.supervisor._movable._timer = Timer()
        far.now = far.clock.now()
        venue.say(0, "live", f"trade first {far.now}")
        await until(lambda: trades(far))
        assert far.supervisor.may_move
        yield far
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def moving(venue):
    """The same, and its process is connected as well."""
    async with listening(venue) as far:
        far.supervisor.move(WHY)
        await until(lambda: len(venue.pids) == 2)
        far.later = far.clock.now() + SURE_MS + 5_000
        yield far


@asynccontextmanager
async def moved(venue):
    """The same, once it has moved."""
    async with moving(venue) as far:
        venue.say(1, "live", f"trade second {far.later}")
        await until(lambda: trades(far)[-1] == "second")
        venue.say(0, f"trade second {far.later}")
        await until(lambda: far.supervisor._movable._handover._overlap._is_there)
        far.timer.now += CALM_S
        await until(lambda: not venue.open[0])
        yield far


def trades(far):
    return [event.id for event in far.events if type(event) is Trade]


def gaps(far):
    return [event for event in far.events if type(event) is Gap]


@pytest.mark.parametrize(
    ("kind", "process", "may"),
    [("listens", "auto", True), ("listens", "shared", False), ("listens", "own", False), ("nonesuch", "auto", False)],
)
def test_only_a_feed_of_the_desks_own_moves_and_only_where_nobody_decided(acme, monkeypatch, kind, process, may):
    assert not is_movable(FeedConfig(type=kind, process=process)), "a third party's begins in a process of its own"
    monkeypatch.setattr(plugins, "OWN", plugins.feed_owner("listens"))
    assert is_movable(FeedConfig(type=kind, process=process)) is may


async def test_a_feed_that_is_recorded_and_a_market_that_is_played_stay_in_the_hub(venue):
    feed = FeedConfig(type="listens", options={"path": venue.path})
    for tape, may in ((None, True), (object(), False)):
        keeper = Supervisor(
            "far", feed, lambda item, origin: True, load=plugins.load_feed, clock=LiveClock(), rng=Random(1), tape=tape
        )
        assert (type(await keeper._made()) is MovableFeed) is may
    for name, moves in (("demo", False), ("listens", True)):
        hub = Hub(config(name, listens={"path": venue.path}))
        jobs = await hub._prepare()
        assert ("feed mover" in jobs) is moves
        for job in jobs.values():
            job.close()
        await hub._journals.close()


async def test_a_feed_moves_and_each_trade_is_told_once(venue, caplog):
    caplog.set_level(logging.INFO)
    async with moving(venue) as far:
        assert venue.pids[0] == os.getpid() != venue.pids[1]
        assert (far.supervisor.is_moving, far.supervisor.has_process) == (True, False)
        assert far.status().detail == f"moves to a process of its own: {WHY}; all well"
        venue.say(0, f"trade a {far.now + 1}", f"trade b {far.later}")
        await until(lambda: trades(far)[-1] == "b")
        venue.say(1, f"trade first {far.now}", f"trade b {far.later}", f"trade c {far.later + 1}")
        await until(lambda: trades(far)[-1] == "c")
        far.timer.now += CALM_S
        assert (far.status().state, venue.open) == ("live", [True, True]), "its process isn't live yet"
        venue.say(1, "live")
        await until(lambda: far.supervisor._movable._handover._is_live)
        venue.say(0, f"trade c {far.later + 1}", f"trade d {far.later + 2}")
        await until(lambda: trades(far)[-1] == "d")
        far.timer.now += CALM_S
        await until(lambda: not venue.open[0])
        assert (far.supervisor.is_moving, far.supervisor.has_process) == (False, True)
        assert not far.supervisor.may_move, "it stays there"
        venue.say(1, f"trade d {far.later + 2}", f"trade e {far.later + 3}")
        await until(lambda: trades(far)[-1] == "e")
        status = far.status()
        assert (status.state, status.detail) == ("live", f"moved to a process of its own: {WHY}; all well")
        far.timer.now += SAID_S
        assert far.status().detail == "all well"
    assert trades(far) == ["first", "a", "b", "c", "d", "e"]
    assert gaps(far) == []
    assert status.reconnects == 0
    assert f"feed far moves to a process of its own: {WHY}" in caplog.text
    assert "feed far has moved to a process of its own, after " in caplog.text
    assert not is_alive(venue.pids[1])


async def test_what_its_process_asks_the_hub_answers(venue):
    async with moved(venue) as far:
        venue.say(1, "claim")
        await until(far.said)
        assert far.said() == ["True"]
        assert far.questions == [("okx", "BTC", True)]


async def test_a_killed_process_costs_its_feed_a_gap_and_is_begun_again(venue):
    async with moved(venue) as far:
        os.kill(venue.pids[1], signal.SIGKILL)
        await until(lambda: far.naps)
        assert far.status().state == "reconnecting"
        assert "its process killed by SIGKILL; next attempt in " in far.status().detail
        assert gaps(far) == []
        far.again.set()
        await until(lambda: len(venue.pids) == 3)
        assert venue.pids[2] not in venue.pids[:2]
        venue.say(2, "live", f"trade third {far.later}")
        await until(lambda: trades(far)[-1] == "third")
        assert [type(event) for event in far.events[-2:]] == [Gap, Trade]
        assert (far.status().state, far.status().reconnects) == ("live", 1)
    assert not is_alive(venue.pids[2])


async def test_a_process_that_dies_before_the_feed_has_moved_costs_nothing(venue, caplog):
    async with moving(venue) as far:
        venue.say(1, "live", f"trade second {far.later}")
        await until(lambda: trades(far)[-1] == "second")
        os.kill(venue.pids[1], signal.SIGKILL)
        await until(lambda: not far.supervisor.is_moving)
        assert not far.supervisor.has_process
        assert "feed far stays in the hub's process: its process killed by SIGKILL" in caplog.text
        venue.say(0, f"trade third {far.later + 1}")
        await until(lambda: trades(far)[-1] == "third")
        assert (far.status().state, far.status().detail) == ("live", "all well")
        assert gaps(far) == []
        assert far.naps == []


async def test_a_process_that_is_not_live_in_time_is_ended_and_the_feed_stays(venue, caplog):
    async with moving(venue) as far:
        far.timer.now += PATIENCE_S
        await until(lambda: not far.supervisor.is_moving)
        assert not far.supervisor.has_process
        assert "feed far stays in the hub's process: its process wasn't live in time" in caplog.text
        assert not is_alive(venue.pids[1])
        assert gaps(far) == []


async def test_what_can_not_be_proven_to_be_whole_is_a_gap(venue, caplog):
    async with moving(venue) as far:
        venue.say(1, "live", f"trade second {far.later}")
        await until(lambda: trades(far)[-1] == "second")
        far.timer.now += PATIENCE_S
        await until(lambda: far.supervisor.has_process)
        venue.say(1, f"trade third {far.later + 1}")
        await until(lambda: trades(far)[-1] == "third")
        [gap] = gaps(far)
        assert (gap.feed, gap.venue, gap.channel) == ("far", "okx", "all")
        assert far.now <= gap.since <= gap.until
        assert "feed far: events may be missing from its move" in caplog.text


async def test_a_feed_that_dies_while_it_moves_is_begun_again_in_the_hub(venue):
    async with moving(venue) as far:
        venue.say(0, "raise")
        await until(lambda: far.naps)
        assert far.status().detail.startswith("ConnectionError: the venue hung up; next attempt in ")
        assert not is_alive(venue.pids[1])
        far.again.set()
        await until(lambda: len(venue.pids) == 3)
        assert venue.pids[2] == os.getpid()
        assert not far.supervisor.is_moving


async def test_a_feed_that_dies_when_its_process_is_live_goes_on_there(venue):
    async with moving(venue) as far:
        venue.say(1, "live", f"trade second {far.later}")
        await until(lambda: trades(far)[-1] == "second")
        venue.say(0, "raise")
        await until(lambda: far.supervisor.has_process)
        venue.say(1, f"trade third {far.later + 1}")
        await until(lambda: trades(far)[-1] == "third")
        assert far.naps == []
        assert len(gaps(far)) == 1


@pytest.mark.parametrize("times", [1, 2])
async def test_the_end_of_the_hub_ends_both_runs(venue, times):
    async with moving(venue) as far:
        for _ in range(times):
            far.task.cancel()
            await asyncio.sleep(0)
        await asyncio.gather(far.task, return_exceptions=True)
        assert far.task.cancelled()
        assert not is_alive(venue.pids[1])
        await until(lambda: venue.open == [False, False])


async def test_a_screen_that_looks_closely_is_known_wherever_the_feed_runs(venue):
    async with moving(venue) as far:
        far.supervisor.watch(frozenset({"chain BTC"}))
        assert far.supervisor._movable._handover.process._topics == ["chain BTC"]
        assert far.supervisor._movable._topics == {"chain BTC"}


def a_desk(venue, *, process="auto", more=""):
    feeds = {
        "far": FeedConfig(type="listens", process=process, options={"path": venue.path + more}),
        "near": FeedConfig(type="listens", process="shared", options={"path": venue.path}),
    }
    return Config(feeds=feeds, journal=JournalConfig(enabled=False), history=HistoryConfig(enabled=False))


@asynccontextmanager
async def busy_hub(venue, monkeypatch, **fields):
    """A hub whose loop is always busy, by its feeds."""
    monkeypatch.setattr(feed_mover, "LOOK_S", 0.01)
    monkeypatch.setattr(feed_mover, "LEAST", 0.0)
    monkeypatch.setattr(feed_mover.LoopLoad, "share", 1.0)
    monkeypatch.setattr(FeedMover, "__init__", partialmethod(FeedMover.__init__, processors=lambda: 2))
    hub = Hub(a_desk(venue, **fields), clock=LiveClock(), load=plugins.load_feed)
    task = asyncio.create_task(hub.run())
    try:
        await until(lambda: len(venue.pids) == 2)
        hub.far, hub.near = (each for each in hub._market.supervisors)
        yield hub
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert hub.stuck == []


async def test_a_busy_hub_moves_its_feed_a_crash_costs_that_alone_and_another_configuration_begins_anew(
    venue, monkeypatch
):
    async with busy_hub(venue, monkeypatch) as hub:
        now = hub.now
        for connection in (0, 1):
            venue.say(connection, "live", f"trade a{connection} {now}")
        await until(lambda: len(venue.pids) == 3)
        assert hub.far.is_moving and not hub.near.is_moving
        venue.say(2, "live")
        await until(lambda: hub.far._movable._handover._is_live)
        later = hub.now + 2 * SURE_MS
        for connection in (0, 1, 2):
            venue.say(connection, f"trade b {later}")
        await until(lambda: hub.far.has_process)
        await until(lambda: sorted(venue.open) == [False, True, True])
        os.kill(venue.pids[2], signal.SIGKILL)
        await until(lambda: state_of(hub, "far") == "reconnecting")
        assert state_of(hub, "near") == "live"
        await until(lambda: len(venue.pids) == 4)
        assert venue.pids[3] not in venue.pids[:3]
        hub.reload(a_desk(venue, more="/../venue.sock"))
        hub.reload(a_desk(venue))
        await until(lambda: len(venue.pids) == 5)
        assert venue.pids[4] == os.getpid(), "another configuration begins in the hub"
    await until(lambda: not any(is_alive(pid) for pid in venue.pids if pid != os.getpid()))


async def test_a_feed_that_shares_the_hubs_process_stays_there_however_busy_it_is(venue, monkeypatch):
    async with busy_hub(venue, monkeypatch, process="shared") as hub:
        venue.say(0, "live", f"trade a {hub.now}")
        await until(lambda: state_of(hub, "far") == "live")
        mover = FeedMover(lambda: [hub.far, hub.near], hub._turns)
        for _ in range(100):
            mover.look()
        assert not hub.far.is_moving and not hub.near.is_moving
