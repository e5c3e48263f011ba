"""Plug-ins by name: panels, feeds and themes that installed packages offer as entry points.

Names are read without importing anything; a plug-in is imported when it is loaded. The desk's own plug-ins have no
privilege: they are found exactly as a third party's are. Where two packages offer one name, the first on Python's
path is taken.
"""

from __future__ import annotations

import difflib
import importlib.util
from collections.abc import Iterable
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TypeVar

from deskmon.errors import DeskError, UsageError
from deskmon.feed import Feed
from deskmon.panel import Panel

PANELS = "deskmon.panels"
FEEDS = "deskmon.feeds"
THEMES = "deskmon.themes"
Base = TypeVar("Base")
_WORD = {PANELS: "panel", FEEDS: "feed", THEMES: "theme"}


@cache
def _group(group: str) -> dict[str, EntryPoint]:
    found: dict[str, EntryPoint] = {}
    for entry in entry_points(group=group):
        found.setdefault(entry.name, entry)
    return dict(sorted(found.items()))


def forget() -> None:
    """Read the installed packages again at the next question: after an install while the program runs."""
    _group.cache_clear()


def panel_names() -> tuple[str, ...]:
    """Names of all installed panels, sorted."""
    return tuple(_group(PANELS))


def feed_names() -> tuple[str, ...]:
    """Names of all installed feeds, sorted."""
    return tuple(_group(FEEDS))


def theme_names() -> tuple[str, ...]:
    """Names of all installed themes, sorted."""
    return tuple(_group(THEMES))


def package(group: str, name: str) -> str:
    """The package (`name version`) that brings plug-in `name` of `group`, "" where unknown."""
    entry = _group(group).get(name)
    return f"{entry.dist.name} {entry.dist.version}" if entry is not None and entry.dist is not None else ""


def nearest(name: str, names: Iterable[str]) -> str:
    """The valid name that `name` was probably meant to be, "" where none is near."""
    by_lower = {candidate.lower(): candidate for candidate in names}
    close = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[close[0]] if close else ""


def load_panel(name: str) -> type[Panel]:
    """The panel class called `name`. Raises DeskError where it isn't installed or can't be imported."""
    return _class(PANELS, name, Panel)


def load_feed(name: str) -> type[Feed]:
    """The feed class called `name`. Raises DeskError where it isn't installed or can't be imported."""
    return _class(FEEDS, name, Feed)


def theme_path(name: str) -> Path:
    """The TOML file of theme `name`: NAME.toml in the package its entry point names. Raises DeskError without one."""
    entry = _entry(THEMES, name)
    try:
        spec = importlib.util.find_spec(entry.module)
    except Exception as fault:  # finding it imports the package above it: a stranger may raise anything
        raise _broken(entry, fault) from fault
    folders = (spec.submodule_search_locations or ()) if spec else ()
    for folder in folders:
        path = Path(folder) / f"{name}.toml"
        if path.is_file():
            return path
    raise DeskError(f"theme {name!r}: {entry.module} holds no {name}.toml", _remedy(entry))


def _entry(group: str, name: str) -> EntryPoint:
    entry = _group(group).get(name)
    if entry is None:
        word = _WORD[group]
        close = nearest(name, _group(group))
        hint = f"did you mean {close!r}? " if close else ""
        raise UsageError(f"{word} {name!r} isn't installed", f"{hint}`deskmon list {word}s` names those that are")
    return entry


def _class(group: str, name: str, base: type[Base]) -> type[Base]:
    entry = _entry(group, name)
    try:
        loaded = entry.load()
    except Exception as fault:  # importing a stranger's module may raise anything
        raise _broken(entry, fault) from fault
    if not (isinstance(loaded, type) and issubclass(loaded, base)):
        raise DeskError(f"{_WORD[group]} {name!r}: {entry.value} is no {base.__name__}", _remedy(entry))
    return loaded


def _broken(entry: EntryPoint, fault: Exception) -> DeskError:
    word = _WORD[entry.group]
    return DeskError(f"{word} {entry.name!r} can't be loaded: {type(fault).__name__}: {fault}", _remedy(entry))


def _remedy(entry: EntryPoint) -> str:
    origin = entry.dist.name if entry.dist is not None else entry.module
    return f"mend or reinstall the package that brings it ({origin})"
