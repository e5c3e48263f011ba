"""Where leveraged positions of one asset would be closed by force: dollars by price cell, longs below, shorts above."""

from __future__ import annotations

import math

CELL = 0.001
"""Width of a cell in log price."""
_CELLS = 60
_LEVERAGE = ((0.0025, 0.0012, 0.01), (0.009, 0.003, 0.27), (0.018, 0.006, 0.42), (0.034, 0.010, 0.3))
"""(distance to the forced close, spread around it, share): 250× down to 25×, less a maintenance margin."""
SHORTS = 0.5
"""Shorts carry less leverage than longs."""


def _shape() -> tuple[float, ...]:
    weights = []
    for n in range(1, _CELLS + 1):
        at = (n - 0.5) * CELL
        weights.append(
            sum(share / spread * math.exp(-0.5 * ((at - far) / spread) ** 2) for far, spread, share in _LEVERAGE)
        )
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

    def refill(self, longs: float, shorts: float) -> None:
        """Traders open positions: each cell comes closer to full by these fractions of what it lacks."""
        at, fuel = self._at, self._fuel
        for n, weight in enumerate(_SHAPE, start=1):
            full = fuel * weight
            held = self._longs.get(at - n, 0.0)
            if held < full:
                self._longs[at - n] = held + (full - held) * longs
            held = self._shorts.get(at + n, 0.0)
            if held < full * SHORTS:
                self._shorts[at + n] = held + (full * SHORTS - held) * shorts

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
