"""A journal as a timeline: what `deskmon replay` plays."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import msgspec

from deskmon.clock import DAY, SECOND
from deskmon.events import MIN_TS, DepthSample, Event, FeedStatus, Funding, Mode, OpenInterest
from deskmon.journal.lines import Report
from deskmon.journal.reader import last_arrival, read_events, read_header

FEED = "replay"
"""Name under which the journal itself stands among the feeds."""
_STATUS_EVERY = SECOND
_FIRST = 64
_REMEMBERED = frozenset({OpenInterest, Funding, DepthSample})
"""What a desk's own store holds: a journal may begin with months of it."""


class JournalTimeline:
    """The journal at `path`, played as a market of its own. Raises DeskError where it can't be opened or is no journal.

    start: the header's `started` where the events agree with it (they begin at most a day later and end after it), else
    the first arrival. What arrived before is history, and the header given on says so: its `started` is never after the
    first arrival, but for what a recording desk only remembered. end: the last arrival. report: what the newest reading
    found so far.
    Besides the journal's own events there is one of feed `replay` each second from the start on, which says what was
    left out.
    """

    mode: Mode = "replay"

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path).expanduser()
        self.report = Report()
        header = read_header(self.path)
        events = list(islice(read_events(self.path, Report()), _FIRST))
        first = min((event.arrival for event in events), default=header.started)
        last = last_arrival(self.path)
        self.end: int | None = max(first, first if last is None else last)
        believable = header.started > MIN_TS and first - DAY <= header.started <= self.end
        self.start = header.started if believable else first
        passed_over = _REMEMBERED if header.source == "recorded" else frozenset()
        heard = [event.arrival for event in events if type(event) not in passed_over]
        self.header = msgspec.structs.replace(header, started=min([self.start, *heard]), mode="replay")

    def events(self) -> Iterator[Event]:
        """The journal's events and the statuses of feed `replay`, in order of arrival; fills `report`."""
        self.report = report = Report()
        due, told, arrival, count = self.start, 0, 0, 0
        event: Event | None = None
        for event in read_events(self.path, report):
            yield event
            count += 1
            arrival = max(arrival, event.arrival)
            if event.arrival >= due or report.rejected != told:
                due, told = max(due, arrival + _STATUS_EVERY), report.rejected
                yield self._status(arrival, event.ts, count, report, "")
        yield self._status(
            arrival or self.start, None if event is None else event.ts, count, report, " · end of the journal"
        )

    def _status(self, now: int, newest: int | None, count: int, report: Report, more: str) -> FeedStatus:
        found = report.summary().partition("; ")[2]
        detail = self.path.name + (f" · {found}" if found else "") + more
        return FeedStatus(
            ts=now, feed=FEED, state="live", detail=detail, last_event=newest, events=count, rejected=report.rejected
        )
