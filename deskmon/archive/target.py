"""Where an export goes, by the name that was given."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from pathlib import Path

from deskmon.archive.kinds import KINDS
from deskmon.archive.sink import Sink, failed
from deskmon.archive.tables import Table
from deskmon.errors import UsageError
from deskmon.events import Journal
from deskmon.past import Span


class Format(Enum):
    """What a name stands for; the value is its ending."""

    CSV = ".csv"
    LINES = ".jsonl"
    PACKED_LINES = ".jsonl.zst"
    PARQUET = ".parquet"
    FOLDER = ""


def format_of(path: Path) -> Format:
    """By the name's ending; without one, and of a folder that is there, a folder. Raises UsageError for another ending
    and for a folder that looks like a file."""
    if path.is_dir():
        return Format.FOLDER
    for each in (Format.CSV, Format.LINES, Format.PACKED_LINES, Format.PARQUET):
        if path.name.endswith(each.value):
            return each
    if path.suffix:
        raise UsageError(
            f"{path}: there is no format {path.suffix}",
            "end it in .csv, .jsonl, .jsonl.zst or .parquet, or name a folder",
        )
    return Format.FOLDER


def check(path: Path, format: Format, tables: int) -> None:
    """Raise UsageError where so many tables can't go there, DeskError where what writes it isn't installed."""
    if tables > 1 and format in (Format.CSV, Format.PARQUET):
        raise UsageError(f"{path}: one file holds one kind", "name one with --kind, or give a folder or a .jsonl")
    if format in (Format.PARQUET, Format.FOLDER):
        import deskmon.archive.parquet  # noqa: F401 - says what is missing before anything is read


def open_sink(path: Path, format: Format, tables: Sequence[Table], header: Journal, span: Span) -> Sink:
    """What writes the tables there. Raises DeskError where it can't be written."""
    try:
        return _open(path, format, tables, header, span)
    except OSError as fault:
        raise failed(fault) from None


def _open(path: Path, format: Format, tables: Sequence[Table], header: Journal, span: Span) -> Sink:
    from deskmon.archive import text_files

    match format:
        case Format.CSV:
            return text_files.CsvFile(path, tables[0])
        case Format.LINES | Format.PACKED_LINES if tables[0].name in KINDS:
            return text_files.EventLines(path, header)
        case Format.LINES | Format.PACKED_LINES:
            return text_files.RowLines(path, tables[0])
    from deskmon.archive import parquet

    if format is Format.PARQUET:
        return parquet.ParquetFile(path, tables[0], header)
    return parquet.ParquetFolder(path, tables, header, span)
