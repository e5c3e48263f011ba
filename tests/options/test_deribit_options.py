"""The feed of chains and DVOL: parsing, and a run through ccxt against a venue on loopback."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress

import msgspec
import pytest
from aiohttp import web

from deskmon.clock import WallClock
from deskmon.events import Option, VolatilityIndex
from deskmon.feeds.deribit_options import (
    Contract,
    DeribitOptions,
    contract,
    currencies,
    index_value,
    option,
    streamed,
)
from deskmon.model import Model
from deskmon.testing import GARBAGE, check_feed
from tests.ccxt.desk import Desk
from tests.ccxt.replay_server import Deribit, ReplayServer
from tests.options.chains import worth

EXPIRY = 1_798_185_600_000  # 2026-12-25 08:00 UTC
RECV = 1_790_000_000_000
WHAT = Contract("BTC", None, EXPIRY, 100_000.0, "call")

INSTRUMENT = {
    "instrument_name": "BTC-25DEC26-100000-C", "kind": "option", "option_type": "call", "strike": 100000.0,
    "expiration_timestamp": EXPIRY, "is_active": True, "contract_size": 1.0, "base_currency": "BTC",
    "quote_currency": "BTC", "counter_currency": "USD", "settlement_currency": "BTC", "instrument_type": "reversed",
}  # fmt: skip

SUMMARY = {
    "instrument_name": "BTC-25DEC26-100000-C", "base_currency": "BTC", "quote_currency": "BTC", "bid_price": 0.0385,
    "ask_price": 0.042, "mid_price": 0.04025, "mark_price": 0.04007735, "mark_iv": 61.2, "open_interest": 274.2,
    "volume": 4.0, "underlying_price": 93742.14, "underlying_index": "BTC-25DEC26", "interest_rate": 0.0,
    "creation_timestamp": RECV - 40, "last": None, "low": None, "high": None, "price_change": None,
}  # fmt: skip


def test_an_option_in_coins():
    event = option(SUMMARY, WHAT, RECV)
    assert event == Option(
        ts=RECV - 40, recv=RECV, venue="deribit", underlying="BTC", expiry=EXPIRY, strike=100_000.0, kind="call",
        underlying_price=93_742.14, mark_iv=61.2, bid=0.0385, ask=0.042, mark=0.04007735, open_interest=274.2,
        volume_24h=4.0,
    )  # fmt: skip


def test_no_bid_is_nought_and_a_field_that_is_absent_unknown():
    event = option({**SUMMARY, "bid_price": None, "mark_iv": None}, WHAT, RECV)
    assert (event.bid, event.ask, event.mark_iv) == (0.0, 0.042, None)
    row = {name: value for name, value in SUMMARY.items() if name not in ("bid_price", "open_interest")}
    event = option(row, WHAT, RECV)
    assert (event.bid, event.open_interest) == (None, None)


def test_an_underlying_price_of_nought_is_refused():
    with pytest.raises(ValueError, match="underlying_price"):
        option({**SUMMARY, "underlying_price": 0}, WHAT, RECV)


TICKER = {
    "instrument_name": "BTC-25DEC26-100000-C", "timestamp": RECV - 7, "state": "open", "underlying_price": 93742.14,
    "underlying_index": "BTC-25DEC26", "mark_iv": 61.2, "bid_iv": 60.1, "ask_iv": 0.0, "best_bid_price": 0.0385,
    "best_bid_amount": 4.0, "best_ask_price": 0.0, "best_ask_amount": 0.0, "mark_price": 0.0401, "last_price": None,
    "open_interest": 274.2, "index_price": 93700.0, "interest_rate": 0.0, "settlement_price": 0.04,
    "stats": {"volume": 4.0, "price_change": None, "low": None, "high": None},
    "greeks": {"delta": 0.36, "gamma": 0.00002, "vega": 90.1, "theta": -30.0, "rho": 20.0},
}  # fmt: skip


def test_a_frame_of_an_option():
    assert streamed(TICKER, WHAT, RECV) == Option(
        ts=RECV - 7, recv=RECV, venue="deribit", underlying="BTC", expiry=EXPIRY, strike=100_000.0, kind="call",
        underlying_price=93_742.14, mark_iv=61.2, bid_iv=60.1, ask_iv=0.0, bid=0.0385, ask=0.0, mark=0.0401,
        open_interest=274.2, volume_24h=4.0, delta=0.36, gamma=0.00002,
    )  # fmt: skip


def test_a_contract_and_an_index_value():
    assert contract(INSTRUMENT) == ("BTC-25DEC26-100000-C", WHAT)
    with pytest.raises(ValueError, match="option_type"):
        contract({**INSTRUMENT, "option_type": "digital"})
    day = 86_400_000
    value = index_value([RECV - 2 * day, 61.0, 65.0, 60.0, 63.5], "ETH", day, RECV)
    assert (value.ts, value.value, value.underlying, value.name) == (RECV - day - 1, 63.5, "ETH", "DVOL")
    assert index_value([RECV - 10, 61, 65, 60, 63], "ETH", day, RECV).ts == RECV, "a candle that isn't over is of now"


@pytest.mark.parametrize("raw", GARBAGE, ids=lambda raw: repr(raw)[:30])
def test_garbage_is_no_event(raw):
    parsers = (
        contract,
        lambda row: option(row, WHAT, RECV),
        lambda row: streamed(row, WHAT, RECV),
        lambda row: index_value(row, "BTC", 1, RECV),
    )
    for parse in parsers:
        with pytest.raises((ArithmeticError, AttributeError, LookupError, TypeError, ValueError)):
            parse(raw)


def test_options_of_the_feed():
    assert msgspec.convert({}, DeribitOptions.Options).underlyings == ("BTC", "ETH")
    for wrong in ({"underlyings": []}, {"refresh_s": 0}, {"cadence": 3}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(wrong, DeribitOptions.Options)


class Venue(ReplayServer):
    """Deribit's three calls, for two coins; `now` is what its candles end at."""

    PATH = "/api/v2/public/"

    def __init__(self, now: int) -> None:
        super().__init__(Deribit())
        self.now = now
        self.rows: dict[str, list] = {}
        self.listed: dict[str, list] = {}
        for coin, price in (("BTC", 93_742.14), ("ETH", 3_100.0)):
            self.listed[coin], self.rows[coin] = _chain(coin, price, now)
        self.listed["USDC"], self.rows["USDC"] = _linear_chains(now)
        self.json = {
            f"{self.PATH}get_instruments": lambda request: _result(self.listed[request.query["currency"]]),
            f"{self.PATH}get_book_summary_by_currency": lambda request: _result(self.rows[request.query["currency"]]),
            f"{self.PATH}get_volatility_index_data": self._index,
        }

    def _index(self, request: web.Request) -> dict:
        step = {"1D": 86_400_000, "3600": 3_600_000, "60": 60_000}[request.query["resolution"]]
        first = max(int(request.query["start_timestamp"]), self.now - 40 * step) // step
        rows = [[at * step, 50.0, 52.0, 49.0, 50.0 + at % 7] for at in range(first, self.now // step + 1)]
        rows = [row for row in rows if row[0] <= int(request.query["end_timestamp"])]
        more = rows[-30][0] - 1 if step == 86_400_000 and len(rows) > 30 else None
        return _result({"data": rows[-30:] if more else rows, "continuation": more})

    def asked(self, call: str) -> list[str]:
        return [path for path in self.requests if path.startswith(self.PATH + call)]


def _result(result) -> dict:
    return {"jsonrpc": "2.0", "result": result, "usIn": 1, "usOut": 2, "usDiff": 1, "testnet": False}


def _chain(coin: str, price: float, now: int) -> tuple[list, list]:
    listed, rows = [], []
    for days in (10, 45):
        for part in range(60, 141, 10):
            for letter, kind in (("C", "call"), ("P", "put")):
                name = f"{coin}-{days}D-{part}-{letter}"
                about = {"strike": price * part / 100, "expiration_timestamp": now + days * 86_400_000,
                         "base_currency": coin, "quote_currency": coin}  # fmt: skip
                listed.append({**INSTRUMENT, "instrument_name": name, "option_type": kind, **about})
                rows.append({**SUMMARY, "instrument_name": name, "underlying_price": price, "creation_timestamp": now})
    return listed, rows


LINEAR = {"SOL": (150.0, 60.0), "XRP": (2.2, 75.0), "BTC": (93_742.14, 45.0)}
"""Coins with options settled in USDC: price, and volatility (percent) of all of them."""


def _linear_chains(now: int) -> tuple[list, list]:
    """The venue's answers for the currency USDC: the options of all coins in one list, prices in USDC; those of SOL are
    told without volatilities, so that they follow from the prices."""
    listed, rows = [], []
    for coin, (price, vol) in LINEAR.items():
        for days in (10, 45):
            for part in range(60, 141, 5):
                for letter, kind in (("C", "call"), ("P", "put")):
                    name, strike = f"{coin}_USDC-{days}D-{part}-{letter}", price * part / 100
                    listed.append(
                        {**INSTRUMENT, "instrument_name": name, "option_type": kind, "strike": strike,
                         "expiration_timestamp": now + days * 86_400_000, "base_currency": coin,
                         "quote_currency": "USDC", "counter_currency": "USDC", "settlement_currency": "USDC",
                         "instrument_type": "linear"}
                    )  # fmt: skip
                    mark = worth(price, strike, days / 365, vol / 100, kind)
                    rows.append(
                        {**SUMMARY, "instrument_name": name, "base_currency": coin, "quote_currency": "USDC",
                         "underlying_price": price, "creation_timestamp": now, "bid_price": 0.99 * mark,
                         "ask_price": 1.01 * mark, "mark_price": mark, "mark_iv": None if coin == "SOL" else vol}
                    )  # fmt: skip
    return listed, rows


@asynccontextmanager
async def running(server: Venue, **options):
    """A desk with the feed running on `server`."""
    desk = Desk()
    urls = {"rest": server.http, "ws": f"{server.ws}/ws/api/v2"}
    feed = desk.feed = DeribitOptions("deribit_options", DeribitOptions.Options(urls=urls, **options))
    task = asyncio.create_task(feed.run(desk.context))
    try:
        yield desk
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.fixture
async def venue():
    async with Venue(WallClock().now()) as server:
        yield server


async def test_two_chains_and_two_indices_become_figures(venue: Venue):
    async with running(venue) as desk:
        await desk.until(lambda: desk.statuses and desk.statuses[-1][0] == "live" and len(desk.of(Option)) >= 144)
        state, _, channels = desk.statuses[-1]
        assert channels == {
            "BTC chain": "36 options", "BTC DVOL": "by the minute", "ETH chain": "36 options",
            "ETH DVOL": "by the minute",
        }  # fmt: skip
    assert not desk.rejected and state == "live"
    for call, times in (("get_instruments", 2), ("get_volatility_index_data", 8)):
        assert len(venue.asked(call)) >= times
    assert len(venue.asked("get_instruments")) == 2, "what is listed is asked for hourly"
    model = Model()
    model.apply(desk.events)
    assert not model.rejected, list(model.samples)
    for coin in ("BTC", "ETH"):
        figure = model.state(desk.context.clock.now()).options[coin]
        assert [round(row.days) for row in figure.expiries] == [10, 45]
        assert figure.expiries[0].atm_iv == pytest.approx(61.2)
        assert figure.since.n == 41 and figure.dvol_percentile is not None, "two pages of days"


def test_what_the_venue_is_asked_for():
    assert currencies(["BTC", "ETH"]) == {"BTC": {"BTC"}, "ETH": {"ETH"}}
    assert currencies(["SOL", "BTC", "XRP"]) == {"USDC": {"SOL", "XRP"}, "BTC": {"BTC"}}
    assert currencies(["SOL", "USDC"]) == currencies(["USDC", "SOL"]) == {"USDC": set()}, "all coins settled in USDC"


def test_a_contract_quoted_in_usdc_and_one_in_a_currency_that_has_no_dollars():
    linear = {**INSTRUMENT, "base_currency": "SOL", "quote_currency": "USDC"}
    assert contract(linear)[1] == Contract("SOL", "USDC", EXPIRY, 100_000.0, "call")
    with pytest.raises(ValueError, match="EURR"):
        contract({**linear, "quote_currency": "EURR"})


async def test_options_settled_in_usdc_are_a_chain_per_coin_in_dollars(venue: Venue):
    async with running(venue, underlyings=("BTC", "USDC")) as desk:
        await desk.until(lambda: desk.statuses and desk.statuses[-1][0] == "live" and len(desk.of(Option)) >= 36 + 204)
        assert desk.statuses[-1][2] == {
            "BTC chain": "36 options", "BTC DVOL": "by the minute", "USDC chain": "204 options",
        }  # fmt: skip
    assert not desk.rejected
    model = Model()
    model.apply(desk.events)
    now = desk.context.clock.now()
    state = model.state(now).options
    assert set(state) == {"BTC", "SOL", "XRP"}
    for coin in ("SOL", "XRP"):
        price, vol = LINEAR[coin]
        figure = state[coin]
        assert (figure.venue, figure.quote_currency, figure.nearest_forward) == ("deribit", "USDC", price)
        assert [row.atm_iv for row in figure.expiries] == pytest.approx([vol, vol], abs=0.1)
        assert figure.vix_style_30d == pytest.approx(vol, abs=3)
    assert state["BTC"].quote_currency is None, "of BTC the coin-settled options are the ones that count"
    assert state["BTC"].expiries[0].atm_iv == pytest.approx(61.2)
    later = [event for event in desk.events if getattr(event, "quote_currency", None)]
    alone = Model()
    alone.apply(later)
    assert alone.state(now).options["BTC"].expiries[0].atm_iv == pytest.approx(45.0)


async def test_a_coin_settled_in_usdc_is_asked_for_by_its_own_name_and_streamed(venue: Venue):
    expiry = venue.now + 10 * 86_400_000
    names = stream(venue, "USDC", 10)
    async with running(venue, underlyings=("SOL",)) as desk:
        desk.feed.watch(frozenset({f"option:SOL:{expiry}"}))
        await desk.until(lambda: len(desk.of(Option, mark_iv=80.0)) >= 34)
    assert {event.underlying for event in desk.of(Option)} == {"SOL"}
    assert {event.quote_currency for event in desk.of(Option)} == {"USDC"}
    asked = [message["params"]["channels"] for message in venue.messages if message["method"] == "public/subscribe"]
    assert sorted(asked[0]) == sorted(f"ticker.{name}.agg2" for name in names if name.startswith("SOL"))
    assert not venue.asked("get_volatility_index_data"), "there is a DVOL of BTC and ETH only"


async def test_the_history_of_dvol_comes_first_and_each_minute_once_more(venue: Venue):
    async with running(venue, underlyings=("BTC",)) as desk:
        await desk.until(lambda: len(venue.asked("get_volatility_index_data")) >= 6)
    resolutions = [path.split("resolution=")[1].split("&")[0] for path in venue.asked("get_volatility_index_data")]
    assert resolutions[:6] == ["1D", "1D", "3600", "60", "60", "60"]
    events = desk.of(VolatilityIndex)
    assert len([event for event in events if event.ts % 86_400_000 == 86_399_999]) >= 39
    assert all(event.ts <= event.recv for event in events)


async def test_a_new_instrument_is_looked_up_and_one_that_stays_unknown_is_told_once(venue: Venue):
    venue.rows["BTC"] = [*venue.rows["BTC"], {**SUMMARY, "instrument_name": "BTC-1JAN30-1-C"}]
    async with running(venue, underlyings=("BTC",)) as desk:
        await desk.until(lambda: len(venue.asked("get_book_summary")) >= 4)
    assert [reason for _, reason in desk.rejected] == ["BTC-1JAN30-1-C isn't among the listed instruments"]
    assert len(venue.asked("get_instruments")) == 1, "what was listed within the minute isn't asked for again"


async def test_one_bad_row_costs_itself(venue: Venue):
    first, *rest = venue.rows["BTC"]
    venue.rows["BTC"] = [{**first, "underlying_price": 0}, None, *rest]
    venue.listed["BTC"] = [*venue.listed["BTC"], {"instrument_name": "broken"}]
    async with running(venue, underlyings=("BTC",)) as desk:
        await desk.until(lambda: len(desk.of(Option)) >= 35)
    assert any("underlying_price" in reason for _, reason in desk.rejected)
    assert any(reason.startswith("instrument:") for _, reason in desk.rejected)


@pytest.mark.parametrize(
    ("answer", "state", "words"),
    [
        (lambda request: web.Response(status=429, headers={"Retry-After": "7"}), "reconnecting", "too many requests"),
        (lambda request: web.Response(status=403, text="<html>"), "down", "refuses"),
        (lambda request: web.Response(text="<html>maintenance</html>"), "reconnecting", "web page"),
        (lambda request: web.json_response({"jsonrpc": "2.0", "result": None}), "reconnecting", "can't be read"),
    ],
)
async def test_a_venue_that_misbehaves_is_described_and_asked_again(venue: Venue, answer, state, words):
    venue.refuse = answer
    async with running(venue, underlyings=("BTC",)) as desk:
        await desk.until(lambda: desk.statuses and desk.statuses[-1][0] == state and desk.said(words))
        venue.refuse = None
        await desk.until(lambda: desk.statuses[-1][0] == "live")
        assert desk.of(Option)


async def test_one_coin_that_fails_does_not_stop_the_other(venue: Venue):
    venue.rows["ETH"] = None
    async with running(venue) as desk:
        await desk.until(lambda: desk.said("ETH chain") and len(desk.of(Option, underlying="BTC")) >= 72)
        assert desk.statuses[-1][0] == "reconnecting" and not desk.of(Option, underlying="ETH")


def stream(venue: Venue, coin: str, days: int) -> list[str]:
    """Let the venue stream the options of an expiry, marked at 80 %; their names."""
    names = [row["instrument_name"] for row in venue.listed[coin] if f"-{days}D-" in row["instrument_name"]]
    for name in names:
        data = {**TICKER, "instrument_name": name, "mark_iv": 80.0, "timestamp": venue.now + 5}
        frame = {"jsonrpc": "2.0", "method": "subscription", "params": {"channel": f"ticker.{name}.agg2", "data": data}}
        venue.frames[f"ticker.{name}"] = [frame]
    return names


async def test_the_expiry_that_is_looked_at_is_streamed_and_no_other(venue: Venue):
    names = stream(venue, "BTC", 10)
    others = stream(venue, "ETH", 45)
    expiry, other = (venue.now + days * 86_400_000 for days in (10, 45))
    async with running(venue) as desk:
        desk.feed.watch(frozenset({"nonsense", "option:BTC:soon", f"option:BTC:{expiry}"}))
        await desk.until(lambda: len(desk.of(Option, mark_iv=80.0)) >= len(names))
        assert {event.expiry for event in desk.of(Option, mark_iv=80.0)} == {expiry}
        await desk.until(lambda: desk.said(f"'BTC stream': '{len(names)} options by websocket'"))
        (socket,) = venue.sockets
        desk.feed.watch(frozenset({f"option:ETH:{other}"}))
        await desk.until(socket.closed_by_peer.is_set)
        await desk.until(lambda: len(desk.of(Option, underlying="ETH", mark_iv=80.0)) >= len(others))
        desk.feed.watch(frozenset())
        await desk.until(venue.sockets[-1].closed_by_peer.is_set)
        await desk.until(lambda: "stream" not in str(desk.statuses[-1][2]))
    subscribed = [
        message["params"]["channels"] for message in venue.messages if message["method"] == "public/subscribe"
    ]
    assert [sorted(channels) for channels in subscribed] == [
        sorted(f"ticker.{name}.agg2" for name in chosen) for chosen in (names, others)
    ]
    assert not desk.rejected


async def test_a_stream_that_breaks_comes_back_while_the_chain_goes_on(venue: Venue):
    names = stream(venue, "BTC", 10)
    async with running(venue, underlyings=("BTC",)) as desk:
        desk.feed.watch(frozenset({f"option:BTC:{venue.now + 10 * 86_400_000}"}))
        await desk.until(lambda: len(desk.of(Option, mark_iv=80.0)) >= len(names))
        await venue.drop()
        await desk.until(lambda: len(desk.of(Option, mark_iv=80.0)) >= 2 * len(names))
        assert desk.reconnects and desk.said("BTC stream")
        read = len(desk.of(Option, mark_iv=61.2))
        await desk.until(lambda: len(desk.of(Option, mark_iv=61.2)) > read)


async def test_the_contract_of_feeds(venue: Venue):
    await check_feed(DeribitOptions("deribit_options", DeribitOptions.Options(urls={"rest": venue.http})))
