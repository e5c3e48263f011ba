"""The other side of `benchmarks.october`: five venues on loopback, in a process of their own.

    python -m benchmarks.october_venue SECONDS TIMES

It prints its port, and "ready" when the desk has subscribed to everything. At a line of input it sends what came in
the stretch, each frame with the time at which it is due, and prints what was sent (`october_count.written`) and by how
many seconds it was late itself. A desk that is behind is waited for: nothing is left out. At another line
prices stay as they are in the quiet market that follows, and it prints again what was sent.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from aiohttp import WSMsgType, web

from benchmarks import october_count
from benchmarks.october_frames import Supply, supplies
from benchmarks.october_markets import answers
from benchmarks.october_rates import ASSETS, per_second
from deskmon.bench.live_venue import asset_of, listen, packed, say, topics_of
from deskmon.clock import wall_ms

STEP_S = 0.025
"""How often a socket's frames that are due are sent, together."""
TRICKLE_S = 0.5
"""How often each market tells its prices after the stretch."""
KINDS = {
    "binance": {"trade": "trades", "bookTicker": "ticker", "markPrice@1s": "mark", "depth@100ms": "book",
                "miniTicker": "mini", "arr": "liquidations"},
    "bybit": {"publicTrade": "trades", "tickers": "ticker", "orderbook.200": "book", "allLiquidation": "liquidations"},
    "okx": {"trades": "trades", "tickers": "ticker", "books": "book", "mark-price": "mark", "funding-rate": "funding",
            "liquidation-orders": "liquidations"},
    "deribit": {"trades": "trades", "ticker": "ticker", "book": "book"},
    "hyperliquid": {"trades": "trades", "activeAssetCtx": "ticker", "l2Book": "book"},
}  # fmt: skip
"""Channels by the venues' words."""


def asked(message: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(venue, channel, asset) of each topic that a message subscribes to; no asset: all of them."""
    if message.get("method") == "public/subscribe":
        topics = [("deribit", *topic.split(".")[:2]) for topic in message["params"]["channels"]]
    elif message.get("method") == "subscribe":
        topics = [("hyperliquid", message["subscription"]["type"], message["subscription"]["coin"])]
    else:
        topics = topics_of(message)
    return [(venue, KINDS[venue][kind], "" if name.startswith("!") else asset_of(name.removesuffix("_USDC-PERPETUAL")))
            for venue, kind, name in topics]  # fmt: skip


class Pace:
    """When what is due so many seconds after the beginning is sent."""

    def __init__(self) -> None:
        self._begun, self._start = time.perf_counter(), wall_ms()
        self.late_s = 0.0
        self._held_s = 0.0

    def stamp(self, second: float) -> bytes:
        """The time (ms) at which it is due."""
        return b"%d" % (self._start + round((second + self.late_s) * 1000))

    async def until(self, second: float) -> None:
        """Wait until it is due. What is late though nobody held it up puts off all that follows."""
        early = self._begun + self.late_s + second - time.perf_counter()
        self._held_s = max(0.0, min(self._held_s, -early))
        self.late_s += max(0.0, -early - self._held_s)
        await asyncio.sleep(max(0.0, early))

    async def waited(self, writing: Coroutine[Any, Any, None]) -> None:
        """Write; so long as it takes the desk holds us up."""
        begun = time.perf_counter()
        await writing
        self._held_s += time.perf_counter() - begun


class Venues:
    """What goes to which socket."""

    def __init__(self) -> None:
        self.supplies = list(supplies(ASSETS))
        self._homes: dict[int, web.Request] = {}
        self._pouring = 0
        self.liquidations: list[tuple[Supply, int, int]] = []
        self.all_asked = asyncio.Event()
        self.all_sent, self.over = asyncio.Event(), asyncio.Event()
        """All of the stretch was sent; and prices are to stay as they are."""
        self.late_s = 0.0
        """By how much this process itself was late."""

    async def talk(self, request: web.Request) -> web.WebSocketResponse:
        """One websocket."""
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        async for received in socket:
            if received.type is not WSMsgType.TEXT or not received.data.startswith("{"):
                continue
            for venue, channel, asset in asked(json.loads(received.data)):
                self._subscribe(request, venue, channel, asset)
        return socket

    def _subscribe(self, request: web.Request, venue: str, channel: str, asset: str) -> None:
        channels = ("trades", "liquidations") if (venue, channel) == ("deribit", "trades") else (channel,)
        for place, each in enumerate(self.supplies):
            if each.venue == venue and each.channel in channels and asset in ("", each.asset):
                self._homes[place] = request
        if len(self._homes) == len(self.supplies):
            self.all_asked.set()

    async def send(self, seconds: float, times: float) -> None:
        """All of the stretch, on every socket."""
        requests = {id(request): request for request in self._homes.values()}
        places: dict[int, list[Supply]] = {key: [] for key in requests}
        for place, request in self._homes.items():
            places[id(request)].append(self.supplies[place])
        self._pouring = len(places)
        await asyncio.gather(*(self._pour(requests[key], mine, seconds, times) for key, mine in places.items()))

    async def _pour(self, request: web.Request, mine: list[Supply], seconds: float, times: float) -> None:
        """One socket's part. Frames are stamped with when they are due, however late a desk that is behind takes them;
        where this process itself is late, the rest of the stretch is put off."""
        rng = random.Random(1)
        due = [rng.random() for _ in mine]
        pace = Pace()
        await _write(request, [frame for each in mine if (frame := each.opening(pace.stamp(0.0))) is not None])
        steps = round(seconds / STEP_S)
        for step in range(1, steps + 1):
            if step % round(1 / STEP_S) == 1:
                rates = [per_second(each.venue, each.channel, each.asset, step / steps, times) for each in mine]
            frames, stamp = [], pace.stamp(step * STEP_S)
            for place, each in enumerate(mine):
                due[place] += rates[place] * STEP_S
                while due[place] >= 1:
                    due[place] -= 1
                    frames.append(self._next(each, stamp))
            await pace.until(step * STEP_S)
            await pace.waited(_write(request, frames))
        self.late_s = max(self.late_s, pace.late_s)
        self._pouring -= 1
        if not self._pouring:
            self.all_sent.set()
        await self._trickle(request, [each for each in mine if each.channel != "liquidations"])

    async def _trickle(self, request: web.Request, mine: list[Supply]) -> None:
        """A quiet market, since silence would be a fault. Once it is to be over, there are no more trades, and each
        market's last prices come again and again, until this process is ended."""
        prices = [each for each in mine if each.channel != "trades"]
        while True:
            is_over = self.over.is_set()
            stamp = b"%d" % wall_ms()
            frames = [each.again(stamp) for each in prices] if is_over else [self._next(each, stamp) for each in mine]
            await _write(request, frames)
            with suppress(TimeoutError):
                async with asyncio.timeout(TRICKLE_S):
                    await (asyncio.Event() if is_over else self.over).wait()

    def _next(self, each: Supply, stamp: bytes) -> bytes:
        frame = each.next(stamp)
        if each.channel == "liquidations":
            assert each.last is not None
            self.liquidations.append((each, each.last, int(stamp)))
        return frame


async def _write(request: web.Request, frames: list[bytes]) -> None:
    if frames:
        assert request.transport is not None
        request.transport.write(b"".join(map(packed, frames)))
        await request.protocol._drain_helper()


async def _serve(seconds: float, times: float) -> None:
    venues = Venues()
    runner = await listen(venues.talk, answers(ASSETS))
    await venues.all_asked.wait()
    lines = asyncio.get_running_loop()
    say("ready")
    await lines.run_in_executor(None, sys.stdin.readline)
    sending = asyncio.create_task(venues.send(seconds, times))
    await venues.all_sent.wait()
    say(october_count.written(october_count.counted(venues.supplies, venues.liquidations)))
    say(round(venues.late_s, 1))
    await lines.run_in_executor(None, sys.stdin.readline)
    venues.over.set()
    say(october_count.written(october_count.counted(venues.supplies, venues.liquidations)))
    await lines.run_in_executor(None, sys.stdin.read)
    sending.cancel()
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(_serve(float(sys.argv[1]), float(sys.argv[2])))
