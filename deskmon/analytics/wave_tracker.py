"""The rule that finds liquidation waves, bucket by bucket: when a burst begins, goes on, and joins the wave before."""

from __future__ import annotations

import math
from copy import copy

import msgspec

from deskmon.analytics.baseline import BUCKET
from deskmon.analytics.wave_levels import NOTHING, WINDOW, BurstThreshold, Tally
from deskmon.analytics.wave_settings import Parameters

BUCKETS_ABOVE = 2
"""Of them so many must be above `leave` when a wave begins: what is closed at one moment is none."""

ECHO = 6
"""Buckets in which the echo of a wave halves, below which there is no other: a minute."""

_MINUTE = 60_000 // BUCKET
_CALM = ((NOTHING, False),) * WINDOW


class Outline(msgspec.Struct, gc=False):
    """A wave by its buckets: `first`, `last` of a burst, `peak_end` the last of its busiest minute of `peak` µ$.
    provisional: the baseline that called it was younger than an hour."""

    id: int
    first: int
    last: int
    peak: int = 0
    peak_end: int = 0
    minute: tuple[int, ...] = ()
    provisional: bool = False

    def take(self, bucket: int, total: int) -> None:
        """The next bucket belongs to the wave."""
        self.minute = (*self.minute[1 - _MINUTE :], total)
        self.last = bucket
        amount = sum(self.minute)
        if amount > self.peak:
            self.peak, self.peak_end = amount, bucket

    @property
    def start(self) -> int:
        """ms UTC"""
        return self.first * BUCKET

    @property
    def end(self) -> int:
        """End of the last burst so far, ms UTC."""
        return (self.last + 1) * BUCKET

    @property
    def peak_time(self) -> int:
        """Middle of the busiest minute, ms UTC."""
        return max(self.start, (self.peak_end + 1) * BUCKET - 30_000)


class Tracker:
    """The rule itself, bucket by bucket.

    waiting: buckets since the last burst, or the newest while no wave runs. window: the newest three, and whether each
    is above `leave`. crest: what counts in the busiest three of the wave that runs. echo: what the wave before had in
    its busiest minute, and when that ended.
    """

    __slots__ = ("burst", "crest", "echo", "gap", "number", "patience", "waiting", "wave", "window")

    def __init__(self, parameters: Parameters) -> None:
        self.gap = -(-parameters.gap_s * 1_000 // BUCKET)
        self.patience = parameters.baseline_minutes * 60_000 // BUCKET
        self.number = 0
        self.wave: Outline | None = None
        self.burst = False
        self.crest = 0
        self.echo = (0, 0)
        self.waiting: list[Tally] = []
        self.window: tuple[tuple[Tally, bool], ...] = ()

    def __copy__(self) -> Tracker:
        twin = object.__new__(Tracker)
        for name in self.__slots__:
            setattr(twin, name, getattr(self, name))
        twin.waiting = list(self.waiting)
        twin.wave = copy(self.wave)
        return twin

    @property
    def idle(self) -> bool:
        """Whether there is neither a wave nor anything that may begin one."""
        return self.wave is None and self.waiting == [NOTHING] * (WINDOW - 1)

    def leap(self, number: int) -> None:
        """Take so many empty buckets while `idle`: each finds one of those that wait quiet, and waits in its place."""
        if self.window != _CALM:
            self.window = (*self.window, *_CALM[:number])[-WINDOW:]

    @property
    def may_begin(self) -> bool:
        """Whether a wave can begin with a bucket that is below its threshold, those before it being above theirs."""
        window = self.window
        return len(window) >= WINDOW - 1 and window[-1][1] and window[-2][1]

    def pass_by(self, tally: Tally) -> Tally | None:
        """What `step` does with a bucket that is below its threshold, where no wave runs or may begin; returns the one
        that turned out quiet."""
        self.window = (*self.window[1 - WINDOW :], (tally, False))
        self.waiting.append(tally)
        return self.waiting.pop(0) if len(self.waiting) == WINDOW else None

    def step(self, bucket: int, tally: Tally, level: BurstThreshold) -> tuple[list[tuple[int, Tally]], Outline | None]:
        """Take the next bucket; returns the buckets that turned out quiet, and the wave that is over with it."""
        over = None
        if self.wave is not None and bucket - self.wave.last > self.gap:
            over, self.wave, self.burst = self.wave, None, False
            self.echo = (over.peak, over.peak_end)
            self.waiting, self.window = [], ()
        above = level.lasts(tally.counted, self.crest if self.wave is not None else 0)
        self.window = (*self.window[1 - WINDOW :], (tally, above))
        self.waiting.append(tally)
        counted = surplus = number_above = 0
        for each, is_above in self.window:
            counted += each.counted
            surplus += each.surplus
            number_above += is_above
        rises = number_above >= BUCKETS_ABOVE and level.begins(counted, surplus)
        if self.wave is not None:
            self.crest = max(self.crest, counted)
            return self._within(self.wave, bucket, above if self.burst else rises), over
        begins = rises and sum(each.total for each in self.waiting) >= self._echo(bucket)
        quiet = self._outside(bucket, begins=begins)
        if self.wave is not None:
            self.wave.provisional, self.crest = level.provisional, counted
        return quiet, over

    def _echo(self, bucket: int) -> float:
        """Half of the busiest minute of the wave before, halved again each minute since."""
        peak, end = self.echo
        return 0.5 * peak * math.exp2((end - bucket) / ECHO)

    def _within(self, wave: Outline, bucket: int, burst: bool) -> list[tuple[int, Tally]]:
        self.burst = burst
        newest = self.waiting[-1]
        if burst:
            for number, tally in enumerate(self.waiting, bucket - len(self.waiting) + 1):
                wave.take(number, tally.total)
            self.waiting = []
        # What lasts longer than the baseline reaches is no wave any more but the usual.
        return [(bucket, newest)] if bucket - wave.first > self.patience else []

    def _outside(self, bucket: int, *, begins: bool) -> list[tuple[int, Tally]]:
        oldest = bucket - len(self.waiting) + 1
        if not begins:
            return [(oldest, self.waiting.pop(0))] if len(self.waiting) == WINDOW else []
        lead = [above for _, above in self.window].index(True)
        quiet = list(enumerate(self.waiting[:lead], oldest))
        self.number += 1
        self.burst = True
        self.wave = Outline(self.number, oldest + lead, oldest + lead)
        for number, tally in enumerate(self.waiting[lead:], oldest + lead):
            self.wave.take(number, tally.total)
        self.waiting = []
        return quiet
