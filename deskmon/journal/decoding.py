"""The events of a journal's lines: in order of arrival, and with a gap where damage left something out."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from pathlib import Path
from typing import NamedTuple

import msgspec

from deskmon.events import Event, Gap, Journal, decode_lines
from deskmon.journal.lines import MAX_SMALL, ReadReport, decode_line
from deskmon.journal.source import Block, opened, tail

REORDER = 4_096
"""Events held back at least to put lines in order of arrival that are out of it."""
REORDER_BYTES = 2 * 1024 * 1024
"""Bytes of lines held back at most for that; an event takes up to twenty times as much as its line."""
FEED = "journal"
"""Name under which what a journal lost stands among the gaps."""
_ENDS = (16 * 1024, 256 * 1024)
"""Bytes at the end of a file in which its newest arrival is looked for, one after the other."""
_TAIL = 256 * 1024


class Decoded(NamedTuple):
    """Events of lines in a row, and the length of each line in bytes, 0 where an event is none's."""

    events: list[Event]
    sizes: list[int]


class Ordered(NamedTuple):
    """Events in order of arrival, and when each arrived (ms)."""

    events: list[Event]
    arrivals: list[int]


class Order:
    """Holds events back for a while, so that they leave in order of arrival."""

    def __init__(self, report: ReadReport) -> None:
        self._report = report
        self._held = Ordered([], [])
        self._sizes: list[int] = []
        self._size = 0
        self._given = 0

    def put(self, decoded: Decoded) -> Ordered:
        """Hold events; those that have to leave for them."""
        held, arrivals = self._held, [event.recv or event.ts for event in decoded.events]
        if not arrivals:
            return Ordered([], [])
        place = bisect_right(held.arrivals, min(arrivals))
        held.events.extend(decoded.events)
        held.arrivals.extend(arrivals)
        self._sizes.extend(decoded.sizes)
        self._size += sum(decoded.sizes)
        self._sort(place)
        return self._leave(len(held.events) - REORDER)

    def rest(self) -> Ordered:
        """All that is still held."""
        return self._leave(len(self._held.events))

    def _sort(self, start: int) -> None:
        """Put in order what is held from index `start` on; of what arrived together the earlier line is first."""
        late = self._held.arrivals[start:]
        order = sorted(range(len(late)), key=late.__getitem__)
        if order != list(range(len(late))):
            events, sizes = self._held.events[start:], self._sizes[start:]
            self._held.events[start:] = map(events.__getitem__, order)
            self._held.arrivals[start:] = map(late.__getitem__, order)
            self._sizes[start:] = map(sizes.__getitem__, order)

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
        if count:
            self._report.unordered += bisect_left(leaving.arrivals, self._given)
            self._given = max(self._given, leaving.arrivals[-1])
        return leaving


class Decoder:
    """Decodes lines one file after the other. `newest` is the newest arrival so far (ms), 0 before the first event."""

    def __init__(self, report: ReadReport) -> None:
        self.newest = 0
        self.torn = False
        """Whether something was left out since the last event."""
        self._report = report

    def decode(self, block: Block | None) -> Decoded:
        """The events of a block of lines, None where damage left some out; a gap where something was left out before
        them."""
        if block is None:
            self.torn = True
            return Decoded([], [])
        events, sizes = decode_block(block, self._report)
        if events:
            arrivals = [event.recv or event.ts for event in events]
            if self.torn and self.newest:
                events.insert(0, _gap(self.newest, max(self.newest, arrivals[0])))
                sizes.insert(0, 0)
            self.torn, self.newest = False, max(self.newest, *arrivals)
        return Decoded(events, sizes)

    def end(self) -> Decoded:
        """A gap where something was left out after the last event."""
        gaps: list[Event] = [_gap(self.newest, self.newest)] if self.torn and self.newest else []
        self.torn = False
        return Decoded(gaps, [0] * len(gaps))


def decode_block(block: Block, report: ReadReport) -> Decoded:
    """The events of a block of lines. They are decoded together; where that fails each line alone, so that `report`
    says what each of those has that are left out."""
    lines = [line for line in block.lines if line]
    sizes = list(map(len, lines))
    together = _decode_together(lines) if max(sizes, default=0) <= MAX_SMALL else None
    if together is not None:
        report.events += len(together)
        return Decoded(together, sizes)
    events: list[Event] = []
    sizes = []
    for number, line in enumerate(block.lines, block.number):
        event = decode_line(line, number, report) if line and not line.isspace() else None
        if event is not None:
            events.append(event)
            sizes.append(len(line))
    return Decoded(events, sizes)


def _decode_together(lines: list[bytes]) -> list[Event] | None:
    """The events of lines, None unless each line is one event.

    The decoder takes objects as they follow, whatever lies between. But where a line ends with `}` and the next begins
    with `{`, one object ends and another begins: inside of one, neither a text nor a list goes on like that. So as many
    events as lines are an event on each line."""
    joined = b"\n".join(lines)
    if not (joined.startswith(b"{") and joined.endswith(b"}") and joined.count(b"}\n{") == len(lines) - 1):
        return None
    try:
        events = decode_lines(joined)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return [*events] if len(events) == len(lines) and Journal not in map(type, events) else None


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
