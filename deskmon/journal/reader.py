"""Reads a journal as a stream: a little memory whatever its size, and no line that can stop the reading."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path

from deskmon.events import Event, Journal
from deskmon.journal.decoding import NEAR, Decoder, Order, Ordered, file_arrival
from deskmon.journal.folder import folder_arrival, folder_header, read_folder
from deskmon.journal.header import header_of
from deskmon.journal.lines import ReadReport
from deskmon.journal.source import END, Block, Lines


def read_header(path: str | Path) -> Journal:
    """The header of a journal, of a folder that of its first segment. Raises DeskError that names the file, what is
    wrong with it and what to do."""
    path = Path(path)
    if path.is_dir():
        return folder_header(path)
    report = ReadReport()
    return header_of(path, next(iter(Lines(path, report)), b""), report)


def read_events(path: str | Path, report: ReadReport) -> Iterator[Event]:
    """The events of a journal, a file or a folder of segments, in order of arrival; what is left out is counted in
    `report`.

    Lines out of order are put in order as long as fewer than REORDER events, and REORDER_BYTES, lie between; one that
    is further off comes where it stands, and is counted. Where damage left something out, or a segment is missing,
    there is a Gap of feed `journal` from the newest arrival before to the first one after it. Raises DeskError where
    the file can't be read or doesn't begin with a journal's header.
    """
    return chain.from_iterable(batch.events for batch in read_batches(path, report))


def read_batches(
    path: str | Path, report: ReadReport, order: Order | None = None, *, unread: bool = False
) -> Iterator[Ordered]:
    """The same many at a time, by `order` if given; an event that comes late stands at the beginning of a batch. For
    `unread` see `decode_block`."""
    path, order = Path(path), order or Order(report)
    if path.is_dir():
        yield from read_folder(path, report, order, unread=unread)
        return
    decoder = Decoder(report, unread=unread)
    for block in _blocks(path, report):
        yield order.put(decoder.decode(block))
    yield order.put(decoder.end())
    yield order.rest()


def _blocks(path: Path, report: ReadReport) -> Iterator[Block | None]:
    """The blocks of a file behind its header, which is looked at. Raises DeskError where it is none."""
    blocks = Lines(path, report).blocks()
    first = next(blocks, Block(1, [b""]))
    header_of(path, None if first is None else first.lines[0].removesuffix(END), report)
    return chain([] if first is None else [Block(first.number + 1, first.lines[1:])], blocks)


class Beginning:
    """A reading of the journal at `path` that has come as far as its first events; books may be `UnreadBook`s. What
    its `report` says grows as its batches are taken. Raises as `read_events` does."""

    def __init__(self, path: str | Path) -> None:
        self.report = ReadReport()
        self._order = Order(self.report)
        self._rest = read_batches(path, self.report, self._order, unread=True)
        self._begun: list[Ordered] = []

    def first(self, count: int) -> list[Event]:
        """The first `count` events, as `read_events` has them."""
        while sum(len(batch.events) for batch in self._begun) < count:
            batch = next(self._rest, None)
            if batch is None:
                break
            self._begun.append(batch)
        return list(islice(chain.from_iterable(batch.events for batch in self._begun), count))

    def batches(self, *, near: bool = False) -> Iterator[Ordered]:
        """All events many at a time, once, as `read_batches` has them. near: few are held back on the way, and
        OutOfOrder is raised where that isn't enough."""
        if near:
            self._order.hold = min(NEAR, self._order.hold)
        return chain(self._begun, self._rest)


def last_arrival(path: str | Path) -> int | None:
    """The newest arrival (ms) among the last lines of a journal, or None where none of them is an event.

    A file is read from near its end; one whose frames are longer than that, which no desk writes, is decompressed once.
    """
    path = Path(path)
    return folder_arrival(path) if path.is_dir() else file_arrival(path)
