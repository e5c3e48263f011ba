"""The simulated market: prices that move together, forced closes that push them on, liquidity that thins and heals.

A price is a fair value, which follows the script and noise common to all assets, plus a dislocation: what forced closes
have pushed it, worn away as others step in. Each push can reach the next level of the ladder: a cascade.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from deskmon.events import PositionSide
from deskmon.feeds.demo.simulator.ladder import Ladder
from deskmon.feeds.demo.simulator.script import Phase, phases
from deskmon.feeds.demo.simulator.world import ASSETS, PAIRS, Asset

VOLATILITY = 9e-5
"""Of the whole market, per √second, while calm."""
_HEALING = 25.0
_DRAINING = 9.0
_MOOD = 5.0
_REFILLING = 150.0
_LEAVING = 25.0
_JOINING = 60.0
_RUN = 2e-4
"""Drift per second from which on a move draws in late followers."""
_SMALLEST = 400.0
_STRAYS = 0.035
"""Forced closes of single positions per second and asset while calm, in bursts as prices swing."""
_TRAIL = 60.0
_ABSORBING = 3.0
"""Dollars that move a price by 1 %, as a multiple of what rests within 1 %: a book is refilled while it is eaten."""
_SWING = 0.004
"""How far (log price) prices swung before it all begins."""
_DELEVERAGING = 4.0
"""Dollars of open interest that close voluntarily for each that is closed by force."""


class Forced(NamedTuple):
    """Dollars of one asset's positions closed by force within one step, of a `single` position or of many."""

    asset: int
    side: PositionSide
    usd: float
    single: bool = False


@dataclass(slots=True)
class AssetState:
    """One asset now: `before` at the beginning and `price` at the end of the step.

    liquidity: 1 while calm, less under stress. stress: dollars closed by force per second and dollar of depth.
    fair, push: log fair value and log dislocation; trail: where the fair value was of late. crowd: 8-hour funding rate
    that the imbalance of positions asks for.
    """

    asset: Asset
    ladder: Ladder
    fair: float
    price: float
    before: float
    push: float = 0.0
    liquidity: float = 1.0
    crowd: float = 6e-5
    trail: float = 0.0
    long_waiting: float = 0.0
    short_waiting: float = 0.0
    stress: float = 0.0

    @property
    def index(self) -> float:
        """Price of the asset elsewhere, which follows the perpetual's dislocation only in part."""
        return math.exp(self.fair + 0.6 * self.push)


class Market:
    """Steps through a script. `interest` holds coins by pair; `phase` and `turbulence` are the mood."""

    def __init__(self, rng: Random, script: Callable[[Random], Iterator[Phase]] = phases) -> None:
        self._rng = rng
        self._script = script(rng)
        self.phase: Phase = next(self._script)
        self._left = self.phase.seconds
        self.turbulence = 1.0
        self.states = tuple(_at_rest(asset) for asset in ASSETS)
        self._full = tuple(ASSETS[pair.asset].interest * pair.interest / ASSETS[pair.asset].price for pair in PAIRS)
        self.interest = list(self._full)
        self._since_refill = 0.0

    def step(self, seconds: float) -> list[Forced]:
        """Move on; returns what is closed by force meanwhile."""
        self._left -= seconds
        while self._left <= 0:
            self.phase = next(self._script)
            self._left += self.phase.seconds
        self.turbulence += (self.phase.turbulence - self.turbulence) * (1 - math.exp(-seconds / _MOOD))
        gauss, root = self._rng.gauss, math.sqrt(seconds)
        common = self.phase.drift * seconds / self.phase.seconds + VOLATILITY * self.turbulence * root * gauss(0, 1)
        own = math.sqrt(self.turbulence) * root
        forced: list[Forced] = []
        for number, state in enumerate(self.states):
            asset = state.asset
            state.fair += asset.beta * common + asset.noise * own * gauss(0, 1)
            state.push *= math.exp(-seconds / _HEALING)
            self._close_by_force(number, state, seconds, forced)
            self._stray(number, state, seconds, forced)
            state.before, state.price = state.price, math.exp(state.fair + state.push)
            longs, shorts = state.ladder.move(state.fair + state.push)
            state.long_waiting += longs
            state.short_waiting += shorts
            self._breathe(state, seconds)
        self._since_refill += seconds
        if self._since_refill >= 1.0:
            self._refill(self._since_refill)
            self._since_refill = 0.0
        return forced

    def deleverage(self, pair: int, coins: float) -> None:
        """Open interest of a pair after a forced close of so many coins: others close as well."""
        self.interest[pair] = max(0.3 * self._full[pair], self.interest[pair] - coins * (1 + _DELEVERAGING))

    def regrow(self, pair: int, seconds: float) -> None:
        """Open interest of a pair comes back slowly."""
        self.interest[pair] += (self._full[pair] - self.interest[pair]) * min(1.0, seconds / 3_600)

    def _close_by_force(self, number: int, state: AssetState, seconds: float, forced: list[Forced]) -> None:
        share = 1 - math.exp(-seconds / _DRAINING)
        book = _ABSORBING * state.asset.depth * math.sqrt(state.liquidity)
        done = 0.0
        typical = 0.4 * state.asset.order
        if (usd := self._due(state.long_waiting, share, typical)) > 0:
            state.long_waiting -= usd
            state.push -= 0.01 * usd / book
            forced.append(Forced(number, "long", usd))
            done += usd
        if (usd := self._due(state.short_waiting, share, typical)) > 0:
            state.short_waiting -= usd
            state.push += 0.01 * usd / book
            forced.append(Forced(number, "short", usd))
            done += usd
        state.stress += (done / seconds / state.asset.depth - state.stress) * (1 - math.exp(-seconds / 4))

    def _stray(self, number: int, state: AssetState, seconds: float, forced: list[Forced]) -> None:
        """Now and then a single position that stood too near is closed, the likelier the further the price swung."""
        state.trail += (state.fair - state.trail) * (1 - math.exp(-seconds / _TRAIL))
        swing = (state.fair - state.trail) / (state.asset.beta * VOLATILITY * math.sqrt(_TRAIL / 2))
        if self._rng.random() < _STRAYS * (0.5 + 0.5 * min(9.0, swing * swing)) * seconds:
            usd = _SMALLEST + 0.1 * state.asset.order * math.exp(1.4 * self._rng.gauss(0, 1))
            forced.append(Forced(number, "long" if swing < 0 else "short", usd, single=True))

    def _due(self, waiting: float, share: float, typical: float) -> float:
        """Dollars closed in this step: `share` of what waits on average, in lumps where that is little; dust waits."""
        usd = waiting * share
        if usd > 3 * typical or waiting < _SMALLEST:
            return usd if waiting >= _SMALLEST else 0.0
        lump = min(waiting, _SMALLEST + typical * math.exp(1.2 * self._rng.gauss(0, 1)))
        return lump if self._rng.random() < usd / lump else 0.0

    def _breathe(self, state: AssetState, seconds: float) -> None:
        """Makers leave fast when it gets rough and come back slowly; funding follows the perpetual's premium."""
        calm = 1 / (1 + 0.25 * max(0.0, self.turbulence - 1) + 25 * state.stress)
        speed = 4.0 if calm < state.liquidity else 35.0
        state.liquidity += (calm - state.liquidity) * (1 - math.exp(-seconds / speed))
        asked = 6e-5 + 0.04 * state.push
        state.crowd += (asked - state.crowd) * (1 - math.exp(-seconds / 60))

    def _refill(self, seconds: float) -> None:
        """New leverage is taken on in quiet times, and who stands near leaves in time; in a run hardly any is taken on
        against it, but many late ones with it, and nobody has the time to leave."""
        nerve = max(1.0, self.turbulence) ** 2
        quiet, leaving = seconds / _REFILLING / nerve, seconds / _LEAVING / nerve
        late = seconds / _JOINING
        trend = self.phase.drift / self.phase.seconds
        longs = late if trend > _RUN else 0.2 * quiet if trend < -_RUN else quiet
        shorts = late if trend < -_RUN else 0.2 * quiet if trend > _RUN else quiet
        for state in self.states:
            state.ladder.refill(longs, shorts, leaving)
            state.ladder.prune()


def _at_rest(asset: Asset) -> AssetState:
    """The asset after a quiet stretch, which has closed what stood near its price."""
    log_price = math.log(asset.price)
    ladder = Ladder(log_price, asset.fuel)
    for swing in (-_SWING, _SWING, 0.0):
        ladder.move(log_price + swing)
    return AssetState(asset, ladder, log_price, asset.price, asset.price, trail=log_price)
