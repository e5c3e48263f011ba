"""What the file of a day holds, whichever day it is; the days' own modules say what theirs holds beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from deskmon.feedkit import MINUTE
from deskmon.feeds.demo.reconstructions.orders import Wave
from deskmon.feeds.demo.reconstructions.prices import Knot
from deskmon.feeds.demo.reconstructions.world import Asset, Venue


class Sides(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An amount of longs and one of shorts."""

    long: float
    short: float


class Fall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A wave (as `Wave`) with BTC's price at its onset, its low and the minutes between."""

    onset: int
    pace: float
    weight: float
    price: int
    low: int
    minutes: int

    @property
    def wave(self) -> Wave:
        return Wave(self.onset, self.pace, self.weight)

    def knots(self) -> list[Knot]:
        """BTC's price through the fall: more than half of it in the first third of the time."""
        steepest = (self.onset + self.minutes * MINUTE // 3, self.price - 0.55 * (self.price - self.low))
        return [(self.onset, self.price), steepest, (self.onset + self.minutes * MINUTE, self.low)]


class EarlierWave(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A wave of the week before: its onset (ms), the minutes it took, USD of longs and shorts."""

    onset: int
    minutes: int
    long: float
    short: float


class Rebound(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When shorts were closed as the price bounced (ms), how closely around it, and which share of theirs."""

    at: int
    spread_minutes: int
    weight: float


class LongShares(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Shares of the longs' dollars by when they are closed."""

    waves: float
    aftershocks: float
    quiet: float


class ShortShares(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Shares of the shorts' dollars by when they are closed."""

    waves: float
    rebounds: float
    quiet: float


class Streams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When the dollars of each side are closed."""

    long: LongShares
    short: ShortShares


class Interest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Open interest of an asset: its peak in USD, the power of BTC's distance from its peak, and the share of the coins
    that goes from start to end."""

    peak: float
    power: float
    drop: float


class Holder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who holds how many BTC, at which average cost in USD; 0 where that wasn't published."""

    entity: str
    amount: float
    average_cost: float


class Series(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A metric over time, known every `hours`, `days`, `weeks` or `sessions`: at 21:00 of working days, the value of
    the midnight after. Its given values are met; between them it moves with `of` by `beta`, as logarithms, and by
    `noise` of its own, the standard deviation of a value."""

    name: str
    unit: str
    every: Literal["hours", "days", "weeks", "sessions"]
    digits: int
    values: list[Knot]
    of: str = "BTC"
    beta: float = 0.0
    noise: float = 0.0


class DaysLiquidated(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """USD millions of the days from `since` (ms) until the desk listened: of a usual one, and of those named."""

    since: int
    usual: Sides
    notable: Mapping[str, Sides]


class Trade(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a holder bought, or sold where it is negative, in coins of BTC; known at a time (ms)."""

    at: int
    entity: str
    amount: float
    usd: float


class Managed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Assets under management of all funds of an asset, in USD, at the end of a day."""

    date: str
    usd: float


class Surroundings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every market has. Times are ms, series lists of (ms, value); the files say what each figure is."""

    note: str
    start: int
    end: int
    listened_since: int
    leaders: Sequence[str]
    assets: list[Asset]
    venues: list[Venue]
    days_liquidated: DaysLiquidated
    interest: list[Knot]
    interests: Mapping[str, Interest]
    interest_before: Mapping[str, float] = {}
    funding: list[Knot]
    biases: Mapping[str, float]
    dvol: Mapping[str, list[Knot]]
    rr25: Mapping[str, list[Knot]] = {}
    funds: Mapping[str, Mapping[str, float]]
    etf_millions: Mapping[str, Mapping[str, float]]
    etf_weeks: Mapping[str, Mapping[str, float]] = {}
    aum: Mapping[str, Managed] = {}
    supplies: Mapping[str, float]
    holdings: list[Holder]
    trades: list[Trade] = []
    headlines: list[tuple[int, str]]
    calendar: list[tuple[int, str]]
    metrics: list[Series]

    @property
    def named(self) -> list[Venue]:
        """The venues that reports name: all but the sum of the others."""
        return self.venues[:-1]


class Figures(Surroundings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a market of one day has beside: its cascades, and the week before."""

    millions: Mapping[str, Sides]
    falls: list[Fall]
    past_week: list[Knot]
    the_day: list[Knot]
    streams: Streams
    earlier_waves: list[EarlierWave]
    earlier_quiet: Sides
    rebounds: list[Rebound]
    depths: Mapping[str, float]

    @property
    def waves(self) -> tuple[Wave, ...]:
        """The cascades from start to end."""
        return tuple(fall.wave for fall in self.falls)
