"""Checks what a structure alone can't tell: names that must exist, cells that must fit, keys that must not clash.

A plug-in that is missing or broken costs its own cell or feed, a missing theme its colours: these are warnings.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec

from deskmon import plugins
from deskmon.components.choices import Key
from deskmon.config.findings import Findings, Path, dotted, shown, suggestion
from deskmon.config.schema import FeedConfig
from deskmon.config.structure import check
from deskmon.config.zones import zone, zones
from deskmon.errors import DeskError
from deskmon.events import MAX_NAME

if TYPE_CHECKING:
    from deskmon.feedkit import Feed

FALLBACK_THEME = "dark"
_OWN_FEED_KEYS = frozenset(FeedConfig.__struct_fields__) - {"options"}
_KEY_NAMES = (
    "enter", "escape", "tab", "space", "up", "down", "left", "right", "home", "end", "pageup", "pagedown", "insert",
    "delete", "backspace", *(f"f{number}" for number in range(1, 25)),
)  # fmt: skip
_SAME = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+j": "enter", "ctrl+h": "backspace", "ctrl+[": "escape"}
"""What terminals send for keys that they don't tell from others."""
_WITH_CTRL = frozenset("abcdefghijklmnopqrstuvwxyz@\\]^_")
"""Characters that a terminal has a code for with ctrl."""
_MODIFIERS = r"(?:(?:ctrl|shift|alt|super|hyper|meta)\+)*"


def check_semantics(
    data: Mapping[str, Any], desk_keys: Sequence[Key], findings: Findings, written: Collection[Path]
) -> None:
    """Report every name that doesn't exist, cell that doesn't fit and key that clashes in the merged `data`.

    written: the feeds and layouts that are somebody's writing, by path; what isn't need not be judged.
    """
    _check_plugins(_table(data, "plugins"), findings)
    _check_model(_table(data, "model"), findings)
    _check_desk(_table(data, "desk"), _table(data, "layouts"), findings)
    if any(path[0] == "feeds" for path in written):
        plays = _check_feeds(_table(data, "feeds"), findings)
        if plays and _table(data, "journal").get("path") is not None:
            why = f"not used: feed {shown(plays)} plays a market, and only `deskmon record` records it"
            findings.warn(("journal", "path"), why)
    for name, layout in _table(data, "layouts").items():
        if isinstance(layout, dict) and ("layouts", name) in written:
            _check_layout(("layouts", name), layout, findings)
    if any(path[0] in ("alerts", "scenarios", "tests") for path in written):
        from deskmon.config.alert_checks import check_alerts

        check_alerts(data, findings)
    moved = _table(data, "keys")
    if moved and desk_keys:
        _check_keys(moved, desk_keys, findings)


def _table(data: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def _check_plugins(chosen: Mapping[str, Any], findings: Findings) -> None:
    """Take what `[plugins]` chooses, and name each plug-in that two packages offer and nobody chose between."""
    if not findings.clean("plugins"):
        return
    plugins.choose(chosen)
    offered = {(kind, name): packages for kind, name, packages in plugins.contested()}
    for (kind, name), (used, *others) in offered.items():
        if name not in chosen.get(kind, {}):
            hint = f"[plugins.{kind}] {name} = {shown(others[0])} chooses the other"
            findings.warn(("plugins", kind, name), f"{used} is used, {' and '.join(others)} offer it too; {hint}")
    for kind, names in chosen.items():
        for name, package in names.items():
            if plugins.normalized(package) not in offered.get((kind, name), ()):
                message = f"no package {shown(package)} offers {name!r} beside another; it is left as it is"
                findings.warn(("plugins", kind, name), message)


def _check_model(model: Mapping[str, Any], findings: Findings) -> None:
    day = model.get("depth_since")
    if isinstance(day, str) and day and findings.clean("model", "depth_since"):
        try:
            date.fromisoformat(day)
        except ValueError:
            findings.error(("model", "depth_since"), f"{shown(day)} is no day; write it like 2025-10-01")


def _check_desk(desk: Mapping[str, Any], layouts: Mapping[str, Any], findings: Findings) -> None:
    layout, theme = desk.get("layout"), desk.get("theme")
    if isinstance(layout, str) and layout not in layouts:
        findings.error(("desk", "layout"), f"no layout {shown(layout)}; {suggestion(layout, layouts)}")
    if isinstance(theme, str) and theme not in plugins.theme_names():
        hint = suggestion(theme, plugins.theme_names())
        findings.warn(("desk", "theme"), f"no theme {shown(theme)}, {FALLBACK_THEME!r} is shown instead; {hint}")
    for index, path in enumerate(desk.get("ticker", ()) if findings.clean("desk", "ticker") else ()):
        if (fault := _path_fault(path)) is not None:
            findings.warn(("desk", "ticker", index), f"{fault}; it is left out")
    timezone = desk.get("timezone")
    if isinstance(timezone, str) and zone(timezone) is None:
        hint = suggestion(timezone, zones(), "names are those of the IANA, such as Europe/Berlin")
        findings.warn(("desk", "timezone"), f"no time zone {shown(timezone)}, UTC alone is shown; {hint}")


def _path_fault(path: str) -> str | None:
    """Why there is no such figure, in words."""
    from deskmon.model.figure_path import parse  # the model, which few configurations need to be judged

    try:
        parse(path)
    except DeskError as fault:
        return str(fault)
    return None


def _check_feeds(feeds: Mapping[str, Any], findings: Findings) -> str | None:
    """Report what is wrong with the feeds; the label of one that plays a whole market."""
    from deskmon.feedkit import TimelineFeed

    started: list[str] = []
    timelines: list[str] = []
    for label, feed in feeds.items():
        if len(label) > MAX_NAME:
            findings.error(("feeds", label), f"a label has at most {MAX_NAME} characters")
        kind = feed.get("type") if isinstance(feed, dict) else None
        if not isinstance(kind, str):
            continue
        path = ("feeds", label)
        if kind not in plugins.feed_names():
            hint = suggestion(kind, plugins.feed_names(), "`deskmon list feeds` names them")
            findings.warn((*path, "type"), f"no feed plug-in {shown(kind)}, the feed stays down; {hint}")
            continue
        try:
            loaded = plugins.load_feed(kind)
        except DeskError as fault:
            findings.warn((*path, "type"), f"{fault}; the feed stays down")
            continue
        if feed.get("enabled", True) is True:
            (timelines if issubclass(loaded, TimelineFeed) else started).append(label)
        options = {key: value for key, value in feed.items() if key not in _OWN_FEED_KEYS}
        _check_options(options, loaded.Options, path, f"feed {kind!r}", findings)
        _check_feed_options(options, loaded, path, findings)
    for label in timelines if len(started) + len(timelines) > 1 else ():
        others = ", ".join(dotted((other,)) for other in (*started, *timelines) if other != label)
        findings.error(("feeds", label), f"plays a whole market and must be the only enabled feed, but so is {others}")
    return timelines[0] if timelines else None


def _check_feed_options(options: Mapping[str, Any], feed: type[Feed], path: Path, findings: Findings) -> None:
    """What the plug-in itself finds wrong with options that fit."""
    fitting = {key: value for key, value in options.items() if findings.clean(*path, key)}
    try:
        read = msgspec.convert(fitting, feed.Options)
    except (msgspec.ValidationError, NameError, TypeError):
        return
    for option, problem in feed.validate_options(read):
        findings.warn((*path, option), f"{problem}; the feed stays down")


def _check_options(options: Any, kind: Any, path: Path, whose: str, findings: Findings) -> None:
    try:
        check(options, kind, path, findings)
    except (NameError, TypeError) as fault:
        findings.warn(path, f"the options of {whose} can't be read: {fault}; mend the plug-in")


def _check_layout(path: Path, layout: Mapping[str, Any], findings: Findings) -> None:
    grid: dict[str, int] = {}
    for axis in ("rows", "columns"):
        weights = layout.get(axis, [1.0])
        if not findings.clean(*path, axis):
            continue
        if not weights:
            findings.error((*path, axis), "a grid has at least one weight")
        for index, weight in enumerate(weights):
            if not weight > 0:
                findings.error((*path, axis, index), f"a weight is above 0, got {shown(weight)}")
        grid[axis] = len(weights)
    cells = layout.get("cells", [])
    if cells == []:
        findings.error((*path, "cells"), "no panel; add a [[layouts.NAME.cells]] table with `panel = …`")
    for index, cell in enumerate(cells if isinstance(cells, list) else ()):
        if isinstance(cell, dict):
            _check_panel((*path, "cells", index), cell, findings)
    if len(grid) == 2 and isinstance(cells, list):
        _check_grid(path, cells, grid["rows"], grid["columns"], findings)


def _check_panel(path: Path, cell: Mapping[str, Any], findings: Findings) -> None:
    name = cell.get("panel")
    if not isinstance(name, str):
        return
    if name not in plugins.panel_names():
        hint = suggestion(name, plugins.panel_names(), "`deskmon list panels` names them")
        findings.warn((*path, "panel"), f"no panel {shown(name)}, its cell says so; {hint}")
        return
    try:
        panel = plugins.load_panel(name)
    except DeskError as fault:
        findings.warn((*path, "panel"), f"{fault}; its cell says so")
        return
    if findings.clean(*path, "options"):
        _check_options(cell.get("options", {}), panel.Options, (*path, "options"), f"panel {name!r}", findings)


def _check_grid(path: Path, cells: Sequence[Any], rows: int, columns: int, findings: Findings) -> None:
    """Each cell stands inside the grid, and no two on one place."""
    placed: list[tuple[int, range, range]] = []
    for index, cell in enumerate(cells):
        here = (*path, "cells", index)
        if not isinstance(cell, dict) or not all(
            findings.clean(*here, name) for name in ("row", "column", "rows", "columns")
        ):
            continue
        down = range(cell.get("row", 0), cell.get("row", 0) + cell.get("rows", 1))
        across = range(cell.get("column", 0), cell.get("column", 0) + cell.get("columns", 1))
        for name, span, size in (("row", down, rows), ("column", across, columns)):
            if span.stop > size:
                findings.error(here, f"reaches {name} {span.stop - 1}, the last of the grid is {size - 1}")
        meeting = (other for other, *spans in placed if _meet(down, spans[0]) and _meet(across, spans[1]))
        if (other := next(meeting, None)) is not None:
            findings.error(here, f"overlaps cells[{other}] ({shown(cells[other].get('panel'))})")
        placed.append((index, down, across))


def _meet(one: range, other: range) -> bool:
    return one.start < other.stop and other.start < one.stop


def _check_keys(moved: Mapping[str, Any], desk_keys: Sequence[Key], findings: Findings) -> None:
    by_panel = {name: keys for name in plugins.panel_names() if (keys := _panel_keys(name))}
    known = {key.id for keys in (desk_keys, *by_panel.values()) for key in keys}
    for id, key in moved.items():
        if id not in known:
            hint = suggestion(id, known, "`deskmon list keys` names them")
            findings.error(("keys", id), f"no key has this id; {hint}")
        elif isinstance(key, str) and (fault := _key_fault(key)):
            findings.error(("keys", id), fault)
        elif other := next((each.id for each in desk_keys if key in each.also and _same_mode(each.id, id)), None):
            findings.warn(("keys", id), f"{shown(key)} is a further key of {other}, which loses it")
    together = [key for key in desk_keys if key.id.startswith("desk.")]
    _check_clashes([key for key in desk_keys if key not in together], moved, findings)
    for own in ((), *by_panel.values()):
        _check_clashes((*together, *own), moved, findings)


def _same_mode(one: str, other: str) -> bool:
    """Whether both keys are asked at once: those of edit mode are not, where those of desk and panels are."""
    return one.startswith("edit.") is other.startswith("edit.")


def _panel_keys(name: str) -> tuple[Key, ...]:
    try:
        return plugins.load_panel(name).keys
    except DeskError:
        return ()


def _check_clashes(keys: Sequence[Key], moved: Mapping[str, Any], findings: Findings) -> None:
    ids_by_key: defaultdict[str, list[str]] = defaultdict(list)
    for key in keys:
        ids_by_key[str(moved.get(key.id, key.key))].append(key.id)
    for key_name, ids in ids_by_key.items():
        for id in ids:
            others = [other for other in ids if other != id]
            message = f"{shown(key_name)} is the key of {', '.join(others)} already"
            if id in moved and others and ("error", ("keys", id), message) not in findings.found:
                findings.error(("keys", id), message)


def _key_fault(key: str) -> str:
    """Why `key` names no key that can be bound, "" where it does."""
    if key in "123456789" and key:
        return f"{shown(key)} focuses a panel and can't be given away"
    if key.lower() in _SAME:
        return f"no terminal sends {shown(key)}: it is the same as {_SAME[key.lower()]}"
    bare = key[len(re.match(_MODIFIERS, key)[0]) :]  # type: ignore[index]
    if key.startswith("ctrl+") and len(bare) == 1 and bare.lower() not in _WITH_CTRL:
        return f"no terminal has a code for {shown(key)}: ctrl goes with a letter"
    if (len(bare) == 1 and bare.isprintable() and bare != " ") or bare in _KEY_NAMES:
        return ""
    return f"{shown(key)} is no key; {suggestion(bare, _KEY_NAMES, 'one character, or a name such as f5 or ctrl+x')}"
