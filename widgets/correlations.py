"""Correlations: how the linked coin moved with other coins and with shares, metals and the dollar."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from deskmon.api import Cell, Column, Drill, Frame, Intent, Row, Section, TablePanel, figures
from deskmon.components.correlations import (
    CORRELATION_DEFINITIONS,
    coefficient,
    coefficient_change,
    compared_name,
    pairs_so_far,
)

WINDOWS = ("30d", "90d")
FIRST = ("NDX", "QQQ", "SPX", "IGV", "GOLD", "DXY", "ETH", "SOL")
"""What stands on top, as reports name it; the rest follows in the model's order."""


class Correlations(TablePanel):
    """Is it its own market, or everybody's?"""

    name = "correlations"
    title = "Correlations"
    topics = frozenset({"candles", "metrics", "clock"})
    min_interval_ms = 10_000
    has_live_figures = False
    definitions = (
        *CORRELATION_DEFINITIONS,
        ("change", "r of 30 days less r of 90 days: + moves more with it lately"),
        ("Enter", "the matrix: all coins against all that they are compared with"),
    )
    columns = (
        Column("name", "with", 16, least=13, most=20, order="up"),
        Column("30d", "30d", 5, "right", 0, order="down"),
        Column("n 30d", "n", 3, "right", 2),
        Column("90d", "90d", 5, "right", 1, order="down"),
        Column("n 90d", "n", 3, "right", 3),
        Column("change", "change", 6, "right", 4, order="down"),
    )

    def heading(self, frame: Frame) -> str:
        return f"{self._coin(frame)} correlations".strip()

    def note_parts(self, frame: Frame) -> Iterable[str]:
        known = [figure for of in self._windows(frame).values() for figure in of.values()]
        return (pairs_so_far(known), *super().note_parts(frame))

    def sections(self, frame: Frame) -> Sequence[Section]:
        rows = list(self._rows(frame))
        return (Section("correlations", self.columns, rows, "no daily candles of two markets yet"),)

    def open(self, row: Row, frame: Frame) -> Intent | None:
        return Drill("correlation", {}, "matrix")

    def _coin(self, frame: Frame) -> str:
        """The linked coin, where it has correlations; else the first that has."""
        known = frame.model.correlations.figures(frame.now)[WINDOWS[0]]
        return frame.symbol if frame.symbol in known else next(iter(known), "")

    def _windows(self, frame: Frame) -> dict[str, dict[str, figures.CorrelationFigure]]:
        known, coin = frame.model.correlations.figures(frame.now), self._coin(frame)
        return {window: known[window].get(coin, {}) for window in WINDOWS}

    def _rows(self, frame: Frame) -> Iterable[Row]:
        windows = self._windows(frame)
        recent, longer = (windows[window] for window in WINDOWS)
        for name in sorted(recent, key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST)):
            r, before = recent[name].r, longer[name].r
            change = coefficient_change(r, before)
            cells: dict[str, Cell] = {
                "name": (compared_name(name), "text"),
                "change": (coefficient(change)[0], "muted"),
            }
            for window, of in windows.items():
                cells |= {window: coefficient(of[name].r), f"n {window}": (str(of[name].n), "faint")}
            sort = {"name": compared_name(name), "30d": r, "90d": before, "change": change}
            yield Row(name, cells, sort, text=f"{name} {compared_name(name)}")
