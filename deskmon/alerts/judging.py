"""Whether legs hold: true, false, or nobody can tell (None). What they need to remember is in `Bases`."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any

import msgspec

from deskmon.alerts.legs import Leg, Value
from deskmon.alerts.reading import Read, Reading
from deskmon.clock import SECOND

STEPS = 100
"""A change is told against the value at the last of so many steps of its span: it is up to 1 % longer than asked."""


def both(truths: Iterable[bool | None]) -> bool | None:
    """Kleene's and: false where one is false, else unknown where one is."""
    truths = tuple(truths)
    return False if False in truths else None if None in truths else True


def either(truths: Iterable[bool | None]) -> bool | None:
    """Kleene's or: true where one is true, else unknown where one is."""
    truths = tuple(truths)
    return True if True in truths else None if None in truths else False


def opposite(truth: bool | None) -> bool | None:
    """Kleene's not."""
    return None if truth is None else not truth


def step_of(span: int) -> int:
    """Time (ms) between two values that are kept for changes over `span` (ms): whole seconds."""
    return max(SECOND, span // STEPS // SECOND * SECOND)


class Judged(msgspec.Struct, frozen=True, gc=False):
    """Whether a leg holds, and the value it compared; of a change the change."""

    met: bool | None
    value: Value | None


class Bases:
    """What legs remember: past values that changes are told against, and which crossings happened."""

    def __init__(self) -> None:
        self._past: dict[str, deque[tuple[int, float | None]]] = {}
        self._sides: dict[str, tuple[bool, bool]] = {}

    def note(self, leg: Leg, now: int, read: Read) -> None:
        """Keep the figure's value of this whole second, where the leg tells a change and it is a step of its span."""
        step = step_of(leg.span)
        if not leg.span or now % step:
            return
        past = self._past.setdefault(_key(leg), deque(maxlen=leg.span // step + 2))
        if not past or past[-1][0] < now:
            reading = read(leg.path, now)
            exact = isinstance(reading.value, int | float) and not reading.at_least
            past.append((now, float(reading.value) if exact else None))  # type: ignore[arg-type]

    def before(self, leg: Leg, now: int) -> float | None:
        """The value that a change at `now` (ms) is told against; None where nobody was there to keep it."""
        wanted = (now - leg.span) // step_of(leg.span) * step_of(leg.span)
        for ts, value in self._past.get(_key(leg), ()):
            if ts >= wanted:
                return value if ts == wanted else None
        return None

    def crossed(self, leg: Leg, beyond: bool | None) -> bool | None:
        """Whether a figure that is `beyond` the leg's threshold has crossed it: it was seen on the near side before and
        hasn't been back. What is first seen beyond, or after a time when nobody could tell, has crossed nothing."""
        if beyond is None:
            was_near, crossed = self._sides.get(leg.text, (False, False))
            self._sides[leg.text] = (False, crossed)
            return None
        was_near, crossed = self._sides.get(leg.text, (False, False))
        crossed = beyond and (crossed or was_near)
        self._sides[leg.text] = (not beyond, crossed)
        return crossed

    def rest(self) -> None:
        """Take note that nobody looked for a while: what lies between is no crossing."""
        self._sides = {text: (False, crossed) for text, (_, crossed) in self._sides.items()}

    def keep_only(self, legs: Iterable[Leg]) -> None:
        """Forget what no leg needs any more."""
        legs = tuple(legs)
        keys, texts = {_key(leg) for leg in legs}, {leg.text for leg in legs}
        self._past = {key: past for key, past in self._past.items() if key in keys}
        self._sides = {text: side for text, side in self._sides.items() if text in texts}

    def take(self, data: Any) -> None:
        """Take what another hub knows, as `saved` told it: values that this one lacks, and crossings. Raises as
        `restore`."""
        theirs = Bases()
        theirs.restore(data)
        for key, values in theirs._past.items():
            own = {ts: value for ts, value in self._past.get(key, ()) if value is not None}
            merged = sorted((dict(values) | own).items())
            self._past[key] = deque(merged[-(STEPS * 2 + 2) :], maxlen=STEPS * 2 + 2)
        self._sides |= theirs._sides

    def saved(self) -> dict[str, Any]:
        """All of it as builtins."""
        past = {key: [list(each) for each in values] for key, values in self._past.items()}
        return {"past": past, "sides": {text: list(side) for text, side in self._sides.items()}}

    def restore(self, data: Any) -> None:
        """Know what `saved` told. Raises ValueError, TypeError, KeyError or AttributeError for anything else."""
        self._past = {
            str(key): deque(
                ((int(ts), None if value is None else float(value)) for ts, value in values), maxlen=STEPS * 2 + 2
            )
            for key, values in data["past"].items()
        }
        self._sides = {str(text): (bool(near), bool(crossed)) for text, (near, crossed) in data["sides"].items()}
        self.rest()


def _key(leg: Leg) -> str:
    return f"{leg.path.text} {leg.span}"


def judge(leg: Leg, now: int, read: Read, bases: Bases) -> Judged:
    """Whether `leg` holds at desk time `now` (ms)."""
    reading = read(leg.path, now)
    if leg.change:
        reading = _changed(leg, now, reading, bases)
    if leg.kind == "known":
        return Judged(reading.value is not None, reading.value)
    if leg.kind == "unknown":
        return Judged(reading.value is None, reading.value)
    met = _compared(leg, reading)
    if leg.kind in ("above", "below"):
        met = bases.crossed(leg, met)
    return Judged(met, reading.value)


def _changed(leg: Leg, now: int, reading: Reading, bases: Bases) -> Reading:
    before, value = bases.before(leg, now), reading.value
    if before is None or reading.at_least or not isinstance(value, int | float):
        return Reading(None)
    if leg.change == "change":
        return Reading(value - before)
    return Reading((value - before) / abs(before) * 100) if before else Reading(None)


def _compared(leg: Leg, reading: Reading) -> bool | None:
    """A comparison with a value, with one that may be more, or with one that isn't there."""
    if reading.value is None:
        return False if reading.absent else None
    holds = leg.holds(reading.value)
    if not reading.at_least:
        return holds
    decided = holds if leg.op in (">", ">=") else not holds if leg.op in ("<", "<=") else False
    return holds if decided else None
