"""Tables as Arrow has them: types, units beside the columns, batches of rows. The one module that imports pyarrow.

Raises DeskError on import where pyarrow is missing, with the command that installs it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from itertools import accumulate, chain
from typing import Any

import msgspec

from deskmon import __version__
from deskmon.archive.tables import SCHEMA, Column, Form, Table
from deskmon.errors import DeskError
from deskmon.events import Journal

try:
    import pyarrow as pa
    import pyarrow.parquet as pq
except ImportError as fault:
    raise DeskError("Parquet needs pyarrow", "python -m pip install 'deskmon[archive]'") from fault

__all__ = ["batch", "pa", "pq", "schema"]

_TIME = pa.timestamp("ms", tz="UTC")
_WORD = pa.dictionary(pa.int32(), pa.string())
TYPES: Mapping[Form, Any] = {
    "time": _TIME, "date": pa.date32(), "number": pa.float64(), "integer": pa.int64(), "boolean": pa.bool_(),
    "word": _WORD, "text": pa.string(), "json": pa.string(), "numbers": pa.list_(pa.float64()),
    "words": pa.list_(pa.string()), "number by name": pa.map_(pa.string(), pa.float64()),
    "text by name": pa.map_(pa.string(), pa.string()),
}  # fmt: skip
_WHOLE = 2**63


def schema(table: Table, header: Journal) -> Any:
    """The Arrow schema of a table: the unit of a column stands in its metadata; in the table's, as `deskmon`, version
    and name of the table and the header of the journal."""
    told = {"schema": SCHEMA, "table": table.name, "deskmon": __version__, "journal": msgspec.to_builtins(header)}
    return pa.schema([_field(column) for column in table.columns], {b"deskmon": msgspec.json.encode(told)})


def _field(column: Column) -> Any:
    metadata = {b"unit": column.unit.encode()} if column.unit else None
    return pa.field(column.name, TYPES[column.form], nullable=not column.is_required, metadata=metadata)


def batch(table: Table, rows: Sequence[Any], of: Any) -> Any:
    """Rows as a batch of the schema `of`."""
    arrays = [_array(column, column.values(rows)) for column in table.columns]
    return pa.RecordBatch.from_arrays(arrays, schema=of)


def _array(column: Column, values: list[Any]) -> Any:
    convert = _CONVERT.get(column.form)
    return pa.array(values, TYPES[column.form]) if convert is None else convert(values)


def _dates(values: list[str | None]) -> Any:
    return pa.array([None if each is None else date.fromisoformat(each) for each in values], pa.date32())


def _integers(values: list[int | None]) -> Any:
    """What doesn't fit into 64 bits, as a venue's nonce may not, is unknown."""
    return pa.array([None if each is None or not -_WHOLE <= each < _WHOLE else each for each in values], pa.int64())


def _words(values: list[str | None]) -> Any:
    return pa.array(values, pa.string()).dictionary_encode().cast(_WORD)


def _numbers(values: list[list[float]]) -> Any:
    offsets = pa.array(list(accumulate(map(len, values), initial=0)), pa.int32())
    return pa.ListArray.from_arrays(offsets, pa.array(list(chain.from_iterable(values)), pa.float64()))


def _mappings(form: Form) -> Callable[[list[dict[str, Any] | None]], Any]:
    return lambda values: pa.array([None if each is None else list(each.items()) for each in values], TYPES[form])


_CONVERT: Mapping[Form, Callable[[list[Any]], Any]] = {
    "date": _dates, "integer": _integers, "word": _words, "numbers": _numbers,
    "number by name": _mappings("number by name"), "text by name": _mappings("text by name"),
}  # fmt: skip
