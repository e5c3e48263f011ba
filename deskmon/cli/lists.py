"""`deskmon list`: what there is to choose from."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

from deskmon.cli.text import print_columns, print_json
from deskmon.errors import DeskError

Row = dict[str, str]


def add(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser("list", help="panels, feeds, themes, layouts, demos, keys, venues, figures")
    parser.add_argument("what", choices=tuple(_LISTS))
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(run=run)


def run(args: Namespace) -> int:
    rows = _LISTS[args.what](args)
    if args.json:
        return print_json(rows)
    print_columns([tuple(row.values()) for row in rows])
    return 0


def _panels(args: Namespace) -> list[Row]:
    from deskmon import plugins

    return [_plugin(plugins.PANELS, name, plugins.load_panel) for name in plugins.panel_names()]


def _feeds(args: Namespace) -> list[Row]:
    from deskmon import plugins

    return [_plugin(plugins.FEEDS, name, plugins.load_feed) for name in plugins.feed_names()]


def _plugin(group: str, name: str, load: Callable[[str], Any]) -> Row:
    from deskmon.plugins import package

    try:
        title = str(load(name).title)
    except DeskError as fault:
        title = str(fault)
    return {"name": name, "package": package(group, name), "title": title}


def _themes(args: Namespace) -> list[Row]:
    from deskmon import plugins

    rows = []
    for name in plugins.theme_names():
        try:
            path = str(plugins.theme_path(name))
        except DeskError as fault:
            path = str(fault)
        package = "your own" if Path(path).parent == plugins.own_themes() else plugins.package(plugins.THEMES, name)
        rows.append({"name": name, "package": package, "file": path})
    return rows


def _layouts(args: Namespace) -> list[Row]:
    from deskmon.cli.session import load_config

    layouts = load_config(args, feeds={}).layouts
    return [{"name": name, "panels": ", ".join(cell.panel for cell in grid.cells)} for name, grid in layouts.items()]


def _demos(args: Namespace) -> list[Row]:
    from deskmon.cli.session import demos

    return [{"name": name, "shows": shows} for name, shows in demos().items()]


def _keys(args: Namespace) -> list[Row]:
    """Keys by id as they are after `[keys]`: the desk's, then each panel's."""
    from deskmon import plugins
    from deskmon.cli.session import load_config
    from deskmon.desk.keys import ALL_KEYS

    moved = load_config(args, feeds={}).keys
    rows = []
    for where, keys in [("", ALL_KEYS), *((name, _keys_of(name)) for name in plugins.panel_names())]:
        rows += [{"id": key.id, "key": moved.get(key.id, key.key), "panel": where, "help": key.help} for key in keys]
    return rows


def _keys_of(panel: str) -> tuple[Any, ...]:
    from deskmon import plugins

    try:
        return plugins.load_panel(panel).keys
    except DeskError:
        return ()


def _venues(args: Namespace) -> list[Row]:
    """What feeds can be pointed at; those of this desk's configuration name its feeds."""
    from deskmon import plugins
    from deskmon.cli.session import load_config

    labels: dict[tuple[str, str], list[str]] = {}
    for label, feed in load_config(args).feeds.items():
        for value in feed.options.values():
            if isinstance(value, str):
                labels.setdefault((feed.type, value), []).append(label)
    rows = []
    for kind in plugins.feed_names():
        try:
            venues = plugins.load_feed(kind).venues()
        except DeskError:
            continue
        for venue in venues:
            here = labels.get((kind, venue), [])
            rows.append({"venue": venue, "feed": kind, "here": f"[feeds.{', '.join(here)}]" if here else ""})
    return sorted(rows, key=lambda row: not row["here"])


def _figures(args: Namespace) -> list[Row]:
    """Paths of the state's figures, with words in capitals for keys that the market gives."""
    from deskmon.model.figure_list import figures

    return [{"figure": each.figure, "unit": each.unit, "meaning": each.words} for each in figures()]


_LISTS: dict[str, Callable[[Namespace], list[Row]]] = {
    "panels": _panels,
    "feeds": _feeds,
    "themes": _themes,
    "layouts": _layouts,
    "demos": _demos,
    "keys": _keys,
    "venues": _venues,
    "figures": _figures,
}
