"""The websockets of one run."""

import asyncio

from deskmon.events import Ticker, Trade
from deskmon.feeds.ccxt.exchanges import load_class
from tests.ccxt import venues
from tests.ccxt.desk import running
from tests.ccxt.replay_server import Binance, ReplayServer

TS = 1_790_000_000_000


async def test_a_mirror_with_one_address_for_all_has_connections_of_different_names():
    """Binance's trades and summaries go by two addresses of its own, which a mirror may not have: neither connection
    is a reconnect of the other, and the loss of one says nothing of the other's channels."""
    await asyncio.to_thread(load_class, "binanceusdm")
    async with ReplayServer(Binance()) as server:
        venues.serve_markets(server, "binance", "BTC")
        server.frames["btcusdt@trade"] = [
            {"e": "trade", "E": TS, "T": TS, "s": "BTCUSDT", "t": 1, "p": "100", "q": "1", "X": "MARKET", "m": True}
        ]
        server.frames["btcusdt@miniTicker"] = [
            {"e": "24hrMiniTicker", "E": TS, "s": "BTCUSDT", "c": "100", "o": "98", "h": "103", "l": "97", "v": "1",
             "q": "1"}
        ]  # fmt: skip
        options = venues.binanceusdm(server, symbols=("BTC",), channels=("trades", "ticker"))
        options["urls"]["ws"] = {"linear": f"{server.ws}/mirror"}
        async with running(**options) as desk:
            await desk.until(lambda: desk.of(Trade) and desk.of(Ticker) and len(server.sockets) == 2)
            assert desk.reconnects == 0
            await server.drop()
            await desk.until(lambda: desk.reconnects == 2)
