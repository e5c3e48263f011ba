"""Feeds leave the hub's process while its loop is behind: the dearest first, one at a time, no more than needed."""

from __future__ import annotations

import asyncio
import os

import pytest

from deskmon.events import Encoded
from deskmon.hub import loop_load
from deskmon.hub.feed_mover import AGAIN_S, BUSY, LEAST, REST_S, FeedMover
from deskmon.hub.loop_load import SPAN_S, LoopLoad, seconds_at_work
from deskmon.hub.mailbox import Mailbox
from deskmon.hub.processors import processors
from deskmon.loop_watch import OWNER
from deskmon.turns import Turns
from tests.hub.market import trade
from tests.hub.waiting import until


class Feed:
    """A supervisor as the mover sees it."""

    def __init__(self, cost=0.0, *, may_move=True):
        self.cost, self.may_move, self.is_moving, self.has_process = cost, may_move, False, False
        self.why: list[str] = []

    def move(self, why):
        self.why.append(why)
        self.is_moving, self.may_move = True, False

    def settle(self, *, has_moved=True):
        self.is_moving, self.has_process, self.may_move = False, has_moved, not has_moved


class Bench:
    """A mover whose loop is at work for `share` of each second, and whose feeds take their `cost` of it."""

    def __init__(self, *feeds, share=1.0, processors=2):
        self.now = self.worked = 0.0
        self.share, self.feeds = share, list(feeds)
        self.mover = FeedMover(
            lambda: self.feeds, self, load=LoopLoad(lambda: self.worked, self.timer), processors=lambda: processors,
            timer=self.timer,
        )  # fmt: skip

    def timer(self):
        return self.now

    def take_spent(self):
        return {feed: feed.cost for feed in self.feeds} | {None: 5.0}

    def run(self, seconds):
        """Let seconds pass; who is told to move meanwhile."""
        before = [len(feed.why) for feed in self.feeds]
        for _ in range(round(seconds)):
            self.mover.look()
            self.now += 1.0
            self.worked += self.share
        return [feed for feed, told in zip(self.feeds, before, strict=True) if len(feed.why) > told]


def test_the_dearest_feed_moves_once_the_loop_was_busy_for_ten_seconds():
    cheap, dear, fixed = Feed(0.1), Feed(0.3), Feed(0.5, may_move=False)
    bench = Bench(cheap, dear, fixed)
    assert bench.run(SPAN_S) == []
    assert bench.run(1) == [dear]
    assert dear.why == ["the hub's loop was busy for 10 s"]


@pytest.mark.parametrize(
    ("fields", "cost"),
    [({"share": BUSY - 0.05}, 0.5), ({"processors": 1}, 0.5), ({}, LEAST - 0.01)],
    ids=["it keeps up", "one processor", "no feed is dear"],
)
def test_nothing_moves_where_it_need_not_or_would_not_help(fields, cost):
    assert Bench(Feed(cost), **fields).run(100) == []


def test_one_moves_at_a_time_and_the_next_after_a_rest():
    first, second = Feed(0.4), Feed(0.3)
    bench = Bench(first, second)
    assert bench.run(SPAN_S + 1) == [first]
    assert bench.run(200) == [], "the first is still moving"
    first.settle()
    assert bench.run(REST_S) == []
    assert bench.run(1) == [second]


def test_it_stops_when_the_loop_keeps_up():
    first, second = Feed(0.4), Feed(0.3)
    bench = Bench(first, second)
    bench.run(SPAN_S + 1)
    first.settle()
    bench.share = 0.6
    assert bench.run(1_000) == []


def test_a_feed_that_could_not_move_is_left_for_a_while():
    first, second = Feed(0.4), Feed(0.3)
    bench = Bench(first, second)
    bench.run(SPAN_S + 1)
    first.settle(has_moved=False)
    assert bench.run(REST_S + 1) == [second]
    second.settle()
    assert bench.run(AGAIN_S - REST_S - 1) == []
    assert bench.run(REST_S) == [first]


def test_a_burst_is_no_load():
    worked = iter([0.0, 1.0, 2.0, 2.1, 2.2])
    now = iter([0.0, 1.0, 2.0, 6.0, 10.0])
    load = LoopLoad(lambda: next(worked), lambda: next(now))
    shares = []
    for _ in range(5):
        load.look()
        shares.append(round(load.share, 2))
    assert shares == [0.0, 0.0, 0.0, 0.0, 0.22]


def test_a_thread_is_at_work_while_it_runs_or_waits_for_a_processor(monkeypatch, tmp_path):
    told = tmp_path / "schedstat"
    told.write_text("1500000000 500000000 3\n")
    monkeypatch.setattr(loop_load, "Path", lambda _: told)
    assert seconds_at_work() == 2.0
    monkeypatch.setattr(loop_load, "thread_time", lambda: 12.5)
    for text in ("", "not numbers"):
        told.write_text(text)
        assert seconds_at_work() == 12.5, "where nobody says how long it waited"
    told.unlink()
    assert seconds_at_work() == 12.5


@pytest.mark.parametrize(
    ("group", "quota", "count"),
    [
        ("0::/", "max 100000", 4), ("0::/", "50000 100000", 0.5), ("0::/", "900000 100000", 4),
        ("1:cpu:/\n0::/system.slice/desk", "150000 100000", 1.5), ("0::/gone", "50000 100000", 4), ("", "", 4),
    ],
)  # fmt: skip
def test_a_quota_counts_as_so_many_processors(monkeypatch, tmp_path, group, quota, count):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2, 3}, raising=False)
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text(f"{group}\n")
    for place in ("", "system.slice/desk"):
        folder = tmp_path / "sys/fs/cgroup" / place
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "cpu.max").write_text(quota)
    assert processors(tmp_path) == count


async def test_slices_are_charged_to_whose_work_they_are():
    now = [0.0]
    turns = Turns(lambda: now[0])

    async def work(owner, seconds):
        OWNER.set(owner)
        for _ in range(2):
            async with turns:
                now[0] += seconds

    await asyncio.gather(work("okx", 0.5), work("bybit", 0.25))
    assert turns.take_spent() == {"okx": 1.0, "bybit": 0.5}
    assert turns.take_spent() == {}


async def test_a_source_waits_while_the_mailbox_has_no_room():
    mailbox = Mailbox(8)
    turns = Turns(has_room=lambda: mailbox.has_room)
    taken = []

    async def source():
        for number in range(6):
            async with turns:
                taken.append(number)
                mailbox.put(Encoded(trade(number)))

    task = asyncio.create_task(source())
    for _ in range(20):
        await asyncio.sleep(0)
    assert taken == [0, 1]
    assert turns.held_s > 0.0
    mailbox.drain()
    await until(lambda: len(taken) == 4)
    assert mailbox.statistics().dropped == 0
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    mailbox.drain()
    async with asyncio.timeout(5):
        async with turns:
            taken.append("another")
    assert taken[-1] == "another", "who was cancelled while it waited is in nobody's way"
