"""What commands say: plain text on stdout or stderr, aligned columns, JSON. Nothing else in a command prints."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

from deskmon import format as fmt
from deskmon.errors import DeskError

LONGEST = 1_000
"""Characters of a complaint."""


def print_json(value: Any) -> int:
    """Print `value` as indented JSON, in which what could steer a terminal is escaped. Returns exit status 0."""
    import msgspec

    write(_escaped_json(msgspec.json.format(msgspec.json.encode(value), indent=2)) + "\n")
    return 0


def print_json_lines(values: Iterable[Any]) -> int:
    """Print each of `values` as JSON on a line of its own, escaped like that of `print_json`. Returns exit status 0."""
    import msgspec

    write("".join(_escaped_json(msgspec.json.encode(value)) + "\n" for value in values))
    return 0


def _escaped_json(encoded: bytes) -> str:
    text = encoded.decode()
    return text if text.isascii() else "".join(map(_escaped, text))


def say(text: str) -> None:
    """A line or several on stdout, with what isn't printable in them by its number."""
    write(fmt.escaped(text) + "\n")


def complain(text: str) -> None:
    """A line on stderr, cut where it repeats more of what it was given than anybody reads."""
    line = fmt.escaped(f"deskmon: {text}")
    _put(sys.stderr, (line if len(line) <= LONGEST else line[: LONGEST - 1] + "…") + "\n")


def write(text: str) -> None:
    """Text on stdout as it is; characters that its encoding lacks by their numbers."""
    _put(sys.stdout, text)


def _put(file: TextIO, text: str) -> None:
    encoding = file.encoding or "utf-8"
    file.write(text.encode(encoding, "backslashreplace").decode(encoding))


class Closed(io.TextIOBase):
    """Stands for a standard output that whoever started the command has closed."""

    encoding = "utf-8"

    def write(self, text: str) -> int:
        raise DeskError("standard output is closed", "leave it open, or send it to a file")


def open_standard_files() -> None:
    """Give a command that was started without standard output or error what it can write to."""
    if sys.stdout is None:
        sys.stdout = Closed()
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - open until the end


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
    from deskmon.components.text import cell_width, ljust

    if not rows:
        return
    widths = [max(cell_width(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    for row in rows:
        cells = [ljust(cell, width) for cell, width in zip(row, widths, strict=False)]
        say("  ".join([*cells, row[-1]]).rstrip())
