"""What is usual: how much is liquidated per bucket of time while no wave runs."""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections import deque
from collections.abc import Sequence
from itertools import repeat
from typing import Any, NamedTuple

BUCKET = 10_000
"""Length of a bucket (ms)."""

DAY_BUCKETS = 86_400_000 // BUCKET
OWN = 24
"""Quiet buckets from which on a baseline stands alone: four minutes. With fewer the prior decides."""

FEW = 6
"""Quiet buckets below which nothing can be said of median and deviation."""

UNJUDGED = OWN + 9
"""So many quiet buckets are no sample of the rare size: a desk may have begun in the tail of a cascade."""

RARITY = 360
"""Of so many quiet buckets one is rare: one an hour."""

RECENT = 30
"""Buckets taken lately that can still be withdrawn: five minutes."""

AFTERSHOCKS = 300
"""Buckets after its end for which a wave counts in the daily volume, 50 minutes: what follows a wave must be larger to
be another, but a cascade an hour after its onset is judged as if there had been none."""

SIGMA = 1.4826
"""Standard deviation per median absolute deviation of a normal distribution."""

_SLOT = 60
"""Buckets per slot of the last day: ten minutes."""
_SLOTS = DAY_BUCKETS // _SLOT
_FINE = 4
"""Classes of size per doubling."""


class QuietStatistics(NamedTuple):
    """In the unit of the totals: median and robust standard deviation of quiet buckets, the size that one of `RARITY`
    of them exceeds, and the volume of 24 hours. known: quiet buckets that median and deviation rest on. doubt: from 1
    up, how much too small these may be, as little is known.
    """

    median: int
    sigma: float
    rare: float
    daily: float
    known: int
    doubt: float


class QuietSample:
    """The quiet buckets that a baseline had at one moment. Their statistics are computed when somebody asks: most
    buckets have so little that nobody does.

    ordered: what counts in the quiet buckets, ascending. volume, count: of the quiet buckets of the last 24 hours.
    classes: these by size class. waves: what the waves that count had.
    """

    __slots__ = ("classes", "count", "ordered", "volume", "waves")

    def __init__(self, ordered: list[int], volume: int, count: int, classes: dict[int, int], waves: int) -> None:
        self.ordered, self.volume, self.count = ordered, volume, count
        self.classes, self.waves = classes, waves

    def statistics(self) -> QuietStatistics | None:
        """None where fewer than `FEW` quiet buckets are known."""
        ordered = self.ordered
        if len(ordered) < FEW:
            return None
        sigma = SIGMA * (median_deviation(ordered) if ordered[-1] else 0)
        daily = self.volume * DAY_BUCKETS / max(self.count, OWN) + self.waves
        # Sizes are taken for a power law whose tail has index 2: of fewer buckets the largest is so much smaller.
        doubt = math.sqrt(max(1.0, RARITY / max(self.count, OWN)))
        return QuietStatistics(ordered[len(ordered) // 2], sigma, self._rare_size(), daily, len(ordered), doubt)

    def _rare_size(self) -> float:
        """Upper end of the class of the bucket than which one of `RARITY` is larger."""
        left = self.count // RARITY
        for size in sorted(self.classes, reverse=True):
            left -= self.classes[size]
            if left < 0:
                return math.exp2((size + 1) / _FINE)
        return 0.0


class Slot:
    """Ten minutes: number of the slot, quiet buckets and their volume, quiet buckets by size class."""

    __slots__ = ("classes", "count", "number", "volume")

    def __init__(self, number: int) -> None:
        self.number = number
        self.volume = self.count = 0
        self.classes: dict[int, int] = {}

    def add(self, volume: int, count: int) -> None:
        """Take so many quiet buckets, negative to forget them, and their volume (µ$)."""
        self.volume += volume
        self.count += count

    def add_class(self, size: int, count: int) -> None:
        """Take so many more quiet buckets of a class of size, negative to forget them."""
        self.classes[size] = self.classes.get(size, 0) + count


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
    is rare. All of these make, scaled up where fewer were quiet or known, the daily volume, to which waves add theirs
    until `AFTERSHOCKS` after their end. Until the first liquidation is heard nothing is taken: a desk that hears
    nothing can't tell a calm market from a feed that isn't connected yet.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._window: deque[int] = deque()
        self._ordered: list[int] = []
        self._slots: deque[Slot] = deque()
        self._day = Slot(0)
        self._taken = 0
        self._waves: deque[tuple[int, int]] = deque()
        self._recent: deque[tuple[int, int, int, bool]] = deque(maxlen=RECENT)

    @property
    def known(self) -> int:
        """Quiet buckets of the last 24 hours."""
        return self._day.count

    @property
    def heard(self) -> bool:
        """Whether anything was liquidated yet."""
        return bool(self._slots or self._waves)

    def add(self, bucket: int, total: int, counted: int) -> None:
        """Take the quiet bucket of this number: what was liquidated in it, and what of that counts."""
        if not (total or self.heard):
            return
        if len(self._window) < self._capacity:
            self._enter(counted)
        elif (left := self._window.popleft()) != counted:
            del self._ordered[bisect_left(self._ordered, left)]
            self._enter(counted)
        else:
            self._window.append(counted)
        judged = counted > 0 and self._taken >= UNJUDGED
        self._taken = min(UNJUDGED, self._taken + 1)
        self._recent.append((bucket, total, counted, judged))
        slot = self._count(bucket // _SLOT, total, 1)
        if judged:
            self._judge(slot, _class(counted), 1)

    def withdraw(self, since: int, least: int) -> None:
        """Forget the buckets from number `since` on of which at least `least` counts: they turned out to belong to a
        wave. Only the newest `RECENT` can be forgotten."""
        recent, self._recent = self._recent, deque(maxlen=RECENT)
        for _ in recent:
            del self._ordered[bisect_left(self._ordered, self._window.pop())]
        for bucket, total, counted, judged in recent:
            if bucket < since or counted < least:
                self._recent.append((bucket, total, counted, judged))
                self._enter(counted)
                continue
            for held in (slot for slot in self._slots if slot.number == bucket // _SLOT):
                held.add(-total, -1)
                self._day.add(-total, -1)
                if judged:
                    self._judge(held, _class(counted), -1)
            self._taken -= self._taken < UNJUDGED

    def note(self, last: int, total: int) -> None:
        """Take a whole wave that ended with bucket `last`: no part of the baseline."""
        self._waves.append((last, total))
        while last - self._waves[0][0] > AFTERSHOCKS:
            self._waves.popleft()

    def skip(self, first: int, stop: int) -> None:
        """Take the empty buckets from `first` up to `stop` at once."""
        if not self.heard:
            return
        self._fill(stop - first)
        self._taken = min(UNJUDGED, self._taken + stop - first)
        self._recent.extend((bucket, 0, 0, False) for bucket in range(max(first, stop - RECENT), stop))
        first = max(first, stop - DAY_BUCKETS - _SLOT)
        while first < stop:
            slot = first // _SLOT
            end = min(stop, (slot + 1) * _SLOT)
            self._count(slot, 0, end - first)
            first = end

    def _fill(self, number: int) -> None:
        """So many empty buckets enter the window, and what has no room any more leaves it."""
        window, ordered = self._window, self._ordered
        entering = min(number, self._capacity)
        more = entering
        for _ in range(len(window) + entering - self._capacity):
            if left := window.popleft():
                del ordered[bisect_left(ordered, left)]
            else:
                more -= 1
        window.extend(repeat(0, entering))
        if more:
            ordered[:0] = [0] * more

    def _enter(self, counted: int) -> None:
        self._window.append(counted)
        insort(self._ordered, counted)

    def sample(self, bucket: int) -> QuietSample:
        """What is quiet once all buckets up to this one were taken."""
        day = self._day
        waves = sum(total for last, total in self._waves if bucket - last <= AFTERSHOCKS) if self._waves else 0
        return QuietSample(self._ordered[:], day.volume, day.count, day.classes.copy(), waves)

    def _judge(self, slot: Slot, size: int, count: int) -> None:
        """Count quiet buckets of a slot in their class of size."""
        slot.add_class(size, count)
        self._day.add_class(size, count)

    def _count(self, number: int, volume: int, count: int) -> Slot:
        """Count quiet buckets in their slot, which is returned."""
        slots, day = self._slots, self._day
        if not slots or slots[-1].number < number:
            slots.append(Slot(number))
            while slots[0].number <= number - _SLOTS:
                old = slots.popleft()
                day.add(-old.volume, -old.count)
                if old.classes:
                    for size, held in old.classes.items():
                        day.add_class(size, -held)
                    day.classes = {size: held for size, held in day.classes.items() if held > 0}
        slots[-1].add(volume, count)
        day.add(volume, count)
        return slots[-1]

    def checkpoint(self) -> Any:
        """JSON-safe builtins that `restore` takes."""
        slots = [[slot.number, slot.volume, slot.count, list(slot.classes.items())] for slot in self._slots]
        return [self._taken, list(self._window), slots, list(self._waves), list(self._recent)]

    def restore(self, data: Any) -> None:
        """In a new baseline, know what `checkpoint` wrote. Raises ValueError or TypeError for other data."""
        self._taken, window, slots, waves, recent = data
        self._window = deque(window)
        self._ordered = sorted(window)
        self._recent.extend((bucket, total, counted, judged) for bucket, total, counted, judged in recent)
        self._waves.extend((last, total) for last, total in waves)
        for number, volume, count, classes in slots:
            slot = self._count(number, volume, count)
            for size, held in classes:
                self._judge(slot, size, held)


def _class(total: int) -> int:
    return math.floor(_FINE * math.log2(total))
