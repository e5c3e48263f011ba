"""What is wrong with a configuration: problems collected by key, none lost behind another."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from deskmon.plugins import nearest

Path = tuple[str | int, ...]
"""A place in the configuration: keys of tables and indexes of lists, outermost first."""

_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")
_LONGEST_VALUE = 40
_LONGEST_LIST = 12


class Problem(msgspec.Struct, frozen=True):
    """One fault. An `error` keeps the desk from starting; a `warning` costs what it names and nothing else."""

    severity: Literal["error", "warning"]
    where: str
    key: str
    message: str

    def __str__(self) -> str:
        parts = [part for part in (self.where, self.key) if part]
        mark = "warning: " if self.severity == "warning" else ""
        return ": ".join([*parts, mark + self.message])


class Findings:
    """Faults by path, in the order they were found."""

    def __init__(self) -> None:
        self.found: list[tuple[Literal["error", "warning"], Path, str]] = []

    def error(self, path: Path, message: str) -> None:
        """The desk can't start with this."""
        self.found.append(("error", path, message))

    def warn(self, path: Path, message: str) -> None:
        """The desk starts all the same; the message says what it does instead."""
        self.found.append(("warning", path, message))

    def clean(self, *path: str | int) -> bool:
        """True where no error stands at `path`, above it or below it."""
        return not any(
            severity == "error" and path[: len(other)] == other[: len(path)] for severity, other, _ in self.found
        )


def quoted(text: str) -> str:
    """The text as TOML writes it."""
    return msgspec.json.encode(text).decode()


def dotted(path: Path) -> str:
    """The path as TOML writes it: `layouts.default.cells[2].panel`; parts that need quotes get them."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += ("." if text else "") + (part if _BARE.match(part) else quoted(part))
    return text


def shown(value: Any) -> str:
    """A value in a message: one short line."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = quoted(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


def suggestion(name: str, names: Iterable[str], where: str = "") -> str:
    """What to write instead of `name`: the nearest of `names`, else `where` to look, else all if they are few."""
    names = tuple(names)
    close = nearest(name, names)
    if close:
        return f"did you mean {close!r}?"
    if where:
        return where
    if 0 < len(names) <= _LONGEST_LIST:
        return "valid: " + ", ".join(sorted(names))
    return "nothing near is known"
