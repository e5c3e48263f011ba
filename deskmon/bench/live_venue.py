"""The other side of `deskmon bench live`: three venues on loopback, in a process of its own.

    python -m deskmon.bench.live_venue FRAMES

It prints its port, and "ready" when the desk has subscribed to everything and the frames are made. At a line of input
it sends them as fast as they are taken, and prints how many frames and how many trades they were. Times in the frames
are those of sending.
"""

from __future__ import annotations

import asyncio
import json
import struct
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import WSMsgType, web

from deskmon.bench.frames import ASSETS, STAMP, frames
from deskmon.bench.live_markets import Answer, answers
from deskmon.clock import wall_ms

TOGETHER = 20
"""Frames in one write."""
TOPICS = {
    "binance": {"trade": "trades", "bookTicker": "ticker", "markPrice@1s": "mark", "depth@100ms": "book",
                "miniTicker": "mini"},
    "bybit": {"publicTrade": "trades", "tickers": "ticker", "orderbook.200": "book"},
    "okx": {"trades": "trades", "tickers": "ticker", "books": "book", "mark-price": ""},
}  # fmt: skip
"""The channel of each topic, by venue; "" is asked for and stays silent."""
MIX = {"trades": 8, "ticker": 6, "book": 4, "mark": 1, "mini": 1}
"""Frames of each channel, of twenty."""

Asked = dict[tuple[str, str], list[str]]
"""Assets by venue and channel."""


class Venues:
    """What was asked for on each socket, and the frames that go there."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._asked: list[tuple[web.Request, Asked]] = []
        self._topics = 0
        self.all_asked = asyncio.Event()

    async def talk(self, request: web.Request) -> web.WebSocketResponse:
        """One websocket."""
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        asked: Asked = {}
        self._asked.append((request, asked))
        async for received in socket:
            if received.type is not WSMsgType.TEXT or not received.data.startswith("{"):
                continue
            for venue, kind, name in topics_of(json.loads(received.data)):
                if kind not in TOPICS[venue]:
                    continue
                self._topics += 1
                if channel := TOPICS[venue][kind]:
                    asked.setdefault((venue, channel), []).append(asset_of(name))
            if self._topics == len(ASSETS) * sum(map(len, TOPICS.values())):
                self.all_asked.set()
        return socket

    def made(self) -> list[tuple[web.Request, list[tuple[str, bytes]]]]:
        """Channels and frames for each socket, those of its channels side by side."""
        share = sum(MIX[channel] for _, each in self._asked for _, channel in each)
        found = []
        for request, each in self._asked:
            placed: list[tuple[float, str, bytes]] = []
            for (venue, channel), assets in each.items():
                count = self._count * MIX[channel] // share
                made = frames(venue, channel, count, assets=tuple(assets))
                placed += [(number / count, channel, frame) for number, frame in enumerate(made)]
            placed.sort(key=lambda each: each[0])
            found.append((request, [(channel, frame) for _, channel, frame in placed]))
        return found


def topics_of(message: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(venue, channel in the venue's words, its name of the market) of each topic that a message subscribes to; of
    another message nothing."""
    found: list[tuple[str, str, str]] = []
    if message.get("method") == "SUBSCRIBE":
        for topic in message["params"]:
            name, _, kind = topic.partition("@")
            found.append(("binance", kind, name.upper()))
    elif message.get("op") == "subscribe":
        for arg in message["args"]:
            if isinstance(arg, str):
                kind, _, name = arg.rpartition(".")
                found.append(("bybit", kind, name))
            else:
                found.append(("okx", arg["channel"], arg.get("instId", "")))
    return found


def asset_of(name: str) -> str:
    """The asset that a perpetual in USDT is named after."""
    return name.removesuffix("-USDT-SWAP").removesuffix("USDT")


def packed(data: bytes) -> bytes:
    """A text frame of a websocket, as a server sends it."""
    size = len(data)
    if size < 126:
        return struct.pack("!BB", 0x81, size) + data
    return (struct.pack("!BBH", 0x81, 126, size) if size < 2**16 else struct.pack("!BBQ", 0x81, 127, size)) + data


async def _pour(request: web.Request, made: list[tuple[str, bytes]]) -> None:
    for start in range(0, len(made), TOGETHER):
        now = str(wall_ms()).encode()
        part = made[start : start + TOGETHER]
        assert request.transport is not None
        request.transport.write(b"".join(packed(frame.replace(STAMP, now)) for _, frame in part))
        await request.protocol._drain_helper()
        await asyncio.sleep(0)


async def listen(
    talk: Callable[[web.Request], Awaitable[web.StreamResponse]], known: Mapping[str, Answer]
) -> web.AppRunner:
    """Serve websockets under /ws by `talk` and requests by what is `known`, and say the port."""

    async def answer(request: web.Request) -> web.StreamResponse:
        asked = await request.json() if request.method == "POST" else request.query
        return web.json_response(known[request.path](asked) if request.path in known else {})

    app = web.Application()
    app.router.add_get("/ws/{path:.*}", talk)
    app.router.add_get("/{path:.*}", answer)
    app.router.add_post("/{path:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    say(runner.addresses[0][1])
    return runner


def say(*words: object) -> None:
    """A line to whoever started this process."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


async def _serve(count: int) -> None:
    venues = Venues(count)
    runner = await listen(venues.talk, answers(ASSETS))
    await venues.all_asked.wait()
    made, lines = venues.made(), asyncio.get_running_loop()
    say("ready")
    await lines.run_in_executor(None, sys.stdin.readline)
    await asyncio.gather(*(_pour(request, each) for request, each in made))
    sent = [channel for _, each in made for channel, _ in each]
    say(len(sent), sent.count("trades"))
    await lines.run_in_executor(None, sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
