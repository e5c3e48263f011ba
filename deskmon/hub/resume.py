"""What a live desk knew when it last ran: its newest checkpoint, and what its journal holds after that."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from pathlib import Path

from msgspec.structs import replace

from deskmon import format as fmt
from deskmon.clock import DAY, STEP, Clock
from deskmon.errors import DeskError
from deskmon.events import Event, FeedStatus, Gap, Journal
from deskmon.hub.missed import LONGEST, OVERLAP, AskOthers, news
from deskmon.hub.recorder import FEED as JOURNAL
from deskmon.hub.stream import Stream
from deskmon.hub.supervisor import Supervisor
from deskmon.journal import Opened, ReadReport, open_at
from deskmon.model import Model
from deskmon.pins import OperatorPins

log = logging.getLogger(__name__)

FEED = "hub"
"""Name under which the time that the desk didn't run stands among the gaps."""
ATTEMPTS = 3
"""Checkpoints that are tried: where a model can't take these it takes none of their kind."""
CHUNK = 250
"""Events that are read and folded at once."""


class Past:
    """What a folder tells of the time before now. A fault costs the past, and is told in the log."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._until = clock.now() + STEP
        self.newest = 0
        """The newest arrival that was folded (ms), 0 where there is no past."""
        self._oldest = 0
        self._ahead = 0

    async def resume(
        self,
        stream: Stream,
        header: Journal,
        supervisors: Sequence[Supervisor],
        pins: OperatorPins,
        ask_others: AskOthers | None = None,
    ) -> None:
        """Make the stream's model one that knows it and goes on from there, if there is any: under the header of this
        run, with these feeds and pins. `ask_others` asks the desk's other hubs for the time between. Whoever subscribes
        may begin."""
        async with stream.held():
            await self._fold(stream)
            if not self.newest:
                return
            known, heard = self.newest, await self._fill(stream, ask_others)
            model, now = stream.model, self._clock.now()
            began = header.started if model.header is None else min(model.header.started, now)
            feeds = model.feeds.figures(now)
            for supervisor in supervisors:
                if (feed := feeds.get(supervisor.label)) is not None:
                    supervisor.missed(self.newest if feed.venue in heard else known, feed.venue)
            labels = {supervisor.label for supervisor in supervisors}
            reports = (supervisor.report(now) for supervisor in supervisors)
            begin = [status for status in reports if status is not None]  # none of them is live yet
            news = [*closing(model, self.newest, now, labels), *begin, *self._words(now), *pins.events(now)]
            stream.recall([replace(header, started=began), *news])
            stream.restart()
        stream.begun.set()

    async def _fold(self, stream: Stream) -> None:
        """Fold what there is, in turns of the loop."""
        report = ReadReport()
        try:
            opened = await self._restored(stream, report)
            if opened is None:
                return
            tail = self._tail(opened)
            while chunk := await asyncio.to_thread(lambda: list(islice(tail, CHUNK))):
                self.newest = max(self.newest, *(event.arrival for event in chunk))
                stream.apply(chunk)
        except DeskError as fault:
            log.warning("journal: what the desk knew can't be read: %s", fault)
        if report.faults or report.cut:
            log.warning("journal: of what the desk knew, %s", report.summary())

    async def _fill(self, stream: Stream, ask_others: AskOthers | None) -> set[str]:
        """Fold what another hub of the desk tells of the time since; the venues that it heard."""
        missed = None
        if ask_others is not None and self._clock.now() - self.newest <= LONGEST - OVERLAP:
            missed = await ask_others(self.newest - OVERLAP)
        if missed is None:
            return set()
        events = news(missed, self.newest)
        log.info("hub %s told %d events of the time that this one didn't run", missed.hub, len(events))
        for at in range(0, len(events), CHUNK):
            stream.recall(chunk := events[at : at + CHUNK])
            self.newest = max(self.newest, *(event.arrival for event in chunk if event.arrival <= self._clock.now()))
            await asyncio.sleep(0)
        return {venue for event in events if isinstance(venue := getattr(event, "venue", None), str)}

    def covers(self, ts: int) -> bool:
        """Whether all that was heard at a time (ms) is folded."""
        return self._oldest <= ts <= self.newest

    def _words(self, now: int) -> Iterator[FeedStatus]:
        """What has to be said of what was left out."""
        if self._ahead:
            words = (
                f"the machine's clock went back: what arrived up to {fmt.age(self._ahead - now)} after now is left out"
            )
            log.warning("journal: %s", words)
            yield FeedStatus(ts=now, feed=JOURNAL, state="stale", detail=words, service=True)

    async def _restored(self, stream: Stream, report: ReadReport) -> Opened | None:
        """The folder, opened behind the newest checkpoint that the model can take."""
        before = self._until
        for _ in range(ATTEMPTS):
            opened = await asyncio.to_thread(self._open, before, report)
            if opened is None or not opened.checkpoint:
                break
            for event in opened.checkpoint:
                stream.apply([event])
                await asyncio.sleep(0)
            if not stream.model.rejected:
                self.newest = opened.at
                return opened
            log.warning("journal: a checkpoint is left out: %s", stream.model.samples[0][1])
            stream.model.clear()
            before = opened.at - 1
        else:
            opened = await asyncio.to_thread(self._open, 0, report)
        if opened is not None:
            self._oldest = opened.since
            stream.apply([Journal(version=1, source="live", started=opened.since)])
        return opened

    def _open(self, before: int, report: ReadReport) -> Opened | None:
        """The folder with the newest checkpoint of the time before; None where there is nothing. Raises DeskError."""
        if not self._folder.is_dir():
            return None
        opened = open_at(self._folder, self._until, report, back=DAY, before=before)
        return opened if opened.checkpoint or opened.since else None

    def _tail(self, opened: Opened) -> Iterator[Event]:
        for event in opened.reading.events():
            if event.arrival <= self._until:
                yield event
            else:
                self._ahead = max(self._ahead, event.arrival)


def closing(model: Model, since: int, now: int, feeds: Collection[str]) -> list[Event]:
    """What has to be said to a desk that knew all up to `since` and goes on at `now` (ms) with these feeds: it missed
    the time between, nobody shows the pins and the other feeds of then any more."""
    events: list[Event] = [
        Gap(ts=now, feed=FEED, venue=FEED, channel="all", since=min(since, now), until=now, dropped=0)
    ]
    events += (replace(pin, ts=now, recv=None, removed=True) for pin in model.levels.pins)
    events += (
        FeedStatus(ts=now, feed=name, state="removed", detail="of another run")
        for name, figure in model.feeds.figures(now).items()
        if name not in feeds or figure.service
    )
    return events
