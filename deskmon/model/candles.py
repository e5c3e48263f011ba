"""Candles by symbol, venue and timeframe: the venues' own, and what finer candles and ticks add to them."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any

from deskmon.clock import DAY, HOUR, MINUTE
from deskmon.events import Candle, Ticker
from deskmon.model.part import Part
from deskmon.model.prices import AHEAD, rank, timeframe_ms
from deskmon.model.series import Series

if TYPE_CHECKING:
    from deskmon.analytics.bars import Bars

LENGTHS = {"1m": MINUTE, "5m": 5 * MINUTE, "15m": 15 * MINUTE, "1h": HOUR, "4h": 4 * HOUR, "1d": DAY}
"""Timeframes that are held → their length (ms)."""

CAPACITY = {"1m": 1_500, "5m": 1_500, "15m": 1_500, "1h": 5_000, "4h": 2_500, "1d": 2_000}
"""Candles held of each, the newest."""

UNTOLD = {"1m": 720, "5m": 288, "15m": 192, "1h": 720, "4h": 360, "1d": 365}
"""The same of a market whose venue tells no candles, where they are made of prices alone."""

SILENCE = 15 * MINUTE
"""A venue whose prices stay away this long (ms) leaves making a symbol's candles to the next."""

GRACE = 2_000
"""After its end (ms) an unfinished candle counts as closed: by then its venue has said what it had to say."""

_FRAMES = tuple(LENGTHS)
_STEPS = tuple(LENGTHS.values())
_DAYS = _FRAMES.index("1d")
_SETTLE = 256
"""Finer candles that may wait before the coarser ones learn of them: far fewer than are held."""

_FAR = 6 * HOUR
"""They don't wait for one that opens this much later (ms): it could push them out of their series before they count."""

_OPEN, _HIGH, _LOW, _CLOSE, _VOLUME, _UNTIL, _TOLD, _OWN = range(8)
_WIDTH = 8


class MarketCandles:
    """The candles of one symbol on one venue: a series for each timeframe, by open time.

    Columns: open, high, low, close, volume; until when (ms) the close is known; until when the venue itself told of the
    candle, 0 where it is made of finer ones only; the volume that it told. What is finer and later is added to it.

    told: whether the venue tells candles. version: moves when a candle changed that isn't the newest of its timeframe,
    or one of 5 m or more was told; days_version: when a day began, or one before the newest changed.
    """

    __slots__ = ("days_version", "dirty", "frames", "tick", "told", "version", "waiting")

    def __init__(self) -> None:
        self.told = False
        self.frames = [Series(_STEPS[level], UNTOLD[name], _WIDTH) for level, name in enumerate(_FRAMES)]
        self.dirty: list[set[int]] = [set() for _ in _FRAMES]
        self.tick: list[float] | None = None
        self.version = self.days_version = 0
        self.waiting: int | None = None  # open time of the first candle that coarser ones don't know of

    def take(self, level: int, start: int, event: Candle, known: int) -> None:
        """A candle of a timeframe that is held, that opens at `start` and is known until `known` (ms)."""
        if not self.told:
            self._trust()
        self._make_way(start)
        series = self.frames[level]
        index, new = series.place(start)
        if index < 0:
            return
        columns = series.columns
        if columns[_TOLD][index] > known:
            return
        high, low = max(event.high, event.open, event.close), min(event.low, event.open, event.close)
        volume = event.volume or 0.0
        values = (event.open, high, low, event.close, volume, known, known, volume)
        for column, value in zip(columns, values, strict=True):
            column[index] = value
        self.version += level > 0
        self._note_day(level, new or index < len(series) - 1)
        self.dirty[level].add(start)
        self._mark(level, start)

    def _note_day(self, level: int, past: bool) -> None:
        self.days_version += past and level == _DAYS

    def _trust(self) -> None:
        """From here on the venue tells candles: more of them are worth their room."""
        self.told = True
        for series, name in zip(self.frames, _FRAMES, strict=True):
            series.capacity = CAPACITY[name]

    def add_tick(self, ts: int, price: float) -> None:
        """A price between candles; a minute's are put together before they count."""
        tick = self.tick
        minute = ts - ts % MINUTE
        if tick is None or tick[0] != minute:
            if tick is not None:
                self._flush(tick)
            self._make_way(minute)
            self.tick = [minute, price, price, price, price, ts]
            return
        if price > tick[2]:
            tick[2] = price
        elif price < tick[3]:
            tick[3] = price
        if ts >= tick[5]:
            tick[4] = price
            tick[5] = ts

    def settle(self) -> None:
        """Let the coarser candles learn of the finer ones."""
        if self.tick is not None:
            self._flush(self.tick)
        for level in range(1, len(_FRAMES)):
            for start in sorted(self.dirty[level]):
                if self._roll(level, start):
                    self._mark(level, start)
            self.dirty[level].clear()
        self.dirty[0].clear()
        self.waiting = None

    def _make_way(self, start: int) -> None:
        if self.waiting is not None and start - self.waiting > _FAR:
            self.settle()

    def _flush(self, tick: list[float]) -> None:
        start, end = int(tick[0]), tick[5] + 1
        series = self.frames[0]
        index, _ = series.place(start)
        if index < 0:
            return
        columns = series.columns
        if not columns[_UNTIL][index]:
            for column, value in zip(columns, (*tick[1:5], 0.0, end, 0.0, 0.0), strict=True):
                column[index] = value
        elif columns[_TOLD][index] < start + MINUTE:
            columns[_HIGH][index] = max(columns[_HIGH][index], tick[2])
            columns[_LOW][index] = min(columns[_LOW][index], tick[3])
            if end >= columns[_UNTIL][index]:
                columns[_CLOSE][index], columns[_UNTIL][index] = tick[4], end
        self._mark(0, start)

    def _mark(self, level: int, start: int) -> None:
        self.waiting = start if self.waiting is None else min(self.waiting, start)
        if level + 1 < len(_FRAMES):
            waiting = self.dirty[level + 1]
            waiting.add(start - start % _STEPS[level + 1])

    def _roll(self, level: int, start: int) -> bool:
        """Add to a candle what the finer ones of its time know beyond it; whether there was anything to add."""
        series, finer = self.frames[level], self.frames[level - 1]
        length, step = _STEPS[level], _STEPS[level - 1]
        first, stop = finer.before(start - 1) + 1, finer.before(start + length - 1) + 1
        index = series.before(start)
        held = index >= 0 and series.ts[index] == start
        told = series.columns[_TOLD][index] if held else 0.0
        while first < stop and finer.ts[first] + step <= told:
            first += 1
        if first == stop:
            return held
        at, new = series.place(start)
        if at < 0:
            return False
        self.version += at < len(series) - 1
        self._note_day(level, new or at < len(series) - 1)
        columns, fine = series.columns, finer.columns
        high, low = max(fine[_HIGH][first:stop]), min(fine[_LOW][first:stop])
        volume = sum(fine[_VOLUME][i] for i in range(first, stop) if finer.ts[i] >= told)
        if told:
            high, low = max(high, columns[_HIGH][at]), min(low, columns[_LOW][at])
        else:
            columns[_OPEN][at] = fine[_OPEN][first]
        columns[_HIGH][at], columns[_LOW][at] = high, low
        columns[_VOLUME][at] = columns[_OWN][at] + volume
        if fine[_UNTIL][stop - 1] >= told:
            columns[_CLOSE][at], columns[_UNTIL][at] = fine[_CLOSE][stop - 1], fine[_UNTIL][stop - 1]
        return True

    def checkpoint(self) -> Any:
        self.settle()
        tick = None if self.tick is None else list(self.tick)
        return [self.told, tick, [series.checkpoint() if len(series) else None for series in self.frames]]

    def restore(self, data: Any) -> None:
        """Know what `checkpoint` wrote. Raises ValueError, TypeError or LookupError for other data."""
        told, tick, frames = data
        if told:
            self._trust()
        self.tick = None if tick is None else [float(value) for value in tick]
        for series, packed in zip(self.frames, frames, strict=True):
            if packed is not None:
                series.restore(packed)
                if len(series.columns) != _WIDTH:
                    raise ValueError("columns of candles are missing")


class Candles(Part[dict[str, list[str]]]):
    """Folds candles and tickers. Figures: the timeframes held, by symbol.

    Prices add to the candles of every venue that tells some; of the others they make candles on one at a time for each
    symbol, the first by rank among those that aren't silent: nobody looks at another, and there may be thousands.
    """

    def clear(self) -> None:
        self.revision += 1
        self._markets: dict[tuple[str, str], MarketCandles] = {}
        self._leads: dict[str, tuple[tuple[int, str], int]] = {}

    def fold(self, event: Candle | Ticker) -> None:
        if type(event) is Candle:
            self.fold_candle(event)
        elif type(event) is Ticker:
            self.fold_ticker(event)

    def fold_candle(self, event: Candle) -> None:
        """Take a candle, unless a later word of the venue on it is held; only timeframes of `LENGTHS` are kept. Raises
        ValueError for one of the future."""
        length = timeframe_ms(event.timeframe)
        level = _FRAMES.index(event.timeframe) if event.timeframe in LENGTHS else -1
        if level < 0:
            return
        if event.open_time > event.arrival + AHEAD:
            raise ValueError(f"open_time: {event.open_time} lies after the candle's arrival")
        market = self._market(event.symbol, event.venue)
        start = event.open_time - event.open_time % length
        end = start + length
        known = min([end, *(ts for ts in (event.ts, event.recv) if ts is not None and ts > start)])
        market.take(level, start, event, known)
        if len(market.dirty[min(level + 1, len(_FRAMES) - 1)]) > _SETTLE:
            market.settle()
        self.revision += 1

    def fold_ticker(self, event: Ticker) -> None:
        """Take a price, of a venue that tells candles or whose prices make them."""
        ts, recv = event.ts, event.recv
        if recv is not None and recv < ts:
            ts = recv
        market = self._markets.get((event.symbol, event.venue))
        if market is None or not market.told:
            if not self._leading(event.symbol, event.venue, ts):
                return
            market = market or self._market(event.symbol, event.venue)
        tick = market.tick
        if tick is None or tick[0] != ts - ts % MINUTE:
            self.revision += 1
            if len(market.dirty[1]) > _SETTLE:
                market.settle()
        market.add_tick(ts, event.last)

    @property
    def symbols(self) -> list[str]:
        """Unified symbols with a candle or a price, by name."""
        return sorted({symbol for symbol, _ in self._markets})

    def series(self, symbol: str, timeframe: str, venue: str | None = None) -> Bars:
        """The candles of a timeframe of `LENGTHS`, oldest first, the last perhaps unfinished; where no venue is named
        of the one whose are the longest and still come. Raises KeyError for another timeframe."""
        import numpy as np

        from deskmon.analytics.bars import Bars

        level = _FRAMES.index(timeframe) if timeframe in LENGTHS else -1
        if level < 0:
            raise KeyError(timeframe)
        found = self._markets.get((symbol, self._best(symbol, level) if venue is None else venue))
        if found is None:
            return Bars(np.empty(0, np.int64), *(np.empty(0) for _ in range(5)))
        found.settle()
        series = found.frames[level]
        columns = (np.array(series.columns[each]) for each in (_OPEN, _HIGH, _LOW, _CLOSE, _VOLUME))
        return Bars(np.array(series.ts, dtype=np.int64), *columns)

    def closed(self, symbol: str, timeframe: str, now: int) -> int:
        """End (ms) of the newest candle of a timeframe that has closed at desk time `now`; 0 where there is none."""
        return int(self.newest_closed(symbol, timeframe, now)[0])

    def newest_closed(self, symbol: str, timeframe: str, now: int) -> tuple[float | str, ...]:
        """The same with what may still change without a new version: whose candles they are, and high, low, close and
        volume, by a late price; (0,) where there is none."""
        level = _FRAMES.index(timeframe)
        venue = self._best(symbol, level)
        market = self._markets.get((symbol, venue))
        if market is None:
            return (0,)
        market.settle()
        series, length = market.frames[level], LENGTHS[timeframe]
        for index in range(len(series) - 1, -1, -1):
            end = series.ts[index] + length
            if end <= now and (end + GRACE <= now or series.columns[_UNTIL][index] >= end):
                return end, venue, *(series.columns[each][index] for each in (_HIGH, _LOW, _CLOSE, _VOLUME))
        return (0,)

    def minutes(self, symbol: str, after: int) -> list[tuple[int, float]]:
        """(open time in ms, close) of the minutes that opened at `after` (ms) or later, the oldest first; the last may
        be unfinished."""
        return self.closes(symbol, "1m", after)

    def closes(self, symbol: str, timeframe: str, after: int = 0) -> list[tuple[int, float]]:
        """The same of another timeframe of `LENGTHS`."""
        level = _FRAMES.index(timeframe)
        market = self._markets.get((symbol, self._best(symbol, level)))
        if market is None:
            return []
        market.settle()
        series = market.frames[level]
        first = series.before(after - 1) + 1
        return list(zip(series.ts[first:], series.columns[_CLOSE][first:], strict=True))

    def version(self, symbol: str) -> int:
        """Moves whenever a candle of a symbol changed that isn't the newest of its timeframe."""
        return sum(market.version for market in self._settled(symbol))

    def days_version(self, symbol: str) -> int:
        """Moves whenever a day of a symbol began, or one before the newest changed."""
        return sum(market.days_version for market in self._settled(symbol))

    def _settled(self, symbol: str) -> list[MarketCandles]:
        markets = [market for (name, _), market in self._markets.items() if name == symbol]
        for market in markets:
            market.settle()
        return markets

    def checkpoint(self) -> Any:
        markets = [[symbol, venue, market.checkpoint()] for (symbol, venue), market in self._markets.items()]
        return {"markets": markets, "leads": [[symbol, *lead] for symbol, lead in self._leads.items()]}

    def restore(self, data: Any) -> None:
        self.clear()
        for symbol, (place, venue), ts in data["leads"]:
            self._leads[symbol] = (place, venue), ts
        for symbol, venue, packed in data["markets"]:
            market = MarketCandles()
            market.restore(packed)
            self._markets[symbol, venue] = market

    def _compute(self, now: int) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for symbol in self.symbols:
            markets = [market for (name, _), market in self._markets.items() if name == symbol]
            for market in markets:
                market.settle()
            found[symbol] = [
                name for level, name in enumerate(_FRAMES) if any(len(market.frames[level]) for market in markets)
            ]
        return found

    def _market(self, symbol: str, venue: str) -> MarketCandles:
        market = self._markets.get((symbol, venue))
        if market is None:
            market = self._markets[symbol, venue] = MarketCandles()
        return market

    def _leading(self, symbol: str, venue: str, ts: int) -> bool:
        """Whether prices of a venue make a symbol's candles, with one that came at `ts` (ms)."""
        lead = self._leads.get(symbol)
        if lead is None or lead[0][1] == venue or ts > lead[1] + SILENCE or rank(venue) < lead[0]:
            self._leads[symbol] = rank(venue), ts if lead is None else max(ts, lead[1])
            return True
        return False

    def _best(self, symbol: str, level: int) -> str:
        """The venue with the most of a timeframe, in days, among those that go as far as any; then by its rank. Empty
        where there is none."""
        held: list[tuple[int, int, tuple[int, str]]] = []
        for (name, venue), market in self._markets.items():
            if name == symbol:
                market.settle()
                ts: array[int] = market.frames[level].ts
                if ts:
                    held.append((ts[-1], (ts[-1] - ts[0]) // DAY, (-rank(venue)[0], venue)))
        if not held:
            return ""
        newest = max(last for last, _, _ in held)
        fresh = [each for each in held if each[0] >= newest - 2 * _STEPS[level]]
        return max(fresh, key=lambda each: each[1:3])[2][1]
