"""Names within an archive's folder: `TABLE/day=2026-01-05/20260105T120000.000Z-20260105T125959.950Z.parquet`."""

from __future__ import annotations

import re
from collections.abc import Container
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import NamedTuple

from deskmon.clock import DAY
from deskmon.journal.segments import moment, stamp

_NAME = re.compile(r"(\d{8}T\d{6})\.(\d{3})Z-(\d{8}T\d{6})\.(\d{3})Z(?:-\d+)?\.parquet", re.ASCII)


def day_folder(folder: Path, table: str, day: int) -> Path:
    """Where a table's rows of a day are, counted in days since 1970."""
    return folder / table / f"day={datetime.fromtimestamp(day * DAY // 1000, UTC):%Y-%m-%d}"


def name_of(first: int, last: int, taken: Container[str]) -> str:
    """The name of a file whose rows are of `first` to `last` (ms), one that isn't taken yet."""
    stem = f"{stamp(first)}-{stamp(last)}"
    names = (f"{stem}{f'-{number}' if number else ''}.parquet" for number in count())
    return next(name for name in names if name not in taken)


class DayFile(NamedTuple):
    """A file of a table. `first`, `last`: when its first and its last row count (ms)."""

    path: Path
    first: int
    last: int


def files(table: Path) -> list[DayFile]:
    """The files of a table by their names, the earliest first; files of other names are passed over."""
    found = []
    for path in table.glob("day=*/*.parquet"):
        named = _NAME.fullmatch(path.name)
        first, last = (moment(named[1], named[2]), moment(named[3], named[4])) if named else (None, None)
        if first is not None and last is not None:
            found.append(DayFile(path, first, last))
    return sorted(found, key=lambda each: each.first)
