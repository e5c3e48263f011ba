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

    __slots__ = ("_high", "_low", "_minute", "_time", "minutes", "past")

    def __init__(self) -> None:
        self.minutes = Bars(MINUTES)
        self.past = Series(STEP, STEPS, 1)
        self._minute = -1
        """The newest minute, once a tick closes it and the half hour alike: of it the next three are held in plain
        numbers too, since reading an array costs as much as all else. −1 where ticks are to be placed."""
        self._time, self._high, self._low = 0, 0.0, 0.0

    def add(self, ts: int, close: float, high: float, low: float, tick: bool) -> None:
        """Take a price known at `ts` (ms) with the range that belongs to it."""
        self._minute = -1
        self.minutes.add(ts, close, high, low, tick)
        past = self.past
        index, new = past.place(ts)
        if index >= 0 and (new or ts >= past.ts[index]):
            past.ts[index], past.columns[0][index] = ts, close

    def add_tick(self, ts: int, price: float) -> None:
        """Take a tick's price known at `ts` (ms): what `add` does, in a third of the time where it falls into the
        newest minute, as nearly every one does."""
        if ts // MINUTE != self._minute:
            self.add(ts, price, price, price, True)
            self._hold(ts)
            return
        if ts >= self._time:
            self._time = ts
            minutes, past = self.minutes, self.past
            minutes.ts[-1] = past.ts[-1] = ts
            minutes.columns[0][-1] = past.columns[0][-1] = price
        if price > self._high:
            self._high = self.minutes.columns[1][-1] = price
        elif price < self._low:
            self._low = self.minutes.columns[2][-1] = price

    def _hold(self, ts: int) -> None:
        """Hold the minute of a tick at `ts` (ms) that was placed, where the next ones need no place."""
        minutes = self.minutes
        if ts // MINUTE == minutes.newest_slot and minutes.ts[-1] == self.past.ts[-1]:
            self._minute, self._time = minutes.newest_slot, minutes.ts[-1]
            _, highs, lows, _ = minutes.columns
            self._high, self._low = highs[-1], lows[-1]

    @property
    def newest(self) -> tuple[int, float]:
        """Time (ms) and price of the newest. Raises IndexError where there is none."""
        return self.minutes.ts[-1], self.minutes.columns[0][-1]

    def at(self, ts: int) -> tuple[int, float] | None:
        """Time (ms) and price of the newest that was known by `ts`, to the minute within a day of the newest of all,
        else to half an hour; None before the first."""
        for series in (self.minutes, self.past):
            index = series.before(ts)
            if index >= 0:
                return series.ts[index], series.columns[0][index]
        return None

    def checkpoint(self) -> Any:
        return [self.minutes.checkpoint(), self.past.checkpoint()]

    def restore(self, data: Any) -> None:
        minutes, past = data
        self.minutes.restore(minutes)
        self.past.restore(past)
