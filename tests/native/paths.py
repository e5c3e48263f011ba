"""The same frames by both paths, ccxt's and our own, without a socket between: what a desk is told by each.

A frame goes to the session as the connection hands it on; the clock is that of the recording, and books are told after
each frame.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager

from aiohttp import WSMessage, WSMsgType

from deskmon.clock import ManualClock
from deskmon.feeds.ccxt import CcxtFeed
from deskmon.feeds.ccxt.exchanges import load_class, market_types, merge_urls, settings
from deskmon.feeds.ccxt.listing import Listing
from deskmon.feeds.ccxt.session import Session
from deskmon.feeds.ccxt.tap import tap
from deskmon.feeds.native import venue_of
from deskmon.feeds.native.links import Links
from tests.ccxt.desk import Desk
from tests.ccxt.replay_server import read


class Endless:
    """A slice of time that is never over."""

    over = False


class Path:
    """One session, told of frames directly."""

    def __init__(self, session: Session, desk: Desk, clock: ManualClock, *, native: bool) -> None:
        self.session, self.desk, self._clock, self._native = session, desk, clock, native

    async def frame(self, place: str, text: str, at: int) -> None:
        """One frame of the connection to `place`, which came at `at` ms."""
        self._clock.set(at)
        links, exchange = self.session.links, self.session.exchange
        if links is not None:
            links.intake.frame(text.encode(), place, 1, place, at)
            links.intake.slice_over()
        else:
            address = venue_of(self.session.options.exchange).address(exchange.urls["api"], place)
            client = exchange.client(exchange.implode_hostname(address))
            client.handle_message(WSMessage(WSMsgType.TEXT, text, None))
        if links is not None and links.books.asking:
            await asyncio.wait(links.books.asking)
        self.session.books.flush(Endless())

    async def expect_books(self, place: str) -> None:
        """ccxt begins a book only when it is subscribed to; its snapshot is there before the first frame."""
        if self.session.links is not None:
            return
        exchange = self.session.exchange
        client = exchange.client(venue_of(self.session.options.exchange).address(exchange.urls["api"], place))
        if self.session.family == "okx":
            client.subscriptions |= {f"books:{symbol}": True for symbol in self.session.symbols}
            return
        begun = {"symbols": self.session.symbols, "type": place.split("/")[0], "params": {}, "id": "1"}
        exchange.handle_order_book_subscription(client, {"id": 1}, begun)
        books = [exchange.orderbooks[symbol] for symbol in self.session.symbols]
        await self.desk.until(lambda: all(book["nonce"] for book in books))

    def events(self, *kinds: type) -> list:
        """What was told, of these kinds."""
        return [event for event in self.desk.events if type(event) in kinds]


@asynccontextmanager
async def path(options: dict, *, native: bool):
    """A session of a feed with these options, its markets loaded."""
    feed = CcxtFeed("test", CcxtFeed.Options(**options))
    exchange = await asyncio.to_thread(load_class, feed.options.exchange)
    desk, clock = Desk(), ManualClock(1_600_000_000_000)
    desk.context.clock = clock
    session = Session("test", feed.venue, feed.options, desk.context, lambda: clock.now() / 1000)
    session.exchange = tap(exchange, settings(feed.options), session)
    session.exchange.urls["api"] = merge_urls(session.exchange.urls["api"], feed.options.urls)
    market_types(session.exchange, feed.options.symbols)
    if native:
        session.links = Links(venue_of(feed.options.exchange), session)
    try:
        await session.exchange.load_markets()
        Listing(session).take()
        assert session.symbols
        yield Path(session, desk, clock, native=native)
    finally:
        session.ended = True
        if session.links is not None:
            await session.links.close()
        await session.exchange.close()


async def by_both(options: dict, frames: list[tuple[str, str, int]], *, books_at: str = "") -> tuple[Path, Path]:
    """What ccxt's path and our own tell of `frames`: place, text and time of arrival (ms) of each."""
    told = []
    for native in (False, True):
        async with path(options, native=native) as one:
            if books_at:
                await one.expect_books(books_at)
            for frame in frames:
                await one.frame(*frame)
            told.append(one)
    return told[0], told[1]


def recorded_frames(file, place) -> list[tuple[str, str, int]]:
    """Frames of a recording. `place(address, frame)` names the place of one and gives it as the venue sends it there,
    None for what isn't to be sent."""
    addresses, frames = {}, []
    for line in read(file):
        if line["t"] == "connect":
            addresses[line["conn"]] = line["addr"]
        elif line["t"] == "recv":
            found = place(addresses.get(line["conn"], ""), json.loads(line["data"]))
            if found is not None:
                frames.append((found[0], json.dumps(found[1]), round(line["ts"] * 1000)))
    return frames
