"""One loop for all: whoever has much to do does it in slices, and between two slices the loop does what else is due."""

from __future__ import annotations

import asyncio
import math
import time
from collections import defaultdict
from collections.abc import Callable

from deskmon.loop_watch import OWNER

SLICE_S = 0.01
"""Seconds after which a slice is over; the piece of work that is under way then is finished."""

Timer = Callable[[], float]
"""Seconds since any moment, never going back."""


class Slice:
    """A stretch of work: stop when it is `over`, await something, and go on in another."""

    __slots__ = ("_end", "_timer")

    def __init__(self, timer: Timer = time.perf_counter) -> None:
        self._timer = timer
        self._end = timer() + SLICE_S

    @property
    def over(self) -> bool:
        """Whether the time is up."""
        return self._timer() >= self._end


class Turns:
    """Slices for many, one at a time, first come first served; after each the loop turns before the next begins.

    So what eleven venues send at once holds the loop for one slice, not for eleven: `async with turns as part:` and
    work until `part.over`.
    """

    PAUSE_S = 5 * SLICE_S
    """So long after a slice that was used up nobody wanted another: there was no more to do."""
    ROOM_S = SLICE_S
    """Seconds between two looks whether there is room."""

    def __init__(self, timer: Timer = time.perf_counter, has_room: Callable[[], bool] = lambda: True) -> None:
        """`has_room`: whether there is room for what a slice brings; until then none begins, and sources wait."""
        self._timer, self._has_room = timer, has_room
        self._one = asyncio.Lock()
        self._begun = timer()
        self._part = Slice(timer)
        self._calm = timer()
        self._used_up = -math.inf
        self._spent: dict[object, float] = defaultdict(float)
        self._held_at: float | None = None

    async def __aenter__(self) -> Slice:
        if not self._is_busy():
            self._calm = self._timer()
        await self._one.acquire()
        if not self._has_room():
            await self._wait_for_room()
        self._begun = self._timer()
        self._part = Slice(self._timer)
        return self._part

    async def __aexit__(self, *fault: object) -> None:
        now = self._timer()
        self._spent[OWNER.get()] += now - self._begun
        if self._part.over:
            self._used_up = now
        try:
            await asyncio.sleep(0)
        finally:
            self._one.release()

    async def _wait_for_room(self) -> None:
        self._held_at = self._timer()
        try:
            while not self._has_room():  # noqa: ASYNC110 - a thread may make the room
                await asyncio.sleep(self.ROOM_S)
        except asyncio.CancelledError:
            self._one.release()
            raise
        finally:
            self._held_at = None

    @property
    def held_s(self) -> float:
        """Seconds for which no slice could begin by now, since there is no room for what it brings."""
        return 0.0 if self._held_at is None else self._timer() - self._held_at

    def take_spent(self) -> dict[object, float]:
        """Seconds that slices took since this was last asked, by whose work it was (`deskmon.loop_watch.OWNER`)."""
        spent, self._spent = self._spent, defaultdict(float)
        return spent

    @property
    def busy_s(self) -> float:
        """Seconds for which there was always more to do than fitted into a slice: the hub is behind what it is sent."""
        return self._timer() - self._calm if self._is_busy() else 0.0

    def _is_busy(self) -> bool:
        return self._one.locked() or self._timer() - self._used_up <= self.PAUSE_S


class Pace:
    """How many pieces of work fit into a slice, by what the last ones took: for work whose pieces go together."""

    LEAST, MOST = 20, 2_000

    def __init__(self) -> None:
        self.count = 200
        """Pieces that the next slice may take."""

    def took(self, pieces: int, seconds: float) -> None:
        """`pieces` of them took so long. Growth is at most double, so that cheap ones don't hide dear ones."""
        if pieces:
            fit = int(SLICE_S * pieces / max(seconds, 1e-9))
            self.count = max(self.LEAST, min(self.MOST, fit, 2 * self.count))
