"""The order books of one run's websockets: changes in their order, and a snapshot by request where a venue sends
only changes. Imports ccxt."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from deskmon.feedkit import background
from deskmon.feeds.ccxt.faults import FAULTS, MISSED, describe
from deskmon.feeds.ccxt.instruments import Instrument
from deskmon.feeds.native.book import OrderBook
from deskmon.feeds.native.readings import Change

if TYPE_CHECKING:
    from deskmon.feeds.ccxt.telling import Telling

SNAPSHOT_LEVELS = 1_000
SNAPSHOT_TRIES = 3
"""A snapshot older than the changes that wait for it is asked for again, so often."""


class NativeBooks:
    """Books by ccxt's symbol. A void one takes nothing until it is asked for again."""

    def __init__(self, session: Telling, *, snapshots: bool) -> None:
        self._session, self._snapshots = session, snapshots
        self._books: dict[str, OrderBook] = {}
        self._links: dict[str, str] = {}
        self._asking: dict[str, asyncio.Task[None]] = {}

    @property
    def asking(self) -> set[asyncio.Task[None]]:
        """Requests for snapshots that are under way."""
        return set(self._asking.values())

    def begin(self, symbols: Iterable[str], link: str) -> None:
        """Books are asked for on `link`: each begins with a snapshot, where the venue sends only changes."""
        for symbol in symbols if self._snapshots else ():
            if symbol not in self._books:
                self._ask_for(symbol, self._new(symbol, link))

    def take(self, change: Change, link: str) -> None:
        """A change that came by `link`."""
        symbol = change.market.listed
        session = self._session
        if session.books.is_void(symbol):
            return
        book = self._books.get(symbol) or self._new(symbol, link)
        outcome = book.take(change)
        if outcome == "taken":
            session.books.change(symbol, book)
        elif outcome == "missed":
            session.books.void(symbol, MISSED)
        else:
            session.monitor.spoke(symbol)
            if outcome == "waits" and self._snapshots and symbol not in self._asking:
                self._ask_for(symbol, book)

    def _new(self, symbol: str, link: str) -> OrderBook:
        book = self._books[symbol] = OrderBook()
        self._links[symbol] = link
        return book

    def _ask_for(self, symbol: str, book: OrderBook) -> None:
        self._asking[symbol] = background.start(self._ask(symbol, book), f"asks for the book of {symbol}")

    def drop(self, symbol: str) -> None:
        """Nothing is known of a book any more."""
        self._books.pop(symbol, None)
        self._links.pop(symbol, None)
        asking = self._asking.pop(symbol, None)
        if asking is not None and asking is not asyncio.current_task():
            asking.cancel()

    def lost(self, link: str) -> None:
        """A connection was lost: changes to its books are missed."""
        for symbol in [symbol for symbol, at in self._links.items() if at == link]:
            self.drop(symbol)

    def missed(self, link: str) -> None:
        """A frame of a connection is missing, whichever book it was of."""
        for symbol in [symbol for symbol, at in self._links.items() if at == link]:
            self._session.books.void(symbol, MISSED)

    def close(self) -> None:
        """Ask for nothing more."""
        for symbol in list(self._books):
            self.drop(symbol)

    async def _ask(self, symbol: str, book: OrderBook) -> None:
        session = self._session
        market = session.instrument(symbol)
        assert market is not None
        words = "its snapshot is older than its changes; it is begun afresh"
        try:
            for _ in range(SNAPSHOT_TRIES):
                answer = await session.exchange.fetch_order_book(symbol, SNAPSHOT_LEVELS)
                if book.begin(_snapshot(answer, market, session.now())):
                    self._asking.pop(symbol, None)
                    session.books.change(symbol, book, self._links[symbol])
                    return
        except FAULTS as error:
            words = describe(error).words
        self._asking.pop(symbol, None)
        session.books.void(symbol, words)


def _snapshot(answer: Any, market: Instrument, now: int) -> Change:
    """ccxt's answer as a whole book."""
    levels = {side: [(float(price), float(amount)) for price, amount, *_ in answer[side]] for side in ("bids", "asks")}
    ts = int(answer.get("timestamp") or now)
    return Change(market, ts, levels["bids"], levels["asks"], after=int(answer["nonce"]), whole=True)
