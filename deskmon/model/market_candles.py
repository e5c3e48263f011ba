"""The candles of one market: the venue's own, and what finer candles and ticks add to them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

from deskmon.clock import DAY, HOUR, MINUTE
from deskmon.events import Candle
from deskmon.model.series import Series

LENGTHS = {"1m": MINUTE, "5m": 5 * MINUTE, "15m": 15 * MINUTE, "1h": HOUR, "4h": 4 * HOUR, "1d": DAY}
"""Timeframes that are held → their length (ms)."""

CAPACITY = {"1m": 1_500, "5m": 1_500, "15m": 1_500, "1h": 5_000, "4h": 2_500, "1d": 2_000}
"""Candles held of each, the newest."""

UNTOLD = {"1m": 720, "5m": 288, "15m": 192, "1h": 720, "4h": 360, "1d": 365}
"""The same of a market whose venue tells no candles, where they are made of prices alone."""

FRAMES = tuple(LENGTHS)
STEPS = tuple(LENGTHS.values())
_FAR = 6 * HOUR
"""They don't wait for one that opens this much later (ms): it could push them out of their series before they count."""

OPEN, HIGH, LOW, CLOSE, VOLUME, UNTIL, _TOLD, _OWN = range(8)
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
        self.frames = [Series(STEPS[level], UNTOLD[name], _WIDTH) for level, name in enumerate(FRAMES)]
        self.dirty: list[set[int]] = [set() for _ in FRAMES]
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
        self.days_version += past and level == len(FRAMES) - 1

    def _trust(self) -> None:
        """From here on the venue tells candles: more of them are worth their room."""
        self.told = True
        for series, name in zip(self.frames, FRAMES, strict=True):
            series.capacity = CAPACITY[name]

    def add_to_tick(self, ts: int, price: float) -> bool:
        """Add a price to those of its minute that are put together before they count; False where it is of another
        minute."""
        tick = self.tick
        if tick is None or not 0 <= ts - tick[0] < MINUTE:
            return False
        if price > tick[2]:
            tick[2] = price
        elif price < tick[3]:
            tick[3] = price
        if ts >= tick[5]:
            tick[4] = price
            tick[5] = ts
        return True

    def begin_tick(self, ts: int, price: float) -> None:
        """Let the minute that was put together count, and begin that of `ts` (ms) with a price."""
        if self.tick is not None:
            self._flush(self.tick)
        minute = ts - ts % MINUTE
        self._make_way(minute)
        self.tick = [minute, price, price, price, price, ts]

    def settle(self) -> None:
        """Let the coarser candles learn of the finer ones."""
        if self.tick is not None:
            self._flush(self.tick)
        for level in range(1, len(FRAMES)):
            for start in sorted(self.dirty[level]):
                if self._roll(level, start):
                    self._mark(level, start)
            self.dirty[level].clear()
        self.dirty[0].clear()
        self.waiting = None

    def settle_before(self, ts: int) -> None:
        """The same where one that opened before `ts` (ms) has to learn."""
        if (self.waiting is not None and self.waiting < ts) or (self.tick is not None and self.tick[0] < ts):
            self.settle()

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
        if not columns[UNTIL][index]:
            for column, value in zip(columns, (*tick[1:5], 0.0, end, 0.0, 0.0), strict=True):
                column[index] = value
        elif columns[_TOLD][index] < start + MINUTE:
            columns[HIGH][index] = max(columns[HIGH][index], tick[2])
            columns[LOW][index] = min(columns[LOW][index], tick[3])
            if end >= columns[UNTIL][index]:
                columns[CLOSE][index], columns[UNTIL][index] = tick[4], end
        self._mark(0, start)

    def _mark(self, level: int, start: int) -> None:
        self.waiting = start if self.waiting is None else min(self.waiting, start)
        if level + 1 < len(FRAMES):
            waiting = self.dirty[level + 1]
            waiting.add(start - start % STEPS[level + 1])

    def _roll(self, level: int, start: int) -> bool:
        """Add to a candle what the finer ones of its time know beyond it; whether there was anything to add."""
        series, finer = self.frames[level], self.frames[level - 1]
        length, step = STEPS[level], STEPS[level - 1]
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
        high, low = max(fine[HIGH][first:stop]), min(fine[LOW][first:stop])
        volume = sum(fine[VOLUME][i] for i in range(first, stop) if finer.ts[i] >= told)
        if told:
            high, low = max(high, columns[HIGH][at]), min(low, columns[LOW][at])
        else:
            columns[OPEN][at] = fine[OPEN][first]
        columns[HIGH][at], columns[LOW][at] = high, low
        columns[VOLUME][at] = columns[_OWN][at] + volume
        if fine[UNTIL][stop - 1] >= told:
            columns[CLOSE][at], columns[UNTIL][at] = fine[CLOSE][stop - 1], fine[UNTIL][stop - 1]
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


class ClosedDays(NamedTuple):
    """A market's days before a midnight, `stop` of them. `version` is another one where one of them changed."""

    market: MarketCandles
    stop: int
    version: Hashable

    def columns(self) -> tuple[Sequence[int], Sequence[float], Sequence[float]]:
        """Times (ms) of the days' beginnings, highs and closes, the oldest first."""
        days = self.market.frames[-1]
        return days.ts[: self.stop], days.columns[HIGH][: self.stop], days.columns[CLOSE][: self.stop]

    def price_at(self, ts: int) -> float | None:
        """The close of the newest hour that was over at `ts` (ms), where it ended within an hour before."""
        hours = self.market.frames[FRAMES.index("1h")]
        index = hours.before(ts - HOUR)
        return hours.columns[CLOSE][index] if index >= 0 and ts - hours.ts[index] < 2 * HOUR else None
