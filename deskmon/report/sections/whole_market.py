"""The capitalisation of the whole market, and the index of its largest coins."""

from __future__ import annotations

from deskmon import format as fmt
from deskmon.model.figures import MetricFigure
from deskmon.report.content import Paragraph
from deskmon.report.phrases import path_of, signed_percent, signed_usd, usd
from deskmon.report.reading import Reading, says, together
from deskmon.report.sections.market_phrases import also, when

MARKET = path_of("metrics", "total_market_cap")
INDEX = path_of("metrics", "cd20")
NAMES = {MARKET: "The total market capitalisation", INDEX: "The CoinDesk 20 index"}


def tracked() -> list[str]:
    """The capitalisation on the way."""
    return [f"{MARKET}.value"]


def written(reading: Reading) -> Paragraph | None:
    """Both, where they are known."""
    sentences: list[Paragraph | None] = []
    for path in NAMES:
        figure = reading.value(path)
        if figure is None:
            reading.lacks(f"{path}.value", "unknown: no feed told it")
        else:
            sentences += _capitalisation(reading, figure) if path == MARKET else [_index(reading)]
    return together(*sentences)


def _capitalisation(reading: Reading, figure: MetricFigure) -> list[Paragraph | None]:
    called = NAMES[MARKET]
    known = [(ts, value) for ts, value in reading.points(f"{MARKET}.value") if value is not None]
    top_ts, top = max(known, key=lambda point: point[1], default=(0, 0.0))
    high = reading.derived(f"{MARKET}.value", usd(top), top_ts) if top > figure.value else None
    day, week = (reading.figure(f"{MARKET}.change_pct.{window}", signed_percent) for window in ("24h", "7d"))
    lost = reading.figure(f"{MARKET}.change.7d", signed_usd)
    value = reading.figure(f"{MARKET}.value", usd)
    return [
        says(f"{called} is ", value, *also(", after a high of ", high, f" on {when(top_ts)}"), "."),
        says(f"{called} changed by ", day, " in 24 hours."),
        says(f"{called} changed by ", lost, " (", week, ") over seven days."),
        _from_peak(reading, figure),
    ]


def _from_peak(reading: Reading, figure: MetricFigure) -> Paragraph | None:
    if figure.peak is None or not figure.peak.drawdown_pct:
        return None
    below = reading.figure(f"{MARKET}.peak.drawdown_pct", signed_percent)
    peak = reading.figure(f"{MARKET}.peak.value", usd)
    return says(f"{NAMES[MARKET]} is ", below, " from its peak of ", peak, f" on {fmt.date(figure.peak.ts)}.")


def _index(reading: Reading) -> Paragraph | None:
    day, week = (reading.figure(f"{INDEX}.change_pct.{window}", signed_percent) for window in ("24h", "7d"))
    value = reading.figure(f"{INDEX}.value", fmt.price)
    return says(f"{NAMES[INDEX]} stands at ", value, ", ", day, " in 24 hours and ", week, " over seven days.")
