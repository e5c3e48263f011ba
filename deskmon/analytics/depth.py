"""Figures of an order book: depth within bands, slippage of an order, walls, and books of several venues as one.

A side is its levels (price, amount), best first. Plain numbers, no numpy: a screen asks for this in its first frame.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from heapq import merge
from itertools import accumulate
from math import fsum, isfinite
from operator import mul
from statistics import median
from typing import NamedTuple

Level = tuple[float, float]
Side = Sequence[Level]

BPS = 1e4
ROUNDING = 1e-12
"""A price exactly on the edge is inside, whatever its last binary digits say."""


class SideDepth(NamedTuple):
    """One side within a band: USD, and whether the side's last level lies inside, so that there may be more."""

    usd: float
    truncated: bool


def side_depth(side: Side, reference: float, percents: Sequence[float]) -> list[SideDepth]:
    """Depth of a side, at least one level, within each of `percents` (ascending) of `reference`: Σ price × amount."""
    rising = side[-1][0] > reference
    depths = []
    for percent in percents:
        width = percent / 100
        if rising:
            count = bisect_right(side, reference * (1 + width) * (1 + ROUNDING), key=_price)
        else:
            count = bisect_right(side, -reference * (1 - width) * (1 - ROUNDING), key=_price_down)
        depths.append(SideDepth(fsum(price * amount for price, amount in side[:count]), count == len(side)))
    return depths


def _price(level: Level) -> float:
    return level[0]


def _price_down(level: Level) -> float:
    return -level[0]


def slippage(side: Side, mid: float, usd: float) -> float | None:
    """What an order of `usd` against this side costs: its average price (VWAP) against `mid`, in basis points, above 0
    for a worse price on either side. None where the side holds less than the order."""
    left, coins = usd, 0.0
    for price, amount in side:
        value = price * amount
        if value >= left:
            cost = abs(usd / (coins + left / price) / mid - 1) * BPS
            return cost if isfinite(cost) else None
        left -= value
        coins += amount
    return None


def together(sides: Iterable[tuple[Side, float]]) -> list[Level]:
    """Sides of several books, each with its own mid, as one side of a book whose mid is 1: levels by their distance
    from their own mid, amounts in USD of it. So a venue that quotes a little lower isn't swept first for that."""
    scaled = [[(price / mid, amount * mid) for price, amount in side] for side, mid in sides if side]
    if not scaled:
        return []
    rising = scaled[0][-1][0] > 1
    return list(merge(*scaled, key=_price if rising else _price_down))


def imbalance(bid_usd: float, ask_usd: float) -> float | None:
    """(bid − ask) / (bid + ask), from −1 to 1; None where there is neither."""
    total = bid_usd + ask_usd
    return (bid_usd - ask_usd) / total if total > 0 else None


def cumulative(side: Side) -> list[float]:
    """USD up to and with each level, best first."""
    return list(accumulate(price * amount for price, amount in side))


def walls(side: Side, times: float) -> list[int]:
    """Indices of the levels that hold at least `times` the median USD of the side's levels."""
    if not side:
        return []
    sizes = [mul(*level) for level in side]
    usual = median(sizes)
    return [index for index, size in enumerate(sizes) if size > 0 and size >= times * usual]
