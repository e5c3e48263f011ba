"""Two runs of one feed at once: what they tell together is each event once, and none is missing once that is proven."""

from __future__ import annotations

from collections import Counter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.events import Gap, Headline, Liquidation, Ticker, Trade
from deskmon.hub.overlap import CALM_S, NEW, OLD, PASSED_MS, SURE_MS, Overlap
from tests.hub.market import T0, liquidation, ticker, trade


class Timer:
    now = 0.0

    def __call__(self):
        return self.now


def content(event):
    return msgspec.structs.replace(event, recv=None)


class World:
    """A venue with a market or two, each on a connection of its own in both runs, that a desk hears with delays.

    events: of each market, in order of time. asked: by market when the new run has subscribed to it.
    """

    def __init__(self, markets, since, live, asked, snapshot):
        self.timer = Timer()
        self.markets, self.since, self.live, self.asked = markets, since, live, asked
        self.overlap = Overlap(since, self.timer)
        self.now = since
        self.old = [sum(event.ts < since for event in events) for events in markets]
        self.new = [max(0, sum(event.ts < at for event in events) - snapshot)
                    for events, at in zip(markets, asked, strict=True)]  # fmt: skip
        self.told: list = []
        self.is_proven = False

    def lag_at_the_beginning(self, events):
        """So many events of before the new run began weren't told yet."""
        self.old = [max(0, at - events) for at in self.old]
        self.told = [content(event) for events, at in zip(self.markets, self.old, strict=True) for event in events[:at]]

    def deliver(self, run, market):
        """The next event of a market, where it has happened and the run has subscribed by now."""
        at, events = (self.old, self.new)[run], self.markets[market]
        if at[market] == len(events) or events[at[market]].ts > self.now:
            return False
        if run is NEW and self.now < self.asked[market]:
            return False
        if run is OLD and self.is_proven:
            return False
        event = events[at[market]]
        at[market] += 1
        # When it arrives differs; only what it tells is the same.
        event = msgspec.structs.replace(event, recv=self.now + run)
        if self.overlap.is_told(run, event):
            self.told.append(content(event))
        return True

    def pass_second(self):
        """The old run, however far behind, reads something of each connection meanwhile."""
        for market in range(len(self.markets)):
            self.deliver(OLD, market)
        self.now += 1_000
        self.timer.now += 1.0
        if self.now >= self.live:
            self.overlap.live(self.live)

    def look(self):
        if not self.is_proven and self.overlap.is_proven:
            self.is_proven = True
            self.overlap.muted = OLD


@st.composite
def worlds(draw):
    markets = []
    for number in range(draw(st.integers(1, 2))):
        ts, events = T0, []
        for place in range(draw(st.integers(0, 40))):
            ts += draw(st.sampled_from([0, 0, 1, 300, 1_000, 4_000]))
            has_id, price = draw(st.booleans()), draw(st.sampled_from([1.0, 2.0]))
            events.append(Trade(ts=ts, venue="okx", symbol=f"S{number}", price=price, amount=1.0, side="buy",
                                id=str(place) if has_id else None))  # fmt: skip
        markets.append(events)
    since = T0 + draw(st.integers(0, 10_000))
    live = since + draw(st.integers(0, 5_000))
    asked = [draw(st.integers(since, live + SURE_MS)) for _ in markets]
    world = World(markets, since, live, asked, draw(st.integers(0, 5)))
    world.lag_at_the_beginning(draw(st.integers(0, 5)))
    return world


@given(worlds(), st.lists(st.sampled_from(["old 0", "old 1", "new 0", "new 1", "pass"]), max_size=150))
def test_however_both_runs_interleave_each_trade_is_told_once_and_none_is_missing(world, steps):
    for step in [*steps, *["pass", "new 0", "new 1"] * 200]:
        run, _, market = step.partition(" ")
        if run == "pass":
            world.pass_second()
        elif int(market) < len(world.markets):
            world.deliver({"old": OLD, "new": NEW}[run], int(market))
        world.look()
    while any(world.deliver(run, market) for run in (OLD, NEW) for market in range(len(world.markets))):
        world.look()
    assert Counter(world.told) == Counter(content(event) for events in world.markets for event in events)


def overlapping(**fields):
    timer = Timer()
    return Overlap(T0, timer, **fields), timer


def alive(overlap, timer):
    """The new run is live, and the old one has caught up."""
    overlap.live(T0)
    overlap.is_told(OLD, ticker(1.0, ts=T0 + SURE_MS))
    timer.now += CALM_S


def test_the_old_run_may_end_once_both_tell_the_same():
    overlap, timer = overlapping()
    assert overlap.is_told(OLD, trade(1, ts=T0 + 1))
    assert not overlap.is_proven, "the new one isn't live"
    alive(overlap, timer)
    assert overlap.is_proven
    assert overlap.is_told(NEW, trade(2, ts=T0 + 2))
    assert not overlap.is_proven, "the old one hasn't told that yet"
    assert not overlap.is_told(OLD, trade(2, ts=T0 + 2))
    assert not overlap.is_proven, "it still tells what happened before the new one was live"
    timer.now += CALM_S
    assert overlap.is_proven


def test_a_run_that_does_not_hear_a_market_is_waited_for():
    overlap, timer = overlapping()
    alive(overlap, timer)
    assert overlap.is_told(OLD, liquidation(1, ts=T0 + SURE_MS))
    assert not overlap.is_proven
    assert not overlap.is_told(NEW, liquidation(1, ts=T0 + SURE_MS))
    assert overlap.is_proven


def test_an_old_run_that_tells_nothing_has_not_caught_up():
    overlap, timer = overlapping()
    overlap.live(T0)
    timer.now += 100
    assert not overlap.is_proven
    assert overlap.unproven_since == T0


def test_what_may_be_missing_begins_where_the_old_run_is():
    overlap, _ = overlapping()
    assert overlap.is_told(OLD, trade(1, ts=T0 - 7_000))
    assert overlap.unproven_since == T0 - 7_000


def test_what_happened_before_the_new_run_began_is_the_old_ones():
    overlap, _ = overlapping()
    assert not overlap.is_told(NEW, trade(1, ts=T0 - 1))
    assert overlap.is_told(NEW, trade(2, ts=T0))
    assert overlap.is_told(OLD, trade(1, ts=T0 - 1))
    overlap.muted = OLD
    assert overlap.is_told(NEW, trade(3, ts=T0 - 1)), "there is no old one any more"


def test_an_older_price_of_the_old_run_does_not_replace_a_newer_one():
    overlap, _ = overlapping()
    assert overlap.is_told(OLD, ticker(1.0, ts=T0))
    assert overlap.is_told(NEW, ticker(2.0, ts=T0 + 2_000))
    assert not overlap.is_told(OLD, ticker(1.5, ts=T0 + 1_000))
    assert overlap.is_told(OLD, ticker(1.5, ts=T0 + 1_000, symbol="ETH/USDT:USDT"))
    assert overlap.is_told(OLD, ticker(3.0, ts=T0 + 3_000))
    assert overlap.is_told(NEW, ticker(2.5, ts=T0 + 2_500)), "the model knows by itself which is newer"


def test_ledger_events_of_other_kinds_are_told_once_and_need_no_proof():
    overlap, timer = overlapping()
    alive(overlap, timer)
    gap = Gap(ts=T0, feed="far", venue="okx", channel="trades", since=T0 - 1, until=T0, dropped=0)
    for event in (gap, Headline(ts=T0 - 50_000, text="something happened")):
        assert overlap.is_told(NEW, event)
        assert not overlap.is_told(OLD, event)
        assert overlap.is_told(NEW, event), "its source tells it twice"
    assert overlap.is_proven


@pytest.mark.parametrize(("is_live", "muted"), [(True, OLD), (False, NEW)])
def test_what_is_remembered_is_bounded(is_live, muted):
    overlap, _ = overlapping(capacity=100)
    if is_live:
        overlap.live(T0)
    told = [overlap.is_told(number % 2, trade(number, ts=T0 + number)) for number in range(1_000)]
    assert overlap.muted is muted
    assert told[:100] == [True] * 100
    assert told[100:] == [number % 2 != muted for number in range(100, 1_000)]
    assert overlap._held <= 100
    for number in range(1_000):
        overlap.is_told(NEW, Ticker(ts=T0, venue="okx", symbol=f"S{number}", last=1.0))
    assert len(overlap._states) <= 100


def test_a_new_run_that_has_passed_the_old_one_repeats_nothing():
    overlap, _ = overlapping()
    overlap.is_told(OLD, trade(1, ts=T0 + 1))
    overlap.muted = OLD
    assert not overlap.is_over
    assert overlap.is_told(NEW, trade(2, ts=T0 + 2))
    assert not overlap.is_told(NEW, trade(1, ts=T0 + 1))
    assert overlap.is_over
    overlap, _ = overlapping()
    overlap.is_told(OLD, trade(1, ts=T0 + 1))
    overlap.muted = OLD
    overlap.is_told(NEW, trade(2, ts=T0 + 2 + PASSED_MS))
    assert overlap.is_over


def test_twins_without_an_id_are_both_told():
    overlap, _ = overlapping()
    twin = Liquidation(ts=T0, venue="okx", symbol="BTC/USDT:USDT", side="long", price=1.0, amount=1.0, usd=1.0)
    assert [overlap.is_told(run, twin) for run in (OLD, OLD, NEW, NEW, NEW)] == [True, True, False, False, True]
