"""Correlations: how the largest coins moved with each other and with shares, metals and the dollar."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from deskmon.api import Cell, Choice, Column, Frame, Row, Section, TablePanel, figures, fmt
from deskmon.components.series import series_name

LEAST = 20
"""Pairs of returns below which there is no correlation."""
STRONG, WEAK = 0.7, 0.3


class Correlations(TablePanel):
    """Is it its own market, or everybody's?"""

    name = "correlations"
    title = "Correlations"
    topics = frozenset({"candles", "metrics", "clock"})
    min_interval_ms = 10_000
    has_live_figures = False
    window = Choice(("30d", "90d"), window=True)
    definitions = (
        ("r", "Pearson, of log returns between daily closes that both have, −1 to 1; — under 20 pairs"),
        ("n", "pairs of returns with the first coin: markets that rest at weekends have fewer"),
        ("close", "at 00:00 UTC for coins, the day's newest value for the rest; the day that runs doesn't count"),
    )

    def note_parts(self, frame: Frame) -> Iterable[str]:
        known = _all(frame.model.correlations.figures(frame.now)[self.window])
        most = max((each.n for each in known), default=0)
        few = f"{most} of {LEAST} pairs so far" if known and all(each.r is None for each in known) else ""
        return (few, *super().note_parts(frame))

    def sections(self, frame: Frame) -> Sequence[Section]:
        found = frame.model.correlations.figures(frame.now)[self.window]
        columns = [Column("name", "with", 16, least=5, most=20, order="up")]
        columns += [Column(coin, coin, 5, "right", place, order="down") for place, coin in enumerate(found)]
        columns.append(Column("n", "n", 3, "right", 3))
        empty = "no daily candles of two markets yet"
        return (Section("correlations", columns, list(_rows(found)), empty),)


def _all(found: dict[str, dict[str, figures.CorrelationFigure]]) -> list[figures.CorrelationFigure]:
    return [figure for compared in found.values() for figure in compared.values()]


def _rows(found: dict[str, dict[str, figures.CorrelationFigure]]) -> Iterable[Row]:
    names = [*found, *(name for compared in found.values() for name in compared)]
    for name in dict.fromkeys(names):
        cells: dict[str, Cell] = {"name": (name if name in found else series_name(name.lower()), "text")}
        of = {coin: compared[name] for coin, compared in found.items() if name in compared}
        if not of:
            continue
        for coin, figure in of.items():
            cells[coin] = _cell(figure.r)
        first = next(iter(of.values()))
        cells["n"] = (str(first.n), "faint")
        yield Row(name, cells, {coin: figure.r for coin, figure in of.items()}, text=f"{name} {cells['name'][0]}")


def _cell(r: float | None) -> Cell:
    """Quiet where it says little, bright where two move as one."""
    if r is None:
        return fmt.UNKNOWN, "faint"
    text = f"{r:+.2f}".replace("-", fmt.MINUS)
    return text, "muted" if abs(r) < WEAK else "text" if abs(r) < STRONG else "accent" if r > 0 else "down"
