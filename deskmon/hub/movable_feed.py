"""A feed that begins in the hub's process and may go on in one of its own while the hub runs."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Protocol

import msgspec

from deskmon.config.schema import FeedConfig
from deskmon.events import Encoded, FeedState
from deskmon.feedkit import Feed, FeedContext
from deskmon.hub.handover import FeedKeeper, Handover, Life, end
from deskmon.hub.own_process import OwnProcess
from deskmon.hub.running import emitter, run_once

log = logging.getLogger(__name__)

SAID_S = 60.0
"""Seconds for which the feed's detail says that it has moved."""


class MovedFeedKeeper(FeedKeeper, Protocol):
    """The feed's supervisor."""

    def moved(self) -> None:
        """From now on the feed runs in a process of its own."""
        ...


class MovableFeed:
    """Stands for a feed wherever it runs. Once it has moved it stays where it is, however often it is run again."""

    def __init__(
        self,
        label: str,
        config: FeedConfig,
        feed: Feed,
        keeper: MovedFeedKeeper,
        *,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        """`timer`: seconds."""
        self._label, self._config, self._feed = label, config, feed
        self._keeper, self._timer = keeper, timer
        self._process: OwnProcess | None = None
        self._handover: Handover | None = None
        self._asked = asyncio.Event()
        self._why = ""
        self._moved_at = 0.0
        self._topics: frozenset[str] = frozenset()

    @property
    def quiet_s(self) -> float:
        """As `Feed.quiet_s`."""
        return self._feed.quiet_s if self._process is None else self._process.quiet_s

    @property
    def has_moved(self) -> bool:
        """Whether it runs in a process of its own."""
        return self._process is not None

    @property
    def is_moving(self) -> bool:
        """Whether it is on its way there."""
        return self._process is None and self._asked.is_set()

    def words(self) -> str:
        """Where it goes or went, and why; "" where that is long ago."""
        if self.is_moving:
            return f"moves to a process of its own: {self._why}"
        is_news = self.has_moved and self._timer() - self._moved_at < SAID_S
        return f"moved to a process of its own: {self._why}" if is_news else ""

    def move(self, why: str) -> None:
        """Go on in a process of its own, for that reason."""
        log.info("feed %s moves to a process of its own: %s", self._label, why)
        self._why = why
        self._asked.set()

    def watch(self, topics: frozenset[str]) -> None:
        """As `Feed.watch`."""
        self._topics = topics
        if self._process is not None:
            self._process.watch(topics)
            return
        if self._handover is not None:
            self._handover.process.watch(topics)
        self._feed.watch(topics)

    async def run(self, context: FeedContext) -> None:
        """One life, as `Feed.run`. Raises what the feed raises, or as `OwnProcess.run`."""
        if self._process is not None:
            await self._process.run(context)
            return
        here: Life = asyncio.create_task(run_once(self._feed.run, self._in_the_hub(context)))
        try:
            while await self._is_to_move(here):
                handover = self._handover = Handover(
                    self._label, self._config, self._keeper, context, self._arrive, self._timer
                )
                handover.process.watch(self._topics)
                if await handover.hear_both(here):
                    break
                self._handover = None
                self._asked.clear()
            fault = here.result() if self._handover is None else await self._handover.life
        finally:
            self._asked.clear()
            await self._end(here)
        if fault is not None:
            raise fault

    async def _is_to_move(self, here: Life) -> bool:
        """Wait until it is asked to, or the run in the hub has ended."""
        asked = asyncio.create_task(self._asked.wait())
        try:
            await asyncio.wait((here, asked), return_when=asyncio.FIRST_COMPLETED)
        finally:
            asked.cancel()
        return not here.done()

    def _arrive(self) -> None:
        assert self._handover is not None
        self._process, self._moved_at = self._handover.process, self._timer()
        self._keeper.moved()

    async def _end(self, here: Life) -> None:
        handover, self._handover = self._handover, None
        if self._process is not None:  # its next life is the keeper's alone
            self._process = OwnProcess(self._label, self._config, self._keeper)
            self._process.watch(self._topics)
        await end(here, *(() if handover is None else (handover.life,)))

    def _in_the_hub(self, context: FeedContext) -> FeedContext:
        """The same for the run in the hub, of which nothing counts any more once the feed has moved."""

        def take(item: Encoded) -> None:
            if self._handover is None:
                self._keeper.take(item)
            else:
                self._handover.take_old(item)

        def say(state: FeedState, detail: str = "", channels: dict[str, str] | None = None) -> None:
            if not self.has_moved:
                context.status(state, detail, channels)

        return msgspec.structs.replace(context, emit=emitter(take, context.reject), status=say)
