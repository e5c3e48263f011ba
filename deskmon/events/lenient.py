"""Fields as other programs write them: ids and names as numbers, whole numbers as text."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

from deskmon.events.base import Event


def event_of(fields: dict[str, Any], kind: type[Event]) -> Event:
    """The event of `kind` with these fields, as JSON has them.

    A number where a name or an id is expected is read as its digits (`"id": 12345`); digits where a number only names
    something are read as that number (`"nonce": "12345"`). Raises msgspec.ValidationError that names the field.
    """
    return msgspec.convert({name: _as(_expected(kind).get(name), value) for name, value in fields.items()}, kind)


def _as(expected: type | None, value: Any) -> Any:
    if expected is str and not isinstance(value, bool):
        if isinstance(value, int):
            return str(value)
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
    if expected is int and isinstance(value, str) and len(value) <= 20 and value.isascii() and value.isdecimal():
        return int(value)
    return value


@cache
def _expected(kind: type[Event]) -> dict[str, type]:
    """Of each field that names something, whether it is text or a number."""
    found: dict[str, type] = {}
    for field in msgspec.structs.fields(kind):
        if field.type in (str, str | None):
            found[field.encode_name] = str
        elif field.encode_name in ("id", "nonce"):
            found[field.encode_name] = int
    return found
