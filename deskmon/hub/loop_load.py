"""How busy the hub's loop is: the share of time for which it ran, or waited for a processor."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path
from time import monotonic, thread_time

SPAN_S = 10.0
"""Seconds that the share is of."""


def seconds_at_work() -> float:
    """Seconds for which the calling thread ran or, where Linux says so, was ready to and waited for a processor."""
    try:
        ran, waited, _ = Path("/proc/thread-self/schedstat").read_bytes().split()
    except (OSError, ValueError):
        return thread_time()
    return (int(ran) + int(waited)) / 1e9


class LoopLoad:
    """Of the loop that calls `look`, about once a second."""

    def __init__(self, work: Callable[[], float] = seconds_at_work, timer: Callable[[], float] = monotonic) -> None:
        self._work, self._timer = work, timer
        self._looks: deque[tuple[float, float]] = deque()

    def look(self) -> None:
        """Note how things are."""
        now = self._timer()
        while len(self._looks) > 1 and self._looks[1][0] <= now - SPAN_S:
            self._looks.popleft()
        self._looks.append((now, self._work()))

    @property
    def share(self) -> float:
        """Share of the last `SPAN_S`, 0 to 1; 0 before so much time has passed."""
        if not self._looks:
            return 0.0
        (since, before), (now, work) = self._looks[0], self._looks[-1]
        return (work - before) / (now - since) if now - since >= SPAN_S else 0.0
