"""A venue that misbehaves: the feed says what happened in words, marks what was missed, and recovers by itself."""

import asyncio
import json

import pytest
from aiohttp import web

from deskmon.errors import DeskError
from deskmon.events import Book, Gap, Liquidation, Ticker, Trade
from deskmon.feeds.ccxt.faults import SLOW_SECONDS
from deskmon.feeds.ccxt.health import Line
from tests.ccxt import venues
from tests.ccxt.desk import both_paths, running
from tests.ccxt.replay_server import Bybit, Deribit, ReplayServer

pytestmark = both_paths

HOUR = 3_600_000
TICKERS, TRADES = "linear/tickers.BTCUSDT", "linear/publicTrade.BTCUSDT"


def ticker(last, ts=1_790_000_000_000, kind="snapshot"):
    data = {
        "symbol": "BTCUSDT",
        "lastPrice": str(last),
        "bid1Price": "99",
        "ask1Price": "101",
        "openInterestValue": "5",
    }
    return {"topic": "tickers.BTCUSDT", "type": kind, "data": data, "ts": ts}


@pytest.fixture
async def server():
    async with ReplayServer(Bybit()) as venue:
        venues.serve_markets(venue, "bybit", "BTC")
        venue.frames[TICKERS] = [ticker(100)]
        yield venue


def feed(server, *channels):
    return running(**venues.bybit(server, symbols=("BTC",), channels=channels or ("ticker",)))


def state(desk):
    return desk.statuses[-1][0]


async def test_refused_at_the_start_and_then_open(server):
    await server.deafen()
    async with feed(server) as desk:
        await desk.until(lambda: desk.said("connection refused"))
        assert state(desk) in ("connecting", "reconnecting")
        await server.listen()
        await desk.until(lambda: desk.of(Ticker, last=100.0) and state(desk) == "live")


async def test_refused_in_the_middle_leaves_a_gap_and_comes_back(server):
    async with feed(server) as desk:
        await desk.until(lambda: desk.of(Ticker, last=100.0))
        before = desk.context.clock.now()
        await server.deafen()
        await desk.until(lambda: desk.said("connection refused"))
        refused = desk.context.clock.now()
        assert state(desk) == "reconnecting"
        server.frames[TICKERS] = [ticker(105)]
        await server.listen()
        await desk.until(lambda: desk.of(Ticker, last=105.0) and state(desk) == "live")
    (gap,) = desk.of(Gap)
    assert (gap.feed, gap.venue, gap.channel) == ("test", "bybit", "ticker")
    assert desk.of(Ticker, last=100.0)[0].recv <= before <= gap.since <= refused
    assert gap.until == desk.of(Ticker, last=105.0)[0].recv
    assert desk.events.index(gap) < desk.events.index(desk.of(Ticker, last=105.0)[0])
    assert desk.reconnects == 1


async def test_closed_in_the_middle_of_a_frame(server):
    async def half_a_frame(socket, message):
        await server.answer(socket, message)
        whole = json.dumps(ticker(101)).encode()
        header = bytes([0x81, 126]) + len(whole).to_bytes(2, "big")
        socket._req.transport.write(header + whole[: len(whole) // 2])
        await asyncio.sleep(0)
        socket._req.transport.close()

    server.quirk = half_a_frame
    async with feed(server) as desk:
        await desk.until(lambda: desk.of(Ticker, last=100.0) and desk.said("closed the connection"))
        server.quirk, server.frames[TICKERS] = None, [ticker(106)]
        await desk.until(lambda: desk.of(Ticker, last=106.0) and state(desk) == "live")
    assert not desk.of(Ticker, last=101.0)
    assert desk.of(Gap, channel="ticker")


async def test_a_silent_socket_is_found_and_replaced(server, monkeypatch):
    monkeypatch.setitem(Line.FLOORS, "ticker", 150.0)
    server.frames[TICKERS] = [ticker(100), ticker(101)]
    async with feed(server) as desk:
        await desk.until(lambda: desk.said("silent for"))
        server.frames[TICKERS] = [ticker(107)]
        await desk.until(lambda: desk.of(Ticker, last=107.0))
    assert any(state == "stale" for state, *_ in desk.statuses)
    assert desk.of(Gap, channel="ticker")
    assert desk.reconnects >= 1


async def test_garbage_costs_only_itself(server):
    async def garbage(socket, message):
        await socket.send_str("}{ what is this, a market data stream from a venue?")
        await socket.send_str('{"topic": "tickers.BTCUSDT", "data": {"broken')
        await socket.send_bytes(b"\xff\xfe\x00\x01" * 20)
        await socket.send_str('{"topic": "tickers.BTCUSDT", "type": "snapshot", "data": [1, 2], "ts": "x"}')
        await socket.send_str('{"topic": "publicTrade.BTCUSDT", "data": [{"p": "x", "T": {}}]}')
        await server.answer(socket, message)

    server.quirk = garbage
    server.frames[TICKERS] = [ticker(100), ticker(108)]
    async with feed(server) as desk:
        await desk.until(lambda: desk.of(Ticker, last=108.0))
    assert len(desk.rejected) >= 3
    assert desk.reconnects == 0


async def test_a_web_page_instead_of_json(server):
    page = "<!DOCTYPE html><html><body>Checking your browser…</body></html>"
    server.refuse = lambda request: web.Response(text=page, content_type="text/html")
    async with feed(server) as desk:
        await desk.until(lambda: desk.said("a web page (HTML) instead of JSON"))
        server.refuse = None
        await desk.until(lambda: desk.of(Ticker, last=100.0) and state(desk) == "live")


async def test_too_many_requests_waits_as_long_as_the_venue_asks(server):
    server.refuse = lambda request: web.json_response({}, status=429, headers={"Retry-After": "17"})
    async with feed(server) as desk:
        await desk.until(lambda: desk.said("too many requests (HTTP 429); it asks for 17 s"))
        server.refuse = None
        await desk.until(lambda: desk.of(Ticker, last=100.0))
    assert any(pause == pytest.approx(17.0, abs=0.5) for pause in desk.slept)


@pytest.mark.parametrize("status", [451, 403])
async def test_a_refused_location_is_down_and_asked_rarely(server, status):
    server.refuse = lambda request: web.json_response({"msg": "restricted"}, status=status)
    async with feed(server) as desk:
        await desk.until(lambda: desk.said(f"refuses this location or address (HTTP {status})"))
        assert state(desk) == "down"
        server.refuse = None
        await desk.until(lambda: desk.of(Ticker, last=100.0) and state(desk) == "live")
    assert SLOW_SECONDS in desk.slept


async def test_a_refused_handshake(server):
    server.refuse = lambda request: (
        web.Response(status=451) if request.headers.get("Upgrade", "").lower() == "websocket" else None
    )
    async with feed(server) as desk:
        await desk.until(lambda: desk.said("refuses this location or address (HTTP 451)"))
        server.refuse = None
        await desk.until(lambda: desk.of(Ticker, last=100.0))


async def test_a_name_that_does_not_resolve():
    nowhere = "http://no-such-venue.invalid"
    urls = dict.fromkeys(("spot", "futures", "v2", "public", "private"), nowhere)
    async with running(exchange="bybit", urls=urls, symbols=("BTC",)) as desk:
        await desk.until(lambda: desk.said("can't be resolved (DNS)"))


async def test_an_exchange_that_ccxt_does_not_know():
    async with running(exchange="binanceusd") as desk:
        with pytest.raises(DeskError, match="binanceusdm"):
            await desk.task
        assert state(desk) == "down"
        assert desk.said("ccxt has no exchange 'binanceusd'")


async def test_symbols_the_venue_does_not_list(server):
    async with running(**venues.bybit(server, symbols=("BTCC/USDT:USDT",))) as desk:
        with pytest.raises(DeskError, match="BTC/USDT:USDT"):
            await desk.task
    async with running(**venues.bybit(server, symbols=("BTC", "NOPE"), channels=("ticker",))) as desk:
        await desk.until(lambda: desk.of(Ticker) and desk.said("NOPE is not listed here"))
        assert state(desk) == "live"


@pytest.mark.parametrize(("shift", "words"), [(HOUR, "1 h ahead of this clock"), (-HOUR, "1 h behind this clock")])
async def test_a_clock_an_hour_off_is_said_and_its_events_kept(server, shift, words):
    async with feed(server) as desk:
        now = desk.context.clock.now()
        server.frames[TICKERS] = [ticker(100 + n, ts=now + shift + n) for n in range(5)]
        newest = now + shift + 4
        await desk.until(
            lambda: desk.said(f"clock skew: its events are stamped {words}") and desk.of(Ticker, ts=newest)
        )
        assert desk.of(Ticker)[-1].ts == newest and all(event.ts - now - shift in range(5) for event in desk.of(Ticker))
        assert state(desk) == "live"


async def test_prices_that_are_no_prices(server):
    server.frames[TICKERS] = [
        ticker(100), ticker("nan", kind="delta"), ticker(-5, kind="delta"), ticker("inf", kind="delta"),
        ticker(109, kind="delta"),
    ]  # fmt: skip
    bad = [{"T": 1_790_000_000_000, "s": "BTCUSDT", "S": "Buy", "v": "1", "p": p, "i": p} for p in ("nan", "-1", "7")]
    server.frames[TRADES] = [{"topic": "publicTrade.BTCUSDT", "type": "snapshot", "ts": 1, "data": [t]} for t in bad]
    order = {"T": 1_790_000_000_000, "s": "BTCUSDT", "S": "Buy", "v": "-1", "p": "5"}
    server.frames["linear/allLiquidation.BTCUSDT"] = [
        {"topic": "allLiquidation.BTCUSDT", "type": "snapshot", "ts": 1, "data": [order]}
    ]
    async with feed(server, "ticker", "trades", "liquidations") as desk:
        await desk.until(lambda: desk.of(Ticker, last=109.0) and desk.of(Trade, price=7.0))
        await desk.until(lambda: len(desk.rejected) >= 6)
    assert {event.last for event in desk.of(Ticker)} <= {100.0, 109.0, 7.0}
    assert len(desk.of(Trade)) == 1
    assert desk.of(Liquidation) == []
    assert all(reason for _, reason in desk.rejected)


async def test_a_book_begins_afresh_after_a_lost_connection():
    def snapshot(*bids):
        levels = [["new", price, 100.0] for price in bids]
        data = {"type": "snapshot", "timestamp": 1_790_000_000_000 + len(bids), "instrument_name": "BTC-PERPETUAL",
                "change_id": 1, "bids": levels, "asks": [["new", 99.0, 50.0]]}  # fmt: skip
        return {
            "jsonrpc": "2.0",
            "method": "subscription",
            "params": {"channel": "book.BTC-PERPETUAL.raw", "data": data},
        }

    async with ReplayServer(Deribit()) as server:
        server.json["/api/v2/public/get_instruments"] = {"result": [venues.DERIBIT_PERPETUAL]}
        server.frames["book.BTC-PERPETUAL"] = [snapshot(95.0, 94.0, 93.0)]
        async with running(**venues.deribit(server, symbols=("BTC",), channels=("book",))) as desk:
            await desk.until(lambda: desk.of(Book))
            server.frames["book.BTC-PERPETUAL"] = [snapshot(92.0)]
            await server.drop()
            await desk.until(lambda: desk.of(Book)[-1].bids == ((92.0, 100.0 / 92.0),))
    assert [price for price, _ in desk.of(Book)[0].bids] == [95.0, 94.0, 93.0]
