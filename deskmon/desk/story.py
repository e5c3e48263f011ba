"""Moments of a market that is played: a key jumps from one to the next, a tour walks through them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from deskmon.components.panel import Command, Line
from deskmon.components.text import cell_width, crop
from deskmon.desk.keys import KeyMap
from deskmon.desk.playing import is_played
from deskmon.desk.status import Status
from deskmon.timeline import Moment

TOLD_S = 30.0
"""How long the words of a moment stand, in seconds of the trader's."""
TOUR_S = 13.0
"""How long a tour stays at each."""


class Story:
    """The moments of one market, in order of time. on_tour: it walks through them by itself until a key stops it."""

    def __init__(
        self, moments: Sequence[Moment] = (), *, on_tour: bool = False, perf: Callable[[], float] = time.perf_counter
    ) -> None:
        self.moments = moments
        self.on_tour = on_tour
        self._perf = perf
        self._at: int | None = None
        self._since = 0.0
        self._is_reached = False

    @property
    def told(self) -> Moment | None:
        """The moment whose words are shown."""
        return None if self._at is None else self.moments[self._at]

    def jump(self, steps: int, status: Status) -> Command | str:
        """What brings the desk to the next moment, or the one before, or the words why there is none."""
        if not self.moments or not is_played(status):
            return "only in a reconstruction of yours"
        self.on_tour = False
        return self._show(self._next(steps, status.now))

    def tick(self, status: Status, *, readable: bool = True) -> Command | None:
        """What a tour asks for by now. Words that stood long enough go. readable: the market is there to be seen."""
        is_over = self._at == len(self.moments) - 1 or self._has_ended(status)
        if not readable or status.seeking or (self.on_tour and status.paused and not is_over):
            self._since = self._perf()
            return None
        stood = self._perf() - self._since
        if self.on_tour and is_played(status):
            if self._at is None:
                return self._show(0)
            if stood >= TOUR_S:
                if not is_over:
                    return self._show(self._at + 1)
                self.on_tour, self._at = False, None
        elif self._at is not None and (stood >= TOLD_S or self._has_left(self._at, status.now)):
            self._at = None
        return None

    def _has_left(self, at: int, now: int) -> bool:
        """Whether the desk was at that moment and now is before it, or at a later one: somebody looks elsewhere."""
        after = self.moments[at + 1].at if at + 1 < len(self.moments) else None
        is_there = self.moments[at].at <= now and (after is None or now < after)
        self._is_reached = self._is_reached or is_there
        return self._is_reached and not is_there

    def footer(self, keymap: KeyMap, width: int) -> Line:
        """Which moment this is, in words, and the key that leads on."""
        assert self._at is not None
        moment = self.moments[self._at]
        key = keymap.key_of("desk.next_moment")
        hint = f" {key} next " if self._at + 1 < len(self.moments) else ""
        name = f" {self._at + 1}/{len(self.moments)} {moment.name} "
        words = crop(moment.text, max(0, width - cell_width(name) - cell_width(hint)))
        gap = width - cell_width(name) - cell_width(words) - cell_width(hint)
        return [(name, "footer_key"), (words, "footer"), (" " * max(0, gap), "footer"), (hint, "footer_key")]

    @staticmethod
    def _has_ended(status: Status) -> bool:
        """Whether the market was played to its end, where it pauses by itself: nobody holds the tour, nor does it go
        on."""
        return status.ends is not None and status.now >= status.ends

    def _next(self, steps: int, now: int) -> int:
        if self._at is not None:
            return max(0, min(len(self.moments) - 1, self._at + steps))
        if steps > 0:
            return min(len(self.moments) - 1, sum(moment.at <= now for moment in self.moments))
        return max(0, sum(moment.at < now for moment in self.moments) - 1)

    def _show(self, at: int) -> Command:
        self._at, self._since, self._is_reached = at, self._perf(), False
        return Command("seek", self.moments[at].at)
