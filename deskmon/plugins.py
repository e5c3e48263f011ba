"""Plug-ins by name: panels, feeds and themes that installed packages offer as entry points.

Names are read without importing anything; a plug-in is imported when it is loaded. The desk's own plug-ins have no
privilege: they are found exactly as a third party's are. Where two packages offer one name, the first on Python's
path is taken.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import NamedTuple, TypeVar

from deskmon.errors import DeskError, UsageError
from deskmon.feed import Feed
from deskmon.panel import Panel

PANELS = "deskmon.panels"
FEEDS = "deskmon.feeds"
THEMES = "deskmon.themes"
Base = TypeVar("Base")
_METADATA = (".dist-info", ".egg-info")
_WORD = {PANELS: "panel", FEEDS: "feed", THEMES: "theme"}


class Entry(NamedTuple):
    """One entry point: `value` is `module` or `module:attribute`, `package` the folder of its package's metadata."""

    name: str
    value: str
    group: str
    package: str

    @property
    def module(self) -> str:
        return self.value.partition(":")[0].strip()


@cache
def _installed() -> dict[str, dict[str, Entry]]:
    """Entries by group and name, read here: importing importlib.metadata takes longer than all of the reading."""
    found: dict[str, dict[str, Entry]] = {group: {} for group in _WORD}
    packages: set[str] = set()
    for folder in sys.path:
        try:
            names = sorted(os.listdir(folder or "."))
        except OSError:
            continue
        for name in names:
            package = _package_name(name)
            if name.endswith(_METADATA) and package not in packages:
                packages.add(package)
                for entry in _read(os.path.join(folder, name)):
                    found[entry.group].setdefault(entry.name, entry)
    return {group: dict(sorted(entries.items())) for group, entries in found.items()}


def _read(folder: str) -> Iterator[Entry]:
    try:
        with open(os.path.join(folder, "entry_points.txt"), encoding="utf-8") as file:
            text = file.read()
    except (OSError, UnicodeDecodeError):
        return
    group = ""
    for line in text.splitlines() if "[deskmon." in text else ():
        line = line.strip()
        if line.startswith("["):
            group = line.strip("[] ")
        elif group in _WORD and "=" in line and not line.startswith(("#", ";")):
            name, _, value = line.partition("=")
            yield Entry(name.strip(), value.partition("[")[0].strip(), group, folder)


def _package_name(folder: str) -> str:
    """acme_feeds-1.5.dist-info → acme_feeds"""
    return folder.removesuffix(_METADATA[0]).removesuffix(_METADATA[1]).partition("-")[0].lower()


def _group(group: str) -> dict[str, Entry]:
    return _installed()[group]


def forget() -> None:
    """Read the installed packages again at the next question: after an install while the program runs."""
    _installed.cache_clear()


def panel_names() -> tuple[str, ...]:
    """Names of all installed panels, sorted."""
    return tuple(_group(PANELS))


def feed_names() -> tuple[str, ...]:
    """Names of all installed feeds, sorted."""
    return tuple(_group(FEEDS))


def theme_names() -> tuple[str, ...]:
    """Names of all installed themes and of the user's own, sorted."""
    return tuple(sorted({*_group(THEMES), *(path.stem for path in own_themes().glob("*.toml"))}))


def own_themes() -> Path:
    """The folder of the user's own themes, a file each; it need not exist."""
    import platformdirs

    return platformdirs.user_config_path("deskmon") / "themes"


def package(group: str, name: str) -> str:
    """The package (`name version`) that brings plug-in `name` of `group`, "" where unknown."""
    from importlib.metadata import Distribution

    entry = _group(group).get(name)
    if entry is None:
        return ""
    metadata = Distribution.at(entry.package).metadata
    return f"{metadata['Name']} {metadata['Version']}"


def nearest(name: str, names: Iterable[str]) -> str:
    """The valid name that `name` was probably meant to be, "" where none is near."""
    import difflib

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
    """The TOML file of theme `name`: the user's own, else NAME.toml in the package its entry point names.

    Raises DeskError without one.
    """
    from importlib.util import find_spec

    own = own_themes() / f"{name}.toml"
    if own.name == f"{name}.toml" and own.is_file():
        return own
    entry = _entry(THEMES, name)
    try:
        spec = find_spec(entry.module)
    except Exception as fault:  # finding it imports the package above it: a stranger may raise anything
        raise _broken(entry, fault) from fault
    folders = (spec.submodule_search_locations or ()) if spec else ()
    for folder in folders:
        path = Path(folder) / f"{name}.toml"
        if path.is_file():
            return path
    raise DeskError(f"theme {name!r}: {entry.module} holds no {name}.toml", _remedy(entry))


def _entry(group: str, name: str) -> Entry:
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
        loaded = import_module(entry.module)
        for part in filter(None, entry.value.partition(":")[2].strip().split(".")):
            loaded = getattr(loaded, part)
    except Exception as fault:  # importing a stranger's module may raise anything
        raise _broken(entry, fault) from fault
    if not (isinstance(loaded, type) and issubclass(loaded, base)):
        raise DeskError(f"{_WORD[group]} {name!r}: {entry.value} is no {base.__name__}", _remedy(entry))
    return loaded


def _broken(entry: Entry, fault: Exception) -> DeskError:
    word = _WORD[entry.group]
    return DeskError(f"{word} {entry.name!r} can't be loaded: {type(fault).__name__}: {fault}", _remedy(entry))


def _remedy(entry: Entry) -> str:
    return f"mend or reinstall the package that brings it ({_package_name(os.path.basename(entry.package))})"
