"""How fast a venue may be talked to, so that it neither hangs up nor bars the address. Imports no ccxt."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple


class Limit(NamedTuple):
    """At most `most` times within any `within_s` seconds."""

    most: int
    within_s: float


class Pacer:
    """Lets through, first come first served, what all of its limits allow; the rest waits.

    `elapsed` tells seconds that no setting of a clock moves. What is let through counts from then on.
    """

    def __init__(
        self, limits: Sequence[Limit], elapsed: Callable[[], float], sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        self._elapsed, self._sleep = elapsed, sleep
        self._times = [(limit, deque[float](maxlen=limit.most)) for limit in limits]
        self._one = asyncio.Lock()

    async def turn(self) -> None:
        """Wait until one more is allowed, and count it."""
        if not self._times:
            return
        async with self._one:
            while (pause := self._pause(self._elapsed())) > 0:
                await self._sleep(pause)
            now = self._elapsed()
            for _, times in self._times:
                times.append(now)

    def _pause(self, now: float) -> float:
        """Seconds until one more is allowed."""
        full = [(limit, times) for limit, times in self._times if len(times) == limit.most]
        return max((times[0] + limit.within_s - now for limit, times in full), default=0.0)
