"""Where a recorder writes: one file a run. The rolling journal (`deskmon.journal.rolling`) is the other kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec.structs import replace

from deskmon.errors import DeskError
from deskmon.events import Journal, JournalFiles
from deskmon.events.checks import encodable
from deskmon.journal import JournalWriter, Place

FileAt = Callable[[int], Path]
"""Where a journal that starts at this time (ms UTC) is written."""


class JournalFile:
    """A journal in a file of its own. After a failure the next call begins another one. Every call blocks."""

    def __init__(self, file_at: FileAt, header: Journal) -> None:
        self._file_at = file_at
        self._header = header
        self._writer: JournalWriter | None = None
        self._failed = False
        self._files = self._finished_bytes = 0
        self._path = ""

    @property
    def words(self) -> str:
        """Where it writes."""
        return f"writes to {Path(self._path).name}"

    def place(self) -> Place:
        """Where the next frame will begin."""
        return Place(self._files, 0 if self._writer is None else self._writer.bytes)

    def put(self, lines: Sequence[bytes], now: int) -> None:
        """Write events that are JSON already and hand them to the system. Raises DeskError."""
        try:
            if self._writer is None:
                started = now if self._failed else self._header.started
                self._writer = JournalWriter(self._file_at(started), replace(self._header, started=started))
                self._files, self._path, self._failed = self._files + 1, str(self._writer.path), False
            self._writer.append(lines)
            self._writer.flush()
        except DeskError:
            self._failed = True
            if self._writer is not None:
                self._writer.close()
                self._finished_bytes += self._writer.bytes
                self._writer = None
            raise

    def written(self) -> JournalFiles | None:
        """What was written so far; None before the first file."""
        if not self._files:
            return None
        current = 0 if self._writer is None else self._writer.bytes
        return JournalFiles(
            path=encodable(self._path),
            bytes=self._finished_bytes + current,
            segments=self._files,
            oldest=self._header.started,
        )

    def close(self) -> None:
        """Finish the file. Raises DeskError."""
        if self._writer is not None:
            self._writer.close()
