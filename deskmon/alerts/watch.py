"""The watch: judges a model's rules along a stream, at each whole second of the desk clock and at each ledger event.

A moment is judged once the stream has moved beyond it, when all that arrived by then is folded. So batches and speed
change nothing.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from deskmon.alerts.engine import Engine
from deskmon.alerts.telling import News
from deskmon.clock import MINUTE, SECOND
from deskmon.events import (
    Alert,
    CalendarEntry,
    Checkpoint,
    EtfFlow,
    Event,
    Gap,
    Headline,
    Holding,
    HoldingTrade,
    Journal,
    Liquidation,
    PinnedLevel,
    Pulse,
    Reset,
)
from deskmon.model import Model

TOUCHED: Mapping[type[Event], frozenset[str]] = {
    Liquidation: frozenset({"liquidations", "waves"}), Gap: frozenset({"liquidations", "waves", "feeds"}),
    EtfFlow: frozenset({"flows"}), Holding: frozenset({"holdings"}), HoldingTrade: frozenset({"holdings"}),
    Headline: frozenset({"headlines"}), CalendarEntry: frozenset({"calendar"}), PinnedLevel: frozenset({"levels"}),
}  # fmt: skip
"""By kind of ledger event: the keys of the state in which it counts at once."""
BESIDE_TIME = frozenset({Reset, Journal, Checkpoint})
"""Kinds of events that tell of no moment of the market."""
NOTABLE = frozenset({Alert, Pulse, *BESIDE_TIME, *TOUCHED})
"""Kinds of which more is to be noted than that they came; nearly no event is of one."""
TURN_ON_THE_MINUTE = frozenset({"levels"})
"""Keys of the state that hang on nearly every event, but turn when a candle closes."""
LEAVING = frozenset({"liquidations"})
"""Keys of the state that move when something leaves a window, though nothing comes."""
SILENT = MINUTE
"""A timeline from which nothing came for so long (ms, at its pace) is silent: nothing but ages moves."""
ASLEEP = MINUTE
"""A live clock that moves on by more (ms) at once slept: nobody was there to judge."""

PART = "watch"
"""In the stream of a market that is played: what a watch remembered at a checkpoint of the model."""

Item = TypeVar("Item")


class Stretches(NamedTuple):
    """Events in a row: when each arrived (ms), whether these times ascend, and the indexes of events that are noted."""

    arrivals: list[int]
    in_order: bool
    noted: list[int]


class Watch:
    """Judges what an `engine` has over `model()`, which others fold.

    live: the desk clock is the machine's. What lies before `start` (ms) is a timeline's past and isn't judged; from
    there to `begin` (ms), where a screen begins to look, it is judged once a minute, and then.
    """

    def __init__(self, engine: Engine, model: Callable[[], Model], *, live: bool) -> None:
        self.engine = engine
        self.start = 0
        self._begin = 0
        self._model = model
        self._live = live
        self._arrived = self._heard = 0
        self._second = 0
        self._touched: frozenset[str] = frozenset()
        self._versions: dict[str, int] = {}
        self._stirred = True

    def fold(
        self, items: Sequence[Item], event_of: Callable[[Item], Event] | None = None
    ) -> Iterator[tuple[list[Item], list[News]]]:
        """Fold items, events where `event_of` isn't given, into the model, cut at the moments that are to be judged;
        yields what was folded and what there was to say then. What was said of alerts before is left out: it is said
        anew."""
        events: Sequence[Any] = items if event_of is None else [event_of(item) for item in items]
        stretches = self._stretches(events)
        taken, waiting = list[Item](), list[Event]()
        at = 0
        while at < len(events):
            stop = self._calm(stretches, at)
            if stop > at:
                taken.extend(items[at:stop])
                waiting.extend(events[at:stop])
                self._stirred, self._heard = True, stretches.arrivals[stop - 1]
                self._arrived = max(self._arrived, max(stretches.arrivals[at:stop]))
                at = stop
                continue
            item, event, arrival, at = items[at], events[at], stretches.arrivals[at], at + 1
            kind = type(event)
            if kind is Alert:
                continue
            if kind is Checkpoint and event.part == PART:
                self._model().apply(waiting)
                yield taken, []
                taken, waiting = [], []
                self._restore(event.data)
                continue
            if self._is_due(arrival):
                self._model().apply(waiting)
                yield taken, self._judge(arrival)
                taken, waiting = [], []
            taken.append(item)
            waiting.append(event)
            self._note(kind, arrival)
        self._model().apply(waiting)
        yield taken, []

    def _stretches(self, events: Sequence[Event]) -> Stretches:
        """Where `events` may be taken together: between those of which more is to be noted than that they came."""
        arrivals = [event.recv or event.ts for event in events]
        kinds = list(map(type, events))
        noted: list[int] = []
        if not NOTABLE.isdisjoint(kinds):
            past = max(self.start, self.begin)
            noted = [
                at
                for at, kind in enumerate(kinds)
                if kind in NOTABLE and (kind not in TOUCHED or arrivals[at] > past)
            ]  # fmt: skip
        return Stretches(arrivals, sorted(arrivals) == arrivals, noted)

    def _calm(self, stretches: Stretches, at: int) -> int:
        """Up to where events from index `at` on come before a moment is to be judged, and nothing is to be noted of
        them."""
        if self._arrived <= 0 or self._touched:
            return at
        arrivals, in_order, noted = stretches
        following = bisect_left(noted, at)
        stop = noted[following] if following < len(noted) else len(arrivals)
        if in_order:
            return min(stop, bisect_right(arrivals, self._second, at))
        return next((index for index in range(at, stop) if arrivals[index] > self._second), stop)

    @property
    def begin(self) -> int:
        return self._begin

    @begin.setter
    def begin(self, moment: int) -> None:
        self._begin = moment
        self._aim()

    def _aim(self) -> None:
        """Have the whole second judged at which somebody begins to look, though the next beat of the past is later."""
        begins, judged = self._begin // SECOND * SECOND, self.engine.judged_at
        if judged is not None and judged < begins < self._second:
            self._second = begins

    def checkpoint(self) -> Any:
        """All that it remembers, which nobody changes later; never JSON."""
        return self.engine.checkpoint(), (self._arrived, self._heard, self._second, self._touched, self._stirred)

    def _restore(self, data: Any) -> None:
        """Go on from what `checkpoint` gave."""
        engine, (self._arrived, self._heard, self._second, self._touched, self._stirred) = data
        self.engine.go_on(engine)
        self._versions.clear()
        self._aim()

    def advance(self, until: int) -> list[News]:
        """Judge all moments up to `until` (ms), that one too: everything that arrived by then is folded."""
        if not self._arrived:
            self._note_time(until)
        news = self._judge(until + 1)
        self._note_time(until)
        return news

    def _is_due(self, arrival: int) -> bool:
        """Whether a moment before `arrival` (ms) is to be judged."""
        if arrival <= self._arrived or not self._arrived:
            return False
        return bool(self._touched) or self._second < arrival

    def _note(self, kind: type[Event], arrival: int) -> None:
        if kind in BESIDE_TIME:
            if kind is Reset:  # a market begins anew
                self.engine.forget()
                self._arrived, self._second, self._touched = 0, 0, frozenset()
            return
        if kind in TOUCHED and arrival > self.start and arrival > self.begin:
            self._touched |= TOUCHED[kind]
        if kind is not Pulse:
            self._stirred, self._heard = True, arrival
        if arrival > self._arrived:
            self._note_time(arrival)

    def _note_time(self, now: int) -> None:
        if not self._arrived:
            self._second = -(-max(now, self.start) // SECOND) * SECOND
        self._arrived = max(self._arrived, now)

    def _judge(self, until: int) -> list[News]:
        """Judge all moments before `until` (ms)."""
        model, news = self._model(), list[News]()
        if self._touched:
            at, touched = self._arrived, self._touched
            self._touched = frozenset()
            news += self._seconds(model, min(at, until))
            if at < until and at != self._second:
                told = self.engine.judge(model, at, touched)
                model.apply(each.alert for each in told)
                news += told
        return [*news, *self._seconds(model, until)]

    def _seconds(self, model: Model, until: int) -> list[News]:
        """Judge the whole seconds before `until` (ms). Of a timeline those between two beats only where something came,
        and by what moved, or where a clock ends; in the past at the beats alone."""
        said = list[News]()
        if self._second < self.start < until:  # it seeks on, over what isn't judged
            self.engine.rest()
            self._second = -(-self.start // SECOND) * SECOND
        elif self._live and until > self._second + ASLEEP:  # the machine slept
            self.engine.rest()
            self._second = (until - 1) // SECOND * SECOND
        begins = self._begin // SECOND * SECOND
        while self._second < until:
            now, beat = self._second, self._beat(self._second)
            news = self.engine.judge(model, now, self._moved(model) | LEAVING if now % beat else None)
            model.apply(each.alert for each in news)
            said += news
            self._stirred, self._second = False, now + SECOND
            if beat > SECOND:
                following = now - now % beat + beat
                if now >= self.begin:
                    following = min(following, self.engine.wakes_at(model, now), -(-until // SECOND) * SECOND)
                else:  # where somebody begins to look, rules stand as they are then
                    following = min(following, begins if now < begins else now + SECOND)
                self._second = max(self._second, following)
        return said

    def _beat(self, now: int) -> int:
        """Time (ms) between two judgements of all that is read: a second; in a time-lapse, whose sources tell once in
        `pace` seconds, so many; in the past, and where a timeline has been silent for a while, a minute."""
        pace = self._pace() * SECOND
        often = self._live or (now >= self.begin and now - self._heard <= SILENT * pace // SECOND)
        return pace if often else max(MINUTE, pace)

    def _pace(self) -> int:
        header = self._model().header
        return 1 if header is None else header.pace

    def _moved(self, model: Model) -> frozenset[str]:
        """Keys of the state in which something changed since this was asked last."""
        if not self._stirred:
            return frozenset()
        keys = frozenset().union(*(rule.parts for rule in self.engine.rules.values())) - TURN_ON_THE_MINUTE
        now = {key: version for key in keys if (version := model.version(key)) is not None}
        moved = frozenset(key for key, version in now.items() if self._versions.get(key) != version)
        self._versions |= now
        return moved
