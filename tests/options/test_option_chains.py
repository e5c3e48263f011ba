"""Bybit's and OKX's chains: parsing, and a run of the feed through ccxt against a venue on loopback."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress

import msgspec
import pytest

from deskmon.clock import WallClock
from deskmon.events import Option
from deskmon.feeds.chains import parse
from deskmon.feeds.chains.polling import BAD
from deskmon.feeds.option_chains import OptionChains
from deskmon.model import Model
from deskmon.testing import GARBAGE, check_feed
from tests.ccxt import venues
from tests.ccxt.desk import Desk
from tests.ccxt.replay_server import Dialect, ReplayServer

RECV = 1_790_000_000_000
EXPIRY = 1_798_185_600_000  # 2026-12-25 08:00 UTC

BYBIT = {
    "symbol": "BTC-25DEC26-100000-C-USDT", "bid1Price": "3605", "bid1Size": "1.2", "bid1Iv": "0.6011",
    "ask1Price": "3940", "ask1Size": "0.4", "ask1Iv": "0.634", "lastPrice": "3700", "highPrice24h": "0",
    "lowPrice24h": "0", "markPrice": "3757.1", "indexPrice": "93700.5", "markIv": "0.612",
    "underlyingPrice": "93742.14", "openInterest": "274.2", "turnover24h": "0", "volume24h": "4",
    "totalVolume": "2", "totalTurnover": "78719", "delta": "0.3641", "gamma": "0.0000155", "vega": "191.7",
    "theta": "-30.4", "predictedDeliveryPrice": "0", "change24h": "0",
}  # fmt: skip

SUMMARY = {
    "instId": "BTC-USD-261225-100000-C", "instType": "OPTION", "uly": "BTC-USD", "markVol": "0.612", "bidVol": "0.6011",
    "askVol": "0", "fwdPx": "93742.14", "delta": "0.32", "deltaBS": "0.3641", "gamma": "-0.13", "gammaBS": "0.0000155",
    "ts": str(RECV - 40), "volLv": "0.61", "realVol": "0", "lever": "4.5",
}  # fmt: skip
TICKER = {
    "instType": "OPTION", "instId": "BTC-USD-261225-100000-C", "last": "", "lastSz": "0", "askPx": "", "askSz": "0",
    "bidPx": "0.0385", "bidSz": "12", "volCcy24h": "4", "vol24h": "400", "ts": str(RECV - 900),
}  # fmt: skip
INTEREST = {"instId": "BTC-USD-261225-100000-C", "instType": "OPTION", "oi": "27420", "oiCcy": "274.2", "ts": "1"}


def test_an_option_of_bybit_is_quoted_in_dollars_and_fractions():
    assert parse.bybit(BYBIT, RECV) == Option(
        ts=RECV, recv=RECV, venue="bybit", underlying="BTC", expiry=EXPIRY, strike=100_000.0, kind="call",
        underlying_price=93_742.14, mark_iv=61.2, bid_iv=60.11, ask_iv=63.4, bid=3605.0,
        ask=3940.0, mark=3757.1, open_interest=274.2, volume_24h=4.0, delta=0.3641, gamma=0.0000155,
    )  # fmt: skip
    older = parse.bybit({**BYBIT, "symbol": "ETH-6FEB26-2400-P"}, RECV)
    assert (older.underlying, older.kind, older.strike) == ("ETH", "put", 2400.0)
    assert older.expiry == 1_770_364_800_000, "2026-02-06 08:00 UTC"


def test_an_option_of_okx_is_quoted_in_coins():
    assert parse.okx((SUMMARY, TICKER, INTEREST), RECV) == Option(
        ts=RECV - 40, recv=RECV, venue="okx", underlying="BTC", expiry=EXPIRY, strike=100_000.0, kind="call",
        underlying_price=93_742.14, mark_iv=61.2, bid_iv=60.11, ask_iv=0.0, bid=0.0385, ask=0.0,
        open_interest=274.2, volume_24h=4.0, delta=0.3641, gamma=0.0000155,
    )  # fmt: skip
    alone = parse.okx((SUMMARY, {}, {}), RECV)
    assert (alone.bid, alone.open_interest, alone.volume_24h) == (None, None, None)


def test_an_underlying_price_of_nought_is_refused():
    with pytest.raises(ValueError, match="underlying_price"):
        parse.bybit({**BYBIT, "underlyingPrice": "0"}, RECV)
    with pytest.raises(ValueError, match="underlying_price"):
        parse.okx(({**SUMMARY, "fwdPx": "0"}, TICKER, INTEREST), RECV)


@pytest.mark.parametrize("raw", GARBAGE, ids=lambda raw: repr(raw)[:30])
def test_garbage_is_no_event(raw):
    with pytest.raises(BAD):
        parse.bybit(raw, RECV)
    with pytest.raises(BAD):
        parse.okx((raw, TICKER, INTEREST), RECV)


@pytest.mark.parametrize(
    ("dollars", "coins", "wanted"), [("5", "3", "USDT"), ("3", "5", ""), ("0", "0", ""), ("", "1", "")]
)
def test_of_two_settlements_on_the_same_strikes_the_one_that_is_held_more_counts(dollars, coins, wanted):
    rows = [
        {"symbol": "BTC-25DEC26-100000-C-USDT", "openInterest": dollars}, None, {"symbol": 5},
        {"symbol": "BTC-25DEC26-100000-C", "openInterest": coins},
    ]  # fmt: skip
    assert parse.bybit_settlement(rows) == wanted


def test_an_exchange_must_be_one_of_the_two():
    for wrong in ({}, {"exchange": "deribit"}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(wrong, OptionChains.Options)


class Bybit(ReplayServer):
    """Two expiries of nine strikes, each settled in USDT and, with less open interest, in USDC."""

    def __init__(self, now: int) -> None:
        super().__init__(Dialect())
        self.rows = [
            {
                **BYBIT, "symbol": f"BTC-{date}-{part * 1000}-{letter}{settled}",
                "openInterest": "10" if settled else "2", "markPrice": "",
            }
            for date in ("25DEC29", "29MAR30")
            for part in range(70, 115, 5)
            for letter in "CP"
            for settled in ("", "-USDT")
        ]  # fmt: skip
        self.json["/v5/market/tickers"] = lambda request: {
            "retCode": 0, "retMsg": "SUCCESS", "retExtInfo": {}, "time": now,
            "result": {"category": "option", "list": self.rows if request.query["baseCoin"] == "BTC" else []},
        }  # fmt: skip


class Okx(ReplayServer):
    """The same two expiries in three answers."""

    def __init__(self, now: int) -> None:
        super().__init__(Dialect())
        names = [
            f"BTC-USD-{date}-{part * 1000}-{letter}"
            for date in ("291225", "300329")
            for part in range(70, 115, 5)
            for letter in "CP"
        ]
        self.rows = {
            "/api/v5/public/opt-summary": [
                {**SUMMARY, "instId": name, "askVol": "0.63", "ts": str(now)} for name in names
            ],
            "/api/v5/market/tickers": [{**TICKER, "instId": name} for name in names],
            "/api/v5/public/open-interest": [{**INTEREST, "instId": name} for name in names],
        }
        for path in self.rows:
            self.json[path] = lambda request, path=path: {"code": "0", "msg": "", "data": self.rows[path]}


@asynccontextmanager
async def running(exchange: str, server: ReplayServer, *underlyings: str):
    """A desk with the feed running on `server`."""
    desk = Desk()
    urls = getattr(venues, exchange)(server)["urls"]
    options = OptionChains.Options(exchange=exchange, urls=urls, underlyings=underlyings or ("BTC",))
    task = asyncio.create_task(OptionChains("chains", options).run(desk.context))
    try:
        yield desk
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.mark.parametrize(("exchange", "kind"), [("bybit", Bybit), ("okx", Okx)])
async def test_a_chain_becomes_figures_that_name_their_venue(exchange, kind):
    async with kind(WallClock().now()) as server, running(exchange, server) as desk:
        await desk.until(lambda: desk.statuses and desk.statuses[-1][0] == "live" and len(desk.of(Option)) >= 72)
        assert desk.statuses[-1][2] == {"BTC chain": "36 options"}
        assert not server.unanswered, "nothing else is asked for: what is listed follows from the names"
    assert not desk.rejected
    model = Model()
    model.apply(desk.events)
    assert not model.rejected, list(model.samples)
    figure = model.options.figure("BTC", desk.context.clock.now())
    assert (figure.venue, figure.quotes, len(figure.expiries)) == (exchange, 36, 2)
    assert figure.expiries[0].atm_iv == pytest.approx(61.2)
    assert figure.expiries[0].call_oi == pytest.approx(9 * (10 if exchange == "bybit" else 274.2))


async def test_a_chain_beside_deribits_waits_until_that_one_is_silent():
    async with Okx(WallClock().now()) as server, running("okx", server) as desk:
        await desk.until(lambda: len(desk.of(Option)) >= 36)
    quotes = desk.of(Option)
    deribit = [msgspec.structs.replace(quote, venue="deribit", mark_iv=40.0) for quote in quotes]
    model = Model()
    model.apply([*quotes, *deribit])
    now = quotes[0].ts
    assert model.options.figure("BTC", now).venue == "deribit"
    assert model.options.figure("BTC", now).quotes == len({(q.expiry, q.strike, q.kind) for q in quotes})


async def test_one_bad_row_costs_itself():
    async with Bybit(WallClock().now()) as server:
        server.rows = [{**server.rows[1], "underlyingPrice": "0"}, None, *server.rows[2:]]
        async with running("bybit", server) as desk:
            await desk.until(lambda: len(desk.of(Option)) >= 35 and desk.rejected)
    assert any("underlying_price" in reason for _, reason in desk.rejected)


async def test_a_coin_without_options_says_so_and_a_refusal_is_described():
    async with Bybit(WallClock().now()) as server, running("bybit", server, "BTC", "XRP") as desk:
        await desk.until(lambda: desk.said("'XRP chain': '0 options'") and desk.said("36 options"))
        server.json["/v5/market/tickers"] = {"retCode": 10006, "retMsg": "Too many visits!", "result": {}}
        await desk.until(lambda: desk.statuses[-1][0] == "reconnecting" and desk.said("too many requests"))


async def test_the_contract_of_feeds():
    async with Okx(WallClock().now()) as server:
        urls = venues.okx(server)["urls"]
        await check_feed(OptionChains("chains", OptionChains.Options(exchange="okx", urls=urls)))
