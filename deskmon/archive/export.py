"""What can be exported of a market of the past: its events, bars made of them, figures over time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from deskmon.archive.bars import Bars, bar_table
from deskmon.archive.figure_table import figure_rows, figure_table
from deskmon.archive.kinds import KINDS
from deskmon.archive.sink import Sink
from deskmon.archive.tables import Row, Table, event_table
from deskmon.events import Event
from deskmon.model.figure_path import FigurePath
from deskmon.past import PastMarket, Span, sample

Told = Callable[[int], None]
"""Is told how far an export got: desk time in ms."""


class Export(Protocol):
    """One export."""

    def tables(self, market: PastMarket) -> list[Table]:
        """The tables that it fills."""
        ...

    def run(self, market: PastMarket, span: Span, sink: Sink, told: Told) -> None:
        """Fill them with what is of the span."""
        ...


class EventExport:
    """Events of the kinds that are `named`, in order of arrival; their `seq` counts all events of the span."""

    def __init__(self, named: Sequence[str]) -> None:
        self._named = named

    def tables(self, market: PastMarket) -> list[Table]:
        return [event_table(name, market.timeline.header.source) for name in self._named]

    def run(self, market: PastMarket, span: Span, sink: Sink, told: Told) -> None:
        tables = {KINDS[table.name]: table for table in self.tables(market)}
        for seq, event in enumerate(market.events(span)):
            told(event.arrival)
            table = tables.get(type(event))
            if table is not None:
                sink.put(table, Row(seq, event))


class BarExport:
    """Candles of `length` ms, made of the events of `kinds`; `late` counts what came too late for its candle."""

    def __init__(self, length: int, timeframe: str, kinds: frozenset[type[Event]]) -> None:
        self.late = 0
        self._length, self._timeframe, self._kinds = length, timeframe, kinds

    def tables(self, market: PastMarket) -> list[Table]:
        return [bar_table(market.timeline.header.source)]

    def run(self, market: PastMarket, span: Span, sink: Sink, told: Told) -> None:
        [table] = self.tables(market)
        bars = Bars(self._length, self._timeframe)
        for bar in bars.fold(self._heard(market, span, told)):
            sink.put(table, bar)
        self.late = bars.late

    def _heard(self, market: PastMarket, span: Span, told: Told) -> Iterator[Event]:
        for event in market.events(span):
            told(event.arrival)
            if type(event) in self._kinds:
                yield event


class FigureExport:
    """Figures at each `every` ms."""

    def __init__(self, figures: Sequence[FigurePath], every: int) -> None:
        self._figures, self._every = figures, every

    def tables(self, market: PastMarket) -> list[Table]:
        return [figure_table(self._figures, market.timeline.header.source)]

    def run(self, market: PastMarket, span: Span, sink: Sink, told: Told) -> None:
        [table] = self.tables(market)
        for moment in sample(market, self._figures, span, self._every):
            told(moment.ts)
            for row in figure_rows(self._figures, moment):
                sink.put(table, row)
