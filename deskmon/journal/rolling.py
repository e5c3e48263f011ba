"""Writes a folder of segments: an hour each, within limits of age and bytes, by one process at a time."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from msgspec.structs import replace

from deskmon.clock import HOUR
from deskmon.errors import DeskError
from deskmon.events import Gap, Journal, JournalFiles, encode_event
from deskmon.events.checks import encodable
from deskmon.journal.checkpoints import Place, checkpoints, write_checkpoint
from deskmon.journal.decoding import FEED
from deskmon.journal.folder import folder_arrival
from deskmon.journal.retention import surplus
from deskmon.journal.segments import segment_name, segments
from deskmon.journal.writer import JournalWriter
from deskmon.limits import Limits

LOCK = "writer.lock"
LEAST_FREE = 10**9
"""Bytes that stay free on the folder's disk."""


class HeldElsewhere(DeskError):
    """Another process writes the folder."""


class RollingJournal:
    """The one writer of a folder, made where it is missing; its owner alone may read what is in it.

    Every call blocks, so call it in a thread. `put` raises DeskError where nothing can be written: no right, no room,
    another writer. The next call tries again with a new segment, which begins with a gap from the newest arrival
    before.
    """

    def __init__(self, folder: Path, header: Journal, limits: Limits) -> None:
        self.folder = folder
        self._header = header
        self._limits = limits
        self._lock: int | None = None
        self._writer: JournalWriter | None = None
        self._number = self._hour = 0
        self._failed = False
        self._others = self._count = 0
        self._oldest = header.started

    @property
    def words(self) -> str:
        """Where it writes."""
        return f"writes to {self.folder}"

    def place(self) -> Place:
        """Where the next frame will begin."""
        return Place(self._number, 0 if self._writer is None else self._writer.bytes)

    def put(self, lines: Sequence[bytes], now: int) -> None:
        """Write events that are JSON already, and hand them to the system as a frame. `now` is the desk's time (ms)."""
        try:
            self._check_room()
            self._check_place()
            writer = self._writer
            if writer is None or now // HOUR != self._hour:
                writer = self._begin(now)
            _append(writer, lines)
        except DeskError:
            self._failed = True
            self._end()
            raise

    def keep(self, place: Place, at: int, lines: Iterable[bytes], now: int) -> None:
        """Keep a checkpoint of what was written before `place`, and let go what the folder needn't keep. Raises
        DeskError."""
        self._check_room()
        try:
            write_checkpoint(self.folder, place, at, lines)
        except OSError as fault:
            raise DeskError(f"{self.folder}: no checkpoint can be written ({fault.strerror or fault})") from None
        self.prune(now)

    def prune(self, now: int) -> None:
        """Let go what the folder needn't keep at `now` (ms). Raises DeskError where it can't be read."""
        for path in surplus(segments(self.folder), checkpoints(self.folder), now, self._limits):
            with suppress(OSError):
                path.unlink()
        self._measure()

    def written(self) -> JournalFiles | None:
        """What the folder holds; None before the first segment."""
        if not self._count:
            return None
        current = 0 if self._writer is None else self._writer.bytes
        return JournalFiles(
            path=encodable(str(self.folder)), bytes=self._others + current, segments=self._count, oldest=self._oldest
        )

    def close(self) -> None:
        """Finish the segment and let others write."""
        self._end()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _begin(self, now: int) -> JournalWriter:
        self._end()
        self._take_lock()
        since = folder_arrival(self.folder) if self._failed else None
        started = now if self._number or self._failed else self._header.started
        there = [segment.number for segment in segments(self.folder)]
        there += [checkpoint.place.number for checkpoint in checkpoints(self.folder)]
        self._number, self._hour = max(there, default=0) + 1, now // HOUR
        path = self.folder / segment_name(self._number, started)
        self._writer = writer = JournalWriter(path, replace(self._header, started=started))
        if since is not None:
            gap = Gap(ts=now, feed=FEED, venue=FEED, channel="all", since=min(since, now), until=now, dropped=0)
            writer.append([encode_event(gap)])
        self._failed = False
        self.prune(now)
        return writer

    def _end(self) -> None:
        if self._writer is not None:
            with suppress(DeskError):
                self._writer.close()
            self._writer = None
            with suppress(DeskError):
                self._measure()

    def _measure(self) -> None:
        there = segments(self.folder)
        current = None if self._writer is None else self._writer.path
        self._others = sum(segment.bytes for segment in there if segment.path != current)
        self._others += sum(checkpoint.bytes for checkpoint in checkpoints(self.folder))
        self._count = len(there)
        self._oldest = min((segment.first for segment in there), default=self._header.started)

    def _check_room(self) -> None:
        with suppress(OSError):  # where it isn't there yet, making it will say what is wrong
            if shutil.disk_usage(self.folder).free < LEAST_FREE:
                raise DeskError(
                    f"{self.folder}: less than 1 GB is free on its disk, so nothing is written",
                    "make room, and it goes on by itself",
                )

    def _check_place(self) -> None:
        """Let go of a folder whose segment somebody took away: what is written there now is nowhere."""
        if self._writer is not None and not self._writer.path.exists():
            path = self._writer.path
            self.close()
            raise DeskError(f"{path}: was removed while it was written", "a new segment begins in half a minute")

    def _take_lock(self) -> None:
        if self._lock is not None:
            return
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self.folder / LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError as fault:
            raise DeskError(
                f"{self.folder}: can't be written ({fault.strerror or fault})",
                "give a folder that is yours in [journal] folder",
            ) from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as fault:
            holder = os.read(lock, 20).decode("ascii", "replace").strip()
            os.close(lock)
            if not isinstance(fault, BlockingIOError):
                raise DeskError(f"{self.folder}: can't be locked ({fault.strerror or fault})") from None
            raise HeldElsewhere(
                f"{self.folder} is written by another hub of this machine (process {holder}), this one reads it",
                "it writes once that one ends",
            ) from None
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        self._lock = lock
        for left in self.folder.glob("*.part"):
            with suppress(OSError):
                left.unlink()


def _append(writer: JournalWriter, lines: Sequence[bytes]) -> None:
    try:
        writer.append(lines)
        writer.flush()
    except DeskError as fault:
        raise DeskError(fault.message, "another segment begins in half a minute") from None
