"""Order books of one run: told twice a second, and void from the moment one of them can't be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deskmon.events import Book
from deskmon.feedkit import Slice
from deskmon.feeds.ccxt import parse
from deskmon.feeds.ccxt.faults import BAD

if TYPE_CHECKING:
    from deskmon.feeds.ccxt.telling import Telling


class Books:
    """Books by ccxt's symbol. A void one is told as a book without levels, and no change of it is taken until it is
    subscribed again."""

    def __init__(self, session: Telling) -> None:
        self._session = session
        self._changed: dict[str, Any] = {}
        self._due: dict[str, Any] = {}
        self._urls: dict[str, str] = {}
        self._void: set[str] = set()
        self._told: dict[str, int] = {}

    def change(self, symbol: str, raw: Any, url: str = "") -> None:
        """A changed book: kept until the next turn of the book loop, which builds the event. `url`: the connection it
        came by, where it isn't that of the frame being read."""
        if symbol in self._session.symbols and symbol not in self._void:
            self._changed[symbol] = raw
            url = url or self._session.exchange.current
            if url:
                self._urls[symbol] = url

    def is_void(self, symbol: str) -> bool:
        """Whether nothing is taken of a book until it is subscribed again."""
        return symbol in self._void

    def flush(self, part: Slice) -> bool:
        """Emit the books that had changed when the last round was through, until `part` is over; whether any is left of
        this round."""
        session = self._session
        if not self._due:
            self._due, self._changed = self._changed, {}
        while self._due and not part.over:
            symbol, raw = self._due.popitem()
            market = session.by_symbol[symbol]
            try:
                event = parse.book(raw, market, session.venue, session.now(), session.options.book_limit)
                if event.bids and event.asks and event.bids[0][0] >= event.asks[0][0]:
                    self.void(symbol, "the book is crossed; it is begun afresh")
                    continue
                self._told[symbol] = event.ts
                session.emit("book", event, url=self._urls.get(symbol, ""))
                session.best(market, event)
            except BAD as error:
                session.context.reject({"bids": raw["bids"][:1], "asks": raw["asks"][:1]}, f"book {symbol}: {error}")
        return bool(self._due)

    def void(self, symbol: str, words: str) -> None:
        """A book that can't be trusted is begun afresh."""
        self.drop(symbol)
        self._session.monitor.void(symbol, words)

    def drop(self, symbol: str) -> None:
        """Tell the desk that nothing is known of a book any more."""
        session = self._session
        self._changed.pop(symbol, None)
        self._due.pop(symbol, None)
        self._forget(symbol)
        if session.monitor.line("book", symbol) is not None:
            self._void.add(symbol)
        told = self._told.pop(symbol, None)
        if told is not None:
            # Its time is that of the book it replaces: the next one is not older by that clock, whatever ours says.
            shown = session.by_symbol[symbol].symbol
            session.context.emit(
                Book(ts=told, recv=session.now(), venue=session.venue, symbol=shown, bids=(), asks=())
            )  # fmt: skip

    def lost(self, url: str) -> None:
        """The connection of `url` was lost: changes to its books are missed."""
        for symbol in [symbol for symbol, at in self._urls.items() if at == url]:
            del self._urls[symbol]
            self.drop(symbol)

    def asked(self, symbols: set[str]) -> None:
        """Books are subscribed: those that were void begin with nothing."""
        for symbol in symbols & self._void:
            self._void.discard(symbol)
            self._forget(symbol)

    def _forget(self, symbol: str) -> None:
        """What its path holds of a book."""
        self._session.exchange.orderbooks.pop(symbol, None)
        if self._session.links is not None:
            self._session.links.books.drop(symbol)
