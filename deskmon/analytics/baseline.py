"""What is usual: how much is liquidated per bucket of time while no wave runs."""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections import Counter, deque
from collections.abc import Sequence
from typing import Any, NamedTuple

BUCKET = 10_000
"""Length of a bucket (ms)."""

DAY_BUCKETS = 86_400_000 // BUCKET
WARM_UP = 24
"""Buckets that must be known before anything can be called unusual: four minutes."""

UNJUDGED = WARM_UP + 9
"""So many buckets came before anything could be said of them. They don't say what is rare: a desk may begin amid a
cascade."""

RARITY = 360
"""Of so many quiet buckets one is rare: one an hour."""

WAVES_COUNT = 0.5
"""Weight of what waves liquidated in the daily volume: one wave must not hide the next."""

SIGMA = 1.4826
"""Standard deviation per median absolute deviation of a normal distribution."""

_SLOT = 60
"""Buckets per slot of the last day: ten minutes."""
_SLOTS = DAY_BUCKETS // _SLOT
_FINE = 4
"""Classes of size per doubling."""
_NONE: Counter[int] = Counter()


class Usual(NamedTuple):
    """In the unit of the totals: median and robust standard deviation of quiet buckets, the size that one of `RARITY`
    of them exceeds, and the volume of 24 hours. doubt: from 1 up, how much too small these may be, as little is known.
    """

    median: int
    sigma: float
    rare: float
    daily: float
    doubt: float


class Slot:
    """Ten minutes: number of the slot, quiet buckets and their volume, volume of waves, quiet buckets by size class."""

    __slots__ = ("classes", "count", "number", "volume", "waves")

    def __init__(self, number: int) -> None:
        self.number = number
        self.volume = self.count = self.waves = 0
        self.classes: Counter[int] = Counter()

    def add(self, volume: int, count: int, waves: int, classes: Counter[int]) -> None:
        self.volume += volume
        self.count += count
        self.waves += waves
        if classes:
            self.classes.update(classes)


def median_deviation(ordered: Sequence[int]) -> int:
    """The upper median of the distances of `ordered`, ascending and not empty, from its own upper median.

    Distances to the left and to the right of it are two ascending rows; a bisection finds how many of the nearest half
    stand on the right, since sorting them anew for each bucket would cost most of the fold.
    """
    middle = len(ordered) // 2
    median, wanted = ordered[middle], middle + 1
    low, high = wanted - middle, min(wanted, len(ordered) - middle)
    while low < high:
        right = (low + high) // 2
        if median - ordered[middle - (wanted - right)] <= ordered[middle + right] - median:
            high = right
        else:
            low = right + 1
    left = median - ordered[middle - (wanted - low)] if wanted > low else 0
    return max(left, ordered[middle + low - 1] - median)


class Baseline:
    """Takes buckets in order of time: what was liquidated in each, and what of it counts, where no single order counts
    much.

    What counts in the newest `capacity` quiet ones makes median and deviation, and in those of the last 24 hours what
    is rare. All of these make, scaled up where fewer were quiet or known, the daily volume, to which waves add half of
    theirs.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._window: deque[int] = deque()
        self._ordered: list[int] = []
        self._slots: deque[Slot] = deque()
        self._day = Slot(0)
        self._taken = 0

    @property
    def silent(self) -> bool:
        """Whether the window is full of empty buckets."""
        return len(self._ordered) == self._capacity and not self._ordered[-1]

    def add(self, bucket: int, total: int, counted: int) -> None:
        """Take the quiet bucket of this number: what was liquidated in it, and what of that counts."""
        if len(self._window) == self._capacity:
            del self._ordered[bisect_left(self._ordered, self._window.popleft())]
        self._window.append(counted)
        insort(self._ordered, counted)
        judged = self._taken >= UNJUDGED
        self._taken = min(UNJUDGED, self._taken + 1)
        self._count(bucket // _SLOT, total, 1, 0, Counter([_class(counted)]) if counted and judged else _NONE)

    def note(self, bucket: int, total: int) -> None:
        """Take a bucket of a wave, which is no part of the baseline."""
        self._count(bucket // _SLOT, 0, 0, total, _NONE)

    def skip(self, first: int, stop: int) -> None:
        """Take the empty buckets from `first` up to `stop` at once. Only where the baseline is `silent`."""
        self._taken = min(UNJUDGED, self._taken + stop - first)
        first = max(first, stop - DAY_BUCKETS - _SLOT)
        while first < stop:
            slot = first // _SLOT
            end = min(stop, (slot + 1) * _SLOT)
            self._count(slot, 0, end - first, 0, _NONE)
            first = end

    def usual(self) -> Usual | None:
        """None while too little is known."""
        ordered, day = self._ordered, self._day
        if len(ordered) < WARM_UP:
            return None
        middle = len(ordered) // 2
        median = ordered[middle]
        deviation = median_deviation(ordered) if ordered[-1] else 0
        quiet = day.volume * DAY_BUCKETS / max(day.count, WARM_UP)
        # Sizes are taken for a power law whose tail has index 2: of fewer buckets the largest is so much smaller.
        doubt = math.sqrt(max(1.0, RARITY / max(day.count, WARM_UP)))
        return Usual(median, SIGMA * deviation, self._rare(), quiet + WAVES_COUNT * day.waves, doubt)

    def _rare(self) -> float:
        left = self._day.count // RARITY
        for size in sorted(self._day.classes, reverse=True):
            left -= self._day.classes[size]
            if left < 0:
                return math.exp2((size + 1) / _FINE)
        return 0.0

    def _count(self, number: int, volume: int, count: int, waves: int, classes: Counter[int]) -> None:
        slots, day = self._slots, self._day
        if not slots or slots[-1].number < number:
            slots.append(Slot(number))
            while slots[0].number <= number - _SLOTS:
                old = slots.popleft()
                day.classes.subtract(old.classes)
                day.classes += Counter()  # forgets the classes that nothing is in
                day.add(-old.volume, -old.count, -old.waves, _NONE)
        slots[-1].add(volume, count, waves, classes)
        day.add(volume, count, waves, classes)

    def checkpoint(self) -> Any:
        """JSON-safe builtins that `restore` takes."""
        slots = [[slot.number, slot.volume, slot.count, slot.waves, list(slot.classes.items())] for slot in self._slots]
        return [self._taken, list(self._window), slots]

    def restore(self, data: Any) -> None:
        """In a new baseline, know what `checkpoint` wrote. Raises ValueError or TypeError for other data."""
        self._taken, window, slots = data
        self._window = deque(window)
        self._ordered = sorted(window)
        for number, volume, count, waves, classes in slots:
            self._count(number, volume, count, waves, Counter(dict(classes)))


def _class(total: int) -> int:
    return math.floor(_FINE * math.log2(total))
