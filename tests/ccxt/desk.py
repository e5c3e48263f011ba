"""A desk for one feed: it collects what the feed emits and says, and waits for what a test expects."""

from __future__ import annotations

import asyncio
import os
import random
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from deskmon.errors import DeskError
from deskmon.feedkit import FeedContext
from deskmon.feeds.ccxt import CcxtFeed

RECORDED = Path(os.environ.get("DESKMON_RECORDED", Path(__file__).parents[3] / "shared" / "data"))

recorded = pytest.mark.skipif(not RECORDED.is_dir(), reason="recorded data is not beside this checkout")


native = True
"""Whether feeds take our own path; the fixture `path` sets it."""

both_paths = pytest.mark.parametrize("path", ["own", "ccxt"], indirect=True)
"""Of a module whose every test runs on both paths."""


class Desk:
    """What a hub would have: events in order, status lines, rejected messages, count of reconnects."""

    def __init__(self) -> None:
        self.events: list = []
        self.statuses: list[tuple] = []
        self.rejected: list[tuple] = []
        self.reconnects = 0
        self.slept: list[float] = []
        self.changed = asyncio.Event()
        self.context = FeedContext(
            emit=self._emit,
            status=self._status,
            reject=self._reject,
            reconnected=self._reconnected,
            rng=random.Random(1),
            sleep=self._sleep,
        )

    async def _sleep(self, seconds: float) -> None:
        """A feed's second passes in 20 ms here, and no pause takes longer than one such second."""
        self.slept.append(seconds)
        await asyncio.sleep(min(seconds, 1.0) / 50)

    def _emit(self, event) -> None:
        self.events.append(event)
        self.changed.set()

    def _status(self, state, detail, channels=None) -> None:
        if not self.statuses or self.statuses[-1] != (state, detail, channels):
            self.statuses.append((state, detail, channels))
            self.changed.set()

    def _reject(self, raw, reason) -> None:
        self.rejected.append((raw, reason))
        self.changed.set()

    def _reconnected(self) -> None:
        self.reconnects += 1

    def of(self, kind, /, **fields) -> list:
        """Events of a kind whose fields have these values."""
        return [e for e in self.events if type(e) is kind and all(getattr(e, k) == v for k, v in fields.items())]

    def said(self, words: str) -> bool:
        """Whether some status line held `words`, in its detail or in a channel."""
        return any(words in f"{detail} {channels}" for _state, detail, channels in self.statuses)

    async def until(self, met, seconds: float = 30.0) -> None:
        """Wait until `met()` holds; the failure says what the desk knew."""
        try:
            async with asyncio.timeout(seconds):
                while not met():
                    self.changed.clear()
                    with suppress(TimeoutError):
                        async with asyncio.timeout(0.1):
                            await self.changed.wait()
        except TimeoutError:
            pytest.fail(
                f"it never came; {len(self.events)} events, statuses {self.statuses[-3:]}, "
                f"rejected {[reason for _, reason in self.rejected[-5:]]}"
            )


@asynccontextmanager
async def running(**options):
    """A desk with a ccxt feed of these options running; cancelled and closed at the end."""
    desk = Desk()
    feed = CcxtFeed("test", CcxtFeed.Options(**{"native": native, **options}))
    task = asyncio.create_task(feed.run(desk.context))
    desk.task = task
    try:
        yield desk
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, DeskError):
            await task
