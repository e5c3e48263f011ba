"""Where a level may come from: what candles tell, and what is added from elsewhere, as batches for `zones.merge`.

All that moves without anything new to see, profile, averages, round numbers, looks at whole UTC days: through a day the
sources of a symbol change only when a swing is confirmed, a new high is made, or one of the outside sources moves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil, floor, log10
from typing import NamedTuple

import numpy as np

from deskmon import format as fmt
from deskmon.analytics.bars import DAY, Bars, anchored_vwap, coarser
from deskmon.analytics.level_settings import LevelSettings, Weights
from deskmon.analytics.pivots import swings
from deskmon.analytics.profile import nodes, profile, value_area
from deskmon.analytics.zones import Batch

HOUR = 3_600_000
WEEK = 7 * DAY
_MONDAY = 4 * DAY
"""1970-01-05, the first Monday."""

WINGS = {"1h": 8, "4h": 4, "1d": 2}
"""Candles on each side that a swing stands out from: by a third of a day, two thirds, two days."""
FADING = {"1h": 1.0, "4h": 2.0, "1d": 6.0}
"""Half-lives in those of the settings."""
PROFILE_DAYS = 30
BINS = 4
"""Bins of the profile per tolerance."""
ROUND_WITHIN = 0.3
LEAST_ROUND = 1e-12
"""Below this price no number is called round."""
LOW_DAYS = 90

_PIN, _HIGH, _MONTH, _SWING_DAY, _PROFILE, _ROUND, _SWING_4H, _DAY, _OUTSIDE, _SWING_HOUR, _LAST = range(11)


class Outside(NamedTuple):
    """Prices from elsewhere, each with its share (0 to 1) of the heaviest of its kind: option strikes by open interest,
    walls of the book, prices where positions were liquidated; cost bases by name."""

    strikes: tuple[tuple[float, float], ...] = ()
    walls: tuple[tuple[float, float], ...] = ()
    liquidations: tuple[tuple[float, float], ...] = ()
    cost_bases: tuple[tuple[str, float], ...] = ()


def batches(
    hours: Bars, days: Bars, today: int, price: float, tolerance: float, settings: LevelSettings, outside: Outside,
    pins: Sequence[tuple[float, float, str]],
) -> list[Batch]:  # fmt: skip
    """All sources at a price, known at the start of the UTC day `today` but for swings and highs, which are as new as
    `hours`. hours, days: closed candles; pins: (low, high, label)."""
    weights = settings.weights
    start = int(min(hours.time[:1].tolist() + days.time[:1].tolist(), default=today))
    past = hours.cut(0, int(np.searchsorted(hours.time, today)))
    found = [*_pins(pins, start, weights), *_rounds(price, start, weights), *_outside(outside, start, today, weights)]
    found += _swings(hours, days, settings)
    found += _periods(days, today, weights)
    found += _highest(hours, days, weights)
    found += _profile(past, today, tolerance, weights)
    found += _averages(past, days, today, weights)
    return found


def _pins(pins: Sequence[tuple[float, float, str]], start: int, weights: Weights) -> Iterator[Batch]:
    if pins:
        low, high, labels = zip(*pins, strict=True)
        yield Batch("pin", _PIN, max(weights.pin, 1e-9), low, [start] * len(pins), top=high, labels=labels)


def _rounds(price: float, start: int, weights: Weights) -> Iterator[Batch]:
    if price < LEAST_ROUND:
        return
    step = round_step(price)
    numbers = np.arange(ceil(price * (1 - ROUND_WITHIN) / step), floor(price * (1 + ROUND_WITHIN) / step) + 1)
    share = np.where(numbers % 10 == 0, 2.0, 1.0)
    yield Batch("round", _ROUND, weights.round, (numbers * step).tolist(), [start] * len(numbers), share=share.tolist())


def round_step(price: float) -> float:
    """Distance of round numbers around a price: the smallest of 1, 5, 10, 50 … (and 0.5, 0.1 …) that goes at most 20
    times into it: 10,000 at 115,000, 5,000 at 92,000, 500 at 2,770, 10 at 128."""
    power = 10.0 ** floor(log10(price / 20))
    return next(step for step in (power, 5 * power, 10 * power) if price / step <= 20)


def _swings(hours: Bars, days: Bars, settings: LevelSettings) -> Iterator[Batch]:
    weights = settings.weights
    fours = coarser(hours, 4 * HOUR)
    if hours.number and (int(hours.time[-1]) + HOUR) % (4 * HOUR):
        fours = fours.cut(0, -1)
    for name, bars, length, rank, weight in (
        ("1d", days, DAY, _SWING_DAY, weights.pivot_1d),
        ("4h", fours, 4 * HOUR, _SWING_4H, weights.pivot_4h),
        ("1h", hours, HOUR, _SWING_HOUR, weights.pivot_1h),
    ):
        highs, lows = swings(bars, WINGS[name], length)
        half = settings.half_life_days * FADING[name]
        for side, (prices, born) in (("high", highs), ("low", lows)):
            yield Batch(f"{name} {side}", rank, weight, prices, born, half)


def _periods(days: Bars, today: int, weights: Weights) -> Iterator[Batch]:
    """High, low and close of the last whole day, week (from Monday) and month before `today`."""
    week = (today - _MONDAY) // WEEK * WEEK + _MONDAY
    month = int(np.datetime64(today, "ms").astype("datetime64[M]").astype("datetime64[ms]").astype(np.int64))
    before = int(np.datetime64(month - 1, "ms").astype("datetime64[M]").astype("datetime64[ms]").astype(np.int64))
    for name, start, stop, rank, weight in (
        ("month", before, month, _MONTH, weights.month),
        ("week", week - WEEK, week, _MONTH, weights.week),
        ("day", today - DAY, today, _DAY, weights.day),
    ):
        first, last = np.searchsorted(days.time, [start, stop]).tolist()
        if last - first < 0.9 * (stop - start) / DAY:
            continue
        period = days.cut(first, last)
        edges = (("high", float(period.high.max()), 1.0), ("low", float(period.low.min()), 1.0))
        for edge, price, share in (*edges, ("close", float(period.close[-1]), 0.5)):
            yield Batch(f"{name} {edge}", rank, weight, [price], [stop], share=[share])


def _highest(hours: Bars, days: Bars, weights: Weights) -> Iterator[Batch]:
    """The highest price of all candles, known since its candle closed."""
    best: tuple[float, int] | None = None
    for bars, length in ((days, DAY), (hours, HOUR)):
        if bars.number:
            at = int(bars.high.argmax())
            if best is None or bars.high[at] > best[0]:
                best = float(bars.high[at]), int(bars.time[at]) + length
    if best is not None:
        yield Batch("ATH", _HIGH, weights.all_time_high, [best[0]], [best[1]])


def _profile(past: Bars, today: int, tolerance: float, weights: Weights) -> Iterator[Batch]:
    step = tolerance / BINS
    recent = profile(past.cut(int(np.searchsorted(past.time, today - PROFILE_DAYS * DAY))), step)
    if recent is not None:
        control, low, high = value_area(recent)
        how = "t-" if recent.by_time else ""
        yield Batch(f"{how}POC", _PROFILE, weights.poc, [control], [today], moves=True)
        yield Batch(f"{how}VAL", _PROFILE, weights.value_area, [low], [today], moves=True)
        yield Batch(f"{how}VAH", _PROFILE, weights.value_area, [high], [today], moves=True)
    whole = profile(past, step)
    if whole is not None:
        prices = nodes(whole, 3 * BINS)
        name = "t-HVN" if whole.by_time else "HVN"
        yield Batch(name, _PROFILE, weights.node, prices, [today] * len(prices), moves=True)


def _averages(past: Bars, days: Bars, today: int, weights: Weights) -> Iterator[Batch]:
    """VWAP since the highest hour, since the lowest of `LOW_DAYS`, and since the month began, as of `today`."""
    if not past.number:
        return
    month = np.datetime64(today - 1, "ms").astype("datetime64[M]").astype("datetime64[ms]").astype(np.int64)
    recent = int(np.searchsorted(past.time, today - LOW_DAYS * DAY))
    anchors = {
        "VWAP high": int(past.high.argmax()),
        "VWAP low": recent + int(past.low[recent:].argmin()) if recent < past.number else past.number,
        "VWAP month": int(np.searchsorted(past.time, month)),
    }
    for name, start in anchors.items():
        value = anchored_vwap(past, start)
        if value is not None and past.number - start >= 24:
            yield Batch(name, _LAST, weights.vwap, [value], [today], moves=True)


def _outside(outside: Outside, start: int, today: int, weights: Weights) -> Iterator[Batch]:
    for text, pairs, weight, founds in (
        ("strike", outside.strikes, weights.strike, True),
        ("liquidations", outside.liquidations, weights.liquidations, True),
        ("wall", outside.walls, weights.wall, False),
    ):
        if pairs:
            prices, share = zip(*pairs, strict=True)
            yield Batch(text, _OUTSIDE, weight, prices, [today] * len(pairs), moves=True, founds=founds, share=share)
    for name, price in outside.cost_bases:
        shown = f"{name} cost basis {fmt.amount(price)}"
        yield Batch(f"{name} cost", _OUTSIDE, weights.cost_basis, [price], [start], moves=True, shown=shown)
