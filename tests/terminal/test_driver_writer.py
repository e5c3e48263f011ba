"""Bytes go out when the terminal takes them and the budget allows: never later, never more."""

import asyncio
import itertools
import os
import select
import tty

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.bench.board import CELL, HEIGHT, WIDTH
from deskmon.bench.render import (
    MOST_BYTES_PER_CELL,
    MOST_FIRST_SCREEN_KIB,
    MOST_FIRST_SCREEN_WITHOUT_REP_KIB,
    board_bytes,
)
from deskmon.terminal.grids import Terminal
from deskmon.terminal.writer import CHUNK, TerminalWriter, TokenBucket


@given(
    st.floats(100, 1e6),
    st.lists(st.tuples(st.floats(0, 2), st.integers(1, 5000)), max_size=60),
)
def test_a_bucket_lets_through_its_rate_and_a_burst_at_most(rate, steps):
    bucket, now, sent, most = TokenBucket(rate, 0.0), 0.0, 0, 0
    for pause, count in steps:
        now += pause
        if bucket.allowance(now) > 0:
            bucket.spend(count)
            sent += count
            most = max(most, count)
        assert sent <= rate * (now + 0.125) + most + 1e-6


@given(st.floats(100, 1e6), st.integers(1, 100_000))
def test_after_its_wait_a_bucket_lets_something_through(rate, count):
    bucket = TokenBucket(rate, 0.0)
    bucket.spend(count)
    wait = bucket.wait()
    assert bucket.allowance(wait * (1 + 1e-9) + 1e-9) > 0


def test_without_a_rate_there_is_no_limit():
    bucket = TokenBucket(0, 0.0)
    bucket.spend(10**9)
    assert bucket.allowance(0.0) == float("inf")


class Wire:
    """A pseudo-terminal whose writer runs on a clock of its own."""

    def __init__(self, kbps=0.0):
        self.now = 100.0
        self.lost = self.taken = 0
        self.master, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(slave, False)
        self.terminal = Terminal(WIDTH, HEIGHT)
        self.writer = TerminalWriter(self.terminal, slave, kbps=kbps, lost=self._lost, clock=lambda: self.now)

    def _lost(self):
        self.lost += 1

    def show(self, fill):
        self.terminal.write("\x1b[?1049h")
        self.terminal.write("".join(f"\x1b[{y + 1};1H{fill * WIDTH}" for y in range(HEIGHT)) + "\x1b[1;1H")
        self.writer.schedule()

    async def stall(self):
        """Show frame after frame until the pseudo-terminal takes no more."""
        for fill in itertools.cycle("ab"):
            self.show(fill)
            await asyncio.sleep(0)
            if self.writer.statistics().stalled_since is not None:
                return

    def read(self):
        """All that has been written and not read yet."""
        arrived = b""
        while len(arrived) < self.writer.statistics().bytes_written - self.taken:
            select.select([self.master], [], [])
            arrived += os.read(self.master, 1 << 20)
        self.taken += len(arrived)
        return arrived


@pytest.fixture
async def wire(request):
    wire = Wire(**getattr(request, "param", {}))
    yield wire
    wire.writer.close()
    os.close(wire.master)


@pytest.mark.parametrize("wire", [{"kbps": 80.0}], indirect=True)
async def test_max_kbps_is_kept_and_all_arrives_in_the_end(wire):
    timers = []
    wire.writer._loop = _Loop(timers)
    wire.show("x")
    received = 0
    row = WIDTH + 20
    start = wire.now
    while timers:
        delay, call = timers.pop()
        wire.now += delay
        call()
        received += len(wire.read())
        assert received <= 10_000 * (wire.now - start + 0.25) + row
    assert received > WIDTH * HEIGHT
    assert not wire.terminal.pending
    assert wire.now - start == pytest.approx(received / 10_000, abs=0.4)


class _Loop:
    """Keeps what should be called later."""

    def __init__(self, timers):
        self._timers = timers

    def call_soon(self, call):
        self._timers.append((0.0, call))
        return call

    def call_later(self, delay, call):
        self._timers.append((delay, call))
        return call


async def test_a_stalled_terminal_gets_the_newest_frame_not_the_missed_ones(wire):
    await wire.stall()
    stalled_since = wire.writer.statistics().stalled_since
    held = wire.writer.statistics().bytes_written
    for fill in "cdefgh":
        wire.now += 4.0
        wire.show(fill)
        await asyncio.sleep(0)
    assert wire.writer.statistics().stalled_since == stalled_since
    assert wire.writer.statistics().bytes_written == held
    arrived = wire.read()
    while wire.terminal.pending or wire.writer.statistics().stalled_since is not None:
        await asyncio.sleep(0)
        arrived += wire.read()
    assert not set(b"cdefg") & set(arrived)
    assert arrived.count(b"h" * WIDTH) == HEIGHT
    assert len(arrived) <= held + CHUNK + WIDTH + HEIGHT * (WIDTH + 16)


async def test_frames_of_one_turn_of_the_loop_go_as_one(wire):
    wire.show("a")
    await asyncio.sleep(0)
    wire.read()
    for number in range(10):
        wire.terminal.write(f"\x1b[1;1H{number}\x1b[1;1H")
        wire.writer.schedule()
    await asyncio.sleep(0)
    assert wire.read() == b"\x1b[H9"
    assert wire.writer.statistics().frames == 2


async def test_an_answer_goes_at_once_and_what_is_drawn_after_it_with_its_turn(wire):
    wire.show("a")
    await asyncio.sleep(0)
    wire.read()
    wire.terminal.write("\x1b[1;1H1\x1b[1;1H")
    wire.writer.schedule()
    wire.writer.send()
    assert wire.read() == b"\x1b[H1"
    wire.terminal.write("\x1b[1;2H2\x1b[1;1H")
    wire.writer.schedule()
    await asyncio.sleep(0)
    assert b"2" in wire.read()
    wire.writer.send()
    assert wire.read() == b""


async def test_the_first_frame_goes_at_once_and_later_ones_with_their_turn(wire):
    wire.terminal.write("\x1b[?1049h")
    wire.terminal.draw(0, 0, "first", 0)
    wire.terminal.drawn(0, 0)
    wire.writer.show()
    assert b"first" in wire.read()
    wire.terminal.draw(0, 1, "second", 0)
    wire.terminal.drawn(0, 0)
    wire.writer.show()
    assert wire.read() == b""
    await asyncio.sleep(0)
    assert b"second" in wire.read()


async def test_statistics_tell_the_rate_of_the_last_seconds(wire):
    wire.show("a")
    await asyncio.sleep(0)
    statistics = wire.writer.statistics()
    assert statistics.bytes_written == len(wire.read())
    assert statistics.kib_per_s == pytest.approx(statistics.bytes_written / 1024 / 5)
    assert statistics.cells == WIDTH * HEIGHT
    wire.now += 6.0
    assert wire.writer.statistics().kib_per_s == 0
    assert wire.writer.statistics().bytes_written == statistics.bytes_written


async def test_a_lost_terminal_is_reported_once(wire):
    os.close(wire.master)
    wire.show("a")
    await asyncio.sleep(0)
    wire.show("b")
    await asyncio.sleep(0)
    assert wire.lost == 1
    wire.master = os.open(os.devnull, os.O_RDONLY)


async def test_what_restores_the_terminal_goes_out_whole_even_in_the_middle_of_a_frame(wire):
    await wire.stall()
    wire.read()
    wire.terminal.write("\x1b[?1049l")
    wire.terminal.write("\x1b[?25h")
    wire.writer.finish(5.0)
    assert wire.read().endswith(b"\x18\x1b[m\x1b[?1049l\x1b[?25h")


def test_the_bytes_of_a_desk_stay_in_their_budget():
    sent = board_bytes(frames=40)
    assert CELL == 9
    assert sent.per_cell <= MOST_BYTES_PER_CELL == 22
    with_rep, without = sent.first_screen
    assert with_rep <= MOST_FIRST_SCREEN_KIB * 1024 == 12 * 1024
    assert without <= MOST_FIRST_SCREEN_WITHOUT_REP_KIB * 1024 == 16 * 1024
