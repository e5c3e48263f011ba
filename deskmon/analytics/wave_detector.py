"""Liquidation waves, found online: bursts far above what is usual, close to each other, as one.

Time is cut into buckets of ten seconds by the liquidations' own time. A bucket's thresholds come from the baseline as
it was seven buckets before, all of them final by then, so that they are known when the bucket begins and never change.
A bucket is final once a liquidation arrived whose time is `LATENESS` past its end. Until then what `view` says is
provisional: it can change when something late lands in the bucket. What it says of final buckets depends on nothing but
the liquidations.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from copy import copy
from typing import Any, NamedTuple

import msgspec

from deskmon.analytics.baseline import BUCKET, RARITY, RECENT, Baseline
from deskmon.analytics.wave_levels import NOTHING, WINDOW, BurstThreshold, Least, Level, Tally
from deskmon.analytics.wave_settings import Parameters
from deskmon.analytics.wave_tracker import BUCKETS_ABOVE, Outline, Tracker
from deskmon.events import WaveState

LATENESS = 60_000
"""How late by its own time a liquidation may come and still be counted in its bucket (ms)."""

WARM_UP = 60_000
"""How long (ms) after its start a desk may not call a wave yet that runs: no bucket is final before."""

MISSED = 64
"""Stretches that weren't heard whole, the newest, of which the detector knows."""

FADED = 0.5
"""Share of its busiest minute below which a wave is fading."""

_OPEN = LATENESS // BUCKET + 1
_MINUTE = 60_000 // BUCKET

Key = tuple[str, str, str]
"""venue, symbol, side"""
Sums = dict[Key, list[int]]
"""Key → [micro-dollars, count]"""


class Seen(NamedTuple):
    """A wave as it looks at some moment: its outline, its state, its sums."""

    outline: Outline
    state: WaveState
    sums: Sums


class Detector:
    """Takes liquidations in any order, `add`; says what it sees, `view`.

    over: waves that ended for good since the owner last emptied the list. late: liquidations that came too late.
    """

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self._least = Least.of(parameters)
        self._baseline = Baseline(parameters.baseline_minutes * 60_000 // BUCKET)
        self._tracker = Tracker(parameters)
        self._final: int | None = None
        self._since: int | None = None
        self._held: dict[int, Sums] = {}
        self._tallies: dict[int, Tally] = {}
        self._levels: deque[Level] = deque()
        self._sums: Sums = {}
        self._missed: deque[tuple[int, int]] = deque(maxlen=MISSED)
        self.over: list[Seen] = []
        self.late = 0

    @property
    def since(self) -> int | None:
        """From when (ms) on the desk has listened."""
        return self._since

    def listen(self, since: int) -> None:
        """Say from when (ms) on silence means that nothing was liquidated; counts until the first liquidation."""
        self._since = since

    def miss(self, since: int, until: int) -> None:
        """Say that in (since, until] (ms) not all was heard: silence in it is no calm."""
        self._missed.append((since // BUCKET, until // BUCKET))

    def add(self, ts: int, key: Key, amount: int) -> None:
        """Count a liquidation of so many micro-dollars at `ts` (ms)."""
        bucket = ts // BUCKET
        final = self._begin(ts) if self._final is None else self._final
        if bucket - _OPEN > final:
            final = self._advance(final, bucket - _OPEN)
        elif bucket <= final:
            self.late += 1
            return
        sums = self._held.get(bucket)
        if sums is None:
            sums = self._held[bucket] = {}
        total, counted, surplus = self._tallies.get(bucket, NOTHING)
        counts = amount
        if amount > self._least.cap:
            counts = min(amount, self._levels[bucket - final - 1].threshold.cap)
        surplus += counts if key[2] == "long" else -counts
        self._tallies[bucket] = Tally(total + amount, counted + counts, surplus)
        held = sums.get(key)
        if held is None:
            sums[key] = [amount, 1]
        else:
            held[0] += amount
            held[1] += 1

    def _begin(self, ts: int) -> int:
        """The first final bucket; where it's known since when the desk listened, whichever liquidation came first."""
        begin = ts if self._since is None or ts < self._since - LATENESS else self._since
        self._final = begin // BUCKET - _OPEN
        self._levels = deque([self._level(self._final)] * _OPEN)
        return self._final

    def _advance(self, bucket: int, final: int) -> int:
        """Make all buckets after `bucket` up to `final` final, which it returns."""
        while bucket < final:
            if not self._tracker.idle:
                bucket += 1
                self._finalise(bucket)
            elif (stop := min([final, *self._tallies]) - _OPEN) > bucket + 1:
                self._skip(bucket + 1, stop)
                bucket = stop - 1
            else:
                bucket += 1
                (self._finalise if bucket in self._tallies else self._rest)(bucket)
        self._final = final
        return final

    def _skip(self, first: int, stop: int) -> None:
        """Leap over the empty buckets from `first` up to `stop`, whose thresholds nobody will ask for. The newest that
        the tracker has are yet to be found quiet."""
        for start, end in self._heard_within(first + 1 - WINDOW, stop + 1 - WINDOW):
            self._baseline.skip(start, end)
        self._tracker.leap(stop - first)

    def _rest(self, bucket: int) -> None:
        """Make an empty bucket final while nothing may begin."""
        self._tracker.leap(1)
        self._quiet(bucket + 1 - WINDOW, NOTHING)
        self._levels.popleft()
        self._levels.append(self._level(bucket))

    def _level(self, bucket: int) -> Level:
        return Level(self._baseline.sample(bucket), self._baseline.known < RARITY, self._parameters)

    def _quiet(self, bucket: int, calm: Tally) -> None:
        if calm.total or not any(first <= bucket <= last for first, last in self._missed):
            self._baseline.add(bucket, calm.total, calm.counted)

    def _heard_within(self, first: int, stop: int) -> Iterator[tuple[int, int]]:
        """The stretches of the buckets from `first` up to `stop` that were heard whole."""
        for since, until in sorted(self._missed):
            if since >= stop:
                break
            if since > first:
                yield first, since
            first = max(first, until + 1)
        if first < stop:
            yield first, stop

    def _finalise(self, bucket: int) -> None:
        tally, tracker, level = self._tallies.pop(bucket, NOTHING), self._tracker, self._levels.popleft()
        if tracker.wave is None and tally.counted < self._least.leave and not tracker.may_begin:
            calm = tracker.pass_by(tally)
            self._drop(bucket + 1 - WINDOW)
            if calm is not None:
                self._quiet(bucket + 1 - WINDOW, calm)
        else:
            self._judge(bucket, tally, level.threshold)
        self._levels.append(self._level(bucket))

    def _judge(self, bucket: int, tally: Tally, threshold: BurstThreshold) -> None:
        """Let the rule say what a bucket is that becomes final."""
        number = self._tracker.number
        quiet, over = self._tracker.step(bucket, tally, threshold)
        if over is not None:
            self.over.append(Seen(over, "over", self._sums))
            self._baseline.note(over.last, sum(amount for amount, _ in self._sums.values()))
            self._sums = {}
            self._drop(bucket - 1)
        for at, calm in quiet:
            self._quiet(at, calm)
        if self._tracker.number > number:
            self._baseline.withdraw(bucket - RECENT, threshold.leave)
        wave = self._tracker.wave
        if wave is not None and wave.last == bucket:
            for sums in self._taken(wave.first, bucket):
                _merge(self._sums, sums)
            self._drop(bucket)
        elif wave is None:
            self._drop(bucket + 1 - WINDOW)

    def _taken(self, first: int, last: int) -> Iterator[Sums]:
        return (self._held[bucket] for bucket in range(first, last + 1) if bucket in self._held)

    def _drop(self, until: int) -> None:
        for bucket in [bucket for bucket in self._held if bucket <= until]:
            del self._held[bucket]

    def known(self, now: int) -> int:
        """Quiet buckets that the baseline of desk time `now` (ms) rests on, up to an hour of them. Silence since the
        newest liquidation counts as quiet, but for the gap after a wave."""
        known = self._baseline.known
        if self._final is not None and (self._baseline.heard or self._tallies):
            ends = [wave.last + self._tracker.gap for wave, _ in self.view(now)]
            known += max(0, now // BUCKET - _OPEN - max([self._final, *ends]))
        return min(RARITY, known)

    def view(self, now: int) -> list[tuple[Outline, WaveState]]:
        """The waves that aren't over for good, oldest first, as they look at desk time `now` (ms)."""
        if self._final is None or self._nothing_begins(self._final):
            return []
        tracker = copy(self._tracker)
        newest = max(self._tallies, default=self._final)
        recent = {self._final - back: tally.total for back, tally in enumerate(reversed(tracker.waiting))}
        if tracker.wave is not None:
            recent |= {tracker.wave.last - back: total for back, total in enumerate(reversed(tracker.wave.minute))}
        recent |= {bucket: tally.total for bucket, tally in self._tallies.items()}
        found: list[tuple[Outline, WaveState]] = []
        for bucket, level in zip(range(self._final + 1, newest + 1), self._levels, strict=False):
            _, over = tracker.step(bucket, self._tallies.get(bucket, NOTHING), level.threshold)
            if over is not None:
                found.append((over, "over"))
        if tracker.wave is not None:
            now = max(now, newest * BUCKET)
            found.append((tracker.wave, self._state(tracker.wave, recent, now)))
        return found

    def _nothing_begins(self, final: int) -> bool:
        """Whether no wave runs and none can begin after the final bucket: an empty bucket is above no threshold."""
        if self._tracker.wave is not None:
            return False
        above = sum(is_above for _, is_above in self._tracker.window[1 - WINDOW :])
        for bucket, tally in self._tallies.items():
            if tally.counted >= self._least.leave:
                above += self._levels[bucket - final - 1].threshold.lasts(tally.counted, 0)
        return above < BUCKETS_ABOVE

    def _state(self, wave: Outline, recent: dict[int, int], now: int) -> WaveState:
        complete = now // BUCKET - 1
        if complete - wave.last >= self._tracker.gap + LATENESS // BUCKET:
            return "over"
        if wave.peak_end >= complete - 1:
            return "building"
        first = max(wave.first, complete - _MINUTE + 1)
        rate = sum(recent.get(bucket, 0) for bucket in range(first, complete + 1))
        return "fading" if rate < FADED * wave.peak else "cresting"

    def sums(self, wave: Outline) -> Sums:
        """What was liquidated in a wave that `view` gave."""
        held = self._tracker.wave
        sums: Sums = {}
        if held is not None and held.id == wave.id:
            _merge(sums, self._sums)
        for more in self._taken(wave.first, wave.last):
            _merge(sums, more)
        return sums

    def checkpoint(self) -> Any:
        """All of it as JSON-safe builtins; `over` is empty by then."""
        tracker = self._tracker
        return {
            "final": self._final, "since": self._since, "late": self.late,
            "baseline": self._baseline.checkpoint(),
            "levels": [list(level.threshold) for level in self._levels],
            "held": [[bucket, _listed(sums)] for bucket, sums in self._held.items()],
            "tallies": [[bucket, *tally] for bucket, tally in self._tallies.items()],
            "sums": _listed(self._sums), "missed": list(self._missed),
            "tracker": [
                tracker.number, tracker.burst, list(tracker.waiting), tracker.window, tracker.echo, tracker.crest
            ],
            "wave": None if tracker.wave is None else msgspec.to_builtins(tracker.wave),
        }  # fmt: skip

    def restore(self, data: Any) -> None:
        """In a new detector, continue from what `checkpoint` wrote. Raises ValueError, TypeError or LookupError for
        other data."""
        self._final, self._since, self.late = data["final"], data["since"], data["late"]
        self._baseline.restore(data["baseline"])
        self._levels = deque(Level.of(BurstThreshold(*threshold)) for threshold in data["levels"])
        if len(self._levels) != (0 if self._final is None else _OPEN):
            raise ValueError("thresholds are missing")
        self._least = self._least.beside(level.threshold for level in self._levels)  # by other parameters, perhaps
        self._held = {bucket: _sums(listed) for bucket, listed in data["held"]}
        self._tallies = {bucket: Tally(*tally) for bucket, *tally in data["tallies"]}
        self._sums = _sums(data["sums"])
        self._missed.extend((first, last) for first, last in data["missed"])
        tracker = self._tracker
        tracker.number, tracker.burst, waiting, window, echo, tracker.crest = data["tracker"]
        tracker.waiting, tracker.echo = [Tally(*tally) for tally in waiting], (echo[0], echo[1])
        tracker.window = tuple((Tally(*tally), above) for tally, above in window)
        tracker.wave = None if data["wave"] is None else msgspec.convert(data["wave"], Outline)


def _merge(into: Sums, more: Sums) -> None:
    for key, (amount, count) in more.items():
        held = into.setdefault(key, [0, 0])
        held[0] += amount
        held[1] += count


def _listed(sums: Sums) -> list[Any]:
    return [[*key, amount, count] for key, (amount, count) in sums.items()]


def _sums(listed: Any) -> Sums:
    return {(venue, symbol, side): [amount, count] for venue, symbol, side, amount, count in listed}
