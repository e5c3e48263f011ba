"""The simulated market as a timeline: a week of history, then a market without end, in order of arrival."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import cached_property
from operator import attrgetter
from random import Random

from deskmon.clock import SECOND
from deskmon.events import Event, Journal, Mode
from deskmon.feeds.simulator.candles import Days
from deskmon.feeds.simulator.carry import Carry
from deskmon.feeds.simulator.feeds import Feeds
from deskmon.feeds.simulator.flow import Flow
from deskmon.feeds.simulator.history import LENGTH, History
from deskmon.feeds.simulator.market import Market
from deskmon.feeds.simulator.options import Options
from deskmon.feeds.simulator.quotes import Quotes
from deskmon.feeds.simulator.step import Step
from deskmon.feeds.simulator.world import START

STEP = 250
"""Milliseconds of one step; a second has a whole number of them."""
_OPENING = 5 * SECOND
"""The market runs this long (ms) before the desk begins to play, so that every figure is there at once."""
_arrival: Callable[[Event], int] = attrgetter("arrival")


class DemoTimeline:
    """The market of `seed`; the same seed gives the same events, to the last digit.

    Some 100 events a second while calm, several hundred in a cascade; `intensity` multiplies tickers, books, trades and
    the number of liquidations, not their dollars: the market itself is the same. Its header says that it has listened
    for a little over a week, as its history goes back that far. Raises ValueError for an intensity out of range.
    """

    mode: Mode = "demo"
    end: int | None = None

    def __init__(self, seed: int = 7, intensity: float = 1.0) -> None:
        if not 0 < intensity <= 1_000:
            raise ValueError(f"intensity: {intensity!r} is not above 0 and at most 1,000")
        self.seed = seed
        self.intensity = intensity
        self.start = START
        self.header = Journal(
            version=1,
            source="simulated",
            note=f"simulated market, seed {seed}",
            started=START - LENGTH,
            mode="demo",
        )

    @cached_property
    def _history(self) -> History:
        return History(Random(f"history {self.seed}"))

    @cached_property
    def _past(self) -> list[Event]:
        """Made once, for a tenth of a second is long in an event loop."""
        events = [*self._history.events(), *Options(self._own_rng()).past(self._history)]
        return sorted((event for event in events if event.arrival < START - _OPENING), key=_arrival)

    def _own_rng(self) -> Random:
        """What options are drawn from: the same for their past and for what follows."""
        return Random(f"options {self.seed}")

    def events(self) -> Iterator[Event]:
        """The history, then the market, endlessly. Each call starts afresh and yields the same."""
        yield from self._past
        history, rng = self._history, Random(f"events {self.seed}")
        days = Days([bars[:-1] for bars in history.bars], history.unfinished())
        market, feeds, flow = Market(Random(f"market {self.seed}")), Feeds(rng), Flow(self.intensity)
        carry, quotes, options = Carry(), Quotes(days, self.intensity, rng), Options(self._own_rng())
        waiting: list[Event] = []
        start = START - _OPENING
        opening = Step(start, STEP, market, (), rng)
        quotes.all(opening)
        carry.all(opening)
        options.all(opening)
        while True:
            step = Step(start, STEP, market, market.step(STEP / SECOND), rng, opening.out)
            opening.out = []
            flow.emit(step)
            quotes.emit(step)
            carry.emit(step)
            options.emit(step)
            days.emit(step)
            feeds.emit(step)
            start += STEP
            waiting += step.out
            waiting.sort(key=_arrival)
            arrived = bisect_right(waiting, start, key=_arrival)
            yield from waiting[:arrived]
            del waiting[:arrived]
