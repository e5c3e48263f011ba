"""One move of a feed from the hub's process to one of its own: both run until the one in the hub may end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from deskmon.config.schema import FeedConfig
from deskmon.events import Encoded
from deskmon.feedkit import FeedContext
from deskmon.hub.overlap import NEW, OLD, Overlap
from deskmon.hub.own_process import EventReceiver, OwnProcess
from deskmon.hub.running import describe_fault, run_once
from deskmon.transport.worker_wire import StatedStatus, Turn

log = logging.getLogger(__name__)

LOOK_S = 0.25
"""Seconds between two looks whether the run in the hub may end."""
PATIENCE_S = 300.0
"""Seconds after which the run in the hub ends in any case; or the process does, where that isn't live by then or
doesn't answer."""

Life = asyncio.Task[BaseException | None]
"""One run of a feed: `deskmon.hub.running.run_once`."""


class FeedKeeper(EventReceiver, Protocol):
    """The feed's supervisor."""

    @property
    def lag_ms(self) -> float | None:
        """Median of recv − ts lately."""
        ...

    def missed(self, since: int) -> None:
        """Events may be missing since a time (ms)."""
        ...


class Handover:
    """Takes what both runs tell. The events of the process pass by here for as long as it lives."""

    def __init__(
        self,
        label: str,
        config: FeedConfig,
        keeper: FeedKeeper,
        context: FeedContext,
        arrived: Callable[[], None],
        timer: Callable[[], float],
    ) -> None:
        """Begins the process. `arrived` is called when the feed has moved. `timer`: seconds."""
        self._label, self._keeper, self._arrived = label, keeper, arrived
        self._clock, self._timer = context.clock, timer
        # A venue whose clock is ahead tells of this moment by a later time.
        self._ahead = max(0, -round(keeper.lag_ms or 0.0))
        self._overlap: Overlap | None = Overlap(self._now(), timer)
        self._begun = timer()
        self._said: StatedStatus | None = None
        self._is_live = self._has_moved = False
        self.process = OwnProcess(label, config, self)
        """Where the feed goes."""
        self.life: Life = asyncio.create_task(run_once(self.process.run, context))
        """Of the process."""

    async def hear_both(self, here: Life) -> bool:
        """Until the run in the hub, `here`, is over and the feed has moved; False where the process was given up."""
        while (why_not := self._why_not(here)) is None and not self._may_end(here):
            await asyncio.wait((here, self.life), timeout=LOOK_S, return_when=asyncio.FIRST_COMPLETED)
        if why_not is not None:
            log.warning("feed %s stays in the hub's process: %s", self._label, why_not)
            overlap, self._overlap = self._overlap, None
            if overlap is not None and overlap.muted is OLD:  # since the last look, when the process was to go on
                self._keeper.missed(overlap.unproven_since)
            await end(self.life)
            return False
        self._switch()
        await end(here)
        return True

    def take(self, item: Encoded) -> None:
        """An event from the process."""
        overlap = self._overlap
        if not self._has_moved:
            if self._said is None:
                self._see_live()
            if overlap is None:
                return  # it was given up
        if overlap is None or overlap.is_told(NEW, item.event):
            self._keeper.take(item)
        if self._has_moved and overlap is not None and overlap.is_over:
            self._overlap = None

    def turned(self, turn: Turn) -> None:
        """What else happened in the process. How it and its loop are, is said once the feed has moved."""
        if not self._has_moved:
            if turn.said is not None:
                self._said = turn.said
                if turn.said.state == "live":
                    self._see_live()
            turn = msgspec.structs.replace(turn, said=None, holds=[])
        self._keeper.turned(turn)

    def take_old(self, item: Encoded) -> None:
        """An event from the run in the hub."""
        if self._overlap is None or self._overlap.is_told(OLD, item.event):
            self._keeper.take(item)

    def _now(self) -> int:
        """By the venue's clock, as far as that is ahead."""
        return self._clock.now() + self._ahead

    def _see_live(self) -> None:
        self._is_live = True
        if self._overlap is not None:
            self._overlap.live(self._now())

    @property
    def _is_apart(self) -> bool:
        """Whether the runs can't be compared any longer."""
        is_full = self._overlap is not None and self._overlap.muted is not None
        return is_full or self._timer() - self._begun >= PATIENCE_S

    def _why_not(self, here: Life) -> str | None:
        """Why the feed doesn't move, None where it may."""
        if self.life.done():
            fault = self.life.result()
            return "the source has ended there" if fault is None else describe_fault(fault)
        if self._is_there:
            return None
        if here.done():
            return "it ended before its process was live"
        if not self._is_apart:
            return None
        return "its process doesn't answer" if self._is_live else "its process wasn't live in time"

    @property
    def _is_there(self) -> bool:
        """Whether the process is live, and answers."""
        return self._is_live and not self.process.is_silent

    def _may_end(self, here: Life) -> bool:
        """Whether the run in the hub may end, or has to, or has ended."""
        is_proven = self._overlap is not None and self._overlap.is_proven
        return self._is_there and (is_proven or here.done() or self._is_apart)

    def _switch(self) -> None:
        """Tell nothing of the run in the hub any more, and of the process all that it says."""
        overlap = self._overlap
        assert overlap is not None
        if not overlap.is_proven:
            log.warning("feed %s: events may be missing from its move", self._label)
            self._keeper.missed(overlap.unproven_since)
        overlap.muted = OLD
        self._has_moved = True
        log.info("feed %s has moved to a process of its own, after %.0f s", self._label, self._timer() - self._begun)
        self._arrived()
        if self._said is not None:
            self._keeper.turned(Turn(said=self._said))


async def end(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks and wait until they are over. Whenever this is cancelled meanwhile, so are they once more; then it
    raises CancelledError."""
    again = False
    for task in tasks:
        task.cancel()
    while left := [task for task in tasks if not task.done()]:
        try:
            await asyncio.wait(left)
        except asyncio.CancelledError:
            again = True
            for task in left:
                task.cancel()
    if again:
        raise asyncio.CancelledError
