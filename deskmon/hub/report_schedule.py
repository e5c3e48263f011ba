"""The week's report at its time: a process of its own makes it of the hub's journal, and routes tell that it is there.

A file's name says of which time it is, so a file that is there is a report that was made: after a restart, and of two
hubs with one folder, none is made twice. One that could not be made is tried again while its time isn't long past.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from deskmon import format as fmt
from deskmon.background import keep_running, start
from deskmon.clock import HOUR
from deskmon.config.places import report_folder
from deskmon.config.schema import Config
from deskmon.delivery.notice import Notice
from deskmon.errors import DeskError
from deskmon.events import FeedState, FeedStatus
from deskmon.hub.companions import DueStatus
from deskmon.hub.hub import Hub

log = logging.getLogger(__name__)

FEED = "report"
"""Name under which the schedule stands among the feeds."""
LOOK_S = 20.0
"""Seconds between two looks at the clock, which may be set."""
AGAIN_S = 600.0
LATE = 24 * HOUR
"""A report whose time is longer ago (ms) is made no more."""

Make = Callable[[Path, int], Awaitable[str]]
"""Makes the report that ends at a time (ms) and writes it into a file; gives its text."""


class ReportSchedule:
    """Makes a report whenever the configuration's schedule says so."""

    def __init__(
        self, config: Config, now: Callable[[], int], oldest: Callable[[], int | None], make: Make,
        tell: Callable[[Notice], object],
    ) -> None:  # fmt: skip
        """`now` tells the desk's time (ms), `oldest` since when (ms) it is remembered; `tell` takes what routes are
        told."""
        self.config, self._now, self._oldest, self._make, self._tell = config, now, oldest, make, tell
        self._state: FeedState = "live"
        self._detail = ""
        self._due = DueStatus()

    def reload(self, config: Config) -> None:
        """Take another schedule, or none."""
        self.config = config

    async def run(self) -> None:
        """Look at the clock until cancelled."""
        while True:
            pause = LOOK_S if await self.look() else AGAIN_S
            await asyncio.sleep(pause)

    async def look(self) -> bool:
        """Make the report that is due, if any; whether none is missing."""
        times = self.config.report.times
        if times is None:
            self._detail = ""
            return True
        now = self._now()
        due = times.newest(now)
        path = report_folder(self.config.report) / f"report-{fmt.date(due)}T{fmt.clock(due)[:5].replace(':', '')}Z.html"
        oldest = self._oldest()
        is_told = oldest is not None and oldest < due  # of a time before there is nothing to tell
        if is_told and now - due <= LATE and not await asyncio.to_thread(path.exists):
            try:
                text = await self._make(path, due)
            except DeskError as fault:
                log.error("the report of %s was not made: %s", fmt.date(due), fault)
                self._state, self._detail = "down", str(fault)
                return False
            log.info("the report of %s was written: %s", fmt.date(due), path)
            words = f"the report to {fmt.date(due)} {fmt.clock(due)[:5]}Z is {path}"
            self._tell(Notice(FEED, "written", ts=now, since=due, severity="info", text=words, body=text))
        following = times.next(now)
        self._state, self._detail = "live", f"next {fmt.date(following)} {fmt.clock(following)[:5]}Z"
        return True

    def report(self, now: int) -> FeedStatus | None:
        """How the schedule is, where there is one: at each change and every five seconds."""
        if not self._detail:
            return None
        status = FeedStatus(ts=now, feed=FEED, state=self._state, detail=self._detail[:500], service=True)
        return self._due.of(status)


@asynccontextmanager
async def report_endpoint(hub: Hub, config: Config, tell: Callable[[Notice], object]) -> AsyncIterator[ReportSchedule]:
    """Make a live hub's reports at their times while the block runs, of its rolling journal."""

    async def make(path: Path, due: int) -> str:
        if hub.journal_folder is None:
            raise DeskError("this hub keeps no journal to make it of", "[journal] enabled = true keeps one")
        from deskmon.report.asking import report_written  # once a week

        return await report_written(made.config, hub.journal_folder, due, path)

    def oldest() -> int | None:
        files = hub.status.journal
        return None if files is None else files.oldest

    made = ReportSchedule(config, lambda: hub.now, oldest, make, tell)

    async def keep() -> None:
        await hub.stream.begun.wait()
        if hub.mode == "live":
            await keep_running(made.run, FEED)

    hub.reporters.append(made)
    hub.on_reload.append(made.reload)
    keeping = start(keep(), "reports at their times")
    try:
        yield made
    finally:
        hub.reporters.remove(made)
        hub.on_reload.remove(made.reload)
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
