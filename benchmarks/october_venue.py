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
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from aiohttp import WSMsgType, web

from benchmarks import october_count
from benchmarks.october_frames import Supply, supplies
from benchmarks.october_markets import answers
from benchmarks.october_rates import ASSETS, per_second
from deskmon.bench.live_markets import binance_book
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

    def stamp(self, second: float) -> bytes:
        """The time (ms) at which it is due."""
        return b"%d" % (self._start + round((second + self.late_s) * 1000))

    async def until(self, second: float) -> None:
        """Wait until it is due. What is late puts off all that follows."""
        early = self._begun + self.late_s + second - time.perf_counter()
        self.late_s += max(0.0, -early)
        await asyncio.sleep(max(0.0, early))


class Step(NamedTuple):
    """What happens at once: by the supply's place, which of its frames and their numbers."""

    stamp: bytes
    frames: dict[int, list[tuple[int, int]]]


class Socket:
    """One connection: it is sent all that happens in its markets from when it subscribes, however late it takes it."""

    def __init__(self, venues: Venues, request: web.Request) -> None:
        self._venues, self._request = venues, request
        self.told = venues.happened
        """Steps that it was told, or that were before it."""
        self._mine: dict[int, int] = {}
        self._fresh: list[int] = []
        self._is_held = False
        """Whether the other side takes nothing just now, or is gone."""

    def subscribe(self, place: int) -> None:
        """Send what the supply at that place brings."""
        self._fresh.append(place)

    @property
    def is_late(self) -> bool:
        """Whether something is unwritten though nobody holds it up."""
        return self.told < self._venues.happened and not self._is_held

    async def pour(self) -> None:
        """Write what happens, until cancelled or the connection is lost."""
        while (transport := self._request.transport) is not None:
            while self.told == self._venues.happened:
                await self._venues.news.wait()
            step = self._venues.step(self.told)
            frames = [*self._opening(step.stamp), *self._frames(step)]
            self.told += 1
            if frames:
                transport.write(b"".join(map(packed, frames)))
                self._is_held = True
                try:
                    await self._request.protocol._drain_helper()
                except ConnectionError:
                    return
                self._is_held = False
            await asyncio.sleep(0)
        self._is_held = True

    def _opening(self, stamp: bytes) -> Iterator[bytes]:
        supplies = self._venues.supplies
        fresh, self._fresh = self._fresh, []
        for place in fresh:
            self._mine[place] = int(supplies[place].opens)
            if supplies[place].opens:
                yield supplies[place].opening(stamp)

    def _frames(self, step: Step) -> Iterator[bytes]:
        """Changes to a book that was sent here are numbered by connection, all else by market."""
        for place in self._mine:
            supply = self._venues.supplies[place]
            is_numbered = supply.channel == "book" and supply.opens
            for which, number in step.frames.get(place, ()):
                self._mine[place] += 1
                yield supply.frame(which, self._mine[place] if is_numbered else number, step.stamp)


class Venues:
    """What happens in all markets, and who is told of it."""

    def __init__(self) -> None:
        self.supplies = list(supplies(ASSETS))
        self._sockets: set[Socket] = set()
        self._asked: set[int] = set()
        self.liquidations: list[tuple[Supply, int, int]] = []
        self.all_asked = asyncio.Event()
        self.all_sent, self.over = asyncio.Event(), asyncio.Event()
        """All of the stretch was sent; and prices are to stay as they are."""
        self.late_s = 0.0
        """By how much this process itself was late."""
        self.happened = 0
        """Steps so far."""
        self.news = asyncio.Event()
        """Set when something happens."""
        self._steps: dict[int, Step] = {}

    async def talk(self, request: web.Request) -> web.WebSocketResponse:
        """One websocket."""
        answer = web.WebSocketResponse(compress=False)
        await answer.prepare(request)
        socket = Socket(self, request)
        self._sockets.add(socket)
        pouring = asyncio.create_task(socket.pour())
        try:
            async for received in answer:
                if received.type is WSMsgType.TEXT and received.data.startswith("{"):
                    for venue, channel, asset in asked(json.loads(received.data)):
                        self._subscribe(socket, venue, channel, asset)
        finally:
            self._sockets.remove(socket)
            pouring.cancel()
        return answer

    def depth(self, query: Mapping[str, str]) -> Any:
        """The book that Binance is asked for, as of the last change."""
        asset = asset_of(query["symbol"])
        [book] = [
            each for each in self.supplies if (each.venue, each.channel, each.asset) == ("binance", "book", asset)
        ]
        return {**binance_book(query), "lastUpdateId": book.count}

    def step(self, number: int) -> Step:
        """What happened then. Steps that everybody was told are forgotten."""
        return self._steps[number]

    def _subscribe(self, socket: Socket, venue: str, channel: str, asset: str) -> None:
        channels = ("trades", "liquidations") if (venue, channel) == ("deribit", "trades") else (channel,)
        for place, each in enumerate(self.supplies):
            if each.venue == venue and each.channel in channels and asset in ("", each.asset):
                socket.subscribe(place)
                self._asked.add(place)
        if len(self._asked) == len(self.supplies):
            self.all_asked.set()

    async def happen(self, seconds: float, times: float) -> None:
        """All of the stretch. Frames are stamped with when they are due, however late a desk that is behind takes them;
        where this process itself is late, the rest of the stretch is put off."""
        rng = random.Random(1)
        due = [rng.random() for _ in self.supplies]
        pace = Pace()
        steps = round(seconds / STEP_S)
        for step in range(1, steps + 1):
            if step % round(1 / STEP_S) == 1:
                rates = [per_second(each.venue, each.channel, each.asset, step / steps, times)
                         for each in self.supplies]  # fmt: skip
            await pace.until(step * STEP_S)
            frames = {}
            for place, each in enumerate(self.supplies):
                due[place] += rates[place] * STEP_S
                if due[place] >= 1:
                    frames[place] = [each.next() for _ in range(int(due[place]))]
                    due[place] %= 1
            self._note(pace.stamp(step * STEP_S), frames)
            while any(socket.is_late for socket in self._sockets):  # noqa: ASYNC110 - they write meanwhile
                await asyncio.sleep(0)
        self.late_s = pace.late_s
        await self._trickle(self.happened)

    async def _trickle(self, stretch: int) -> None:
        """A quiet market behind the stretch of so many steps, since silence would be a fault. Once it is to be over,
        there are no more trades, and each market's last prices come again and again, until this process is ended."""
        quiet = [(place, each) for place, each in enumerate(self.supplies) if each.channel != "liquidations"]
        while True:
            if all(socket.told >= stretch for socket in self._sockets):
                self.all_sent.set()
            is_over = self.over.is_set()
            self._note(b"%d" % wall_ms(), {
                place: [each.again() if is_over else each.next()] for place, each in quiet
                if not (is_over and each.channel == "trades")
            })  # fmt: skip
            with suppress(TimeoutError):
                async with asyncio.timeout(TRICKLE_S):
                    await (asyncio.Event() if is_over else self.over).wait()

    def _note(self, stamp: bytes, frames: dict[int, list[tuple[int, int]]]) -> None:
        for place, told in frames.items():
            each = self.supplies[place]
            if each.channel == "liquidations":
                self.liquidations += [(each, which, int(stamp)) for which, _ in told]
        self._steps[self.happened] = Step(stamp, frames)
        self.happened += 1
        self.news.set()
        self.news = asyncio.Event()
        told = min((socket.told for socket in self._sockets), default=self.happened)
        while (oldest := next(iter(self._steps), told)) < told:
            del self._steps[oldest]


async def _serve(seconds: float, times: float) -> None:
    venues = Venues()
    runner = await listen(venues.talk, {**answers(ASSETS), "/binance/depth": venues.depth})
    await venues.all_asked.wait()
    lines = asyncio.get_running_loop()
    say("ready")
    await lines.run_in_executor(None, sys.stdin.readline)
    sending = asyncio.create_task(venues.happen(seconds, times))
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
