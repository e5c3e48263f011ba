"""A journal as a timeline: what `deskmon replay` plays."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

import msgspec

from deskmon.clock import DAY, SECOND
from deskmon.events import (
    MIN_TS,
    CalendarEntry,
    Candle,
    DayValue,
    DepthSample,
    EtfFlow,
    Event,
    FeedStatus,
    Funding,
    Headline,
    Holding,
    HoldingTrade,
    Journal,
    LiquidationDay,
    Metric,
    Mode,
    OpenInterest,
    VolatilityIndex,
    Wave,
)
from deskmon.journal.checkpoints import checkpoints
from deskmon.journal.decoding import Ordered
from deskmon.journal.folder import open_at, read_between
from deskmon.journal.lines import ReadReport
from deskmon.journal.reader import Beginning, last_arrival, read_batches, read_events, read_header
from deskmon.timeline import Opening

FEED = "replay"
"""Name under which the journal itself stands among the feeds."""
_STATUS_EVERY = SECOND
_FIRST = 64
REMEMBERED = frozenset({
    OpenInterest, Funding, DepthSample, Candle, Metric, VolatilityIndex, EtfFlow, Holding, HoldingTrade, Headline,
    CalendarEntry, LiquidationDay, DayValue, Wave,
})  # fmt: skip
"""What a desk's own store holds: a journal may begin with months of it."""


class JournalTimeline:
    """The journal at `path`, played as a market of its own. Raises DeskError where it can't be opened or is no journal.

    start: the header's `started` where the events agree with it (they begin at most a day later and end after it), else
    the first arrival. What arrived before is history, and the header given on says so: its `started` is never after the
    first arrival, but for what a recording desk only remembered. end: the last arrival that is known: that of the
    file's last lines, and what a reading found beyond it. report: what the newest reading found so far.
    unread: whether books may come as `UnreadBook`, for who does nothing but fold what `events` gives. near: whether
    `events` may raise OutOfOrder the first time that it is called, for who folds it and can begin anew: which is faster
    as long as lines stand in order.
    Besides the journal's own events there is one of feed `replay` each second from the start on, which says what was
    left out.
    """

    mode: Mode = "replay"

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path).expanduser()
        self.report = ReadReport()
        self.unread = self.near = False
        header = read_header(self.path)
        passed_over = REMEMBERED if header.source == "recorded" else frozenset()
        self._beginning: Beginning | None = Beginning(self.path)
        arrivals = [(event.arrival, type(event) in passed_over) for event in self._beginning.first(_FIRST)]
        first = min((arrival for arrival, _ in arrivals), default=header.started)
        last = last_arrival(self.path)
        self.end: int | None = max(first, first if last is None else last)
        believable = header.started > MIN_TS and first - DAY <= header.started <= self.end
        self.start = header.started if believable else first
        heard = [arrival for arrival, is_remembered in arrivals if not is_remembered]
        self.header = msgspec.structs.replace(header, started=min([self.start, *heard]), mode="replay")

    def events(self) -> Iterator[Event]:
        """The journal's events and the statuses of feed `replay`, in order of arrival; fills `report`."""
        beginning = self._leave_beginning()
        # What it found may lie far ahead of the first events, where nobody is to hear of it yet.
        if self.unread and beginning is not None and not beginning.report.findings():
            self.report = beginning.report
            return self._with_statuses(beginning.batches(near=self.near), beginning.report)
        self.report = report = ReadReport()
        return self._with_statuses(read_batches(self.path, report, unread=self.unread), report)

    def between(self, start: int, end: int) -> Iterator[Event]:
        """The journal's own events that arrived from `start` to `end` (ms), in order of arrival; fills `report`. Of a
        folder only the segments of that time are read, so what its desk remembered later isn't among them."""
        self._leave_beginning()
        self.report = report = ReadReport()
        if self.path.is_dir():
            return read_between(self.path, start, end, report)
        return (event for event in read_events(self.path, report) if start <= event.arrival <= end)

    def _leave_beginning(self) -> Beginning | None:
        """What was read of the journal to learn when it starts: for the first who goes on from there, where that is of
        use; else it is let go, with the events that it holds."""
        beginning, self._beginning = self._beginning, None
        return beginning

    def _with_statuses(self, batches: Iterable[Ordered], report: ReadReport) -> Iterator[Event]:
        return chain.from_iterable(self._told(batches, report))

    def _told(self, batches: Iterable[Ordered], report: ReadReport) -> Iterator[Sequence[Event]]:
        """The batches, cut where a status stands."""
        due, told, arrival, count = self.start, 0, 0, 0
        event: Event | None = None
        for events, arrivals in batches:
            first, stop = 0, len(events)
            while first < stop:
                at = first if report.faults != told else bisect_left(arrivals, due, first)
                some = events[first : at + 1]
                count, event = count + len(some), some[-1]
                arrival = max(arrival, arrivals[min(at, stop - 1)])
                if self.end is None or arrival > self.end:
                    self.end = arrival
                yield some
                if at < stop:
                    due, told = max(due, arrival + _STATUS_EVERY), report.faults
                    yield [self._status(arrival, event.ts, count, report, "")]
                first = at + 1
        newest = None if event is None else event.ts
        yield [self._status(arrival or self.start, newest, count, report, " · end of the journal")]

    def _status(self, now: int, newest: int | None, count: int, report: ReadReport, more: str) -> FeedStatus:
        found = report.findings()
        detail = self.path.name + (f" · {found}" if found else "") + more
        return FeedStatus(
            ts=now, feed=FEED, state="live", detail=detail, last_event=newest, events=count, rejected=report.faults
        )


class FolderTimeline(JournalTimeline):
    """The same of a folder with checkpoints, so that it can begin near any of its moments."""

    def events_from(self, at: int) -> Opening | None:
        """What begins at the newest checkpoint of what had arrived by `at` (ms). None where there is no such
        checkpoint; fills `report`."""
        self._leave_beginning()
        self.report = report = ReadReport()
        opened = open_at(self.path, at, report, unread=self.unread)
        if not opened.checkpoint:
            return None
        return Opening(
            self.with_header(opened.checkpoint), opened.at, self._with_statuses(opened.reading.batches(), report)
        )

    def with_header(self, checkpoint: Sequence[Event]) -> list[Event]:
        """The events of a checkpoint under this market's header."""
        return [self.header if type(event) is Journal else event for event in checkpoint]


def open_timeline(path: str | Path) -> JournalTimeline:
    """The journal at `path`, from its checkpoints on where it is a folder that has some. Raises as `JournalTimeline`
    does."""
    folder = Path(path).expanduser()
    if folder.is_dir() and any(one.is_ours for one in checkpoints(folder)):
        return FolderTimeline(path)
    return JournalTimeline(path)
