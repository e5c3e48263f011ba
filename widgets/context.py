"""Context: what stands around the market, each series with its change, its standing, its source and its age."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from deskmon.api import DAY, Cell, Column, Drill, Frame, Intent, Row, Section, TablePanel, figures, fmt
from deskmon.components.alerts import called_about
from deskmon.components.awaited import awaited, by_file_only
from deskmon.components.figure_words import figure_paths
from deskmon.components.series import series_change, series_name, series_order, series_unit, series_value
from deskmon.components.since import SINCE_DEFINITION, since_cell, since_column
from deskmon.components.text import one_line

LINE = 90 * DAY
SOURCES = ("fear_greed", "market_cap", "us10y", "macro", "stablecoins", "loans", "sopr")
"""Of the feed `context`: those that tell series."""
BY_FILE = ("loans_usde", "loans_weth", "etp_aum")
"""What no source of it tells."""


class Context(TablePanel):
    """Is it crypto alone, or everything?"""

    name = "context"
    title = "Context"
    topics = frozenset({"metrics", "feeds", "clock"})
    columns = (
        Column("series", "series", 16, least=12, most=24, order="up"),
        Column("value", "value", 8, "decimal", 0),
        Column("unit", "unit", 13, priority=3, least=12, most=16),
        Column("24h", "24h", 7, "right", 1, order="down"),
        Column("7d", "7d", 7, "right", 2, order="down"),
        Column("30d", "30d", 7, "right", 5, order="down"),
        Column("percentile", "pctl", 5, "right", 6, order="down"),
        since_column(21),
        Column("line", "90d", 10, priority=7, least=8, most=40),
        Column("age", "age", 4, "right", 4),
        Column("source", "source", 14, priority=8, least=9, most=20),
    )
    has_live_figures = False
    definitions = (
        (
            "24h, 7d, 30d",
            "change to the newest value: of Fear & Greed in points, of yields in basis points, else in percent",
        ),
        ("pctl", "share of the daily values of a year below the newest, 0–100; — under 30 values"),
        SINCE_DEFINITION,
        ("age", "time since its newest value; stale after four times what usually lies between two"),
        ("Fear & Greed", "0–24 extreme fear, 25–44 fear, 45–55 neutral, 56–75 greed, 76–100 extreme greed"),
        ("SOPR", "price at which coins move on-chain over that at which they were bought; below 1: at a loss"),
    )

    def empty(self, frame: Frame) -> str:
        return awaited("series", SOURCES, frame.model, frame.now)

    def sections(self, frame: Frame) -> Sequence[Section]:
        known = frame.model.metrics.figures(frame.now)
        missing = [series_name(name) for name in BY_FILE if name not in known] if known else []
        return (*super().sections(frame), *by_file_only(missing, frame.model))

    def rows(self, frame: Frame) -> Iterable[Row]:
        known = frame.model.metrics.figures(frame.now)
        for name in sorted(known, key=series_order):
            yield self._row(name, known[name], frame)

    def marked(self, frame: Frame) -> Mapping[str, str]:
        return called_about(frame.model, "metrics")

    def plots(self, frame: Frame) -> str:
        row = self.selected(frame)
        return "" if row is None else figure_paths("metrics", (row.key,), "value")[0]

    def compares(self, frame: Frame) -> Sequence[str]:
        return figure_paths("metrics", sorted(frame.model.metrics.figures(frame.now), key=series_order), "value")

    def open(self, row: Row, frame: Frame) -> Intent | None:
        return Drill("metric", {"series": row.key}, series_name(row.key))

    def _row(self, name: str, figure: figures.MetricFigure, frame: Frame) -> Row:
        points = frame.model.metrics.history(name)
        values = [value for ts, value in points if ts > frame.now - LINE]
        percentile = figure.since and figure.since.percentile
        cells: dict[str, Cell] = {
            "series": (series_name(name), "text"),
            "value": (series_value(figure.value), "sum flash"),
            "unit": (series_unit(name, figure), "muted"),
            **{window: series_change(name, figure, window) for window in ("24h", "7d", "30d")},
            "percentile": (fmt.UNKNOWN if percentile is None else f"{percentile:.0f}", "text"),
            "since": since_cell(figure.ts, (figure.since, ("high", "low"))),
            "line": (lambda width: fmt.sparkline(values, width), "accent"),
            "age": (fmt.age(figure.age_ms), "faint"),
            "source": (one_line(figure.source or ""), "faint"),
        }
        sort = {"series": series_name(name), "percentile": percentile, **figure.change_pct}
        return Row(name, cells, sort, figure.age_ms, figure.stale, text=f"{name} {series_name(name)}")
