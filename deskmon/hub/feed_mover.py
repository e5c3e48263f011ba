"""Moves feeds to processes of their own, one after the other, while the hub's loop can't keep up."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence

from deskmon.hub.loop_load import SPAN_S, LoopLoad
from deskmon.hub.processors import processors
from deskmon.hub.supervisor import Supervisor
from deskmon.turns import Turns

LOOK_S = 1.0
BUSY = 0.9
"""Share of the last 10 seconds for which the loop was at work or waited for a processor: from here on it is behind."""
LEAST = 0.05
"""Share of the same time that a feed's slices must have taken: to move a cheaper one wouldn't help."""
REST_S = 30.0
"""Seconds after a move before the next: until then the load is still that of before."""
AGAIN_S = 600.0
"""Seconds after a move that failed before the same feed is tried again."""


class FeedMover:
    """Looks once a second; a machine with one processor has nowhere to move to."""

    def __init__(
        self,
        supervisors: Callable[[], Sequence[Supervisor]],
        turns: Turns,
        *,
        load: LoopLoad | None = None,
        processors: Callable[[], float] = processors,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        """`turns` says what each of the feeds costs, `load` how busy the loop is."""
        self._supervisors, self._turns, self._load = supervisors, turns, load or LoopLoad()
        self._processors, self._timer = processors, timer
        self._spent: deque[dict[object, float]] = deque(maxlen=round(SPAN_S / LOOK_S))
        self._moving: Supervisor | None = None
        self._rests_until = 0.0
        self._failed: dict[Supervisor, float] = {}

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_S)

    def look(self) -> None:
        """Move the dearest feed where the loop is behind and no move is under way."""
        now = self._timer()
        self._load.look()
        self._spent.append(self._turns.take_spent())
        if self._moving is not None:
            self._follow(self._moving, now)
        elif now >= self._rests_until and self._load.share >= BUSY and self._processors() > 1:
            self._moving = self._dearest(now)
            if self._moving is not None:
                self._moving.move(f"the hub's loop was busy for {SPAN_S:.0f} s")

    def _follow(self, supervisor: Supervisor, now: float) -> None:
        if supervisor.is_moving:
            return
        self._moving, self._rests_until = None, now + REST_S
        self._failed = {each: at for each, at in self._failed.items() if now < at + AGAIN_S}
        if not supervisor.has_process:
            self._failed[supervisor] = now

    def _dearest(self, now: float) -> Supervisor | None:
        """The one whose slices took most of the time lately, of those that may move."""
        spent: Counter[object] = Counter()
        for part in self._spent:
            spent.update(part)
        least = LEAST * SPAN_S
        some = [
            each for each in self._supervisors()
            if each.may_move and spent[each] >= least and now >= self._failed.get(each, -AGAIN_S) + AGAIN_S
        ]  # fmt: skip
        return max(some, key=lambda each: spent[each], default=None)
