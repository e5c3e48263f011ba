"""A figure over time as programs read it: each point with its age, and whether it may be more."""

from __future__ import annotations

from typing import Any

from deskmon.events import Source
from deskmon.model.figure import Figure
from deskmon.model.figure_path import parse
from deskmon.model.figures import Coverage
from deskmon.model.provenance import FigureReading, read_figure
from deskmon.past.market import PastMarket, Span
from deskmon.past.sampling import JUDGED, folded


class Point(Figure):
    """What the figure read at desk time `ts` (ms), None where it was unknown. `age_ms` and `lower_bound` as in
    `FigureReading`."""

    ts: int
    value: Any
    age_ms: int | None
    lower_bound: bool | None


class FigureSeries(Figure):
    """A figure each `every_ms`. `venues` and `coverage`: of all that were in it at any point."""

    figure: str
    unit: str
    source: Source
    every_ms: int
    venues: list[str]
    coverage: dict[str, Coverage] | None
    points: list[Point]


def sampled(market: PastMarket, figure: str, span: Span, every: int) -> FigureSeries:
    """A figure of a market of the past, at the span's start and each `every` ms after it. Raises UsageError for what is
    no figure."""
    path = parse(figure)
    judge = market.judge and path.steps[0].text in JUDGED
    moments = range(span.start, span.end + 1, every)
    readings = [read_figure(path, model, ts) for ts, model in folded(market, moments, judge=judge)]
    return FigureSeries(
        figure=path.text, unit=path.unit, source=market.timeline.header.source, every_ms=every,
        venues=sorted({venue for reading in readings for venue in reading.venues}), coverage=_coverage(readings),
        points=[
            Point(ts=each.at, value=each.value, age_ms=each.age_ms, lower_bound=each.lower_bound) for each in readings
        ],
    )  # fmt: skip


def _coverage(readings: list[FigureReading]) -> dict[str, Coverage] | None:
    known = [reading.coverage for reading in readings if reading.coverage is not None]
    return {venue: word for each in known for venue, word in sorted(each.items())} if known else None
