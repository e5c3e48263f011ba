"""What every part of the simulator needs to turn a step of the market into events."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from deskmon.events import Event
from deskmon.feeds.demo.simulator.market import Forced, Market
from deskmon.feeds.demo.simulator.world import ASSETS, PAIRS, VENUES

DIGITS = tuple(round(-math.log10(asset.tick)) for asset in ASSETS)
"""Digits after the point of each asset's price."""
SYMBOLS = tuple(asset.symbol for asset in ASSETS)
NAMES = tuple(venue.name for venue in VENUES)


@dataclass(slots=True)
class Step:
    """One step of the market: from `start`, `length` (both ms); events made from it gather in `out`."""

    start: int
    length: int
    market: Market
    forced: Sequence[Forced]
    rng: Random
    out: list[Event] = field(default_factory=list)

    def price(self, asset: int, share: float) -> float:
        """The asset's price when this share of the step has passed."""
        state = self.market.states[asset]
        return state.before + (state.price - state.before) * share

    def arrival(self, venue: int, ts: int) -> int:
        """When an event of this venue reaches the desk (ms); later under stress."""
        fast, slow = VENUES[venue].latency
        return ts + int((fast + (slow - fast) * self.rng.random()) * (0.8 + 0.2 * self.market.turbulence))

    def stamp(self, pair: int, share: float) -> dict[str, Any]:
        """When this share of the step has passed: what every event of a pair says of its time and place."""
        asset, venue = PAIRS[pair].asset, PAIRS[pair].venue
        ts = self.start + int(share * self.length)
        return {"ts": ts, "recv": self.arrival(venue, ts), "venue": NAMES[venue], "symbol": SYMBOLS[asset]}


class Wheel:
    """Gives each of `count` items its turn, so many per step on average, fractions carried over."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._due = 0.0
        self._next = 0

    def turns(self, amount: float) -> list[tuple[int, float]]:
        """The items whose turn comes in this step, each with its share of the step (0 to 1)."""
        self._due += amount
        turns = int(self._due)
        self._due -= turns
        first, self._next = self._next, (self._next + turns) % self._count
        return [((first + i) % self._count, (i + 0.5) / turns) for i in range(turns)]
