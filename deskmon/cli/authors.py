"""`deskmon new`: a working panel or feed to begin with."""

from __future__ import annotations

from argparse import Namespace
from typing import Any


def add(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser("new", help="a working panel or feed of your own, its test and its entry point")
    parser.add_argument("kind", choices=("panel", "feed"))
    parser.add_argument("name", metavar="NAME", help="lower case, as in deskmon.toml")
    parser.set_defaults(run=run)


def run(args: Namespace) -> int:
    from pathlib import Path

    from deskmon.scaffold import entry_point_line, write

    for path in write(args.kind, args.name, Path()):
        print(path)
    print(f"\nFor the pyproject.toml of your package:\n\n{entry_point_line(args.kind, args.name)}")
    return 0
