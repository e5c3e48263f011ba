"""What a shell offers behind TAB: commands and options by the parser, and the names that this desk knows."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Callable, Iterable
from typing import Any

from deskmon import plugins
from deskmon.cli.parser import COMMANDS, Commands, Parser, build
from deskmon.config.schema import Config
from deskmon.errors import DeskError

Names = Callable[[Namespace, str], Iterable[str]]
"""What can be offered, by the command line and the name as far as it is written."""


def complete() -> None:
    """Answer the shell that asks by the environment, and leave the process."""
    import argcomplete

    written = os.environ["COMP_LINE"].split()[1:-1]
    parser, commands = build([word for word in written if word in COMMANDS])
    offer_names(parser, commands)
    argcomplete.autocomplete(parser, default_completer=argcomplete.completers.SuppressCompleter())


def offer_names(parser: Parser, commands: Commands) -> None:
    """Give each option and argument that takes a name or a file what it offers, as argcomplete reads it."""
    import argcomplete

    files = argcomplete.completers.FilesCompleter()
    for name, each in (("", parser), *commands.parsers.items()):
        for action in each._actions:
            offered = OFFERED.get(f"{name} {action.dest}", OFFERED.get(action.dest))
            if offered is not None:
                action.completer = _completer(offered)  # type: ignore[attr-defined]
            elif action.metavar in ("FILE", "FOLDER", "PATH"):
                action.completer = files  # type: ignore[attr-defined]


def _completer(names: Names) -> Callable[..., list[str]]:
    def completer(prefix: str, parsed_args: Namespace, **_: Any) -> list[str]:
        before = prefix[: prefix.rfind(",") + 1]  # of several names behind one another
        try:
            return [before + name for name in names(parsed_args, prefix[len(before) :])]
        except DeskError:  # a configuration that is wrong has no names; the command itself will say so
            return []

    return completer


def _config(args: Namespace) -> Config:
    from deskmon.config.loading import load

    return load(getattr(args, "config", None), [*getattr(args, "before", ()), *getattr(args, "sets", ())]).config


def _demos(args: Namespace, written: str) -> Iterable[str]:
    from deskmon.cli.session import demos

    return demos()


def _figures(args: Namespace, written: str) -> Iterable[str]:
    from deskmon.model.figure_path import continuations

    return continuations(written, _config(args).desk.symbol)


def _kinds(args: Namespace, written: str) -> Iterable[str]:
    from deskmon.archive import KINDS

    return KINDS


def _log_kinds(args: Namespace, written: str) -> Iterable[str]:
    from typing import get_args

    from deskmon.model.figures import LogKind

    return get_args(LogKind)


def _assets(args: Namespace, written: str) -> Iterable[str]:
    from deskmon.config.feed_assets import choices

    return choices({label: feed.options for label, feed in _config(args).feeds.items() if feed.enabled})[0]


OFFERED: dict[str, Names] = {
    "theme": lambda args, written: plugins.theme_names(),
    "panel": lambda args, written: plugins.panel_names(),
    "layout": lambda args, written: _config(args).layouts,
    "begin_with": lambda args, written: _config(args).layouts,
    "capture feed": lambda args, written: _config(args).feeds,
    "demo": _demos,
    "demo name": _demos,
    "only": _figures,
    "export figures": _figures,
    "export kind": _kinds,
    "log kind": _log_kinds,
    "report asset": _assets,
}
"""Names by the argument that takes them, `argument` or `command argument`."""
