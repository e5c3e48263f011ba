"""Contracts that count many coins as one: one asset, figures of one coin, the contract's own name kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import asdict

from deskmon.events import Book, Candle, Funding, Liquidation, OpenInterest, Ticker, Trade
from deskmon.feeds.ccxt import liquidations, parse
from deskmon.feeds.ccxt.instruments import instrument, resolve
from deskmon.feeds.ccxt.multiples import COINS, coin_of, multiple
from deskmon.feeds.ccxt.ticker import prices
from tests.ccxt import venues
from tests.ccxt.desk import running
from tests.ccxt.replay_server import Bybit, Dialect, ReplayServer

NOW = 1_790_000_000_000


@pytest.mark.parametrize(
    ("name", "coin", "count"),
    [
        ("1000PEPE", "PEPE", 1e3), ("1000SHIB", "SHIB", 1e3), ("10000LADYS", "LADYS", 1e4), ("1000000MOG", "MOG", 1e6),
        ("10000000AIDOGE", "AIDOGE", 1e7), ("1000NEIROCTO", "NEIROCTO", 1e3), ("1MBABYDOGE", "BABYDOGE", 1e6),
        ("1KPEPE", "PEPE", 1e3), ("KPEPE", "PEPE", 1e3), ("KBONK", "BONK", 1e3), ("SHIB1000", "SHIB", 1e3),
        ("1000SATS", "SATS", 1e3), ("1000X", "1000X", 1), ("1INCH", "1INCH", 1), ("0G", "0G", 1), ("4", "4", 1),
        ("1000", "1000", 1), ("100PEPE", "100PEPE", 1), ("2000PEPE", "2000PEPE", 1), ("1MIL", "1MIL", 1),
        ("KAVA", "KAVA", 1), ("KSM", "KSM", 1), ("KAS", "KAS", 1), ("UFO1000", "UFO1000", 1), ("SPX6900", "SPX6900", 1),
        ("PEPE", "PEPE", 1), ("BTC", "BTC", 1), ("2Z", "2Z", 1), ("42", "42", 1),
    ],
)  # fmt: skip
def test_a_multiple_is_told_from_a_name_that_begins_with_a_figure(name, coin, count):
    assert multiple(name) == (coin, count)


def test_a_small_k_is_a_thousand_on_contracts_and_a_letter_on_spot_markets():
    perpetual = {"base": "KNEWCOIN", "baseName": "kNEWCOIN", "contract": True}
    assert coin_of(perpetual) == ("NEWCOIN", 1e3)
    assert coin_of({**perpetual, "baseName": "KNEWCOIN"}) == ("KNEWCOIN", 1.0)
    assert coin_of({"base": "KHYPE", "info": {"name": "kHYPE"}, "contract": False}) == ("KHYPE", 1.0)


@given(st.sampled_from(sorted(COINS)), st.integers(3, 7))
def test_every_multiple_of_a_coin_is_found_and_the_coin_is_none_itself(coin, power):
    assert multiple(f"1{'0' * power}{coin}") == (coin, 10.0**power)
    assert multiple(coin) == (coin, 1.0)


def market(base, quote="USDT", settle="USDT", id_="", **fields):
    symbol = f"{base}/{quote}" + (f":{settle}" if settle else "")
    return {"id": id_ or f"{base}{quote}", "symbol": symbol, "base": base, "quote": quote, "settle": settle or None,
            "contract": bool(settle), "swap": bool(settle), "spot": not settle, "inverse": False, **fields}  # fmt: skip


def symbols(*markets):
    return {each["symbol"]: each for each in markets}


@pytest.mark.parametrize(
    ("exchange", "listed", "found"),
    [
        ("binanceusdm", [market("1000PEPE")], "1000PEPE/USDT:USDT"),
        ("hyperliquid", [market("KPEPE", "USDC", "USDC", "12", baseName="kPEPE")], "KPEPE/USDC:USDC"),
        ("okx", [market("PEPE"), market("PEPE", settle="")], "PEPE/USDT:USDT"),
        ("kucoinfutures", [market("PEPE", settle=""), market("1000PEPE")], "1000PEPE/USDT:USDT"),
        ("bitget", [market("1000PEPE"), market("PEPE"), market("1000000PEPE")], "PEPE/USDT:USDT"),
    ],
)
@pytest.mark.parametrize("asked", ["PEPE", "pepe", "1000PEPE", "kPEPE", "PEPE/USDT:USDT", "own"])
def test_a_coin_is_found_on_every_venue_by_any_of_its_names(exchange, listed, found, asked):
    if asked == "PEPE/USDT:USDT" and exchange == "hyperliquid":
        asked = "PEPE/USDC:USDC"
    assert resolve(exchange, symbols(*listed), [found if asked == "own" else asked]) == ([found], [])


def test_of_two_contracts_on_one_coin_only_one_is_watched_and_the_other_is_named():
    both = symbols(market("PEPE"), market("1000PEPE"))
    found, notes = resolve("bitget", both, ["1000PEPE/USDT:USDT", "PEPE/USDT:USDT"])
    assert found == ["1000PEPE/USDT:USDT"]
    assert notes == ["PEPE/USDT:USDT is left out: in coins it is the same market as 1000PEPE/USDT:USDT"]


def test_trades_books_candles_tickers_and_liquidations_are_of_one_coin_and_dollars_stay():
    held = instrument("binanceusdm", {**market("1000PEPE"), "linear": True})
    assert (held.symbol, held.base, held.listed, held.own) == (
        "PEPE/USDT:USDT", "PEPE", "1000PEPE/USDT:USDT", "1000PEPEUSDT",
    )  # fmt: skip
    raw = {"price": "0.0123", "amount": "50", "side": "buy", "timestamp": NOW, "id": "7"}
    trade = parse.trade(raw, held, "binance", NOW)
    assert (trade.symbol, trade.id) == ("PEPE/USDT:USDT", "PEPE/USDT:USDT#7")
    assert (trade.price, trade.amount) == (pytest.approx(1.23e-5), pytest.approx(50_000))
    book = parse.book({"bids": [["0.012", "4"]], "asks": [["0.013", "5"]]}, held, "binance", NOW, 9)
    assert (book.bids, book.asks) == (
        ((pytest.approx(1.2e-5), pytest.approx(4000)),), ((pytest.approx(1.3e-5), pytest.approx(5000)),),
    )  # fmt: skip
    candle = parse.candle([NOW, "0.012", "0.014", "0.011", "0.013", "8"], held, "binance", "1m", NOW)
    assert (candle.open, candle.high, candle.low, candle.close, candle.volume) == pytest.approx(
        (1.2e-5, 1.4e-5, 1.1e-5, 1.3e-5, 8000)
    )
    fields = asdict(
        prices({"last": 0.0123, "open": 0.01, "baseVolume": 9.0, "quoteVolume": 0.11, "info": {}}, held, "binance")
    )
    assert (fields["last"], fields["open_24h"]) == pytest.approx((1.23e-5, 1e-5))
    assert (fields["volume_24h"], fields["quote_volume_24h"]) == pytest.approx((9000, 0.11))
    order = liquidations.Order("1000PEPEUSDT", NOW, "long", 0.0123, 2_000.0)
    event = liquidations.event(order, held, "binance", recv=NOW)
    assert (event.price, event.amount, event.usd) == pytest.approx((1.23e-5, 2e6, 24.6))


@given(st.sampled_from(["1000", "1000000"]), st.floats(1e-6, 10), st.floats(1e-2, 1e9), st.floats(1e-3, 1e3))
def test_dollars_are_the_same_by_the_contract_and_by_the_coin(prefix, price, contracts, size):
    plain = instrument("gate", {**market("MOG"), "linear": True, "contractSize": size})
    many = instrument("gate", {**market(f"{prefix}MOG"), "linear": True, "contractSize": size})
    one = plain.notional(contracts, price)
    coins, usd = many.notional(contracts, many.price(price))
    assert (coins, usd) == pytest.approx((one[0] * float(prefix), one[1]))


async def test_bybit_lists_1000pepe_and_the_desk_shows_pepe():
    async with ReplayServer(Bybit()) as server:
        venues.serve_markets(server, "bybit", "1000PEPE")
        own = "1000PEPEUSDT"
        tick = {
            "symbol": own, "lastPrice": "0.0100", "markPrice": "0.0100", "openInterest": "2000",
            "singleOpenInterest": "1000", "openInterestValue": "20",
            "volume24h": "500", "turnover24h": "5", "fundingRate": "0.0001", "fundingIntervalHour": "8",
            "nextFundingTime": str(NOW),
        }  # fmt: skip
        topic = {"ts": NOW, "type": "snapshot"}
        server.frames[f"linear/tickers.{own}"] = [{"topic": f"tickers.{own}", **topic, "data": tick}]
        order = {"T": NOW, "s": own, "S": "Buy", "v": "3000", "p": "0.0099"}
        server.frames[f"linear/allLiquidation.{own}"] = [{"topic": f"allLiquidation.{own}", **topic, "data": [order]}]
        bought = {"T": NOW, "s": own, "S": "Buy", "v": "70", "p": "0.0101", "i": "a", "BT": False}
        server.frames[f"linear/publicTrade.{own}"] = [{"topic": f"publicTrade.{own}", **topic, "data": [bought]}]
        channels = ("ticker", "trades", "liquidations", "funding", "open_interest")
        async with running(**venues.bybit(server, symbols=("PEPE",), channels=channels)) as desk:
            for kind in (Ticker, Trade, Liquidation, Funding, OpenInterest):
                await desk.until(lambda kind=kind: desk.of(kind))
    assert {event.symbol for event in desk.events if hasattr(event, "symbol")} == {"PEPE/USDT:USDT"}
    (ticker, *_), (interest, *_) = desk.of(Ticker), desk.of(OpenInterest)
    assert (ticker.contract, ticker.last, ticker.volume_24h) == (own, pytest.approx(1e-5), pytest.approx(500_000))
    assert (interest.amount, interest.usd) == (pytest.approx(1e6), pytest.approx(10.0))
    assert (desk.of(Trade)[0].amount, desk.of(Liquidation)[0].usd) == pytest.approx((70_000, 29.7))


async def test_hyperliquid_lists_kpepe_and_the_desk_shows_pepe():
    context = {
        "funding": "0.0000125", "openInterest": "1200.5", "prevDayPx": "0.0090", "dayNtlVlm": "1000", "premium": "0",
        "oraclePx": "0.0101", "markPx": "0.0100", "midPx": "0.0100", "impactPxs": ["0.0099", "0.0101"],
    }  # fmt: skip

    async def info(request):
        asked = await request.json()
        universe = {"universe": [{"name": "kPEPE", "szDecimals": 0, "maxLeverage": 10}]}
        return [universe, [context]] if asked["type"] == "metaAndAssetCtxs" else []

    class Hyperliquid(Dialect):
        def asked(self, message):
            return [message["subscription"]["type"]] if message.get("method") == "subscribe" else []

    async with ReplayServer(Hyperliquid()) as server:
        server.json["/info"] = info
        frame = {"channel": "activeAssetCtx", "data": {"coin": "kPEPE", "ctx": context}}
        levels = [[{"px": "0.0100", "sz": "2", "n": 1}], [{"px": "0.0101", "sz": "3", "n": 1}]]
        server.frames["activeAssetCtx"] = [frame]
        server.frames["l2Book"] = [{"channel": "l2Book", "data": {"coin": "kPEPE", "time": NOW, "levels": levels}}]
        urls = {"public": server.http, "ws": {"public": server.ws}}
        channels = ("ticker", "open_interest", "book")
        async with running(exchange="hyperliquid", symbols=("PEPE",), channels=channels, urls=urls) as desk:
            await desk.until(lambda: desk.of(Ticker) and desk.of(OpenInterest) and desk.of(Book))
    ticker, interest, book = desk.of(Ticker)[0], desk.of(OpenInterest)[0], desk.of(Book)[0]
    assert {ticker.symbol, interest.symbol, book.symbol} == {"PEPE/USDC:USDC"}
    assert (ticker.contract, ticker.mark, ticker.open_24h) == ("kPEPE", pytest.approx(1e-5), pytest.approx(9e-6))
    assert (interest.amount, interest.usd) == (pytest.approx(1_200_500), pytest.approx(12.005))
    assert book.bids[0] == (pytest.approx(1e-5), pytest.approx(2000))


def test_the_event_of_a_candle_needs_no_volume():
    row = {"ts": NOW, "venue": "v", "symbol": "S", "timeframe": "1m", "open_time": NOW, "open": 1, "high": 1, "low": 1}
    assert Candle(**row, close=1).volume is None
