"""Parquet files: one of a table, or a folder with a dataset for each table."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from deskmon.archive.arrow import batch, pa, pq, schema
from deskmon.archive.days import day_folder, files, name_of
from deskmon.archive.sink import BatchSink, Written, part_of
from deskmon.archive.tables import Table
from deskmon.clock import DAY
from deskmon.errors import DeskError
from deskmon.events import Journal
from deskmon.past import Span

GROUP_BYTES = 16 * 1024 * 1024
"""Bytes of a row group before it is compressed."""
GROUP_ROWS = 128 * 1024
WAITING_BYTES = 48 * 1024 * 1024
"""Bytes of rows of all files of a folder that wait at most; beyond, the fullest row group is written as it is."""
OPEN_DAYS = 4
"""Days of a table that are written at once; what comes for another begins a file of its own."""


class _File:
    """One file that is being written."""

    def __init__(self, part: Path, table: Table, header: Journal) -> None:
        self.rows = 0
        """Rows so far."""
        self.bytes = 0
        """Of those that wait."""
        self.first = self.last = 0
        self.part = part
        self._table = table
        self._schema = schema(table, header)
        words = [column.name for column in table.columns if column.form == "word"]
        self._waiting: list[Any] = []
        self._waiting_rows = 0
        self._writer = pq.ParquetWriter(part, self._schema, compression="zstd", use_dictionary=words)

    def write(self, rows: Sequence[Any]) -> None:
        """Add rows, in order."""
        times = list(map(self._table.time, rows))
        self.first = min([self.first, *times]) if self.rows else min(times)
        self.last = max([self.last, *times])
        made = batch(self._table, rows, self._schema)
        self.rows += len(rows)
        self._waiting.append(made)
        self.bytes += made.nbytes
        self._waiting_rows += len(rows)
        if self.bytes >= GROUP_BYTES or self._waiting_rows >= GROUP_ROWS:
            self.write_group()

    def close(self) -> None:
        """Write what waits; then the file is whole."""
        self.write_group()
        self._writer.close()

    def abandon(self) -> None:
        """Leave nothing of it."""
        with suppress(OSError, pa.ArrowException):  # the disk may be full
            self._writer.close()
        self.part.unlink(missing_ok=True)

    def write_group(self) -> None:
        """Write what waits as a row group."""
        if self._waiting:
            self._writer.write_table(pa.Table.from_batches(self._waiting, self._schema), row_group_size=GROUP_ROWS)
        self._waiting.clear()
        self.bytes = self._waiting_rows = 0


class ParquetFile(BatchSink):
    """One file of one `table`, in the place of one of that name."""

    def __init__(self, path: Path, table: Table, header: Journal) -> None:
        super().__init__()
        self._path = path
        self._file = _File(part_of(path), table, header)
        self._table = table

    def write(self, table: Table, rows: Sequence[Any]) -> None:
        self._file.write(rows)

    def finish(self) -> None:
        self.flush_all()
        self._file.close()
        os.replace(self._file.part, self._path)
        self.written.append(Written(self._table.name, self._file.rows, self._path))

    def abandon(self) -> None:
        self._file.abandon()


class ParquetFolder(BatchSink):
    """A folder with a dataset for each table: `TABLE/day=YYYY-MM-DD/FIRST-LAST.parquet`, by when rows count.

    Raises DeskError where it holds rows of the `span` already, or rows of a market of another source. Where its rows
    end or begin at the very ms at which the span begins or ends, those of that ms are there already and are left out.
    """

    def __init__(self, folder: Path, tables: Sequence[Table], header: Journal, span: Span) -> None:
        super().__init__()
        self._folder = folder
        self._header = header
        self._open: dict[tuple[str, int], _File] = {}
        self._rows = {table.name: 0 for table in tables}
        self._done: list[tuple[Path, Path]] = []
        self._seams: dict[str, frozenset[int]] = {}
        self._made: list[Path] = []
        for table in tables:
            self._check(table, span)

    def write(self, table: Table, rows: Sequence[Any]) -> None:
        by_day: dict[int, list[Any]] = {}
        seams = self._seams[table.name]
        for row in rows:
            time = table.time(row)
            if time not in seams:
                by_day.setdefault(time // DAY, []).append(row)
        for day, some in by_day.items():
            self._file(table, day).write(some)
            self._rows[table.name] += len(some)
        if sum(file.bytes for file in self._open.values()) > WAITING_BYTES:
            max(self._open.values(), key=lambda file: file.bytes).write_group()

    def finish(self) -> None:
        self.flush_all()
        for key in list(self._open):
            self._end(key)
        for part, path in self._done:
            os.replace(part, path)
        self.written += [Written(name, rows, self._folder / name) for name, rows in self._rows.items()]

    def abandon(self) -> None:
        for file in self._open.values():
            file.abandon()
        for part, _ in self._done:
            part.unlink(missing_ok=True)
        for folder in reversed(self._made):
            with suppress(OSError):  # it holds what others wrote
                folder.rmdir()

    def _file(self, table: Table, day: int) -> _File:
        key = table.name, day
        file = self._open.pop(key, None)
        if file is None:
            of_table = [other for other in self._open if other[0] == table.name]
            if len(of_table) >= OPEN_DAYS:
                self._end(of_table[0])
            folder = day_folder(self._folder, *key)
            self._made += [each for each in (*reversed(folder.parents), folder) if not each.exists()]
            folder.mkdir(parents=True, exist_ok=True)
            file = _File(part_of(folder / f"{len(self._done) + len(self._open)}"), table, self._header)
        self._open[key] = file  # the newest last
        return file

    def _end(self, key: tuple[str, int]) -> None:
        """Close a file; it gets its name when all are whole."""
        file = self._open[key]
        file.close()
        del self._open[key]
        folder = day_folder(self._folder, *key)
        taken = {path.name for _, path in self._done if path.parent == folder}
        self._done.append((file.part, folder / name_of(file.first, file.last, taken)))

    def _check(self, table: Table, span: Span) -> None:
        there = files(self._folder / table.name)
        if there and (source := source_of(there[-1].path)) not in (None, self._header.source):
            raise DeskError(
                f"{self._folder}: its {table.name} are of a {source} market, these of a {self._header.source} one",
                "choose another folder: such rows never mix",
            )
        for each in there:
            if each.first < span.end and each.last > span.start:
                raise DeskError(
                    f"{self._folder}: holds {table.name} of that time already ({each.path.name})",
                    "choose another stretch or folder, or remove that file",
                )
        ends = {time for each in there for time in (each.first, each.last)}
        self._seams[table.name] = frozenset(ends & {span.start, span.end})


def source_of(path: Path) -> str | None:
    """The source of the market whose rows a file holds, None where it doesn't say. Raises DeskError where it is no
    Parquet file."""
    try:
        metadata = pq.read_schema(path).metadata or {}
        told: Any = json.loads(metadata.get(b"deskmon", b"{}"))
    except (OSError, ValueError, pa.ArrowException) as fault:
        raise DeskError(f"{path}: can't be read as Parquet ({fault})", "remove it, or choose another folder") from None
    source = told.get("journal", {}).get("source")
    return source if isinstance(source, str) else None
