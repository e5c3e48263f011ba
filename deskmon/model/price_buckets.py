"""Liquidations of 24 hours by asset, bucket of price and side: where on the way positions were closed."""

from __future__ import annotations

from typing import Any

from deskmon.analytics.price_grid import BUCKETS, bucket_of
from deskmon.clock import DAY
from deskmon.events import Liquidation
from deskmon.format import base
from deskmon.model.figures import PriceBucket
from deskmon.model.part import Part
from deskmon.model.rows import Rows

WINDOW = DAY
"""What is counted: (now − WINDOW, now], ms."""

CAPACITY = 25_000
"""Rows held at full resolution of time before the oldest are merged."""

MAX_ASSETS = 8_192

_CELLS = 2 * BUCKETS


class PriceBuckets(Part[dict[str, list[PriceBucket]]]):
    """Counts liquidations that the part of liquidations found to be new, in whole micro-dollars.

    A row's key is one number, asset, bucket and side, so that those of an asset are a range.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        super().__init__()

    def clear(self) -> None:
        self.revision += 1
        self._rows = Rows(self._capacity)
        self._assets: dict[str, int] = {}

    def fold_liquidation(self, event: Liquidation, amount: int) -> None:
        """Count one liquidation of so many micro-dollars. Raises ValueError for one asset too many."""
        asset = self._assets.get(base(event.symbol))
        if asset is None:
            asset = self._new_asset(event.symbol)
        key = asset * _CELLS + (bucket_of(event.price) + BUCKETS // 2) * 2 + (event.side == "short")
        if self._rows.append(event.ts, key, amount):
            self._rows.compact(event.arrival)
        self.revision += 1

    def _new_asset(self, symbol: str) -> int:
        number = len(self._assets)
        if number >= MAX_ASSETS:
            raise ValueError(f"symbol: {symbol!r} is one too many, {MAX_ASSETS:,} assets are told apart")
        self._assets[base(symbol)] = number
        return number

    def of(self, asset: str, now: int) -> list[PriceBucket]:
        """The buckets of `asset` (`BTC`) that hold something at desk time `now` (ms), the lowest price first."""
        number = self._assets.get(asset)
        if number is None:
            return []
        rows = self._rows
        rows.sort()
        keys = range(number * _CELLS, (number + 1) * _CELLS)
        found: dict[int, PriceBucket] = {}
        for key, (amount, count) in sorted(rows.sums(*rows.between(now - WINDOW, now), keys).items()):
            place, short = divmod(key - keys.start, 2)
            bucket = found.get(place)
            if bucket is None:
                bucket = found[place] = PriceBucket(bucket=place - BUCKETS // 2, long_usd=0.0, short_usd=0.0, count=0)
            bucket.count += count
            if short:
                bucket.short_usd = amount / 1e6
            else:
                bucket.long_usd = amount / 1e6
        return list(found.values())

    def rows(self, after: int, until: int) -> tuple[int, ...]:
        """What tells whether the sums of after < ts ≤ until (ms) are still the same: it changes with each row there."""
        self._rows.sort()
        return (*self._rows.between(after, until), *self._rows.merged.values())

    def checkpoint(self) -> Any:
        return {"rows": self._rows.checkpoint(), "assets": list(self._assets)}

    def restore(self, data: Any) -> None:
        self.clear()
        self._rows.restore(data["rows"])
        self._assets = {str(asset): number for number, asset in enumerate(data["assets"])}
        keys = self._rows.keys
        if keys and not 0 <= min(keys) <= max(keys) < len(self._assets) * _CELLS:
            raise ValueError("rows of an unknown asset")

    def _compute(self, now: int) -> dict[str, list[PriceBucket]]:
        found = {asset: self.of(asset, now) for asset in sorted(self._assets)}
        return {asset: buckets for asset, buckets in found.items() if buckets}
