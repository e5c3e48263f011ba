"""The events of a journal's lines: in order of arrival, and with a gap where damage left something out."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import islice
from operator import gt, itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from deskmon.events import Book, Event, Gap, decode_market_event
from deskmon.events.unread import UnreadBook
from deskmon.journal.lines import MAX_SMALL, ReadReport, decode_line
from deskmon.journal.source import END, Block, opened, tail

REORDER = 4_096
"""Events held back at least to put lines in order of arrival that are out of it."""
NEAR = 512
"""Events held back where a reading can begin anew. So few stay in the processor's cache, which takes a tenth of a
replay's time away."""
REORDER_BYTES = 2 * 1024 * 1024
"""Bytes of lines held back at most for that; an event takes up to twenty times as much as its line."""
FEED = "journal"
"""Name under which what a journal lost stands among the gaps."""
_ENDS = (16 * 1024, 256 * 1024)
"""Bytes at the end of a file in which its newest arrival is looked for, one after the other."""
_TAIL = 256 * 1024


class Decoded(NamedTuple):
    """Events of lines in a row, when each arrived (ms), and the length of its line in bytes, 0 where it has none."""

    events: list[Event]
    arrivals: list[int]
    sizes: list[int]


class Ordered(NamedTuple):
    """Events in order of arrival, and when each arrived (ms)."""

    events: list[Event]
    arrivals: list[int]


class OutOfOrder(Exception):
    """A line stands further from its place than `NEAR` events, or something was left out of what was read."""


class Order:
    """Holds events back for a while, so that they leave in order of arrival: `hold` of them at least, REORDER unless
    somebody says otherwise. Fewer are held only as long as that makes no difference: then OutOfOrder is raised."""

    def __init__(self, report: ReadReport) -> None:
        self.hold = REORDER
        self._report = report
        self._held = Ordered([], [])
        self._sizes: list[int] = []
        self._size = 0
        self._given = 0

    def put(self, decoded: Decoded) -> Ordered:
        """Hold events; those that have to leave for them."""
        held, (events, arrivals, sizes) = self._held, decoded
        if not arrivals:
            return Ordered([], [])
        place = bisect_right(held.arrivals, min(arrivals))
        held.events.extend(events)
        held.arrivals.extend(arrivals)
        self._sizes.extend(sizes)
        self._size += sum(sizes)
        self._sort(place)
        return self._leave(len(held.events) - self.hold)

    def rest(self) -> Ordered:
        """All that is still held."""
        return self._leave(len(self._held.events))

    def _sort(self, start: int) -> None:
        """Put in order what is held from index `start` on; of what arrived together the earlier line is first."""
        late = self._held.arrivals[start:]
        if not any(map(gt, late, islice(late, 1, None))):
            return
        times = list(map(float, late))  # compared in half the time
        in_order = itemgetter(*sorted(range(len(late)), key=times.__getitem__))
        self._held.events[start:] = in_order(self._held.events[start:])
        self._held.arrivals[start:] = in_order(late)
        self._sizes[start:] = in_order(self._sizes[start:])

    def _leave(self, count: int) -> Ordered:
        """The first `count`, and as many more as are too large to be held."""
        count = max(count, 0)
        left = sum(self._sizes[:count])
        while self._size - left > REORDER_BYTES:
            left += self._sizes[count]
            count += 1
        self._size -= left
        leaving = Ordered(self._held.events[:count], self._held.arrivals[:count])
        del self._held.events[:count], self._held.arrivals[:count], self._sizes[:count]
        late = bisect_left(leaving.arrivals, self._given)
        if self.hold < REORDER and (late or self._report.has_findings):
            raise OutOfOrder
        if count:
            self._report.unordered += late
            self._given = max(self._given, leaving.arrivals[-1])
        return leaving


class Decoder:
    """Decodes lines one file after the other. `newest` is the newest arrival so far (ms), 0 before the first event; for
    `unread` see `decode_block`."""

    def __init__(self, report: ReadReport, *, unread: bool = False) -> None:
        self.newest = 0
        self.torn = False
        """Whether something was left out since the last event."""
        self._report = report
        self._unread = unread

    def decode(self, block: Block | None) -> Decoded:
        """The events of a block of lines, None where damage left some out; a gap where something was left out before
        them."""
        if block is None:
            self.torn = True
            return Decoded([], [], [])
        events, sizes = decode_block(block, self._report, unread=self._unread)
        arrivals = [event.recv or event.ts for event in events]
        if events:
            if self.torn and self.newest:
                gap = _gap(self.newest, max(self.newest, arrivals[0]))
                events, arrivals, sizes = [gap, *events], [gap.ts, *arrivals], [0, *sizes]
            self.torn, self.newest = False, max(self.newest, max(arrivals))
        return Decoded(events, arrivals, sizes)

    def end(self) -> Decoded:
        """A gap where something was left out after the last event."""
        is_torn, self.torn = self.torn and self.newest > 0, False
        return Decoded([_gap(self.newest, self.newest)], [self.newest], [0]) if is_torn else Decoded([], [], [])


def decode_block(block: Block, report: ReadReport, *, unread: bool = False) -> tuple[list[Event], list[int]]:
    """The events of a block of lines, and the length of each line with its end. Where one of the lines is no event,
    `report` says what each has. `unread`: books may come as `UnreadBook`, to be folded and not otherwise looked at."""
    lines = [line for line in block.lines if line != END] if END in block.lines else block.lines
    sizes = list(map(len, lines))
    events = all_events(lines, unread) if max(sizes, default=0) <= MAX_SMALL else None
    if events is not None:
        report.events += len(events)
        return events, sizes
    events, sizes = [], []
    for number, line in enumerate(block.lines, block.number):
        event = decode_line(line.removesuffix(END), number, report) if line and not line.isspace() else None
        if event is not None:
            events.append(event)
            sizes.append(len(line))
    return events, sizes


def all_events(lines: list[bytes], unread: bool = False) -> list[Event] | None:
    """The events of lines, None unless each line is one, as in nearly every block: nothing else is done for a line."""
    try:
        return _books_unread(lines) if unread else list(map(decode_market_event, lines))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _books_unread(lines: list[bytes]) -> list[Any]:
    decode = decode_market_event
    return [
        event
        if type(event := decode(line)) is not Book
        else UnreadBook(event.ts, event.recv, event.venue, event.symbol, line)
        for line in lines
    ]


def _gap(since: int, until: int) -> Gap:
    return Gap(ts=until, feed=FEED, venue=FEED, channel="all", since=since, until=until, dropped=0)


def file_arrival(path: Path) -> int | None:
    """The newest arrival (ms) among the last lines of a file, or None where none of them is an event."""
    with opened(path, _ENDS[0]) as file:
        for size in _ENDS:
            end = b""
            for piece in tail(file, ReadReport(), size):
                end = (end + (piece or b"\n"))[-2 * _TAIL :]
            lines = end[-_TAIL:].split(b"\n")
            events = (decode_line(line, 0, ReadReport()) for line in lines if line)
            arrival = max((event.arrival for event in events if event is not None), default=None)
            if arrival is not None:
                return arrival
    return None
