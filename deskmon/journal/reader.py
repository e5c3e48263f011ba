"""Reads a journal as a stream: a little memory whatever its size, and no line that can stop the reading."""

from __future__ import annotations

import json
from bisect import insort
from collections import deque
from collections.abc import Callable, Iterator
from operator import attrgetter
from pathlib import Path
from typing import Any, BinaryIO, get_args

from deskmon.errors import DeskError
from deskmon.events import MAX_PACE, MAX_TEXT, MAX_TS, MIN_TS, Event, Journal, Source
from deskmon.journal.lines import MAX_LINE, Report, decode_line

VERSION = 1
REORDER = 4_096
"""Events held back to put lines in order of arrival that are out of it."""
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_PLAIN_CHUNK = 256 * 1024
_ZSTD_CHUNK = 4 * 1024
_TAIL = 512 * 1024
_arrival: Callable[[Event], int] = attrgetter("arrival")


def read_header(path: str | Path) -> Journal:
    """The first line of a journal. Raises DeskError that names the file, what is wrong with it and what to do."""
    return _header(Path(path), next(_lines(Path(path), Report()), b""))


def read_events(path: str | Path, report: Report) -> Iterator[Event]:
    """The events of a journal in order of arrival; what is left out is counted in `report`.

    Lines out of order are put in order as long as fewer than REORDER events lie between; one that is further off comes
    where it stands. Raises DeskError where the file can't be read or doesn't begin with a journal's header.
    """
    path = Path(path)
    lines = _lines(path, report)
    _header(path, next(lines, b""))
    held: deque[Event] = deque()
    newest = 0
    for number, line in enumerate(lines, start=2):
        if not line or line.isspace():
            continue
        event = decode_line(line, number, report)
        if event is None:
            continue
        arrival = event.arrival
        if arrival >= newest:
            newest = arrival
            held.append(event)
        else:
            insort(held, event, key=_arrival)
        if len(held) > REORDER:
            yield held.popleft()
    yield from held


def last_arrival(path: str | Path) -> int | None:
    """The newest arrival (ms) among the last lines of a journal, or None where none of them is an event.

    A plain file is read from its end; a compressed one is decompressed once, and only its tail decoded.
    """
    path = Path(path)
    with _open(path) as file:
        packed = _is_zstd(file)
        if not packed:
            file.seek(max(0, path.stat().st_size - _TAIL))
        tail = b""
        for chunk in _unpacked(file, packed, Report()):
            tail = (tail + chunk)[-2 * _TAIL :] if len(tail) > _TAIL else tail + chunk
    lines = tail[-_TAIL:].split(b"\n")
    events = (decode_line(line, 0, Report()) for line in lines if line)
    return max((event.arrival for event in events if event is not None), default=None)


def _header(path: Path, line: bytes) -> Journal:
    if not line.strip():
        raise DeskError(f"{path}: holds no whole line, so not a journal", "record one with `deskmon record FILE`")
    try:
        raw: Any = json.loads(line.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError):
        raw = None
    fields: dict[str, Any] = raw if isinstance(raw, dict) else {}
    if fields.get("type") != "journal":
        raise DeskError(
            f"{path}: not a journal, its first line is no header",
            'begin it with {"type":"journal","version":1,"source":"imported","note":"","started":MS} (docs/journal.md)',
        )
    source: Any = fields.get("source")
    started: Any = fields.get("started")
    version = fields.get("version")
    if version != VERSION:
        raise DeskError(
            f"{path}: a journal of version {version!r}", f"this deskmon reads version {VERSION}: use a newer deskmon"
        )
    if source not in get_args(Source):
        raise DeskError(
            f"{path}: the header's source is {source!r}",
            "write one of recorded, reconstructed, simulated, imported there",
        )
    pace: Any = fields.get("pace")
    known = isinstance(started, int) and MIN_TS <= started <= MAX_TS
    return Journal(
        version=VERSION,
        source=source,
        note=str(fields.get("note") or "")[:MAX_TEXT],
        started=started if known else MIN_TS,
        pace=pace if isinstance(pace, int) and 1 <= pace <= MAX_PACE else 1,
    )


def _lines(path: Path, report: Report) -> Iterator[bytes]:
    """Whole lines, the header's among them. A last line that breaks off is left out and reported as cut."""
    rest = b""
    with _open(path) as file:
        for chunk in _unpacked(file, _is_zstd(file), report):
            first, *more = chunk.split(b"\n")
            rest = rest + first if len(rest) <= MAX_LINE else rest
            if more:
                yield rest
                yield from more[:-1]
                rest = more[-1]
    if not rest or rest.isspace():
        return
    if len(rest) <= MAX_LINE and _is_json(rest):
        yield rest
    else:
        report.cut = True


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise DeskError(f"{path}: no such file", "give the path of a journal (.jsonl or .jsonl.zst)") from None
    except OSError as error:
        raise DeskError(f"{path}: can't be read ({error.strerror})") from None


def _is_zstd(file: BinaryIO) -> bool:
    magic = file.read(4)
    file.seek(0)
    return magic == _ZSTD_MAGIC


def _unpacked(file: BinaryIO, packed: bool, report: Report) -> Iterator[bytes]:
    """The file's bytes in chunks, decompressed frame after frame. Damage ends the reading and is reported as cut."""
    if not packed:
        yield from iter(lambda: file.read(_PLAIN_CHUNK), b"")
        return
    import zstandard

    decompress = zstandard.ZstdDecompressor().decompressobj()
    fresh = True
    for chunk in iter(lambda: file.read(_ZSTD_CHUNK), b""):
        while chunk:
            try:
                plain = decompress.decompress(chunk)
            except zstandard.ZstdError:
                report.cut = True
                return
            fresh, chunk = False, b""
            if plain:
                yield plain
            if decompress.eof:
                chunk = decompress.unused_data
                decompress, fresh = zstandard.ZstdDecompressor().decompressobj(), True
    report.cut = report.cut or not fresh
