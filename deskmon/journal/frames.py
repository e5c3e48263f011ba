"""The Zstandard frames of a compressed journal (RFC 8878): each carries a checksum, and nothing of it is believed
before that was found right.

A frame is read block by block, so that a step takes 128 KiB of memory however far it expands, and the place of any
damage is known to the byte.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, BinaryIO

from deskmon.journal.lines import ReadReport

if TYPE_CHECKING:
    import zstandard

MAGIC = b"\x28\xb5\x2f\xfd"
BLOCK = 128 * 1024
"""Bytes that one block holds at most, packed or not."""
HELD = 8 * 1024 * 1024
"""Bytes of a frame that wait for its checksum. What a longer frame, which no desk writes, holds beyond is given on
unchecked, and reported where the checksum then is wrong."""
WINDOW = 128 * 1024 * 1024
"""Bytes that a frame may refer back to: what the program `zstd` allows unless told otherwise."""
SEARCH = 256 * 1024 * 1024
"""Bytes that are unpacked in vain in search of the next frame after a damage; each place that is tried counts as a
BLOCK at least."""
_MOST_HEADER = 18
_SCANNED = 1024 * 1024
_ENDS_WITHIN = "the file ends within a frame"


class BadFrame(Exception):
    """Bytes that are no sound frame; the text says why."""


class CutOff(BadFrame):
    """The file ends within a frame."""


def packer() -> Callable[[bytes], bytes]:
    """Makes one frame of what it is given: its size and a checksum of its content are in it."""
    import zstandard

    return zstandard.ZstdCompressor(level=3, write_checksum=True, write_content_size=True).compress


def is_packed(head: bytes) -> bool:
    """Whether a file that begins with these bytes is one of frames."""
    return head[:4] == MAGIC or _is_skippable(head)


def unpacked(file: BinaryIO, report: ReadReport, *, growing: bool = False) -> Iterator[bytes]:
    """What the frames hold from where `file` stands to its end, in pieces of less than two BLOCKs.

    A frame that isn't sound is left out whole, as far as it was held back, and reported with its place; reading goes on
    with the next frame whose checksum is right. An empty piece stands in its place: what comes before and what comes
    after it are not one line. Of a last frame that the file cuts off, what is there is given, and reported as cut. Of a
    file that is `growing` such a frame is still being written: it isn't given, and `file` is left at its start.
    """
    import zstandard

    unpacker = zstandard.ZstdDecompressor(max_window_size=WINDOW)
    while True:
        start = file.tell()
        held: list[bytearray] = []
        size = 0
        try:
            for piece in _frame(file, unpacker):
                if not held or len(held[-1]) >= BLOCK:
                    held.append(bytearray())  # together: a frame may have millions of tiny blocks
                held[-1] += piece
                size += len(piece)
                if size > HELD:
                    yield from map(bytes, held)
                    held.clear()
        except BadFrame as fault:
            follows = _next_sound(file, start + 1, unpacker)
            if follows is None and isinstance(fault, CutOff):
                if growing:
                    file.seek(start)
                    return
                report.cut = True
                yield from map(bytes, held)
                return
            end = file.seek(0, 2) if follows is None else follows
            report.damage(start, end, str(fault) + (f", {size:,} bytes of it were read" if size > HELD else ""))
            yield b""
            file.seek(end)
        else:
            yield from map(bytes, held)
            if file.tell() == start:
                return


def seek_sound(file: BinaryIO, start: int) -> bool:
    """Leave `file` at the first frame from byte `start` on that carries a checksum and agrees with it; False where
    there is none."""
    import zstandard

    at = _next_sound(file, start, zstandard.ZstdDecompressor(max_window_size=WINDOW))
    if at is not None:
        file.seek(at)
    return at is not None


def _frame(file: BinaryIO, unpacker: zstandard.ZstdDecompressor) -> Iterator[bytes]:
    """The pieces of the frame at which `file` stands, none where it holds nothing to read or `file` is at its end.
    After the last `file` stands behind the frame, and the checksum, where there is one, was right. Raises BadFrame."""
    start = file.tell()
    head = file.read(_MOST_HEADER)
    if not head:
        return
    if _is_skippable(head):
        _skip(file, start, head)
        return
    has_checksum = _begin(file, start, head)
    from zstandard import ZstdError

    unpacking = unpacker.decompressobj()
    try:
        unpacking.decompress(head[: file.tell() - start])
        is_last = False
        while not is_last:
            packed = _exactly(file, 3)
            word = int.from_bytes(packed, "little")
            is_last, kind, size = bool(word & 1), word >> 1 & 3, word >> 3
            if kind == 3 or size > BLOCK:
                raise BadFrame("its blocks make no sense")
            packed += _exactly(file, 1 if kind == 1 else size)
            if is_last and has_checksum:
                packed += _exactly(file, 4)
            if piece := unpacking.decompress(packed):
                yield piece
    except ZstdError as fault:
        raise BadFrame("its checksum is wrong" if "checksum" in str(fault) else "it can't be decompressed") from None
    if not unpacking.eof:
        raise BadFrame("its blocks make no sense")


def _begin(file: BinaryIO, start: int, head: bytes) -> bool:
    """Read the frame's header, and leave `file` behind it; whether the frame carries a checksum. Raises BadFrame."""
    import zstandard

    if not head.startswith(MAGIC[: len(head)]):
        raise BadFrame("no Zstandard frame")
    try:
        frame = zstandard.get_frame_parameters(head)
        length = zstandard.frame_header_size(head)
    except zstandard.ZstdError:
        raise (CutOff(_ENDS_WITHIN) if len(head) < _MOST_HEADER else BadFrame("its header makes no sense")) from None
    if frame.window_size > WINDOW:
        window, most = frame.window_size / 2**20, WINDOW // 2**20
        raise BadFrame(f"it needs a window of {window:,.0f} MiB, more than {most}: compress it again with --long=27")
    if frame.dict_id:
        raise BadFrame("it was compressed with a dictionary: compress it again without")
    file.seek(start + length)
    return bool(frame.has_checksum)


def _is_skippable(head: bytes) -> bool:
    """A frame that only says something about others, as pzstd writes one before each."""
    return head[1:4] == b"\x2a\x4d\x18" and head[0] & 0xF0 == 0x50


def _skip(file: BinaryIO, start: int, head: bytes) -> None:
    end = start + 8 + int.from_bytes(head[4:8], "little")
    if len(head) < 8 or file.seek(0, 2) < end:
        raise CutOff(_ENDS_WITHIN)
    file.seek(end)


def _exactly(file: BinaryIO, size: int) -> bytes:
    data = file.read(size)
    if len(data) < size:
        raise CutOff(_ENDS_WITHIN)
    return data


def _next_sound(file: BinaryIO, start: int, unpacker: zstandard.ZstdDecompressor) -> int | None:
    """Where, from byte `start` on, the next frame begins that carries a checksum and agrees with it."""
    spent = 0
    for at in _magics(file, start):
        file.seek(at)
        try:
            if _begin(file, at, file.read(_MOST_HEADER)):
                file.seek(at)
                for piece in _frame(file, unpacker):
                    spent += len(piece)
                return at
        except BadFrame:
            pass
        spent += BLOCK
        if spent >= SEARCH:
            break
    return None


def _magics(file: BinaryIO, start: int) -> Iterator[int]:
    """Places from `start` on at which a frame may begin."""
    while True:
        file.seek(start)
        data = file.read(_SCANNED)
        at = data.find(MAGIC)
        while at >= 0:
            yield start + at
            at = data.find(MAGIC, at + 1)
        if len(data) < _SCANNED:
            return
        start += _SCANNED - len(MAGIC) + 1
