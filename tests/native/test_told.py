"""Frames that no recording has, as the documentation words them, by both paths: COIN-M, liquidations, funding."""

import json

import pytest

from deskmon.events import Book, Funding, Liquidation, Ticker, Trade
from tests.ccxt import venues
from tests.ccxt.replay_server import Binance, Bybit, Okx, ReplayServer
from tests.native.paths import by_both

TS = 1_790_000_000_000
COINM = {
    "symbol": "BTCUSD_PERP", "pair": "BTCUSD", "contractType": "PERPETUAL", "contractStatus": "TRADING",
    "contractSize": 100, "baseAsset": "BTC", "quoteAsset": "USD", "marginAsset": "BTC", "pricePrecision": 1,
    "quantityPrecision": 0, "deliveryDate": 4133404800000, "onboardDate": 1597042800000, "filters": [],
    "orderTypes": [], "timeInForce": [],
}  # fmt: skip


def binance_order(symbol, side, **more):
    order = {"s": symbol, "S": side, "o": "LIMIT", "f": "IOC", "q": "14", "p": "9910", "ap": "9905.5", "X": "FILLED",
             "l": "4", "z": "14", "T": TS + 1, **more}  # fmt: skip
    return {"e": "forceOrder", "E": TS + 3, "o": order}


BINANCE_COINM = [
    {"e": "trade", "E": TS, "T": TS - 1, "s": "BTCUSD_PERP", "t": 77, "p": "9635.0", "q": "3", "m": True},
    {"e": "24hrMiniTicker", "E": TS, "s": "BTCUSD_PERP", "ps": "BTCUSD", "c": "9636.0", "o": "9500.0", "h": "9700.0",
     "l": "9400.0", "v": "5000", "q": "51.9"},
    {"e": "bookTicker", "u": 17, "s": "BTCUSD_PERP", "ps": "BTCUSD", "b": "9635.9", "B": "35", "a": "9636.1", "A": "40",
     "T": TS, "E": TS + 1},
    {"e": "markPriceUpdate", "E": TS + 2, "s": "BTCUSD_PERP", "p": "9636.5", "P": "9637.0", "i": "9638.1",
     "r": "0.00030000", "T": TS + 3_600_000},
    {"e": "markPriceUpdate", "E": TS + 4, "s": "BTCUSD_PERP", "p": "9636.6", "P": "9637.0", "i": "", "r": "", "T": 0},
    binance_order("BTCUSD_PERP", "SELL", ps="BTCUSD"),
    binance_order("BTCUSD_PERP", "SELL", ps="BTCUSD"),
]  # fmt: skip
BYBIT = [
    {"topic": "allLiquidation.BTCUSDT", "type": "snapshot", "ts": TS, "data": [
        {"T": TS - 5, "s": "BTCUSDT", "S": "Sell", "v": "0.5", "p": "65000.5"},
        {"T": TS - 4, "s": "BTCUSDT", "S": "Buy", "v": "0.25", "p": "64000"},
        {"T": TS - 4, "s": "BTCUSDT", "S": "Buy", "v": "0.25", "p": "64000"}]},
    {"topic": "publicTrade.BTCUSDT", "type": "snapshot", "ts": TS, "data": [
        {"T": TS, "s": "BTCUSDT", "S": "Buy", "v": "1", "p": "65000", "L": "PlusTick", "i": "one", "BT": False},
        {"T": TS, "s": "BTCUSDT", "S": "Sell", "v": "2", "p": "64999", "L": "PlusTick", "i": "two", "BT": False},
        {"T": TS, "s": "BTCUSDT", "S": "Sell", "v": "2", "p": "64999", "L": "PlusTick", "i": "two", "BT": False}]},
]  # fmt: skip
OKX = [
    {"arg": {"channel": "funding-rate", "instId": "BTC-USDT-SWAP"}, "data": [
        {"instId": "BTC-USDT-SWAP", "instType": "SWAP", "fundingRate": "0.0001", "nextFundingRate": "",
         "fundingTime": str(TS + 1000), "nextFundingTime": str(TS + 1000 + 8 * 3_600_000), "ts": str(TS)}]},
    {"arg": {"channel": "mark-price", "instId": "BTC-USDT-SWAP"}, "data": [
        {"instId": "BTC-USDT-SWAP", "instType": "SWAP", "markPx": "64280.5", "ts": str(TS)}]},
    {"arg": {"channel": "tickers", "instId": "BTC-USDT-SWAP"}, "data": [
        {"instType": "SWAP", "instId": "BTC-USDT-SWAP", "last": "64280", "lastSz": "1", "askPx": "64281", "askSz": "11",
         "bidPx": "64279", "bidSz": "5", "open24h": "64000", "high24h": "65000", "low24h": "63000",
         "volCcy24h": "2222", "vol24h": "222200", "ts": str(TS + 1)}]},
    {"arg": {"channel": "liquidation-orders", "instType": "SWAP"}, "data": [
        {"instId": "BTC-USDT-SWAP", "instType": "SWAP", "instFamily": "BTC-USDT", "uly": "BTC-USDT", "details": [
            {"side": "sell", "posSide": "long", "bkPx": "64000.5", "sz": "13", "bkLoss": "0", "ccy": "", "ts": str(TS)},
            {"side": "buy", "posSide": "net", "bkPx": "65000", "sz": "2", "bkLoss": "0", "ccy": "", "ts": str(TS)}]}]},
]  # fmt: skip


async def told(venue, dialect, frames, place, **options):
    async with ReplayServer(dialect) as server:
        venues.serve_markets(server, venue.__name__.removesuffix("usdm"), "BTC")
        server.json["/dapi/v1/exchangeInfo"] = {"symbols": [COINM], "rateLimits": []}
        worded = [(place, json.dumps(frame), TS + 10 + number) for number, frame in enumerate(frames)]
        return await by_both(venue(server, symbols=("BTC",), **options), worded)


@pytest.mark.parametrize(
    ("venue", "dialect", "frames", "place"),
    [
        (venues.binancecoinm, Binance(), BINANCE_COINM, "inverse"),
        (venues.bybit, Bybit(), BYBIT, "linear"),
        (venues.okx, Okx(), OKX, "public"),
    ],
)
async def test_frames_of_the_documentation_give_equal_events(venue, dialect, frames, place):
    ccxt, own = await told(venue, dialect, frames, place)
    assert own.desk.rejected == ccxt.desk.rejected == []
    for kind in (Trade, Liquidation, Book):
        assert own.events(kind) == ccxt.events(kind)
    assert ccxt.events(Liquidation)
    newest = [{each.symbol: each for each in path.events(Ticker)} for path in (own, ccxt)]
    assert newest[0] == newest[1]
    rates = [[(each.rate, each.interval_hours, each.next_ts) for each in path.events(Funding)] for path in (own, ccxt)]
    assert rates[0] == rates[1]


async def test_sides_and_dollars_of_liquidations():
    _, own = await told(venues.binancecoinm, Binance(), BINANCE_COINM, "inverse")
    assert [(each.side, each.usd, each.price) for each in own.events(Liquidation)] == [("long", 1400.0, 9905.5)] * 2
    _, own = await told(venues.bybit, Bybit(), BYBIT, "linear")
    assert [(each.side, each.usd) for each in own.events(Liquidation)] == [
        ("short", 32500.25), ("long", 16000.0), ("long", 16000.0),
    ]  # fmt: skip
    _, own = await told(venues.okx, Okx(), OKX, "public")
    assert [(each.side, each.amount) for each in own.events(Liquidation)] == [("long", 0.13), ("short", 0.02)]
