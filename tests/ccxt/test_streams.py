"""One stream among many: only the one in trouble is subscribed again, and a book that can't be trusted is void."""

import asyncio
from contextlib import asynccontextmanager, suppress

import msgspec
import pytest

from deskmon.events import Book, Gap, Ticker, Trade
from deskmon.feeds.ccxt.health import Line
from deskmon.feeds.ccxt.lateness import Lateness
from deskmon.feeds.ccxt.monitor import Monitor
from deskmon.model import Model
from tests.ccxt import venues
from tests.ccxt.desk import both_paths, running
from tests.ccxt.replay_server import Binance, Bybit, Deribit, Okx, ReplayServer

pytestmark = both_paths

TS = 1_790_000_000_000
BTC, ETH = "BTC/USDT:USDT", "ETH/USDT:USDT"


def bybit_ticker(base):
    data = {"symbol": f"{base}USDT", "lastPrice": "100", "openInterestValue": "5"}
    return {"topic": f"tickers.{base}USDT", "type": "snapshot", "data": data, "ts": TS}


def spot_ticker(last):
    data = {"symbol": "BTCUSDT", "lastPrice": str(last)}
    return {"topic": "tickers.BTCUSDT", "type": "snapshot", "data": data, "ts": TS}


def bybit_trade(base, number):
    row = {"T": TS, "s": f"{base}USDT", "S": "Buy", "v": "1", "p": "7", "i": f"{base}{number}"}
    return {"topic": f"publicTrade.{base}USDT", "type": "snapshot", "ts": TS, "data": [row]}


def bybit_book(base, number, kind="delta", bids=(), asks=()):
    data = {"s": f"{base}USDT", "b": [list(map(str, level)) for level in bids],
            "a": [list(map(str, level)) for level in asks], "u": number, "seq": number}  # fmt: skip
    return {"topic": f"orderbook.200.{base}USDT", "type": kind, "ts": TS, "data": data}


def whole(base, number, bid=99.0, ask=101.0):
    return bybit_book(base, number, "snapshot", [(bid, 1)], [(ask, 1)])


@pytest.fixture
async def server():
    async with ReplayServer(Bybit()) as venue:
        venues.serve_markets(venue, "bybit", "BTC", "ETH")
        yield venue


@pytest.fixture
def quick(monkeypatch):
    """Patience of tenths of a second in place of many, and a loop that is never called busy."""
    for channel in Line.FLOORS:
        monkeypatch.setitem(Line.FLOORS, channel, 600.0)
    monkeypatch.setattr(Monitor, "RUNNING_MS", 200)
    monkeypatch.setattr(Lateness, "BEHIND_MS", 10**9)
    monkeypatch.setattr(Lateness, "BUSY_MS", 10**9)


def feed(server, *channels, **options):
    return running(**venues.bybit(server, symbols=("BTC", "ETH"), channels=channels, **options))


@asynccontextmanager
async def sending(server, frames):
    """Frames that `frames(n)` makes go to every open connection, as long as the block runs."""

    async def send():
        number = 0
        while True:
            number += 1
            for frame in frames(number):
                for socket in list(server.sockets):
                    with suppress(ConnectionError):
                        await server.dialect.send(socket, frame)
            await asyncio.sleep(0.02)

    task = asyncio.create_task(send())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def sent(server, verb):
    """What was subscribed or taken back, a list for each message."""
    return [message["args"] for message in server.messages if message.get("op") == verb]


async def test_a_silent_book_is_subscribed_again_and_nothing_else_is_touched(server, quick):
    server.frames["linear/orderbook.200.BTCUSDT"] = [whole("BTC", 1)]
    server.frames["linear/orderbook.200.ETHUSDT"] = [whole("ETH", 1)]
    async with (
        feed(server, "ticker", "book") as desk,
        sending(server, lambda n: [bybit_ticker("BTC"), bybit_ticker("ETH"), whole("ETH", n)]),
    ):
        await desk.until(lambda: desk.of(Book, symbol=BTC) and desk.of(Book, symbol=ETH))
        server.frames["linear/orderbook.200.BTCUSDT"] = [whole("BTC", 1, bid=98.0)]
        await desk.until(lambda: [book for book in desk.of(Book, symbol=BTC) if book.bids and book.bids[0][0] == 98.0])
        assert sent(server, "unsubscribe")[0] == ["orderbook.200.BTCUSDT"]
        assert all("BTC" in topic for topics in sent(server, "unsubscribe") for topic in topics)
        assert sum("orderbook.200.ETHUSDT" in topics for topics in sent(server, "subscribe")) == 1
    assert desk.said("BTC/USDT:USDT: silent for")
    assert desk.reconnects == 0
    assert {gap.channel for gap in desk.of(Gap)} == {"book"}
    assert () in [book.bids for book in desk.of(Book, symbol=BTC)]
    assert () not in [book.bids for book in desk.of(Book, symbol=ETH)]


async def test_of_a_group_of_trades_only_the_symbol_that_stalls_is_subscribed_again(server, quick):
    stalled = asyncio.Event()

    def frames(n):
        return [bybit_trade("ETH", n), *([] if stalled.is_set() else [bybit_trade("BTC", n)])]

    async with feed(server, "trades") as desk, sending(server, frames):
        await desk.until(lambda: len(desk.of(Trade, symbol=BTC)) > Line.LEARNT + 5)
        stalled.set()
        await desk.until(lambda: len(sent(server, "unsubscribe")) and len(sent(server, "subscribe")) > 1)
        stalled.clear()
        heard = len(desk.of(Trade, symbol=BTC))
        await desk.until(lambda: len(desk.of(Trade, symbol=BTC)) > heard)
    assert sent(server, "subscribe")[0] == ["publicTrade.BTCUSDT", "publicTrade.ETHUSDT"]
    assert {tuple(topics) for topics in sent(server, "subscribe")[1:] + sent(server, "unsubscribe")} == {
        ("publicTrade.BTCUSDT",)
    }
    assert desk.reconnects == 0


async def test_a_connection_that_goes_silent_alone_leaves_the_others_open(server, quick):
    spot = {**venues.bybit_market("BTC"), "symbol": "BTCUSDT"}
    served = server.json["/v5/market/instruments-info"]

    def markets(request):
        answer = served(request)
        if request.query["category"] == "spot":
            answer["result"]["list"] = [spot]
        return answer

    server.json["/v5/market/instruments-info"] = markets
    server.frames["linear/tickers.BTCUSDT"] = [bybit_ticker("BTC")]
    server.frames["spot/tickers.BTCUSDT"] = [spot_ticker(100)]
    options = venues.bybit(server, symbols=("BTC/USDT", BTC), channels=("ticker",))
    async with running(**options) as desk:
        await desk.until(lambda: desk.of(Ticker, symbol="BTC/USDT") and desk.of(Ticker, symbol=BTC))
        linear = next(socket for socket in server.sockets if socket.scope == "linear/")

        async def run():
            while True:
                await linear.send_json(bybit_ticker("BTC"))
                await asyncio.sleep(0.02)

        task = asyncio.create_task(run())
        server.frames["spot/tickers.BTCUSDT"] = [spot_ticker(107)]
        await desk.until(lambda: desk.of(Ticker, symbol="BTC/USDT", last=107.0))
        task.cancel()
        assert not linear.closed
        assert not linear.closed_by_peer.is_set()
    assert desk.said("BTC/USDT: silent for")
    assert desk.reconnects >= 1
    assert desk.of(Gap, channel="ticker")


def void_then_whole(desk, symbol=BTC):
    """Whether the book of a symbol was whole, then void, then whole again."""
    shape = [bool(book.bids) for book in desk.of(Book, symbol=symbol)]
    return [held for place, held in enumerate(shape) if place == 0 or shape[place - 1] != held] == [True, False, True]


async def test_a_jump_of_bybits_update_id_makes_the_book_void_until_it_is_whole_again(server):
    topic = "linear/orderbook.200.BTCUSDT"
    server.frames[topic] = [whole("BTC", 10), bybit_book("BTC", 11, bids=[(98.0, 2)])]
    server.frames["linear/orderbook.200.ETHUSDT"] = [whole("ETH", 1)]
    async with feed(server, "book") as desk:
        await desk.until(lambda: any((98.0, 2.0) in book.bids for book in desk.of(Book, symbol=BTC)))
        await desk.until(lambda: desk.of(Book, symbol=ETH))
        server.frames[topic] = [whole("BTC", 50, bid=90.0)]
        for frame in (bybit_book("BTC", 13, bids=[(99.5, 5)]), bybit_book("BTC", 14, bids=[(99.6, 5)])):
            await server.sockets[0].send_json(frame)
        await desk.until(lambda: void_then_whole(desk))
        assert desk.of(Book, symbol=BTC)[-1].bids == ((90.0, 1.0),)
    assert not [book for book in desk.of(Book, symbol=BTC) if any(price in (99.5, 99.6) for price, _ in book.bids)]
    assert desk.said("BTC/USDT:USDT: a change of the book was missed; it is begun afresh")
    assert desk.of(Gap, channel="book")
    assert desk.reconnects == 0
    assert len(desk.of(Book, symbol=ETH)) == 1


async def test_a_crossed_book_is_void_until_it_is_whole_again(server):
    topic = "linear/orderbook.200.BTCUSDT"
    server.frames[topic] = [whole("BTC", 10)]
    async with feed(server, "book") as desk:
        await desk.until(lambda: desk.of(Book, symbol=BTC))
        await server.sockets[0].send_json(bybit_book("BTC", 11, bids=[(102.0, 5)]))
        await desk.until(lambda: void_then_whole(desk))
    assert desk.said("the book is crossed; it is begun afresh")
    assert all(not book.bids or book.bids[0][0] < book.asks[0][0] for book in desk.of(Book))
    assert desk.reconnects == 0


async def test_a_book_that_stays_crossed_stays_void_and_is_asked_for_ever_later(server):
    crossed = bybit_book("BTC", 10, "snapshot", [(102.0, 5)], [(101.0, 5)])
    server.frames["linear/orderbook.200.BTCUSDT"] = [crossed]
    async with feed(server, "book") as desk:
        await desk.until(lambda: len(sent(server, "unsubscribe")) == 1)
        await desk.until(lambda: len(desk.slept) > 300)
    assert len(sent(server, "unsubscribe")) == 1
    assert desk.of(Book, symbol=BTC) == []


async def test_depth_of_a_void_book_is_unknown_at_once(server):
    server.frames["linear/orderbook.200.BTCUSDT"] = [whole("BTC", 10)]
    async with feed(server, "book") as desk:
        await desk.until(lambda: desk.of(Book, symbol=BTC))
        del server.frames["linear/orderbook.200.BTCUSDT"]
        await server.sockets[0].send_json(bybit_book("BTC", 12))
        await desk.until(lambda: desk.of(Book, symbol=BTC, bids=()))
    books = [msgspec.structs.replace(book, ts=book.recv) for book in desk.of(Book, symbol=BTC)]
    model = Model()
    model.apply(books[:1])
    assert model.depth.figure(BTC, books[0].arrival).bands["1"].bid_usd == 99.0
    model.apply(books)
    figure = model.depth.figure(BTC, books[-1].arrival)
    assert (figure.bands, figure.venues["bybit"].mid, figure.venues["bybit"].bands) == ({}, None, {})


def deribit_book(number, before=None, bids=()):
    data = {"type": "snapshot" if before is None else "change", "timestamp": TS + number, "change_id": number,
            "instrument_name": "BTC-PERPETUAL", "bids": [["new", price, 100.0] for price in bids],
            "asks": [["new", 99.0, 50.0]] if before is None else []}  # fmt: skip
    if before is not None:
        data["prev_change_id"] = before
    params = {"channel": "book.BTC-PERPETUAL.100ms", "data": data}
    return {"jsonrpc": "2.0", "method": "subscription", "params": params}


async def test_a_jump_of_deribits_change_id_makes_the_book_void_until_it_is_whole_again():
    async with ReplayServer(Deribit()) as server:
        server.json["/api/v2/public/get_instruments"] = {"result": [venues.DERIBIT_PERPETUAL]}
        server.frames["book.BTC-PERPETUAL"] = [deribit_book(5, bids=[95.0, 94.0]), deribit_book(8, 5, bids=[93.0])]
        async with running(**venues.deribit(server, symbols=("BTC",), channels=("book",))) as desk:
            await desk.until(lambda: desk.of(Book) and len(desk.of(Book)[-1].bids) == 3)
            server.frames["book.BTC-PERPETUAL"] = [deribit_book(20, bids=[90.0])]
            await server.sockets[0].send_json(deribit_book(12, 11, bids=[96.0]))
            await desk.until(lambda: void_then_whole(desk, "BTC/USD:BTC"))
            assert [price for price, _ in desk.of(Book)[-1].bids] == [90.0]
            methods = [message["method"] for message in server.messages if "channels" in message.get("params", {})]
    assert methods == ["public/subscribe", "public/unsubscribe", "public/subscribe"]
    assert desk.reconnects == 0


async def test_a_jump_that_ccxt_finds_at_binance_makes_the_book_void_until_it_is_whole_again():
    def depth(first, last, before, bids):
        return {"e": "depthUpdate", "E": TS, "T": TS, "s": "BTCUSDT", "U": first, "u": last, "pu": before,
                "b": [[str(price), "1"] for price in bids], "a": []}  # fmt: skip

    async with ReplayServer(Binance()) as server:
        venues.serve_markets(server, "binance", "BTC")
        answer = {"lastUpdateId": 100, "E": TS, "T": TS, "bids": [["95", "1"]], "asks": [["99", "1"]]}
        server.json["/fapi/v1/depth"] = lambda request: answer
        async with running(**venues.binanceusdm(server, symbols=("BTC",), channels=("book",))) as desk:
            await desk.until(lambda: desk.of(Book))
            await server.sockets[-1].send_json(depth(101, 105, 100, [94]))
            await desk.until(lambda: len(desk.of(Book)[-1].bids) == 2)
            answer |= {"lastUpdateId": 300, "bids": [["90", "1"]]}
            await server.sockets[-1].send_json(depth(120, 125, 119, [96]))
            await desk.until(lambda: void_then_whole(desk))
            assert desk.of(Book)[-1].bids == ((90.0, 1.0),)
    assert desk.said("a change of the book was missed; it is begun afresh")


async def test_a_jump_that_ccxt_finds_at_okx_makes_the_book_void_until_it_is_whole_again():
    def change(action, number, before, bids, asks=()):
        data = {"bids": [[str(price), "1", "0", "1"] for price in bids],
                "asks": [[str(price), "1", "0", "1"] for price in asks],
                "ts": str(TS), "seqId": number, "prevSeqId": before}  # fmt: skip
        return {"arg": {"channel": "books", "instId": "BTC-USDT-SWAP"}, "action": action, "data": [data]}

    async with ReplayServer(Okx()) as server:
        venues.serve_markets(server, "okx", "BTC")
        server.frames["books:BTC-USDT-SWAP"] = [change("snapshot", 7, -1, [95], [99])]
        async with running(**venues.okx(server, symbols=("BTC",), channels=("book",))) as desk:
            await desk.until(lambda: desk.of(Book))
            server.frames["books:BTC-USDT-SWAP"] = [change("snapshot", 30, -1, [90], [99])]
            await server.sockets[-1].send_json(change("update", 12, 9, [96]))
            await desk.until(lambda: void_then_whole(desk))
            assert [price for price, _ in desk.of(Book)[-1].bids] == [90.0]
    assert desk.said("a change of the book was missed; it is begun afresh")


async def test_a_crossed_book_of_a_venue_whose_answer_ends_what_is_awaited_comes_back():
    """ccxt takes OKX's word that a subscription ended for an order to forget it, even where a new one was asked for."""

    def snapshot(bid):
        data = {"bids": [[str(bid), "1", "0", "1"]], "asks": [["99", "1", "0", "1"]], "ts": str(TS)}
        return {"arg": {"channel": "books", "instId": "BTC-USDT-SWAP"}, "action": "snapshot", "data": [data]}

    async with ReplayServer(Okx()) as server:
        venues.serve_markets(server, "okx", "BTC")
        server.frames["books:BTC-USDT-SWAP"] = [snapshot(95)]
        async with running(**venues.okx(server, symbols=("BTC",), channels=("book",))) as desk:
            await desk.until(lambda: desk.of(Book))
            server.frames["books:BTC-USDT-SWAP"] = [snapshot(90)]
            await server.sockets[-1].send_json(snapshot(100))
            await desk.until(lambda: void_then_whole(desk))
            assert [price for price, _ in desk.of(Book)[-1].bids] == [90.0]
            verbs = [message["op"] for message in server.messages]
    assert verbs[:3] == ["subscribe", "unsubscribe", "subscribe"]
    assert desk.reconnects == 0


async def test_a_lost_connection_makes_its_books_void(server):
    server.frames["linear/orderbook.200.BTCUSDT"] = [whole("BTC", 10)]
    async with feed(server, "book") as desk:
        await desk.until(lambda: desk.of(Book, symbol=BTC))
        await server.deafen()
        await desk.until(lambda: desk.of(Book, symbol=BTC, bids=(), asks=()))
        await server.listen()
        await desk.until(lambda: void_then_whole(desk))


async def test_a_contract_of_a_thousand_coins_is_heard_under_its_coins_name(server, quick):
    venues.serve_markets(server, "bybit", "1000PEPE", "BTC")
    options = venues.bybit(server, symbols=("1000PEPE/USDT:USDT", "BTC"), channels=("ticker",))
    frames = [bybit_ticker("1000PEPE"), bybit_ticker("BTC")]
    async with running(**options) as desk, sending(server, lambda n: frames):
        await desk.until(lambda: len(desk.of(Ticker, symbol="PEPE/USDT:USDT")) > 60)
    assert not desk.said("silent")
    assert sent(server, "unsubscribe") == []


async def test_rows_of_the_past_say_nothing_of_the_venues_clock(server):
    rows = [[str(TS - n * 3_600_000), "1", "2", "1", "2", "5", "7"] for n in range(1, 170)]
    server.json["/v5/market/kline"] = {"retCode": 0, "result": {"category": "linear", "list": rows}}
    server.frames["linear/publicTrade.BTCUSDT"] = [bybit_trade("BTC", n) for n in range(100)]
    async with feed(server, "candles", "trades") as desk:
        await desk.until(lambda: len(desk.of(Trade)) == 100 and len(desk.events) > 400)
        await desk.until(lambda: len(desk.slept) > 20)
    assert not desk.said("clock skew")
