"""Estimated liquidation levels of one asset, from what the model holds of its price and open interest."""

from __future__ import annotations

from collections.abc import Mapping

from deskmon.analytics.liquidation_levels import Sample, liquidation_levels
from deskmon.analytics.price_grid import bucket_edge, bucket_of
from deskmon.assets import symbols_of
from deskmon.clock import DAY, MINUTE
from deskmon.model.view import ModelView

__all__ = [
    "ESTIMATE_STEP",
    "LiquidationLevels",
    "bucket_edge",
    "bucket_of",
    "liquidation_estimate",
    "remaining_estimate",
]

ESTIMATE_STEP = 5 * MINUTE
"""Length of the stretches of time that the estimate goes through (ms)."""

_STEPS = DAY // ESTIMATE_STEP

LiquidationLevels = tuple[dict[int, float], dict[int, float]]
"""USD of longs and of shorts by bucket of price."""


def liquidation_estimate(
    model: ModelView, asset: str, until: int, mix: Mapping[float, float]
) -> LiquidationLevels | None:
    """Where positions opened in the 24 h up to `until` (ms) would be liquidated, over all venues and contracts of the
    asset that tell their open interest; None where no price or no open interest is known. mix: leverage → weight."""
    priced = symbols_of(asset, model.prices.symbols)
    path = model.prices.ranges(priced[0], until, ESTIMATE_STEP, _STEPS) if priced else []
    longs: dict[int, float] = {}
    shorts: dict[int, float] = {}
    known = False
    for symbol in symbols_of(asset, model.open_interest.symbols):
        for coins in model.open_interest.amounts(symbol, until, ESTIMATE_STEP, _STEPS).values():
            pairs = zip(path, coins, strict=False)
            samples = [Sample(at[0], at[1], at[2], held) for at, held in pairs if at is not None and held is not None]
            known = known or bool(samples)
            for total, levels in zip((longs, shorts), liquidation_levels(samples, mix), strict=True):
                for bucket, usd in levels.items():
                    total[bucket] = total.get(bucket, 0.0) + usd
    return (longs, shorts) if known else None


def remaining_estimate(
    levels: LiquidationLevels, model: ModelView, asset: str, since: int, now: int
) -> LiquidationLevels:
    """`levels` without what price reached in (since, now], both ms."""
    priced = symbols_of(asset, model.prices.symbols)
    reached = model.prices.ranges(priced[0], now, now - since, 1)[0] if priced and now > since else None
    if reached is None:
        return levels
    low, high = bucket_of(reached[1]), bucket_of(reached[2])
    longs, shorts = levels
    return {b: usd for b, usd in longs.items() if b < low}, {b: usd for b, usd in shorts.items() if b > high}
