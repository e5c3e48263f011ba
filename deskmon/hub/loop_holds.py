"""How long a feed held its loop lately, for its row on the screen and for the log."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import NamedTuple

from deskmon.hub.rate_limit import RateLimit

log = logging.getLogger(__name__)

LATELY_S = 60.0
LOUD_S = 0.5
"""A hold from this length on is named in the log and beside the feed's state."""
LOGGED = 5
"""Holds written to the log in a minute at most, each twice: while it lasts, and when it is over."""


class Worst(NamedTuple):
    seconds: float
    where: str


class LoopHolds:
    """Of one feed, or of the hub itself. `note` may be called from any thread."""

    def __init__(self, who: str, what: str, timer: Callable[[], float] = time.monotonic) -> None:
        """The log says that `who` holds `what`."""
        self._who, self._what = who, what
        self._timer = timer
        self._recent: tuple[tuple[float, float, str], ...] = ()
        self._log_limit = RateLimit(LOGGED, LATELY_S)
        self._is_logged = False

    def note(self, seconds: float, where: str, *, over: bool) -> None:
        """It has held the loop for `seconds` by now, in all where it is `over`."""
        now = self._timer()
        kept = [each for each in self._recent if each[0] > now - LATELY_S]
        if kept and kept[-1][0] >= now - seconds:  # the same one, seen earlier
            kept.pop()
        self._recent = (*kept[-99:], (now, seconds, where))
        if seconds >= LOUD_S:
            self._log(now, seconds, where, over)
        self._is_logged = self._is_logged and not over

    def worst(self) -> Worst | None:
        """The longest of the last minute."""
        now = self._timer()
        return max((Worst(each[1], each[2]) for each in self._recent if each[0] > now - LATELY_S), default=None)

    def words(self) -> str:
        """The longest of the last minute in words, "" where it was short."""
        worst = self.worst()
        if worst is None or worst.seconds < LOUD_S:
            return ""
        return f"held {self._what} for {worst.seconds:.1f} s at {worst.where}"

    def _log(self, now: float, seconds: float, where: str, over: bool) -> None:
        if not self._is_logged:
            if not self._log_limit.allows(now):
                return
            self._is_logged = True
            if not over:
                log.warning("%s holds %s, for %.1f s by now, at %s", self._who, self._what, seconds, where)
        if over:
            log.warning("%s held %s for %.1f s, at %s", self._who, self._what, seconds, where)
