"""20,000 liquidation frames at full speed: every one arrives once, whatever ccxt's futures make of them."""

import asyncio

import pytest

from deskmon.events import Gap, Liquidation, Trade
from tests.ccxt import venues
from tests.ccxt.desk import both_paths, running
from tests.ccxt.replay_server import Binance, Bybit, Okx, ReplayServer

pytestmark = both_paths

COUNT = 20_000
START = 1_790_000_000_000
RESENT = 500


def price(n):
    return 50_000 + n % 977


def bybit_frame(n):
    order = {
        "T": START + n // 3,
        "s": "BTCUSDT",
        "S": "Buy" if n % 3 else "Sell",
        "v": f"0.{n % 7 + 1}",
        "p": str(price(n)),
    }
    return {"topic": "allLiquidation.BTCUSDT", "type": "snapshot", "ts": START + n, "data": [order]}


def binance_frame(n):
    side = "SELL" if n % 3 else "BUY"
    order = {"s": "BTCUSDT", "S": side, "o": "LIMIT", "f": "IOC", "q": "9", "p": "1", "X": "FILLED", "l": "0.01",
             "ap": str(price(n)), "z": f"0.{n % 7 + 1}", "T": START + n // 3}  # fmt: skip
    return {"e": "forceOrder", "E": START + n, "o": order}


def okx_frame(n):
    detail = {"bkLoss": "0", "bkPx": str(price(n)), "ccy": "", "posSide": "long" if n % 3 else "short",
              "side": "sell" if n % 3 else "buy", "sz": str(n % 7 + 1), "ts": str(START + n // 3)}  # fmt: skip
    entry = {
        "details": [detail],
        "instFamily": "BTC-USDT",
        "instId": "BTC-USDT-SWAP",
        "instType": "SWAP",
        "uly": "BTC-USDT",
    }
    return {"arg": {"channel": "liquidation-orders", "instType": "SWAP"}, "data": [entry]}


CASES = {
    "bybit": (Bybit(), venues.bybit, "linear/allLiquidation.BTCUSDT", bybit_frame, 0.1),
    "binance": (Binance(), venues.binanceusdm, "!forceOrder@arr", binance_frame, 0.1),
    "okx": (Okx(), venues.okx, "liquidation-orders:SWAP", okx_frame, 0.01),
}


@pytest.mark.parametrize("venue", CASES)
async def test_none_is_lost_and_none_counted_twice_after_a_reconnect_that_resends(venue):
    dialect, options, topic, frame, unit = CASES[venue]
    frames = [frame(n) for n in range(COUNT)]
    async with ReplayServer(dialect) as server:
        venues.serve_markets(server, venue, "BTC")
        server.frames[topic] = frames
        async with running(**options(server, symbols=("BTC",), channels=("liquidations",))) as desk:
            await desk.until(lambda: len(desk.of(Liquidation)) >= COUNT, 60.0)
            server.frames[topic] = [*frames[-RESENT:], frame(COUNT)]
            await server.drop()
            await desk.until(lambda: len(desk.of(Liquidation)) > COUNT)
            await desk.until(lambda: desk.of(Gap, channel="liquidations"))
    events = desk.of(Liquidation)
    assert len(events) == COUNT + 1
    assert len({event.id for event in events}) == COUNT + 1
    worth = sum((n % 7 + 1) * unit * price(n) for n in range(COUNT + 1))
    longs = sum((n % 7 + 1) * unit * price(n) for n in range(COUNT + 1) if n % 3)
    assert sum(event.usd for event in events) == pytest.approx(worth, rel=1e-9)
    assert sum(event.usd for event in events if event.side == "long") == pytest.approx(longs, rel=1e-9)
    assert desk.rejected == []
    assert desk.reconnects == 1


async def test_twins_of_one_connection_are_two_orders():
    async with ReplayServer(Bybit()) as server:
        venues.serve_markets(server, "bybit", "BTC")
        twin = bybit_frame(1)
        twin["data"] = twin["data"] * 2
        server.frames["linear/allLiquidation.BTCUSDT"] = [twin, bybit_frame(1)]
        async with running(**venues.bybit(server, symbols=("BTC",), channels=("liquidations",))) as desk:
            await desk.until(lambda: len(desk.of(Liquidation)) == 3)
            server.frames["linear/allLiquidation.BTCUSDT"] = [twin, bybit_frame(1), bybit_frame(2)]
            await server.drop()
            await desk.until(lambda: len(desk.of(Liquidation)) == 4)
    assert len({event.id for event in desk.of(Liquidation)}) == 4


async def test_trades_of_a_burst_all_arrive_and_a_resend_adds_none():
    def frame(n):
        trade = {
            "T": START + n,
            "s": "BTCUSDT",
            "S": "Buy",
            "v": "0.1",
            "p": str(price(n)),
            "i": f"id-{n}",
            "BT": False,
        }
        return {"topic": "publicTrade.BTCUSDT", "type": "snapshot", "ts": START + n, "data": [trade]}

    count = 5_000
    async with ReplayServer(Bybit()) as server:
        venues.serve_markets(server, "bybit", "BTC")
        server.frames["linear/publicTrade.BTCUSDT"] = [frame(n) for n in range(count)]
        async with running(**venues.bybit(server, symbols=("BTC",), channels=("trades",))) as desk:
            await desk.until(lambda: len(desk.of(Trade)) == count)
            server.frames["linear/publicTrade.BTCUSDT"] = [frame(n) for n in range(count - 100, count + 1)]
            await server.drop()
            await desk.until(lambda: len(desk.of(Trade)) == count + 1)
    assert [event.ts for event in desk.of(Trade)] == list(range(START, START + count + 1))


async def test_a_cancelled_feed_leaves_nothing_open(caplog):
    async with ReplayServer(Bybit()) as server:
        venues.serve_markets(server, "bybit", "BTC")
        server.frames["linear/allLiquidation.BTCUSDT"] = [bybit_frame(1)]
        async with running(**venues.bybit(server, symbols=("BTC",))) as desk:
            await desk.until(lambda: desk.of(Liquidation))
        await asyncio.gather(*(socket.closed_by_peer.wait() for socket in server.sockets))
        left = asyncio.all_tasks() - {asyncio.current_task(), *server.tasks}
        assert all("ccxt" in repr(task) for task in left), left
        # What ccxt had queued to send ends by itself, without a complaint.
        assert all(result is None for result in await asyncio.gather(*left))
    assert caplog.text == ""
