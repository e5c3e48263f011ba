"""Public trades and liquidations of the simulated market."""

from __future__ import annotations

import math
from itertools import accumulate

from deskmon.events import Liquidation, Trade
from deskmon.feeds.demo.simulator.market import Forced
from deskmon.feeds.demo.simulator.step import DIGITS, Step
from deskmon.feeds.demo.simulator.world import ASSETS, PAIRS, PAIRS_OF, VENUES

TRADES = 30.0
"""Trades per second, of all pairs, while calm."""
_MEDIAN_USD = 2_200.0
_SPREAD = 1.75
_MOST_ORDERS = 40
_TRADING = tuple(accumulate(pair.trades * ASSETS[pair.asset].activity for pair in PAIRS))
_CLOSING = tuple(tuple(accumulate(PAIRS[p].forced for p in pairs)) for pairs in PAIRS_OF)


class Flow:
    """Trades at the prices of the step, and each dollar closed by force as an order.

    `intensity` multiplies their number, not the dollars closed by force; at a higher pace there are fewer trades.
    """

    def __init__(self, intensity: float, pace: int) -> None:
        self._intensity = intensity
        self._rate = TRADES * intensity / pace
        self._due = 0.0
        self._ids = [0] * len(VENUES)

    def emit(self, step: Step) -> None:
        """Add the trades and liquidations of a step."""
        turbulence = step.market.turbulence
        self._due += self._rate * turbulence**1.25 * step.length / 1000
        count = int(self._due)
        self._due -= count
        for pair in step.rng.choices(range(len(PAIRS)), cum_weights=_TRADING, k=count) if count else ():
            self._trade(step, pair)
        for forced in step.forced:
            self._close(step, forced)

    def _id(self, venue: int) -> str:
        self._ids[venue] += 1
        return f"s{self._ids[venue]}"

    def _trade(self, step: Step, pair: int) -> None:
        asset, venue = PAIRS[pair].asset, PAIRS[pair].venue
        rng, state = step.rng, step.market.states[asset]
        share = rng.random()
        falling = 0.5 - 600 * (state.price / state.before - 1)
        sell = rng.random() < min(0.85, max(0.15, falling))
        price = round(step.price(asset, share), DIGITS[asset])
        usd = _MEDIAN_USD * math.exp(_SPREAD * rng.gauss(0, 1)) * (1 + 0.1 * step.market.turbulence)
        step.out.append(
            Trade(
                **step.stamp(pair, share),
                price=price,
                amount=_amount(usd, price),
                side="sell" if sell else "buy",
                id=self._id(venue),
            )
        )

    def _close(self, step: Step, forced: Forced) -> None:
        """Split a step's forced closes into orders; the largest carry most of the dollars."""
        rng, asset = step.rng, forced.asset
        typical = ASSETS[asset].order
        pieces = 1.0 if forced.single else min(_MOST_ORDERS, forced.usd / typical * rng.uniform(0.5, 1.5))
        count = int(pieces * self._intensity) or 1
        sizes = [math.exp(1.4 * rng.gauss(0, 1)) for _ in range(count)]
        scale = forced.usd / sum(sizes)
        pairs = rng.choices(PAIRS_OF[asset], cum_weights=_CLOSING[asset], k=count)
        for pair, size in zip(pairs, sizes, strict=True):
            share = rng.random()
            slip = rng.random() * 4e-4 * (-1 if forced.side == "long" else 1)
            price = round(step.price(asset, share) * (1 + slip), DIGITS[asset])
            amount = _amount(size * scale, price)
            venue = PAIRS[pair].venue
            step.market.deleverage(pair, amount)
            step.out.append(
                Liquidation(
                    **step.stamp(pair, share),
                    side=forced.side,
                    price=price,
                    amount=amount,
                    usd=round(amount * price, 2),
                    id=self._id(venue),
                )
            )


def _amount(usd: float, price: float) -> float:
    """Coins worth `usd`, in steps that suit the price, never none."""
    return max(round(usd / price, 4), 0.01 if price < 1_000 else 0.0001)
