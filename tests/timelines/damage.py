"""Journals that were damaged, and files that unpack into far more than they are."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import zstandard

from deskmon.errors import DeskError
from deskmon.events import Book, Event, Funding, Gap, encode_event
from deskmon.journal import JournalWriter, ReadReport, read_events
from deskmon.journal.frames import BLOCK, MAGIC
from deskmon.journal.lines import MAX_LINE
from tests.timelines.builders import HEADER, T0, header_line, liquidation, ticker, trade

Bomb = Callable[[Path, int], None]
"""Writes a file that unpacks into some number of MiB."""


def market(seconds: int, seed: int = 7) -> list[list[Event]]:
    """Events of every shape, a list for each second."""
    rng = random.Random(seed)
    return [[*_second(rng, T0 + second * 1_000, second)] for second in range(seconds)]


def _second(rng: random.Random, at: int, second: int) -> Iterator[Event]:
    price = 60_000.0 + rng.randrange(9_000)
    yield ticker(at, at + 20, last=price, venue=rng.choice(("bybit", "okx", "binance")))
    yield trade(at + 100, at + 130, id=f"t{second}")
    yield liquidation(at + 200, at + 230, usd=float(rng.randrange(1_000, 90_000)), id=f"l{second}")
    yield Funding(ts=at + 300, venue="okx", symbol="BTC/USDT:USDT", rate=rng.uniform(-1e-3, 1e-3), interval_hours=8.0)
    levels = tuple((price - step, 1.0 + rng.randrange(50)) for step in range(1, 6))
    yield Book(ts=at + 400, venue="okx", symbol="BTC/USDT:USDT", bids=levels, asks=((price + 1, 2.5),))


def write(path: Path, seconds: list[list[Event]]) -> bytes:
    """Write the journal as a hub does, a flush a second; its bytes."""
    with JournalWriter(path, HEADER) as journal:
        for events in seconds:
            journal.write(events)
            journal.flush()
    return path.read_bytes()


def flipped(data: bytes, bit: int) -> bytes:
    """`data` with one bit turned over."""
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def verdict(path: Path, original: list[Event]) -> tuple[int, int, bool]:
    """What a reading of the file gives: events that weren't in the original, events that are missing, and whether it
    says that anything is wrong."""
    report = ReadReport()
    try:
        events = [event for event in read_events(path, report) if type(event) is not Gap]
    except DeskError:
        return 0, len(original), True
    read, written = (Counter(map(encode_event, some)) for some in (events, original))
    said = bool(report.faults or report.cut or report.fields)
    return (read - written).total(), (written - read).total(), said


def _frame(blocks: bytes, window: int = 20) -> bytes:
    """A frame of these blocks with a window of 2 ** `window` bytes, without a checksum."""
    return MAGIC + bytes([0, (window - 10) << 3]) + blocks


def _run(byte: bytes, mib: int) -> bytes:
    """Blocks that repeat one byte: 4 bytes for each 128 KiB."""
    repeated = (BLOCK << 3 | 1 << 1).to_bytes(3, "little") + byte
    return repeated * (mib * 8 - 1) + (BLOCK << 3 | 1 << 1 | 1).to_bytes(3, "little") + byte


def _newlines(path: Path, mib: int) -> None:
    path.write_bytes(_frame(_run(b"\n", mib)))


def _newlines_after_a_header(path: Path, mib: int) -> None:
    path.write_bytes(zstandard.compress(header_line()) + _frame(_run(b"\n", mib)))


def _one_line(path: Path, mib: int) -> None:
    path.write_bytes(zstandard.compress(header_line()) + _frame(_run(b"x", mib)))


def _header_without_end(path: Path, mib: int) -> None:
    path.write_bytes(zstandard.compress(header_line()[:-2]) + _frame(_run(b" ", mib)))


def _widest_window(path: Path, mib: int) -> None:
    path.write_bytes(zstandard.compress(header_line()) + _frame(_run(b"\n", mib), window=27))


def _packed(path: Path, mib: int, line: bytes) -> None:
    packer = zstandard.ZstdCompressor(level=1)
    with path.open("wb") as file, packer.stream_writer(file) as packed:
        packed.write(header_line())
        for _ in range(mib * 2**20 // len(line) + 1):
            packed.write(line)


def _empty_lists(path: Path, mib: int) -> None:
    inside = b"[]," * ((MAX_LINE - 100) // 3)
    _packed(path, mib, b'{"type":"book","ts":%d,"x":[' % T0 + inside + b"[]]}\n")


def _largest_books(path: Path, mib: int) -> None:
    count = (MAX_LINE - 2_000) // 13
    bids = b",".join(b"[%d,1]" % price for price in range(10_000_000 + count, 10_000_000, -1))
    _packed(path, mib, b'{"type":"book","ts":%d,"venue":"a","symbol":"b","bids":[' % T0 + bids + b'],"asks":[]}\n')


def _many_small_books(path: Path, mib: int) -> None:
    bids = b",".join(b"[%d,1]" % price for price in range(5_000, 4_500, -1))
    _packed(path, mib, b'{"type":"book","ts":%d,"venue":"a","symbol":"b","bids":[' % T0 + bids + b'],"asks":[]}\n')


def _tiny_blocks(path: Path, mib: int) -> None:
    blocks = (2 << 3).to_bytes(3, "little") + b"xy"
    path.write_bytes(zstandard.compress(header_line()) + _frame(blocks * (mib * 2**13) + b"\x01\0\0"))


def _frames_within_frames(path: Path, mib: int) -> None:
    path.write_bytes(zstandard.compress(header_line()) + (MAGIC + b"\x04\x50" + _run(b"\n", 1)[:-1] + b"z") * mib)


def _named(*bombs: Bomb) -> dict[str, Bomb]:
    return {bomb.__name__.strip("_").replace("_", " "): bomb for bomb in bombs}


RUNS = _named(
    _newlines, _newlines_after_a_header, _one_line, _header_without_end, _widest_window,
    _frames_within_frames,
)  # fmt: skip
"""Blocks that repeat a byte: gigabytes take seconds."""
LINES = _named(_tiny_blocks, _empty_lists, _largest_books, _many_small_books)
"""Blocks and lines that each have to be understood: gigabytes take many minutes."""
