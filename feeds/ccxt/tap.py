"""A ccxt exchange whose every trade, liquidation, ticker and book passes through our hands. Imports ccxt.

`watch_…` of ccxt resolves one future per message hash, so of a burst only the last frame before the loop turns arrives.
What it writes to its caches on the way is complete. So the caches are replaced by ones that tell us of each write, and
the futures only serve to subscribe and to hear of a lost connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

from ccxt import RequestTimeout
from ccxt.async_support.base.exchange import Exchange
from ccxt.async_support.base.ws.cache import ArrayCache
from ccxt.async_support.base.ws.order_book import OrderBook

from deskmon.feedkit import Turns
from deskmon.feeds.ccxt.access import MirrorKeys
from deskmon.feeds.ccxt.exchanges import venue_name
from deskmon.feeds.ccxt.faults import FAULTS, MISSED, check_answer
from deskmon.feeds.ccxt.frame_fixes import frame_fixes
from deskmon.feeds.ccxt.receiving import receive_in_turns
from deskmon.feeds.ccxt.resubscribe import Resubscribing, Subscription
from deskmon.feeds.ccxt.sequence import STEPS, Sequence, Step
from deskmon.feeds.ccxt.subscriptions import Apart

CONTROL_WORDS = 32
"""A text frame that isn't JSON is a ping or a pong up to this length; beyond it is garbage."""


class Sink(Protocol):
    """Who hears of it. Meanwhile `exchange.source` numbers the connection it came by, `exchange.current` is its URL,
    empty outside of a frame."""

    def ticker(self, symbol: str, raw: dict[str, Any]) -> None: ...
    def bid_ask(self, symbol: str, raw: dict[str, Any]) -> None: ...
    def funding(self, symbol: str, raw: dict[str, Any]) -> None: ...
    def book(self, symbol: str, raw: Any) -> None: ...
    def trade(self, raw: dict[str, Any]) -> None: ...
    def liquidation(self, raw: dict[str, Any]) -> None: ...
    def void(self, symbol: str, words: str) -> None: ...
    def dropped(self, symbol: str) -> None: ...
    def unreadable(self, raw: Any, reason: str) -> None: ...
    def asked(self, subscription: Subscription, url: str) -> None: ...
    def connected(self, url: str) -> None: ...
    def is_late(self) -> bool: ...
    def now(self) -> int: ...
    def lost(self, url: str, error: BaseException | None, heard: int) -> None: ...
    def asking_for(self, symbol: str) -> AbstractContextManager[None]: ...
    async def cool_down(self) -> None: ...


class TeeCache(ArrayCache):  # type: ignore[misc]
    """A bounded ccxt cache that passes each item on as it is appended."""

    def __init__(self, size: int, told: Callable[[dict[str, Any]], None]) -> None:
        super().__init__(size)
        self._told = told

    def append(self, item: dict[str, Any]) -> None:
        """Keep and pass on."""
        super().append(item)
        self._told(item)


class TeeCaches(dict[str, Any]):
    """`exchange.trades`: of any cache that a handler puts here each item is passed on, those it holds already too.

    The cache itself is kept, since the handler goes on with it: some append before they store it, some after, some
    store a new one with every frame.
    """

    def __init__(self, told: Callable[[dict[str, Any]], None]) -> None:
        super().__init__()
        self._told = told

    def __setitem__(self, symbol: str, cache: Any) -> None:
        super().__setitem__(symbol, cache)
        if "append" in vars(cache):
            return
        append, told = cache.append, self._told

        def tee(item: dict[str, Any]) -> None:
            append(item)
            told(item)

        for item in list(cache):
            told(item)
        cache.append = tee


class TeeDict(dict[str, Any]):
    """`exchange.tickers` and its like: passes on what is stored under a symbol."""

    def __init__(self, told: Callable[[str, Any], None]) -> None:
        super().__init__()
        self._told = told

    def __setitem__(self, symbol: str, value: Any) -> None:
        super().__setitem__(symbol, value)
        self._told(symbol, value)


class TeeBooks(dict[str, Any]):
    """`exchange.orderbooks`: tells of each book that ccxt drops because it missed a change."""

    def __init__(self, told: Callable[[str], None]) -> None:
        super().__init__()
        self._told = told

    def __delitem__(self, symbol: str) -> None:
        super().__delitem__(symbol)
        self._told(symbol)


class Tapped(Exchange):  # type: ignore[misc]
    """What a tapped exchange does before, or in place of, its own class. `step` reads the numbers of its books."""

    sink: Sink
    turns: Turns
    step: Callable[[Any], Step | None] | None = None
    opened = 0
    source = 0
    current = ""
    keys = MirrorKeys({}, {})

    def client(self, url: str) -> Any:
        known = (self.clients or {}).get(url)
        client = super().client(url)
        if client is not known:
            if keys := self.keys.of(url):
                client.options = {**client.options, "headers": keys}
            self._guard(client)
        return client

    async def fetch(self, url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
        return await super().fetch(url, method, {**(headers or {}), **self.keys.of(url)}, body)

    def _guard(self, client: Any) -> None:
        """One bad frame must not end ccxt's receive loop, which dies of any exception without a word."""
        self.opened += 1
        client.source = self.opened
        client.gone = False
        client.heard = self.sink.now()
        client.sequence = Sequence()
        handle, resolve, fail = client.handle_message, client.resolve, client.on_error

        def guarded(message: Any) -> None:
            client.heard = self.sink.now()
            self.source, self.current = client.source, client.url
            try:
                handle(message)
            except FAULTS as error:
                self.sink.unreadable(message.data, f"{type(error).__name__}: {error}")
            finally:
                self.current = ""

        def resolved(result: Any, message_hash: str | None = None) -> Any:
            if isinstance(result, OrderBook):
                symbol = result.get("symbol") or _owner(self.orderbooks, result)
                if symbol is not None:
                    self.sink.book(symbol, result)
            return resolve(result, message_hash)

        def failed(error: Any) -> None:
            if isinstance(error, RequestTimeout) and client.isConnected and self.sink.is_late():
                client.lastPong = self.milliseconds()  # the pong lies unread in a desk that is behind
                return
            fail(error)

        client.handle_message, client.resolve, client.on_error = guarded, resolved, failed
        receive_in_turns(client, self.turns)

    def handle_message(self, client: Any, message: Any) -> None:
        if isinstance(message, str) and len(message) > CONTROL_WORDS:
            what = "a web page (HTML)" if message.lstrip().startswith("<") else "text"
            self.sink.unreadable(message, f"the websocket sends {what} instead of JSON")
            return
        if self._follows(client, message):
            super().handle_message(client, message)

    def _follows(self, client: Any, message: Any) -> bool:
        """Whether a frame may be applied. A change that doesn't follow the one before makes its book void, and changes
        of a void book are left out until a whole one comes."""
        step = self.step(message) if self.step is not None and isinstance(message, dict) else None
        if step is None:
            return True
        follows = client.sequence.follows(step)
        if follows is None:
            for symbol in self._books_of(client, step.book):
                self.sink.void(symbol, MISSED)
        return follows is True

    def _books_of(self, client: Any, market: str) -> list[str]:
        """Symbols of the book that a step is about: ids may be those of a spot market and of a perpetual."""
        is_spot = "spot" in client.url
        listed = self.markets_by_id.get(market, [])
        return [found["symbol"] for found in listed if len(listed) == 1 or bool(found["spot"]) == is_spot]

    def on_connected(self, client: Any, message: Any = None) -> None:
        super().on_connected(client, message)
        self.sink.connected(client.url)

    def on_error(self, client: Any, error: Any) -> None:
        super().on_error(client, error)
        self._lost(client, error if isinstance(error, BaseException) else None)

    def on_close(self, client: Any, error: Any) -> None:
        super().on_close(client, error)
        self._lost(client, None)

    def _lost(self, client: Any, error: BaseException | None) -> None:
        """Tell once: the echoes of an old connection's end may come when a new one is open."""
        if not client.gone:
            client.gone = True
            self.sink.lost(client.url, error, client.heard)

    def ws_dial_delay(self, url: str) -> float:
        """No pause of ccxt's own: who watches already waits longer after each failure."""
        return 0.0

    def handle_errors(self, code: int, reason: str, url: str, method: str, headers: Any, body: Any,
                      response: Any, request_headers: Any, request_body: Any) -> Any:  # fmt: skip
        check_answer(code, headers or {}, body, response)
        return super().handle_errors(code, reason, url, method, headers, body, response, request_headers, request_body)

    async def throttle(self, cost: Any = None) -> Any:
        await self.sink.cool_down()
        turn = self.throttler(cost)
        try:
            await turn
        except asyncio.CancelledError:
            # ccxt lets a request that was given up take its turn all the same: those behind it would wait for nothing.
            queue = self.throttler.queue
            for place, (waiting, _) in enumerate(queue):
                if waiting is turn:
                    queue[place] = waiting, 0
            raise

    async def fetch_order_book(self, symbol: str, *args: Any, **named: Any) -> Any:
        with self.sink.asking_for(symbol):
            return await super().fetch_order_book(symbol, *args, **named)


def tap(base: type[Any], config: dict[str, Any], sink: Sink, turns: Turns | None = None) -> Any:
    """An instance of the exchange class `base` whose writes, frames and connections `sink` hears of. It handles frames
    in `turns` with others."""
    exchange = type(base.__name__, (Tapped, *frame_fixes(base.__name__), Apart, Resubscribing, base), {})(config)
    exchange.sink = sink
    exchange.sending = set()
    exchange.step = STEPS.get(venue_name(base.__name__))
    exchange.turns = turns or Turns()
    exchange.timeout_on_exit = 0
    exchange.has["fetchCurrencies"] = False
    size = int(exchange.options.get("tradesLimit", 200))
    exchange.trades = TeeCaches(sink.trade)
    exchange.liquidations = TeeCache(size, sink.liquidation)
    exchange.orderbooks = TeeBooks(sink.dropped)
    exchange.tickers = TeeDict(sink.ticker)
    exchange.bidsasks = TeeDict(sink.bid_ask)
    exchange.fundingRates = TeeDict(sink.funding)
    return exchange


def _owner(books: dict[str, Any], book: Any) -> str | None:
    """Symbol under which a book is stored."""
    return next((symbol for symbol, stored in books.items() if stored is book), None)
