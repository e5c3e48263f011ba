"""The first line of a journal: what it must be, and what to do where it isn't."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

from deskmon.errors import DeskError
from deskmon.events import MAX_PACE, MAX_TEXT, MAX_TS, MIN_TS, Journal, Source
from deskmon.journal.lines import MAX_LINE, ReadReport
from deskmon.journal.source import foreign

VERSION = 1
_SHOWN = 80


def header_of(path: Path, line: bytes | None, report: ReadReport) -> Journal:
    """The header in the first `line` of the file at `path`, None where its frame is damaged. Raises DeskError that
    names the file, what is wrong with it and what to do."""
    if line is None:
        raise foreign(path, b"") or DeskError(
            f"{path}: the frame at byte {report.damages[0].start:,}, where the header stands, can't be read",
            report.damages[0].reason,
        )
    if not line.strip():
        raise foreign(path, b"") or DeskError(
            f"{path}: holds no whole line, so not a journal", "record one with `deskmon record FILE`"
        )
    try:
        raw: Any = json.loads(line.decode("utf-8-sig")) if len(line) <= MAX_LINE else None
    except (ValueError, RecursionError):
        raw = None
    fields: dict[str, Any] = raw if isinstance(raw, dict) else {}
    if fields.get("type") != "journal":
        raise foreign(path, line) or DeskError(
            f"{path}: not a journal, its first line is no header",
            'begin it with {"type":"journal","version":1,"source":"imported","note":"","started":MS} (docs/journal.md)',
        )
    version = fields.get("version")
    if version != VERSION:
        raise DeskError(
            f"{path}: a journal of version {_shown(version)}",
            f"this deskmon reads version {VERSION}: use a newer deskmon",
        )
    for name, (is_possible, remedy) in _HEADER.items():
        if (name == "source" or name in fields) and not is_possible(fields.get(name)):
            raise DeskError(f"{path}: the header's {name} is {_shown(fields.get(name))}", remedy)
    for name in sorted(fields.keys() - _HEADER.keys() - set(Journal.__struct_fields__) - {"type"}):
        report.ignore(1, name[:64], line)
    known = {name: fields[name] for name in _HEADER if name in fields}
    return Journal(version=VERSION, **known | {"started": known.get("started") or MIN_TS})


def _whole(value: Any, least: int, most: int) -> bool:
    return type(value) is int and least <= value <= most


_HEADER: dict[str, tuple[Callable[[Any], bool], str]] = {
    "source": (
        lambda value: value in get_args(Source), "write one of recorded, reconstructed, simulated, imported there"
    ),
    "note": (
        lambda value: isinstance(value, str) and len(value) <= MAX_TEXT,
        f"write a text of at most {MAX_TEXT:,} characters there",
    ),
    "started": (
        lambda value: _whole(value, 0, 0) or _whole(value, MIN_TS, MAX_TS),
        "write the time in whole milliseconds since 1970 there, between 2000 and 2100, or 0 where it isn't known",
    ),
    "pace": (
        lambda value: _whole(value, 1, MAX_PACE), f"write a whole number from 1 to {MAX_PACE:,} there, or leave it out"
    ),
}  # fmt: skip
"""What each field of a header may be, and what to do where it isn't that."""


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
