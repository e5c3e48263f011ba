"""Kraken, dYdX and Lighter mark liquidations among their trades: each is told once, with its side and its dollars,
whatever the venue repeats and however often the connection is lost."""

import json

import pytest

from deskmon.events import Gap, Liquidation, Trade
from deskmon.feeds.ccxt import liquidations
from tests.ccxt.desk import running
from tests.ccxt.replay_server import Dialect, ReplayServer

# Kraken's frames are the examples of docs.kraken.com/api/docs/futures-api/websocket/trade, with the type `liquidation`
# that this page names in place of `fill`.
KRAKEN = {
    "feed": "trade", "product_id": "PF_XBTUSD", "uid": "05af78ac-a774-478c-a50c-8b9c234e071e", "side": "sell",
    "type": "liquidation", "seq": 653355, "time": 1612266317519, "qty": 0.5, "price": 34969.5,
}  # fmt: skip
# dYdX's are the shape of docs.dydx.xyz/types/trades_update_message; `type` is of its enum of trades.
DYDX = {
    "id": "02b6148d0000000200000005", "side": "SELL", "size": "0.024", "price": "114581", "type": "LIQUIDATED",
    "createdAt": "2025-08-04T00:42:07.119Z", "createdAtHeight": "45487245",
}  # fmt: skip
# Lighter's are of apidocs.lighter.xyz/docs/websocket-reference (Trade JSON), with positions that fit the side.
LIGHTER = {
    "trade_id": 526801155, "tx_hash": "1998d9df", "type": "liquidation", "market_id": 0, "size": "0.0346",
    "price": "3028.85", "usd_amount": "104.798210", "is_maker_ask": False, "timestamp": 1763623734215,
    "taker_position_size_before": "0.0346", "maker_position_size_before": "2.1277",
}  # fmt: skip


class Kraken(Dialect):
    def asked(self, message):
        return message.get("product_ids", []) if message.get("event") == "subscribe" else []


class Dydx(Dialect):
    def asked(self, message):
        return [message["id"]] if message.get("type") == "subscribe" else []


class Lighter(Dialect):
    def asked(self, message):
        return [message["channel"]] if message.get("type") == "subscribe" else []


def kraken(server):
    server.json["/derivatives/api/v3/instruments"] = {
        "result": "success",
        "instruments": [
            {"symbol": "PF_XBTUSD", "type": "flexible_futures", "tickSize": 1, "contractSize": 1, "tradeable": True,
             "base": "BTC", "quote": "USD", "contractValueTradePrecision": 4, "marginLevels": []}
        ],
    }  # fmt: skip
    frames = [KRAKEN, {**KRAKEN, "uid": "2", "side": "buy"}, {**KRAKEN, "uid": "3", "type": "fill"}, KRAKEN]
    server.frames["PF_XBTUSD"] = frames
    urls = {"public": f"{server.http}/derivatives/api/", "charts": server.http, "ws": f"{server.ws}/ws/v1"}
    return {"exchange": "krakenfutures", "urls": urls}


def dydx(server):
    market = {"clobPairId": "0", "ticker": "BTC-USD", "status": "ACTIVE", "stepSize": "0.0001", "tickSize": "1"}
    server.json["/v4/perpetualMarkets"] = {"markets": {"BTC-USD": market}}
    trades = [DYDX, {**DYDX, "id": "2", "side": "BUY"}, {**DYDX, "id": "3", "type": "LIMIT"}]
    frame = {"type": "channel_data", "channel": "v4_trades", "id": "BTC-USD", "contents": {"trades": trades}}
    server.frames["BTC-USD"] = [{**frame, "type": "subscribed"}, frame]
    return {"exchange": "dydx", "urls": {"indexer": f"{server.http}/v4", "ws": f"{server.ws}/v4/ws"}}


def lighter(server):
    market = {"symbol": "ETH", "market_id": 0, "market_type": "perp", "status": "active", "size_decimals": "4",
              "price_decimals": "2", "quote_multiplier": "1"}  # fmt: skip
    server.json["/api/v1/orderBookDetails"] = {"code": "200", "order_book_details": [market]}
    short = {**LIGHTER, "trade_id": 2, "is_maker_ask": True, "taker_position_size_before": "-1"}
    frame = {"channel": "trade:0", "type": "update/trade", "nonce": 1, "trades": [{**LIGHTER, "type": "trade"}]}
    marked = [LIGHTER, short, {**LIGHTER, "trade_id": 3, "type": "deleverage"}]
    server.frames["trade/0"] = [{**frame, "liquidation_trades": marked}, {**frame, "liquidation_trades": [LIGHTER]}]
    return {"exchange": "lighter", "urls": {"public": server.http, "ws": f"{server.ws}/stream"}}


VENUES = {
    "kraken": (Kraken, kraken, "BTC/USD:USD", 0.5 * 34969.5, (KRAKEN["uid"], "new")),
    "dydx": (Dydx, dydx, "BTC/USDC:USDC", 0.024 * 114581, (DYDX["id"], "new")),
    "lighter": (Lighter, lighter, "ETH/USDC:USDC", 0.0346 * 3028.85, ("526801155", "9")),
}
"""What is asked of it, its symbol and dollars of a record, and how to make a new record of an old one."""


@pytest.mark.parametrize("venue", VENUES)
async def test_each_is_told_once_over_a_lost_connection(venue):
    dialect, serve, symbol, usd, new = VENUES[venue]
    async with ReplayServer(dialect()) as server:
        options = serve(server)
        async with running(**options, symbols=(symbol,), channels=("trades", "liquidations")) as desk:
            await desk.until(lambda: len(desk.of(Liquidation)) == 2 and desk.of(Trade))
            ((topic, frames),) = server.frames.items()
            server.frames[topic] = [*frames, json.loads(json.dumps(frames[0]).replace(*new))]
            await server.drop()
            await desk.until(lambda: len(desk.of(Liquidation)) == 3)
            assert (desk.reconnects, len(desk.of(Gap, channel="liquidations"))) == (1, 1)
    told = desk.of(Liquidation)
    assert [(event.symbol, event.venue, event.side) for event in told[:2]] == [
        (symbol, venue, "long"),
        (symbol, venue, "short"),
    ]
    assert [event.usd for event in told] == pytest.approx([usd] * 3)
    assert len({event.id for event in told}) == 3
    assert desk.rejected == []


@pytest.mark.parametrize(
    ("taker", "maker", "maker_asks", "side"),
    [("1", "-1", False, "long"), ("-1", "1", True, "short"), ("0", "-1", False, "short"), ("-1", "1", False, None)],
)
def test_of_a_trade_on_lighter_the_one_was_liquidated_whose_position_became_smaller(taker, maker, maker_asks, side):
    record = {**LIGHTER, "is_maker_ask": maker_asks, "taker_position_size_before": taker,
              "maker_position_size_before": maker}  # fmt: skip
    if side is None:
        with pytest.raises(ValueError, match="nobody knows who was liquidated"):
            liquidations.lighter(record)
    else:
        assert [order.side for order in liquidations.lighter(record)] == [side]


@pytest.mark.parametrize(
    ("parse", "record"), [(liquidations.kraken, KRAKEN), (liquidations.dydx, DYDX), (liquidations.lighter, LIGHTER)]
)
def test_a_trade_without_the_mark_is_no_liquidation(parse, record):
    assert len(parse(record)) == 1
    assert parse({**record, "type": "fill"}) == []
