"""`deskmon bench`: measures this machine."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from deskmon.cli.text import print_columns, print_json
from deskmon.errors import UsageError

BENCHES = ("ingest", "replay", "render", "startup", "keys", "live")


def add(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser("bench", help="measure this machine, each figure beside its own floor")
    parser.add_argument("what", choices=BENCHES)
    parser.add_argument("--events", type=int, metavar="N", help="events a second through the hub, of `keys`")
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(run=run)


def run(args: Namespace) -> int:
    """Status 1 where a limit is missed."""
    from importlib import import_module

    if args.events is not None and args.what != "keys":
        raise UsageError(f"--events is nothing for {args.what}", "only `deskmon bench keys` has it")
    asked = {} if args.events is None else {"events": args.events}
    figures: dict[str, Any] = import_module(f"deskmon.bench.{args.what}").run(**asked)
    if args.json:
        print_json(figures)
    else:
        print_columns([(name, str(value)) for name, value in figures.items()])
    return 0 if figures.get("ok", True) else 1
