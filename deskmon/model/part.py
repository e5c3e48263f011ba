"""What every part of the model is: a fold of its own kinds of event, with figures computed when asked for."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, isfinite
from typing import Any, Generic, Protocol, TypeVar

from deskmon.clock import MINUTE, SECOND


class Timed(Protocol):
    """What has an event's two times (ms)."""

    @property
    def ts(self) -> int: ...

    @property
    def recv(self) -> int | None: ...


F = TypeVar("F")
F_ = TypeVar("F_")


class Part(Generic[F]):
    """Base of the parts. `revision` moves whenever something changed; figures are kept for one (revision, now)."""

    pace = 1
    """How many times more seldom than in a live market the sources of this one report."""

    def __init__(self) -> None:
        self.revision = 0
        self._figures: F | None = None
        self._figures_of: tuple[int, int] | None = None
        self._single: dict[str, Any] = {}
        self._single_of: tuple[int, int] | None = None
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        raise NotImplementedError

    def fold(self, event: Any) -> None:
        """Take one event of the part's kinds. Raises ValueError for one that can't be folded."""
        raise NotImplementedError

    def checkpoint(self) -> Any:
        """All that the part knows: builtins and columns, which nobody changes later. JSON holds columns as text."""
        raise NotImplementedError

    def restore(self, data: Any) -> None:
        """Know what `checkpoint` wrote and nothing else. Raises ValueError, TypeError or LookupError for other data."""
        raise NotImplementedError

    def figures(self, now: int) -> F:
        """The part's figures at desk time `now` (ms UTC). Read them, don't change them: they are shared."""
        of = (self._version(), now)
        if self._figures is None or self._figures_of != of:
            self._figures = self._compute(now)
            self._figures_of = of
        return self._figures

    def kept(self, key: str, now: int, make: Callable[[], F_]) -> F_:
        """One of the part's figures by its key, as `make` makes it: kept for one (revision, now) like all together."""
        of = (self._version(), now)
        if self._single_of != of:
            self._single.clear()
            self._single_of = of
        if key not in self._single:
            self._single[key] = make()
        found: F_ = self._single[key]
        return found

    @property
    def changes_so_far(self) -> int:
        """Moves whenever a figure of the part may have changed by an event, of its own kinds or of another part's."""
        return self._version()

    def age(self, now: int, ts: int) -> int:
        """Age (ms) at `now` of a quote of the time `ts`, at the pace of the market's reports: in a time-lapse of 60, a
        quote that is a minute old is a second old."""
        return max(0, now - ts) // self.pace

    def _version(self) -> int:
        return self.revision

    def _compute(self, now: int) -> F:
        raise NotImplementedError


def stamp(event: Timed) -> int:
    """Time of a state event (ms): its `ts`, but never after it arrived, so that a venue whose clock runs ahead can't
    block its own later events."""
    return event.ts if event.recv is None else min(event.ts, event.recv)


WENT_BACK = 2 * MINUTE
"""A time that lies so far (ms) after an arrival was given by a clock that went back since."""
SETTLED = 10 * SECOND
"""So long (ms) after a newer event, an older one isn't merely late: its venue's clock went back."""


def is_older(event: Timed, ts: int) -> bool:
    """Whether a state event is older than a value of the time `ts` (ms). It isn't where that lies after its arrival:
    the desk's clock went back since, and what arrived later is the newer."""
    return stamp(event) < ts and (event.recv is None or ts <= event.recv + WENT_BACK)


def is_late(event: Timed, held: Timed) -> bool:
    """The same of an event that is held, of a kind that venues tell in order: one that arrives long after the held one
    is the newer whatever it says, since the venue's clock went back."""
    if not is_older(event, stamp(held)):
        return False
    return event.recv is None or held.recv is None or event.recv - held.recv <= SETTLED


def real(value: float | None) -> float | None:
    """The number as a float: a feed may give a whole one, which JSON would print otherwise than after a journey."""
    return None if value is None else float(value)


def percent_change(value: float, earlier: float) -> float | None:
    """Percent from `earlier` to `value`; None from nothing, or where the ratio is no finite number."""
    change = (value / earlier - 1) * 100 if earlier else inf
    return change if isfinite(change) else None
