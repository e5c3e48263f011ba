"""Rows of liquidations: time, key, micro-dollars and count in columns, sorted when read, bounded by merging the oldest.

Plain arrays, so that a screen with little to sum never loads numpy. Where it is loaded, as in a hub, it has the work
from `FEW` rows on, elsewhere from `BULK`.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_right
from collections.abc import Sequence
from operator import gt, itemgetter
from typing import Any

from deskmon.clock import DAY, HOUR, MINUTE, SECOND
from deskmon.events.columns import unpack

FEW, BULK = 2_000, 100_000
"""Rows. To load numpy takes four times as long as to add up `BULK` of them without it."""
HELD = 8 * DAY
"""Rows older than this (ms) leave first when room is needed."""

STEPS = (SECOND, 10 * SECOND, MINUTE, 10 * MINUTE, HOUR, 6 * HOUR)
"""Buckets (ms) into which old rows are merged, finest first."""

SHARES = (0.5, 0.75, 0.9)
"""How much of the rows, from the oldest, a step may touch, least first."""

_TYPES = ("q", "i", "q", "q")
_ALONE = array("q", [1])
"""Count of a row that stands for itself."""


WAITING = 1_024
"""Rows that may wait until they are put in order: one costs a third of what it costs alone."""


class Rows:
    """At most `capacity` rows. `merged`: length of a bucket → time before which rows stand in such buckets, both ms.

    The columns have all rows after `sort`: what was appended since the last one waits. `counts` may end before the
    others: each further row stands alone and counts 1.
    """

    def __init__(self, capacity: int, bulk: int = BULK) -> None:
        self._capacity = capacity
        self._limit = capacity
        self._bulk = bulk
        self._columns: tuple[array[int], ...] = tuple(array(code) for code in _TYPES)
        self._bind()
        self._waiting: list[tuple[int, int, int]] = []
        self.merged: dict[int, int] = {}

    def _bind(self) -> None:
        self.ts, self.keys, self.amounts, self.counts = self._columns

    def __len__(self) -> int:
        return len(self.ts) + len(self._waiting)

    def append(self, ts: int, key: int, amount: int) -> bool:
        """Add one row, whose `amount` is a 64-bit integer; True where there is no room for another."""
        waiting = self._waiting
        waiting.append((ts, key, amount))
        if len(waiting) >= WAITING:
            self.sort()
        return len(self.ts) + len(waiting) >= self._limit

    def sort(self) -> None:
        """Put the rows in order of time; only the stretch that came out of order is touched."""
        if not self._waiting:
            return
        times, keys, amounts = zip(*self._waiting, strict=True)
        self._waiting.clear()
        known, first = len(self.ts), min(times)
        is_behind = known > 0 and first < self.ts[-1]
        for column, more in zip(self._columns[:3], (times, keys, amounts), strict=True):
            column.extend(more)
        if is_behind or any(map(gt, times, times[1:])):
            self._sort_from(bisect_right(self.ts, first, 0, known))

    def _sort_from(self, start: int) -> None:
        columns = self._columns[:3]
        if start < len(self.counts):
            self._count_up_to(len(self.ts))
            columns = self._columns
        if self._is_for_numpy(len(self.ts) - start):
            from deskmon.analytics.rows import sort_by_time

            tails = sort_by_time(*(column[start:] for column in columns))
        else:
            order = sorted(range(start, len(self.ts)), key=self.ts.__getitem__)
            tails = [array(column.typecode, [column[index] for index in order]) for column in columns]
        for column, tail in zip(columns, tails, strict=True):
            column[start:] = tail

    def _is_for_numpy(self, count: int) -> bool:
        return count > self._bulk or (count > FEW and "numpy" in sys.modules)

    def _count_up_to(self, stop: int) -> None:
        """Have `counts` go up to an index at least."""
        self.counts.extend(_ALONE * (stop - len(self.counts)))

    def between(self, after: int, until: int) -> tuple[int, int]:
        """Index range of the rows with after < ts ≤ until. The rows must be sorted."""
        return bisect_right(self.ts, after), bisect_right(self.ts, until)

    def sums(self, start: int, stop: int, wanted: range | None = None) -> dict[int, list[int]]:
        """Totals of the rows in an index range, of all keys or of those `wanted`: key → [micro-dollars, count]."""
        if self._is_for_numpy(stop - start):
            from deskmon.analytics.rows import sums_by_key

            return sums_by_key(self.keys[start:stop], self.amounts[start:stop], self._counts_of(start, stop), wanted)
        totals: dict[int, list[int]] = {}
        keys, amounts, counts = self.keys, self.amounts, self.counts
        counted = len(counts)
        for index in range(start, stop):
            key = keys[index]
            if wanted is None or wanted.start <= key < wanted.stop:
                add(totals, key, amounts[index], counts[index] if index < counted else 1)
        return totals

    def _counts_of(self, start: int, stop: int) -> array[int]:
        """The counts of all rows in an index range."""
        counts = self.counts[start:stop]
        return counts + _ALONE * (stop - start - len(counts))

    def compact(self, now: int) -> None:
        """Make room: drop rows older than `HELD` before `now`, then merge the oldest into ever longer buckets until
        three quarters of the capacity suffice. Totals per key stay."""
        self.sort()
        gone = bisect_right(self.ts, now - HELD)
        for column in self._columns:
            del column[:gone]
        self._merge_oldest()
        self._limit = max(self._capacity, len(self) * 4 // 3)

    def _merge_oldest(self) -> None:
        """Merge until there is room: first what isn't in such buckets yet, then also what came late to them."""
        for again in (False, True):
            for step in STEPS:
                for share in SHARES:
                    if len(self) <= self._capacity * 3 // 4:
                        return
                    self._merge(step, self.ts[int(len(self) * share)] // step * step, again)

    def _merge(self, step: int, until: int, again: bool) -> None:
        """Merge rows before `until` (ms), a bound of buckets, into buckets of `step`; `again`: those in buckets too."""
        start = 0 if again else bisect_right(self.ts, self.merged.get(step, 0) - 1)
        stop = bisect_right(self.ts, until - 1)
        if start < stop:
            self._count_up_to(stop)
            for column, values in zip(self._columns, self._merged(step, start, stop), strict=True):
                column[start:stop] = values
            self.merged[step] = max(until, self.merged.get(step, 0))

    def _merged(self, step: int, start: int, stop: int) -> Sequence[array[int]]:
        """Columns of one row for all rows of a key within a bucket, at the time of the newest of them."""
        if self._is_for_numpy(stop - start):
            from deskmon.analytics.rows import merge_buckets

            return merge_buckets(step, *(column[start:stop] for column in self._columns))
        cells: dict[tuple[int, int], list[int]] = {}
        for ts, key, amount, count in zip(*(column[start:stop] for column in self._columns), strict=True):
            cell = cells.setdefault((ts // step, key), [ts, key, 0, 0])
            cell[0] = ts  # sorted by time
            cell[2] += amount
            cell[3] += count
        rows = sorted(cells.values(), key=itemgetter(0))
        return [
            array(column.typecode, values)
            for column, values in zip(self._columns, zip(*rows, strict=True), strict=True)
        ]

    def resolution(self, edge: int) -> int:
        """To how many ms a sum of the rows after `edge` is exact: 0 where every row still stands alone."""
        return max((step for step, until in self.merged.items() if edge < until), default=0)

    def checkpoint(self) -> dict[str, Any]:
        self.sort()
        return {"columns": [column[:] for column in self._columns], "merged": list(self.merged.items())}

    def restore(self, data: Any) -> None:
        """Take what `checkpoint` wrote. Raises ValueError where columns differ in length."""
        columns = tuple(unpack(code, text) for code, text in zip(_TYPES, data["columns"], strict=True))
        rows, *others, counts = map(len, columns)
        if {rows} != {*others} or counts > rows:
            raise ValueError("columns of rows differ in length")
        self._columns = columns
        self._bind()
        self.merged = dict(data["merged"])
        self._waiting.clear()


def add(totals: dict[int, list[int]], key: int, amount: int, count: int) -> None:
    """Add to a key's [micro-dollars, count]; a key whose count falls to 0 leaves."""
    total = totals.get(key)
    if total is None:
        totals[key] = [amount, count]
        return
    total[0] += amount
    total[1] += count
    if not total[1]:
        del totals[key]
