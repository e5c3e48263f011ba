"""The machine's clock steps: the desk's goes on, prices stay live, and the step is said in words."""

from __future__ import annotations

import asyncio
import json
import random
import sys
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.clock import DAY, HOUR, MINUTE, SECOND, STEP, LiveClock
from deskmon.events import Book, Funding, Metric, OpenInterest, Ticker
from deskmon.feedkit import Feed
from deskmon.hub.clock_watch import LASTS, ClockWatch
from deskmon.hub.hub import Hub
from deskmon.model import Model
from tests.hub.market import T0, config
from tests.hub.waiting import until

BTC = "BTC/USDT:USDT"


class Machine:
    """A machine: a steady clock, and a wall clock that somebody sets."""

    def __init__(self, wall=T0):
        self.steady, self.offset = 5_000, wall - 5_000
        self.clock = LiveClock(lambda: self.steady + self.offset, lambda: self.steady)

    def passes(self, ms):
        self.steady += ms

    def set(self, ms):
        """Set the wall clock ahead, or back where negative."""
        self.offset += ms


@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(-STEP, STEP)), max_size=30))
def test_small_differences_are_taken_without_going_back(turns):
    machine, last = Machine(), T0
    for passed, step in turns:
        machine.passes(passed)
        machine.set(step)
        now = machine.clock.now()
        assert now >= last and now >= machine.steady + machine.offset
        last = now
    machine.passes(30 * STEP)
    assert machine.clock.now() == machine.steady + machine.offset


@given(st.lists(st.tuples(st.integers(0, 10**7), st.sampled_from([-DAY, -HOUR, -3 * SECOND, HOUR, DAY])), max_size=12))
def test_time_passes_at_its_own_pace_whatever_steps_the_machine_makes(turns):
    machine, passed, stepped = Machine(), 0, 0
    for each, step in turns:
        machine.passes(each)
        machine.set(step)
        passed, stepped = passed + each, stepped + step
        if abs(stepped) > STEP:
            assert machine.clock.now() == T0 + passed
            assert machine.clock.ahead() == stepped


class Quotes(Feed):
    """A venue with a right clock: `say` has it quote a price now, `ahead` is its clock less the machine's."""

    name, title = "quotes", ""
    context = None

    async def run(self, context):
        type(self).context = context
        await asyncio.Event().wait()


def say(kind, last, ts):
    recv = kind.context.clock.now()
    kind.context.emit(Ticker(ts=ts, recv=recv, venue="binance", symbol=BTC, last=last))


@asynccontextmanager
async def desk(machine):
    """A hub on a machine, and its one feed."""
    kind = type("Quoting", (Quotes,), {"context": None})
    hub = Hub(config("quotes"), clock=machine.clock, load=lambda _: kind, rng=random.Random(1))
    task = asyncio.create_task(hub.run())
    try:
        await until(lambda: kind.context is not None)
        yield hub, kind
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def shown(hub):
    figure = hub.stream.model.prices.figures(hub.now)[BTC]
    return figure.last, figure.age_ms


def told(hub):
    figure = hub.stream.model.feeds.figures(hub.now).get("clock")
    return None if figure is None else (figure.state, figure.detail)


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (-HOUR, "back by 1h"),
        (HOUR, "ahead by 1h"),
        (-DAY, "back by 1d"),
        (DAY, "ahead by 1d"),
        (-40_000, "back by 40s"),
    ],
)
async def test_a_step_of_the_machines_clock_freezes_no_price_and_is_said_in_words(step, words):
    machine = Machine()
    async with desk(machine) as (hub, kind):
        say(kind, 100.0, machine.clock.now())
        await until(lambda: hub.stream.model.prices.symbols)
        assert told(hub) is None
        true = T0
        for turn in range(3):
            machine.passes(7_000)
            true += 7_000
            if turn == 0:
                machine.set(step)
            say(kind, 101.0 + turn, true)
            await until(lambda turn=turn: shown(hub)[0] == 101.0 + turn)
            assert shown(hub)[1] == 0
        machine.passes(9_000)
        assert shown(hub) == (103.0, 9_000)
        await until(lambda: told(hub))
        state, detail = told(hub)
        assert state == "stale" and words in detail and detail.endswith("the desk keeps its own time")
        machine.set(-step)
        await until(lambda: told(hub)[0] == "live")
        assert words in told(hub)[1] and told(hub)[1].endswith("it agrees with the desk again")
        say(kind, 110.0, true + 9_000)
        await until(lambda: shown(hub) == (110.0, 0))


def watch(machine, *lags):
    return ClockWatch(machine.clock, lambda: lags)


def test_a_desk_that_began_behind_takes_the_machines_time_when_the_venues_agree_for_long():
    machine = Machine()
    said = watch(machine, -HOUR + 80.0, -HOUR - 20.0, 5.0)
    assert said.report(machine.clock.now()) is None
    machine.set(HOUR)
    first = said.report(machine.clock.now())
    assert first.state == "stale" and "the desk takes it in 10 min" in first.detail
    machine.passes(LASTS - 1)
    assert said.report(machine.clock.now()).state == "stale" and machine.clock.ahead() == HOUR
    machine.passes(1)
    taken = said.report(machine.clock.now())
    assert taken.state == "live" and taken.detail.endswith("the desk has taken it")
    assert machine.clock.ahead() == 0 and machine.clock.now() == T0 + LASTS + HOUR


@pytest.mark.parametrize("lags", [(), (80.0,), (-40.0, 90.0), (-HOUR, 90.0)])
def test_a_step_that_most_venues_do_not_share_is_never_taken(lags):
    machine = Machine()
    said = watch(machine, *lags)
    machine.set(HOUR)
    for _ in range(50):
        machine.passes(MINUTE)
        said.report(machine.clock.now())
    assert machine.clock.ahead() == HOUR and machine.clock.now() == T0 + 50 * MINUTE


def test_each_step_of_several_is_said():
    machine = Machine()
    said = watch(machine)
    for step, words in ((-HOUR, "back by 1h at"), (DAY, "ahead by 1d at"), (-2 * DAY, "back by 2d at")):
        machine.set(step)
        machine.passes(SECOND)
        assert words in said.report(machine.clock.now()).detail
    machine.set(DAY + HOUR)
    assert said.report(machine.clock.now()).detail.endswith("back by 2d at 08:53:23Z; it agrees with the desk again")


def test_a_step_back_with_which_the_venues_agree_asks_for_a_restart():
    machine = Machine()
    said = watch(machine, HOUR + 80.0)
    machine.set(-HOUR)
    machine.passes(2 * LASTS)
    assert said.report(machine.clock.now()).detail.endswith("the venues agree with it: restart the hub")
    assert machine.clock.ahead() == -HOUR


def model_of(*events):
    model = Model()
    model.apply(events)
    assert not model.rejected, model.samples
    return model


def ticker(last, ts, recv):
    return Ticker(ts=ts, recv=recv, venue="binance", symbol=BTC, last=last)


def test_a_venue_whose_clock_goes_back_shows_its_newest_price_with_the_age_of_its_arrival():
    model = model_of(ticker(100.0, T0, T0))
    for second in range(1, 60):
        now = T0 + second * SECOND
        model.apply([ticker(100.0 + second, now - HOUR, now)])
        if second > 11:
            figure = model.prices.figures(now + 300)[BTC]
            assert (figure.last, figure.age_ms) == (100.0 + second, 300)
    model.apply([ticker(200.0, T0 + MINUTE, T0 + MINUTE), ticker(150.0, T0 + MINUTE - SECOND, T0 + MINUTE + 50)])
    figure = model.prices.figures(T0 + MINUTE + 300)[BTC]
    assert (figure.last, figure.age_ms) == (200.0, 300)


def test_a_desk_whose_clock_was_set_back_takes_what_arrives():
    """As after a restart: what it remembers lies an hour ahead of what arrives now."""
    ahead, now = T0 + HOUR, T0 + SECOND

    def market(last, ts, recv):
        return [
            ticker(last, ts, recv),
            OpenInterest(ts=ts, recv=recv, venue="binance", symbol=BTC, amount=last, usd=last),
            Funding(ts=ts, recv=recv, venue="binance", symbol=BTC, rate=last / 1e6, interval_hours=8.0),
            Metric(ts=ts, recv=recv, name="gold", value=last),
            Book(ts=ts, recv=recv, venue="binance", symbol=BTC, bids=((last, 1.0),), asks=((last + 1, 1.0),)),
        ]  # fmt: skip

    model = model_of(*market(100.0, ahead, ahead), *market(200.0, now, now))
    state = model.state(now)
    assert state.prices[BTC].last == state.open_interest[BTC].usd == state.metrics["gold"].value == 200.0
    assert state.funding[BTC].venues["binance"].rate == 2e-4
    assert state.depth[BTC].venues["binance"].mid == 200.5
    late = model_of(*market(200.0, ahead, ahead), *market(100.0, ahead - MINUTE, ahead - 50 * SECOND)).state(ahead)
    assert late.prices[BTC].last == late.open_interest[BTC].usd == late.metrics["gold"].value == 200.0
    assert late.funding[BTC].venues["binance"].rate == 2e-4 and late.depth[BTC].venues["binance"].mid == 200.5


PROCESS = """
import asyncio, json, random, time
from tests.hub.test_clock_steps import BTC, desk, say, shown, told
from tests.hub.waiting import until
import tests.hub.test_clock_steps as steps
from deskmon.clock import LiveClock

real = time.time_ns
offset = 0
time.time_ns = lambda: real() + offset

class Here:
    clock = LiveClock()

async def main():
    global offset
    async with desk(Here) as (hub, kind):
        for step, last in ((0, 100.0), (-3_600, 101.0), (86_400, 102.0), (0, 103.0)):
            offset = step * 10**9
            say(kind, last, real() // 10**6)
            await until(lambda: BTC in hub.stream.model.prices.symbols and shown(hub)[0] == last)
            assert shown(hub)[1] < 20_000, shown(hub)
            await until(lambda: (told(hub) is not None) or not step)
            await until(lambda: not step or told(hub)[0] == "stale")
        await until(lambda: told(hub)[0] == "live")
        print(json.dumps(told(hub)))

asyncio.run(main())
"""


async def test_a_process_whose_wall_clock_is_set_goes_on():
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROCESS, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    assert json.loads(out)[1].endswith("it agrees with the desk again")
