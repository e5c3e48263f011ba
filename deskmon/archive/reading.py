"""Parquet back to the events that it was made of."""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterator
from datetime import date
from operator import itemgetter
from pathlib import Path
from typing import Any

import msgspec

from deskmon.archive.arrow import pa, pq
from deskmon.archive.kinds import KINDS
from deskmon.archive.tables import BOOK_SIDES, SCHEMA, event_table
from deskmon.errors import DeskError
from deskmon.events import Event, Journal

BATCH = 4_096
_Sequenced = tuple[int, int, Event]


def read_archive(path: str | Path) -> Iterator[Event]:
    """The events of a Parquet file, or of all files of an archive's folder, in order of arrival; of one arrival as they
    were exported.

    Raises DeskError where a file is none of deskmon's, or of a newer version than this one reads. Memory: a batch of
    each file of a day.
    """
    path = Path(path)
    if not path.is_dir():
        yield from map(itemgetter(2), _file(path))
        return
    days: dict[str, list[Path]] = {}
    for each in path.glob("*/day=*/*.parquet"):
        if each.parents[1].name in KINDS:
            days.setdefault(each.parent.name, []).append(each)
    for _, files in sorted(days.items()):
        yield from map(itemgetter(2), heapq.merge(*map(_file, sorted(files)), key=itemgetter(0, 1)))


def archive_header(path: str | Path) -> Journal:
    """The header of the journal that a Parquet file was made of. Raises DeskError as `read_archive`."""
    return msgspec.convert(_told(Path(path))["journal"], Journal)


def _told(path: Path) -> dict[str, Any]:
    try:
        metadata = pq.read_schema(path).metadata or {}
        told: Any = json.loads(metadata[b"deskmon"])
        version = told["schema"]
    except (OSError, ValueError, LookupError, TypeError, pa.ArrowException) as fault:
        raise DeskError(f"{path}: no table of deskmon's ({fault})", "`deskmon export` writes them") from None
    if version > SCHEMA:
        raise DeskError(f"{path}: a table of version {version}", f"this deskmon reads up to {SCHEMA}: use a newer one")
    return dict(told)


def _file(path: Path) -> Iterator[_Sequenced]:
    name = _told(path)["table"]
    if name not in KINDS:
        raise DeskError(f"{path}: its rows aren't events", "read it as a table")
    convert = msgspec.convert
    mixed = [column.name for column in event_table(name, "recorded").columns if column.form == "json"]
    for batch in pq.ParquetFile(path).iter_batches(BATCH):
        columns = {field: _values(batch.column(field)) for field in batch.schema.names}
        arrivals, seqs = columns.pop("arrival"), columns.pop("seq")
        del columns["market_source"]
        own = list(columns)
        for arrival, seq, *values in zip(arrivals, seqs, *columns.values(), strict=True):
            fields = {field: value for field, value in zip(own, values, strict=True) if value is not None}
            yield arrival, seq, convert(_event_fields(fields, mixed), KINDS[name])


def _values(array: Any) -> list[Any]:
    """What stands in a column, as the fields of an event have it: times in ms."""
    kind = array.type
    if pa.types.is_timestamp(kind):
        array = array.cast(pa.timestamp("ms", tz="UTC")).cast(pa.int64())
    values: list[Any] = array.to_pylist()
    if pa.types.is_date32(kind):
        return [each.isoformat() if isinstance(each, date) else each for each in values]
    if pa.types.is_map(kind):
        return [None if each is None else dict(each) for each in values]
    return values


def _event_fields(fields: dict[str, Any], mixed: list[str]) -> dict[str, Any]:
    for side, (prices, amounts) in BOOK_SIDES.items():
        if prices in fields:
            fields[side] = tuple(zip(fields.pop(prices), fields.pop(amounts), strict=True))
    for name in mixed:
        if name in fields:
            fields[name] = msgspec.json.decode(fields[name])
    return fields
