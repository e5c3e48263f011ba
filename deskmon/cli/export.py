"""`deskmon export`: what a market holds as tables, for spreadsheets, notebooks and databases."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deskmon.cli.market import add_source
from deskmon.cli.past import add_span, asked_span, open_past, warn_of
from deskmon.cli.text import complain, print_columns
from deskmon.errors import UsageError

if TYPE_CHECKING:
    from deskmon.archive.export import BarExport, Export
    from deskmon.past import PastMarket, Span

EVERY = "1m"


def add(commands: Any) -> None:
    """Declare the command."""
    export = commands.add_parser("export", help="events, candles or figures as CSV, JSON Lines or Parquet")
    add_source(export, at=False)
    add_span(export)
    export.add_argument("--kind", metavar="A,B", help="these kinds of events: liquidations,trades …; all where absent")
    what = export.add_mutually_exclusive_group()
    what.add_argument("--bars", metavar="1m", help="candles of that length instead, made of trades and tickers")
    what.add_argument("--figures", metavar="A,B", help="figures over time instead: prices.BTC.last, or whole parts")
    export.add_argument("--every", metavar="1m", help=f"with --figures: how often; {EVERY} where absent")
    export.add_argument(
        "--out", metavar="PATH", required=True, help="a file: .csv .jsonl .jsonl.zst .parquet; or a folder of Parquet"
    )
    export.set_defaults(run=run_export)


def run_export(args: Namespace) -> int:
    from deskmon.archive.target import check, format_of, open_sink
    from deskmon.cli.progress import Progress

    export = _export(args)
    path = Path(args.out).expanduser()
    format = format_of(path)
    check(path, format, 1 if args.bars or args.figures else len(_kinds(args.kind)))
    market = open_past(args)
    span = _span(market, args)
    tables = export.tables(market)
    header = market.timeline.header
    with (
        open_sink(path, format, tables, header, span) as sink,
        Progress(max(span.start, header.started), span.end) as at,
    ):
        export.run(market, span, sink, at)
    warn_of(market.timeline)
    if late := getattr(export, "late", 0):
        complain(f"{late:,} trades and tickers came too late for their candle and are in none")
    filled = [each for each in sink.written if each.rows] or sink.written[:1]
    print_columns([(each.table, _rows(each.rows), str(each.path)) for each in filled])
    return 0


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def _export(args: Namespace) -> Export:
    """What is asked for. Raises UsageError for what there isn't, and for options that don't go together."""
    from deskmon.archive.export import EventExport, FigureExport
    from deskmon.model.figure_path import parse
    from deskmon.model.path_steps import split_paths
    from deskmon.timeline import parse_duration

    if args.every is not None and args.figures is None:
        raise UsageError("--every goes with --figures", "name figures: `deskmon list figures` prints them all")
    if args.figures is None:
        return EventExport(_kinds(args.kind)) if args.bars is None else _bars(args)
    if args.kind is not None:
        raise UsageError("--kind doesn't go with --figures", "figures are of all events; leave it out")
    figures = [parse(text) for text in split_paths(args.figures)]
    if not figures:
        raise UsageError("--figures names no figure", "`deskmon list figures` prints them all")
    return FigureExport(figures, parse_duration(args.every or EVERY))


def _bars(args: Namespace) -> BarExport:
    from deskmon.archive.export import BarExport
    from deskmon.archive.kinds import KINDS
    from deskmon.clock import DAY, SECOND
    from deskmon.timeline import parse_duration

    made_of = ("trades", "tickers")
    kinds = made_of if args.kind is None else _kinds(args.kind)
    if other := [kind for kind in kinds if kind not in made_of]:
        raise UsageError(f"candles aren't made of {other[0]}", "of trades, tickers or both: --kind trades")
    length = parse_duration(args.bars)
    if length < SECOND or DAY % length:
        raise UsageError(f"{args.bars} is no length of a candle", "write one that divides a day, from 1s to 1d")
    return BarExport(length, args.bars, frozenset(KINDS[kind] for kind in kinds))


def _kinds(text: str | None) -> list[str]:
    """The kinds that were named, each once; all where none was. Raises UsageError for one that there isn't."""
    from deskmon.archive.kinds import KINDS, kind_named

    if text is None:
        return list(KINDS)
    named = list(dict.fromkeys(filter(None, (kind.strip() for kind in text.split(",")))))
    for kind in named:
        kind_named(kind)
    if not named:
        raise UsageError("--kind names no kind", f"write some of {', '.join(KINDS)}")
    return named


def _span(market: PastMarket, args: Namespace) -> Span:
    """The stretch that is asked for. Of events, where nobody says when to begin, what the market knew at its start is
    in it too."""
    from deskmon.events import MIN_TS

    span = asked_span(market, args)
    return span._replace(start=MIN_TS) if args.since is None and args.figures is None else span
