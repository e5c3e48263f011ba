"""`deskmon state` and `deskmon snapshot`: the model as JSON, one frame as text or picture."""

from __future__ import annotations

import re
import shutil
from argparse import Namespace
from typing import TYPE_CHECKING, Any, Literal

from deskmon.cli.market import add_source
from deskmon.cli.text import print_json, write
from deskmon.errors import UsageError

if TYPE_CHECKING:
    from deskmon.config.schema import Config
    from deskmon.model import Model

_SIZE = re.compile(r"(\d{1,4})x(\d{1,4})")
_FALLBACK = (160, 48)


def add(commands: Any) -> None:
    """Declare the commands."""
    state = commands.add_parser("state", help="the model as JSON")
    add_source(state)
    state.add_argument("--only", metavar="A,B", help="these only: top-level keys, or figures such as prices.BTC.last")
    state.add_argument("--schema", action="store_true", help="print the JSON Schema of the output instead")
    state.set_defaults(run=run_state)

    snapshot = commands.add_parser("snapshot", help="one frame on stdout")
    add_source(snapshot)
    what = snapshot.add_mutually_exclusive_group()
    what.add_argument("--layout", metavar="L", help="this layout instead of the configured one")
    what.add_argument("--panel", metavar="P", help="this panel alone")
    snapshot.add_argument("--size", metavar="160x48", help="columns and rows; the terminal's where absent")
    snapshot.add_argument("--format", choices=("text", "ansi", "svg"), default="text")
    snapshot.set_defaults(run=run_snapshot)


def run_state(args: Namespace) -> int:
    import msgspec

    from deskmon.cli.market import chosen, market
    from deskmon.model.figure_path import parse
    from deskmon.model.figures import State
    from deskmon.model.path_steps import split_paths

    if args.schema:
        return print_json(msgspec.json.schema(State))
    only = [parse(path) for path in (State.__struct_fields__ if args.only is None else split_paths(args.only))]
    config = chosen(args)
    model, now = market(config, args, attach=args.attach)
    return print_json({path.text: path.read(model, now) for path in only})


def run_snapshot(args: Namespace) -> int:
    from deskmon.cli.market import chosen, market

    size = parse_size(args.size) if args.size else terminal_size()
    config = chosen(args)
    _check_names(config, args.layout, args.panel)
    model, now = market(config, args, attach=args.attach)
    write(frame(model, config, now, size, layout=args.layout, panel=args.panel, format=args.format))
    return 0


def frame(
    model: Model,
    config: Config,
    now: int,
    size: tuple[int, int],
    *,
    layout: str | None = None,
    panel: str | None = None,
    format: Literal["text", "ansi", "svg"] = "text",
) -> str:
    """One frame of the desk at desk time `now` (ms) on `size` (columns, rows), ending in a line feed."""
    from deskmon.desk.snapshot import render

    return render(model, config, now=now, size=size, layout=layout, panel=panel, format=format).rstrip("\n") + "\n"


def parse_size(text: str) -> tuple[int, int]:
    """`160x48` → (160, 48). Raises UsageError."""
    match = _SIZE.fullmatch(text)
    size = (int(match[1]), int(match[2])) if match else (0, 0)
    if not (1 <= size[0] <= 1000 and 1 <= size[1] <= 1000):
        raise UsageError(f"{text!r} is no size", "write columns x rows, each up to 1000, like 160x48")
    return size


def terminal_size() -> tuple[int, int]:
    """Columns and rows of the terminal, of $COLUMNS and $LINES, or 160x48."""
    size = shutil.get_terminal_size(_FALLBACK)
    return max(1, size.columns), max(1, size.lines)


def _check_names(config: Config, layout: str | None, panel: str | None) -> None:
    from deskmon.config.findings import suggestion
    from deskmon.plugins import load_panel

    if layout is not None and layout not in config.layouts:
        raise UsageError(f"no layout {layout!r}", suggestion(layout, config.layouts))
    if panel is not None:
        load_panel(panel)
