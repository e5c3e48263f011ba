"""Candles by symbol, venue and timeframe."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any

from deskmon.analytics.candle_columns import CandleColumns
from deskmon.clock import DAY, MINUTE
from deskmon.events import Candle, Ticker
from deskmon.model.market_candles import (
    CLOSE,
    FRAMES,
    HIGH,
    LENGTHS,
    LOW,
    OPEN,
    STEPS,
    UNTIL,
    VOLUME,
    ClosedDays,
    MarketCandles,
)
from deskmon.model.part import Part
from deskmon.model.prices import AHEAD, rank, timeframe_ms

if TYPE_CHECKING:
    from deskmon.analytics.bars import Bars

SILENCE = 15 * MINUTE
"""A venue whose prices stay away this long (ms) leaves making a symbol's candles to the next."""

GRACE = 2_000
"""After its end (ms) an unfinished candle counts as closed: by then its venue has said what it had to say."""

SETTLE = 256
"""Finer candles that may wait before the coarser ones learn of them: far fewer than are held."""


class Lead:
    """The venue whose prices make a symbol's candles, its rank, when (ms) the newest came, and until when the others
    wait for the next. `behind`: venues that tell no candles and were found to rank behind it."""

    __slots__ = ("behind", "rank", "ts", "until", "venue")

    def __init__(self, venue: str, ts: int) -> None:
        self.venue, self.ts, self.until = venue, ts, ts + SILENCE
        self.rank = rank(venue)
        self.behind: set[str] = set()


NO_CANDLES = CandleColumns((), (), (), (), (), ())


class Candles(Part[dict[str, list[str]]]):
    """Folds candles and tickers. Figures: the timeframes held, by symbol.

    Prices add to the candles of every venue that tells some; of the others they make candles on one at a time for each
    symbol, the first by rank among those that aren't silent: nobody looks at another, and there may be thousands.
    """

    def clear(self) -> None:
        self.revision += 1
        self._markets: dict[tuple[str, str], MarketCandles] = {}
        self._venues: dict[str, list[str]] = {}
        self._leads: dict[str, Lead] = {}

    def fold(self, event: Candle | Ticker) -> None:
        if type(event) is Candle:
            self.fold_candle(event)
        elif type(event) is Ticker:
            self.fold_ticker(event)

    def fold_candle(self, event: Candle) -> None:
        """Take a candle, unless a later word of the venue on it is held; only timeframes of `LENGTHS` are kept. Raises
        ValueError for one of the future."""
        length = timeframe_ms(event.timeframe)
        level = FRAMES.index(event.timeframe) if event.timeframe in LENGTHS else -1
        if level < 0:
            return
        if event.open_time > event.arrival + AHEAD:
            raise ValueError(f"open_time: {event.open_time} lies after the candle's arrival")
        market = self._market(event.symbol, event.venue)
        start = event.open_time - event.open_time % length
        end = start + length
        known = min([end, *(ts for ts in (event.ts, event.recv) if ts is not None and ts > start)])
        market.take(level, start, event, known)
        if event.symbol in self._leads:
            self._leads[event.symbol].behind.discard(event.venue)
        if len(market.dirty[min(level + 1, len(FRAMES) - 1)]) > SETTLE:
            market.settle()
        self.revision += 1

    def fold_ticker(self, event: Ticker) -> None:
        """Take a price, of a venue that tells candles or whose prices make them."""
        symbol, venue, ts = event.symbol, event.venue, event.ts
        lead = self._leads.get(symbol)
        if lead is not None and venue in lead.behind and ts <= lead.until:
            return  # as with nearly every price
        recv = event.recv
        if recv is not None and recv < ts:
            ts = recv
        market = self._markets.get((symbol, venue))
        if market is None or not market.told:
            if lead is not None and lead.venue == venue:
                if ts > lead.ts:
                    lead.ts, lead.until = ts, ts + SILENCE
            elif not self._takes_over(lead, symbol, venue, ts):
                return
            market = market or self._market(symbol, venue)
        if not market.add_to_tick(ts, event.last):
            self.revision += 1
            if len(market.dirty[1]) > SETTLE:
                market.settle()
            market.begin_tick(ts, event.last)

    @property
    def symbols(self) -> list[str]:
        """Unified symbols with a candle or a price, by name."""
        return sorted({symbol for symbol, _ in self._markets})

    def series(self, symbol: str, timeframe: str, venue: str | None = None) -> Bars:
        """Copies of `columns`, for numpy. Raises KeyError for another timeframe."""
        import numpy as np

        from deskmon.analytics.bars import Bars

        time, *others = self.columns(symbol, timeframe, venue)
        return Bars(np.array(time, dtype=np.int64), *(np.array(column, dtype=np.float64) for column in others))

    def columns(self, symbol: str, timeframe: str, venue: str | None = None) -> CandleColumns:
        """The candles of a timeframe of `LENGTHS`, oldest first, the last perhaps unfinished; where no venue is named
        of the one whose are the longest and still come. Raises KeyError for another timeframe."""
        level = FRAMES.index(timeframe) if timeframe in LENGTHS else -1
        if level < 0:
            raise KeyError(timeframe)
        found = self._markets.get((symbol, self._best(symbol, level) if venue is None else venue))
        if found is None:
            return NO_CANDLES
        found.settle()
        series = found.frames[level]
        return CandleColumns(series.ts, *(series.columns[each] for each in (OPEN, HIGH, LOW, CLOSE, VOLUME)))

    def closed(self, symbol: str, timeframe: str, now: int) -> int:
        """End (ms) of the newest candle of a timeframe that has closed at desk time `now`; 0 where there is none."""
        return int(self.newest_closed(symbol, timeframe, now)[0])

    def newest_closed(self, symbol: str, timeframe: str, now: int) -> tuple[float | str, ...]:
        """The same with what may still change without a new version: whose candles they are, and high, low, close and
        volume, by a late price; (0,) where there is none."""
        level = FRAMES.index(timeframe)
        venue = self._best(symbol, level)
        market = self._markets.get((symbol, venue))
        if market is None:
            return (0,)
        market.settle()
        series, length = market.frames[level], LENGTHS[timeframe]
        for index in range(len(series) - 1, -1, -1):
            end = series.ts[index] + length
            if end <= now and (end + GRACE <= now or series.columns[UNTIL][index] >= end):
                return end, venue, *(series.columns[each][index] for each in (HIGH, LOW, CLOSE, VOLUME))
        return (0,)

    def minutes(self, symbol: str, after: int) -> list[tuple[int, float]]:
        """(open time in ms, close) of the minutes that opened at `after` (ms) or later, the oldest first; the last may
        be unfinished."""
        return self.closes(symbol, "1m", after)

    def closes(self, symbol: str, timeframe: str, after: int = 0) -> list[tuple[int, float]]:
        """The same of another timeframe of `LENGTHS`."""
        level = FRAMES.index(timeframe)
        market = self._markets.get((symbol, self._best(symbol, level)))
        if market is None:
            return []
        market.settle()
        series = market.frames[level]
        first = series.before(after - 1) + 1
        return list(zip(series.ts[first:], series.columns[CLOSE][first:], strict=True))

    def closed_days(self, symbol: str, midnight: int) -> ClosedDays | None:
        """The days before `midnight` (ms), of the venue with the longest history among those that go as far as any;
        None without one."""
        held: list[tuple[int, int, tuple[int, str], ClosedDays]] = []
        for venue in self._venues.get(symbol, ()):
            market = self._markets[symbol, venue]
            market.settle_before(midnight)
            days = market.frames[-1]
            stop = days.before(midnight - 1) + 1
            if stop:
                ends = days.ts[0], days.columns[HIGH][stop - 1], days.columns[CLOSE][stop - 1]
                closed = ClosedDays(market, stop, (venue, midnight, market.days_version, stop, ends))
                length = (days.ts[stop - 1] - days.ts[0]) // DAY
                held.append((days.ts[stop - 1], length, (-rank(venue)[0], venue), closed))
        newest = max((each[0] for each in held), default=0)
        fresh = [each for each in held if each[0] >= newest - 2 * DAY]
        return max(fresh, key=lambda each: each[1:3])[3] if fresh else None

    def version(self, symbol: str) -> int:
        """Moves whenever a candle of a symbol changed that isn't the newest of its timeframe."""
        return sum(market.version for market in self._settled(symbol))

    def days_version(self, symbol: str) -> int:
        """Moves whenever a day of a symbol began, or one before the newest changed."""
        return sum(market.days_version for market in self._settled(symbol))

    def _settled(self, symbol: str) -> list[MarketCandles]:
        markets = [self._markets[symbol, venue] for venue in self._venues.get(symbol, ())]
        for market in markets:
            market.settle()
        return markets

    def checkpoint(self) -> Any:
        markets = [[symbol, venue, market.checkpoint()] for (symbol, venue), market in self._markets.items()]
        leads = [[symbol, list(lead.rank), lead.ts] for symbol, lead in self._leads.items()]
        return {"markets": markets, "leads": leads}

    def restore(self, data: Any) -> None:
        self.clear()
        for symbol, (_, venue), ts in data["leads"]:
            self._leads[symbol] = Lead(venue, ts)
        for symbol, venue, packed in data["markets"]:
            self._market(symbol, venue).restore(packed)

    def _compute(self, now: int) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for symbol in self.symbols:
            markets = self._settled(symbol)
            found[symbol] = [
                name for level, name in enumerate(FRAMES) if any(len(market.frames[level]) for market in markets)
            ]
        return found

    def _market(self, symbol: str, venue: str) -> MarketCandles:
        market = self._markets.get((symbol, venue))
        if market is None:
            market = self._markets[symbol, venue] = MarketCandles()
            self._venues.setdefault(symbol, []).append(venue)
        return market

    def _takes_over(self, lead: Lead | None, symbol: str, venue: str, ts: int) -> bool:
        """Whether prices of a venue make a symbol's candles from one on that came at `ts` (ms), in place of `lead`."""
        if lead is not None and ts <= lead.until and rank(venue) > lead.rank:
            lead.behind.add(venue)
            return False
        self._leads[symbol] = Lead(venue, ts if lead is None else max(ts, lead.ts))
        return True

    def _best(self, symbol: str, level: int) -> str:
        """The venue with the most of a timeframe, in days, among those that go as far as any; then by its rank. Empty
        where there is none."""
        held: list[tuple[int, int, tuple[int, str]]] = []
        for venue in self._venues.get(symbol, ()):
            market = self._markets[symbol, venue]
            market.settle()
            ts: array[int] = market.frames[level].ts
            if ts:
                held.append((ts[-1], (ts[-1] - ts[0]) // DAY, (-rank(venue)[0], venue)))
        if not held:
            return ""
        newest = max(last for last, _, _ in held)
        fresh = [each for each in held if each[0] >= newest - 2 * STEPS[level]]
        return max(fresh, key=lambda each: each[1:3])[2][1]
