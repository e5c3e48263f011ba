"""What holds a loop is found by looking at it, and named by whose it is; who merely ran last isn't blamed."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager

import pytest
from msgspec.structs import replace

from deskmon.hub.loop_holds import LoopHolds
from deskmon.loop_watch import LEAST_S, OWNER, TICK_S, Hold, LoopWatch


class Stage:
    """A loop in a thread, watched by hand: what it runs waits until it is let go."""

    def __init__(self):
        self.now = self.busy = 0.0
        self.holds: list[Hold] = []
        self.watch = LoopWatch(self.holds.append, timer=lambda: self.now)
        self.begun, self.go = threading.Event(), threading.Event()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        self.watch.begin()
        self.watch._busy = lambda: self.busy
        self.loop.call_soon(self.begun.set)
        self.loop.run_forever()
        self.loop.close()

    def block(self, owner):
        """In a task of `owner`'s: begin to hold the loop."""

        async def deep():
            self.begun.set()
            self.go.wait()

        async def work():
            OWNER.set(owner)
            await asyncio.create_task(deep())

        self.begun.clear()
        self.go.clear()
        asyncio.run_coroutine_threadsafe(work(), self.loop)
        assert self.begun.wait(30)

    def let_go(self):
        self.go.set()
        idle = threading.Event()
        self.loop.call_soon_threadsafe(idle.set)
        assert idle.wait(30)

    def look(self, passed=TICK_S, worked=0.0):
        self.now += passed
        self.busy += worked
        self.watch.look()


@contextmanager
def stage():
    it = Stage()
    it.thread.start()
    assert it.begun.wait(30)
    try:
        yield it
    finally:
        it.go.set()
        it.loop.call_soon_threadsafe(it.loop.stop)
        it.thread.join(30)


def test_who_holds_the_loop_is_named_with_the_place_while_it_does_and_after():
    with stage() as on:
        on.block("acme")
        on.look()
        for _ in range(10):
            on.look()
        assert [hold.over for hold in on.holds] == [False] * len(on.holds)
        last = on.holds[-1]
        assert last.owner == "acme"
        assert last.seconds == pytest.approx(10 * TICK_S)
        assert "test_loop_watch.py:" in last.where
        assert "Stage.block.<locals>.deep → threading.py:" in last.where
        on.let_go()
        on.look()
        assert replace(on.holds[-1], where="") == Hold("acme", last.seconds, "", True)
        told = len(on.holds)
        on.look()
        assert len(on.holds) == told, "an idle loop is held by nobody"


def test_short_work_is_not_told_of():
    with stage() as on:
        for _ in range(10):
            on.block("acme")
            on.look()
            for _ in range(round(LEAST_S / TICK_S) - 1):
                on.look()
            on.let_go()
        assert on.holds == []


def test_a_machine_that_had_no_time_is_nobodys_fault():
    with stage() as on:
        on.block("acme")
        on.look()
        on.look(passed=3600.0)
        assert on.holds == []


def test_code_that_keeps_pythons_lock_is_found_by_its_time_of_the_processor():
    with stage() as on:
        on.look()
        on.block("acme")
        on.look(passed=5.0, worked=4.9)
        assert [(hold.owner, hold.seconds) for hold in on.holds] == [("acme", 4.9)]
        on.look(passed=2.0, worked=1.9)
        assert on.holds[-1].seconds == pytest.approx(6.8)


class Timer:
    now = 100.0

    def __call__(self):
        return self.now


def test_the_worst_hold_of_the_last_minute_is_kept_and_one_hold_counts_once():
    timer = Timer()
    holds = LoopHolds("feed acme", "the hub's loop", timer)
    assert (holds.worst(), holds.words()) == (None, "")
    for tenth in range(3, 31):
        timer.now = 100.0 + tenth / 10
        holds.note(tenth / 10, "a.py:1 in run", over=tenth == 30)
    assert len(holds._recent) == 1
    timer.now += 30
    holds.note(0.6, "b.py:2 in run", over=True)
    assert holds.worst() == (3.0, "a.py:1 in run")
    assert holds.words() == "held the hub's loop for 3.0 s at a.py:1 in run"
    timer.now += 31
    assert holds.worst() == (0.6, "b.py:2 in run")
    timer.now += 31
    assert holds.worst() is None


def test_a_short_hold_is_counted_but_makes_no_words():
    timer = Timer()
    holds = LoopHolds("feed acme", "the hub's loop", timer)
    holds.note(0.3, "a.py:1 in run", over=True)
    assert (holds.worst().seconds, holds.words()) == (0.3, "")


def test_the_log_names_a_hold_while_it_lasts_and_when_it_is_over_some_times_a_minute(caplog):
    timer = Timer()
    holds = LoopHolds("feed acme", "the hub's loop", timer)
    for _ in range(50):
        timer.now += 2
        for seconds in (0.3, 0.6, 0.9):
            timer.now += 0.3
            holds.note(seconds, "a.py:1 in run", over=seconds == 0.9)
    lines = [record.getMessage() for record in caplog.records]
    assert lines[:2] == [
        "feed acme holds the hub's loop, for 0.6 s by now, at a.py:1 in run",
        "feed acme held the hub's loop for 0.9 s, at a.py:1 in run",
    ]
    assert len(lines) == 2 * 5 * 3, "five a minute, of 145 s"
