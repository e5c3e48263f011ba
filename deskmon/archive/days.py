"""Names within an archive's folder: `TABLE/day=2026-01-05/20260105T120000.000Z-20260105T125959.950Z.parquet`."""

from __future__ import annotations

import re
from collections.abc import Container
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from deskmon.clock import DAY
from deskmon.journal.segments import moment, stamp
from deskmon.past import Span

_NAME = re.compile(r"(\d{8}T\d{6})\.(\d{3})Z-(\d{8}T\d{6})\.(\d{3})Z(?:-\d+)?\.parquet", re.ASCII)


def day_folder(folder: Path, table: str, day: int) -> Path:
    """Where a table's rows of a day are, counted in days since 1970."""
    return folder / table / f"day={datetime.fromtimestamp(day * DAY // 1000, UTC):%Y-%m-%d}"


def name_of(first: int, last: int, taken: Container[str]) -> str:
    """The name of a file whose rows are of `first` to `last` (ms), one that isn't taken yet."""
    stem = f"{stamp(first)}-{stamp(last)}"
    names = (f"{stem}{f'-{number}' if number else ''}.parquet" for number in count())
    return next(name for name in names if name not in taken)


def files_within(table: Path, span: Span) -> list[Path]:
    """The files of a table whose rows may be within the span, by their names, the earliest first."""
    found = []
    for path in table.glob("day=*/*.parquet"):
        named = _NAME.fullmatch(path.name)
        times = None if named is None else (moment(named[1], named[2]), moment(named[3], named[4]))
        if times is None or None in times or _overlap(times, span):
            found.append(path)
    return sorted(found, key=lambda path: path.name)


def _overlap(times: tuple[int | None, int | None], span: Span) -> bool:
    first, last = times
    return first is not None and last is not None and first <= span.end and last >= span.start
