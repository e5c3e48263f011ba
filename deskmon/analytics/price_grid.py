"""Buckets of price on a logarithmic grid, the same for every asset whatever its price."""

from __future__ import annotations

from math import exp, floor, log

STEP = 0.001
"""A bucket's upper edge is e^STEP times its lower one: about 0.1 %."""

BUCKETS = 1 << 17
"""How many there are: for every price that an event may have above 1e-28."""


def bucket_of(price: float) -> int:
    """The bucket, from −BUCKETS / 2 up, of a price above 0; a price on an edge belongs to the bucket above it."""
    bucket = floor(log(price) / STEP + 1e-9)
    return bucket if -BUCKETS // 2 <= bucket < BUCKETS // 2 else max(-BUCKETS // 2, min(BUCKETS // 2 - 1, bucket))


def bucket_edge(bucket: int) -> float:
    """The lowest price of a bucket."""
    return exp(bucket * STEP)
