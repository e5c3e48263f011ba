"""How long the turns of an event loop take."""

from __future__ import annotations

import selectors
import time
from typing import Any


class Turns(selectors.DefaultSelector):
    """A selector that notes how long the loop is away between two looks at sockets and timers: by the clock (`took`),
    and in processor time of its thread (`used`); beside other work only the latter says what a turn costs. `idle`: how
    long it waited. All in seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.clear()

    def clear(self) -> None:
        """Forget what was noted."""
        self.took: list[float] = []
        self.used: list[float] = []
        self.idle = 0.0
        self._since, self._cpu = time.perf_counter(), time.thread_time()

    def select(self, timeout: float | None = None) -> Any:
        """Wait as ever."""
        before = time.perf_counter()
        self.took.append(before - self._since)
        self.used.append(time.thread_time() - self._cpu)
        found = super().select(timeout)
        self._since, self._cpu = time.perf_counter(), time.thread_time()
        self.idle += self._since - before
        return found
