"""Frames → typed structs. Imports no ccxt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def decoder(kind: type[T]) -> Callable[[bytes], T]:
    """Decodes a frame as `kind`; numbers may be text. Raises msgspec.DecodeError."""
    return msgspec.json.Decoder(kind, strict=False).decode


def without_blanks(value: Any) -> Any:
    """Decoded JSON without the fields whose text is empty: some venues send that for a number that isn't there."""
    if isinstance(value, dict):
        return {name: without_blanks(part) for name, part in value.items() if part != ""}
    if isinstance(value, list):
        return [without_blanks(part) for part in value]
    return value
