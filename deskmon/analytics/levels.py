"""Support and resistance of one symbol: sources, merged into zones, judged by closes; a pure function."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from deskmon.analytics.bars import DAY, Bars, Floats, Times, average_true_ranges, coarser, daily_volatility
from deskmon.analytics.ladder import FADED, WITHIN, PastCloses, eventful, on_ladder
from deskmon.analytics.level_settings import LevelSettings
from deskmon.analytics.level_sources import HOUR, batches, last_days
from deskmon.analytics.level_values import Map, Outside, RatedZone, Zone, ZoneStanding
from deskmon.analytics.zone_status import standing
from deskmon.analytics.zones import merge

MOST_TOLERANCE = 0.05
"""However far a market swings, prices farther from each other than this share aren't one level."""
STEADY = 1.25
"""Sources merge by the same tolerance until that of the day is so many times larger, or so many times less."""
MOST = 20
"""Zones that are kept: those that something happened to, the newest first, and those of the highest scores."""
LEAST_OTHERS = 8
"""So many of these whatever happened."""
MOST_EVENTFUL = 40


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
    by_day = _tolerances(past, ranges, settings)
    tolerance, merging = float(by_day[-1]), steady(by_day)
    looked = _looked_at(times, closes.close, past, ranges, today)
    merged = merge(
        batches(hours, past, today, reference, merging, settings, outside or Outside(), pins), merging,
        last_days(today), FADED * settings.least_score / 2,
        (float(looked.closes.min()) * (1 - WITHIN[1]), float(looked.closes.max()) * (1 + WITHIN[1])),
    )  # fmt: skip
    shares = by_day[np.searchsorted(past.time, times // DAY * DAY)]

    def stand(zone: Zone) -> ZoneStanding:
        return standing(times, closes.close, zone.grown, shares * zone.price)

    found = [
        RatedZone(zone._replace(tolerance=tolerance * zone.price), held)
        for zone, held in on_ladder(merged, looked, settings.least_score, stand)
    ]
    kept = sorted(_most(found, int(times[-1])), key=lambda level: level.zone.price)
    atr = float(ranges[-1]) if len(ranges) else None
    return Map(tuple(kept), tolerance, atr, daily_volatility(hours, HOUR), outside or Outside())


def _most(found: Sequence[RatedZone], now: int) -> list[RatedZone]:
    """Those of the levels that there is room for."""
    pinned = [level for level in found if level.zone.pinned]
    recent = [level for level in found if not level.zone.pinned and eventful(level.standing, now)]
    recent = sorted(recent, key=lambda level: -level.standing.changes[-1].time)[:MOST_EVENTFUL]
    others = [level for level in found if not level.zone.pinned and not eventful(level.standing, now)]
    room = max(MOST - len(pinned) - len(recent), LEAST_OTHERS)
    return [*pinned, *recent, *sorted(others, key=lambda level: -level.zone.score)[:room]]


def _looked_at(times: Times, closes: Floats, past: Bars, ranges: Floats, today: int) -> PastCloses:
    """The closes since the first of the days that scores are known of, with the ranges of the days before theirs."""
    days = last_days(today)
    start = min(int(np.searchsorted(times, days[0])), len(times) - 1)
    times, closes = times[start:], closes[start:]
    before = np.searchsorted(past.time, times // DAY * DAY)
    atr = np.concatenate((np.full(2, np.inf), ranges))[before]
    return PastCloses(times, closes, np.maximum(np.searchsorted(days, times, "right") - 1, 0), atr)


def _tolerances(days: Bars, ranges: Floats, settings: LevelSettings) -> Floats:
    """The tolerance, as a fraction of price, on the day after each number of days, from none to all of `days`."""
    by_range = np.zeros(days.number + 1)
    by_range[2:] = settings.tolerance_atr * ranges / days.close[1:]
    return np.clip(by_range, settings.tolerance_pct / 100, MOST_TOLERANCE)


def steady(tolerances: Floats) -> float:
    """The one of the tolerances of some days, the oldest first, that sources merge by after the last of them."""
    held = 0.0
    for tolerance in tolerances.tolist():
        if not held / STEADY <= tolerance <= held * STEADY:
            held = tolerance
    return held
