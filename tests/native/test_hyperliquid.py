"""Hyperliquid by ccxt's path and by our own: the desk is told the same. No recording is at hand: frames are of
hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/websocket/subscriptions."""

import json

import pytest

from deskmon.events import Book, Funding, OpenInterest, Ticker, Trade
from deskmon.feeds.native import hyperliquid
from deskmon.feeds.native.readings import Refusal
from tests.ccxt.replay_server import Dialect, ReplayServer
from tests.native.paths import by_both

NOW = 1_790_000_000_000
CONTEXT = {
    "funding": "0.0000125", "openInterest": "1200.5", "prevDayPx": "49000", "dayNtlVlm": "1000000", "premium": "0",
    "oraclePx": "50005", "markPx": "50001", "midPx": "50000.5", "impactPxs": ["49900", "50100"], "dayBaseVlm": "20.5",
}  # fmt: skip


def frames(coin):
    trades = [
        {"coin": coin, "side": side, "px": px, "sz": "0.5", "hash": "0x1", "time": NOW + tid, "tid": tid, "users": []}
        for tid, (side, px) in enumerate([("B", "50001"), ("A", "50000")])
    ]
    levels = [[{"px": "50000", "sz": "2", "n": 1}], [{"px": "50001", "sz": "3", "n": 1}]]
    told = [
        {"channel": "subscriptionResponse", "data": {"method": "subscribe"}},
        {"channel": "activeAssetCtx", "data": {"coin": coin, "ctx": CONTEXT}},
        {"channel": "trades", "data": trades},
        {"channel": "l2Book", "data": {"coin": coin, "time": NOW, "levels": levels}},
        {"channel": "pong"},
    ]
    return [("", json.dumps(frame), NOW + 10 + place) for place, frame in enumerate(told)]


@pytest.mark.parametrize("coin", ["BTC", "kPEPE"])
async def test_frames_of_the_documentation_are_told_the_same_by_both_paths(coin):
    async def info(request):
        universe = {"universe": [{"name": name, "szDecimals": 5, "maxLeverage": 40} for name in ("ETH", coin)]}
        return [universe, [CONTEXT, CONTEXT]] if (await request.json())["type"] == "metaAndAssetCtxs" else []

    async with ReplayServer(Dialect()) as server:
        server.json["/info"] = info
        options = {"exchange": "hyperliquid", "symbols": (coin.removeprefix("k"),),
                   "urls": {"public": server.http, "ws": {"public": server.ws}}}  # fmt: skip
        ccxt, own = await by_both(options, frames(coin))
    for kind in (Trade, Ticker, Funding, OpenInterest, Book):
        assert ccxt.events(kind), kind
        assert own.events(kind) == ccxt.events(kind), kind
    assert own.desk.rejected == ccxt.desk.rejected == []


def test_a_refusal_is_told_in_the_venues_words():
    frame = {"channel": "error", "data": "Invalid subscription"}
    assert hyperliquid.parse(json.dumps(frame).encode(), {}, NOW) == (Refusal("Invalid subscription"),)
