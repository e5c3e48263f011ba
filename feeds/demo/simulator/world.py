"""What is traded in the simulated market, where, and at which scale. All figures are invented."""

from __future__ import annotations

from dataclasses import dataclass

START = 1_767_614_400_000
"""Desk time (ms) at which the demo begins to play: 2026-01-05T12:00:00Z."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One perpetual. Prices in USD; dollars are sums over all venues.

    beta: its return per market return; noise: its own volatility per √second in a calm market.
    depth: resting on one side within 1 %. interest: open. fuel: of that, what would be closed by force within 6 %.
    order: a typical forced close. day, week: log return of the last 24 h and of the six days before them.
    """

    name: str
    price: float
    tick: float
    beta: float
    noise: float
    depth: float
    interest: float
    fuel: float
    order: float
    activity: float
    day: float
    week: float

    @property
    def symbol(self) -> str:
        return f"{self.name}/USDT:USDT"


@dataclass(frozen=True, slots=True)
class Venue:
    """One exchange. Shares are of all venues; `reach` is how far its books go (fraction of the price).

    latency: fastest and slowest arrival (ms). funding_bias: added to its 8-hour rate.
    """

    name: str
    latency: tuple[int, int]
    trades: float
    forced: float
    interest: float
    depth: float
    reach: float
    half_spread: float
    funding_hours: int
    funding_bias: float
    assets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """One asset on one venue, with the venue's shares among those that list the asset."""

    asset: int
    venue: int
    trades: float
    forced: float
    interest: float
    depth: float


_ALL = ("BTC", "ETH", "SOL", "BNB", "XRP")

ASSETS = (
    Asset("BTC", 66_910.0, 0.1, 1.00, 3e-5, 60e6, 22.4e9, 310e6, 90e3, 0.42, -0.056, -0.095),
    Asset("ETH", 1_962.4, 0.01, 1.25, 5e-5, 32e6, 13.1e9, 210e6, 60e3, 0.28, -0.079, -0.118),
    Asset("SOL", 82.86, 0.01, 1.45, 7e-5, 12e6, 3.6e9, 75e6, 30e3, 0.15, -0.094, -0.126),
    Asset("BNB", 612.3, 0.01, 0.85, 4e-5, 7e6, 1.0e9, 15e6, 20e3, 0.06, -0.051, -0.102),
    Asset("XRP", 1.4127, 0.0001, 1.20, 6e-5, 9e6, 2.4e9, 38e6, 20e3, 0.09, -0.073, -0.109),
)

VENUES = (
    Venue("binance", (8, 30), 0.40, 0.20, 0.36, 0.34, 0.024, 1.0e-5, 8, 1e-5, _ALL),
    Venue("bybit", (10, 35), 0.22, 0.34, 0.24, 0.24, 0.024, 1.5e-5, 8, 2e-5, _ALL),
    Venue("okx", (12, 45), 0.18, 0.11, 0.16, 0.18, 0.008, 1.5e-5, 8, 0.0, _ALL),
    Venue("hyperliquid", (30, 80), 0.15, 0.32, 0.17, 0.14, 0.024, 3.0e-5, 1, 4e-5, _ALL),
    Venue("deribit", (1, 25), 0.05, 0.03, 0.07, 0.10, 0.024, 2.5e-5, 8, -1e-5, ("BTC", "ETH")),
)


def _pairs() -> tuple[Pair, ...]:
    pairs = []
    for a, asset in enumerate(ASSETS):
        listing = [(v, venue) for v, venue in enumerate(VENUES) if asset.name in venue.assets]
        totals = [
            sum(getattr(venue, kind) for _, venue in listing) for kind in ("trades", "forced", "interest", "depth")
        ]
        for v, venue in listing:
            shares = (venue.trades, venue.forced, venue.interest, venue.depth)
            pairs.append(Pair(a, v, *(share / total for share, total in zip(shares, totals, strict=True))))
    return tuple(pairs)


PAIRS = _pairs()
PAIRS_OF = tuple(tuple(p for p, pair in enumerate(PAIRS) if pair.asset == a) for a in range(len(ASSETS)))
"""Indices of each asset's pairs."""
