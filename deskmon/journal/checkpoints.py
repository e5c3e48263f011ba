"""Checkpoints of a journal in a folder: what a model knew at a place in a segment, in a side file each.

`00000042-20260105T121507.250Z-000000183042.9de352953136.checkpoint` is what was known once the bytes before 183042 of
segment 42 were folded, the newest of which arrived at that time. So what is there is known by names alone. The last
part of the name is the key of its shape (`deskmon.model.shape`): a desk reads none of another key. The file is a row of
frames of one line each: `reset`, the header, one `checkpoint` for each part of the model. It appears whole or not at
all. One that can't be read is as good as none: segments hold all that it says.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import msgspec

from deskmon.errors import DeskError
from deskmon.events import Event, StreamEvent
from deskmon.journal.frames import packer
from deskmon.journal.segments import moment, stamp

MOST_BYTES = 512 * 1024 * 1024
"""A file that unpacks into more is none of ours."""
_PIECE = 1024 * 1024
_END = b"end"
"""The last line: before it the file isn't whole."""
_NAME = re.compile(r"(\d{8})-(\d{8}T\d{6})\.(\d{3})Z-(\d{12})\.([0-9a-z]{1,16})\.checkpoint", re.ASCII)

_decode = msgspec.json.Decoder(StreamEvent).decode


class Place(NamedTuple):
    """A place in a folder: before byte `offset` of segment `number`, at the start of a frame."""

    number: int
    offset: int


class CheckpointFile(NamedTuple):
    """One side file: all that arrived by `at` (ms) before `place` is in it."""

    path: Path
    place: Place
    at: int
    bytes: int
    key: str

    @property
    def is_ours(self) -> bool:
        """Whether this desk wrote it, or one whose model has the same shape."""
        return self.key == shape()


def shape() -> str:
    """The key of this desk's checkpoints."""
    from deskmon.model import shape  # who only lists a folder, or feeds a desk, has no model

    return shape.shape()


def checkpoints(folder: Path) -> list[CheckpointFile]:
    """The checkpoints of a folder, of any shape, in the order of their places. Nothing is opened. Raises DeskError
    where the folder can't be read."""
    found = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                named = _NAME.fullmatch(entry.name)
                at = None if named is None else moment(named[2], named[3])
                if named is None or at is None:
                    continue
                with suppress(FileNotFoundError):  # thinned out meanwhile
                    size = entry.stat().st_size
                    place = Place(int(named[1]), int(named[4]))
                    found.append(CheckpointFile(folder / entry.name, place, at, size, named[5]))
    except OSError as fault:
        raise DeskError(f"{folder}: can't be read ({fault.strerror or fault})") from None
    return sorted(found, key=lambda checkpoint: checkpoint.place)


def write_checkpoint(folder: Path, place: Place, at: int, lines: Iterable[bytes]) -> CheckpointFile:
    """Keep what a model knows: `lines` are its snapshot, an event as JSON each. Blocks. Raises OSError."""
    path = folder / f"{place.number:08}-{stamp(at)}-{place.offset:012}.{shape()}.checkpoint"
    part = path.with_suffix(".part")
    pack = packer()
    try:
        with open(part, "wb", buffering=0, opener=_private) as file:
            size = sum(file.write(pack(line + b"\n")) for line in chain(lines, [_END]))
        os.replace(part, path)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise
    return CheckpointFile(path, place, at, size, shape())


def read_checkpoint(path: Path) -> Sequence[Event] | None:
    """The events of a checkpoint, None where anything about the file isn't as it was written. Blocks."""
    import zstandard

    lines: list[bytes] = []
    rest = b""
    size = 0
    try:
        with path.open("rb") as file:
            unpacked = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)
            while (piece := unpacked.read(_PIECE)) and (size := size + len(piece)) <= MOST_BYTES:
                *whole, rest = (rest + piece).split(b"\n")
                lines += whole
        if rest or not lines or lines.pop() != _END:
            return None
        return [_decode(line) for line in lines]
    except (OSError, ValueError, RecursionError, zstandard.ZstdError):
        return None


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_TRUNC, 0o600)
