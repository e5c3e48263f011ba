"""What one run of the feed hears by ccxt: it turns what the tap hears into events, each checked, none twice."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from deskmon.feeds.ccxt import interest, liquidations, parse
from deskmon.feeds.ccxt.faults import BAD, MISSED
from deskmon.feeds.ccxt.instruments import Instrument
from deskmon.feeds.ccxt.quotes import Prices
from deskmon.feeds.ccxt.resubscribe import Subscription, mentioned
from deskmon.feeds.ccxt.telling import Telling
from deskmon.feeds.ccxt.ticker import funding_in_ticker, prices
from deskmon.feeds.native.readings import Rate


class Session(Telling):
    """The sink of a tapped exchange."""

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
            ticker = self.noted(market, prices(raw, market, self.family), ts, recv)
            if ticker is not None:
                self.quoted(market, ticker, recv)
        except BAD as error:
            self.context.reject(raw.get("info", raw), f"ticker {symbol}: {error}")
        if isinstance(raw.get("info"), dict):
            self._beside_ticker(market, raw, ts, recv)

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
            told = prices(raw, market, self.family)
            ts = int(raw.get("timestamp") or recv)
            ticker = self.noted(market, Prices(bid=told.bid, ask=told.ask), ts, recv)
            if ticker is not None:
                self.quoted(market, ticker, recv)
        except BAD as error:
            self.context.reject(raw.get("info", raw), f"bid and ask {symbol}: {error}")

    def funding(self, symbol: str, raw: dict[str, Any]) -> None:
        """A funding rate, streamed or polled."""
        market = self.instrument(symbol)
        if market is None or symbol not in self.symbols or "funding" not in self.channels:
            return
        recv, info = self.context.clock.now(), raw.get("info")
        try:
            rate = parse.funding_rate(raw, market, self.family)
            due, after = (int(raw.get(name) or 0) for name in ("fundingTimestamp", "nextFundingTimestamp"))
            hours = parse.interval_hours(raw.get("interval"), info)
            told = Rate(market, int(raw.get("timestamp") or recv), rate, due, after, hours)
        except BAD as error:
            self.reject_once(info or raw, f"funding: {error}")
        else:
            self.predicted(told, recv, info or raw)

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

    def trade(self, raw: dict[str, Any]) -> None:
        """A public trade, and the liquidation that it may be."""
        market = self.instrument(raw.get("symbol"))
        if market is None:
            self.stranger(raw.get("symbol"))
            return
        recv = self.context.clock.now()
        info = raw.get("info")
        if self.family in liquidations.IN_TRADES and isinstance(info, dict):
            self.liquidation(raw)
        if market.listed not in self.symbols:
            return
        try:
            self.traded(parse.trade(raw, market, self.venue, recv, self.family), recv)
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
                self.liquidated(order, self.instrument(raw.get("symbol")), recv, source)
        except BAD as error:
            self.context.reject(info, f"liquidation: {error}")

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
        tell = self.intervals.waiting.pop(symbol, None)
        if tell is not None:
            tell()

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
        self.asked_on(subscription, url, mentioned(" ".join(subscription.awaited[url]), self.names()))

    def asking_for(self, symbol: str) -> AbstractContextManager[None]:
        """A book is asked for while the block runs."""
        return self.monitor.asking_for(symbol)

    async def cool_down(self) -> None:
        """Wait until requests may be sent again. Every REST call of the exchange passes here."""
        await self.limiter.cool_down()
