"""One run of the feed: markets, then every stream, poll and watch until cancelled. Imports ccxt."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, NamedTuple

from deskmon.feedkit import DeskError, FeedContext, backoff
from deskmon.feeds.ccxt.access import MirrorKeys
from deskmon.feeds.ccxt.backfill import Backfill
from deskmon.feeds.ccxt.capturing import capture
from deskmon.feeds.ccxt.channels import CcxtOptions, ChannelName
from deskmon.feeds.ccxt.exchanges import market_types, merge_urls, settings
from deskmon.feeds.ccxt.faults import FAULTS, Fault, Stalled, describe
from deskmon.feeds.ccxt.health import Line
from deskmon.feeds.ccxt.listing import Listing
from deskmon.feeds.ccxt.monitor import Monitor
from deskmon.feeds.ccxt.plan import Poll, Stream, polls, polls_of, streams, why_none
from deskmon.feeds.ccxt.resubscribe import WATCHED, Subscription
from deskmon.feeds.ccxt.session import Session
from deskmon.feeds.ccxt.tap import tap
from deskmon.feeds.native import venue_of
from deskmon.feeds.native.links import Links


class Source(NamedTuple):
    """A stream or a poll that is open: the task that keeps it, and what a stream subscribed to."""

    source: Stream | Poll
    task: asyncio.Task[None]
    subscription: Subscription | None = None


class Run:
    """Machinery of one run; times in seconds."""

    BACKOFF_BASE: ClassVar[float] = 0.5
    BACKOFF_CAP: ClassVar[float] = 30.0
    WATCHDOG: ClassVar[float] = Monitor.TICK_MS / 1000
    BOOKS: ClassVar[float] = 0.5
    RELOAD: ClassVar[float] = 3600.0
    RELOAD_SOON: ClassVar[float] = 60.0
    LOOK: ClassVar[float] = 5.0

    def __init__(self, label: str, venue: str, options: CcxtOptions, context: FeedContext, exchange: type[Any]) -> None:
        self.options, self.context = options, context
        self.session = Session(label, venue, options, context)
        self.exchange = self.session.exchange = tap(exchange, settings(options), self.session, context.turns)
        self.exchange.keys = MirrorKeys(options.headers, options.urls)
        capture(context.tape, self.exchange)
        self.exchange.urls["api"] = merge_urls(self.exchange.urls["api"], options.urls)
        market_types(self.exchange, options.symbols)
        own = venue_of(options.exchange) if options.native else None
        if own is not None:
            self.session.links = Links(own, self.session)
        self._listing = Listing(self.session)
        self._sources: dict[str, Source] = {}
        self._backfill: asyncio.Task[None] | None = None

    async def forever(self) -> None:
        """Until cancelled. Raises DeskError where the venue lists none of the symbols."""
        try:
            self.context.status("connecting", "loading the venue's markets", None)
            await self._persist(self.exchange.load_markets)
            self._listing.take()
            if not self.session.symbols:
                words = f"{self.options.exchange}: {'; '.join(self._listing.lacking)}"
                self.context.status("down", words, None)
                raise DeskError(words, "see the venue's symbols, and name them in this feed's `symbols`")
            async with asyncio.TaskGroup() as self._group:
                self._pursue()
                self._group.create_task(self._flush_books())
                self._group.create_task(self._watch_lines())
                self._group.create_task(self._relist())
        finally:
            self.session.ended = True
            if self.session.links is not None:
                await self.session.links.close()
            await self.exchange.close()

    def _pursue(self) -> None:
        """Open what the plan holds and isn't open, and close what it no longer holds."""
        plan = streams(self.session)
        streamed = {name for stream in plan for name in stream.serves}
        asked = polls(self.session, streamed)
        self._name_channels(streamed, {poll.channel for poll in asked})
        sources: list[Stream | Poll] = [*plan, *asked]
        for key in self._sources.keys() - {source.key for source in sources}:
            self._close(self._sources.pop(key))
        for source in sources:
            if source.key not in self._sources:
                self._open(source)
        if self._backfill is not None:
            self._backfill.cancel()
        self._backfill = self._group.create_task(Backfill(self.session, self._try, self._once).forever())

    def _open(self, source: Stream | Poll) -> None:
        if isinstance(source, Stream):
            subscription = Subscription(source.serves, source.name)
            task = self._group.create_task(self._keep(source, subscription))
            self._sources[source.key] = Source(source, task, subscription)
        else:
            self._sources[source.key] = Source(source, self._group.create_task(self._repeat(source)))

    def _close(self, source: Source) -> None:
        source.task.cancel()
        if source.subscription is not None:
            self.session.monitor.forget(source.subscription)
            self._owner(source.subscription).withdraw(source.subscription)

    def _owner(self, subscription: Subscription) -> Any:
        """Who watches a subscription: our own websockets, or ccxt."""
        links = self.session.links
        return links if links is not None and links.owns(subscription) else self.exchange

    async def _relist(self) -> None:
        """Read the venue's list again: each hour, a minute after an unknown market was told of, and while a symbol is
        missing from it or isn't trading, at growing intervals."""
        unlisted, waited, patience = self.session.unlisted, 0.0, self.RELOAD_SOON
        while True:
            await self.context.sleep(self.LOOK)
            waited += self.LOOK
            news = unlisted != self.session.unlisted
            if waited < (self.RELOAD_SOON if news else patience if self._listing.lacking else self.RELOAD):
                continue
            unlisted, waited, patience = self.session.unlisted, 0.0, min(2 * patience, self.RELOAD)
            if await self._once("the venue's list of markets", self._listing.reload) and self._listing.take():
                patience = self.RELOAD_SOON
                self._pursue()
            self.session.monitor.report()

    def _name_channels(self, streamed: set[ChannelName], polled: set[ChannelName]) -> None:
        for name, channel in self.session.channels.items():
            channel.streamed = name in streamed
            channel.why_none = None
            if name not in streamed | polled:
                channel.finish(f"none: {why_none(self.session, name)}")
        self.session.monitor.report()

    async def _keep(self, stream: Stream, subscription: Subscription) -> None:
        """Watch `stream` for ever; resubscribe after a fault, later each time until something is heard."""
        monitor, channel = self.session.monitor, self.session.channels[stream.channel]
        WATCHED.set(subscription)
        attempt = 0
        while True:
            heard = channel.told
            fault = await self._try(stream.watch)
            if fault is None:
                continue
            if fault.final:
                monitor.forget(subscription)
                self._give_up(stream, fault)
                return
            attempt = 1 if channel.told > heard else attempt + 1
            if not fault.told:
                monitor.broke(monitor.lines_of(subscription), fault.state, fault.words)
            await self._rest(fault, attempt)

    async def _repeat(self, poll: Poll) -> None:
        """Ask again and again, at the channel's interval."""
        seconds = self.options.poll_seconds(poll.channel, poll.seconds)
        monitor = self.session.monitor
        line = monitor.polled(poll.channel, seconds, recovers=poll.recovers)
        attempt = 0
        try:
            while True:
                fault = await self._try(poll.fetch)
                if fault is None:
                    attempt = 0
                    monitor.answered(line)
                    await self.context.sleep(seconds)
                    continue
                if fault.final:
                    break
                attempt += 1
                monitor.broke([line], fault.state, fault.words)
                await self._rest(fault, attempt)
        finally:
            monitor.drop(line)
        self._give_up(poll, fault)

    def _give_up(self, source: Stream | Poll, fault: Fault) -> None:
        """A source will never work. With the last of its sources a channel is polled from now on where it was streamed,
        else it is finished."""
        self._sources.pop(source.key)
        for name in source.serves:
            channel = self.session.channels[name]
            if any(name in other.source.serves for other in self._sources.values()):
                self.session.reject_once(name, f"{name}: {fault.words}")
                continue
            asked = polls_of(self.session, name) if isinstance(source, Stream) else []
            channel.streamed = False
            if asked:
                self.session.reject_once(name, f"{name} isn't streamed: {fault.words}")
            else:
                channel.finish(f"none: {fault.words}")
            for poll in asked:
                self._open(poll)
        self.session.monitor.report()

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
            self.session.limiter.limit(fault.wait)
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
                self.session.limiter.limit(fault.wait)
            state = fault.state if attempt > 1 or fault.state == "down" else "connecting"
            self.context.status(state, f"{fault.words} · loading markets", None)
            pause = backoff(attempt, self.context.rng, base=self.BACKOFF_BASE, cap=self.BACKOFF_CAP)
            await self.context.sleep(max(fault.wait, pause))

    async def _once(self, what: str, call: Callable[[], Awaitable[Any]]) -> bool:
        """Try three times, then go without: history is worth having, not worth stopping for. False where it was."""
        for attempt in (1, 2, 3):
            fault = await self._try(call)
            if fault is None:
                return True
            if fault.wait:
                self.session.limiter.limit(fault.wait)
            if fault.final or attempt == 3:
                self.session.reject_once(what, f"{what}: {fault.words}")
                break
            await self.context.sleep(backoff(attempt, self.context.rng, base=self.BACKOFF_BASE, cap=self.BACKOFF_CAP))
        return False

    async def _flush_books(self) -> None:
        while True:
            left = True
            while left:
                async with self.context.turns as part:
                    left = self.session.books.flush(part)
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
        links, alone = self.session.links, not line.void and self.session.monitor.alone(line)
        if links is not None and links.owns(subscription):
            if line.channel == "book":
                self.session.books.drop(line.symbol)
            links.restart(subscription, line.symbol, Stalled(line.words), alone=alone)
            return
        client = (self.exchange.clients or {}).get(line.url)
        if client is None:
            return
        if line.channel == "book":
            self.session.books.drop(line.symbol)
        if alone:
            client.on_error(Stalled(line.words))
        else:
            self.exchange.resubscribe(subscription, line.symbol, self.session.names(), Stalled(line.words))
