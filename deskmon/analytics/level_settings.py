"""Choices about levels: timeframe, tolerance, weights of the sources, pins. No numpy: config reads this."""

# Annotations are evaluated here once: as texts, msgspec would compile each of them at every start.

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Timeframe = Literal["5m", "15m", "1h", "4h", "1d"]


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base: a table of deskmon.toml."""


def _weight(description: str) -> Meta:
    return Meta(description=description, ge=0, le=100)


class Weights(Table, frozen=True):
    """`[levels.weights]`: what each source adds to the score of its zone when it is new; 0 leaves it out."""

    pivot_1h: Annotated[float, _weight("Swing high or low of 1 h candles.")] = 0.3
    pivot_4h: Annotated[float, _weight("Swing of 4 h candles.")] = 0.8
    pivot_1d: Annotated[float, _weight("Swing of 1 d candles.")] = 2.0
    poc: Annotated[float, _weight("Point of control of the last 30 days.")] = 1.0
    value_area: Annotated[float, _weight("Edge of the value area of the last 30 days.")] = 1.5
    node: Annotated[float, _weight("High-volume node of all hours that are held.")] = 1.0
    day: Annotated[float, _weight("High or low of the day before; its close counts half, of week and month too.")] = 1.0
    week: Annotated[float, _weight("High or low of the week before.")] = 1.5
    month: Annotated[float, _weight("High or low of the month before.")] = 2.0
    all_time_high: Annotated[float, _weight("Highest price in the history that is held.")] = 3.0
    round: Annotated[float, _weight("Round number; each tenth counts twice.")] = 1.0
    vwap: Annotated[float, _weight("Volume-weighted average price since the high, the low of 90 days, the month.")] = (
        0.5
    )
    strike: Annotated[float, _weight("Option strike with the most open interest; others by their share of it.")] = 1.5
    wall: Annotated[float, _weight("Resting order far larger than its side's usual.")] = 0.5
    liquidations: Annotated[float, _weight("Price around which positions were liquidated in 24 h.")] = 1.0
    cost_basis: Annotated[float, _weight("Average price that funds or treasuries paid.")] = 2.0
    pin: Annotated[float, _weight("Level that the operator pinned.")] = 5.0


class Pinned(Table, frozen=True):
    """`[[levels.pins]]`: a level of the operator's own, a price or a zone from low to high."""

    symbol: Annotated[str, Meta(description="Asset (`BTC`) or unified symbol.", min_length=1)]
    price: Annotated[Annotated[float, Meta(gt=0)] | None, Meta(description="Its price; or give low and high.")] = None
    low: Annotated[Annotated[float, Meta(gt=0)] | None, Meta(description="Lower edge of a zone.")] = None
    high: Annotated[Annotated[float, Meta(gt=0)] | None, Meta(description="Upper edge of a zone.")] = None
    label: Annotated[str, Meta(description="Shown beside it.", max_length=80)] = ""

    def __post_init__(self) -> None:
        if (self.price is None) == (self.low is None) or (self.low is None) != (self.high is None):
            raise ValueError("a pin has either a price or both low and high")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError("low of a pin is above its high")

    @property
    def edges(self) -> tuple[float, float]:
        """(low, high), the same where the pin is a price."""
        if self.low is not None and self.high is not None:
            return self.low, self.high
        assert self.price is not None
        return self.price, self.price


class LevelSettings(Table, frozen=True):
    """`[levels]`: support and resistance zones: which closes break them, what merges into one, what counts."""

    timeframe: Annotated[Timeframe, Meta(description="Whose closes break, reclaim and test a zone.")] = "1h"
    tolerance_pct: Annotated[
        float, Meta(description="Sources nearer to each other than this, in percent, merge.", gt=0, le=5)
    ] = 0.25
    tolerance_atr: Annotated[
        float, Meta(description="The same in ATR14 of 1 d candles; the larger of the two counts.", ge=0, le=2)
    ] = 0.25
    half_life_days: Annotated[
        float,
        Meta(
            description="After so many days a swing of 1 h counts half; of 4 h twice, of 1 d six times as long.",
            gt=0,
            le=3650,
        ),
    ] = 30.0
    least_score: Annotated[
        float, Meta(description="Least score of a zone that is shown; half of it within 3 ATR14 of the price.", ge=0)
    ] = 2.0
    weights: Annotated[Weights, Meta(description="What each source counts: see below.")] = Weights()
    pins: Annotated[tuple[Pinned, ...], Meta(description="Levels of the operator's own: see below.")] = ()
