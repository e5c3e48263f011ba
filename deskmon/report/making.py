"""A report of a market of the past: the market is folded once, and what sections need on the way is sampled."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from deskmon import format as fmt
from deskmon.clock import DAY, HOUR
from deskmon.errors import UsageError
from deskmon.model import Model
from deskmon.model.figure_path import parse
from deskmon.model.provenance import FigureReading, read_figure
from deskmon.past import PastMarket, Span
from deskmon.past.sampling import folded
from deskmon.report.content import Block, Paragraph, Report, Section, Table
from deskmon.report.covered import assets_of, check_assets, coverage_words
from deskmon.report.leading import summary
from deskmon.report.reading import Reading
from deskmon.report.sections import SECTIONS, SectionKind
from deskmon.timeline import parse_time

MONDAY = "monday"
STEPS = 200
"""Samples of a stretch, about; a step is a whole hour or more."""
JUDGED = frozenset({"scenarios"})
"""Sections that tell how rules stand at the end: judging them takes as long as the fold itself."""


def make(
    market: PastMarket,
    span: Span,
    assets: Sequence[str] = (),
    names: Sequence[str] = (),
    at: Callable[[int], None] = lambda ts: None,
) -> Report:
    """The report of a stretch. `assets` and `names` of sections, in this order: those of `[report]` where there are
    none, else the market's largest and all. `at` is told the desk times (ms) that the fold passes. Raises UsageError
    for one of `assets` that the market doesn't have."""
    names = names or market.config.report.sections
    named = {kind.name: kind for kind in SECTIONS}
    kinds = [named[name] for name in dict.fromkeys(names or named) if name in named]
    reading = _read(market, span, assets, kinds, at)
    sections = [_section(kind, reading) for kind in kinds]
    header = market.timeline.header
    return Report(
        title=f"{', '.join(reading.assets) or 'Market'}: {fmt.date(span.start)} to {fmt.date(span.end)}",
        source=header.source, note=header.note, start=span.start, end=span.end, assets=tuple(reading.assets),
        sections=(*summary(sections), *sections),
        coverage=tuple(coverage_words(reading.model, span.end)),
    )  # fmt: skip


def week_span(market: PastMarket, since: str | None = None, until: str | None = None) -> Span:
    """The stretch between two moments as people write them, cut to what the market holds; from the Monday before its
    end where nothing is said. Raises UsageError where there is none."""
    whole = market.whole
    end = whole.end if until is None else min(whole.end, market.moment(until))
    begin = parse_time(MONDAY, whole.start, end - 1) if since is None else parse_time(since, whole.start, end)
    begin = max(begin, min(whole.start, market.timeline.header.started))
    if begin >= end:
        raise UsageError("the stretch ends before it begins", "write the earlier time first, within the market")
    return Span(begin, end)


def _read(
    market: PastMarket, span: Span, assets: Sequence[str], kinds: Sequence[SectionKind], at: Callable[[int], None]
) -> Reading:
    every = max(HOUR, -(-(span.end - span.start) // STEPS // HOUR) * HOUR)
    moments = [*range(span.start, span.end, every), span.end]
    sampled: dict[str, list[FigureReading]] = {}
    judge = market.judge and any(kind.name in JUDGED for kind in kinds)
    model: Model | None = None
    at(span.start)
    first, day = market.config.desk.symbol, -1
    shown = chosen = assets or market.config.report.assets
    for ts, model in folded(market, moments, judge=judge, looked_at=span.end):
        if not chosen and (ts // DAY != day or ts == span.end):  # which are the largest changes slowly
            day, shown = ts // DAY, assets_of(model, ts, first)
        for path in {path: None for kind in kinds for path in kind.tracked(model, shown)}:
            sampled.setdefault(path, []).append(read_figure(parse(path), model, ts))
        at(ts)
    assert model is not None
    check_assets(model, span.end, assets)
    return Reading(model, span.start, span.end, shown, sampled)


def _section(kind: SectionKind, reading: Reading) -> Section:
    blocks = [_told(block) for block in kind.write(reading)] or [Paragraph([kind.unknown])]
    lead = kind.lead(reading)
    return Section(kind.name, kind.title, tuple(blocks), tuple(reading.take_absent()), lead)


def _told(block: Block) -> Block:
    """A block as it is, but for the columns of a table in which no row has anything."""
    if not isinstance(block, Table):
        return block
    kept = [place for place in range(len(block.head)) if not place or any(row[place] for row in block.rows)]
    rows = [[row[place] for place in kept] for row in block.rows]
    return Table(block.caption, [block.head[place] for place in kept], rows)
