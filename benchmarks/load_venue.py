"""A venue on loopback that never stops talking: the other side of `benchmarks.load`.

    python -m benchmarks.load_venue            prints its port; serves until its input ends

It speaks as Bybit does, and sends to each websocket as fast as that takes it: trades with ever new ids, changes of
books, tickers and liquidations of what was subscribed.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import time
from collections.abc import Iterator

from aiohttp import WSMsgType, web

from benchmarks.load_market import ASSETS
from deskmon.bench.live_markets import bybit_listed
from deskmon.bench.live_venue import packed

LEVELS = 200
"""Price levels on each side of a book."""
TOGETHER = 20
"""Frames of a topic in one write."""


def frames(topic: str) -> Iterator[str]:
    """What a subscriber to `topic` gets, without end."""
    channel, _, name = topic.rpartition(".")
    if channel.startswith("orderbook"):
        sides = {
            "b": [[f"{100 - level / 10:.1f}", "1"] for level in range(LEVELS)],
            "a": [[f"{100.1 + level / 10:.1f}", "1"] for level in range(LEVELS)],
        }
        now = time.time_ns() // 1_000_000
        book = {"s": name, **sides, "u": 1, "seq": 1}
        yield json.dumps({"topic": topic, "type": "snapshot", "ts": now, "cts": now, "data": book})
    template = json.dumps({"topic": topic, "type": "delta", "ts": "@now", "cts": "@now", "data": _data(channel, name)})
    template = template.replace('"@now"', "%(now)d").replace('"@n"', "%(n)d").replace("@", "%")
    for n in itertools.count(2):
        yield template % {"now": time.time_ns() // 1_000_000, "n": n, "digit": n % 10, "amount": n % 97 + 1}


def _data(channel: str, name: str) -> object:
    price = "100.@(digit)d"
    if channel.startswith("orderbook"):
        return {"s": name, "b": [["9@(digit)d.0", "@(amount)d"]], "a": [["11@(digit)d.0", "2"]], "u": "@n", "seq": "@n"}
    order = {"T": "@now", "s": name, "S": "Buy", "v": "@(amount)d", "p": price}
    if channel == "publicTrade":
        return [{**order, "BT": False, "i": f"{name}-@(n)d-{k}"} for k in range(3)]
    if channel == "allLiquidation":
        return [order]
    return {"symbol": name, "lastPrice": price, "markPrice": price, "indexPrice": price}


async def _talk(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse(compress=False)
    await socket.prepare(request)
    streams: dict[str, Iterator[str]] = {}
    talking = asyncio.create_task(_send(request, streams))
    async for received in socket:
        if received.type is WSMsgType.TEXT:
            message = json.loads(received.data)
            if message.get("op") == "ping":
                await socket.send_json({"success": True, "ret_msg": "pong", "op": "ping", "conn_id": "1"})
            for topic in message.get("args", []) if message.get("op") == "subscribe" else []:
                streams[topic] = frames(topic)
    talking.cancel()
    return socket


async def _send(request: web.Request, streams: dict[str, Iterator[str]]) -> None:
    while request.transport is not None:
        for stream in list(streams.values()):
            request.transport.write(b"".join(packed(next(stream).encode()) for _ in range(TOGETHER)))
            await request.protocol._drain_helper()
        await asyncio.sleep(0)


async def _answer(request: web.Request) -> web.StreamResponse:
    if request.path == "/v5/market/instruments-info":
        return web.json_response(bybit_listed(ASSETS, request.query))
    return web.json_response({"retCode": 0, "result": {"list": []}})


async def _serve() -> None:
    app = web.Application()
    app.router.add_get("/v5/public/{kind}", _talk)
    app.router.add_get("/{path:.*}", _answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(_serve())
