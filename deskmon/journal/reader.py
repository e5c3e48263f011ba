"""Reads a journal as a stream: a little memory whatever its size, and no line that can stop the reading."""

from __future__ import annotations

import json
from bisect import insort
from collections import deque
from collections.abc import Callable, Iterator
from operator import itemgetter
from pathlib import Path
from typing import Any, get_args

from deskmon.errors import DeskError
from deskmon.events import MAX_PACE, MAX_TEXT, MAX_TS, MIN_TS, Event, Gap, Journal, Source
from deskmon.journal.lines import MAX_LINE, ReadReport, decode_line
from deskmon.journal.source import Lines, content, foreign, opened

VERSION = 1
REORDER = 4_096
"""Events held back to put lines in order of arrival that are out of it."""
REORDER_BYTES = 2 * 1024 * 1024
"""Bytes of lines held back for that; an event takes up to twenty times as much as its line."""
FEED = "journal"
"""Name under which what a journal lost stands among the gaps."""
_TAIL = 512 * 1024
_SHOWN = 80
_arrival = itemgetter(0)


def read_header(path: str | Path) -> Journal:
    """The first line of a journal. Raises DeskError that names the file, what is wrong with it and what to do."""
    report = ReadReport()
    return _header(Path(path), next(iter(Lines(Path(path), report)), b""), report)


def read_events(path: str | Path, report: ReadReport) -> Iterator[Event]:
    """The events of a journal in order of arrival; what is left out is counted in `report`.

    Lines out of order are put in order as long as fewer than REORDER events, and REORDER_BYTES, lie between; one that
    is further off comes where it stands, and is counted. Where damage left something out there is a Gap of feed
    `journal` from the newest arrival before to the first one after it. Raises DeskError where the file can't be read
    or doesn't begin with a journal's header.
    """
    order = _Order(report)
    for event, size in _decoded(Path(path), report):
        yield from order.put(event, size)
    yield from order.rest()


class _Order:
    """Holds events back for a while, so that they leave in order of arrival."""

    def __init__(self, report: ReadReport) -> None:
        self._report = report
        self._held: deque[tuple[int, int, Event]] = deque()
        self._size = 0
        self._newest = 0
        self._given = 0

    def put(self, event: Event, size: int) -> Iterator[Event]:
        """Hold an event of `size` bytes; those that have to leave for it."""
        item = (event.arrival, size, event)
        if item[0] >= self._newest:
            self._newest = item[0]
            self._held.append(item)
        else:
            insort(self._held, item, key=_arrival)
        self._size += size
        while len(self._held) > REORDER or self._size > REORDER_BYTES:
            yield self._first()

    def rest(self) -> Iterator[Event]:
        """All that is still held."""
        while self._held:
            yield self._first()

    def _first(self) -> Event:
        arrival, size, event = self._held.popleft()
        self._size -= size
        if arrival < self._given:
            self._report.unordered += 1
        else:
            self._given = arrival
        return event


def _decoded(path: Path, report: ReadReport) -> Iterator[tuple[Event, int]]:
    """Events as they stand in the file, each with the length of its line; gaps where damage left something out."""
    lines = Lines(path, report)
    each = iter(lines)
    _header(path, next(each, b""), report)
    newest, torn = 0, False
    for line in each:
        if line is None:
            torn = True
            continue
        if not line or line.isspace():
            continue
        event = decode_line(line, lines.number, report)
        if event is None:
            continue
        arrival = event.arrival
        if torn and newest:
            yield _gap(newest, max(newest, arrival)), 0
        torn, newest = False, max(newest, arrival)
        yield event, len(line)
    if torn and newest:
        yield _gap(newest, newest), 0


def _gap(since: int, until: int) -> Gap:
    return Gap(ts=until, feed=FEED, venue=FEED, channel="all", since=since, until=until, dropped=0)


def last_arrival(path: str | Path) -> int | None:
    """The newest arrival (ms) among the last lines of a journal, or None where none of them is an event.

    A plain file is read from its end; a compressed one is decompressed once, and only its tail decoded.
    """
    report = ReadReport()
    with opened(Path(path)) as file:
        tail = b""
        for piece in content(file, report, last=_TAIL):
            tail = (tail + (piece or b"\n"))[-2 * _TAIL :]
    lines = tail[-_TAIL:].split(b"\n")
    events = (decode_line(line, 0, report) for line in lines if line)
    return max((event.arrival for event in events if event is not None), default=None)


def _header(path: Path, line: bytes | None, report: ReadReport) -> Journal:
    if line is None:
        raise DeskError(
            f"{path}: the frame at byte {report.damages[0].start:,}, where the header stands, can't be read",
            report.damages[0].reason,
        )
    if not line.strip():
        raise foreign(path, b"") or DeskError(
            f"{path}: holds no whole line, so not a journal", "record one with `deskmon record FILE`"
        )
    try:
        raw: Any = json.loads(line.decode("utf-8-sig")) if len(line) <= MAX_LINE else None
    except (ValueError, RecursionError):
        raw = None
    fields: dict[str, Any] = raw if isinstance(raw, dict) else {}
    if fields.get("type") != "journal":
        raise foreign(path, line) or DeskError(
            f"{path}: not a journal, its first line is no header",
            'begin it with {"type":"journal","version":1,"source":"imported","note":"","started":MS} (docs/journal.md)',
        )
    version = fields.get("version")
    if version != VERSION:
        raise DeskError(
            f"{path}: a journal of version {_shown(version)}",
            f"this deskmon reads version {VERSION}: use a newer deskmon",
        )
    for name, (is_possible, remedy) in _HEADER.items():
        if (name == "source" or name in fields) and not is_possible(fields.get(name)):
            raise DeskError(f"{path}: the header's {name} is {_shown(fields.get(name))}", remedy)
    for name in sorted(fields.keys() - _HEADER.keys() - set(Journal.__struct_fields__) - {"type"}):
        report.ignore(1, name[:64], line)
    known = {name: fields[name] for name in _HEADER if name in fields}
    return Journal(version=VERSION, **known | {"started": known.get("started") or MIN_TS})


def _whole(value: Any, least: int, most: int) -> bool:
    return type(value) is int and least <= value <= most


_HEADER: dict[str, tuple[Callable[[Any], bool], str]] = {
    "source": (
        lambda value: value in get_args(Source), "write one of recorded, reconstructed, simulated, imported there"
    ),
    "note": (
        lambda value: isinstance(value, str) and len(value) <= MAX_TEXT,
        f"write a text of at most {MAX_TEXT:,} characters there",
    ),
    "started": (
        lambda value: _whole(value, 0, 0) or _whole(value, MIN_TS, MAX_TS),
        "write the time in whole milliseconds since 1970 there, between 2000 and 2100, or 0 where it isn't known",
    ),
    "pace": (
        lambda value: _whole(value, 1, MAX_PACE), f"write a whole number from 1 to {MAX_PACE:,} there, or leave it out"
    ),
}  # fmt: skip
"""What each field of a header may be, and what to do where it isn't that."""


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
