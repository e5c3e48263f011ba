"""How much came in the hours of 10 and 11 October 2025, for `benchmarks.october`.

Measured: frames a second of one market in a quiet hour, of the recordings of Binance, Bybit and OKX; and how much more
was traded in the hour from 21:00 UTC. Made up: how that hour's trades lie within it, and the markets' weights.
"""

from __future__ import annotations

from bisect import bisect
from itertools import pairwise
from typing import NamedTuple

HOUR = 24.0
"""Dollars traded in BTC in the hour from 21:00 UTC on 10 October 2025, by the median of the 24 hours before it."""
PEAK = 3.0
"""The worst ten minutes by that hour's mean: half of what it traded lies in them."""
COURSE = ((0.0, 5.0), (0.15, 5.0), (0.3, HOUR * PEAK), (0.55, HOUR * PEAK), (0.75, 2 * HOUR), (1.0, HOUR))
"""How busy the market is, by the part of the stretch that has passed; 1 is a quiet hour. Lines lie between."""

WEIGHTS = {"BTC": 1.0, "ETH": 0.9, "SOL": 0.6, "XRP": 0.4, "DOGE": 0.4, "BNB": 0.3}
OTHERS = (
    "ADA", "LINK", "AVAX", "LTC", "DOT", "UNI", "BCH", "NEAR", "APT", "ARB", "OP", "SUI", "TRX", "TON", "ETC", "FIL",
    "ATOM", "ICP", "INJ", "TIA", "SEI", "AAVE", "MKR", "ENA",
)  # fmt: skip
OTHER_WEIGHT = 0.1
ASSETS = (*WEIGHTS, *OTHERS)


class Rate(NamedTuple):
    """Frames a second of the busiest market in a quiet hour, and at most, since venues gather what they tell of a
    market; None where each is told."""

    quiet: float
    most: float | None


RATES = {
    "trades": Rate(1.0, None), "ticker": Rate(5.0, 10.0), "book": Rate(9.0, 10.0), "mark": Rate(1.0, 1.0),
    "mini": Rate(1.0, 2.0), "funding": Rate(1 / 60, 1 / 60), "liquidations": Rate(0.015, None),
}  # fmt: skip
OF_VENUES = {
    ("binance", "liquidations"): Rate(0.015, 1.0),  # one order a second of a symbol
    ("hyperliquid", "book"): Rate(2.0, 2.0), ("hyperliquid", "ticker"): Rate(1.0, 3.0),
}  # fmt: skip
"""Where a venue differs."""


def busy(part: float) -> float:
    """How busy the market is when `part` of the stretch has passed."""
    place = min(max(1, bisect([at for at, _ in COURSE], part)), len(COURSE) - 1)
    (left, low), (right, high) = list(pairwise(COURSE))[place - 1]
    return low + (high - low) * (min(part, right) - left) / (right - left)


def per_second(venue: str, channel: str, asset: str, part: float, times: float) -> float:
    """Frames a second of one channel of a market, at so many times the day's rate."""
    rate = OF_VENUES.get((venue, channel), RATES[channel])
    wanted = rate.quiet * WEIGHTS.get(asset, OTHER_WEIGHT) * busy(part)
    return times * (wanted if rate.most is None else min(wanted, rate.most))
