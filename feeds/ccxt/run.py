"""One run of the feed: markets, then every stream, poll and watch until cancelled. Imports ccxt."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

from deskmon.assets import main_symbols
from deskmon.clock import DAY, HOUR
from deskmon.errors import DeskError
from deskmon.feed import FeedContext, backoff
from deskmon.feeds.ccxt.exchanges import market_types, merge_urls, settings
from deskmon.feeds.ccxt.faults import FAULTS, Fault, Stalled, describe
from deskmon.feeds.ccxt.health import Line
from deskmon.feeds.ccxt.history import Past
from deskmon.feeds.ccxt.instruments import resolve, without_figures
from deskmon.feeds.ccxt.monitor import Monitor
from deskmon.feeds.ccxt.options import CcxtOptions, ChannelName
from deskmon.feeds.ccxt.plan import IN_TICKER, OWN_QUOTES, Poll, Stream, polls, streams, why_none
from deskmon.feeds.ccxt.resubscribe import WATCHED, Subscription
from deskmon.feeds.ccxt.session import Session
from deskmon.feeds.ccxt.tap import tap


class Run:
    """Machinery of one run; times in seconds."""

    BACKOFF_BASE: ClassVar[float] = 0.5
    BACKOFF_CAP: ClassVar[float] = 30.0
    WATCHDOG: ClassVar[float] = Monitor.TICK_MS / 1000
    BOOKS: ClassVar[float] = 0.5
    HISTORY_CANDLES: ClassVar[tuple[tuple[str, int], ...]] = (("1h", 7 * DAY), ("1m", 3 * HOUR))

    def __init__(self, label: str, venue: str, options: CcxtOptions, context: FeedContext, exchange: type[Any]) -> None:
        self.options, self.context = options, context
        self.session = Session(label, venue, options, context)
        self.exchange = self.session.exchange = tap(exchange, settings(options), self.session)
        self.exchange.urls["api"] = merge_urls(self.exchange.urls["api"], options.urls)
        market_types(self.exchange, options.symbols)
        self._sources: Counter[ChannelName] = Counter()

    async def forever(self) -> None:
        """Until cancelled. Raises DeskError where the venue lists none of the symbols."""
        try:
            self.context.status("connecting", "loading the venue's markets", None)
            await self._persist(self._load_markets)
            plan = streams(self.session)
            streamed = self._streamed(plan)
            asked = polls(self.session, streamed)
            self._sources.update([stream.channel for stream in plan] + [poll.channel for poll in asked])
            self._name_channels(streamed, {poll.channel for poll in asked})
            async with asyncio.TaskGroup() as group:
                for stream in plan:
                    group.create_task(self._keep(stream))
                for poll in asked:
                    group.create_task(self._repeat(poll))
                group.create_task(self._history())
                group.create_task(self._flush_books())
                group.create_task(self._watch_lines())
        finally:
            self.session.ended = True
            await self.exchange.close()

    async def _load_markets(self) -> None:
        await self.exchange.load_markets()
        session = self.session
        session.symbols, missing = resolve(self.options.exchange, self.exchange.markets, self.options.symbols)
        if not session.symbols:
            words = f"{self.options.exchange}: {'; '.join(missing)}"
            self.context.status("down", words, None)
            raise DeskError(words, "see the venue's symbols, and name them in this feed's `symbols`")
        watched = [market for market in map(session.instrument, session.symbols) if market is not None]
        session.monitor.notes = [*missing, *without_figures(watched)]

    def _streamed(self, plan: list[Stream]) -> set[ChannelName]:
        """Channels that come by a stream, be it another's."""
        found: set[ChannelName] = {stream.channel for stream in plan}
        if self.session.family in IN_TICKER:
            found |= {"funding", "open_interest"}
        if self.session.family in OWN_QUOTES and self.exchange.has.get("watchMarkPrices"):
            found.add("funding")
        if self.session.family == "deribit":
            found.add("liquidations")
        return found

    def _name_channels(self, streamed: set[ChannelName], polled: set[ChannelName]) -> None:
        contracts = any(market.contract for market in map(self.session.instrument, self.session.symbols) if market)
        for name, channel in self.session.channels.items():
            needs_contract = name in ("liquidations", "funding", "open_interest")
            channel.streamed = name in streamed and (contracts or not needs_contract)
            if not channel.streamed and name not in polled:
                channel.finish(why_none(self.session, name))
        self.session.monitor.report()

    async def _keep(self, stream: Stream) -> None:
        """Watch `stream` for ever; resubscribe after a fault, later each time until something is heard."""
        monitor, channel = self.session.monitor, self.session.channels.get(stream.channel)
        subscription = Subscription(stream.serves)
        WATCHED.set(subscription)
        attempt = 0
        while True:
            heard = channel.told if channel else 0
            fault = await self._try(stream.watch)
            if fault is None:
                continue
            if fault.final:
                monitor.forget(subscription)
                self._give_up(stream.channel, fault)
                return
            attempt = 1 if channel is not None and channel.told > heard else attempt + 1
            if not fault.told:
                monitor.broke(monitor.lines_of(subscription), fault.state, fault.words)
            await self._rest(fault, attempt)

    async def _repeat(self, poll: Poll) -> None:
        """Ask again and again, at the channel's interval."""
        seconds = self.options.poll_seconds(poll.channel)
        monitor = self.session.monitor
        line = monitor.polled(poll.channel, seconds)
        attempt = 0
        while True:
            fault = await self._try(poll.fetch)
            if fault is None:
                attempt = 0
                monitor.answered(line)
                await self.context.sleep(seconds)
                continue
            if fault.final:
                monitor.drop(line)
                self._give_up(poll.channel, fault)
                return
            attempt += 1
            monitor.broke([line], fault.state, fault.words)
            await self._rest(fault, attempt)

    def _give_up(self, name: ChannelName, fault: Fault) -> None:
        """One source of a channel will never work; the channel is finished with the last of them."""
        self._sources[name] -= 1
        channel = self.session.channels.get(name)
        if channel is not None and not self._sources[name]:
            channel.finish(fault.words)
            self.session.monitor.report()
        else:
            self.session.reject_once(name, f"{name}: {fault.words}")

    async def _try(self, call: Callable[[], Awaitable[Any]]) -> Fault | None:
        """Call, and say what went wrong. A cancelled future of ccxt is a lost connection; a cancelled task is ours."""
        try:
            await call()
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            return Fault("reconnecting", "the connection was closed")
        except FAULTS as error:
            return describe(error)
        return None

    async def _rest(self, fault: Fault, attempt: int) -> None:
        """Wait as long as `fault` asks for, at least the backoff of this attempt."""
        if fault.wait:
            self.session.limit(fault.wait)
        pause = backoff(attempt, self.context.rng, base=self.BACKOFF_BASE, cap=self.BACKOFF_CAP)
        await self.context.sleep(max(fault.wait, pause))

    async def _persist(self, call: Callable[[], Awaitable[Any]]) -> None:
        """Repeat `call` until it succeeds; meanwhile the feed says why it doesn't."""
        attempt = 0
        while True:
            fault = await self._try(call)
            if fault is None:
                return
            attempt += 1
            if fault.wait:
                self.session.limit(fault.wait)
            state = fault.state if attempt > 1 or fault.state == "down" else "connecting"
            self.context.status(state, f"loading markets: {fault.words}", None)
            pause = backoff(attempt, self.context.rng, base=self.BACKOFF_BASE, cap=self.BACKOFF_CAP)
            await self.context.sleep(max(fault.wait, pause))

    async def _history(self) -> None:
        """Candles, settled fundings and open interest of the past, once; settled fundings again every hour, and candles
        of years that are new, or that another venue of the desk no longer brings."""
        session, has = self.session, self.exchange.has
        swaps = [symbol for symbol in session.symbols if self.exchange.markets[symbol].get("swap")]
        if "candles" in session.channels and has.get("fetchOHLCV"):
            for timeframe, span in self.HISTORY_CANDLES:
                for symbol in session.symbols:
                    await self._candles_before(symbol, timeframe, span)
        settled = swaps if "funding" in session.channels and has.get("fetchFundingRateHistory") else []
        for symbol in settled:
            await self._fundings_before(symbol)
        session.history_known()
        past = Past(session, self._once)
        charted = list(main_symbols(session.symbols).values())
        charted = charted if "candles" in session.channels and has.get("fetchOHLCV") else []
        await past.candles(charted)
        await past.fetch(swaps)
        while settled or charted:
            await self.context.sleep(3600.0)
            for symbol in settled:
                await self._fundings_before(symbol)
            await past.candles(charted)

    async def _candles_before(self, symbol: str, timeframe: str, span: int) -> None:
        async def fetch() -> None:
            since = self.context.clock.now() - span
            rows = await self.exchange.fetch_ohlcv(symbol, timeframe, since, 200)
            self.session.candles(symbol, timeframe, rows, past=True)

        await self._once(f"{timeframe} candles of {symbol}", fetch)

    async def _fundings_before(self, symbol: str) -> None:
        async def fetch() -> None:
            self.session.settled(symbol, await self.exchange.fetch_funding_rate_history(symbol, None, 50))

        await self._once(f"settled fundings of {symbol}", fetch)

    async def _once(self, what: str, call: Callable[[], Awaitable[Any]]) -> bool:
        """Try three times, then go without: history is worth having, not worth stopping for. False where it was."""
        for attempt in (1, 2, 3):
            fault = await self._try(call)
            if fault is None:
                return True
            if fault.wait:
                self.session.limit(fault.wait)
            if fault.final or attempt == 3:
                self.session.reject_once(what, f"{what}: {fault.words}")
                break
            await self.context.sleep(backoff(attempt, self.context.rng, base=self.BACKOFF_BASE, cap=self.BACKOFF_CAP))
        return False

    async def _flush_books(self) -> None:
        while True:
            self.session.books.flush()
            await self.context.sleep(self.BOOKS)

    async def _watch_lines(self) -> None:
        """Subscribe again what is silent for longer than it usually is, and what is void."""
        while True:
            monitor = self.session.monitor
            monitor.tick()
            for subscription, line in monitor.due():
                self._restart(subscription, line)
            monitor.report()
            await self.context.sleep(self.WATCHDOG)

    def _restart(self, subscription: Subscription, line: Line) -> None:
        """Subscribe one line again. Its connection is closed only where nothing else comes by it."""
        line.retry(self.context.clock.now())
        client = (self.exchange.clients or {}).get(line.url)
        if client is None:
            return
        if line.channel == "book":
            self.session.books.drop(line.symbol)
        if not line.void and self.session.monitor.alone(line):
            client.on_error(Stalled(line.words))
        else:
            self.exchange.resubscribe(subscription, line.symbol, self.session.names(), Stalled(line.words))
