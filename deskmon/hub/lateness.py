"""How late the hub's loop is, and whose work made it late."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence

from deskmon.hub.loop_holds import LATELY_S, LoopHolds
from deskmon.hub.supervisor import Supervisor
from deskmon.loop_watch import Hold, LoopWatch


class Lateness:
    """Measures how late the loop wakes those who sleep, and has a thread name who holds it."""

    PERIOD_S = 0.02

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        self._timer = timer
        self._worst = 0.0
        self._taken: deque[tuple[float, float]] = deque()
        self._own = LoopHolds("the hub's own work", "its loop")

    async def run(self) -> None:
        """Watch until cancelled."""
        with LoopWatch(self._held):
            while True:
                before = self._timer()
                await asyncio.sleep(self.PERIOD_S)
                self._worst = max(self._worst, self._timer() - before - self.PERIOD_S)

    def take(self) -> float:
        """The worst delay in ms since this was last asked."""
        worst, self._worst = round(self._worst * 1000, 1), 0.0
        now = self._timer()
        while self._taken and self._taken[0][0] <= now - LATELY_S:
            self._taken.popleft()
        while self._taken and self._taken[-1][1] <= worst:
            self._taken.pop()
        self._taken.append((now, worst))
        return worst

    @property
    def worst_ms(self) -> float:
        """The worst delay in ms of the last minute, as far as `take` was asked."""
        return self._taken[0][1] if self._taken else 0.0

    def by(self, supervisors: Sequence[Supervisor]) -> str:
        """The feed whose work held the loop for most of the worst delay, "" where none did."""
        held = {each.label: each.holds.worst() for each in supervisors if not each.has_process}
        worst = max(((hold.seconds, label) for label, hold in held.items() if hold is not None), default=(0.0, ""))
        return worst[1] if worst[0] * 1000 > self.worst_ms / 2 else ""

    def _held(self, hold: Hold) -> None:
        """In the watching thread."""
        holds = hold.owner.holds if isinstance(hold.owner, Supervisor) else self._own
        holds.note(hold.seconds, hold.where, over=hold.over)
