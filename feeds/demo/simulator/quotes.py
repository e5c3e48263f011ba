"""Tickers and order books of the simulated market."""

from __future__ import annotations

import math
from random import Random
from typing import Any

from deskmon.events import Book, Ticker
from deskmon.feeds.demo.simulator.candles import Days
from deskmon.feeds.demo.simulator.step import DIGITS, Step, Wheel
from deskmon.feeds.demo.simulator.world import ASSETS, PAIRS, PAIRS_OF, VENUES

LEVELS = 20
TICKERS = 1.0
BOOKS = 0.4
"""Tickers and books per pair and second while calm; both come faster in turbulence."""
_DAILY_EVERY = 16
_NOISE = 509
_SPREAD_OF_NOISE = 0.3
"""Of the logarithm of what stands at a level."""
BANDS = ("0.1", "0.5", "1", "2")
"""Those that the desk samples, in percent of the mid."""


def _ladder(pair: int) -> tuple[tuple[float, float], ...]:
    """One side of a pair's calm book: (distance from the mid as a fraction, USD), out to the venue's reach."""
    asset, venue = ASSETS[PAIRS[pair].asset], VENUES[PAIRS[pair].venue]
    nearest = max(asset.tick / asset.price, 2e-5)
    ratio = (venue.reach / nearest) ** (1 / (LEVELS - 1))
    distances = [nearest * ratio**n for n in range(LEVELS)]
    within = [asset.depth * PAIRS[pair].depth * (distance / 0.01) ** 0.8 for distance in distances]
    return tuple(
        (distance, usd - before) for distance, usd, before in zip(distances, within, [0.0, *within], strict=False)
    )


def calm_depth(asset: int) -> dict[str, float]:
    """What stands in all calm books of an asset together, both sides (USD), by percent of the mid."""
    levels = [level for pair in PAIRS_OF[asset] for level in _ladder(pair)]
    mean = math.exp(_SPREAD_OF_NOISE**2 / 2)
    return {name: 2 * mean * sum(usd for distance, usd in levels if distance <= float(name) / 100) for name in BANDS}


class Quotes:
    """Every pair's ticker and book, in turn; `rate` multiplies how often."""

    def __init__(self, days: Days, rate: float, rng: Random) -> None:
        self._days = days
        self._rate = rate
        self._tickers = Wheel(len(PAIRS))
        self._books = Wheel(len(PAIRS))
        self._offsets = [0.0] * len(PAIRS)
        self._turns = list(range(len(PAIRS)))
        self._ladders = tuple(_ladder(pair) for pair in range(len(PAIRS)))
        self._noise = tuple(math.exp(rng.gauss(0, _SPREAD_OF_NOISE)) for _ in range(_NOISE))

    def emit(self, step: Step) -> None:
        """Add the tickers and books of a step."""
        busy = self._rate * len(PAIRS) * step.length / 1000
        for pair, share in self._tickers.turns(busy * TICKERS * (0.7 + 0.3 * step.market.turbulence)):
            self._ticker(step, pair, share)
        for pair, share in self._books.turns(busy * BOOKS * (0.7 + 0.3 * step.market.turbulence)):
            self._book(step, pair, share)

    def all(self, step: Step) -> None:
        """Add one full ticker and one book of every pair: the first that a desk hears."""
        for pair in range(len(PAIRS)):
            self._turns[pair] = 0
            self._ticker(step, pair, 0.5)
            self._book(step, pair, 0.5)

    def _ticker(self, step: Step, pair: int, share: float) -> None:
        asset = PAIRS[pair].asset
        rng, state, digits = step.rng, step.market.states[asset], DIGITS[asset]
        self._offsets[pair] = 0.97 * self._offsets[pair] + rng.gauss(0, 4e-6) * step.market.turbulence
        mid = step.price(asset, share) * (1 + self._offsets[pair])
        bid, ask = self._touch(pair, mid, state.liquidity)
        tick = ASSETS[asset].tick
        last = bid if rng.random() < 0.5 else ask
        self._turns[pair] += 1
        fields: dict[str, Any] = {}
        if self._turns[pair] % _DAILY_EVERY == 1:
            fields = self._days.statistics(asset, PAIRS[pair].trades)
        step.out.append(
            Ticker(
                **step.stamp(pair, share),
                last=round(last * tick, digits),
                bid=round(bid * tick, digits),
                ask=round(ask * tick, digits),
                mark=round(mid * (1 - 0.1 * state.push), digits + 1),
                index=round(state.index, digits + 1),
                **fields,
            )
        )

    def _touch(self, pair: int, mid: float, liquidity: float) -> tuple[int, int]:
        """Best bid and ask in ticks: the spread widens as liquidity leaves."""
        asset = ASSETS[PAIRS[pair].asset]
        half = VENUES[PAIRS[pair].venue].half_spread * asset.beta * liquidity**-1.5
        bid = math.floor(mid * (1 - half) / asset.tick)
        return bid, max(bid + 1, math.ceil(mid * (1 + half) / asset.tick))

    def _book(self, step: Step, pair: int, share: float) -> None:
        asset = PAIRS[pair].asset
        state, digits, tick = step.market.states[asset], DIGITS[asset], ASSETS[asset].tick
        mid = step.price(asset, share) * (1 + self._offsets[pair])
        bid, ask = self._touch(pair, mid, state.liquidity)
        leaning = max(-0.35, min(0.35, 25 * state.push))
        noise, at = self._noise, step.rng.randrange(_NOISE)
        bids: list[tuple[float, float]] = []
        asks: list[tuple[float, float]] = []
        low, high = bid + 1, ask - 1
        bid_scale = state.liquidity * (1 + leaning) / mid
        ask_scale = state.liquidity * (1 - leaning) / mid
        for distance, usd in self._ladders[pair]:
            away = mid * distance / tick
            low = min(low - 1, int(bid - away) + 1)
            high = max(high + 1, int(ask + away))
            at += 2
            bids.append((round(low * tick, digits), round(usd * bid_scale * noise[at % _NOISE], 4)))
            asks.append((round(high * tick, digits), round(usd * ask_scale * noise[(at + 1) % _NOISE], 4)))
        step.out.append(
            Book(
                **step.stamp(pair, share),
                bids=tuple(bids),
                asks=tuple(asks),
            )
        )
