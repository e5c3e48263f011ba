"""How much a folder may keep, and sizes as they are written in a configuration."""

from __future__ import annotations

import re

import msgspec

from deskmon.errors import UsageError

_UNITS = {"": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}
_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,6})?) ?(|kb|mb|gb|tb)", re.ASCII)


class Limits(msgspec.Struct, frozen=True):
    """How long a folder keeps what arrived (ms), and how many bytes it may take."""

    keep_ms: int
    most_bytes: int


def parse_bytes(text: str) -> int:
    """A size such as 5GB, 500MB, 1.5 TB or 1000000 → bytes. Raises UsageError."""
    written = _SIZE.fullmatch(text.strip().lower())
    size = 0 if written is None else round(float(written[1]) * _UNITS[written[2]])
    if size <= 0:
        raise UsageError(f"{text[:80]!r} is not a size", "write it like 5GB, 500MB or 1.5TB")
    return size
