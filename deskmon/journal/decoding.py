"""The events of a journal's lines: in order of arrival, and with a gap where damage left something out."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator, Sequence
from operator import itemgetter
from pathlib import Path

from deskmon.events import Event, Gap
from deskmon.journal.lines import ReadReport, decode_line
from deskmon.journal.source import Lines, opened, tail

REORDER = 4_096
"""Events held back to put lines in order of arrival that are out of it."""
TOGETHER = 256
"""Events that leave at once."""
REORDER_BYTES = 2 * 1024 * 1024
"""Bytes of lines held back for that; an event takes up to twenty times as much as its line."""
FEED = "journal"
"""Name under which what a journal lost stands among the gaps."""
_ENDS = (16 * 1024, 256 * 1024)
"""Bytes at the end of a file in which its newest arrival is looked for, one after the other."""
_TAIL = 256 * 1024
_arrival = itemgetter(0)


class Order:
    """Holds events back for a while, so that they leave in order of arrival."""

    def __init__(self, report: ReadReport) -> None:
        self._report = report
        self._held: list[tuple[int, int, Event]] = []
        self._size = 0
        self._newest = 0
        self._given = 0

    def put(self, event: Event, size: int) -> Sequence[Event]:
        """Hold an event of `size` bytes; those that have to leave for it, many at once."""
        arrival = event.arrival
        if arrival >= self._newest:
            self._newest = arrival
            self._held.append((arrival, size, event))
        else:
            insort(self._held, (arrival, size, event), key=_arrival)
        self._size += size
        if len(self._held) >= REORDER + TOGETHER or self._size > REORDER_BYTES:
            return self._leave(len(self._held) - REORDER)
        return ()

    def rest(self) -> Sequence[Event]:
        """All that is still held."""
        return self._leave(len(self._held))

    def _leave(self, count: int) -> Sequence[Event]:
        """The first `count`, and as many more as are too large to be held."""
        held, over = self._held, self._size - REORDER_BYTES
        count = max(count, 0)
        left = sum(size for _, size, _ in held[:count])
        while left < over:
            left += held[count][1]
            count += 1
        leaving, self._size = held[:count], self._size - left
        del held[:count]
        for arrival, _, _ in leaving:
            if arrival < self._given:
                self._report.unordered += 1
            else:
                self._given = arrival
        return [event for _, _, event in leaving]


class Decoder:
    """Decodes lines one file after the other. `newest` is the newest arrival so far (ms), 0 before the first event."""

    def __init__(self, report: ReadReport) -> None:
        self.newest = 0
        self.torn = False
        """Whether something was left out since the last event."""
        self._report = report

    def events(self, lines: Lines, each: Iterator[bytes | None]) -> Iterator[tuple[Event, int]]:
        """The events of what is left of `lines`, each with the length of its line; gaps where something was left
        out."""
        for line in each:
            if line is None:
                self.torn = True
                continue
            if not line or line.isspace():
                continue
            event = decode_line(line, lines.number, self._report)
            if event is None:
                continue
            arrival = event.arrival
            if self.torn and self.newest:
                yield _gap(self.newest, max(self.newest, arrival)), 0
            self.torn, self.newest = False, max(self.newest, arrival)
            yield event, len(line)

    def end(self) -> Iterator[tuple[Event, int]]:
        """A gap where something was left out after the last event."""
        if self.torn and self.newest:
            yield _gap(self.newest, self.newest), 0
        self.torn = False


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
