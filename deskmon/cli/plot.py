"""`deskmon plot`: figures over time as a chart, in the terminal or as a picture."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deskmon import format as fmt
from deskmon.cli.market import add_source
from deskmon.cli.past import add_span, asked_span, open_past, warn_of
from deskmon.cli.text import say, write
from deskmon.errors import DeskError, UsageError

if TYPE_CHECKING:
    from deskmon.model.figure_path import FigurePath
    from deskmon.past import PastMarket, Span
    from deskmon.plots.series import Look, Series

POINTS = 240
"""Steps of a plot where nobody says how many."""
PIPE = (120, 36)
"""Columns and rows where there is no terminal."""


def add(commands: Any) -> None:
    """Declare the command."""
    plot = commands.add_parser("plot", help="figures over time as a chart, in the terminal or as SVG")
    plot.add_argument("figures", nargs="+", metavar="FIGURE", help="such as prices.BTC.last: `deskmon list figures`")
    add_source(plot, at=False)
    add_span(plot)
    plot.add_argument(
        "--every", metavar="1m", help=f"how often a figure is looked at; 1/{POINTS} of the time where absent"
    )
    plot.add_argument("--size", metavar="120x36", help="columns and rows; the terminal's where absent")
    plot.add_argument("--out", metavar="FILE.svg", help="a picture instead")
    plot.set_defaults(run=run_plot)


def run_plot(args: Namespace) -> int:
    from deskmon.cli.output import parse_size

    size = parse_size(args.size) if args.size else _terminal()
    out = None if args.out is None else Path(args.out).expanduser()
    if out is not None and out.suffix != ".svg":
        raise UsageError(f"--out {args.out} is no picture that can be written", "name a file that ends in .svg")
    series = asked_series(args)
    if out is None:
        from deskmon.cli.plot_text import text_plot

        write(text_plot(series, size, coloured=_coloured()))
        return 0
    from deskmon.plots.svg import svg_plot

    try:
        out.write_text(svg_plot(series, size), encoding="utf-8")
    except OSError as fault:
        raise DeskError(f"{out}: {fault.strerror or fault}", "name a file that can be written") from None
    say(f"wrote {out}")
    return 0


def asked_series(args: Namespace) -> Series:
    """The figures over the time that a command asks for. Raises UsageError where that makes no plot."""
    from deskmon.plots.series import axes_of

    figures = [_figure(text) for text in args.figures]
    axes = axes_of([(figure.text, figure.unit) for figure in figures])
    market = open_past(args)
    series = _series(market, figures, axes, asked_span(market, args), args.every)
    warn_of(market.timeline)
    return series


def _figure(text: str) -> FigurePath:
    """The figure at a path. Raises UsageError where there is none, or no number."""
    from deskmon.model.figure_path import parse

    figure = parse(text)
    if not figure.is_number:
        raise UsageError(f"{text} is no number", "`deskmon list figures` prints unit and meaning of each")
    return figure


def _series(market: PastMarket, figures: list[FigurePath], axes: list[int], span: Span, every: str | None) -> Series:
    """The figures over the span: the market is folded once. Raises UsageError where a step is no step, or none of them
    is known."""
    from deskmon.clock import SECOND
    from deskmon.past import sample
    from deskmon.plots.series import Line, Series
    from deskmon.timeline import parse_duration

    step = max(SECOND, (span.end - span.start) // POINTS) if every is None else parse_duration(every)
    if span.end - span.start < step:
        raise UsageError(
            "the time that is asked for holds no two steps", "ask for more with --from, or a shorter --every"
        )
    if (span.end - span.start) // step > MOST_POINTS:
        raise UsageError(f"that makes more than {MOST_POINTS:,} steps", "write a longer --every, or a shorter time")
    samples = list(sample(market, figures, span, step))
    lines = [
        Line(figure.text, axis, _look(figure), [(each.ts, each.values[n]) for each in samples])
        for n, (figure, axis) in enumerate(zip(figures, axes, strict=True))
    ]
    if not any(line.known for line in lines):
        names = ", ".join(figure.text for figure in figures)
        raise UsageError(
            f"nothing is known of {names} in that time", "`deskmon state --only …` shows what a market has"
        )
    units = tuple(dict.fromkeys(figure.unit for figure in figures))
    start, end = (f"{fmt.date(ts)} {fmt.clock(ts)}Z" for ts in (samples[0].ts, samples[-1].ts))
    note = f"{start} to {end}, {market.timeline.header.source}"
    return Series(lines, units, note)


def _look(figure: FigurePath) -> Look:
    return "area" if figure.text.startswith("liquidations.") else "line"


MOST_POINTS = 20_000
"""Steps that a plot has at most."""


def _terminal() -> tuple[int, int]:
    import shutil

    size, prompt = shutil.get_terminal_size(PIPE), int(sys.stdout.isatty())
    return max(20, size.columns), max(10, size.lines - prompt)


def _coloured() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM", "dumb") not in ("", "dumb")
