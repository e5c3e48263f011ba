"""Where open positions would be liquidated: an estimate from changes of open interest and a guess at the leverage.

A model, not data: nobody publishes at what price and leverage positions were opened. It assumes that
- open interest that is added was opened at the price of that time, by a long and a short of that size each;
- both used the leverages of the mix, in its proportions, and have margin for no more than that: a long at leverage L is
  liquidated at price × (1 − 1/L), a short at price × (1 + 1/L); maintenance margin and added collateral are left out;
- what price reached since is gone, and where open interest falls, all that is left shrinks in proportion.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from heapq import heappop, heappush
from typing import NamedTuple

from deskmon.analytics.price_grid import bucket_of


class Sample(NamedTuple):
    """A stretch of time: its last price, its lowest and highest, and the open interest in coins at its end."""

    price: float
    low: float
    high: float
    coins: float


def liquidation_levels(
    samples: Iterable[Sample], mix: Mapping[float, float]
) -> tuple[dict[int, float], dict[int, float]]:
    """US dollars that would be liquidated, of longs and of shorts, by bucket of `price_grid`.

    samples: oldest first. mix: leverage (above 1) → weight; weights count in proportion to each other.
    What one side holds is never more than the open interest that was added. Raises ValueError for an impossible mix.
    """
    total = sum(mix.values())
    if not mix or min(mix) <= 1 or min(mix.values()) < 0 or total <= 0:
        raise ValueError("leverage: each must be above 1, with a weight of 0 or more")
    longs, shorts = _Side(-1), _Side(1)
    tiers = [(1 / leverage, weight / total) for leverage, weight in mix.items()]
    before: float | None = None
    for price, low, high, coins in samples:
        longs.wear(bucket_of(low))
        shorts.wear(bucket_of(high))
        if before is not None and coins < before:
            longs.shrink(coins / before)
            shorts.shrink(coins / before)
        elif before is not None and coins > before:
            for margin, weight in tiers:
                usd = (coins - before) * price * weight
                longs.add(bucket_of(price * (1 - margin)), usd)
                shorts.add(bucket_of(price * (1 + margin)), usd)
        before = coins
    return longs.levels(), shorts.levels()


class _Side:
    """Levels of one side: `away` is −1 where they lie below the price, 1 where above. Values are kept unscaled, so
    that shrinking all of them is one multiplication."""

    def __init__(self, away: int) -> None:
        self._away = away
        self._scale = 1.0
        self._usd: dict[int, float] = {}
        self._nearest: list[int] = []

    def add(self, bucket: int, usd: float) -> None:
        if bucket not in self._usd:
            heappush(self._nearest, self._away * bucket)
            self._usd[bucket] = 0.0
        self._usd[bucket] += usd / self._scale

    def wear(self, reached: int) -> None:
        """Take away what lies between the price and the bucket that it reached."""
        while self._nearest and self._nearest[0] <= self._away * reached:
            del self._usd[self._away * heappop(self._nearest)]

    def shrink(self, share: float) -> None:
        self._scale *= share
        if self._scale < 1e-9:
            self._usd.clear()
            self._nearest.clear()
            self._scale = 1.0

    def levels(self) -> dict[int, float]:
        return {bucket: usd * self._scale for bucket, usd in sorted(self._usd.items()) if usd > 0}
