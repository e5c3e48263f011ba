"""A market that is listed, renamed, halted or delisted while the desk runs is learnt."""

import asyncio

import pytest

from deskmon.events import Liquidation, Ticker
from deskmon.feeds.ccxt.listing import listed
from deskmon.feeds.ccxt.run import Run
from tests.ccxt import venues
from tests.ccxt.desk import running
from tests.ccxt.replay_server import Binance, Bybit, ReplayServer
from tests.ccxt.test_polls import force_order

NOW = 1_790_000_000_000


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    """Lists are read again after seconds."""
    monkeypatch.setattr(Run, "RELOAD_SOON", 5.0)


def ticker(name, last):
    data = {"symbol": name, "lastPrice": str(last), "bid1Price": "99", "ask1Price": "101", "openInterestValue": "5"}
    return {"topic": f"tickers.{name}", "type": "snapshot", "data": data, "ts": NOW}


@pytest.fixture
async def server():
    async with ReplayServer(Bybit()) as venue:
        venues.serve_markets(venue, "bybit", "BTC")
        for base in ("BTC", "NEW", "OLD"):
            venue.frames[f"linear/tickers.{base}USDT"] = [ticker(f"{base}USDT", 100)]
        yield venue


def feed(server, *symbols):
    return running(**venues.bybit(server, symbols=symbols, channels=("ticker",)))


async def test_a_market_that_is_listed_while_the_desk_runs_is_watched(server):
    async with feed(server, "BTC", "NEW/USDT:USDT") as desk:
        await desk.until(lambda: desk.of(Ticker) and desk.said("NEW/USDT:USDT is not listed here"))
        venues.serve_markets(server, "bybit", "BTC", "NEW")
        await desk.until(lambda: desk.of(Ticker, symbol="NEW/USDT:USDT"))
        await desk.until(lambda: "not listed" not in desk.statuses[-1][1])
    assert desk.reconnects == 0


async def test_a_market_that_is_delisted_is_dropped_and_the_others_go_on(server, monkeypatch):
    monkeypatch.setattr(Run, "RELOAD", 5.0)
    venues.serve_markets(server, "bybit", "BTC", "OLD")
    async with feed(server, "BTC", "OLD/USDT:USDT") as desk:
        await desk.until(lambda: desk.of(Ticker, symbol="OLD/USDT:USDT"))
        venues.serve_markets(server, "bybit", "BTC")
        await desk.until(lambda: desk.said("OLD/USDT:USDT is not listed here"))
        await desk.until(lambda: desk.statuses[-1][0] == "live")
        told = len(desk.of(Ticker, symbol="BTC/USDT:USDT"))
        (socket,) = server.sockets
        await socket.send_json(ticker("OLDUSDT", 7))
        await socket.send_json(ticker("BTCUSDT", 101))
        await desk.until(lambda: len(desk.of(Ticker, symbol="BTC/USDT:USDT")) > told)
    assert not desk.of(Ticker, last=7.0)
    assert desk.reconnects == 0


async def test_a_list_that_holds_nothing_of_what_is_watched_is_not_believed(server, monkeypatch):
    monkeypatch.setattr(Run, "RELOAD", 5.0)
    async with feed(server, "BTC") as desk:
        await desk.until(lambda: desk.of(Ticker))
        venues.serve_markets(server, "bybit")
        await desk.until(lambda: any("none of the symbols watched" in reason for _, reason in desk.rejected))
        (socket,) = server.sockets
        await socket.send_json(ticker("BTCUSDT", 102))
        await desk.until(lambda: desk.of(Ticker, last=102.0))
        assert desk.statuses[-1][0] == "live"


async def test_a_market_that_only_a_frame_tells_of_is_learnt():
    async with ReplayServer(Binance()) as server:
        venues.serve_markets(server, "binance", "BTC")
        server.frames["!forceOrder@arr"] = [force_order("NEWUSDT")]
        options = venues.binanceusdm(server, symbols=("BTC",), channels=("liquidations",))
        async with running(**options) as desk:
            await desk.until(lambda: any("NEWUSDT" in reason for _, reason in desk.rejected))
            venues.serve_markets(server, "binance", "BTC", "NEW")
            (socket,) = server.sockets
            async with asyncio.timeout(30):
                while not desk.of(Liquidation):
                    desk.changed.clear()
                    await socket.send_json(force_order("NEWUSDT"))
                    await desk.changed.wait()
    assert desk.of(Liquidation)[0].symbol == "NEW/USDT:USDT"
    assert server.requests.count("/fapi/v1/exchangeInfo") == 2


async def test_a_symbol_that_is_listed_but_not_trading_says_so_and_is_watched(server):
    halted = {**venues.bybit_market("OLD"), "status": "Closed"}
    markets = [venues.bybit_market("BTC"), halted]
    server.json["/v5/market/instruments-info"] = lambda request: {
        "retCode": 0, "retMsg": "OK",
        "result": {"category": "linear", "list": markets if request.query["category"] == "linear" else [],
                   "nextPageCursor": ""},
    }  # fmt: skip
    async with feed(server, "BTC", "OLD/USDT:USDT") as desk:
        await desk.until(lambda: desk.said("OLD/USDT:USDT is listed here but isn't trading"))
        await desk.until(lambda: desk.of(Ticker, symbol="OLD/USDT:USDT"))
        markets[1] = venues.bybit_market("OLD")
        await desk.until(lambda: "trading" not in desk.statuses[-1][1])


def market(symbol, *, active=True):
    base, _, rest = symbol.partition("/")
    quote, _, settle = rest.partition(":")
    return {"id": symbol, "symbol": symbol, "base": base, "quote": quote, "settle": settle or None, "active": active,
            "swap": bool(settle), "spot": not settle, "contract": bool(settle), "inverse": settle == base}  # fmt: skip


def markets(*symbols, halted=()):
    return {symbol: market(symbol, active=symbol not in halted) for symbol in symbols}


LINEAR, SECOND, SPOT = "BTC/USDT:USDT", "BTC/USDC:USDC", "BTC/USDT"


@pytest.mark.parametrize(
    ("lists", "chosen"),
    [
        ([markets(SPOT), markets(SPOT, LINEAR)], [SPOT, LINEAR]),
        ([markets(LINEAR, SECOND), markets(SECOND)], [LINEAR, SECOND]),
        ([markets(LINEAR, SECOND), markets(LINEAR, SECOND, halted=[LINEAR])], [LINEAR, LINEAR]),
        ([markets(LINEAR, SECOND, halted=[LINEAR])], [SECOND]),
        ([markets(LINEAR), markets(LINEAR, halted=[LINEAR]), markets(SECOND), {}], [LINEAR, LINEAR, SECOND, None]),
    ],
)
def test_a_bare_coin_follows_the_list_but_stays_through_a_halt(lists, chosen):
    before: dict[str, str] = {}
    for held, expected in zip(lists, chosen, strict=True):
        before, symbols, notes = listed("bybit", held, ["BTC"], before)
        assert symbols == list(before.values())
        assert before.get("BTC") == expected
        halted = expected is not None and held[expected]["active"] is False
        assert notes == (
            ["BTC is not listed here"] if expected is None
            else [f"{expected} is listed here but isn't trading"] if halted else []
        )  # fmt: skip
