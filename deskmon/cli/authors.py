"""`deskmon new`: a working panel or feed to begin with."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from deskmon.cli.text import say
from deskmon.errors import UsageError


def add(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser("new", help="a working panel or feed of your own, its test and its entry point")
    parser.add_argument("kind", choices=("panel", "feed"))
    parser.add_argument("name", metavar="NAME", help="lower case, as in deskmon.toml")
    parser.set_defaults(run=run)


def run(args: Namespace) -> int:
    """Write the files into the current folder and say what makes the desk find them."""
    from deskmon import plugins
    from deskmon.scaffold import entry_point_line, write

    taken = plugins.panel_names() if args.kind == "panel" else plugins.feed_names()
    if args.name in taken:
        raise UsageError(f"there is a {args.kind} {args.name!r} already", "choose another name")
    source, test = write(args.kind, args.name, Path())
    say(f"wrote {source} and {test}; try it: python -m pytest {test}")
    say("the desk finds it once these lines are in the pyproject.toml of an installed package:\n")
    say(entry_point_line(args.kind, args.name))
    return 0
