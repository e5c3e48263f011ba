"""Figures over time: a market is folded once, and read at each step."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

from deskmon.alerts.engine import Engine
from deskmon.alerts.watch import Watch
from deskmon.configured_model import new_model
from deskmon.events import Event
from deskmon.model import Model
from deskmon.model.figure_path import FigurePath
from deskmon.past.market import JUDGED_BEFORE, PastMarket, Span
from deskmon.timeline import Opening

CHUNK = 1_000
"""Events that are folded at once."""
LONG_STEP = 200_000
"""Events of one step after which the next one begins from a checkpoint, where there is one: about a second is spent on
that, two on these."""
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
    """Each of the moments (ms, the earliest first) with a model that knows what had arrived by then. The model goes on:
    read what is needed before the next moment. After a long step the next one begins from a journal's checkpoint.

    judge: rules are judged on the way, all of it. looked_at: the moment at which somebody reads them, and no earlier:
    as `deskmon state` they are judged from a day before, once a minute.
    """
    left = list(moments)
    opened = market.opening(left[0]) if left else None
    while left and opened is not None:
        if judge:
            fold: _Folding = _Judging(opened.known, market, left[0], looked_at)
            yield from _through(opened, fold, left)
            return
        fold = _Folding(opened.known, market)
        opened = yield from _through(opened, fold, left, partial(_nearer, market))


def _through(
    opened: Opening,
    fold: _Folding,
    left: list[int],
    leap: Callable[[int, int], Opening | None] = lambda was, due: None,
) -> Generator[tuple[int, Model], None, Opening | None]:
    """Fold on through the moments that are left, and take each out. leap: asked after a long step, between the moment
    that was and the next: what to begin from anew."""
    taken, passed = list[Event](), 0
    for event in opened.events:
        while left and event.arrival > left[0]:
            was = left.pop(0)
            fold.upto(was, taken)
            passed, taken = passed + len(taken), []
            yield was, fold.model
            if left and passed > LONG_STEP and (nearer := leap(was, left[0])) is not None:
                return nearer
            passed = 0
        if not left:
            return None
        taken.append(event)
        if len(taken) >= CHUNK:
            fold.some(taken)
            passed, taken = passed + len(taken), []
    while left:
        was = left.pop(0)
        fold.upto(was, taken)
        taken = []
        yield was, fold.model
    return None


def _nearer(market: PastMarket, was: int, due: int) -> Opening | None:
    """How a model of `due` begins, where that is later than `was`."""
    opened = market.opening(due)
    return opened if opened.at > was else None


class _Folding:
    def __init__(self, known: Sequence[Event], market: PastMarket) -> None:
        self.model = new_model(market.config)
        self.model.apply(known)

    def some(self, events: Sequence[Event]) -> None:
        self.model.apply(events)

    def upto(self, ts: int, events: Sequence[Event]) -> None:
        """Fold what arrived by `ts` (ms)."""
        self.some(events)


class _Judging(_Folding):
    """Rules are judged on the way, as `deskmon state` judges them."""

    def __init__(self, known: Sequence[Event], market: PastMarket, start: int, looked_at: int | None) -> None:
        super().__init__(known, market)
        self._watch = Watch(Engine(market.config.alerts, market.config.scenarios), lambda: self.model, live=False)
        self._watch.start = max(market.timeline.start, (start if looked_at is None else looked_at) - JUDGED_BEFORE)
        if looked_at is not None:
            self._watch.begin = looked_at

    def some(self, events: Sequence[Event]) -> None:
        for _ in self._watch.fold(events):
            pass

    def upto(self, ts: int, events: Sequence[Event]) -> None:
        self.some(events)
        self._watch.advance(ts)
