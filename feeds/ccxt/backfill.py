"""What isn't told live, asked for in order of need: how often funding is due where a rate waits for it, recent candles,
settled fundings, then the past."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, ClassVar

from deskmon.feedkit import DAY, HOUR, main_symbols
from deskmon.feeds.ccxt.history import Once, Past
from deskmon.feeds.ccxt.parse import interval_hours
from deskmon.feeds.ccxt.plan import groups
from deskmon.feeds.ccxt.session import Session

Try = Callable[[Callable[[], Awaitable[Any]]], Awaitable[Any]]


class Backfill:
    """Asks once, and again every hour for what changes."""

    CANDLES: ClassVar[tuple[tuple[str, int], ...]] = (("1h", 7 * DAY), ("1m", 3 * HOUR))
    """Timeframes, and how far back (ms)."""
    REPEAT: ClassVar[float] = 3600.0

    def __init__(self, session: Session, attempt: Try, once: Once) -> None:
        """`attempt(call)` awaits `call` and never fails; `once(what, call)` does so again after a fault."""
        self._session, self._attempt, self._once = session, attempt, once
        self._asked: set[str] = set()

    async def forever(self) -> None:
        """Until cancelled, where there is anything to ask for again."""
        session, has = self._session, self._session.exchange.has
        swaps = [symbol for group in groups(session, "swap") for symbol in group]
        settled = swaps if "funding" in session.channels else []
        await self._listed()
        if not has.get("fetchFundingRateHistory"):
            for symbol in settled:
                session.history_known(symbol)
            settled = []
        async with asyncio.TaskGroup() as self._requests:
            waiting = self._requests.create_task(self._answer_waiting(settled))
            await self._in_order(swaps, settled)
            waiting.cancel()

    async def _in_order(self, swaps: Sequence[str], settled: Sequence[str]) -> None:
        """Recent candles, settled fundings, then the past; what changes again every hour."""
        session = self._session
        charted = list(main_symbols(session.symbols).values())
        if "candles" not in session.channels or not session.exchange.has.get("fetchOHLCV"):
            charted = []
        for timeframe, span in self.CANDLES:
            for symbol in session.symbols if charted else ():
                await self._candles(symbol, timeframe, span)
        for symbol in settled:
            if symbol not in self._asked:
                await self._settled(symbol)
        past = Past(session, self._once)
        await past.candles(charted)
        await past.fetch(swaps)
        while settled or charted:
            await session.context.sleep(self.REPEAT)
            await self._listed()
            for symbol in settled:
                await self._settled(symbol)
            await past.candles(charted)

    async def _answer_waiting(self, settled: Sequence[str]) -> None:
        """Ask for the settled fundings of each symbol of which a rate waits for its interval. All at once: one after
        the other, each would wait in the limiter's queue behind every poll of the feed."""
        intervals = self._session.intervals
        while True:
            for symbol in settled:
                if symbol in intervals.waiting and symbol not in self._asked:
                    self._asked.add(symbol)
                    self._requests.create_task(self._settled(symbol))
            intervals.wanted.clear()
            await intervals.wanted.wait()

    async def _listed(self) -> None:
        """Hours between fundings, where the venue lists them."""
        session = self._session
        if "funding" in session.channels and session.exchange.has.get("fetchFundingIntervals"):
            for group in groups(session, "swap"):
                # Without retries: what is settled tells the interval too.
                await self._attempt(partial(self._listed_intervals, group))

    async def _listed_intervals(self, symbols: Sequence[str]) -> None:
        session = self._session
        for symbol, record in (await session.exchange.fetch_funding_intervals(list(symbols))).items():
            hours = interval_hours(record.get("interval"), record.get("info"))
            if hours is not None:
                session.intervals.state(symbol, hours)
                session.interval_known(symbol)

    async def _settled(self, symbol: str) -> None:
        async def fetch() -> None:
            self._session.settled(symbol, await self._session.exchange.fetch_funding_rate_history(symbol, None, 50))

        self._asked.add(symbol)
        await self._once(f"settled fundings of {symbol}", fetch)
        self._session.history_known(symbol)

    async def _candles(self, symbol: str, timeframe: str, span: int) -> None:
        async def fetch() -> None:
            since = self._session.context.clock.now() - span
            rows = await self._session.exchange.fetch_ohlcv(symbol, timeframe, since, 200)
            self._session.candles(symbol, timeframe, rows, past=True)

        await self._once(f"{timeframe} candles of {symbol}", fetch)
