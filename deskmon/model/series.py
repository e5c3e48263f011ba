"""Values by slot of time, oldest first: bounded, filled in any order."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from typing import Any

from deskmon.clock import MINUTE
from deskmon.events.columns import unpack


class Series:
    """The newest `capacity` slots of `slot_ms` each, by time; only slots that hold something take room. What is older
    leaves in bulk, so that up to a sixteenth more may be there.

    ts: time (ms) of what the slot holds, ascending, one per slot.
    columns: `width` columns of values, index by index with `ts`.
    newest_slot: number of the newest slot since 1970, −1 where none holds anything.
    """

    __slots__ = ("_slot_ms", "capacity", "columns", "newest_slot", "ts")

    def __init__(self, slot_ms: int, capacity: int, width: int) -> None:
        self._slot_ms = slot_ms
        self.capacity = capacity
        self.newest_slot = -1
        self.ts: array[int] = array("q")
        self.columns: tuple[array[float], ...] = tuple(array("d") for _ in range(width))

    def __len__(self) -> int:
        return len(self.ts)

    def before(self, ts: int) -> int:
        """Index of the newest slot whose time is at or before `ts` (ms), −1 where there is none."""
        return bisect_right(self.ts, ts) - 1

    def place(self, ts: int) -> tuple[int, bool]:
        """Index of the slot that `ts` falls into, −1 where that is older than what is held, and whether it is new. A
        new slot has time `ts` and values 0."""
        slot = ts // self._slot_ms
        if slot == self.newest_slot:
            return len(self.ts) - 1, False
        if slot > self.newest_slot:
            self.newest_slot = slot
            self._forget(slot)
            index = len(self.ts)
        elif slot <= self.newest_slot - self.capacity:
            return -1, False
        else:
            index = bisect_right(self.ts, (slot + 1) * self._slot_ms - 1)
            if index and self.ts[index - 1] // self._slot_ms == slot:
                return index - 1, False
        self.ts.insert(index, ts)
        for column in self.columns:
            column.insert(index, 0.0)
        return index, True

    def _forget(self, newest: int) -> None:
        """Let go of what is too old beside slot `newest`, once that reaches a sixteenth of the capacity beyond it."""
        if not self.ts or self.ts[0] // self._slot_ms > newest - self.capacity - self.capacity // 16:
            return
        oldest = bisect_right(self.ts, (newest - self.capacity + 1) * self._slot_ms - 1)
        del self.ts[:oldest]
        for column in self.columns:
            del column[:oldest]

    def checkpoint(self) -> list[array[Any]]:
        return [self.ts[:], *(column[:] for column in self.columns)]

    def restore(self, data: Any) -> None:
        """Take what `checkpoint` wrote. Raises ValueError where columns are missing or of different lengths."""
        ts, *columns = data
        self.ts = unpack("q", ts)
        self.columns = tuple(unpack("d", column) for column in columns)
        if any(len(column) != len(self.ts) for column in self.columns):
            raise ValueError("columns of a series differ in length")
        self.newest_slot = self.ts[-1] // self._slot_ms if self.ts else -1


class Bars(Series):
    """Price per minute: columns close, high, low, and 1 where the close is a tick's, 0 where it is a candle's.

    A minute's close is its newest tick's; without ticks its newest candle's. Both widen high and low.
    """

    __slots__ = ()

    def __init__(self, capacity: int) -> None:
        super().__init__(MINUTE, capacity, 4)

    def add(self, ts: int, close: float, high: float, low: float, tick: bool) -> bool:
        """Take a price known at `ts` (ms) with the range that belongs to it; whether it is a minute's close now."""
        index, new = self.place(ts)
        if index < 0:
            return False
        closes, highs, lows, ticks = self.columns
        if new:
            self.ts[index], closes[index], highs[index], lows[index], ticks[index] = ts, close, high, low, tick
            return True
        counts = ticks[index] < tick or (ticks[index] == tick and ts >= self.ts[index])
        if counts:
            self.ts[index], closes[index], ticks[index] = ts, close, tick
        if high > highs[index]:
            highs[index] = high
        if low < lows[index]:
            lows[index] = low
        return counts
