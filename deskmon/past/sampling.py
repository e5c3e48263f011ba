"""Figures over time: a market is folded once, and read at each step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
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
    judge = market.judge and any(figure.steps[0].text in JUDGED for figure in figures)
    moments = range(span.start, span.end + 1, every)
    return (
        Sample(ts, tuple(figure.read(model, ts) for figure in figures))
        for ts, model in folded(market, moments, judge=judge)
    )


def folded(
    market: PastMarket, moments: Sequence[int], *, judge: bool = False, looked_at: int | None = None
) -> Iterator[tuple[int, Model]]:
    """Each of the moments (ms, the earliest first) with the one model that knows what had arrived by then. The model
    goes on: read what is needed before the next moment. judge: its rules are judged on the way. looked_at: the moment
    at which somebody reads them, and no earlier: as `deskmon state` they are judged from a day before, once a minute.
    """
    if not moments:
        return
    opened = market.opening(moments[0])
    model = new_model(market.config)
    model.apply(opened.known)
    fold = _Judging(model, market, moments[0], looked_at) if judge else _Folding(model)
    upcoming, taken = iter(moments), list[Event]()
    due = next(upcoming)
    for event in opened.events:
        while event.arrival > due:
            fold.upto(due, taken)
            taken = []
            yield due, model
            following = next(upcoming, None)
            if following is None:
                return
            due = following
        taken.append(event)
        if len(taken) >= CHUNK:
            fold.some(taken)
            taken = []
    for moment in chain([due], upcoming):
        fold.upto(moment, taken)
        taken = []
        yield moment, model


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

    def __init__(self, model: Model, market: PastMarket, start: int, looked_at: int | None) -> None:
        super().__init__(model)
        self._watch = Watch(Engine(market.config.alerts, market.config.scenarios), lambda: model, live=False)
        self._watch.start = max(market.timeline.start, (start if looked_at is None else looked_at) - JUDGED_BEFORE)
        if looked_at is not None:
            self._watch.begin = looked_at

    def some(self, events: Sequence[Event]) -> None:
        for _ in self._watch.fold(events, lambda event: event):
            pass

    def upto(self, ts: int, events: Sequence[Event]) -> None:
        self.some(events)
        self._watch.advance(ts)
