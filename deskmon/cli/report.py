"""`deskmon report`: the figures part of a market report, of a market of the past."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deskmon.cli.market import add_source
from deskmon.cli.past import TIME, open_past, warn_of
from deskmon.cli.text import print_columns, say, write
from deskmon.errors import DeskError, UsageError

if TYPE_CHECKING:
    from deskmon.past import PastMarket
    from deskmon.report import Form, Report


def add(commands: Any) -> None:
    """Declare the command."""
    report = commands.add_parser("report", help="the figures of a market report, in sentences, tables and charts")
    add_source(report, at=False)
    report.add_argument(
        "--from", dest="since", metavar="TIME",
        help=f"where to begin; the Monday before the end where absent: {TIME}",
    )  # fmt: skip
    report.add_argument("--to", dest="until", metavar="TIME", help="where to end; the last arrival where absent")
    report.add_argument("--asset", metavar="BTC,ETH", help="these assets; the market's largest where absent")
    report.add_argument("--out", metavar="FILE", help="a file: .md .html .txt; text on stdout where absent")
    report.add_argument("--check", action="store_true", help="print which figures are unknown and why, and no report")
    report.set_defaults(run=run_report)


def run_report(args: Namespace) -> int:
    if args.check and args.out is not None:
        raise UsageError("--check writes no report", "leave --out away")
    out = None if args.out is None else Path(args.out).expanduser()
    form = _form(out)
    market = open_past(args)
    report = _made(market, args)
    warn_of(market.timeline)
    if args.check:
        return _say_unknown(report)
    if out is None:
        from deskmon.report import render

        write(render(report, form))
        return 0
    _write(_files(report, form, out))
    return 0


def _say_unknown(report: Report) -> int:
    """Each figure that the report lacks: its section, its path, and why. Returns 1 where there are some."""
    from deskmon.report import known_figures

    unknown = [(section.name, path, why) for section in report.sections for path, why in section.absent]
    if unknown:
        print_columns([("section", "figure", "why"), *unknown])
    known = known_figures(report)
    say(f"{known:,} figures are known, {len(unknown):,} unknown")
    return 1 if unknown else 0


def _write(files: Mapping[Path, str]) -> None:
    for path, words in files.items():
        try:
            path.write_text(words, encoding="utf-8")
        except OSError as fault:
            raise DeskError(f"{path}: {fault.strerror or fault}", "name a file that can be written") from None
        say(f"wrote {path}")


def _form(out: Path | None) -> Form:
    from deskmon.report import FORMS

    if out is None:
        return "txt"
    found = next((form for form in FORMS if out.suffix == f".{form}"), None)
    if found is None:
        names = ", ".join(f".{form}" for form in FORMS)
        raise UsageError(f"--out {out} is no form that a report has", f"name a file that ends in one of {names}")
    return found


def _made(market: PastMarket, args: Namespace) -> Report:
    from deskmon.cli.progress import Progress
    from deskmon.report import make, week_span

    span = week_span(market, args.since, args.until)
    with Progress(span.start, span.end) as at:
        return make(market, span, _assets(args), at=at)


def _assets(args: Namespace) -> list[str]:
    return [name for name in (each.strip() for each in (args.asset or "").split(",")) if name]


def _files(report: Report, form: Form, out: Path) -> dict[Path, str]:
    """What is written where: the report, then the charts beside it."""
    from deskmon.report import pictures, render

    beside = pictures(report, out.stem) if form == "md" else {}
    return {out: render(report, form, out.stem), **{out.with_name(name): svg for name, svg in beside.items()}}
