"""Two runs of one feed that are heard at once: what they tell together is told once, and nothing is missed when the
older one ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import msgspec

from deskmon.clock import SECOND
from deskmon.events import LEDGER, Book, Event, Liquidation, Ticker, Trade, encode_event, state_key
from deskmon.model.part import stamp

Run = Literal[0, 1]
OLD: Run = 0
NEW: Run = 1

CAPACITY = 200_000
"""Events held at most that only one of the runs has told, and state keys held at most: some 45 MB each when full."""
CALM_S = 2.0
"""The old run has caught up once it told nothing for so long that happened before the new one was live."""
SURE_MS = 3 * SECOND
"""So long after the new run says that it is live it hears all that happens."""
PASSED_MS = 10 * SECOND
"""Once the new run tells what happened so long after the last that the old one told, it repeats nothing any more."""

MOMENTS = frozenset({Trade, Liquidation})
"""Ledger kinds whose `ts` is the moment they tell of."""
PRESENT = MOMENTS | {Ticker, Book}
"""Kinds that tell how far a run is."""


class _Series:
    """Ledger events of one kind, venue and symbol. alone: by run those that the other run hasn't told, as (how often,
    `ts`) by identity, the last told last. joined: whether both runs have told some event."""

    __slots__ = ("alone", "joined", "kind")

    def __init__(self, kind: type[Event]) -> None:
        self.kind = kind
        self.alone: tuple[dict[Any, tuple[int, int]], dict[Any, tuple[int, int]]] = ({}, {})
        self.joined = False


class Overlap:
    """Judges each event of both runs from the moment on at which the new one begins. Times are ms of the venue's clock.

    Of a ledger event the second telling is left out, whoever tells it first. Of state events those of the old run are
    left out that aren't newer than what the new one told. A trade or a liquidation from before the new run began is the
    old one's to tell, since that one listened then.
    """

    def __init__(self, since: int, timer: Callable[[], float], capacity: int = CAPACITY) -> None:
        """`since`: when the new run begins. `timer`: seconds."""
        self._since, self._timer, self._capacity = since, timer, capacity
        self._series: dict[tuple[type[Event], str, str], _Series] = {}
        self._held = 0
        self._states: dict[Any, int] = {}
        self._sure: int | None = None
        self._behind_at, self._behind, self._is_there = timer(), since, False
        self._newest = [since, since]
        self.muted: Run | None = None
        """The run of which nothing is told any more."""

    def live(self, now: int) -> None:
        """The new run says at `now` that it is live."""
        if self._sure is None:
            self._sure = now + SURE_MS

    def is_told(self, run: Run, event: Event) -> bool:
        """Whether an event that `run` brings is to be told."""
        kind = type(event)
        if run is OLD and kind in PRESENT and self._sure is not None and event.ts >= self._sure:
            self._is_there = True
        if kind in MOMENTS and not self._is_of(run, event.ts):
            return False
        if run == self.muted:
            return False
        return self._is_first(run, event) if kind in LEDGER else self._is_newest(run, event)

    @property
    def is_proven(self) -> bool:
        """Whether nothing is missed if the old run ends now. That needs three things. The new run is live. The old one
        tells what happened after that, and nothing any more of before. In each series that goes on, both have told the
        same event."""
        if not self._is_there or self._timer() - self._behind_at < CALM_S:
            return False
        return all(self._goes_on(series) for series in self._series.values() if series.kind in MOMENTS)

    @property
    def unproven_since(self) -> int:
        """From when on events may be missing where the old run ends before that is proven."""
        return min(self._behind, self._since)

    @property
    def is_over(self) -> bool:
        """Whether the new run, which alone is told by now, repeats nothing any more."""
        return self._newest[NEW] > self._newest[OLD] + PASSED_MS or not any(
            series.alone[OLD] for series in self._series.values()
        )

    def _is_of(self, run: Run, ts: int) -> bool:
        """Whether what happened at `ts` is for this run to tell, and note how far the run is."""
        self._newest[run] = max(self._newest[run], ts)
        if run is NEW:
            return ts >= self._since or self.muted is OLD
        if self._sure is None or ts < self._sure:
            self._behind_at, self._behind = self._timer(), ts
        return True

    def _goes_on(self, series: _Series) -> bool:
        """Whether the new run goes on where the old one is, as far as can be told."""
        old, new = series.alone
        if series.joined or not (old or new):
            return True
        return not new and self._sure is not None and old[next(reversed(old))][1] < self._sure

    def _is_first(self, run: Run, event: Event) -> bool:
        place = type(event), getattr(event, "venue", None) or "", getattr(event, "symbol", None) or ""
        series = self._series.get(place)
        if series is None:
            series = self._series[place] = _Series(type(event))
        key = _identity(event)
        mine, theirs = series.alone[run], series.alone[1 - run]
        count, ts = theirs.pop(key, (0, 0))
        if count:
            self._held -= 1
            series.joined = True
            if count > 1:
                theirs[key] = count - 1, ts
            return False
        if self.muted is None:
            self._hold(mine, key, event.ts)
        return True

    def _hold(self, told: dict[Any, tuple[int, int]], key: Any, ts: int) -> None:
        count, _ = told.pop(key, (0, 0))
        told[key] = count + 1, ts
        self._held += 1
        if self._held >= self._capacity:  # they are too far apart to be compared any longer
            self.muted = NEW if self._sure is None else OLD

    def _is_newest(self, run: Run, event: Event) -> bool:
        key, time = state_key(event), stamp(event)
        told = self._states.get(key)
        if run is OLD:
            return told is None or told < time
        if told is not None or len(self._states) < self._capacity:
            self._states[key] = time if told is None else max(time, told)
        return True


def _identity(event: Event) -> Any:
    """What tells an event from others of its series: its id, else all that its source says of it."""
    identity = getattr(event, "id", None)
    return encode_event(msgspec.structs.replace(event, recv=None)) if identity is None else identity
