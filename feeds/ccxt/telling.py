"""What one run of the feed knows and tells: events, each checked, none twice, whichever path brings what they are
made of. Imports ccxt."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from ccxt.base.errors import RequestTimeout

from deskmon.events import Book, Event, Funding, Ticker, Trade
from deskmon.feedkit import FeedContext
from deskmon.feeds.ccxt import interest, liquidations, parse
from deskmon.feeds.ccxt.books import Books
from deskmon.feeds.ccxt.channels import CHANNELS, CcxtOptions, ChannelName
from deskmon.feeds.ccxt.exchanges import venue_name
from deskmon.feeds.ccxt.faults import BAD, Fault, describe
from deskmon.feeds.ccxt.instruments import DOLLARS, Instrument, UnknownValue, instrument
from deskmon.feeds.ccxt.intervals import Intervals
from deskmon.feeds.ccxt.ledger import Occurrences, Seen
from deskmon.feeds.ccxt.limiter import Limiter
from deskmon.feeds.ccxt.monitor import Monitor
from deskmon.feeds.ccxt.quotes import Prices, Quotes
from deskmon.feeds.ccxt.resubscribe import Subscription
from deskmon.feeds.native.readings import Rate

if TYPE_CHECKING:
    from deskmon.feeds.native.links import Links

LIQUIDATIONS_REMEMBERED = 50_000
TRADES_REMEMBERED = 20_000
COMPLAINTS_REMEMBERED = 500
STRANGERS_REMEMBERED = 1_000


class Telling:
    """Markets, prices and connections of one run. `exchange` is given once it is made, `links` where the venue's
    websocket is read without ccxt."""

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
        self.links: Links | None = None
        self.by_symbol: dict[str, Instrument] = {}
        self.symbols: list[str] = []
        self._listed: dict[str, str] = {}
        wanted = [name for name in CHANNELS if name in options.channels]
        self.elapsed = elapsed
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
        self._interest = interest.Waiting(venue, partial(self.emit, "open_interest"), self.rate)
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
            url, arrival = url or self.exchange.current, event.arrival
            symbol = getattr(event, "symbol", "")
            self.monitor.heard(channel, self._listed.get(symbol, symbol), url, arrival)
            if url and type(event) is Book:  # which says when it was sent; a candle may be one of the past
                self.monitor.lateness.add(arrival - event.ts, url)
        self.context.emit(event)

    def _tell(self, channel: ChannelName, event: Event, listed: str, recv: int) -> None:
        """Pass on an event of a channel that was asked for, which came at `recv` (ms) with the frame being read."""
        self.monitor.heard(channel, listed, self.exchange.current, recv)
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
        if self.links is not None:
            self.links.intake.relisted()
        return [market for market in map(self.instrument, symbols) if market is not None]

    def stranger(self, name: Any) -> None:
        """The venue told of a market that its list didn't hold: the list is read again, once for each such name."""
        if self._strangers.add(str(name)):
            self.unlisted += 1

    def counts(self, symbol: str) -> bool:
        """Whether it is known what the venue counts when it is asked for the open interest of `symbol`."""
        market = self.instrument(symbol)
        return market is not None and bool(market.units.polled)

    # What is told of a market

    def noted(self, market: Instrument, told: Prices, ts: int, recv: int, *, partial: bool = False) -> Ticker | None:
        """A frame tells these fields of a ticker at `ts`, `partial` those that changed: the ticker for `quoted` to
        tell, None where there is none. Raises ValueError for a value that is no price, or a time that is none."""
        if market.symbol not in self._listed:
            return None
        ticker = self.quotes.of(market).take(told, ts, recv, partial=partial)
        if ticker is None and market.symbol in self._interest.waiting:
            self._value_waiting(market, recv)
        return ticker

    def quoted(self, market: Instrument, ticker: Ticker, recv: int, *, stand_in: bool = False) -> None:
        """Tell a ticker, and open interest that waited for a price."""
        if "ticker" in self.channels:
            if not stand_in:
                url = self.exchange.current
                self.monitor.heard("ticker", market.listed, url, recv)
                if url:
                    self.monitor.lateness.add(recv - ticker.ts, url)
            self.context.emit(ticker)
        if market.symbol in self._interest.waiting:
            self._value_waiting(market, recv)

    def _value_waiting(self, market: Instrument, recv: int) -> None:
        """Tell open interest that waited for a price, where there is one now."""
        price = self.quotes.mark(market.symbol)
        if price is not None and not market.option:
            self._interest.priced(market, recv, price)

    def _stand_in(self, market: Instrument, ts: int, recv: int, **told: float | None) -> None:
        ticker = self.quotes.of(market).stand_in(ts, recv, **told)
        if ticker is not None:
            self.quoted(market, ticker, recv, stand_in=True)

    def best(self, market: Instrument, book: Book) -> None:
        """The best prices of a book stand in for those of a ticker."""
        bid, ask = (side[0][0] if side else None for side in (book.bids, book.asks))
        self._stand_in(market, book.ts, self.now(), bid=bid, ask=ask)

    def traded(self, event: Trade, recv: int) -> None:
        """A trade of a watched market, unless it was told before; its price stands in for that of a ticker."""
        listed = self._listed.get(event.symbol)
        if listed is None or (event.id is not None and not self._trades.add(event.id)):
            return
        if "trades" in self.channels:
            self._tell("trades", event, listed, recv)
        market = self.by_symbol[listed]
        if self.quotes.of(market).lacks("last", recv):
            self._stand_in(market, event.ts, recv, last=event.price)

    def liquidated(self, order: liquidations.Order, market: Instrument | None, recv: int, source: Any = None) -> None:
        """An order of a liquidation, unless it was told before. `source` numbers the answer it was polled with. Raises
        ValueError for an impossible figure, UnknownValue where it has no dollar value or its market isn't listed."""
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

    def predicted(self, told: Rate, recv: int, raw: Any = None) -> None:
        """A predicted funding rate. It waits where nobody says yet how often funding is due. `raw` is what it was read
        from."""
        market, rate = told.market, told.rate
        if market.symbol not in self._listed or "funding" not in self.channels:
            return
        symbol, due = market.listed, told.due or told.after or None
        try:
            stated = told.hours or parse.hours_between(told.due, told.after) or self._stated(symbol)
            # By the venue's clock, which is the one that its times of funding are on.
            hours = self.intervals.until(symbol, due, told.ts, stated)
            if hours is not None and rate is not None:
                event = Funding(
                    ts=told.ts, recv=recv, venue=self.venue, symbol=market.symbol, rate=rate,
                    interval_hours=hours, next_ts=due,
                )  # fmt: skip
                self._tell("funding", event, symbol, recv)
            elif rate is not None and not self.intervals.wait(symbol, lambda: self.predicted(told, self.now(), raw)):
                self.reject_once(raw or told, f"funding: {market.symbol}: nobody states how often funding is due")
        except BAD as error:
            self.reject_once(raw or told, f"funding: {error}")

    def _stated(self, symbol: str) -> float | None:
        """Hours between two fundings as the venue's list states them."""
        return parse.interval_hours(self.exchange.markets[symbol].get("info"))

    def interest_told(self, market: Instrument, told: interest.Open, recv: int, price: float | None) -> None:
        """An open interest in the venue's units, valued at `price`, else at the mark price the desk knows."""
        if market.symbol in self._listed:
            self._interest.tell(told, market, recv, self.quotes.mark(market.symbol) if price is None else price)

    # Connections

    def asked_on(self, subscription: Subscription, url: str, symbols: set[str]) -> None:
        """A stream subscribes at `url` to these symbols; of none: to all."""
        self.monitor.asked(subscription, url, sorted(symbols))
        if "book" in subscription.channels:
            self.books.asked(symbols)

    def now(self) -> int:
        """The desk clock, ms."""
        return self.context.clock.now()

    def is_late(self) -> bool:
        """Whether the desk is behind what its connections bring."""
        return self.monitor.is_late

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
        silent = fault.state == "stale" or isinstance(error, RequestTimeout | TimeoutError) or self.is_late()
        self.monitor.lost(url, fault.state, fault.words, heard if silent else self.now())
        self.books.lost(url)
