"""Figures over time: a market is folded once, and read at each step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from deskmon.alerts.engine import Engine
from deskmon.alerts.watch import Watch
from deskmon.configured_model import new_model
from deskmon.events import Event
from deskmon.model import Model
from deskmon.model.figure_path import FigurePath
from deskmon.past.market import JUDGED_BEFORE, PastMarket, Span

CHUNK = 1_000
"""Events that are folded at once."""
JUDGED = frozenset({"alerts", "scenarios", "log"})
"""Keys of the state for which rules have to be judged on the way."""


class Sample(NamedTuple):
    """What the figures were at desk time `ts` (ms), in the order in which they were asked for; None where unknown."""

    ts: int
    values: tuple[Any, ...]


def sample(market: PastMarket, figures: Sequence[FigurePath], span: Span, every: int) -> Iterator[Sample]:
    """The figures at the span's start and each `every` ms after it, up to its end.

    Each value is that of `deskmon state --at` the moment: of all that had arrived by then. Memory doesn't grow with the
    span. Raises ValueError for a step that isn't positive.
    """
    if every <= 0:
        raise ValueError(f"{every!r} is no step in ms")
    return (
        Sample(ts, tuple(figure.read(model, ts) for figure in figures))
        for ts, model in folded(
            market, span, every, judge=market.judge and any(figure.steps[0].text in JUDGED for figure in figures)
        )
    )


def folded(market: PastMarket, span: Span, every: int, *, judge: bool = False) -> Iterator[tuple[int, Model]]:
    """The same with the model itself, which goes on: read what is needed before the next step."""
    opened = market.opening(span.start)
    model = new_model(market.config)
    model.apply(opened.known)
    fold = _Judging(model, market, span.start) if judge else _Folding(model)
    due, taken = span.start, list[Event]()
    for event in opened.events:
        while event.arrival > due:
            fold.upto(due, taken)
            taken = []
            yield due, model
            due += every
            if due > span.end:
                return
        taken.append(event)
        if len(taken) >= CHUNK:
            fold.some(taken)
            taken = []
    while due <= span.end:
        fold.upto(due, taken)
        taken = []
        yield due, model
        due += every


class _Folding:
    def __init__(self, model: Model) -> None:
        self._model = model

    def some(self, events: Sequence[Event]) -> None:
        self._model.apply(events)

    def upto(self, ts: int, events: Sequence[Event]) -> None:
        """Fold what arrived by `ts` (ms)."""
        self.some(events)


class _Judging(_Folding):
    """Rules are judged on the way, as `deskmon state` judges them."""

    def __init__(self, model: Model, market: PastMarket, start: int) -> None:
        super().__init__(model)
        self._watch = Watch(Engine(market.config.alerts, market.config.scenarios), lambda: model, live=False)
        self._watch.start = max(market.timeline.start, start - JUDGED_BEFORE)

    def some(self, events: Sequence[Event]) -> None:
        for _ in self._watch.fold(events, lambda event: event):
            pass

    def upto(self, ts: int, events: Sequence[Event]) -> None:
        self.some(events)
        self._watch.advance(ts)
