"""On which line of a TOML file a key stands: a light scan, for messages only."""

from __future__ import annotations

import re
from typing import Any

from deskmon.config.findings import Path
from deskmon.config.toml import NotToml, parse

HEADER = re.compile(r"\s*(\[\[?)([^\]]+)\]\]?\s*(?:#.*)?\Z")
"""A table header: its brackets, and what stands between them."""
_KEY = re.compile(r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=""")


def parts(key: str) -> tuple[str, ...]:
    """A dotted TOML key as its parts, () where it is none."""
    try:
        table: Any = parse(f"{key} = 0")
    except NotToml:
        return ()
    found: list[str] = []
    while isinstance(table, dict) and len(table) == 1:
        name, table = next(iter(table.items()))
        found.append(name)
    return tuple(found) if table == 0 else ()


def scan(text: str) -> dict[Path, int]:
    """Line number, from 1, of each table header and key. What stands inside multi-line values may be missed."""
    lines: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()

    def resolve(names: tuple[str, ...]) -> Path:
        path: Path = ()
        for part in names:
            path = (*path, part)
            if path in counts:
                path = (*path, counts[path])
        return path

    for number, line in enumerate(text.splitlines(), 1):
        if header := HEADER.match(line):
            names = parts(header[2].strip())
            if header[1] == "[[" and names:
                counted = (*resolve(names[:-1]), names[-1])
                counts[counted] = counts.get(counted, -1) + 1
            table = resolve(names)
            lines.setdefault(table, number)
        elif key := _KEY.match(line):
            path = table
            for part in parts(key[1]):
                path = (*path, part)
                lines.setdefault(path, number)
    return lines


def line_of(path: Path, lines: dict[Path, int]) -> int | None:
    """The line of `path`, or of the nearest table above it that the scan found."""
    while path:
        if path in lines:
            return lines[path]
        path = path[:-1]
    return None
