"""Writes a journal: whole lines only, so that the file can be read up to its last flush whatever ends the program."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from deskmon.errors import DeskError, UsageError
from deskmon.events import Checkpoint, Event, Journal, Pulse, Reset, encode_event
from deskmon.journal.frames import packer

FLUSH_BYTES = 64 * 1024
"""Lines are handed to the system when this much of them waits; the owner flushes by time (half a second)."""
NOT_KEPT = frozenset({Pulse, Reset, Checkpoint, Journal})
"""The desk's own signals, which no journal holds beside its header."""


def free_path(path: str | Path, started: int) -> Path:
    """`path`, or where a file of that name exists, the same with the start's UTC time (ms) before the suffix.

    A desk that writes its journal at each start so gets one file per run: desk.jsonl, desk-20260105T120000.000Z.jsonl.
    """
    path = Path(path).expanduser()
    if not path.exists():
        return path
    from datetime import UTC, datetime

    stem, suffix = _split(path)
    moment = datetime.fromtimestamp(started / 1000, UTC)
    return path.with_name(f"{stem}-{moment:%Y%m%dT%H%M%S}.{started % 1000:03}Z{suffix}")


def _split(path: Path) -> tuple[str, str]:
    for suffix in (".jsonl.zst", ".jsonl"):
        if path.name.endswith(suffix):
            return path.name.removesuffix(suffix), suffix
    raise UsageError(f"{path}: not a journal's name", "end it in .jsonl, or .jsonl.zst to compress it")


class JournalWriter:
    """Appends events to a new journal at `path`, `.jsonl` or `.jsonl.zst`; a context manager. Its owner alone may read
    the file.

    `write` keeps lines until some 64 KiB wait, `flush` hands over what waits: call it twice a second. What was
    flushed survives the end of this process, however violent (not a power failure: nothing waits for the disk).
    Of a compressed journal each flush is a frame of whole lines with a checksum, the header one by itself.
    Raises UsageError for a name of another kind, DeskError where the file exists or can't be written; after a failed
    write the file ends in its last whole line and every later call raises the same error again.
    """

    def __init__(self, path: str | Path, header: Journal) -> None:
        self.path = Path(path).expanduser()
        self.events = 0
        """Events written so far."""
        _, suffix = _split(self.path)
        self.bytes = 0
        """Bytes in the file so far."""
        self._waiting = bytearray()
        self._failure: DeskError | None = None
        try:
            self._file = open(self.path, "xb", buffering=0, opener=_private)  # noqa: SIM115 - closed by `close`
        except FileExistsError:
            raise DeskError(
                f"{self.path}: exists already, and a recording never overwrites one", "choose another name or remove it"
            ) from None
        except OSError as error:
            raise DeskError(
                f"{self.path}: can't be written ({error.strerror})", "choose a folder that exists and is yours"
            ) from None
        self._pack: Callable[[bytes], bytes] = packer() if suffix.endswith(".zst") else bytes
        self._waiting += _header_line(header)
        self.flush()

    def write(self, events: Iterable[Event]) -> None:
        """Append `events`, in order of arrival. The desk's own signals (pulses, snapshots) are passed over."""
        self.append(encode_event(event) for event in events if type(event) not in NOT_KEPT)

    def append(self, lines: Iterable[bytes]) -> None:
        """The same for events that are JSON already; signals among them would be kept."""
        if self._failure is not None:
            raise self._failure
        waiting, is_full = self._waiting, False
        for line in lines:
            waiting += line
            waiting += b"\n"
            self.events += 1
            if len(waiting) >= FLUSH_BYTES:
                is_full = True
                self.flush()
        if is_full:
            self.flush()

    def flush(self) -> None:
        """Hand over whole lines to the system: from here on they survive the end of this process."""
        if self._failure is not None:
            raise self._failure
        if not self._waiting:
            return
        data = bytes(self._waiting)
        self._waiting.clear()
        self._put(self._pack(data))

    def close(self) -> None:
        """Flush and close. Closing again does nothing."""
        if self._file.closed:
            return
        try:
            if self._failure is None:
                self.flush()
        finally:
            self._file.close()

    def _put(self, data: bytes) -> None:
        view = memoryview(data)
        try:
            while view:
                view = view[self._file.write(view) :]
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self._file.fileno(), self.bytes)
            self._failure = DeskError(
                f"{self.path}: the journal stopped after {self.bytes:,} bytes ({error.strerror})",
                "make room on the disk and start a new one",
            )
            raise self._failure from None
        self.bytes += len(data)

    def __enter__(self) -> JournalWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _header_line(header: Journal) -> bytes:
    """Every field of the contract, also where it has its default value; a pace where it isn't 1."""
    source = "recorded" if header.source == "live" else header.source
    fields = {"type": "journal", "version": 1, "source": source, "note": header.note, "started": header.started}
    fields |= {} if header.pace == 1 else {"pace": header.pace}
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
