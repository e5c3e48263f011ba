"""Plug-ins by name: panels, feeds and themes that installed packages offer as entry points.

Names are read without importing anything; a plug-in is imported when it is loaded. The desk's own plug-ins have no
privilege but their names: they are found as a third party's are, and where two packages offer one name, the desk's own
is taken, else the first on Python's path, unless `[plugins]` in the configuration names another package.
"""

from __future__ import annotations

import io
import logging
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from functools import cache
from importlib import import_module, invalidate_caches
from pathlib import Path
from threading import RLock, current_thread, main_thread
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from deskmon import api_version
from deskmon.components.choices import Key
from deskmon.components.panel import Panel
from deskmon.errors import DeskError, UsageError, nearest

if TYPE_CHECKING:
    from deskmon.feedkit import Feed

log = logging.getLogger(__name__)

_LOADING = RLock()
"""Feeds are loaded in threads, several at once; what a module prints is caught for the whole process, one at a time, or
the end of one load would bring back what another had put in the place of standard output."""

OWN = "deskmon"
"""The package whose plug-ins stand before others of the same name."""
PANELS = "deskmon.panels"
FEEDS = "deskmon.feeds"
THEMES = "deskmon.themes"
Base = TypeVar("Base")
AnyFeed = TypeVar("AnyFeed", bound="Feed")
ASKED = "deskmon_api"
"""A plug-in's module gives this name to the `api_version` that it needs: `deskmon_api = 1`."""
_METADATA = (".dist-info", ".egg-info")
_WORD = {PANELS: "panel", FEEDS: "feed", THEMES: "theme"}
_chosen: dict[tuple[str, str], str] = {}
"""(group, name) → the package that the configuration chose."""
Claim = tuple[str, Callable[[Any], bool]]
"""What an attribute must be, in words and as a question."""


def _each(kind: type | tuple[type, ...]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, tuple | frozenset | set) and all(isinstance(item, kind) for item in value)


_TEXT: Claim = ("a text", lambda value: isinstance(value, str))
_INTERVAL: Claim = ("a whole number above 0", lambda value: isinstance(value, int) and value > 0)
_OPTIONS: Claim = ("a struct", lambda value: isinstance(value, type) and issubclass(value, msgspec.Struct))
_SHAPE: dict[str, dict[str, Claim]] = {
    PANELS: {
        "title": _TEXT,
        "topics": ("a set of texts", _each(str)),
        "keys": ("a tuple of Key", _each(Key)),
        "definitions": ("a tuple of pairs", _each(tuple)),
        "min_interval_ms": _INTERVAL,
        "wave_interval_ms": _INTERVAL,
        "Options": _OPTIONS,
    },
    FEEDS: {
        "title": _TEXT,
        "quiet_s": ("a number above 0", lambda value: isinstance(value, int | float) and value > 0),
        "Options": _OPTIONS,
    },
}
"""What the desk reads of a plug-in's class before it makes one."""


class Entry(msgspec.Struct, frozen=True):
    """One entry point: `value` is `module` or `module:attribute`, `package` the folder of its package's metadata."""

    name: str
    value: str
    group: str
    package: str

    @property
    def module(self) -> str:
        return self.value.partition(":")[0].strip()

    @property
    def owner(self) -> str:
        """Name of its package, as in a file's name."""
        return _package_name(os.path.basename(self.package))


@cache
def _installed() -> dict[str, dict[str, list[Entry]]]:
    """Entries by group and name, the one that counts first, read here: importing importlib.metadata takes longer than
    all of the reading."""
    found: dict[str, dict[str, list[Entry]]] = {group: {} for group in _WORD}
    packages: set[str] = set()
    for folder in sys.path:
        try:
            names = sorted(os.listdir(folder or "."))
        except OSError:
            continue
        for name in names:
            if not name.endswith(_METADATA):
                continue
            package = _package_name(name)
            if package not in packages:
                packages.add(package)
                for entry in _read(os.path.join(folder, name)):
                    found[entry.group].setdefault(entry.name, []).append(entry)
    for entries in found.values():
        for claimants in entries.values():
            claimants.sort(key=lambda entry: entry.owner != OWN)
    return {group: dict(sorted(entries.items())) for group, entries in found.items()}


def _read(folder: str) -> Iterator[Entry]:
    try:
        with open(f"{folder}/entry_points.txt", "rb", buffering=0) as file:
            read = file.read()
        text = read.decode() if b"[deskmon." in read else ""
    except (OSError, UnicodeDecodeError):
        return
    group = ""
    for line in text.splitlines():
        line = line.strip()
        if line.startswith("["):
            group = line.strip("[] ")
        elif group in _WORD and "=" in line and not line.startswith(("#", ";")):
            name, _, value = line.partition("=")
            yield Entry(name.strip(), value.partition("[")[0].strip(), group, folder)


def _package_name(folder: str) -> str:
    """acme_feeds-1.5.dist-info → acme_feeds"""
    return normalized(folder.removesuffix(_METADATA[0]).removesuffix(_METADATA[1]).partition("-")[0])


def normalized(package: str) -> str:
    """The one way to write a package's name: Acme-Feeds → acme_feeds."""
    return re.sub(r"[-_.]+", "_", package).lower()


def _group(group: str) -> dict[str, list[Entry]]:
    return _installed()[group]


def choose(packages: Mapping[str, Mapping[str, str]]) -> None:
    """Take plug-ins from the packages that `[plugins]` names: `{"panels": {"prices": "acme"}}`."""
    _chosen.clear()
    for group, word in _WORD.items():
        for name, package in packages.get(f"{word}s", {}).items():
            _chosen[group, name] = normalized(package)


def contested() -> Iterator[tuple[str, str, list[str]]]:
    """(`panels`, name, packages) of each name that several packages offer, the one that is used first."""
    for group, word in _WORD.items():
        for name, claimants in _group(group).items():
            if len(claimants) > 1:
                used = _entry(group, name)
                yield f"{word}s", name, [used.owner, *(each.owner for each in claimants if each is not used)]


def third_party() -> tuple[tuple[str, str], ...]:
    """(group, name) of each panel and feed that is taken from a package other than the desk's own."""
    return tuple(
        (group, name) for group in (PANELS, FEEDS) for name in _group(group) if _entry(group, name).owner != OWN
    )


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

    if name not in _group(group):
        return ""
    entry = _entry(group, name)
    metadata = Distribution.at(entry.package).metadata
    others = ", ".join(each.owner for each in _group(group)[name] if each is not entry)
    return f"{metadata['Name']} {metadata['Version']}" + (f" (also in {others})" if others else "")


def load_panel(name: str) -> type[Panel]:
    """The panel class called `name`. Raises DeskError where it isn't installed or can't be imported."""
    return _class(PANELS, name, Panel)


def load_feed(name: str) -> type[Feed]:
    """The feed class called `name`. Raises DeskError where it isn't installed or can't be imported."""
    from deskmon.feedkit import Feed  # a screen loads none

    return _class(FEEDS, name, Feed)


def construct(label: str, kind: type[AnyFeed], options: dict[str, Any]) -> AnyFeed:
    """The feed `label` of class `kind`. Raises DeskError where its options don't fit."""
    try:
        return kind(label, msgspec.convert(options, kind.Options))
    except msgspec.ValidationError as fault:
        raise DeskError(f"feeds.{label}: {fault}", "`deskmon check` lists what can be set") from fault


def assets_of(name: str, options: dict[str, Any]) -> set[str] | None:
    """What feeds called `name` with these options can bring; None where only their source knows, or they fail."""
    try:
        kind = load_feed(name)
        return msgspec.convert(kind.assets(msgspec.convert(options, kind.Options)), set[str] | None)
    except Exception:  # noqa: BLE001 - a stranger's class may raise anything
        return None


def load(group: str, name: str) -> type[Panel] | type[Feed]:
    """The class called `name` of group PANELS or FEEDS. Raises DeskError as `load_panel` and `load_feed`."""
    return load_panel(name) if group == PANELS else load_feed(name)


def panel_source(name: str) -> Path | None:
    """The file that panel `name` is written in, found without importing it; None where it can't be told. Raises
    UsageError for a panel that isn't installed."""
    return _source(_entry(PANELS, name))


def forget_panel(name: str) -> None:
    """Import the module of panel `name` again when it is loaded next: its file was changed."""
    invalidate_caches()
    sys.modules.pop(_entry(PANELS, name).module, None)


def feed_owner(name: str) -> str:
    """The package whose feed is used under this name, "" where none offers it."""
    return _entry(FEEDS, name).owner if name in _group(FEEDS) else ""


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
        with _LOADING, redirect_stdout(io.StringIO()):
            spec = find_spec(entry.module)
    except BaseException as fault:  # finding it imports the package above it: a stranger may raise anything
        if _ends_us(fault):
            raise
        raise _broken(entry, fault) from fault
    folders = (spec.submodule_search_locations or ()) if spec else ()
    for folder in folders:
        path = Path(folder) / f"{name}.toml"
        if path.is_file():
            return path
    raise DeskError(f"theme {name!r}: {entry.module} holds no {name}.toml", _remedy(entry))


def _entry(group: str, name: str) -> Entry:
    claimants = _group(group).get(name)
    if not claimants:
        word = _WORD[group]
        close = nearest(name, _group(group))
        hint = f"did you mean {close!r}? " if close else ""
        raise UsageError(f"{word} {name!r} isn't installed", f"{hint}`deskmon list {word}s` names those that are")
    wanted = _chosen.get((group, name), claimants[0].owner)
    return next((entry for entry in claimants if entry.owner == wanted), claimants[0])


def _class(group: str, name: str, base: type[Base]) -> type[Base]:
    entry = _entry(group, name)
    printed = io.StringIO()
    try:
        with _LOADING, redirect_stdout(printed):  # it may be a command's JSON that a module prints into, or a screen
            loaded = import_module(entry.module)
            for part in filter(None, entry.value.partition(":")[2].strip().split(".")):
                loaded = getattr(loaded, part)
    except BaseException as fault:  # importing a stranger's module may raise anything
        if _ends_us(fault):
            raise
        _check_version(entry, _asked_in_source(entry))
        raise _broken(entry, fault) from fault
    _check_version(entry, getattr(sys.modules.get(entry.module), ASKED, 1))
    if printed.tell():
        log.warning("%s %r prints while it is imported: %r", _WORD[group], name, printed.getvalue()[:200])
    if not (isinstance(loaded, type) and issubclass(loaded, base)):
        raise DeskError(f"{_WORD[group]} {name!r}: {entry.value} is no {base.__name__}", _remedy(entry))
    for attribute, (words, holds) in _SHAPE[group].items():
        if not holds(getattr(loaded, attribute, None)):
            raise DeskError(f"{_WORD[group]} {name!r}: {entry.value}.{attribute} is not {words}", _remedy(entry))
    return loaded


def _ends_us(fault: BaseException) -> bool:
    """Whether what comes out of an import is an order to whoever imports, not a fault of what is imported. An order to
    a task marks it as being cancelled, Ctrl-C under `asyncio.run` included; elsewhere Ctrl-C reaches the main thread
    alone."""
    if isinstance(fault, Exception | SystemExit):
        return False
    import asyncio

    try:
        task = asyncio.current_task()
    except RuntimeError:  # no loop runs in this thread
        task = None
    if task is not None:
        return task.cancelling() > 0
    return isinstance(fault, KeyboardInterrupt) and current_thread() is main_thread()


def _check_version(entry: Entry, asked: Any) -> None:
    """Raises DeskError where a plug-in asks for an `api_version` that this desk doesn't have."""
    what = f"{_WORD[entry.group]} {entry.name!r}"
    if type(asked) is not int or asked < 1:
        raise DeskError(f"{what}: {entry.module}.{ASKED} is not a whole number from 1 on", _remedy(entry))
    if asked > api_version:
        needs = f"{what} needs api_version {asked}, this desk has {api_version}"
        raise DeskError(needs, f"upgrade deskmon, or install an older release of {entry.owner}")


def _asked_in_source(entry: Entry) -> int:
    """The version that a module asks for which can't be imported, perhaps because it uses names that are newer than
    this desk: from its text, as it never got to tell; 1 where it has none."""
    path = _source(entry)
    text = path.read_bytes().decode("utf-8", "replace") if path else ""
    asked = re.search(rf"^{ASKED}\s*=\s*([1-9]\d*)\s*(?:#.*)?$", text, re.MULTILINE)
    return int(asked[1]) if asked else 1


def _source(entry: Entry) -> Path | None:
    """The file of an entry's module, found without importing anything; None where there is none to read."""
    from importlib.util import find_spec

    top, *below = entry.module.split(".")
    try:
        spec = find_spec(top)
    except (ImportError, ValueError):  # no name of a module, or one that was made by hand
        return None
    if spec is None:
        return None
    folders = [Path(folder, *below) for folder in spec.submodule_search_locations or ()]
    found = [folder.with_suffix(".py") for folder in folders if below] + [folder / "__init__.py" for folder in folders]
    found += [] if below or not spec.origin else [Path(spec.origin)]
    return next((path for path in found if path.suffix == ".py" and path.is_file()), None)


def _broken(entry: Entry, fault: BaseException) -> DeskError:
    word = _WORD[entry.group]
    return DeskError(f"{word} {entry.name!r} can't be loaded: {type(fault).__name__}: {fault}", _remedy(entry))


def _remedy(entry: Entry) -> str:
    return f"mend or reinstall the package that brings it ({entry.owner})"
