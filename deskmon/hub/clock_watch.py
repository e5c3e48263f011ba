"""Steps of the machine's clock, in words among the feeds; the venues' own times tell which clock is right."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from deskmon import format as fmt
from deskmon.clock import MINUTE, STEP, LiveClock
from deskmon.events import FeedState, FeedStatus
from deskmon.hub.companions import DueStatus

FEED = "clock"
"""Name under which steps of the machine's clock stand among the feeds."""
LASTS = 10 * MINUTE
"""A step ahead is followed when the venues have agreed with the machine for so long (ms)."""


class ClockWatch:
    """Compares the desk's clock with the machine's. A step ahead that lasts is followed where the venues agree with the
    machine. A step back never is: what the desk knows already would lie in its future."""

    def __init__(self, clock: LiveClock, lags: Callable[[], Sequence[float]]) -> None:
        """`lags`: of each feed, how far (ms) the desk's clock is ahead of the times of its newest events."""
        self._clock, self._lags = clock, lags
        self._step = ""
        self._size = 0
        self._words = ""
        self._agreed_since: int | None = None
        self._due = DueStatus()

    def report(self, now: int) -> FeedStatus | None:
        """How the clocks are, once they differed: at each change and every five seconds."""
        state, detail = self._judge(now)
        if not detail:
            return None
        return self._due.of(FeedStatus(ts=now, feed=FEED, state=state, detail=detail, service=True))

    def _judge(self, now: int) -> tuple[FeedState, str]:
        ahead = self._clock.ahead()
        if abs(ahead) <= STEP:
            if self._step:
                self._words, self._step = f"{self._step}; it agrees with the desk again", ""
            self._agreed_since = None
            return "live", self._words
        before = self._size if self._step else 0
        if not self._step or abs(ahead - before) > STEP:
            self._step, self._size, self._agreed_since = _step(ahead - before, now), ahead, None
        lags = self._lags()
        if 2 * sum(abs(lag + ahead) < abs(lag) for lag in lags) <= len(lags):
            self._agreed_since = None
            return "stale", f"{self._step}; the desk keeps its own time"
        if self._agreed_since is None:
            self._agreed_since = now
        if ahead < 0:
            return "stale", f"{self._step}; the venues agree with it: restart the hub"
        if now - self._agreed_since < LASTS:
            return "stale", f"{self._step}; the venues agree with it, the desk takes it in {LASTS // MINUTE} min"
        self._clock.follow()
        self._words, self._step = f"{self._step}; the venues agree with it, the desk has taken it", ""
        return "live", self._words


def _step(by: int, now: int) -> str:
    direction = "ahead" if by > 0 else "back"
    return f"the machine's clock went {direction} by {fmt.age(round(abs(by), -3))} at {fmt.clock(now)}Z"
