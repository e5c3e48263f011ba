"""Where leveraged positions of one asset would be closed by force: dollars by price cell, longs below, shorts above."""

from __future__ import annotations

import math

CELL = 0.001
"""Width of a cell in log price."""
_CELLS = 60
_LEVERAGE = ((0.009, 0.003, 0.27), (0.018, 0.006, 0.42), (0.034, 0.010, 0.31))
"""(distance to the forced close, spread around it, share): 100× down to 25×, less a maintenance margin."""
_NEAREST = 0.005
"""Nobody stands nearer to the price: who has time adds margin or closes before; who doesn't is the market's stray."""
SHORTS = 0.5
"""Shorts carry less leverage than longs."""


def _shape() -> tuple[float, ...]:
    weights = []
    for n in range(1, _CELLS + 1):
        at = (n - 0.5) * CELL
        weight = sum(share / spread * math.exp(-0.5 * ((at - far) / spread) ** 2) for far, spread, share in _LEVERAGE)
        weights.append(weight if at > _NEAREST else 0.0)
    total = sum(weights)
    return tuple(weight / total for weight in weights)


_SHAPE = _shape()


class Ladder:
    """Positions of one asset around its price. `fuel` is the dollars of longs when the ladder is full."""

    def __init__(self, log_price: float, fuel: float) -> None:
        self._fuel = fuel
        self._at = math.floor(log_price / CELL)
        self._longs: dict[int, float] = {}
        self._shorts: dict[int, float] = {}
        self.refill(1.0, 1.0)

    def refill(self, longs: float, shorts: float, leaving: float = 0.0) -> None:
        """Traders open positions: each cell comes closer to full by these fractions of what it lacks; and those whom
        the price came nearer to than is usual leave, this fraction of them."""
        at, fuel = self._at, self._fuel
        for n, weight in enumerate(_SHAPE, start=1):
            full = fuel * weight
            held = self._longs.get(at - n, 0.0)
            self._longs[at - n] = held + (full - held) * (longs if held < full else leaving)
            full *= SHORTS
            held = self._shorts.get(at + n, 0.0)
            self._shorts[at + n] = held + (full - held) * (shorts if held < full else leaving)

    def move(self, log_price: float) -> tuple[float, float]:
        """The price is here now: dollars of longs and of shorts whose level it crossed."""
        cell = math.floor(log_price / CELL)
        longs = shorts = 0.0
        while self._at > cell:
            self._at -= 1
            longs += self._longs.pop(self._at, 0.0)
        while self._at < cell:
            self._at += 1
            shorts += self._shorts.pop(self._at, 0.0)
        return longs, shorts

    def prune(self) -> None:
        """Positions far from the price close by themselves."""
        at = self._at
        self._longs = {cell: usd for cell, usd in self._longs.items() if at - 2 * _CELLS < cell < at}
        self._shorts = {cell: usd for cell, usd in self._shorts.items() if at < cell < at + 2 * _CELLS}
