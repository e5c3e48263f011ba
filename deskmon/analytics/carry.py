"""Figures of carry: funding of different intervals compared, means and spreads over venues, premium and basis.

Rates are fractions; plain numbers, no numpy: a screen asks for this in its first frame.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import fsum, isfinite

from deskmon.clock import HOUR

YEAR_HOURS = 8760
YEAR_DAYS = 365
NEUTRAL_8H = 0.00005
"""An 8-hour rate closer to 0 than this is neutral."""


def rate_8h(rate: float, interval_hours: float) -> float:
    """The 8-hour equivalent of a rate per interval."""
    return rate * 8 / interval_hours


def apr(rate: float, interval_hours: float) -> float:
    """A year of a rate per interval, without compounding."""
    return rate * YEAR_HOURS / interval_hours


def is_neutral(rate_8h: float) -> bool:
    """True for an 8-hour rate so small that neither side pays to speak of."""
    return abs(rate_8h) < NEUTRAL_8H


def weighted_mean(values: Mapping[str, float], weights: Mapping[str, float]) -> float | None:
    """Σ value × weight / Σ weight by key; a key without weight doesn't take part, None where none has any."""
    total = fsum(weights.get(key, 0.0) for key in values)
    if not total:
        return None
    return fsum(value * weights.get(key, 0.0) for key, value in values.items()) / total


def streak(values: Sequence[float]) -> int | None:
    """How many of the newest `values` (oldest first) have one sign, negative below zero; None where there is none."""
    if not values:
        return None
    newest = values[-1]
    sign = (newest > 0) - (newest < 0)
    length = 0
    for value in reversed(values):
        if (value > 0) - (value < 0) != sign:
            break
        length += 1
    return sign * length


def widest(values: Mapping[str, float]) -> tuple[str, str, float] | None:
    """The keys of the lowest and of the highest value, and how far they are apart; None for fewer than two values."""
    if len(values) < 2:
        return None
    low = min(values, key=lambda key: (values[key], key))
    high = max(values, key=lambda key: (values[key], key))
    return low, high, values[high] - values[low]


def realised(settled: Sequence[tuple[int, float, float]], start: int, end: int) -> float | None:
    """Sum of the settled rates in (start, end] (ms); `settled` are (time, rate, hours of its interval), in order.

    None where one is missing: where the intervals leave more than half of one uncovered at the start, between two, or
    at the end, at which the newest may still be on its way.
    """
    covered, total = start, 0.0
    for ts, rate, hours in settled:
        interval = hours * HOUR
        if ts - covered > 1.5 * interval:
            return None
        covered, total = ts, total + rate
    return total if settled and end - covered <= 1.5 * interval else None


def premium(mark: float, index: float) -> float | None:
    """mark / index − 1, a fraction; None where the ratio is no finite number."""
    return _excess(mark, index)


def basis(future: float, spot: float, days: float) -> float | None:
    """Annualised simple basis of a future `days` from its expiry: (F / S − 1) × 365 / days, a fraction.

    None on its last day, when a cent more or less would be a large part of a year.
    """
    excess = _excess(future, spot)
    return None if excess is None or days < 1 else excess * YEAR_DAYS / days


def leverage(open_interest_usd: float, market_cap: float) -> float | None:
    """Open interest / market capitalisation, a fraction; None without a capitalisation."""
    return open_interest_usd / market_cap if market_cap > 0 else None


def _excess(value: float, reference: float) -> float | None:
    excess = value / reference - 1 if reference else float("inf")
    return excess if isfinite(excess) else None
