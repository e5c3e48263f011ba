"""Books that begin with the answer to a request: none is called silent while the desk itself waits."""

from __future__ import annotations

import asyncio
import json

from deskmon.events import Book
from deskmon.feeds.ccxt.resubscribe import Subscription
from tests.ccxt import venues
from tests.ccxt.replay_server import Binance, ReplayServer
from tests.native.paths import path

PLACE = "linear/public"
SYMBOL = "BTC/USDT:USDT"
TS = 1_790_000_000_000


def depth(number, price=94.0):
    return json.dumps({"e": "depthUpdate", "E": TS, "T": TS, "s": "BTCUSDT", "U": number, "u": number,
                       "pu": number - 1, "b": [[str(price), "1"]], "a": []})  # fmt: skip


async def test_a_desk_that_is_behind_its_snapshot_reads_on_until_it_has_caught_up():
    """The answer to a request overtakes a minute of changes that wait in a socket."""
    async with ReplayServer(Binance()) as server:
        venues.serve_markets(server, "binance", "BTC")
        answer = {"lastUpdateId": 161, "E": TS, "T": TS, "bids": [["95", "1"]], "asks": [["99", "1"]]}
        server.json["/fapi/v1/depth"] = lambda request: answer
        options = venues.binanceusdm(server, symbols=(SYMBOL,), channels=("book",))
        async with path(options, native=True) as one:
            monitor, begun = one.session.monitor, TS + 1_000
            subscription = Subscription(("book",))
            one.session.asked_on(subscription, PLACE, {SYMBOL})
            monitor.connected(PLACE)
            one.session.links.books.begin([SYMBOL], PLACE)
            await asyncio.wait(one.session.links.books.asking)
            for second in range(60):
                await one.frame(PLACE, depth(101 + second), begun + second * 1_000)
                monitor.tick()
                assert monitor.due() == [], f"asked anew after {second} s"
            assert len(one.events(Book)) == 1
            await one.frame(PLACE, depth(162), begun + 60_000)
            assert [price for price, _ in one.events(Book)[-1].bids] == [95.0, 94.0]
            assert monitor.channels["book"].state == "live"
