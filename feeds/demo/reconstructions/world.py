"""Assets and venues of the reconstructions. What no report published is chosen at the scale of the day."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Asset:
    """One perpetual. price: in USD at the end of the day; digits: after its point.

    beta: its log return per log return of BTC; noise: its own volatility per √hour.
    order: usual size of its forced closes in USD; lag: seconds by which these follow those of BTC.
    daily: USD traded per ordinary day on the venue of the candles.
    """

    name: str
    price: float
    digits: int
    beta: float
    noise: float
    order: float
    lag: float
    daily: float

    @property
    def symbol(self) -> str:
        return f"{self.name}/USDT:USDT"

    @property
    def tick(self) -> float:
        return 10.0**-self.digits


@dataclass(frozen=True, slots=True)
class Venue:
    """One exchange. hours: between two fundings; bias: added to its 8-hour rate.

    interest: its share of all open interest; closing: how much faster than all others' its own falls in a cascade.
    depth: its share of the books' depth; offset: of its prices from the reference (fractions).
    """

    name: str
    hours: int
    bias: float
    interest: float
    closing: float
    depth: float
    offset: float


REFERENCE = "binance"
"""The venue whose prices are the path itself, and whose candles the desk gets."""
