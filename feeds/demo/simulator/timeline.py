"""The simulated market as a timeline: a week of history, then a market without end, in order of arrival."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import chain
from operator import attrgetter
from random import Random

from deskmon.events import Event, Journal, Mode
from deskmon.feedkit import SECOND
from deskmon.feeds.demo.simulator.candles import Days
from deskmon.feeds.demo.simulator.carry import Carry
from deskmon.feeds.demo.simulator.feeds import Feeds
from deskmon.feeds.demo.simulator.flow import Flow
from deskmon.feeds.demo.simulator.market import Market
from deskmon.feeds.demo.simulator.option_chains import Options
from deskmon.feeds.demo.simulator.past import LENGTH, History
from deskmon.feeds.demo.simulator.quotes import Quotes
from deskmon.feeds.demo.simulator.remembered import daily_candles, midnights, remembered
from deskmon.feeds.demo.simulator.script import calm, phases
from deskmon.feeds.demo.simulator.step import Step
from deskmon.feeds.demo.simulator.surroundings import Surroundings
from deskmon.feeds.demo.simulator.world import START

STEP = 250
"""Milliseconds of one step at pace 1; a second has a whole number of them."""
_LONGEST = 2_500
_OPENING = 5 * SECOND
"""The market runs this long (ms) before the desk begins to play, so that every figure is there at once."""
_arrival: Callable[[Event], int] = attrgetter("arrival")


class DemoTimeline:
    """The market of `seed`; the same seed gives the same events, to the last digit.

    Some 100 events a second while calm, several hundred in a cascade; `intensity` multiplies tickers, books, trades and
    the number of liquidations, not their dollars: the market itself is the same. Its header says that it has listened
    for a little over a week, as its history goes back that far. Raises ValueError for an intensity out of range.

    `calm`: without episodes and with a calm week before. pace: desk seconds per second at which it's to be played; what
    feeds say again and again comes so much more seldom, liquidations come all the same.
    """

    mode: Mode = "demo"
    end: int | None = None

    def __init__(self, seed: int = 7, intensity: float = 1.0, *, calm: bool = False, pace: int = 1) -> None:
        if not 0 < intensity <= 1_000:
            raise ValueError(f"intensity: {intensity!r} is not above 0 and at most 1,000")
        self.seed = seed
        self.intensity = intensity
        self.calm = calm
        self.pace = pace
        self.start = START
        self.header = Journal(
            version=1,
            source="simulated",
            note=f"simulated {'calm ' if calm else ''}market, seed {seed}",
            started=START - LENGTH,
            mode="demo",
            pace=pace,
        )

    @cached_property
    def _history(self) -> History:
        return History(Random(f"history {self.seed}"), calm=self.calm)

    @cached_property
    def _past(self) -> list[Event]:
        """Made once, for a tenth of a second is long in an event loop."""
        chains = Options(self._own_rng(), self.pace).past(self._history)
        days = list(daily_candles(self._history))
        around = self._surroundings().past(midnights(days, self._history))
        events = [*remembered(), *days, *self._history.events(), *chains, *around]
        return sorted((event for event in events if event.arrival < START - _OPENING), key=_arrival)

    def _own_rng(self) -> Random:
        """What options are drawn from: the same for their past and for what follows."""
        return Random(f"options {self.seed}")

    def _surroundings(self) -> Surroundings:
        return Surroundings(Random(f"surroundings {self.seed}"))

    def events(self) -> Iterator[Event]:
        """The history, then the market, endlessly. Each call starts afresh and yields the same."""
        return chain(self._past, self._market(self._days()))

    def following(self) -> Iterator[Event]:
        """The market alone, from its start on: the week before, 2 MB of bars, is held no longer."""
        days = self._days()
        del self._history
        return (event for event in self._market(days) if event.arrival > START)

    def _days(self) -> Days:
        """How the market's last day stands at its start."""
        return Days([bars[:-1] for bars in self._history.bars], self._history.unfinished())

    def _market(self, days: Days) -> Iterator[Event]:
        rng = Random(f"events {self.seed}")
        market = Market(Random(f"market {self.seed}"), calm if self.calm else phases)
        feeds, flow = Feeds(rng, self.pace), Flow(self.intensity, self.pace)
        quotes, carry = Quotes(days, self.intensity / self.pace, rng), Carry(self.pace)
        options, around = Options(self._own_rng(), self.pace), self._surroundings()
        length = min(STEP * self.pace, _LONGEST)
        waiting: list[Event] = []
        start = START - _OPENING
        opening = Step(start, length, market, (), rng)
        quotes.all(opening)
        carry.all(opening)
        options.all(opening)
        while True:
            step = Step(start, length, market, market.step(length / SECOND), rng, opening.out)
            opening.out = []
            flow.emit(step)
            quotes.emit(step)
            carry.emit(step)
            options.emit(step)
            around.emit(step)
            days.emit(step)
            feeds.emit(step)
            start += length
            waiting += step.out
            waiting.sort(key=_arrival)
            arrived = bisect_right(waiting, start, key=_arrival)
            yield from waiting[:arrived]
            del waiting[:arrived]
