"""Feed health, and the tape."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.events import EtfFlow, FeedStatus, Gap, Liquidation, Trade
from deskmon.model import Model
from deskmon.model.tape import HELD, Tape
from tests.model.markets import T, liquidations, trades


def status(ts=T, feed="bybit", state="live", **more):
    return FeedStatus(ts=ts, feed=feed, state=state, detail="all channels", **more)


def gap(feed="bybit", dropped=5, ts=T):
    return Gap(ts=ts, feed=feed, venue="bybit", channel="trades", since=ts - 10, until=ts, dropped=dropped)


def fold(*events):
    model = Model()
    model.apply(events)
    assert not model.rejected
    return model


def feed(*events, now=T):
    return fold(*events).feeds.figures(now)["bybit"]


def test_the_newest_status_stands():
    shown = feed(status(T, state="stale", events=7, channels={"trades": "poll"}), status(T - 1))
    assert (shown.state, shown.events, shown.channels) == ("stale", 7, {"trades": "poll"})


def test_age_is_since_the_feeds_last_event_and_unknown_before_it():
    assert feed(status(last_event=T - 400), now=T + 600).age_ms == 1_000
    assert feed(status()).age_ms is None


def test_rate_is_of_the_counters_over_ten_seconds():
    course = [status(T + second * 1_000, events=second * (50 if second <= 20 else 100)) for second in range(21)]
    assert feed(*course).rate == pytest.approx(50.0)
    assert feed(*course, status(T + 30_000, events=2_000)).rate == pytest.approx(100.0)


def test_rate_is_unknown_from_one_counter_and_after_a_restart():
    assert feed(status(events=100)).rate is None
    assert feed(status(events=100), status(T + 1_000, events=3)).rate is None
    assert feed(status(events=100), status(T + 1_000, events=3), status(T + 2_000, events=13)).rate == 10.0


def test_what_gaps_counted_is_dropped_unless_the_status_counts_more():
    assert feed(status(dropped=3), gap(), gap(feed="okx")).dropped == 5
    assert feed(status(dropped=30), gap(), gap()).dropped == 30
    assert feed(gap(), gap(), status()).dropped == 10


def test_gaps_are_held_newest_last_and_bounded():
    model = fold(*(gap(ts=T + step) for step in range(1_200)))
    assert len(model.feeds.gaps) == 1_000
    assert model.feeds.gaps[-1].ts == T + 1_199
    assert model.feeds.figures(T) == {}


def trade(usd, ts=T, id=None, venue="bybit"):
    return Trade(ts=ts, venue=venue, symbol="BTC/USDT", price=10.0, amount=usd / 10, side="buy", id=id)


def liquidation(ts=T, id=None):
    return Liquidation(ts=ts, venue="bybit", symbol="BTC/USDT", side="long", price=1.0, amount=1.0, usd=1.0, id=id)


def test_only_big_trades_are_on_the_tape_and_every_liquidation():
    model = Model(big_trade_usd=1_000.0)
    model.apply([trade(999.0), trade(1_000.0), liquidation()])
    assert {type(entry) for entry in model.tape.entries} == {Trade, Liquidation}
    assert len(model.tape.entries) == 2


def test_an_item_sent_twice_is_on_the_tape_once():
    big = trade(1e6, id="1")
    model = fold(big, big, trade(1e6, id="1", venue="okx"), liquidation(id="1"), liquidation(id="1"))
    assert len(model.tape.entries) == 3


def test_a_trade_that_is_not_big_moves_nothing():
    model = fold(trade(1e6))
    before = model.revisions
    model.apply([trade(1.0), trade(1e6, id="1")])
    moved = model.revisions
    model.apply([trade(1e6, id="1")])
    assert moved["trades"] == before["trades"] + 1
    assert model.revisions == moved


@given(st.lists(liquidations | trades, max_size=60))
def test_the_tape_runs_by_event_time(events):
    tape = Tape(big_trade_usd=1e6)
    for event in events:
        tape.fold(event)
    times = [entry.ts for entry in tape.entries]
    assert times == sorted(times)
    assert [*tape.newest()] == [*reversed(tape.entries)]


def test_the_tape_is_bounded_and_trades_never_push_liquidations_off():
    model = fold(liquidation(T - 5), *(trade(1e6, T + step) for step in range(HELD + 10)))
    assert len(model.tape.entries) == HELD + 1
    assert model.tape.entries[0] == liquidation(T - 5)
    assert model.tape.entries[1].ts == T + 10


def test_what_the_model_leaves_out_stands_among_the_feeds_with_its_reason():
    model = Model()
    model.apply([EtfFlow(ts=T, asset="BTC", fund="IBIT", date="2099-06-01", usd=1.0)] * 3)
    row = model.state(T).feeds["model"]
    assert (row.rejected, row.service, row.events) == (3, True, 0) and "EtfFlow" in row.detail
    late = Model()
    late.apply(model.snapshot())
    assert late.state(T).feeds == model.state(T).feeds
    model.clear()
    assert model.state(T).feeds == {}
