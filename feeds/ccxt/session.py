"""What one run of the feed knows: it turns what the tap hears into events, each checked, none twice."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ccxt.base.errors import RequestTimeout
from msgspec.structs import replace

from deskmon.events import Book, Event, Ticker
from deskmon.feedkit import FeedContext
from deskmon.feeds.ccxt import interest, liquidations, parse
from deskmon.feeds.ccxt.books import Books
from deskmon.feeds.ccxt.channels import CHANNELS, CcxtOptions, ChannelName
from deskmon.feeds.ccxt.exchanges import venue_name
from deskmon.feeds.ccxt.faults import BAD, MISSED, Fault, describe
from deskmon.feeds.ccxt.instruments import DOLLARS, Instrument, UnknownValue, instrument
from deskmon.feeds.ccxt.intervals import Intervals, due_and_stated
from deskmon.feeds.ccxt.ledger import Occurrences, Seen
from deskmon.feeds.ccxt.limiter import Limiter
from deskmon.feeds.ccxt.monitor import Monitor
from deskmon.feeds.ccxt.quotes import Quotes
from deskmon.feeds.ccxt.resubscribe import Subscription, mentioned
from deskmon.feeds.ccxt.ticker import funding_in_ticker, prices

LIQUIDATIONS_REMEMBERED = 50_000
TRADES_REMEMBERED = 20_000
COMPLAINTS_REMEMBERED = 500
STRANGERS_REMEMBERED = 1_000

FRAMES = (Ticker, Book)
"""Kinds of event whose `ts` is when the venue sent the frame. A trade or a candle may be one of the past."""


class Session:
    """The sink of a tapped exchange. `exchange` and `instruments` are given once the markets are known."""

    def __init__(
        self,
        label: str,
        venue: str,
        options: CcxtOptions,
        context: FeedContext,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self.label, self.venue, self.options, self.context = label, venue, options, context
        self.family = venue_name(options.exchange)
        self.exchange: Any = None
        self.by_symbol: dict[str, Instrument] = {}
        self.symbols: list[str] = []
        self._listed: dict[str, str] = {}
        wanted = [name for name in CHANNELS if name in options.channels]
        self.monitor = Monitor(label, venue, context, wanted, elapsed)
        self.channels = self.monitor.channels
        self.quotes = Quotes(venue)
        self.intervals = Intervals()
        self.unlisted = 0
        self._strangers = Seen(STRANGERS_REMEMBERED)
        self.ended = False
        self.books = Books(self)
        self._known_urls: set[str] = set()
        self._complained: set[str] = set()
        self._liquidations = Seen(LIQUIDATIONS_REMEMBERED)
        self._occurrences = Occurrences(LIQUIDATIONS_REMEMBERED)
        self._trades = Seen(TRADES_REMEMBERED)
        self._interest = interest.Waiting(venue, lambda event: self.emit("open_interest", event), self.rate)
        self._answers = 0
        self.limiter = Limiter(context)

    # What every event passes through

    def emit(self, channel: ChannelName, event: Event | None, *, stand_in: bool = False, url: str = "") -> None:
        """Pass `event` on, after the gap it closes. None, and events of a channel not asked for, are dropped.

        `stand_in`: it came by another channel, so it says nothing of the health of this one. `url`: the connection it
        came by, where it isn't that of the frame being read.
        """
        if event is None or channel not in self.channels:
            return
        if not stand_in:
            url = url or self.exchange.current
            symbol = getattr(event, "symbol", "")
            self.monitor.heard(channel, self._listed.get(symbol, symbol), url, event.arrival)
            if url and isinstance(event, FRAMES):
                self.monitor.lateness.add(event.arrival - event.ts)
        self.context.emit(event)

    def reject_once(self, raw: Any, reason: str) -> None:
        """Count a fault that would repeat with every frame only once."""
        if reason not in self._complained:
            if len(self._complained) >= COMPLAINTS_REMEMBERED:
                self._complained.clear()
            self._complained.add(reason)
            self.context.reject(raw, reason)

    def rate(self, currency: str) -> float | None:
        """US dollars for one `currency`, from the last prices of this feed."""
        for market in self.by_symbol.values():
            if market.base == currency and market.quote in DOLLARS:
                last = self.quotes.last(market.symbol)
                if last is not None:
                    return last
        return None

    def instrument(self, symbol: Any) -> Instrument | None:
        """Instrument of a symbol, watched or not, or None."""
        found = self.by_symbol.get(symbol)
        if found is None and symbol in (self.exchange.markets or {}):
            found = self.by_symbol[symbol] = instrument(self.options.exchange, self.exchange.markets[symbol])
            if symbol in self.symbols:
                self._listed[found.symbol] = symbol
        return found

    def watch_only(self, symbols: list[str]) -> list[Instrument]:
        """Watch these symbols, as the venue's list holds them now; their instruments."""
        for gone in set(self.symbols) - set(symbols):
            self.books.drop(gone)
        self.symbols = symbols
        self.by_symbol.clear()
        self._listed.clear()
        return [market for market in map(self.instrument, symbols) if market is not None]

    def stranger(self, name: Any) -> None:
        """The venue told of a market that its list didn't hold: the list is read again, once for each such name."""
        if self._strangers.add(str(name)):
            self.unlisted += 1

    def counts(self, symbol: str) -> bool:
        """Whether it is known what the venue counts when it is asked for the open interest of `symbol`."""
        market = self.instrument(symbol)
        return market is not None and bool(market.units.polled)

    # The sink of the tap

    def ticker(self, symbol: str, raw: dict[str, Any]) -> None:
        """A ticker or mark price, with whatever else the venue puts into the same frame."""
        market = self.instrument(symbol)
        if market is None:
            self.stranger(symbol)
        if market is None or symbol not in self.symbols:
            return
        recv = self.context.clock.now()
        ts = int(raw.get("timestamp") or recv)
        try:
            self.emit("ticker", self._quote(market, prices(raw, market, self.family), ts, recv))
        except BAD as error:
            self.context.reject(raw.get("info", raw), f"ticker {symbol}: {error}")
        if isinstance(raw.get("info"), dict):
            self._beside_ticker(market, raw, ts, recv)

    def _quote(
        self, market: Instrument, fields: Mapping[str, Any], ts: int, recv: int, *, stand_in: bool = False
    ) -> Ticker | None:
        """The whole ticker with these fields, and open interest that waited for a price."""
        told = self.quotes.update(market.symbol, fields, ts=ts, recv=recv, stand_in=stand_in, contract=market.own)
        price = self.quotes.mark(market.symbol)
        if price is not None and not market.option:
            self._interest.priced(market, recv, price)
        return told

    def _beside_ticker(self, market: Instrument, raw: dict[str, Any], ts: int, recv: int) -> None:
        if not market.contract:
            return
        info = raw["info"]
        record = None if market.option else funding_in_ticker(info, self.family)
        if record is not None:
            self.funding(market.listed, {"timestamp": ts, **record})
        try:
            price = interest.of_option(info) if market.option else self.quotes.mark(market.symbol)
            self._interest.take(raw, market.units.interest, market, ts, recv, price)
        except BAD as error:
            self.context.reject(info, f"open interest {market.symbol}: {error}")

    def bid_ask(self, symbol: str, raw: dict[str, Any]) -> None:
        """The best bid and ask from their own stream."""
        market = self.instrument(symbol)
        if market is None or symbol not in self.symbols:
            return
        recv = self.context.clock.now()
        try:
            fields = prices(raw, market, self.family)
            best = {"bid": fields["bid"], "ask": fields["ask"]}
            self.emit("ticker", self._quote(market, best, int(raw.get("timestamp") or recv), recv))
        except BAD as error:
            self.context.reject(raw.get("info", raw), f"bid and ask {symbol}: {error}")

    def funding(self, symbol: str, raw: dict[str, Any]) -> None:
        """A funding rate, streamed or polled."""
        market = self.instrument(symbol)
        if market is None or symbol not in self.symbols or "funding" not in self.channels:
            return
        recv = self.context.clock.now()
        try:
            due, stated = due_and_stated(raw, self.exchange.markets[symbol])
            # By the venue's clock, which is the one that its times of funding are on.
            hours = self.intervals.until(symbol, due, int(raw.get("timestamp") or recv), stated)
            event = parse.funding(raw, market, self.venue, recv, hours, self.family)
            if event is not None and hours is not None:
                event = replace(event, interval_hours=hours)
            self.emit("funding", event)
        except parse.UnknownInterval as error:
            if not self.intervals.wait(symbol, raw):
                self.reject_once(raw.get("info", raw), f"funding: {error}")
        except BAD as error:
            self.reject_once(raw.get("info", raw), f"funding: {error}")

    def book(self, symbol: str, raw: Any) -> None:
        """A changed book."""
        self.books.change(symbol, raw)

    def void(self, symbol: str, words: str) -> None:
        """A book that can't be trusted, and why."""
        self.books.void(symbol, words)

    def dropped(self, symbol: str) -> None:
        """ccxt dropped a book because it missed a change: who watches it hears of that, and subscribes again."""
        self.books.void(symbol, MISSED)
        self.monitor.retried("book", symbol)

    def best(self, market: Instrument, book: Book) -> None:
        """The best prices of a book stand in for those of a ticker."""
        best = {"bid": book.bids[0][0] if book.bids else None, "ask": book.asks[0][0] if book.asks else None}
        ticker = self._quote(market, best, book.ts, self.now(), stand_in=True)
        self.emit("ticker", ticker, stand_in=True)

    def trade(self, raw: dict[str, Any]) -> None:
        """A public trade, and on Deribit the liquidation it may be."""
        market = self.instrument(raw.get("symbol"))
        if market is None:
            self.stranger(raw.get("symbol"))
            return
        recv = self.context.clock.now()
        info = raw.get("info")
        if self.family == "deribit" and isinstance(info, dict):
            self.liquidation(raw)
        if market.listed not in self.symbols:
            return
        try:
            event = parse.trade(raw, market, self.venue, recv, self.family)
            if event.id is not None and not self._trades.add(event.id):
                return
            self.emit("trades", event)
            last = self._quote(market, {"last": event.price}, event.ts, recv, stand_in=True)
            self.emit("ticker", last, stand_in=True)
        except BAD as error:
            self.context.reject(info or raw, f"trade {market.symbol}: {error}")

    def liquidation(self, raw: dict[str, Any], source: Any = None) -> None:
        """The orders of one liquidation record. `source` numbers the answer it was polled with."""
        info = raw.get("info", raw)
        recv = self.context.clock.now()
        if "liquidations" not in self.channels:
            return
        try:
            for order in liquidations.PARSERS[self.family](info):
                self._one_liquidation(order, raw.get("symbol"), recv, source)
        except BAD as error:
            self.context.reject(info, f"liquidation: {error}")

    def _one_liquidation(self, order: liquidations.Order, symbol: Any, recv: int, source: Any) -> None:
        market = self.instrument(symbol)
        if market is None:
            self.stranger(order.market_id)
        if market is None or not market.contract:
            raise UnknownValue(f"no market {order.market_id} is listed")
        key = f"{market.symbol}#{liquidations.content(order)}"
        where = self.exchange.source if source is None else source
        occurrence = 1 if order.id else self._occurrences.number(where, key)
        event = liquidations.event(order, market, self.venue, recv=recv, occurrence=occurrence, rate=self.rate)
        if self._liquidations.add(event.id or key):
            self.emit("liquidations", event)

    def polled_liquidations(self, rows: Sequence[dict[str, Any]]) -> None:
        """One answer of the venue; that it is empty is news too."""
        self._answers += 1
        for raw in sorted(rows, key=lambda row: row.get("timestamp") or 0):
            self.liquidation(raw, source=-self._answers)

    def polled_open_interest(self, symbol: str, raw: dict[str, Any]) -> None:
        """A polled open interest, valued at the mark price the desk knows, else at the last."""
        market = self.instrument(symbol)
        recv = self.context.clock.now()
        if market is None:
            return
        try:
            ts, price = int(raw.get("timestamp") or recv), self.quotes.mark(market.symbol)
            if not self._interest.take(raw, market.units.polled, market, ts, recv, price):
                raise interest.unknown(market)
        except BAD as error:
            self.context.reject(raw.get("info", raw), f"open interest: {error}")

    def settled(self, symbol: str, rows: Sequence[dict[str, Any]]) -> None:
        """Past fundings; the newest distance between two of them is the interval of today."""
        market = self.instrument(symbol)
        if market is None:
            return
        try:
            events = parse.settled(rows, market, self.venue, self.context.clock.now())
        except BAD as error:
            self.context.reject(list(rows[:1]), f"funding history {symbol}: {error}")
            return
        for event in events:
            self.context.emit(event)
        self.intervals.settle(symbol, sorted(int(row["timestamp"]) for row in rows if row.get("timestamp")))
        self.interval_known(symbol)

    def interval_known(self, symbol: str) -> None:
        """Tell a rate that waited for its interval."""
        raw = self.intervals.waiting.pop(symbol, None)
        if raw is not None:
            self.funding(symbol, raw)

    def history_known(self, symbol: str) -> None:
        """The funding history of a symbol was asked for: a rate that still waits is refused."""
        self.intervals.asked.add(symbol)
        self.interval_known(symbol)

    def candles(
        self,
        symbol: str,
        timeframe: str,
        rows: Sequence[Sequence[Any]],
        *,
        streamed: bool = False,
        past: bool = False,
    ) -> None:
        """Rows of open, high, low, close and volume. Those of the `past` say nothing of the channel's health."""
        market = self.instrument(symbol)
        if market is None:
            return
        recv = self.context.clock.now()
        for row in rows:
            try:
                event = parse.candle(row, market, self.venue, timeframe, recv, streamed=streamed)
                self.emit("candles", event, stand_in=past)
            except BAD as error:
                self.context.reject(list(row), f"candle {symbol}: {error}")

    def unreadable(self, raw: Any, reason: str) -> None:
        """A frame that can't be read."""
        self.context.reject(raw, reason)

    def now(self) -> int:
        """The desk clock, ms."""
        return self.context.clock.now()

    def is_late(self) -> bool:
        """Whether the desk is behind what its connections bring."""
        return self.monitor.is_late

    def names(self) -> dict[str, str]:
        """Symbols by each name that a subscription may have for them."""
        found = {symbol: symbol for symbol in self.symbols}
        for symbol in self.symbols:
            market = self.by_symbol.get(symbol)
            if market is not None:
                found.setdefault(market.id, symbol)
        return found

    def asked(self, subscription: Subscription, url: str) -> None:
        """A stream subscribes: its symbols are those that its hashes name, else all."""
        symbols = mentioned(" ".join(subscription.awaited[url]), self.names())
        self.monitor.asked(subscription, url, sorted(symbols))
        if "book" in subscription.channels:
            self.books.asked(symbols)

    def connected(self, url: str) -> None:
        """A websocket opened; the second time it is a reconnect."""
        if url in self._known_urls:
            self.context.reconnected()
        self._known_urls.add(url)
        self.monitor.connected(url)

    def lost(self, url: str, error: BaseException | None, heard: int) -> None:
        """A websocket closed: what came by it is broken, and its books are void, since changes to them are missed.

        It was lost now, or, where it went silent or the desk is behind, when it was last heard.
        """
        if self.ended:
            return
        fault = Fault("reconnecting", "the venue closed the connection") if error is None else describe(error)
        silent = fault.state == "stale" or isinstance(error, RequestTimeout) or self.is_late()
        self.monitor.lost(url, fault.state, fault.words, heard if silent else self.now())
        self.books.lost(url)

    async def cool_down(self) -> None:
        """Wait until requests may be sent again. Every REST call of the exchange passes here."""
        await self.limiter.cool_down()
