"""Liquidations by a venue's own websocket, without ccxt: each is told once, whatever the venue repeats, with its side
and its dollars; and the venue's own ping is answered."""

import gzip
import json

import pytest

from deskmon.events import Gap, Liquidation, Ticker
from deskmon.feeds.native import aster, bitget, bitmex, gate, htx
from deskmon.feeds.native.readings import Forced, Refusal, Stranger
from tests.ccxt.desk import RECORDED, recorded, running
from tests.ccxt.replay_server import Dialect, ReplayServer
from tests.ccxt.venues import binance_market

# Recorded in September 2026 (see live_frames_2026.jsonl of the recordings): HTX and Aster. Of the documentation: Gate's
# of gate.com/docs/developers/futures/ws/en, Bitget's of bitget.com/api-doc/uta/websocket/public/Liquidation-Channel,
# BitMEX's of bitmex.com/app/wsAPI with the columns that its REST explorer names.
HTX_ROW = {
    "symbol": "BTC", "contract_code": "BTC-USDT", "direction": "buy", "offset": "close", "volume": 500,
    "price": 2446.26, "created_at": 1789670297212, "amount": 0.5, "trade_turnover": 1223.13, "contract_type": "swap",
    "pair": "BTC-USDT", "business_type": "swap", "trade_partition": "USDT",
}  # fmt: skip
GATE_ROW = {"price": "215.1", "size": -124, "time": 1541486601123, "contract": "BTC_USDT"}
BITGET_ROW = {"symbol": "BTCUSDT", "side": "buy", "price": "89000", "amount": "37.722858", "ts": "1736371332162"}
ASTER_ROW = {
    "s": "BTCUSDT", "S": "SELL", "o": "LIMIT", "f": "IOC", "q": "28448", "p": "0.0040681", "ap": "0.0044461",
    "X": "FILLED", "l": "12417", "z": "28448", "T": 1789672621550,
}  # fmt: skip
BITMEX_ROW = {"orderID": "98ae1dad", "symbol": "XBTUSD", "side": "Buy", "price": 13854.5, "leavesQty": 314930}


class Htx(Dialect):
    async def send(self, socket, message):
        await socket.send_bytes(gzip.compress(json.dumps(message).encode()))

    def asked(self, message):
        return [message["topic"]] if message.get("op") == "sub" else []

    def acknowledge(self, message):
        if message["op"] == "pong":
            return []
        done = {"op": "sub", "cid": message["cid"], "topic": message["topic"], "ts": 1789676350590, "err-code": 0}
        return [done, {"op": "ping", "ts": "1789676355591"}]


class Gate(Dialect):
    def asked(self, message):
        return message["payload"] if message.get("event") == "subscribe" else []

    def acknowledge(self, message):
        event, channel = message.get("event"), message["channel"].replace("ping", "pong")
        return [{"time": 1, "channel": channel, "event": event or "", "result": {"status": "success"}, "error": None}]


class Bitget(Dialect):
    def asked(self, message):
        return [arg["instType"] for arg in message["args"]] if message["op"] == "subscribe" else []

    def acknowledge(self, message):
        return [{"event": message["op"], "arg": arg, "connId": "x"} for arg in message["args"]]


class Aster(Dialect):
    def asked(self, message):
        return message["params"] if message["method"] == "SUBSCRIBE" else []

    def acknowledge(self, message):
        return [{"result": None, "id": message["id"]}]


class Bitmex(Dialect):
    def asked(self, message):
        return message["args"] if message["op"] == "subscribe" else []

    def acknowledge(self, message):
        return [{"info": "Welcome to the BitMEX Realtime API.", "version": "2"}] + [
            {"success": True, "subscribe": topic, "request": message} for topic in message["args"]
        ]


def htx_venue(server):
    contract = {
        "symbol": "BTC", "contract_code": "BTC-USDT", "contract_size": 0.001, "price_tick": 0.1, "delivery_date": "",
        "delivery_time": "", "create_date": "20201021", "contract_status": 1, "settlement_date": "1",
        "support_margin_mode": "all", "business_type": "swap", "pair": "BTC-USDT", "contract_type": "swap",
    }  # fmt: skip
    server.json["/linear-swap-api/v1/swap_contract_info"] = {"status": "ok", "data": [contract]}
    urls = dict.fromkeys(("status", "contract", "spot", "public", "private", "v2Public", "v2Private"), server.http)
    own = {"swap": {"linear": {"private": f"{server.ws}/linear-swap-notification"}}}
    return {"exchange": "htx", "urls": {**urls, "ws": {"api": own}}}


def htx_frame(*rows):
    return {"op": "notify", "topic": "public.BTC-USDT.liquidation_orders", "ts": 1789670297217, "data": list(rows)}


def gate_venue(server):
    contract = {
        "name": "BTC_USDT", "type": "direct", "quanto_multiplier": "0.0001", "funding_interval": 28800,
        "order_price_round": "0.1", "order_size_min": 1, "order_size_max": 1000000, "leverage_max": "100",
        "in_delisting": False, "maintenance_rate": "0.005",
    }  # fmt: skip
    server.json["/api/v4/futures/usdt/contracts"] = [contract]
    server.json["/api/v4/futures/btc/contracts"] = []
    public = dict.fromkeys(("futures", "spot", "delivery", "options", "margin"), f"{server.http}/api/v4")
    return {"exchange": "gate", "urls": {"public": public, "swap": {"usdt": f"{server.ws}/v4/ws/usdt"}}}


def gate_frame(*rows):
    return {"channel": "futures.public_liquidates", "event": "update", "time": 1541505434, "time_ms": 1541505434123,
            "result": list(rows)}  # fmt: skip


def bitget_venue(server):
    contract = {
        "symbol": "BTCUSDT", "baseCoin": "BTC", "quoteCoin": "USDT", "symbolType": "perpetual", "minTradeNum": "0.001",
        "priceEndStep": "1", "volumePlace": "3", "pricePlace": "1", "sizeMultiplier": "0.001", "symbolStatus": "normal",
        "supportMarginCoins": ["USDT"], "makerFeeRate": "0", "takerFeeRate": "0", "maxLever": "125",
    }  # fmt: skip
    listed = {"USDT-FUTURES": [contract]}

    def contracts(request):
        return {"code": "00000", "data": listed.get(request.query.get("productType", "").upper(), [])}

    for path in ("/api/v2/mix/market/contracts", "/api/v2/spot/public/symbols", "/api/v2/margin/currencies"):
        server.json[path] = contracts
    kinds = ("spot", "mix", "user", "common", "margin", "uta")
    urls = {**dict.fromkeys(kinds, server.http), "ws": {"utaPublic": f"{server.ws}/v3/ws/public"}}
    return {"exchange": "bitget", "urls": urls}


def bitget_frame(*rows):
    return {"data": list(rows), "arg": {"instType": "usdt-futures", "topic": "liquidation"}, "action": "update",
            "ts": 1736371332162}  # fmt: skip


def aster_venue(server):
    server.json["/fapi/v1/exchangeInfo"] = {"symbols": [binance_market("BTC")], "rateLimits": []}
    server.json["/fapi/v3/exchangeInfo"] = {"symbols": [binance_market("BTC")], "rateLimits": []}
    server.json["/api/v3/exchangeInfo"] = {"symbols": [], "rateLimits": []}
    urls = {"fapiPublic": f"{server.http}/fapi", "sapiPublic": f"{server.http}/api",
            "ws": {"public": {"swap": f"{server.ws}/stream"}}}  # fmt: skip
    return {"exchange": "aster", "urls": urls}


def aster_frame(*rows):
    (row,) = rows
    return {"stream": "!forceOrder@arr", "data": {"e": "forceOrder", "E": row["T"], "o": row}}


XBTUSD = {
    "symbol": "XBTUSD", "typ": "FFWCSX", "state": "Open", "underlying": "XBT", "quoteCurrency": "USD",
    "settlCurrency": "XBt", "isInverse": True, "isQuanto": False, "multiplier": -100_000_000, "tickSize": 0.1,
    "lotSize": 100, "expiry": None,
}  # fmt: skip
ETHUSD = {**XBTUSD, "symbol": "ETHUSD", "underlying": "ETH", "isInverse": False, "isQuanto": True, "multiplier": 100}
XBTUSDT = {**XBTUSD, "symbol": "XBTUSDT", "quoteCurrency": "USDT", "settlCurrency": "USDt", "isInverse": False,
           "multiplier": 1, "underlyingToPositionMultiplier": 1_000_000}  # fmt: skip


def bitmex_venue(server):
    server.json["/api/v1/instrument/active"] = [XBTUSD, ETHUSD, {**XBTUSD, "typ": "MRRXXX"}]
    return {"exchange": "bitmex", "urls": {"public": server.http, "ws": f"{server.ws}/realtime"}}


def bitmex_frame(*rows):
    return {"table": "liquidation", "action": "insert", "data": list(rows)}


VENUES = {
    # dialect, venue, frame of rows, topic, symbol, a row, the same on the other side, sides, its dollars, has it an id
    "htx": (Htx, htx_venue, htx_frame, "public.*.liquidation_orders", "BTC/USDT:USDT", HTX_ROW, {"direction": "sell"},
            ("short", "long"), 500 * 0.001 * 2446.26, False),
    "gate": (Gate, gate_venue, gate_frame, "!all", "BTC/USDT:USDT", GATE_ROW, {"size": 124}, ("long", "short"),
             124 * 0.0001 * 215.1, False),
    "bitget": (Bitget, bitget_venue, bitget_frame, "usdt-futures", "BTC/USDT:USDT", BITGET_ROW, {"side": "sell"},
               ("long", "short"), 37.722858, False),
    "aster": (Aster, aster_venue, aster_frame, "!forceOrder@arr", "BTC/USDT:USDT", ASTER_ROW, {"S": "BUY"},
              ("long", "short"), 28448 * 0.0044461, False),
    "bitmex": (Bitmex, bitmex_venue, bitmex_frame, "liquidation", "BTC/USD:BTC", BITMEX_ROW,
               {"side": "Sell", "orderID": "2"}, ("short", "long"), 314930.0, True),
}  # fmt: skip


@pytest.mark.parametrize("venue", VENUES)
async def test_each_is_told_once_over_a_lost_connection(venue):
    dialect, serve, framed, topic, symbol, row, other, sides, usd, has_id = VENUES[venue]
    rows = [row, {**row, **other}]
    async with ReplayServer(dialect()) as server:
        options = serve(server)
        server.frames[topic] = [framed(each) for each in rows]
        if has_id:
            server.frames[topic].append(framed(row))
        async with running(**options, symbols=(symbol,), channels=("liquidations",)) as desk:
            await desk.until(lambda: len(desk.of(Liquidation)) == 2)
            later = {**row, "orderID": "3"} if has_id else {**row, "price": "70000", "ap": "70000"}
            server.frames[topic] = [*server.frames[topic], framed(later)]
            await server.drop()
            await desk.until(lambda: len(desk.of(Liquidation)) == 3)
            assert (desk.reconnects, len(desk.of(Gap, channel="liquidations"))) == (1, 1)
            await desk.until(lambda: desk.statuses[-1][0] == "live")
            if venue == "htx":
                await desk.until(lambda: {"op": "pong", "ts": "1789676355591"} in server.messages)
    told = desk.of(Liquidation)
    assert [(event.venue, event.symbol, event.side) for event in told[:2]] == [
        (venue, symbol, sides[0]),
        (venue, symbol, sides[1]),
    ]
    assert [event.usd for event in told[:2]] == pytest.approx([usd, usd])
    assert [event.price * event.amount for event in told] == pytest.approx([event.usd for event in told])
    assert len({event.id for event in told}) == 3
    assert desk.rejected == []


@pytest.mark.parametrize("venue", [venue for venue, told in VENUES.items() if not told[-1] and venue != "aster"])
async def test_two_equal_orders_of_one_frame_are_two(venue):
    dialect, serve, framed, topic, symbol, row, _other, _sides, usd, _has_id = VENUES[venue]
    async with ReplayServer(dialect()) as server:
        options = serve(server)
        server.frames[topic] = [framed(row, row)]
        async with running(**options, symbols=(symbol,), channels=("liquidations",)) as desk:
            await desk.until(lambda: len(desk.of(Liquidation)) == 2)
    assert sum(event.usd for event in desk.of(Liquidation)) == pytest.approx(2 * usd)


async def test_bitmex_quanto_contracts_are_valued_at_its_price_of_bitcoin():
    async with ReplayServer(Bitmex()) as server:
        options = bitmex_venue(server)
        price = {"symbol": "XBTUSD", "timestamp": "2026-09-01T00:00:00.000Z", "lastPrice": 50_000, "markPrice": 50_001}
        server.frames["instrument:XBTUSD"] = [{"table": "instrument", "action": "partial", "data": [price]}]
        async with running(**options, symbols=("BTC/USD:BTC",), channels=("ticker", "liquidations")) as desk:
            await desk.until(lambda: desk.of(Ticker, last=50_000.0, mark=50_001.0))
            # A row of November 2019 as recorded: 5,250 contracts of 100 satoshi for each dollar of price.
            row = {"orderID": "d0292a27", "symbol": "ETHUSD", "side": "Sell", "price": 186.7, "leavesQty": 5250}
            for socket in server.sockets:
                await socket.send_json(bitmex_frame(row))
                await socket.send_json({**bitmex_frame({**row, "leavesQty": 1}), "action": "update"})
                await socket.send_json({**bitmex_frame({"orderID": "d0292a27"}), "action": "delete"})
            await desk.until(lambda: desk.of(Liquidation))
    (event,) = desk.of(Liquidation)
    assert (event.symbol, event.side, event.id) == ("ETH/USD:BTC", "long", "ETH/USD:BTC#d0292a27")
    assert event.usd == pytest.approx(5250 * 186.7 * 100e-8 * 50_000)


async def test_a_venue_that_refuses_is_said_to():
    async with ReplayServer(Bitget()) as server:
        options = bitget_venue(server)

        async def refuse(socket, message):
            await socket.send_json({"event": "error", "code": "30001", "msg": "topic doesn't exist"})

        server.quirk = refuse
        async with running(**options, symbols=("BTC",), channels=("liquidations",)) as desk:
            await desk.until(lambda: desk.said("topic doesn't exist (code 30001)"))


class Listed(dict):
    venue = "v"

    def __missing__(self, identity):
        return f"market {identity}" if "BTC" in identity or "XBT" in identity or "ETH" in identity else None


def read(module, frame):
    return module.parse(json.dumps(frame).encode(), Listed(), 1)


@recorded
def test_recorded_frames_close_the_sides_that_were_established():
    lines = (RECORDED / "liquidations" / "live_frames_2026.jsonl").read_text().splitlines()
    found = {"htx": [], "aster": []}
    for line in map(json.loads, lines):
        if line["venue"] in found:
            text = json.dumps(line["raw"]).replace("PAIRUSDT", "BTCUSDT").encode()
            (reading,) = {"htx": htx, "aster": aster}[line["venue"]].parse(text, Listed(), 1)
            found[line["venue"]].append((reading.order.side, line["position_side"], reading.order))
    assert all(side == established for orders in found.values() for side, established, _ in orders)
    ((_, _, order),) = found["aster"]
    assert (order.contracts, order.price) == (28448.0, 0.0044461)
    ((_, _, order),) = found["htx"]
    assert (order.contracts * 0.01 * order.price) == pytest.approx(12231.3)


def test_gate_times_are_milliseconds_or_seconds():
    for fields in ({"time": 1541486601123}, {"time": 1541486601}, {"time": 1, "time_ms": 1541486601123}):
        (reading,) = read(gate, gate_frame({**GATE_ROW, **fields}))
        assert reading.order.ts // 1000 == 1541486601
    with pytest.raises(ValueError, match="closes nothing"):
        read(gate, gate_frame({**GATE_ROW, "size": "0"}))


@pytest.mark.parametrize("venue", VENUES)
def test_a_market_that_is_not_listed_is_named_and_a_side_that_is_not_known_is_no_guess(venue):
    module = {"htx": htx, "gate": gate, "bitget": bitget, "aster": aster, "bitmex": bitmex}[venue]
    _, _, framed, _, _, row, _, _, _, _ = VENUES[venue]
    named = next(name for name in ("contract_code", "contract", "symbol", "s") if str(row.get(name)) in ("BTC-USDT",
                 "BTC_USDT", "BTCUSDT", "XBTUSD"))  # fmt: skip
    assert read(module, framed({**row, named: "NEW"})) == (Stranger("NEW"),)
    (reading,) = read(module, framed(row))
    assert type(reading) is Forced
    sided = next((name for name in ("direction", "side", "S") if name in row), None)
    if sided is not None:
        with pytest.raises(ValueError, match="side"):
            read(module, framed({**row, sided: "?"}))


@pytest.mark.parametrize(
    ("module", "frame"),
    [
        (htx, {"op": "sub", "topic": "t", "ts": 1, "err-code": 2011, "err-msg": "no"}),
        (gate, {"channel": "futures.public_liquidates", "event": "subscribe", "error": {"code": 2, "message": "no"}}),
        (bitget, {"event": "error", "code": "1", "msg": "no"}),
        (aster, {"id": 1, "error": {"code": 2, "msg": "no"}}),
        (bitmex, {"status": 400, "error": "no", "request": {}}),
    ],
)
def test_a_refusal_is_told_in_the_venues_words(module, frame):
    (refusal,) = read(module, frame)
    assert type(refusal) is Refusal
    assert refusal.words.startswith("no")
