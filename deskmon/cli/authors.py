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
    parser.add_argument(
        "--package", action="store_true", help="write the pyproject.toml too, or add to the one in this folder"
    )
    parser.set_defaults(run=run)


def run(args: Namespace) -> int:
    """Write the files into the current folder; say what was written and what comes next."""
    from deskmon import plugins
    from deskmon.scaffold import PROJECT, entry_point_line, write

    taken = plugins.panel_names() if args.kind == "panel" else plugins.feed_names()
    if args.name in taken:
        raise UsageError(f"there is a {args.kind} {args.name!r} already", "choose another name")
    before = Path(PROJECT).exists()
    for path in write(args.kind, args.name, Path(), package=args.package):
        say(f"added {args.name} to {path}" if before and path.name == PROJECT else f"wrote {path}")
    if not args.package:
        say(f"\nnext:\n  python -m pytest test_{args.name}.py")
        say("\nthe desk finds it once the pyproject.toml of an installed package has these lines:\n")
        say(entry_point_line(args.kind, args.name))
        return 0
    say("\nnext:\n  python -m pip install -e .\n  python -m pytest")
    if args.kind == "panel":
        say(f"  deskmon demo --panel {args.name} --reload")
    else:
        say(f'\nthen, in deskmon.toml:\n\n[feeds.mine]\ntype = "{args.name}"')
    return 0
