"""The tap on a ccxt exchange: it tells of each write and each lost connection once, and survives any frame."""

import asyncio
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from aiohttp import WSMessage, WSMsgType

from deskmon.feeds.ccxt.exchanges import load_class


class Sink:
    """Remembers what it hears."""

    def __init__(self):
        self.heard = []

    def __getattr__(self, name):
        return lambda *said: self.heard.append((name, *said))

    async def cool_down(self):
        pass

    @contextmanager
    def asking_for(self, symbol):
        self.heard.append(("asking", symbol))
        yield
        self.heard.append(("asked", symbol))

    def now(self):
        return 7

    def is_late(self):
        return False


@pytest.fixture
async def tapped():
    bybit = await asyncio.to_thread(load_class, "bybit")
    from deskmon.feeds.ccxt.tap import tap

    sink = Sink()
    exchange = tap(bybit, {}, sink)
    yield exchange, sink
    await exchange.close()


async def test_the_end_of_a_connection_is_told_once_whatever_echoes_follow(tapped):
    exchange, sink = tapped
    old = exchange.client("ws://venue")
    old.error = error = OSError("gone")
    exchange.on_error(old, error)
    new = exchange.client("ws://venue")
    assert new is not old
    exchange.on_close(old, 1006)
    exchange.on_error(old, error)
    assert sink.heard == [("lost", "ws://venue", error, 7)]
    assert new.source == old.source + 1


async def test_each_item_is_told_once_however_a_handler_stores_its_cache(tapped):
    from ccxt.async_support.base.ws.cache import ArrayCache

    exchange, sink = tapped
    before, after = ArrayCache(2), ArrayCache(2)
    before.append({"symbol": "S", "n": 1})
    exchange.trades["S"] = before
    before.append({"symbol": "S", "n": 2})
    exchange.trades["S"] = before
    exchange.trades["T"] = after
    after.append({"symbol": "T", "n": 3})
    exchange.trades["T"].append({"symbol": "T", "n": 4})
    assert [item["n"] for name, item in sink.heard if name == "trade"] == [1, 2, 3, 4]
    assert len(exchange.trades["S"]) == 2


@pytest.mark.parametrize("kind", [WSMsgType.TEXT, WSMsgType.BINARY])
@pytest.mark.parametrize("data", ['{"topic":', "[1,", "<html>" + "x" * 50, "\x00" * 90])
async def test_no_frame_ends_the_receive_loop(tapped, kind, data):
    exchange, sink = tapped
    client = exchange.client("ws://venue")
    client.connection = SimpleNamespace(closed=True, _conn=None)
    client.handle_message(WSMessage(kind, data.encode() if kind is WSMsgType.BINARY else data, None))
    assert [name for name, *_ in sink.heard] == ["unreadable"]
    assert exchange.current == ""


async def test_a_request_that_was_given_up_keeps_none_behind_it_waiting(tapped):
    exchange, _ = tapped
    bucket = exchange.throttler.config
    await exchange.throttle(1)
    hours = bucket["refillRate"] * 3_600_000
    given_up = [asyncio.create_task(exchange.throttle(hours)) for _ in range(3)]
    last = asyncio.create_task(exchange.throttle(1))
    for _ in range(3):  # each waits for its turn
        await asyncio.sleep(0)
    assert len(exchange.throttler.queue) == 4
    for each in given_up:
        each.cancel()
    async with asyncio.timeout(10):
        await last
    assert all(each.cancelled() for each in given_up)


async def test_a_book_is_asked_for_until_its_answer_is_there(tapped):
    exchange, sink = tapped
    answer = asyncio.get_running_loop().create_future()

    async def answered(*asked):
        await answer
        return {"result": {"s": "BTCUSDT", "b": [], "a": [], "ts": 1, "u": 1}}

    exchange.publicGetV5MarketOrderbook = answered
    exchange.markets = {"BTC/USDT:USDT": {"id": "BTCUSDT", "symbol": "BTC/USDT:USDT", "spot": False, "option": False,
                                          "linear": True, "type": "swap"}}  # fmt: skip
    asking = asyncio.create_task(exchange.fetch_order_book("BTC/USDT:USDT", 200))
    await asyncio.sleep(0)
    assert sink.heard == [("asking", "BTC/USDT:USDT")]
    answer.set_result(None)
    await asking
    assert sink.heard[-1] == ("asked", "BTC/USDT:USDT")
