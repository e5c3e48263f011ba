"""The page of all correlations: the largest coins against each other, shares, metals and the dollar."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from deskmon.api import Cell, Choice, Column, Frame, Row, Section, TablePanel, figures
from deskmon.components.correlations import CORRELATION_DEFINITIONS, coefficient, compared_name, pairs_so_far


class Correlation(TablePanel):
    """Which markets move as one?"""

    name = "correlation"
    title = "Correlation matrix"
    topics = frozenset({"candles", "metrics", "clock"})
    min_interval_ms = 10_000
    has_live_figures = False
    window = Choice(("30d", "90d"), window=True)
    definitions = (*CORRELATION_DEFINITIONS, ("n", "here: of the first coin with the row's market"))

    def note_parts(self, frame: Frame) -> Iterable[str]:
        found = self._found(frame)
        return (pairs_so_far(each for of in found.values() for each in of.values()), *super().note_parts(frame))

    def sections(self, frame: Frame) -> Sequence[Section]:
        found = self._found(frame)
        columns = [Column("name", "with", 16, least=5, most=20, order="up")]
        columns += [Column(coin, coin, 5, "right", place, order="down") for place, coin in enumerate(found)]
        columns.append(Column("n", "n", 3, "right", 3))
        return (Section("correlations", columns, list(_rows(found)), "no daily candles of two markets yet"),)

    def _found(self, frame: Frame) -> dict[str, dict[str, figures.CorrelationFigure]]:
        return frame.model.correlations.figures(frame.now)[self.window]


def _rows(found: dict[str, dict[str, figures.CorrelationFigure]]) -> Iterable[Row]:
    names = [*found, *(name for compared in found.values() for name in compared)]
    for name in dict.fromkeys(names):
        of = {coin: compared[name] for coin, compared in found.items() if name in compared}
        if not of:
            continue
        cells: dict[str, Cell] = {coin: coefficient(figure.r) for coin, figure in of.items()}
        cells |= {"name": (compared_name(name), "text"), "n": (str(next(iter(of.values())).n), "faint")}
        yield Row(name, cells, {coin: figure.r for coin, figure in of.items()}, text=f"{name} {compared_name(name)}")
