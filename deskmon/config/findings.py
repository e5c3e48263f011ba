"""What is wrong with a configuration: problems collected by key, none lost behind another."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from deskmon.errors import nearest

Path = tuple[str | int, ...]
"""A place in the configuration: keys of tables and indexes of lists, outermost first."""

_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")
MOST = 200
"""Faults that are told; nobody reads more, and to find what was meant by each takes time."""
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
    """Faults by path, in the order they were found; of more than `MOST` the rest is only counted, in `more`.

    lenient: keys that nobody knows are warnings, since the file is written for a newer deskmon. unknown: their paths.
    """

    def __init__(self, *, lenient: bool = False) -> None:
        self.found: list[tuple[Literal["error", "warning"], Path, str]] = []
        self.more = 0
        self.failed = False
        """Whether there is an error."""
        self.lenient = lenient
        self.unknown: list[Path] = []
        self._errors: set[Path] = set()
        self._above_errors: set[Path] = set()

    def error(self, path: Path, message: str) -> None:
        """The desk can't start with this."""
        self.failed = True
        self._errors.add(path)
        self._above_errors.update(path[:length] for length in range(len(path) + 1))
        self._add("error", path, message)

    def warn(self, path: Path, message: str) -> None:
        """The desk starts all the same; the message says what it does instead."""
        self._add("warning", path, message)

    def unknown_key(self, path: Path, names: Iterable[str]) -> None:
        """Nothing that the schema has; `names` are those that it has there."""
        hint = "" if self.more else f"; {suggestion(str(path[-1]), names)}"
        if self.lenient:
            self.unknown.append(path)
            self.warn(path, f"unknown key, ignored{hint}")
        else:
            self.error(path, f"unknown key{hint}")

    def stands(self, path: Path) -> bool:
        """True where an error stands at `path` itself."""
        return path in self._errors

    def clean(self, *path: str | int) -> bool:
        """True where no error stands at `path`, above it or below it."""
        above = any(path[:length] in self._errors for length in range(len(path) + 1))
        return not above and path not in self._above_errors

    def _add(self, severity: Literal["error", "warning"], path: Path, message: str) -> None:
        if len(self.found) < MOST:
            self.found.append((severity, path, message))
        else:
            self.more += 1


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
