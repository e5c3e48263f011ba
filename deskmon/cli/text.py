"""Plain output on stdout: aligned columns, JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def print_json(value: Any) -> int:
    """Print `value` as indented JSON, in which what could steer a terminal is escaped. Returns exit status 0."""
    import msgspec

    text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    print(text if text.isascii() else "".join(map(_escaped, text)))
    return 0


def _escaped(char: str) -> str:
    """A character of JSON: what isn't printable, and so stands within a string, by its number (RFC 8259)."""
    if char == "\n" or char.isprintable():
        return char
    return "".join(f"\\u{unit:04x}" for unit in _units(char))


def _units(char: str) -> tuple[int, ...]:
    """UTF-16 code units."""
    raw = char.encode("utf-16-be")
    return tuple(int.from_bytes(raw[at : at + 2]) for at in range(0, len(raw), 2))


def print_columns(rows: Sequence[Sequence[str]]) -> None:
    """Print rows with every column but the last as wide as its widest cell."""
    if not rows:
        return
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        print("  ".join([*cells, row[-1]]).rstrip())
