"""Tiny feeds and builders for the tests of hub and links."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from pathlib import Path

import msgspec

from deskmon.config.schema import Config, FeedConfig, JournalConfig
from deskmon.errors import DeskError
from deskmon.events import Headline, Liquidation, Ticker, Trade
from deskmon.feedkit import Feed

T0 = 1_760_000_000_000


def trade(number: int, *, ts: int = T0, venue: str = "binance") -> Trade:
    return Trade(
        ts=ts, recv=ts + 5, venue=venue, symbol="BTC/USDT:USDT", price=100_000.0, amount=2.0, side="buy", id=str(number)
    )


def liquidation(number: int, *, ts: int = T0, usd: float = 1_000.0) -> Liquidation:
    return Liquidation(
        ts=ts, recv=ts + 5, venue="bybit", symbol="BTC/USDT:USDT", side="long",
        price=100_000.0, amount=0.01, usd=usd, id=str(number),
    )  # fmt: skip


def ticker(last: float, *, ts: int = T0, symbol: str = "BTC/USDT:USDT", **fields: float) -> Ticker:
    return Ticker(ts=ts, recv=ts + 5, venue="binance", symbol=symbol, last=last, **fields)


def config(*types: str, journal: str | None = None, **options: dict[str, object]) -> Config:
    """A desk with one feed of each type, labelled as its type."""
    feeds = {name: FeedConfig(type=name, options=options.get(name, {})) for name in types}
    return Config(feeds=feeds, journal=JournalConfig(path=journal, enabled=False))


class Steady(Feed):
    """Emits `rate` trades and as many tickers each second, in 50 ms helpings; `count` liquidations at once first."""

    name = "steady"
    title = "a steady market"

    class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
        rate: int = 100
        burst: int = 0

    async def run(self, context) -> None:
        context.status("live", "")
        now = context.clock.now()
        for number in range(self.options.burst):
            context.emit(liquidation(number, ts=now))
        number = 0
        helping = max(1, self.options.rate // 20)
        while True:
            now = context.clock.now()
            for _ in range(helping):
                number += 1
                context.emit(trade(number, ts=now))
                context.emit(ticker(100_000.0 + number % 100, ts=now, symbol=f"S{number % 50}/USDT:USDT"))
            await asyncio.sleep(0.05)


class Raises(Feed):
    """Emits one event, then dies, each time."""

    name = "raises"
    title = "dies at once"

    async def run(self, context) -> None:
        context.emit(trade(1, ts=context.clock.now()))
        raise RuntimeError("the venue\nhung up")


class Rubbish(Feed):
    """Emits what no screen could read, then one good trade."""

    name = "rubbish"
    title = "emits rubbish"

    async def run(self, context) -> None:
        for raw in ("not an event", None, 17, object()):
            context.emit(raw)
        context.emit(msgspec.structs.replace(trade(1), ts=1.7e12 + 0.5))
        context.emit(Trade(ts=T0, venue="v", symbol="BTC", price=1.0, amount=1.0, side="buy", id="\ud800"))
        context.emit(Ticker(ts=T0, venue="v", symbol="BTC", last=1.0, bid=True))
        context.reject(b"<html>", "HTML instead of JSON")
        context.emit(trade(2, ts=context.clock.now()))
        await asyncio.Event().wait()


class Impossible(Feed):
    """Can never run: its exchange doesn't exist."""

    name = "impossible"
    title = "asks for what doesn't exist"

    async def run(self, context) -> None:
        from deskmon.errors import UsageError

        raise UsageError("no exchange 'bynance'", "did you mean 'binance'?")


class Stubborn(Feed):
    """Ends only when it was told so more than `times` times."""

    name = "stubborn"
    title = "won't end"

    class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
        times: int = 1

    async def run(self, context) -> None:
        context.status("live", "")
        for _ in range(self.options.times):
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(3600)
        await asyncio.sleep(3600)


class Gusher(Feed):
    """Pours 20,000 liquidations and 12 MB of headlines, then makes the file `done`."""

    name = "gusher"
    title = "pours"

    class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
        done: str

    async def run(self, context) -> None:
        context.status("live", "")
        now = context.clock.now()
        for number in range(20_000):
            context.emit(liquidation(number, ts=now))
        for _ in range(120):
            await asyncio.sleep(0.01)
            for _ in range(50):
                context.emit(Headline(ts=now, text="x" * 2_000))
        await asyncio.sleep(0.2)
        Path(self.options.done).touch()  # noqa: ASYNC240 - once
        await asyncio.Event().wait()


class Chatty(Feed):
    """Prints, as libraries do."""

    name = "chatty"
    title = "prints"

    async def run(self, context) -> None:
        context.status("live", "")
        while True:
            print("downloading markets...", flush=True)
            os.write(1, b"from a C library\n")
            context.emit(trade(1, ts=context.clock.now()))
            await asyncio.sleep(0.05)


class Garbled(Feed):
    """Says how it is in halves of characters, emits and refuses such, and dies with such words when told to."""

    name = "garbled"
    title = "speaks no Unicode"

    class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
        dies: bool = False

    async def run(self, context) -> None:
        context.status("live", "all \ud800 well", {"tr\udcffades": "sl\ud83dow"})
        context.reject(b"", "no \udcff")
        context.emit(Trade(ts=T0, venue="v", symbol="BTC", price=1.0, amount=1.0, side="buy", id="\ud800"))
        logging.getLogger("gar\udcffbled").warning("lo\udcffw")
        context.emit(trade(2, ts=context.clock.now()))
        if self.options.dies:
            raise RuntimeError("half of a \ud83d")
        await asyncio.Event().wait()


KINDS = {kind.name: kind for kind in (Chatty, Garbled, Gusher, Steady, Raises, Rubbish, Impossible, Stubborn)}


def load(name: str) -> type[Feed]:
    """What `plugins.load_feed` is to a real desk."""
    if name not in KINDS:
        raise DeskError(f"feed {name!r} isn't installed")
    return KINDS[name]
