"""Option chains of the simulated market on Deribit: smiles whose put wing rises with fear, and DVOL."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from random import Random
from typing import Literal, NamedTuple

from deskmon.events import Event, Option, VolatilityIndex
from deskmon.feedkit import DAY, HOUR, MINUTE, SECOND
from deskmon.feeds.demo.simulator.past import LENGTH, History
from deskmon.feeds.demo.simulator.step import Step
from deskmon.feeds.demo.simulator.world import ASSETS, START

EVERY = 30 * SECOND
"""Between two whole chains (ms) at pace 1."""
VENUE = "deribit"
LAG = 20
"""Milliseconds until a chain arrives."""
STRIKES = 15
EXPIRIES = tuple(START // DAY * DAY + 8 * HOUR + days * DAY for days in (1, 4, 11, 25, 53, 81, 172, 263))
"""Fridays but for the first (ms)."""
PAST = tuple(int(hours * HOUR) + MINUTE for hours in (168, 166, 24 + 1 / 12, 24, 22, 20))
"""How long before the start (ms) whole chains arrived: about a week and a day ago, for comparison. Twice in five
minutes, so that strikes of the week before are quoted no more from the second on."""
_DAYS, _HOURS = 365, 8 * 24
_KINDS: tuple[Literal["put", "call"], ...] = ("put", "call")


class Listed(NamedTuple):
    """One strike of an expiry: what is open (coins) in puts and calls."""

    expiry: int
    strike: float
    open: tuple[float, float]


class Book(NamedTuple):
    """Options on one asset: its number, the tick of strikes (USD), its strikes, its DVOL in calm at the start
    (percent)."""

    asset: int
    tick: float
    listed: Sequence[Listed]
    level: float


class Options:
    """Chains of BTC and ETH and their DVOL, from a `rng` of their own: other events don't depend on them.

    Fear is about 0.4 in calm and 1 in the thick of a cascade.
    """

    def __init__(self, rng: Random, pace: int) -> None:
        self._rng = rng
        self._every = EVERY * pace
        self._books = [
            _book(asset, tick, level, rng, ASSETS[asset].price)
            for asset, tick, level in ((0, 500.0, 52.0), (1, 20.0, 69.0))
        ]
        self._next = START

    def past(self, history: History) -> list[Event]:
        """What arrived before the start: DVOL, its days at once when the desk began to listen, and past chains."""
        events: list[Event] = []
        for book in self._books:
            levels = self._levels(book.level)
            for ts, level in levels.items():
                events.append(_index(ts, max(ts + LAG, START - LENGTH), book, level))
            for ago in PAST:
                ts = START - ago
                level = levels[min(levels, key=lambda known: abs(known - ts))]
                spot = history.price(book.asset, ts)
                if ago < 2 * DAY:
                    events += self._chain(ts, book, spot, level, 0.32)
                else:
                    then = _book(book.asset, book.tick, book.level, Random("strikes"), spot)
                    events += self._chain(ts, then, spot, level, 0.15)
        return events

    def emit(self, step: Step) -> None:
        """Add the chains, where it is time for them."""
        if step.start < self._next:
            return
        self._next += self._every
        self.all(step)

    def all(self, step: Step) -> None:
        """Add whole chains and DVOL."""
        for book in self._books:
            state = step.market.states[book.asset]
            fallen = max(0.0, math.log(state.asset.price / state.price))
            fear = 0.4 + 0.1 * (step.market.turbulence - 1) + 6 * fallen
            level = book.level * (0.8 + 0.5 * fear)
            step.out += self._chain(step.start, book, state.price, level, fear)
            step.out.append(_index(step.start, step.start + LAG, book, level))

    def _levels(self, newest: float) -> dict[int, float]:
        """DVOL by time (ms): days of a year, then hours, back from the start; low for most of the year."""
        levels = {}
        log, usual = 0.0, -0.22
        for number in range(_HOURS + _DAYS):
            ago = (number + 1) * HOUR if number < _HOURS else (number - _HOURS + 1) * DAY + _HOURS * HOUR
            share = 1 / 24 if number < _HOURS else 1.0
            log += 0.06 * share * (usual - log) + 0.045 * math.sqrt(share) * self._rng.gauss(0, 1)
            levels[START - ago] = newest * math.exp(log)
        return levels

    def _chain(self, ts: int, book: Book, spot: float, level: float, fear: float) -> Iterator[Event]:
        """Every option that hasn't expired; nobody bids for the farthest puts and calls while there is little time."""
        name = ASSETS[book.asset].name
        for expiry, strike, held in book.listed:
            if expiry <= ts:
                continue
            years = (expiry - ts) / (365 * DAY)
            forward = spot * (1 + 0.04 * years)
            money = level * (1 + (0.05 - 0.14 * fear) * math.log(years * 365 / 30) / 3)
            away = math.log(strike / forward) / (money / 100 * math.sqrt(years))
            near = max(-3.0, min(3.0, away))
            iv = money * (1 - 0.1 * (0.3 + fear) * near + 0.025 * near * near) + self._rng.gauss(0, 0.05)
            for kind, coins in zip(_KINDS, held, strict=True):
                yield Option(
                    ts=ts, recv=ts + LAG, venue=VENUE, underlying=name, expiry=expiry, strike=strike, kind=kind,
                    underlying_price=round(forward, 2), mark_iv=round(iv, 2), ask_iv=round(iv + 0.6 + 0.3 * fear, 2),
                    bid_iv=0.0 if abs(away) > 3 else round(iv - 0.6 - 0.3 * fear, 2), open_interest=coins,
                    volume_24h=round(coins * 0.08, 1),
                )  # fmt: skip


def _book(asset: int, tick: float, level: float, rng: Random, price: float) -> Book:
    """Strikes on both sides of `price`, wider apart the longer there is time."""
    listed = []
    for expiry in EXPIRIES:
        years = (expiry - START) / (365 * DAY)
        deviations = (0.38 - 0.18 * math.sqrt(years)) * level / 100 * math.sqrt(years)
        apart = tick * max(1, round(deviations * price / tick))
        middle = round(price / apart)
        scale = 9e7 / price * rng.uniform(0.5, 1.5)
        for number in range(-(STRIKES // 2), STRIKES // 2 + 1):
            puts, calls = (scale * math.exp(-0.06 * (number - liked) ** 2) * rng.uniform(0.5, 1.6) for liked in (-3, 3))
            if middle + number > 0:
                listed.append(Listed(expiry, (middle + number) * apart, (round(puts, 1), round(calls, 1))))
    return Book(asset, tick, listed, level)


def _index(ts: int, recv: int, book: Book, value: float) -> Event:
    name = ASSETS[book.asset].name
    return VolatilityIndex(ts=ts, recv=recv, venue=VENUE, name="DVOL", underlying=name, value=round(value, 2))
