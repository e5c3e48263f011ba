"""What was played of a market that can't begin at any of its moments, as a single file and an embedded market can't.

Its events go into unnamed files while they are played, and checkpoints of the model into others. So a seek folds from
the nearest checkpoint on. Nothing of it is left when the process ends.
"""

from __future__ import annotations

import logging
import os
import tempfile
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
import zstandard

from deskmon.alerts.watch import PART as WATCH
from deskmon.clock import MINUTE
from deskmon.events import Checkpoint, Event, Journal, Mode, StreamEvent, encode_event
from deskmon.hub.running import INVALID
from deskmon.timeline import Opening, Timeline, following

log = logging.getLogger(__name__)

MOST_SPOOLED = 1024 * 1024 * 1024
"""Bytes of packed events in unnamed files at most; the oldest go. A seek to before them folds from the beginning."""
MOST_KEPT = 256
"""Checkpoints at most, each in a file; those that lie closest to others go."""
MOST_KEPT_BYTES = 512 * 1024 * 1024
"""The same for all of them together."""
NEWEST = 15 * MINUTE
"""So far back (ms) from the newest one every checkpoint is kept."""
APART_S = 2.0
"""Before that no more than are needed to fold so long (s) at most."""
_FRAME = 256 * 1024
_LARGEST_FILE = 64 * 1024 * 1024
_LEVEL = 1
_BETWEEN = b"\n"
"""Stands between two events."""

_decode = msgspec.json.Decoder(StreamEvent).decode


class _Frame(NamedTuple):
    """Events in a row: where they are, and the newest arrival (ms) up to their end."""

    place: int
    size: int
    reach: int


class _Kept(NamedTuple):
    """A checkpoint: all that had arrived by `at` (ms) is in it. `work_s`: CPU that it takes to fold up to there.
    `watch`: what alerts remembered."""

    at: int
    work_s: float
    file: int
    size: int
    watch: Any

    def events(self) -> list[Event]:
        """What makes any model one that knows it. Raises OSError."""
        known = _unpacked(os.pread(self.file, self.size, 0))
        return known if self.watch is None else [*known, Checkpoint(ts=self.at, part=WATCH, data=self.watch)]


class PackedEvents:
    """Events as the file of a checkpoint has them, packed one after the other: as JSON there is one at a time."""

    def __init__(self) -> None:
        self._packer = zstandard.ZstdCompressor(level=_LEVEL).compressobj()
        self._pieces: list[bytes] = []

    def add(self, event: Event) -> None:
        """Take the next. Raises `INVALID` for what becomes no JSON."""
        if self._pieces:
            self._pieces.append(self._packer.compress(_BETWEEN))
        self._pieces.append(self._packer.compress(encode_event(event)))

    def data(self) -> bytes:
        """All of them, which are no more than these from here on."""
        return b"".join([*self._pieces, self._packer.flush()])


class PlayedTimeline:
    """A timeline that can begin near any moment of the part that was played; see `Timeline`. `remember` is called on
    the way, for as long as one goes through it: whoever begins it anew forgets what it was."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self.header: Journal = timeline.header
        self.mode: Mode = timeline.mode
        self.start = timeline.start
        self._packer = zstandard.ZstdCompressor(level=_LEVEL)
        self._spool = Spool()
        self._source: Iterator[Event] = iter(())
        self._last: Event | None = None
        self._checkpoints: list[_Kept] = []
        self._begin_anew()

    @property
    def end(self) -> int | None:
        """That of the timeline that is played."""
        return self._timeline.end

    @property
    def newest(self) -> int | None:
        """Of what moment (ms) the newest checkpoint is, if there is any."""
        return self._checkpoints[-1].at if self._checkpoints else None

    def forget(self) -> None:
        """Drop the checkpoints: the figures in them are others by now."""
        self._keep([])

    def close(self) -> None:
        """Drop all of it."""
        self._begin_anew()

    def _begin_anew(self) -> None:
        self.forget()
        self._spool.close()
        self._is_spooled = False
        self._frames: list[_Frame] = []
        self._gone = self._reach = self._size = 0
        self._pending: list[bytes] = []

    def events(self) -> Iterator[Event]:
        """All from the beginning."""
        return self._go_through(self._timeline.events())

    def following(self) -> Iterator[Event]:
        """What arrives after the start."""
        return self._go_through(following(self._timeline))

    def events_from(self, at: int) -> Opening | None:
        """What begins at the newest checkpoint of what had arrived by `at` (ms)."""
        index = bisect_right(self._checkpoints, at, key=lambda kept: kept.at) - 1
        if index < 0:
            return None
        kept = self._checkpoints[index]
        return Opening(kept.events(), kept.at, self._after(kept.at))

    def remember(self, at: int, known: PackedEvents, watch: Any, work_s: float) -> None:
        """Keep a checkpoint, newer than those before: `known`, a model's, of all that had arrived by `at` (ms), the
        newest event that this gave alone may have come later. `watch` is what alerts remember; work_s: CPU that folding
        took since the checkpoint before (s). Any thread may call it while nothing is played. Raises OSError where no
        file takes it."""
        packed = known.data()
        before = self._checkpoints[-1].work_s if self._checkpoints else 0.0
        file = _unnamed()
        self._checkpoints.append(_Kept(at, before + work_s, file, len(packed), watch))
        try:
            _write(file, packed, 0)
        except OSError:
            self._keep(self._checkpoints[:-1])
            raise
        self._thin_out()
        if not self._is_spooled:
            self._is_spooled = True
            if self._last is not None and self._last.arrival > at:
                self._put(self._last)

    def _go_through(self, events: Iterator[Event]) -> Iterator[Event]:
        self._begin_anew()
        self._source, self._last = iter(events), None
        return self._through()

    def _through(self) -> Iterator[Event]:
        """What comes next of the timeline, for the first time."""
        for event in self._source:  # more than one iterator may go on with it, one after the other
            self._last = event
            if self._is_spooled:
                self._put(event)
            yield event

    def _after(self, at: int) -> Iterator[Event]:
        """What follows the moment `at` (ms)."""
        number = bisect_right(self._frames, at, key=lambda frame: frame.reach) + self._gone
        passed = False
        while number < self._gone + len(self._frames):
            frame = self._frames[number - self._gone]
            number += 1
            for event in _unpacked(self._spool.read(frame.place, frame.size)):
                passed = passed or event.arrival > at
                if passed:
                    yield event
        for event in [_decode(line) for line in self._pending]:
            passed = passed or event.arrival > at
            if passed:
                yield event
        yield from self._through()

    def _put(self, event: Event) -> None:
        try:
            line = encode_event(event)
            self._pending.append(line)
            self._size += len(line)
            self._reach = max(self._reach, event.arrival)
            if self._size >= _FRAME:
                self._flush()
        except (*INVALID, OSError) as fault:  # another checkpoint begins it anew
            log.warning("%s: what was played up to here is folded from the beginning again: %s", event.ts, fault)
            self._begin_anew()

    def _flush(self) -> None:
        packed = self._packer.compress(_BETWEEN.join(self._pending))
        self._frames.append(_Frame(self._spool.append(packed), len(packed), self._reach))
        self._pending, self._size = [], 0
        if self._spool.first > self._frames[0].place:
            self._let_go()

    def _let_go(self) -> None:
        """Forget what leads into files that are gone."""
        count = sum(frame.place < self._spool.first for frame in self._frames)
        reach = self._frames[count - 1].reach
        del self._frames[:count]
        self._gone += count
        self._keep([kept for kept in self._checkpoints if kept.at >= reach])

    def _thin_out(self) -> None:
        """Let go of checkpoints that are closer to each other than need be, then of the closest if all take too
        much."""
        kept = list(self._checkpoints)
        for index in range(len(kept) - 2, 0, -1):
            if kept[-1].at - kept[index + 1].at > NEWEST and _gap(kept, index) <= APART_S:
                del kept[index]
        while len(kept) > 2 and (len(kept) > MOST_KEPT or sum(each.size for each in kept) > MOST_KEPT_BYTES):
            del kept[min(range(1, len(kept) - 1), key=lambda index: _gap(kept, index))]
        self._keep(kept)

    def _keep(self, kept: list[_Kept]) -> None:
        """Let go of all other checkpoints."""
        for each in self._checkpoints:
            if each not in kept:
                os.close(each.file)
        self._checkpoints = kept


def _gap(kept: Sequence[_Kept], index: int) -> float:
    """CPU (s) to fold from the checkpoint before one to that after it."""
    return kept[index + 1].work_s - kept[index - 1].work_s


def _unpacked(data: bytes) -> list[Event]:
    lines: list[bytes] = zstandard.ZstdDecompressor().decompressobj().decompress(data).split(_BETWEEN)
    return [_decode(line) for line in lines]


def _unnamed() -> int:
    """The descriptor of a new file that goes when it is closed. Raises OSError."""
    with tempfile.TemporaryFile(buffering=0) as file:
        return os.dup(file.fileno())


def _write(descriptor: int, data: bytes, place: int) -> None:
    written = 0
    while written < len(data):
        written += os.pwrite(descriptor, data[written:], place + written)


class Spool:
    """A row of bytes in unnamed files, of which the newest MOST_SPOOLED are there. `first`: the place of the oldest."""

    def __init__(self) -> None:
        self._files: list[tuple[int, int]] = []  # where each begins, and its descriptor
        self._end = 0

    @property
    def first(self) -> int:
        return self._files[0][0] if self._files else self._end

    def append(self, data: bytes) -> int:
        """Add bytes; their place. Raises OSError where no file takes them."""
        if not self._files or self._end - self._files[-1][0] >= _LARGEST_FILE:
            self._files.append((self._end, _unnamed()))
            while len(self._files) > 1 and self._end - self._files[1][0] > MOST_SPOOLED - _LARGEST_FILE:
                os.close(self._files.pop(0)[1])
        start, descriptor = self._files[-1]
        place = self._end
        _write(descriptor, data, place - start)
        self._end += len(data)
        return place

    def read(self, place: int, size: int) -> bytes:
        """The bytes at a place that `append` gave. Raises OSError."""
        index = bisect_right(self._files, place, key=lambda file: file[0]) - 1
        start, descriptor = self._files[index]
        return os.pread(descriptor, size, place - start)

    def close(self) -> None:
        """Drop all bytes."""
        for _, descriptor in self._files:
            os.close(descriptor)
        self._files.clear()
