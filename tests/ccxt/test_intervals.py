"""How often funding is due: known before any other history, and right from the first frame after it changed."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.clock import HOUR, MINUTE
from deskmon.events import Candle, Funding
from deskmon.feeds.ccxt.intervals import Intervals
from tests.ccxt import venues
from tests.ccxt.desk import running
from tests.ccxt.replay_server import Binance, ReplayServer

T = 1_790_006_400_000 // (8 * HOUR) * 8 * HOUR
BASES = [f"A{number}" for number in range(30)]


def mark(base, due, now):
    return {"e": "markPriceUpdate", "E": now, "s": f"{base}USDT", "p": "5", "i": "5", "r": "0.0001", "T": due}


def history(*times):
    """What the venue answers for any symbol whose fundings were settled at `times`."""
    return lambda request: [
        {"symbol": request.query["symbol"], "fundingRate": "0.0001", "fundingTime": ts, "markPrice": "5"}
        for ts in times
    ]


async def never(request):
    await asyncio.Event().wait()


def binance(server, *bases, channels=("funding",)):
    venues.serve_markets(server, "binance", *bases)
    return running(**venues.binanceusdm(server, symbols=bases, channels=channels))


async def test_funding_of_many_symbols_does_not_wait_for_candles():
    async with ReplayServer(Binance()) as server:
        server.json["/fapi/v1/fundingRate"] = history(T - 16 * HOUR, T - 8 * HOUR, T)
        server.json["/fapi/v1/klines"] = never
        for base in BASES:
            server.frames[f"{base.lower()}usdt@markPrice@1s"] = [mark(base, T + 8 * HOUR, T)]
        async with binance(server, *BASES, channels=("funding", "candles", "open_interest")) as desk:
            await desk.until(lambda: len({event.symbol for event in desk.of(Funding, kind="predicted")}) == 30)
        assert {event.interval_hours for event in desk.of(Funding, kind="predicted")} == {8.0}
        assert not desk.of(Candle)


async def test_intervals_that_the_venue_lists_come_by_one_request():
    async with ReplayServer(Binance()) as server:
        server.json["/fapi/v1/fundingInfo"] = [
            {"symbol": f"{base}USDT", "fundingIntervalHours": 4 if base == "A0" else 8} for base in BASES
        ]
        server.json["/fapi/v1/fundingRate"] = never
        for base in BASES:
            server.frames[f"{base.lower()}usdt@markPrice@1s"] = [mark(base, T + 8 * HOUR, T)]
        async with binance(server, *BASES) as desk:
            await desk.until(lambda: len({event.symbol for event in desk.of(Funding)}) == 30)
            first = next(path for path in server.requests if "exchangeInfo" not in path)
        assert first.startswith("/fapi/v1/fundingInfo")
        assert {e.symbol for e in desk.of(Funding, interval_hours=4.0)} == {"A0/USDT:USDT"}


async def test_a_venue_that_goes_from_8_h_to_4_h_is_told_as_4_h_at_once():
    async with ReplayServer(Binance()) as server:
        server.json["/fapi/v1/fundingRate"] = history(T - 16 * HOUR, T - 8 * HOUR, T)
        server.frames["a0usdt@markPrice@1s"] = [mark("A0", T + 4 * HOUR, T + 2 * HOUR)]
        async with binance(server, "A0") as desk:
            await desk.until(lambda: desk.of(Funding, kind="predicted"))
        (told,) = desk.of(Funding, kind="predicted")
        assert (told.interval_hours, told.next_ts) == (4.0, T + 4 * HOUR)
        assert {event.interval_hours for event in desk.of(Funding, kind="settled")} == {8.0}


def known(*settlements):
    intervals = Intervals()
    intervals.settle("S", settlements)
    return intervals


@pytest.mark.parametrize(
    ("due", "now", "stated", "hours"),
    [
        (T + 8 * HOUR, T + 2 * HOUR, None, 8.0),
        (T + 4 * HOUR, T + 2 * HOUR, None, 4.0),
        (T + 4 * HOUR, T + 2 * HOUR, 8.0, 4.0),
        (T + 8 * HOUR, T + 2 * HOUR, 4.0, 4.0),
        (T + 12 * HOUR, T + 2 * HOUR, None, 8.0),
        (T + 12 * HOUR, T + HOUR // 2, None, 12.0),
        (T + 12 * HOUR, T + HOUR // 2, 8.0, 8.0),
        (T + 2 * HOUR + 7 * MINUTE, T + 2 * HOUR, None, 8.0),
        (T, T + 2 * HOUR, None, 8.0),
        (None, T + 2 * HOUR, None, 8.0),
        (None, T + 2 * HOUR, 1.0, 1.0),
    ],
)
def test_the_shorter_distance_counts(due, now, stated, hours):
    assert known(T - 8 * HOUR, T).until("S", due, now, stated) == hours


def test_a_settlement_that_passed_on_the_stream_counts_before_history_tells_it():
    intervals = known(T - 8 * HOUR, T)
    assert intervals.until("S", T + 4 * HOUR, T + HOUR, None) == 4.0
    intervals.settle("S", [T - 8 * HOUR, T])
    assert intervals.until("S", T + 8 * HOUR, T + 4 * HOUR + 5_000, None) == 4.0
    intervals.settle("S", [T - 8 * HOUR, T])
    assert intervals.until("S", T + 8 * HOUR, T + 6 * HOUR, None) == 4.0
    intervals.settle("S", [T, T + 4 * HOUR])
    assert intervals.get("S") == 4.0
    assert intervals.until("S", T + 16 * HOUR, T + 8 * HOUR + 5_000, None) == 8.0


def test_nothing_known_is_nothing_told():
    assert Intervals().until("S", T + 8 * HOUR, T, None) is None
    assert known(T).until("S", T + 8 * HOUR, T + 3 * HOUR, None) is None
    assert known(T).get("S") is None


@given(st.lists(st.sampled_from([1, 2, 4, 8]), min_size=2, max_size=12), st.integers(1, 59), st.booleans())
def test_whatever_a_venue_changes_to_the_stream_tells_right_away(course, minutes, listed):
    """A desk that hears every due time tells each interval from the first frame on."""
    intervals, last = known(T - course[0] * HOUR, T), T
    if listed:
        intervals.state("S", float(course[0]))
    for hours in course:
        told = intervals.until("S", last + hours * HOUR, last + minutes * 1_000, None)
        assert told == hours
        last += hours * HOUR
