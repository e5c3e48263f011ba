"""From when on liquidations are far above what is usual: the thresholds of the wave detector."""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

from deskmon.analytics.baseline import Baseline

WINDOW = 3
"""Buckets that are judged together: half a minute."""

_NEVER = 10**30
_MICRO = 1_000_000


class Tally(NamedTuple):
    """What was liquidated in a bucket, and what of it counts: no order more than its level's `cap`. Micro-dollars."""

    total: int = 0
    counted: int = 0


NOTHING = Tally()


class Parameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When liquidations are a wave; docs/metrics.md shows what the defaults find."""

    enter: Annotated[
        float, Meta(description="Robust z of half a minute from which on a burst begins.", gt=0, le=1_000)
    ] = 8.0
    leave: Annotated[
        float, Meta(description="Robust z below which a burst ends; not above `enter`.", gt=0, le=1_000)
    ] = 3.0
    floor_share: Annotated[
        float,
        Meta(description="No burst begins below this share of 24 h of liquidations; waves count half.", ge=0, le=1),
    ] = 0.001
    floor_rare: Annotated[
        float,
        Meta(description="No burst begins below so many times what one calm bucket an hour exceeds.", ge=0, le=100),
    ] = 4.0
    least_usd: Annotated[
        float, Meta(description="No burst begins below so many dollars in half a minute.", gt=0, le=1e12)
    ] = 200_000.0
    fewest_orders: Annotated[
        int, Meta(description="No burst begins with fewer orders: each counts at most its share.", ge=1, le=100)
    ] = 5
    gap_s: Annotated[int, Meta(description="Bursts closer than so many seconds are one wave.", ge=10, le=600)] = 120
    baseline_minutes: Annotated[
        int, Meta(description="Minutes outside waves that say what is usual.", ge=10, le=360)
    ] = 60


class Level(NamedTuple):
    """In micro-dollars: what `WINDOW` buckets must have for a burst to begin, what one must have for it to go on, and
    what an order counts at most."""

    enter: int
    leave: int
    cap: int


UNKNOWN = Level(_NEVER, _NEVER, _NEVER)


def level(baseline: Baseline, parameters: Parameters) -> Level:
    """The thresholds that a baseline asks for: z of a bucket is (counted − median) / σ, of n buckets together
    (counted − n · median) / (√n · σ), and must be `enter` at least, as the excess must be the floor."""
    usual = baseline.usual()
    if usual is None:
        return UNKNOWN
    floor = max(parameters.least_usd * _MICRO, parameters.floor_share * usual.daily, parameters.floor_rare * usual.rare)
    excess = max(parameters.enter * math.sqrt(WINDOW) * usual.sigma, usual.doubt * floor)
    share = min(1.0, parameters.leave / parameters.enter) / WINDOW
    return Level(
        math.ceil(WINDOW * usual.median + excess), math.ceil(usual.median + share * excess),
        math.ceil(excess / parameters.fewest_orders),
    )  # fmt: skip
