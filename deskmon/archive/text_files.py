"""Text files: CSV of one table, JSON Lines of any."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from deskmon import format as fmt
from deskmon.archive.sink import BatchSink, Sink, Written, part_of
from deskmon.archive.tables import Column, Form, Row, Table
from deskmon.events import Journal
from deskmon.journal import JournalWriter


class _TableFile(BatchSink):
    """A file of one table, UTF-8."""

    def __init__(self, path: Path, table: Table) -> None:
        super().__init__()
        self._path, self._table = path, table
        self._rows = 0
        self._part = part_of(path)
        self._file = self._part.open("w", encoding="utf-8", newline="")

    def write(self, table: Table, rows: Sequence[Any]) -> None:
        self._rows += len(rows)
        self.write_rows(rows)

    def write_rows(self, rows: Sequence[Any]) -> None:
        """Write rows as the format has them."""
        raise NotImplementedError

    def finish(self) -> None:
        self.flush_all()
        self._file.close()
        os.replace(self._part, self._path)
        self.written.append(Written(self._table.name, self._rows, self._path))

    def abandon(self) -> None:
        self._file.close()
        self._part.unlink(missing_ok=True)


class CsvFile(_TableFile):
    """One table as CSV, UTF-8: a line with the names of its columns, then a line a row. Times are UTC,
    `2026-01-05 12:00:00.250`, as spreadsheets read them; what is unknown is empty; lists and mappings are JSON. A text
    that a spreadsheet would take for a formula has an apostrophe before it; what isn't printable stands by its number,
    \\u001b."""

    def __init__(self, path: Path, table: Table) -> None:
        super().__init__(path, table)
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._writer.writerow([column.name for column in table.columns])

    def write_rows(self, rows: Sequence[Any]) -> None:
        columns = [_texts(column, column.values(rows)) for column in self._table.columns]
        self._writer.writerows(zip(*columns, strict=True))


class EventLines(Sink):
    """Events of any kinds as a journal, `.jsonl` or `.jsonl.zst`: the header, then a line an event."""

    def __init__(self, path: Path, header: Journal) -> None:
        super().__init__()
        self._path = path
        suffix = ".jsonl.zst" if path.name.endswith(".zst") else ".jsonl"
        self._part = part_of(path).with_suffix(suffix)
        self._part.unlink(missing_ok=True)
        self._journal = JournalWriter(self._part, header)
        self._rows: dict[str, int] = {}

    def put(self, table: Table, row: Row) -> None:
        self._journal.write((row.event,))
        self._rows[table.name] = self._rows.get(table.name, 0) + 1

    def finish(self) -> None:
        self._journal.close()
        os.replace(self._part, self._path)
        self.written += [Written(name, rows, self._path) for name, rows in self._rows.items()]

    def abandon(self) -> None:
        self._journal.close()
        self._part.unlink(missing_ok=True)


class RowLines(_TableFile):
    """A table that isn't of events as JSON Lines, an object a row; times are ms UTC."""

    def write_rows(self, rows: Sequence[Any]) -> None:
        names = [column.name for column in self._table.columns]
        values = zip(*(column.values(rows) for column in self._table.columns), strict=True)
        self._file.writelines(
            msgspec.json.encode(dict(zip(names, each, strict=True))).decode() + "\n" for each in values
        )  # fmt: skip


def _texts(column: Column, values: list[Any]) -> list[Any]:
    convert = _CONVERT.get(column.form)
    return values if convert is None else [None if each is None else convert(each) for each in values]


def _moment(ts: int) -> str:
    at = datetime.fromtimestamp(ts // 1000, UTC)
    return f"{at:%Y-%m-%d %H:%M:%S}.{ts % 1000:03}"


def _json(value: Any) -> str:
    return _harmless(msgspec.json.encode(value).decode())


def _harmless(text: str) -> str:
    """JSON in which each character that isn't printable stands by its number, as JSON writes it: it means the same."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)


_CONVERT: Mapping[Form, Callable[[Any], str]] = {
    "time": _moment, "text": fmt.for_spreadsheet, "word": fmt.for_spreadsheet,
    "boolean": lambda value: "true" if value else "false",
    **dict.fromkeys(("numbers", "words", "number by name", "text by name"), _json), "json": _harmless,
}  # fmt: skip
