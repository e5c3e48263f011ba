"""Where rows go: a file or a folder that appears whole or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from deskmon.archive.tables import Table
from deskmon.errors import DeskError

BATCH = 4_096
"""Weight of rows that wait before they are written, of each table."""
_PART = ".part"


class Written(NamedTuple):
    """What was written of one table."""

    table: str
    rows: int
    path: Path


class Sink:
    """Takes rows, the rows of each table in order; a context manager that leaves nothing where its block raises.
    `written` is there after the block."""

    def __init__(self) -> None:
        self.written: list[Written] = []

    def put(self, table: Table, row: Any) -> None:
        """Add a row."""
        raise NotImplementedError

    def finish(self) -> None:
        """Write what waits, and give files their names."""
        raise NotImplementedError

    def abandon(self) -> None:
        """Take away what was written."""
        raise NotImplementedError

    def __enter__(self) -> Sink:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self.finish()
        except OSError as fault:
            self.abandon()
            raise failed(fault) from None
        if error is not None:
            self.abandon()
            if isinstance(error, OSError):
                raise failed(error) from None


class BatchSink(Sink):
    """Gathers rows of each table, and writes some at once."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: dict[str, tuple[Table, list[Any]]] = {}
        self._weights: dict[str, int] = {}

    def put(self, table: Table, row: Any) -> None:
        name = table.name
        waiting = self._waiting.get(name)
        if waiting is None:
            waiting = self._waiting[name] = (table, [])
            self._weights[name] = 0
        waiting[1].append(row)
        self._weights[name] += table.weight(row)
        if self._weights[name] >= BATCH:
            self.flush(name)

    def flush(self, name: str) -> None:
        """Write what waits of a table."""
        table, rows = self._waiting[name]
        if rows:
            self.write(table, rows)
        self._waiting[name] = (table, [])
        self._weights[name] = 0

    def flush_all(self) -> None:
        """Write what waits of all tables."""
        for name in list(self._waiting):
            self.flush(name)

    def write(self, table: Table, rows: Sequence[Any]) -> None:
        """Write rows of a table."""
        raise NotImplementedError


def part_of(path: Path) -> Path:
    """Where a file stands until it is whole."""
    return path.with_name(f".{path.name}.{os.getpid()}{_PART}")


def failed(fault: OSError) -> DeskError:
    """What to say where writing failed."""
    where = f"{fault.filename}: " if fault.filename else ""
    is_full = fault.errno == errno.ENOSPC or os.strerror(errno.ENOSPC) in str(fault)  # pyarrow says it in words
    remedy = "make room on the disk" if is_full else "choose a folder that exists and is yours"
    return DeskError(f"{where}can't be written ({fault.strerror or fault})", remedy)
