"""Figures of liquidations: sums by window, waves, and what waves are called by. Units as in `figures`."""

# Annotations are evaluated here once: as texts, msgspec would compile each of them at every start.

from typing import Literal

import msgspec

from deskmon.events import PositionSide, WaveState
from deskmon.model.figure import Figure
from deskmon.model.since import Since

Coverage = Literal["full", "sampled", "polled", "inferred", "none"]


class Sums(Figure):
    """All None where nobody listened."""

    usd: float | None
    long_usd: float | None
    short_usd: float | None
    count: int | None


class SideSums(Sums):
    usd: float
    long_usd: float
    short_usd: float
    count: int


class VenueSums(SideSums):
    coverage: Coverage


class OrderFigure(Figure):
    """One order that was liquidated; `ts` ms, `usd` its notional."""

    ts: int
    venue: str
    symbol: str
    side: PositionSide
    price: float
    usd: float


class WindowFigure(Sums):
    """Liquidations in one window. `lower_bound`: it is `sampled` (a venue in it tells of some orders only) or
    `incomplete` (a gap is in it, or nobody listens now); `counts_from` (ms): from when it counts; `resolution_ms`: how
    exact its older edge is, 0 to the millisecond. `since` is that of the sum of a whole day or week, among those of
    earlier days and of the weeks up to them. `largest`: its largest orders, at most 5, the largest first."""

    long_share: float | None
    lower_bound: bool
    sampled: bool
    incomplete: bool
    warming_up: bool
    counts_from: int | None
    resolution_ms: int
    by_venue: dict[str, VenueSums]
    by_symbol: dict[str, SideSums]
    since: Since | None
    largest: list[OrderFigure] = msgspec.field(default_factory=list)


class DayFigure(SideSums):
    """Liquidations of one UTC day. `whole`: the desk listened to nine tenths of it or more."""

    date: str
    whole: bool


class WaveFigure(SideSums):
    """A liquidation wave; times ms, `end` None while it runs. `price_low`: the extreme against the liquidated side, and
    `price_move_pct` up to it, of the asset `lead`; `open_interest_change_pct` in its coins. Until a wave is over late
    liquidations can change its figures. `provisional`: called by a baseline younger than an hour; `incomplete`: a gap
    is in it. `since` is that of its dollars among the waves that the desk knows, one a wave instead of one a day.
    `largest`: its largest orders, at most 5, the largest first."""

    id: int
    group: str
    state: WaveState
    start: int
    peak: int
    end: int | None
    long_share: float | None
    peak_usd_per_min: float
    by_venue: dict[str, SideSums]
    by_symbol: dict[str, SideSums]
    lead: str
    price_start: float | None
    price_low: float | None
    price_end: float | None
    price_move_pct: float | None
    open_interest_change_pct: float | None
    lower_bound: bool
    provisional: bool = False
    since: Since | None = None
    largest: list[OrderFigure] = msgspec.field(default_factory=list)
    incomplete: bool = False


class StressFigure(SideSums):
    """Waves with less than 12 h between one and the next, together, where they took at least a fifth of what all
    waves of 7 days took: `share`. Times ms, `end` None while the last of them runs; `waves`: their ids."""

    start: int
    end: int | None
    long_share: float
    share: float
    waves: list[int]


class WaveBaseline(Figure):
    """By what waves are called now. `source`: the desk's own quiet buckets, or the shipped prior while it has fewer
    than four minutes of them; `quiet_minutes`: how many minutes of them it has, 60 at most; `provisional`: fewer than
    60. `warming_up_until` (ms): the end of a warm-up that still runs."""

    source: Literal["prior", "own"]
    quiet_minutes: float
    provisional: bool
    warming_up_until: int | None


class LiquidationFigures(Figure):
    """`waves`: the newest last, `stresses` too. `wave_baseline`: None while the desk hasn't begun to listen. `days`:
    the newest 31, the oldest first."""

    windows: dict[str, WindowFigure]
    days: list[DayFigure] = msgspec.field(default_factory=list)
    waves: list[WaveFigure] = msgspec.field(default_factory=list)
    stresses: list[StressFigure] = msgspec.field(default_factory=list)
    wave_baseline: WaveBaseline | None = None


class PriceBucket(Figure):
    """Liquidations in one bucket of `analytics.price_grid`."""

    bucket: int
    long_usd: float
    short_usd: float
    count: int
