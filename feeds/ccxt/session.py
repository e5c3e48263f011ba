"""What one run of the feed knows: it turns what the tap hears into events, each checked, none twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from deskmon.events import Event, Gap, Ticker
from deskmon.feed import FeedContext
from deskmon.feeds.ccxt import interest, liquidations, parse
from deskmon.feeds.ccxt.exchanges import venue_name
from deskmon.feeds.ccxt.faults import Fault, describe
from deskmon.feeds.ccxt.health import QUIET, Channel, Skew, summary
from deskmon.feeds.ccxt.instruments import DOLLARS, Instrument, UnknownValue, instrument
from deskmon.feeds.ccxt.ledger import Occurrences, Seen
from deskmon.feeds.ccxt.options import CHANNELS, CcxtOptions, ChannelName
from deskmon.feeds.ccxt.quotes import Quotes
from deskmon.feeds.ccxt.ticker import funding_in_ticker, prices

LIQUIDATIONS_REMEMBERED = 50_000
TRADES_REMEMBERED = 20_000
COMPLAINTS_REMEMBERED = 500

BAD = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What parsing a record of unexpected shape raises."""


class Session:
    """The sink of a tapped exchange. `exchange` and `instruments` are given once the markets are known."""

    def __init__(self, label: str, venue: str, options: CcxtOptions, context: FeedContext) -> None:
        self.label, self.venue, self.options, self.context = label, venue, options, context
        self.family = venue_name(options.exchange)
        self.exchange: Any = None
        self.by_symbol: dict[str, Instrument] = {}
        self.symbols: list[str] = []
        self.notes: list[str] = []
        now = context.clock.now()
        self.channels = {name: Channel(name, now) for name in CHANNELS if name in options.channels}
        self.quotes = Quotes(venue)
        self.skew = Skew()
        self.intervals: dict[str, float] = {}
        self.history_asked = False
        self._waiting: dict[str, dict[str, Any]] = {}
        self.books: dict[str, Any] = {}
        self.book_urls: dict[str, str] = {}
        self._known_urls: set[str] = set()
        self._complained: set[str] = set()
        self._liquidations = Seen(LIQUIDATIONS_REMEMBERED)
        self._occurrences = Occurrences(LIQUIDATIONS_REMEMBERED)
        self._trades = Seen(TRADES_REMEMBERED)
        self._interest = interest.Waiting(venue, lambda event: self.emit("open_interest", event), self.rate)
        self._answers = 0
        self._rest_at = 0

    # What every event passes through

    def emit(self, channel: ChannelName, event: Event | None, *, stand_in: bool = False) -> None:
        """Pass `event` on, after the gap it closes. None, and events of a channel not asked for, are dropped.

        `stand_in`: it came by another channel, so it says nothing of the health of this one.
        """
        health = self.channels.get(channel)
        if event is None or health is None:
            return
        if stand_in:
            self.context.emit(event)
            return
        now = self.context.clock.now()
        was = health.state
        since = health.hear(now, self.exchange.current)
        if since is not None:
            self.context.emit(
                Gap(ts=now, recv=now, feed=self.label, venue=self.venue, channel=channel,
                    since=min(since, now), until=now, dropped=0)
            )  # fmt: skip
        self.skew.add(event.arrival - event.ts)
        self.context.emit(event)
        if was != "live":
            self.report()

    def _gap(self, channel: ChannelName, since: int | None, now: int) -> None:
        """Mark what was missed. A figure that is polled is whole again with the next answer, so it has no gaps."""
        if since is not None and (self.channels[channel].streamed or channel in QUIET):
            stretch = {"since": min(since, now), "until": now, "dropped": 0}
            self.context.emit(Gap(ts=now, recv=now, feed=self.label, venue=self.venue, channel=channel, **stretch))

    def broke(self, channel: ChannelName, state: Any, words: str) -> None:
        """Note that `channel` broke, and say so."""
        health = self.channels.get(channel)
        if health is not None and not health.finished:
            health.broke(self.context.clock.now(), state, words)
            self.report()

    def report(self) -> None:
        """Say how the feed is; saying the same again costs nothing."""
        skew = self.skew.words()
        state, detail, words = summary(self.channels, [*self.notes, *([skew] if skew else [])])
        self.context.status(state, detail, words)

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
        return found

    def counts(self, symbol: str) -> bool:
        """Whether it is known what the venue counts when it is asked for the open interest of `symbol`."""
        market = self.instrument(symbol)
        return market is not None and bool(market.units.polled)

    # The sink of the tap

    def ticker(self, symbol: str, raw: dict[str, Any]) -> None:
        """A ticker or mark price, with whatever else the venue puts into the same frame."""
        market = self.instrument(symbol)
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
        hours = self.intervals.get(symbol) or parse.interval_hours(self.exchange.markets[symbol].get("info"))
        try:
            self.emit("funding", parse.funding(raw, market, self.venue, recv, hours, self.family))
        except parse.UnknownInterval as error:
            if self.history_asked:
                self.reject_once(raw.get("info", raw), f"funding: {error}")
            else:
                self._waiting[symbol] = raw
        except BAD as error:
            self.reject_once(raw.get("info", raw), f"funding: {error}")

    def book(self, symbol: str, raw: Any) -> None:
        """A changed book: kept until the next turn of the book loop, which builds the event."""
        if symbol in self.symbols:
            self.books[symbol] = raw
            if self.exchange.current:
                self.book_urls[symbol] = self.exchange.current

    def flush_books(self) -> None:
        """Emit the books that changed since the last call."""
        changed, self.books = self.books, {}
        for symbol, raw in changed.items():
            market = self.by_symbol[symbol]
            recv = self.context.clock.now()
            try:
                event = parse.book(raw, market, self.venue, recv, self.options.book_limit)
                self.emit("book", event)
                best = {
                    "bid": event.bids[0][0] if event.bids else None,
                    "ask": event.asks[0][0] if event.asks else None,
                }
                ticker = self._quote(market, best, event.ts, recv, stand_in=True)
                self.emit("ticker", ticker, stand_in=True)
            except BAD as error:
                self.context.reject({"bids": raw["bids"][:1], "asks": raw["asks"][:1]}, f"book {symbol}: {error}")

    def trade(self, raw: dict[str, Any]) -> None:
        """A public trade, and on Deribit the liquidation it may be."""
        market = self.instrument(raw.get("symbol"))
        if market is None:
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
        health = self.channels["liquidations"]
        health.hear(self.context.clock.now(), "")
        self.report()

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
        if events:
            self.intervals[symbol] = events[-1].interval_hours

    def history_known(self) -> None:
        """Funding history was asked for: rates that waited for their interval can be told now, or refused."""
        self.history_asked = True
        waiting, self._waiting = self._waiting, {}
        for symbol, raw in waiting.items():
            self.funding(symbol, raw)

    def candles(self, symbol: str, timeframe: str, rows: Sequence[Sequence[Any]], *, streamed: bool = False) -> None:
        """Rows of open, high, low, close and volume."""
        market = self.instrument(symbol)
        if market is None:
            return
        recv = self.context.clock.now()
        for row in rows:
            try:
                event = parse.candle(row, market, self.venue, timeframe, recv, streamed=streamed)
                self.emit("candles", event)
            except BAD as error:
                self.context.reject(list(row), f"candle {symbol}: {error}")

    def unreadable(self, raw: Any, reason: str) -> None:
        """A frame that can't be read."""
        self.context.reject(raw, reason)

    def connected(self, url: str) -> None:
        """A websocket opened; the second time it is a reconnect."""
        if url in self._known_urls:
            self.context.reconnected()
        self._known_urls.add(url)
        now = self.context.clock.now()
        for name, channel in self.channels.items():
            if (
                name in QUIET
                and channel.streamed
                and channel.state != "live"
                and (not channel.urls or url in channel.urls)
            ):
                self._gap(name, channel.listen(now), now)
        self.report()

    def lost(self, url: str, error: BaseException | None) -> None:
        """A websocket closed: what came by it is broken, and its books are void, since changes to them are missed."""
        fault = Fault("reconnecting", "the venue closed the connection") if error is None else describe(error)
        for channel in self.channels.values():
            if url in channel.urls and not channel.finished:
                channel.broke(self.context.clock.now(), fault.state, fault.words)
        for symbol in [symbol for symbol, at in self.book_urls.items() if at == url]:
            del self.book_urls[symbol]
            self.books.pop(symbol, None)
            self.exchange.orderbooks.pop(symbol, None)
        self.report()

    # The one limiter

    def limit(self, seconds: float) -> None:
        """Send no request to the venue for `seconds`."""
        self._rest_at = max(self._rest_at, self.context.clock.now() + round(seconds * 1000))

    async def cool_down(self) -> None:
        """Wait until requests may be sent again. Every REST call of the exchange passes here."""
        waiting = self._rest_at - self.context.clock.now()
        if waiting > 0:
            await self.context.sleep(waiting / 1000)
