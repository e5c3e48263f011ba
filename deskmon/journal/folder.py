"""A journal in a folder, read: whole, from a moment on with the checkpoint before it, and while it is written.

```python
opened = open_at(folder, at)
model.apply(opened.checkpoint)             # may be empty: then the events begin with the folder
model.apply(takewhile(lambda event: event.arrival <= at, opened.reading.events()))
...
model.apply(opened.reading.events())       # what was left, and what was written since; again and again
```
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from deskmon.errors import DeskError
from deskmon.events import MAX_TS, Event, Journal
from deskmon.journal.checkpoints import Place, checkpoints, read_checkpoint
from deskmon.journal.decoding import Decoder, Order, Ordered, file_arrival
from deskmon.journal.header import header_of
from deskmon.journal.lines import ReadReport
from deskmon.journal.segments import segments
from deskmon.journal.source import END, Block, Lines

_HEADER = (b'{"type":"journal"',)
_MOMENTARY = (*_HEADER, *(b'{"type":"%b"' % kind for kind in (b"ticker", b"book", b"option", b"feed_status")))

BEGINNING = Place(0, 0)
"""Before the first segment."""


class Reading:
    """Reads a folder from `place` on: each call of `events` goes on where the last one ended. `place` moves.

    Of segments with a number below `whole_from`, what is of its moment alone (quotes, books) is passed over. Segments
    after number `last` aren't read. For `unread` see `decode_block`."""

    def __init__(
        self,
        folder: Path,
        report: ReadReport,
        place: Place = BEGINNING,
        whole_from: int = 0,
        last: int | None = None,
        unread: bool = False,
    ) -> None:
        self.place = place
        """Where the next frame to be read begins. It moves when `events` has given all that there is."""
        self._whole_from = whole_from
        self._last = last
        self._folder = folder
        self._report = report
        self._decoder = Decoder(report, unread=unread)

    def events(self) -> Iterator[Event]:
        """As `batches`, an event after the other."""
        return chain.from_iterable(batch.events for batch in self.batches())

    def batches(self, order: Order | None = None) -> Iterator[Ordered]:
        """The events up to the present end, in order of arrival as `read_events` has it, by `order` if given. A frame
        that is still being written is left for the next call. A call that wasn't finished begins again where it began.
        Raises DeskError."""
        order, place = order or Order(self._report), self.place
        for segment in segments(self._folder):
            if segment.number < place.number:
                continue
            if self._last is not None and segment.number > self._last:
                break
            if segment.number > place.number + 1 and place.number:
                first, last = place.number + 1, segment.number - 1
                self._lose(f"segment {first}" if first == last else f"segments {first} to {last}", 0, "missing")
            start = place.offset if segment.number == place.number else 0
            lines = Lines(segment.path, self._report, start=start, growing=segment.until is None)
            self._report.file = segment.path.name
            passed_over = _MOMENTARY if segment.number < self._whole_from else _HEADER
            try:
                for block in lines.blocks():
                    yield order.put(self._decoder.decode(block and _without(passed_over, block)))
            except DeskError as fault:
                self._lose(segment.path.name, segment.bytes, fault.message)
            place = Place(segment.number, lines.offset)
        yield order.put(self._decoder.end())
        yield order.rest()
        self.place = place

    def _lose(self, name: str, size: int, reason: str) -> None:
        self._decoder.torn, self._report.file = True, name
        self._report.damage(0, size, reason)


@dataclass(frozen=True, slots=True)
class Opened:
    """A folder opened at a moment. `checkpoint`: events that make any model one that knows all that was written before
    `reading`, empty where there is no such checkpoint. `at`: up to when the checkpoint knows what arrived (ms).
    `since`: when the first segment that is read was begun (ms), 0 where there is none."""

    checkpoint: Sequence[Event]
    at: int
    since: int
    reading: Reading


def open_at(
    folder: Path, at: int, report: ReadReport | None = None, *, back: int | None = None, before: int | None = None,
    unread: bool = False,
) -> Opened:  # fmt: skip
    """The newest checkpoint of what had arrived by `at` (ms), and what follows: of the segments no byte before that is
    read. A checkpoint that can't be read, or that knows of a time after `before` (ms), is passed over for the one
    before it. Without one the events are those of the whole folder, or of the segments that were written in the time
    `back` (ms) before, quotes and books of the newest two alone. For `unread` see
    `decode_block`. Raises DeskError for the folder."""
    report = ReadReport() if report is None else report
    listed = segments(folder)
    there = {segment.number: segment for segment in listed}
    newest = at if before is None else min(at, before)
    usable = [one for one in checkpoints(folder) if one.is_ours and one.at <= newest]
    for one in reversed(usable):
        segment = there.get(one.place.number)
        if segment is None or segment.bytes < one.place.offset:
            continue
        events = read_checkpoint(one.path)
        if events:
            return Opened(events, one.at, segment.first, Reading(folder, report, one.place, unread=unread))
    read = [one for one in listed if back is None or one.until is None or one.until >= at - back]
    first = read[0] if read else None
    if first is None or back is None:
        return Opened((), 0, 0 if first is None else first.first, Reading(folder, report, unread=unread))
    reading = Reading(folder, report, Place(first.number, 0), whole_from=read[-2:][0].number, unread=unread)
    return Opened((), 0, first.first, reading)


def read_folder(folder: Path, report: ReadReport, order: Order, *, unread: bool = False) -> Iterator[Ordered]:
    """All events of a folder, as `read_batches` gives them."""
    return Reading(folder, report, unread=unread).batches(order)


def read_between(folder: Path, start: int, end: int, report: ReadReport) -> Iterator[Event]:
    """The events of a folder that arrived from `start` to `end` (ms), in order of arrival: of the segments that may
    have been written then, no other is opened. Raises DeskError for the folder."""
    read = [
        one.number
        for one in segments(folder)
        if one.first <= end and (one.until is None or not one.first <= one.until < start)
    ]
    if not read:
        return iter(())
    events = Reading(folder, report, Place(read[0], 0), last=read[-1]).events()
    return (event for event in events if start <= event.arrival <= end)


def read_after(folder: Path, since: int, report: ReadReport) -> Iterator[Event]:
    """The events of a folder that arrived after `since` (ms), in order of arrival: no byte before the last checkpoint
    of that time is read, whatever its shape. Raises DeskError for the folder."""
    places = [one.place for one in checkpoints(folder) if one.at <= since]
    if not places:
        return (event for event in read_between(folder, since, MAX_TS, report) if event.arrival > since)
    return (event for event in Reading(folder, report, places[-1]).events() if event.arrival > since)


def folder_header(folder: Path) -> Journal:
    """The header of the first segment that has one. Raises DeskError where none has."""
    fault: DeskError | None = None
    for segment in segments(folder):
        report = ReadReport()
        try:
            return header_of(segment.path, next(iter(Lines(segment.path, report)), b""), report)
        except DeskError as found:
            fault = fault or found
    raise fault or DeskError(f"{folder}: a folder without segments of a journal", "give the path of a file")


def folder_arrival(folder: Path) -> int | None:
    """The newest arrival (ms) in the newest segment that holds an event, None where none does."""
    arrivals = (file_arrival(segment.path) for segment in reversed(segments(folder)))
    return next((arrival for arrival in arrivals if arrival is not None), None)


def _without(beginnings: tuple[bytes, ...], block: Block) -> Block:
    """A segment's lines, blank where they begin so: its header at least, since a folder has that of its first
    segment."""
    return Block(block.number, [END if line.startswith(beginnings) else line for line in block.lines])
