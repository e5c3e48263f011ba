"""`deskmon log`: what happened, in order, one line each."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING, Any

from deskmon import format as fmt
from deskmon.cli.market import add_source
from deskmon.cli.text import print_json_lines, say
from deskmon.errors import UsageError

if TYPE_CHECKING:
    from deskmon.model.figures import LogFigure


def add(commands: Any) -> None:
    """Declare the command."""
    log = commands.add_parser("log", help="what happened, in order: waves, levels, feeds, headlines, notes …")
    add_source(log)
    log.add_argument("--kind", metavar="A,B", help="these kinds only: waves,levels,notes …; all where absent")
    log.add_argument("--json", action="store_true", help="one object a line")
    log.set_defaults(run=run_log)


def run_log(args: Namespace) -> int:
    from deskmon.cli.market import chosen_past, market

    kinds = _kinds(args.kind)
    model, now = market(chosen_past(args), args, attach=args.attach)
    lines = [line for line in model.log.figures(now) if line.kind in kinds]
    if args.json:
        return print_json_lines(lines)
    for line in lines:
        say(_words(line))
    return 0


def _kinds(text: str | None) -> tuple[str, ...]:
    """The kinds that were named, all where none was. Raises UsageError for one that there isn't."""
    from typing import get_args

    from deskmon.config.findings import suggestion
    from deskmon.model.figures import LogKind

    known = get_args(LogKind)
    if text is None:
        return known
    named = tuple(filter(None, (kind.strip() for kind in text.split(","))))
    for kind in named:
        if kind not in known:
            raise UsageError(f"no kind of event is called {kind!r}", suggestion(kind, known))
    if not named:
        raise UsageError("--kind names no kind", f"write some of {', '.join(known)}")
    return named


def _words(line: LogFigure) -> str:
    """`2025-11-21 10:00:00Z levels     …`."""
    from deskmon.components.log import log_words

    return f"{fmt.date(line.ts)} {fmt.clock(line.ts)}Z {line.kind:<10} {log_words(line)}"
