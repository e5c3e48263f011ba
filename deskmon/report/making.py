"""A report of a market of the past: the market is folded once, and what sections need on the way is sampled."""

from __future__ import annotations

from collections.abc import Sequence

from deskmon import format as fmt
from deskmon.clock import HOUR
from deskmon.model import Model
from deskmon.model.figure_path import parse
from deskmon.model.provenance import FigureReading, read_figure
from deskmon.past import PastMarket, Span
from deskmon.past.sampling import folded
from deskmon.report.content import Paragraph, Report, Section
from deskmon.report.reading import Reading
from deskmon.report.sections import SECTIONS, SectionKind

STEPS = 200
"""Samples of a stretch, about; a step is a whole hour or more."""


def make(market: PastMarket, span: Span, assets: Sequence[str], names: Sequence[str] = ()) -> Report:
    """The report of a stretch. `names`: the sections that are asked for, in this order; all where there are none."""
    kinds = [kind for name in names for kind in SECTIONS if kind.name == name] if names else list(SECTIONS)
    reading = _read(market, span, assets, kinds)
    header = market.timeline.header
    return Report(
        title=f"{', '.join(assets)}: {fmt.date(span.start)} to {fmt.date(span.end)}",
        source=header.source, note=header.note, start=span.start, end=span.end, assets=tuple(assets),
        sections=tuple(_section(kind, reading) for kind in kinds),
    )  # fmt: skip


def _read(market: PastMarket, span: Span, assets: Sequence[str], kinds: Sequence[SectionKind]) -> Reading:
    every = max(HOUR, -(-(span.end - span.start) // STEPS // HOUR) * HOUR)
    moments = [*range(span.start, span.end, every), span.end]
    sampled: dict[str, list[FigureReading]] = {}
    model: Model | None = None
    for ts, model in folded(market, moments, judge=market.judge):
        for path in {path: None for kind in kinds for path in kind.tracked(model, assets)}:
            sampled.setdefault(path, []).append(read_figure(parse(path), model, ts))
    assert model is not None
    return Reading(model, span.start, span.end, assets, sampled)


def _section(kind: SectionKind, reading: Reading) -> Section:
    blocks = kind.write(reading) or [Paragraph([kind.unknown])]
    return Section(kind.name, kind.title, tuple(blocks), tuple(reading.take_absent()))
