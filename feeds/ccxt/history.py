"""The past that a venue tells: what to ask for, page by page and only where the desk lacks it, and how to read it.

Pure functions first, then the one class that asks. Imports no ccxt.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from deskmon.events import Candle, Funding, OpenInterest
from deskmon.feedkit import DAY, HOUR, MINUTE
from deskmon.feeds.ccxt import parse
from deskmon.feeds.ccxt.faults import BAD
from deskmon.feeds.ccxt.instruments import Instrument, Rate, UnknownValue, no_rate
from deskmon.feeds.ccxt.session import Session

Once = Callable[[str, Callable[[], Awaitable[None]]], Awaitable[bool]]


class Offer(NamedTuple):
    """What a venue has of a series: how far back (ms), and rows per answer."""

    span: int
    page: int


OPEN_INTEREST = {
    "binance": Offer(29 * DAY, 500),
    "bybit": Offer(120 * DAY, 200),
    "okx": Offer(60 * DAY, 100),
    "htx": Offer(200 * HOUR, 200),
}
"""Hourly open interest by venue. HTX always answers with the newest rows, so there is one page."""
OPEN_INTEREST_ELSEWHERE = Offer(30 * DAY, 100)

FUNDING_SPAN = 120 * DAY
FUNDING_INTERVALS = 400
"""Settled rates sought of each symbol at most: hourly ones aren't sought as far back as others."""
FUNDING_PAGES = {"binance": 480, "bybit": 190, "deribit": 700, "gate": 480, "hyperliquid": 480}
FUNDING_PAGE = 96
"""Rows per answer, by venue and elsewhere."""
CANDLES = {"1h": (HOUR, 1_000 * HOUR), "1d": (DAY, 2_000 * DAY)}
"""Candles that levels are found in and returns compared with, by timeframe: length, and how far back (ms)."""
CANDLES_PAGE = 100
"""Candles per answer of a venue of which ccxt doesn't say more."""

UNTIL = {"okx": "after", "htx": "end_time"}
"""What a venue calls the end of the time asked for, where ccxt doesn't translate `until`."""


def missing_hours(held: Sequence[int], start: int, end: int, page: int) -> Iterator[tuple[int, int]]:
    """(first hour, count of hours) of each page to ask for, so that every hour from `start` to before `end` (ms) that
    isn't in `held` is in one; at most `page` hours each."""
    known = set(held)
    hour = start - start % HOUR
    while hour < end:
        if hour in known:
            hour += HOUR
            continue
        count = min(page, -(-(end - hour) // HOUR))
        while hour + (count - 1) * HOUR in known:
            count -= 1
        yield hour, count
        hour += count * HOUR


def next_missing(held: Collection[int], since: int, end: int, length: int) -> int | None:
    """The first slot of `length` ms, not before `since`, that ended by `end` (ms) and isn't in `held`."""
    first = -(-since // length) * length
    return next((at for at in range(first, end - length + 1, length) if at not in held), None)


def missing_rates(held: Sequence[int], start: int, end: int, interval: int, page: int) -> Iterator[tuple[int, int]]:
    """(since, until), ms, of each page to ask for, so that the settlements from `start` to `end` that aren't in `held`
    are in one: half of `page` by today's interval, since it may have been shorter, and the one before, since a row's
    interval is its distance from that."""
    known = [start, *held[bisect_left(held, start) : bisect_left(held, end)], end]
    for before, after in pairwise(known):
        between_two = before != start and after != end
        if after - before < interval * (1.5 if between_two else 1.0):
            continue
        since = before
        while since < after - MINUTE:
            until = min(after, since + page // 2 * interval)
            yield since - interval - MINUTE, until
            since = until


def opens(rows: Sequence[Sequence[Any]], market: Instrument) -> dict[int, float]:
    """Price at the beginning of each hour, of rows `[open time, open, …]` of hourly candles."""
    return {int(row[0]) // HOUR * HOUR: market.price(float(row[1])) for row in rows if row[1]}


def lacks_value(row: parse.Raw, market: Instrument) -> bool:
    """Whether the venue says how much was open, but not what it was worth, or how many coins that was."""
    return market.kind != "linear" or parse.number(row.get("openInterestValue")) is None


def share_of(newest: parse.Raw, ticker: parse.Raw) -> float:
    """What one contract counts in Bybit's open interest history, ½ or 1: the history doesn't say whether it counts both
    sides of a contract, the ticker says both figures, and the newest row is near to one of them."""
    both, single = parse.number(ticker.get("openInterest")), parse.number(ticker.get("singleOpenInterest"))
    value = parse.number(newest.get("openInterestAmount") or newest.get("openInterestValue"))
    if not both or not single or not value or abs(value - single) <= abs(value - both):
        return 1.0
    return single / both


def open_interest(
    row: parse.Raw, market: Instrument, venue: str, recv: int, prices: Mapping[int, float], *,
    share: float = 1.0, rate: Rate = no_rate,
) -> OpenInterest:  # fmt: skip
    """One row of ccxt's open interest history, valued by the venue, else at the price of its hour.

    `share`: what one contract counts there, ½ where it is counted on both sides. Raises UnknownValue where no price, or
    not what the venue counts, is known.
    """
    ts = int(row["timestamp"])
    price = prices.get(ts // HOUR * HOUR)
    unit = market.units.past
    told = parse.number(row.get("openInterestValue" if unit == "quote" else "openInterestAmount"))
    if told is None or unit is None:
        raise UnknownValue(f"{market.symbol}: what was open, or what it counts, isn't known")
    held = told * share
    amount, _ = market.split(held, unit)
    if amount is not None and not lacks_value(row, market):
        usd = float(row["openInterestValue"]) * share * market.dollars(market.quote, rate)
    elif price is not None:
        amount, usd = market.notional(held, price, rate, unit)
    else:
        raise UnknownValue(f"{market.symbol}: no price is known of the time of a past open interest")
    return OpenInterest(ts=ts, recv=recv, venue=venue, symbol=market.symbol, amount=amount, usd=usd)


def _time(row: parse.Raw) -> int:
    return int(row.get("timestamp") or 0)


class Past:
    """Asks a venue for what the desk doesn't hold, one request after the other, through the venue's own limiter."""

    def __init__(self, session: Session, once: Once) -> None:
        """`once(what, call)` awaits `call`, again after a fault; False where it was given up."""
        self._session = session
        self._once = once
        self._shares: dict[str, float] = {}
        self._until: dict[tuple[str, str], int] = {}

    async def fetch(self, swaps: Sequence[str]) -> None:
        """Settled funding and open interest of these symbols, as far as the channels are asked for."""
        session = self._session
        has = session.exchange.has
        for symbol in swaps:
            known = (market := session.instrument(symbol)) is not None and market.units.past is not None
            if known and "open_interest" in session.channels and has.get("fetchOpenInterestHistory"):
                await self._open_interest(symbol)
        for symbol in swaps:
            if "funding" in session.channels and has.get("fetchFundingRateHistory"):
                await self._funding(symbol)

    async def candles(self, symbols: Iterable[str]) -> None:
        """Candles of years of these symbols: of those that no other venue of the desk brings, what it doesn't hold."""
        context, venue = self._session.context, self._session.venue
        for symbol in symbols:
            name = self._session.by_symbol[symbol].symbol
            if context.claim_candles(venue, name):
                done = [await self._candles(symbol, timeframe) for timeframe in CANDLES if self._told(timeframe)]
                context.claim_candles(venue, name, all(done))

    def _told(self, timeframe: str) -> bool:
        return timeframe in (self._session.exchange.timeframes or {})

    async def _candles(self, symbol: str, timeframe: str) -> bool:
        """Page by page, the oldest first; nothing is asked for twice in a run. False where it was given up."""
        session, now = self._session, self._session.context.clock.now()
        length, span = CANDLES[timeframe]
        page = int(session.exchange.feature_value(symbol, "fetchOHLCV", "limit", CANDLES_PAGE) or CANDLES_PAGE)
        held = {*session.context.stored_times(Candle, session.venue, session.by_symbol[symbol].symbol, timeframe)}
        known = self._until.get((symbol, timeframe), now - span)
        while (since := next_missing(held, known, now, length)) is not None:
            count = min(page, (now - since) // length)
            known = since + count * length
            rows: list[Any] = []

            async def fetch(since: int = since, count: int = count, rows: list[Any] = rows) -> None:
                rows += await session.exchange.fetch_ohlcv(symbol, timeframe, since, count)

            if not await self._once(f"{timeframe} candles of {symbol}", fetch):
                return False
            closed = [row for row in rows if isinstance(row[0], int) and row[0] + length <= now]
            session.candles(symbol, timeframe, closed, past=True)
            # An answer may be shorter than was asked for: then what follows its last row is asked for next.
            newest = max((row[0] for row in closed), default=0)
            known = newest + length if newest >= since else known
        self._until[symbol, timeframe] = now // length * length
        return True

    async def _open_interest(self, symbol: str) -> None:
        session, now = self._session, self._session.context.clock.now()
        offer = OPEN_INTEREST.get(session.family, OPEN_INTEREST_ELSEWHERE)
        held = session.context.stored_times(OpenInterest, session.venue, session.by_symbol[symbol].symbol)
        # The newest page first: its last row tells what the rows count.
        for since, hours in reversed(list(missing_hours(held, now - offer.span, now - now % HOUR, offer.page))):

            async def fetch(since: int = since, hours: int = hours) -> None:
                rows = await session.exchange.fetch_open_interest_history(symbol, "1h", since, hours)
                if rows:
                    await self._tell(symbol, rows, since, hours)

            if not await self._once(f"open interest history of {symbol}", fetch):
                return

    async def _tell(self, symbol: str, rows: Sequence[dict[str, Any]], since: int, hours: int) -> None:
        session = self._session
        market = session.instrument(symbol)
        assert market is not None
        prices: dict[int, float] = {}
        if any(lacks_value(row, market) for row in rows):
            prices = opens(await session.exchange.fetch_ohlcv(symbol, "1h", since, hours + 1), market)
        if session.family == "bybit" and symbol not in self._shares:
            ticker = await session.exchange.fetch_ticker(symbol)
            self._shares[symbol] = share_of(max(rows, key=_time), ticker["info"])
        recv = session.context.clock.now()
        for row in rows:
            try:
                event = open_interest(
                    row, market, session.venue, recv, prices, share=self._shares.get(symbol, 1.0), rate=session.rate
                )
            except BAD as error:
                session.reject_once(row.get("info", row), f"open interest history: {error}")
            else:
                session.context.emit(event)

    async def _funding(self, symbol: str) -> None:
        session, now = self._session, self._session.context.clock.now()
        market, hours = session.instrument(symbol), session.intervals.get(symbol)
        if market is None or hours is None:
            return
        interval = round(hours * HOUR)
        page = FUNDING_PAGES.get(session.family, FUNDING_PAGE)
        start = now - min(FUNDING_SPAN, FUNDING_INTERVALS * interval)
        held = session.context.stored_times(Funding, session.venue, market.symbol)
        for since, until in list(missing_rates(held, start, now, interval, page)):

            async def fetch(since: int = since, until: int = until) -> None:
                bound = {UNTIL.get(session.family, "until"): until}
                rows = await session.exchange.fetch_funding_rate_history(symbol, since, page, bound)
                for event in parse.settled(rows, market, session.venue, session.context.clock.now()):
                    session.context.emit(event)

            if not await self._once(f"funding history of {symbol}", fetch):
                return
