"""A snapshot is the model: folding it gives the same figures, and the two stay equal whatever comes after."""

import json
import math
import subprocess
import sys

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from deskmon.clock import DAY, HOUR
from deskmon.events import (
    MIN_TS,
    Book,
    Candle,
    Checkpoint,
    FeedStatus,
    Funding,
    Headline,
    Journal,
    Liquidation,
    OpenInterest,
    Pulse,
    Reset,
    Ticker,
    Trade,
    encode_event,
)
from deskmon.model import TOPICS, Model
from deskmon.model.figures import State, schema
from tests.model.markets import T, anything, moments, split, wired

HEADER = Journal(version=1, source="simulated", ts=T, started=T - DAY, mode="demo")
PULSE = Pulse(ts=T, seq=9, mode="demo")
TICKER = Ticker(ts=T, venue="bybit", symbol="BTC/USDT:USDT", last=100.0)

OLD = T - 8 * DAY
BTC = {"venue": "elsewhere", "symbol": "BTC/USDT:USDT"}
A_DAY_APART = [
    Candle(ts=OLD, timeframe="1m", open_time=OLD, open=1.0, high=1.0, low=1.0, close=1.0, volume=1.0, **BTC),
    Ticker(ts=OLD + 26 * HOUR, last=1.0, **BTC),
]
"""A minute that must count before the next one pushes it out."""
LATE = [Ticker(ts=OLD, last=1.0, **BTC), Ticker(ts=OLD + 1, last=2.0, **BTC), Ticker(ts=OLD + 2, last=1.5, **BTC)]
"""Prices of an hour that closed long ago."""


def printed(model, now=T):
    return msgspec.json.encode(model.state(now))


def model_of(events):
    model = Model()
    model.apply(events)
    assert not model.rejected, model.samples
    return model


@given(st.lists(anything, max_size=40), st.lists(anything, max_size=15), st.sampled_from([[], [HEADER]]), moments)
def test_a_snapshot_gives_the_same_figures_now_and_after_the_same_events(events, further, opening, now):
    model = model_of([*opening, *events])
    late = model_of(wired(model.snapshot()))
    assert printed(late, now) == printed(model, now)
    assert late.tape.entries == model.tape.entries
    assert list(late.feeds.gaps) == list(model.feeds.gaps)
    for each in (model, late):
        each.apply(further)
    assert printed(late, now) == printed(model, now)
    assert late.tape.entries == model.tape.entries
    for symbol in model.prices.figures(now):
        assert late.prices.sparkline_values(symbol, now, HOUR, 12) == model.prices.sparkline_values(
            symbol, now, HOUR, 12
        )


@given(st.lists(anything, max_size=40), st.lists(anything, max_size=15))
def test_a_snapshot_is_what_the_model_was_when_it_was_taken(events, further):
    """Its columns become text later, while the model goes on."""
    model = model_of([HEADER, *events])
    snapshot = model.snapshot()
    then, known = [*map(encode_event, snapshot)], printed(model)
    model.apply(further)
    assert [*map(encode_event, snapshot)] == then
    other = model_of(snapshot)
    assert printed(other) == known
    other.apply(further)
    assert printed(other) == printed(model)
    assert [*map(encode_event, snapshot)] == then


@example(events=A_DAY_APART, cuts=[1], asked=[T], now=T)
@example(events=LATE, cuts=[2], asked=[T], now=T)
@given(
    st.lists(anything, max_size=40), st.lists(st.integers(0, 40), max_size=5), st.lists(moments, max_size=5), moments
)
def test_batches_and_questions_in_between_change_nothing(events, cuts, asked, now):
    whole = model_of(events)
    parts = Model()
    for number, batch in enumerate(split(events, cuts)):
        parts.apply(batch)
        for moment in asked[number : number + 1]:
            parts.state(moment)
    assert printed(parts, now) == printed(whole, now)


@given(st.lists(anything, max_size=20))
def test_a_snapshot_replaces_whatever_was_known_before(events):
    model = model_of([HEADER, *events, PULSE])
    other = model_of([Ticker(ts=T + DAY, venue="okx", symbol="XRP/USDT", last=2.0), Headline(ts=T, text="old")])
    other.apply(wired(model.snapshot()))
    assert printed(other) == printed(model)
    assert (other.header, other.pulse) == (HEADER, PULSE)


def test_a_snapshot_of_nothing_is_nothing():
    late = model_of(wired(Model().snapshot()))
    assert printed(late) == printed(Model())
    assert late.liquidations.figures(T).windows == {}
    late.apply([TICKER])
    assert late.liquidations.figures(T).windows["1h"].counts_from == T


def test_a_snapshot_larger_than_python_sorts_by_hand():
    events = [
        Liquidation(ts=T - 60_000 * (number % 7_000), venue="bybit", symbol="BTC/USDT", side="long", price=1.0,
                    amount=1.0, usd=number * 7_919 % 45_000 / 8, id=str(number))
        for number in range(1, 45_000)
    ]  # fmt: skip
    model = model_of([HEADER, *events])
    late = model_of(wired(model.snapshot()))
    assert printed(late) == printed(model)
    late.apply(events[-100:])
    assert printed(late) == printed(model)


def test_late_events_find_their_place_in_a_restored_model():
    def liquidation(ts):
        return Liquidation(ts=ts, venue="okx", symbol="BTC/USDT", side="long", price=1.0, amount=1.0, usd=1.0)

    def ticker(ts, last):
        return Ticker(ts=ts, venue="okx", symbol="BTC/USDT", last=last)

    held = [*(liquidation(T - HOUR * step) for step in range(6)), ticker(T - HOUR, 50.0), ticker(T, 100.0)]
    late = [
        *(liquidation(T - HOUR * step) for step in (5, 4, 3, 2, 1, 0)),
        ticker(T - 1, 99.0),
        ticker(T - HOUR - DAY, 10.0),
    ]
    model = model_of([HEADER, *held])
    restored = model_of(wired(model.snapshot()))
    for each in (model, restored):
        each.apply(late)
        windows = each.liquidations.figures(T).windows
        assert [windows[name].count for name in ("1h", "4h", "12h")] == [2, 8, 12]
        assert each.prices.sparkline_values("BTC/USDT", T, 26 * HOUR, 26) == [*[10.0] * 24, 50.0, 100.0]


def test_every_topic_moves_with_its_events_and_with_a_reset():
    model = Model()
    assert set(model.revisions) == set(TOPICS)
    before = model.revisions
    model.apply([TICKER])
    moved = {topic for topic in TOPICS if model.revisions[topic] != before[topic]}
    assert "prices" in moved
    assert not moved & {"funding", "open_interest", "depth", "feeds", "trades", "clock"}
    seen = [model.revisions]
    model.apply([Reset(ts=T)])
    assert all(model.revisions[topic] > seen[0][topic] for topic in TOPICS)
    assert printed(model) == printed(Model())


def test_a_pulse_moves_the_clock_and_names_the_mode():
    model = model_of([HEADER])
    assert model.mode == "demo"
    before = model.revisions["clock"]
    model.apply([Pulse(ts=T, seq=1, mode="replay")])
    assert model.revisions["clock"] > before
    assert (model.mode, model.state(T).source) == ("replay", "simulated")


def test_the_mode_of_a_journal_that_names_none():
    assert Model().mode == "live"
    assert model_of([Journal(version=1, source="live")]).mode == "live"
    assert model_of([Journal(version=1, source="recorded")]).mode == "replay"


def test_what_cannot_be_folded_is_counted_and_the_rest_goes_on():
    model = Model()
    model.apply(
        [
            "not an event",
            Checkpoint(ts=MIN_TS, part="nonsense", data={}),
            Checkpoint(ts=MIN_TS, part="prices", data=[["BTC/USDT", "okx", {}, ["AAAA"]]]),
            Checkpoint(ts=MIN_TS, part="liquidations", data={"since": 1, "rows": {"columns": []}}),
            Checkpoint(ts=MIN_TS, part="depth", data=None),
            TICKER,
        ]
    )
    assert model.rejected == 5
    assert [kind for kind, _ in model.samples] == ["str", *["Checkpoint"] * 4]
    assert model.prices.price("BTC/USDT:USDT") == 100.0
    assert list(model.prices.figures(T)) == ["BTC/USDT:USDT"]


def test_rows_of_an_unknown_key_are_no_checkpoint():
    source = model_of([Liquidation(ts=T, venue="a", symbol="B/C", side="long", price=1.0, amount=1.0, usd=1.0)])
    data = source.liquidations.checkpoint() | {"keys": []}
    model = Model()
    model.apply([Checkpoint(ts=T, part="liquidations", data=data)])
    assert model.rejected == 1
    assert model.liquidations.figures(T).windows == {}


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, 1e18, 1e300])
def test_no_number_that_is_none_can_enter(number):
    about = {"ts": T, "venue": "okx", "symbol": "BTC/USDT"}
    for make in (
        lambda: Ticker(**about, last=number), lambda: Ticker(**about, last=1.0, high_24h=number),
        lambda: Trade(**about, price=1.0, amount=number, side="buy"),
        lambda: Liquidation(**about, side="long", price=1.0, amount=1.0, usd=number),
        lambda: Funding(**about, rate=number, interval_hours=8.0),
        lambda: OpenInterest(**about, amount=1.0, usd=number),
        lambda: Book(**about, bids=((1.0, number),), asks=()), lambda: Book(**about, bids=(), asks=((number, 1.0),)),
        lambda: Candle(**about, timeframe="1m", open_time=T, open=1.0, high=1.0, low=1.0, close=number, volume=1.0),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=r"number|positive"):
            make()


def test_the_smallest_and_the_largest_numbers_give_finite_figures_or_none():
    tiny, huge = 5e-324, 9e17
    about = {"venue": "okx", "symbol": "BTC/USDT"}
    model = model_of([
        Ticker(ts=T - DAY, last=tiny, **about), Ticker(ts=T, last=huge, open_24h=tiny, low_24h=tiny, **about),
        OpenInterest(ts=T - DAY, amount=tiny, usd=tiny, **about), OpenInterest(ts=T, amount=huge, usd=huge, **about),
        OpenInterest(ts=T, venue="htx", symbol="BTC/USDT", amount=huge, usd=huge),
        Funding(ts=T, rate=huge, interval_hours=0.02, **about),
        Book(ts=T, bids=((tiny, huge),), asks=((huge, huge), (huge * 1.01, huge)), **about),
    ])  # fmt: skip
    assert json.loads(printed(model), parse_constant=pytest.fail)
    assert model.prices.figures(T)["BTC/USDT"].change_pct["24h"] is None
    assert model.open_interest.figures(T)["BTC/USDT"].venues["okx"].change_24h_pct is None
    model.apply([Funding(ts=T, rate=0.1, interval_hours=tiny, **about)])
    assert model.rejected == 1


@given(st.lists(anything, max_size=30), moments)
def test_the_state_is_json_of_its_own_schema_with_unknown_as_null(events, now):
    text = printed(model_of(events), now)
    assert msgspec.json.encode(msgspec.json.decode(text, type=State)) == text
    assert b"NaN" not in text


def test_whole_numbers_are_printed_like_all_others():
    """A feed may say 8 where a journal says 8.0."""
    about = {"ts": T, "venue": "okx", "symbol": "BTC/USDT"}
    model = model_of([
        Ticker(**about, last=100, bid=99, ask=101, mark=100, index=100, open_24h=90, high_24h=110, low_24h=80),
        Funding(**about, rate=0, interval_hours=8), OpenInterest(**about, amount=5, usd=500),
        Liquidation(**about, side="long", price=1, amount=2, usd=2), Book(**about, bids=((9, 1),), asks=((11, 1),)),
        FeedStatus(ts=T, feed="f", state="live", detail="", lag_ms=5),
    ])  # fmt: skip
    assert printed(model) == printed(model_of(wired(model.snapshot())))


def test_the_schema_names_every_part():
    shape = schema()
    assert set(shape["$defs"]["State"]["required"]) == {
        "at", "mode", "source", "hub", "hubs", "prices", "liquidations", "funding", "open_interest", "options",
        "levels", "depth", "flows", "holdings", "metrics", "headlines", "calendar", "log",
        "correlations", "feeds", "alerts", "scenarios",
    }  # fmt: skip
    msgspec.json.encode(shape)


def test_a_small_desk_is_summed_without_numpy():
    """The screen's first frame must not wait for numpy."""
    code = (
        "import sys\n"
        "from deskmon.bench.ingest import market\n"
        "from deskmon.model import Model\n"
        "model = Model()\n"
        "model.apply(market(3000))\n"
        "assert model.state(1_767_225_610_000).liquidations.windows['1m'].count > 0\n"
        "print([name for name in ('numpy', 'pandas', 'ccxt', 'textual', 'aiohttp') if name in sys.modules])\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
