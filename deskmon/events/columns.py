"""Columns of numbers in a checkpoint: arrays in memory, text in JSON."""

from __future__ import annotations

import binascii
import zlib
from array import array
from base64 import b64decode, b64encode
from typing import Any

_SHORT_BYTES = 256
"""Columns up to this size aren't compressed: it would cost 10 to 60 µs each and save nothing."""
MOST_BYTES = 1 << 24
"""Of a column; the largest that a desk writes has half a million numbers, 4 MB. A text expands a thousandfold."""
_PLAIN = "="
"""Begins the text of a column that isn't compressed; base64 never begins so."""


def pack(column: array[Any]) -> str:
    """A column as base64 of its machine values, compressed where it is long."""
    values = column.tobytes()
    if len(values) <= _SHORT_BYTES:
        return _PLAIN + binascii.b2a_base64(values, newline=False).decode("ascii")
    return b64encode(zlib.compress(values, 1)).decode("ascii")


def unpack(typecode: str, column: str | array[Any]) -> array[Any]:
    """The column that `pack` wrote, or a copy of one that didn't become text. Raises ValueError where it is neither."""
    if isinstance(column, array):
        if column.typecode != typecode:
            raise ValueError(f"a column of {column.typecode!r}, not of {typecode!r}")
        return column[:]
    values: array[Any] = array(typecode)
    plain = column.startswith(_PLAIN)
    try:
        raw = b64decode(column.removeprefix(_PLAIN), validate=True)
        values.frombytes(raw if plain else _expanded(raw))
    except (binascii.Error, zlib.error) as fault:
        raise ValueError(f"not a packed column: {fault}") from fault
    return values


def _expanded(raw: bytes) -> bytes:
    """What was compressed. Raises ValueError where that is cut off, or too large for a column."""
    unpacker = zlib.decompressobj()
    values = unpacker.decompress(raw, MOST_BYTES)
    if not unpacker.eof:
        raise ValueError("not a packed column: " + ("too large" if unpacker.unconsumed_tail else "cut off"))
    return values


def as_text(value: object) -> str:
    """What JSON holds in the place of a column. Raises TypeError for anything else that JSON can't hold."""
    if isinstance(value, array):
        return pack(value)
    raise TypeError(f"Encoding objects of type {type(value).__name__} is unsupported")
