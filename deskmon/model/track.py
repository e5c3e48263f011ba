"""Prices of one symbol on one venue over a week: by the minute for a day, by half an hour before."""

from __future__ import annotations

from typing import Any

from deskmon.clock import DAY, HOUR, MINUTE
from deskmon.model.series import Bars, Series

MINUTES = (DAY + HOUR) // MINUTE
"""Minutes held: what the windows of a day may ask for."""

STEP = 30 * MINUTE
"""How far apart (ms) the older prices are: the newest of each stretch is held."""

STEPS = (7 * DAY + 2 * HOUR) // STEP
"""Stretches held: what the window of a week may ask for."""


class Track:
    """`minutes`: close, high and low of each minute. `past`: a price for each half hour."""

    __slots__ = ("_begins", "_close", "_ends", "_high", "_low", "_minutes", "_past", "_time")

    def __init__(self) -> None:
        self._minutes = Bars(MINUTES)
        self._past = Series(STEP, STEPS, 1)
        self._begins = self._ends = 0
        """Of the newest minute (ms), once a tick closes it and the half hour alike: what comes then is held in the next
        four, and written when somebody looks, since an array costs as much as all else. Both 0 where ticks are to be
        placed."""
        self._time, self._close, self._high, self._low = 0, 0.0, 0.0, 0.0

    @property
    def minutes(self) -> Bars:
        self._write()
        return self._minutes

    @property
    def past(self) -> Series:
        self._write()
        return self._past

    def add(self, ts: int, close: float, high: float, low: float, tick: bool) -> None:
        """Take a price known at `ts` (ms) with the range that belongs to it."""
        self._write()
        self._begins = self._ends = 0
        self._minutes.add(ts, close, high, low, tick)
        past = self._past
        index, new = past.place(ts)
        if index >= 0 and (new or ts >= past.ts[index]):
            past.ts[index], past.columns[0][index] = ts, close

    def add_tick(self, ts: int, price: float) -> None:
        """Take a tick's price known at `ts` (ms): what `add` does, in a sixth of the time where it falls into the
        newest minute, as nearly every one does."""
        if not self._begins <= ts < self._ends:
            self.add(ts, price, price, price, True)
            self._hold(ts)
            return
        if ts >= self._time:
            self._time = ts
            self._close = price
        if price > self._high:
            self._high = price
        elif price < self._low:
            self._low = price

    def _hold(self, ts: int) -> None:
        """Hold the minute of a tick at `ts` (ms) that was placed, where the next ones need no place."""
        minutes = self._minutes
        if ts // MINUTE == minutes.newest_slot and minutes.ts[-1] == self._past.ts[-1]:
            self._begins, self._time = minutes.newest_slot * MINUTE, minutes.ts[-1]
            self._ends = self._begins + MINUTE
            self._close, self._high, self._low = (column[-1] for column in minutes.columns[:3])

    def _write(self) -> None:
        """Put what is held of the newest minute where it belongs."""
        if not self._ends:
            return
        minutes, past = self._minutes, self._past
        closes, highs, lows, _ = minutes.columns
        minutes.ts[-1] = past.ts[-1] = self._time
        closes[-1] = past.columns[0][-1] = self._close
        highs[-1], lows[-1] = self._high, self._low

    @property
    def newest(self) -> tuple[int, float]:
        """Time (ms) and price of the newest. Raises IndexError where there is none."""
        return self.minutes.ts[-1], self.minutes.columns[0][-1]

    def at(self, ts: int) -> tuple[int, float] | None:
        """Time (ms) and price of the newest that was known by `ts`, to the minute within a day of the newest of all,
        else to half an hour; None before the first."""
        self._write()
        for series in (self._minutes, self._past):
            index = series.before(ts)
            if index >= 0:
                return series.ts[index], series.columns[0][index]
        return None

    def checkpoint(self) -> Any:
        return [self.minutes.checkpoint(), self.past.checkpoint()]

    def restore(self, data: Any) -> None:
        minutes, past = data
        self._begins = self._ends = 0
        self._minutes.restore(minutes)
        self._past.restore(past)
