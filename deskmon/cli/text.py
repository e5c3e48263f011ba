"""Plain output on stdout: aligned columns, JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def print_json(value: Any) -> int:
    """Print `value` as indented JSON. Returns exit status 0."""
    import msgspec

    print(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())
    return 0


def print_columns(rows: Sequence[Sequence[str]]) -> None:
    """Print rows with every column but the last as wide as its widest cell."""
    if not rows:
        return
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        print("  ".join([*cells, row[-1]]).rstrip())
