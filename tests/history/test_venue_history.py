"""What venues tell of the past: asked for page by page, only where the desk lacks it, and valued as it was then."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.clock import DAY, HOUR, MINUTE, ManualClock, WallClock
from deskmon.events import Funding, OpenInterest
from deskmon.feeds.ccxt import history
from deskmon.feeds.ccxt.feed import CcxtFeed
from deskmon.feeds.ccxt.history import missing_hours, missing_rates, open_interest, opens, share_of
from deskmon.feeds.ccxt.instruments import Instrument, UnknownValue
from deskmon.feeds.ccxt.units import Units
from tests.ccxt import venues
from tests.ccxt.desk import Desk
from tests.ccxt.replay_server import Binance, Bybit, Deribit, Okx, ReplayServer

NOW = WallClock().now() // HOUR * HOUR - 40 * MINUTE  # near the wall clock, which ccxt asks by
TOP = NOW - NOW % HOUR
LINEAR = Instrument("BTCUSDT", "BTC/USDT:USDT", "BTC", "USDT", "USDT", "linear", 0.01, units=Units(past="contracts"))
INVERSE = Instrument("BTCUSD", "BTC/USD:BTC", "BTC", "USD", "BTC", "inverse", 100.0, units=Units(past="contracts"))


def counting(market, unit):
    return replace(market, units=Units(past=unit))


@given(st.sets(st.integers(-3, 60)), st.integers(0, 50), st.integers(1, 12))
def test_pages_hold_each_missing_hour_once_and_begin_and_end_with_one(held, length, page):
    start, end = TOP + 7 * MINUTE, TOP + length * HOUR
    pages = list(missing_hours(sorted(TOP + hour * HOUR for hour in held), start, end, page))
    asked = [first + n * HOUR for first, count in pages for n in range(count)]
    missing = [TOP + hour * HOUR for hour in range(length) if hour not in held]
    assert sorted(set(asked)) == asked
    assert set(missing) <= set(asked)
    assert all(first in missing and first + (count - 1) * HOUR in missing for first, count in pages)
    assert all(count <= page for _, count in pages)


@given(st.sets(st.integers(0, 90)), st.integers(2, 90), st.sampled_from([4, 10, 96]))
def test_pages_of_funding_cover_each_missing_settlement_and_the_one_before_it(held, length, page):
    interval = 8 * HOUR
    end = TOP + length * interval + 2 * HOUR
    pages = list(missing_rates(sorted(TOP + n * interval for n in held), TOP, end, interval, page))
    for n in range(1, length + 1):
        if n not in held:
            at = TOP + n * interval
            assert any(since <= at - interval and at <= until for since, until in pages)
    assert all(until - since <= (page // 2 + 1) * interval + MINUTE for since, until in pages)
    if held >= set(range(length + 1)):
        assert pages == []


def row(ts=TOP, amount=None, value=None, **info):
    return {"timestamp": ts, "openInterestAmount": amount, "openInterestValue": value, "info": info}


def told(record, market=LINEAR, prices=None, **more):
    event = open_interest(record, market, "v", NOW, prices or {}, **more)
    return event.amount, event.usd


def test_a_row_is_valued_by_the_venue_where_it_says_so():
    assert told(row(amount=700.0, value=420_000.0)) == (7.0, 420_000.0)
    assert told(row(amount=7.0, value=420_000.0), counting(LINEAR, "base")) == (7.0, 420_000.0)


def test_a_row_without_a_value_is_valued_at_the_price_of_its_hour_not_of_today():
    prices = opens([[TOP, 60_000.0, 1, 1, 1, 1], [TOP + HOUR, 90_000.0, 1, 1, 1, 1]], LINEAR)
    assert told(row(ts=TOP + 5, amount=700.0), prices=prices) == (7.0, 420_000.0)
    assert told(row(ts=TOP + HOUR, amount=700.0), prices=prices) == (7.0, 630_000.0)
    assert told(row(value=42_000.0), counting(INVERSE, "quote"), prices) == (0.7, 42_000.0)
    assert told(row(amount=420.0), INVERSE, prices) == (0.7, 42_000.0)


def test_a_row_of_which_nobody_says_what_it_counts_is_no_event():
    with pytest.raises(UnknownValue, match="counts"):
        told(row(amount=700.0, value=420_000.0), counting(LINEAR, None))


@pytest.mark.parametrize("record", [row(amount=700.0), row(), row(ts=TOP + DAY, value=5.0)])
def test_a_row_of_which_no_price_is_known_is_no_event(record):
    with pytest.raises(UnknownValue):
        told(record, prices={TOP - HOUR: 1.0})
    with pytest.raises((UnknownValue, TypeError, ValueError)):
        told({**record, "timestamp": None}, prices={TOP: 1.0})


def test_bybit_rows_that_count_both_sides_of_a_contract_are_halved():
    ticker = {"openInterest": "59891.732", "singleOpenInterest": "29945.866"}
    assert share_of(row(amount=58_000.0), ticker) == 0.5
    assert share_of(row(amount=31_000.0), ticker) == 1.0
    assert share_of(row(value=31_000.0), ticker) == 1.0
    assert share_of(row(amount=58_000.0), {"openInterest": "59891.732"}) == 1.0
    assert told(row(amount=700.0, value=420_000.0), share=0.5) == (3.5, 210_000.0)


class Past(Desk):
    """A desk at a set time that holds some of the past."""

    def __init__(self, held=()):
        super().__init__()
        self.context.clock = ManualClock(NOW)
        self.context.stored_times = lambda kind, venue, symbol: [at for of, at in held if of is kind]


async def fetched(desk, options, met):
    task = asyncio.create_task(CcxtFeed("test", CcxtFeed.Options(**options)).run(desk.context))
    try:
        await desk.until(lambda: task.done() or met())
    finally:
        task.cancel()
        await asyncio.wait([task])


def asked(server, path):
    """Queries of the requests for `path`, in order."""
    return [
        {key: values[0] for key, values in parse_qs(parts.query).items()}
        for parts in map(urlsplit, server.requests)
        if parts.path == path
    ]


async def test_binance_open_interest_of_29_days_but_what_the_desk_holds():
    path, hours = "/futures/data/openInterestHist", 29 * 24

    def answer(request):
        since, end = int(request.query["startTime"]), int(request.query["endTime"])
        figures = {"symbol": "BTCUSDT", "sumOpenInterest": "7.5", "sumOpenInterestValue": "450000"}
        return [{**figures, "timestamp": ts} for ts in range(since, min(end, TOP), HOUR)]

    held = [(OpenInterest, TOP - n * HOUR) for n in range(1, hours - 99)]
    async with ReplayServer(Binance()) as server:
        venues.serve_markets(server, "binance", "BTC")
        server.json[path] = answer
        server.json["/fapi/v1/openInterest"] = {"symbol": "BTCUSDT", "openInterest": "8", "time": NOW}
        options = venues.binanceusdm(server, symbols=("BTC",), channels=("open_interest",))
        everything, rest = Past(), Past(held)
        await fetched(everything, options, lambda: len(everything.of(OpenInterest)) >= hours)
        whole = asked(server, path)
        server.requests.clear()
        await fetched(rest, options, lambda: len(rest.of(OpenInterest)) >= 100)
        pages = asked(server, path)
    assert {event.ts for event in everything.of(OpenInterest)} == {TOP - n * HOUR for n in range(1, hours + 1)}
    assert [int(query["limit"]) for query in whole] == [196, 500]
    assert {(event.amount, event.usd) for event in everything.of(OpenInterest)} == {(7.5, 450_000.0)}
    assert [int(query["limit"]) for query in pages] == [100]
    assert max(event.ts for event in rest.of(OpenInterest)) == TOP - (hours - 99) * HOUR
    assert not [why for _, why in everything.rejected + rest.rejected if "history" in why]


async def test_bybit_open_interest_has_no_value_and_takes_the_price_of_its_hour(monkeypatch):
    monkeypatch.setitem(history.OPEN_INTEREST, "bybit", history.Offer(3 * HOUR, 200))

    def rows(request):
        found = [{"openInterest": "20", "timestamp": str(TOP - n * HOUR)} for n in range(1, 5)]
        return {
            "retCode": 0,
            "result": {"symbol": "BTCUSDT", "category": "linear", "list": found, "nextPageCursor": ""},
        }

    def candles(request):
        found = [[str(TOP - n * HOUR), str(1000 * n), "9", "9", "9", "9", "9"] for n in range(5)]
        return {"retCode": 0, "result": {"symbol": "BTCUSDT", "category": "linear", "list": found}}

    ticker = {"symbol": "BTCUSDT", "lastPrice": "5", "openInterest": "21", "singleOpenInterest": "10.5"}
    async with ReplayServer(Bybit()) as server:
        venues.serve_markets(server, "bybit", "BTC")
        server.json["/v5/market/open-interest"] = rows
        server.json["/v5/market/kline"] = candles
        server.json["/v5/market/tickers"] = {
            "retCode": 0,
            "result": {"category": "linear", "list": [ticker]},
            "time": NOW,
        }
        desk = Past()
        options = venues.bybit(server, symbols=("BTC",), channels=("open_interest",))
        await fetched(desk, options, lambda: len(desk.of(OpenInterest)) >= 3)
    assert [(event.ts, event.amount, event.usd) for event in desk.of(OpenInterest)] == [
        (TOP - n * HOUR, 10.0, 10_000.0 * n) for n in (3, 2, 1)
    ]


async def test_okx_settled_funding_is_paged_back_to_where_the_desk_holds_it(monkeypatch):
    path, interval = "/api/v5/public/funding-rate-history", 8 * HOUR
    last = TOP - TOP % interval

    def answer(request):
        newest = min(int(request.query.get("after", NOW)), NOW)
        oldest = int(request.query.get("before", 0))
        found = [
            {"instId": "BTC-USDT-SWAP", "fundingRate": "9", "realizedRate": f"0.000{n % 10}", "fundingTime": str(at)}
            for n in range(400)
            if oldest < (at := last - n * interval) < newest
        ]
        return {"code": "0", "data": found[: int(request.query["limit"])]}

    def older():
        return [query for query in asked(server, path) if "after" in query]

    held = [(Funding, last - n * interval) for n in range(150, 400)]
    async with ReplayServer(Okx()) as server:
        venues.serve_markets(server, "okx", "BTC")
        server.json[path] = answer
        desk = Past(sorted(held, key=lambda pair: pair[1]))
        options = venues.okx(server, symbols=("BTC",), channels=("funding",))
        await fetched(desk, options, lambda: len(older()) == 4 and len({event.ts for event in desk.of(Funding)}) >= 150)
        pages = older()
    settled = {event.ts: event for event in desk.of(Funding, kind="settled")}
    assert set(settled) >= {last - n * interval for n in range(150)}
    assert {event.interval_hours for event in settled.values()} == {8.0}
    assert {event.rate for event in settled.values()} == {n / 10_000 for n in range(10)}
    assert len(pages) == 4, "150 settlements, 48 to a page"
    assert min(int(query["before"]) for query in pages) >= last - 152 * interval


async def test_deribit_tells_what_was_paid_in_each_hour():
    market = {
        "instrument_name": "BTC-PERPETUAL", "kind": "future", "base_currency": "BTC", "quote_currency": "USD",
        "counter_currency": "USD", "settlement_currency": "BTC", "settlement_period": "perpetual", "is_active": True,
        "instrument_type": "reversed", "contract_size": 10.0, "min_trade_amount": 10.0, "tick_size": 0.5,
        "expiration_timestamp": 32503708800000, "creation_timestamp": 1534167754000, "future_type": "reversed",
        "maker_commission": 0, "taker_commission": 0,
    }  # fmt: skip

    def answer(request):
        first, last = int(request.query["start_timestamp"]), int(request.query["end_timestamp"])
        found = [
            {"timestamp": at, "index_price": 1.0, "interest_8h": 0.0008, "interest_1h": 0.0001}
            for n in range(900, -1, -1)
            if first <= (at := TOP - n * HOUR) <= last
        ]
        return {"jsonrpc": "2.0", "result": found}

    async with ReplayServer(Deribit()) as server:
        server.json["/api/v2/public/get_instruments"] = {"jsonrpc": "2.0", "result": [market]}
        server.json["/api/v2/public/get_funding_rate_history"] = answer
        desk = Past()
        options = venues.deribit(server, symbols=("BTC",), channels=("funding",))
        await fetched(desk, options, lambda: len({event.ts for event in desk.of(Funding)}) >= 400)
    assert {(event.rate, event.interval_hours) for event in desk.of(Funding)} == {(0.0001, 1.0)}
    assert min(event.ts for event in desk.of(Funding)) <= TOP - 400 * HOUR


async def test_a_venue_that_refuses_its_past_is_asked_three_times_and_told_once():
    path = "/futures/data/openInterestHist"
    async with ReplayServer(Binance()) as server:
        venues.serve_markets(server, "binance", "BTC", "ETH")
        server.json["/fapi/v1/openInterest"] = {"symbol": "BTCUSDT", "openInterest": "8", "time": NOW}
        server.json["/fapi/v1/ticker/24hr"] = {"symbol": "BTCUSDT", "lastPrice": "100", "closeTime": NOW}
        server.json[path] = {"code": -1000, "msg": "An unknown error occurred"}
        desk = Past()
        options = venues.binanceusdm(server, symbols=("BTC", "ETH"), channels=("open_interest",))
        told = lambda: sum("open interest history" in why for _, why in desk.rejected) == 2  # noqa: E731
        await fetched(desk, options, lambda: told() and desk.of(OpenInterest))
        assert len(asked(server, path)) == 6
    assert {event.amount for event in desk.of(OpenInterest)} == {8.0}, "what is, goes on"
