"""The file of a journal: what can be read as one, its content in bounded pieces, its lines."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple

import msgspec

from deskmon.errors import DeskError
from deskmon.journal.frames import is_packed, seek_sound, unpacked
from deskmon.journal.lines import MAX_LINE, ReadReport
from deskmon.journal.segments import segments

END = b"\n"
"""Of a line."""
_CHUNK = 256 * 1024
_SAVE = "save it first: … > FILE.jsonl"
_FOREIGN = {
    b"\x1f\x8b": "compressed with gzip",
    b"BZh": "compressed with bzip2",
    b"\xfd7zXZ": "compressed with xz",
    b"\x04\x22\x4d\x18": "compressed with lz4",
    b"PK\x03\x04": "a zip archive",
    b"PAR1": "a Parquet file",
    b"SQLite format 3": "an SQLite file",
}
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"{\0", b"\0{", b"\0\0\0{")


def not_readable_here(journal: Path) -> DeskError | None:
    """Why the journal that a running hub writes can't be read on this machine by this user, and what helps; None where
    it can be tried."""
    if (fault := not_a_file(journal)) is None:
        return None
    remedy = "run the command on the hub's machine, or copy the folder here and name it with --replay"
    return DeskError(f"the hub's journal can't be read here: {fault.message}", remedy)


def not_a_file(path: Path) -> DeskError | None:
    """Why a journal can't be read from `path`, a file or a folder of segments, None where it can be tried. No file is
    opened: a pipe would block."""
    if str(path) == "-":
        return DeskError("-: a journal is read several times, standard input only once", _SAVE)
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return DeskError(f"{path}: no such file", "give the path of a journal (.jsonl or .jsonl.zst)")
    except (OSError, ValueError) as fault:
        return DeskError(f"{path}: can't be read ({getattr(fault, 'strerror', None) or fault})")
    if stat.S_ISREG(mode):
        return None
    if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
        return DeskError(f"{path}: a journal is read several times, a pipe only once", _SAVE)
    if not stat.S_ISDIR(mode):
        return DeskError(f"{path}: can't be read, it is a device", "give the path of a journal (.jsonl or .jsonl.zst)")
    try:
        empty = not segments(path)
    except DeskError as fault:
        return fault
    return DeskError(f"{path}: a folder without segments of a journal", "give the path of a file") if empty else None


@contextmanager
def opened(path: Path, buffer: int = _CHUNK) -> Iterator[BinaryIO]:
    """The file while the block runs; `buffer` bytes are read at once. Raises DeskError, with its name, where it can't
    be opened or read."""
    fault = not_a_file(path)
    if fault is not None:
        raise fault
    try:
        with path.open("rb", buffering=buffer) as file:
            yield file
    except OSError as error:
        raise DeskError(f"{path}: can't be read ({error.strerror or error})") from None


def content(file: BinaryIO, report: ReadReport, *, start: int = 0, growing: bool = False) -> Iterator[bytes]:
    """The bytes of a journal from byte `start` on, unpacked where it is compressed; an empty piece stands where
    something damaged was left out. For `growing` see `unpacked`."""
    file.seek(start)
    head = file.read(16)
    packed = is_packed(head) or start > 0 or (str(file.name).endswith(".zst") and head != b"" and b"{" not in head)
    file.seek(start)
    return unpacked(file, report, growing=growing) if packed else iter(lambda: file.read(_CHUNK), b"")


def tail(file: BinaryIO, report: ReadReport, last: int) -> Iterator[bytes]:
    """The `last` bytes of a journal's file, unpacked: of a compressed one from the first frame that begins there on,
    from its beginning where no sound one does."""
    file.seek(0)
    packed = is_packed(file.read(8))
    start = max(0, file.seek(0, os.SEEK_END) - last)
    if not packed:
        file.seek(start)
        return iter(lambda: file.read(_CHUNK), b"")
    if not start or not seek_sound(file, start):
        file.seek(0)
    return unpacked(file, report)


class Block(NamedTuple):
    """Lines in a row, with their ends. `number`: that of the first, from 1 on."""

    number: int
    lines: list[bytes]


class Lines:
    """Iterates the lines of the journal at `path`, without their ends, the header's among them, and None where damage
    left some out. Blank lines may be passed over; `number` is that of the last one given, from 1 on. A last line that
    breaks off is left out and reported as cut. Of a line longer than MAX_LINE the start is given, one byte more.

    `start`, where it isn't 0, is the byte of a compressed journal at which a frame begins. `offset` is the byte up to
    which the file was read, once the lines were iterated: of one that is `growing`, where its next frame will begin."""

    def __init__(self, path: Path, report: ReadReport, *, start: int = 0, growing: bool = False) -> None:
        self.path = path
        self.number = 0
        self.offset = start
        self._growing = growing
        self._report = report

    def __iter__(self) -> Iterator[bytes | None]:
        for block in self.blocks():
            if block is None:
                yield None
                continue
            for self.number, line in enumerate(block.lines, block.number):
                yield line.removesuffix(END)

    def blocks(self) -> Iterator[Block | None]:
        """The same many at a time, as the file is read; `number` stands still."""
        rest, number = bytearray(), 0
        with opened(self.path) as file:
            for piece in content(file, self._report, start=self.offset, growing=self._growing):
                if not piece:
                    rest.clear()
                    yield None
                elif not rest and piece.isspace():
                    number += piece.count(b"\n")  # gigabytes of these pack into nothing
                elif lines := _complete(rest, piece):
                    yield Block(number + 1, lines)
                    number += len(lines)
            self.offset = file.tell()
        if not rest or rest.isspace():
            return
        if len(rest) <= MAX_LINE and _is_json(rest):
            yield Block(number + 1, [bytes(rest)])
        else:
            self._report.cut = True


def _complete(rest: bytearray, piece: bytes) -> list[bytes]:
    """The lines that `piece`, not empty, completes after `rest`, in which what follows them is left. A file in memory
    finds their ends three times as fast as `split` does."""
    lines = BytesIO(piece).readlines()
    last = b"" if lines[-1].endswith(END) else lines.pop()
    if not lines:
        rest += last[: MAX_LINE + 1 - len(rest)]
        return lines
    if rest:
        rest += lines[0][: MAX_LINE + 1 - len(rest)]
        lines[0] = bytes(rest)
    rest[:] = last
    return lines


def foreign(path: Path, line: bytes) -> DeskError | None:
    """What a file is whose first line, perhaps none, is no header, where that can be told."""
    with opened(path) as file:
        head = file.read(16)
    for magic, kind in _FOREIGN.items():
        if head.startswith(magic):
            return DeskError(f"{path}: {kind}, not a journal", "unpack it first; deskmon reads JSON Lines and zstd")
    if head.startswith(_WIDE) or line.startswith(_WIDE):
        return DeskError(f"{path}: UTF-16 or UTF-32, a journal is UTF-8", "iconv -f UTF-16 -t UTF-8 FILE > NEW")
    if path.name.endswith(".zst") and not is_packed(head) and b"{" not in head:
        return DeskError(f"{path}: damaged or no journal, it doesn't begin with a Zstandard frame", "use another copy")
    return None


def _is_json(line: bytes | bytearray) -> bool:
    try:
        msgspec.json.decode(line, type=msgspec.Raw)  # nothing is built: a line can expand twentyfold
    except (ValueError, RecursionError):
        return False
    return True
