"""How paths are written: steps with dots between them, keys in quotes where they need it, brackets behind a list."""

from __future__ import annotations

import re
from typing import NamedTuple

from deskmon.errors import UsageError


class Name(NamedTuple):
    """A field or a key: `last`, `BTC`."""

    text: str


class Place(NamedTuple):
    """What stands in brackets and picks one of a list: a price, a date or a position."""

    text: str


Step = Name | Place

_STEP = re.compile(
    r"""(?P<dot>\.)? (?: "(?P<double>(?:[^"\\]|\\["\\])*)" | '(?P<single>[^']*)' | (?P<bare>[^\s."'\[\],]+) )
        | \[ (?P<place>[^\s"'\[\],]+) \]""",
    re.VERBOSE,
)
_PART = re.compile(r"""(?: "(?:[^"\\]|\\.)*" | '[^']*' | [^,] )+""", re.VERBOSE)


def read_steps(text: str) -> list[Step]:
    """`levels.BTC[85000]` → two names and a place. Raises UsageError for a text that isn't written so."""
    steps: list[Step] = []
    at = 0
    while at < len(text):
        match = _STEP.match(text, at)
        if match is None or not _may_follow(match, steps):
            raise UsageError(
                f"{text!r} is no path of a figure: character {at + 1} doesn't fit",
                "write it like prices.BTC.last, keys with dots or blanks in quotes",
            )
        steps.append(_step(match))
        at = match.end()
    if not steps:
        raise UsageError("a figure needs a path", "`deskmon list figures` prints them all")
    return steps


def write_path(path: str, *steps: Step) -> str:
    """`path` with further steps behind it, keys quoted where they have to be: `0.1` → `"0.1"`."""
    for step in steps:
        if isinstance(step, Place):
            path += f"[{step.text}]"
        else:
            path += ("." if path else "") + quoted(step.text)
    return path


def quoted(name: str) -> str:
    """A key as a path holds it: `0.1` → `"0.1"`, `BTC` as it is."""
    match = _STEP.fullmatch(name)
    if match is not None and match["bare"] == name:
        return name
    return '"' + name.replace("\\", r"\\").replace('"', r"\"") + '"'


def split_paths(text: str) -> list[str]:
    """The paths between the commas that stand outside of quotes: `mode,prices.BTC.last` → two."""
    return [part.strip() for part in _PART.findall(text) if part.strip()]


def _may_follow(match: re.Match[str], before: list[Step]) -> bool:
    """The first step is a name without a dot, every later name has one."""
    return bool(before) if match["place"] is not None else (match["dot"] is not None) is bool(before)


def _step(match: re.Match[str]) -> Step:
    if match["place"] is not None:
        return Place(match["place"])
    if match["double"] is not None:
        return Name(re.sub(r"\\(.)", r"\1", match["double"]))
    return Name(match["bare"] if match["single"] is None else match["single"])
