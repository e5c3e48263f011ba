"""Support and resistance of one symbol: sources, merged into zones, judged by closes; a pure function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from deskmon.analytics.bars import DAY, Bars, Floats, average_true_ranges, coarser, daily_volatility
from deskmon.analytics.level_settings import LevelSettings
from deskmon.analytics.level_sources import HOUR, Outside, batches
from deskmon.analytics.status import Standing, standing
from deskmon.analytics.zones import Zone, merge

WITHIN = 0.25
"""Zones farther from the price than this share of it aren't looked for."""
MOST_TOLERANCE = 0.05
"""However far a market swings, prices farther from each other than this share aren't one level."""
NEAR = 3.0
"""Within so many ATR14 of the price half the least score is enough: what is next matters more than what is far."""
MOST = 20
"""Zones that are kept, those of the highest scores."""
OVERSHADOWED = 1.5
"""A zone less than a tolerance from one whose score is so many times its own isn't shown: it is its outskirts."""


class Level(NamedTuple):
    """A zone and how it stands."""

    zone: Zone
    standing: Standing


class Map(NamedTuple):
    """The levels, the lowest price first. tolerance: as a fraction of price; atr: ATR14 of days, in dollars;
    realised: volatility of a day in percent; None where too little is held."""

    levels: tuple[Level, ...]
    tolerance: float
    atr: float | None
    realised: float | None


def level_map(
    hours: Bars, days: Bars, closes: Bars, length: int, settings: LevelSettings, *, outside: Outside | None = None,
    pins: Sequence[tuple[float, float, str]] = (),
) -> Map:  # fmt: skip
    """The levels of one symbol from closed candles: `hours`, `days` (made of the hours where empty), and those of
    `length` ms whose `closes` decide, at least one."""
    if not days.number:
        days = coarser(hours, DAY)
        if hours.number and (int(hours.time[-1]) + HOUR) % DAY:
            days = days.cut(0, -1)
    times = closes.time + length
    today = int(times[-1]) // DAY * DAY
    past = days.cut(0, int(np.searchsorted(days.time, today)))
    reference = float(past.close[-1] if past.number else closes.open[0])
    ranges = average_true_ranges(past)
    atr = float(ranges[-1]) if len(ranges) else None
    by_day = _tolerances(past, ranges, settings)
    tolerance = float(by_day[-1])
    last = float(closes.close[-1])
    found = merge(
        batches(hours, past, today, reference, tolerance, settings, outside or Outside(), pins), tolerance, today,
        settings.least_score / 2, (last * (1 - WITHIN), last * (1 + WITHIN)),
    )  # fmt: skip
    reach = NEAR * atr if atr is not None else last
    found = [
        zone
        for zone in found
        if zone.pinned or zone.score >= settings.least_score or max(zone.low - last, last - zone.high) <= reach
    ]
    kept = sorted(_prominent(found), key=lambda zone: (not zone.pinned, -zone.score, zone.price))[:MOST]
    shares = by_day[np.searchsorted(past.time, times // DAY * DAY)]
    levels = (
        Level(zone, standing(times, closes.close, zone.grown, shares * zone.price))
        for zone in sorted(kept, key=lambda zone: zone.price)
    )
    return Map(tuple(levels), tolerance, atr, daily_volatility(hours, HOUR))


def _tolerances(days: Bars, ranges: Floats, settings: LevelSettings) -> Floats:
    """The tolerance, as a fraction of price, on the day after each number of days, from none to all of `days`."""
    by_range = np.zeros(days.number + 1)
    by_range[2:] = settings.tolerance_atr * ranges / days.close[1:]
    return np.clip(by_range, settings.tolerance_pct / 100, MOST_TOLERANCE)


def _prominent(zones: Sequence[Zone]) -> list[Zone]:
    """Those of `zones`, the lowest first, that no neighbour overshadows."""
    around = [None, *zones, None]
    return [
        zone
        for below, zone, above in zip(around, zones, around[2:], strict=False)
        if zone.pinned or not (_overshadows(below, zone) or _overshadows(above, zone))
    ]


def _overshadows(other: Zone | None, zone: Zone) -> bool:
    if other is None or other.score < OVERSHADOWED * zone.score:
        return False
    return max(other.low - zone.high, zone.low - other.high) < zone.tolerance
