"""Where a level may come from: what candles tell, and what is added from elsewhere, as batches for `zones.merge`.

All that moves without anything new to see, profile, averages, looks at whole UTC days: through a day the sources of a
symbol change only when a swing is confirmed, a new high is made, or one of the outside sources moves. What moves, or
counts for a day, week or month only, is given for each of the last days, and founds a zone only where nothing that
stays does: so a day's turn displaces no zone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil, floor, log10

import numpy as np

from deskmon import format as fmt
from deskmon.analytics.bars import DAY, Bars, anchored_vwap, coarser
from deskmon.analytics.level_settings import LevelSettings, Weights
from deskmon.analytics.level_values import Outside
from deskmon.analytics.pivots import swings
from deskmon.analytics.profile import nodes, profiles, value_area
from deskmon.analytics.zones import SourceGroup

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
LOOK_BACK = 21
"""Past days whose sources are known, so that a ladder remembers."""
ROUND_WITHIN = 0.5
LEAST_ROUND = 1e-12
"""Below this price no number is called round."""
LOW_DAYS = 90

_PIN, _SWING_DAY, _ROUND, _SWING_4H, _SWING_HOUR, _OUTSIDE, _HIGH, _PERIOD, _LAST = range(9)
"""In this order sources found zones: those that stay where they are first, the more important the earlier."""


def last_days(today: int) -> list[int]:
    """Starts (ms) of the UTC days that `batches` knows the sources of, `today` the last."""
    return [today - back * DAY for back in range(LOOK_BACK, -1, -1)]


def batches(
    hours: Bars, days: Bars, today: int, price: float, tolerance: float, settings: LevelSettings, outside: Outside,
    pins: Sequence[tuple[float, float, str]],
) -> list[SourceGroup]:  # fmt: skip
    """All sources around a price, known at the start of the UTC day `today` but for swings and highs, which are as new
    as `hours`. hours, days: closed candles; pins: (low, high, label)."""
    weights = settings.weights
    start = int(min(hours.time[:1].tolist() + days.time[:1].tolist(), default=today))
    past = hours.cut(0, int(np.searchsorted(hours.time, today)))
    found = [*_pins(pins, start, weights), *_rounds(price, start, weights), *_outside(outside, start, today, weights)]
    found += _swings(hours, days, settings)
    found += _periods(days, today, weights)
    found += _highest(hours, days, weights)
    found += _profile(past, today, tolerance, weights)
    found += _averages(past, today, weights)
    return found


def _pins(pins: Sequence[tuple[float, float, str]], start: int, weights: Weights) -> Iterator[SourceGroup]:
    if pins:
        low, high, labels = zip(*pins, strict=True)
        yield SourceGroup("pin", _PIN, max(weights.pin, 1e-9), low, [start] * len(pins), top=high, labels=labels)


def _rounds(price: float, start: int, weights: Weights) -> Iterator[SourceGroup]:
    if price < LEAST_ROUND:
        return
    numbers = round_numbers(price * (1 - ROUND_WITHIN), price * (1 + ROUND_WITHIN))
    share = [2.0 if tenth else 1.0 for _, tenth in numbers]
    prices = [number for number, _ in numbers]
    yield SourceGroup("round", _ROUND, weights.round, prices, [start] * len(numbers), share=share, named=True)


def round_numbers(low: float, high: float) -> list[tuple[float, bool]]:
    """The round numbers of a stretch of prices, the lowest first, and whether each is a tenth one. A number is round by
    itself, wherever the price stands: a multiple of its own `round_step`."""
    found: dict[float, bool] = {}
    step = round_step(low)
    while step <= high:
        for count in range(floor(low / step), ceil(high / step) + 1):
            number = float(f"{count * step:.12g}")
            if low <= number <= high and round_step(number) == step:
                found[number] = count % 10 == 0
        step = round_step(step * 20.5)
    return sorted(found.items())


def round_step(price: float) -> float:
    """Distance of round numbers around a price: the smallest of 1, 5, 10, 50 … (and 0.5, 0.1 …) that goes at most 20
    times into it: 10,000 at 115,000, 5,000 at 92,000, 500 at 2,770, 10 at 128."""
    power = floor(log10(price / 20))
    steps = (float(f"1e{power}"), float(f"5e{power}"), float(f"1e{power + 1}"))  # products would be off by a last digit
    return next(step for step in steps if price <= 20 * step * (1 + 1e-9))


def _swings(hours: Bars, days: Bars, settings: LevelSettings) -> Iterator[SourceGroup]:
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
            yield SourceGroup(f"{name} {side}", rank, weight, prices, born, half)


def _periods(days: Bars, today: int, weights: Weights) -> Iterator[SourceGroup]:
    """High, low and close of each whole day, week (from Monday) and month, while it was the last."""
    for name, weight, spans in (
        ("month", weights.month, _months(today)),
        ("week", weights.week, _spans((today - _MONDAY) // WEEK * WEEK + _MONDAY, WEEK, today)),
        ("day", weights.day, _spans(today, DAY, today)),
    ):
        known: list[tuple[float, float, float]] = []
        born, until = [], []
        for start, stop, over in spans:
            first, last = np.searchsorted(days.time, [start, stop]).tolist()
            if last - first >= 0.9 * (stop - start) / DAY:
                known.append(
                    (float(days.high[first:last].max()), float(days.low[first:last].min()), float(days.close[last - 1]))
                )
                born.append(stop)
                until.append(over)
        for edge, prices, share in zip(
            ("high", "low", "close"), zip(*known, strict=True), (1.0, 1.0, 0.5), strict=False
        ):
            yield SourceGroup(
                f"{name} {edge}", _PERIOD, weight, prices, born, moves=True, share=[share] * len(prices), until=until
            )


def _spans(newest: int, length: int, today: int) -> list[tuple[int, int, int]]:
    """(start, end, end of the next) of periods of `length` ms, the last of them ending at `newest`, as far back as the
    days before `today` that are looked at."""
    count = (LOOK_BACK * DAY + newest - today) // length + 1
    return [(newest - (n + 1) * length, newest - n * length, newest - (n - 1) * length) for n in range(count, -1, -1)]


def _months(today: int) -> list[tuple[int, int, int]]:
    """The same of the last whole months of `today` and of the day at which the look back begins."""
    newest = np.datetime64(today, "ms").astype("datetime64[M]")
    starts = [int((newest + n).astype("datetime64[ms]").astype(np.int64)) for n in range(-2, 2)]
    return list(zip(starts, starts[1:], starts[2:], strict=False))


def _highest(hours: Bars, days: Bars, weights: Weights) -> Iterator[SourceGroup]:
    """The highest price of all candles, known since its candle closed."""
    best: tuple[float, int] | None = None
    for bars, length in ((days, DAY), (hours, HOUR)):
        if bars.number:
            at = int(bars.high.argmax())
            if best is None or bars.high[at] > best[0]:
                best = float(bars.high[at]), int(bars.time[at]) + length
    if best is not None:
        yield SourceGroup("ATH", _HIGH, weights.all_time_high, [best[0]], [best[1]], moves=True, named=True)


def _profile(past: Bars, today: int, tolerance: float, weights: Weights) -> Iterator[SourceGroup]:
    """Point of control, value area and nodes as they stood on each of the last days."""
    found: dict[str, tuple[float, list[float], list[int]]] = {}

    def add(name: str, weight: float, price: float, day: int) -> None:
        _, prices, born = found.setdefault(name, (weight, [], []))
        prices.append(price)
        born.append(day)

    for day, recent, whole in profiles(past, last_days(today), PROFILE_DAYS, tolerance / BINS):
        how = "t-" if recent.by_time else ""
        control, low, high = value_area(recent)
        add(f"{how}POC", weights.poc, control, day)
        add(f"{how}VAL", weights.value_area, low, day)
        add(f"{how}VAH", weights.value_area, high, day)
        for price in nodes(whole, 3 * BINS):
            add(f"{how}HVN", weights.node, price, day)
    for name, (weight, prices, born) in found.items():
        yield SourceGroup(name, _LAST, weight, prices, born, moves=True, until=[day + DAY for day in born])


def _averages(past: Bars, today: int, weights: Weights) -> Iterator[SourceGroup]:
    """VWAP since the highest hour, the lowest of `LOW_DAYS` and the month's first, on each of the last days."""
    found: dict[str, tuple[list[float], list[int]]] = {}
    for day in last_days(today):
        month = np.datetime64(day - 1, "ms").astype("datetime64[M]").astype("datetime64[ms]").astype(np.int64)
        stop, recent, of_month = np.searchsorted(past.time, [day, day - LOW_DAYS * DAY, month]).tolist()
        if not stop:
            continue
        anchors = {
            "VWAP high": int(past.high[:stop].argmax()),
            "VWAP low": recent + int(past.low[recent:stop].argmin()) if recent < stop else stop,
            "VWAP month": of_month,
        }
        for name, start in anchors.items():
            value = anchored_vwap(past.cut(start, stop)) if stop - start >= 24 else None
            if value is not None:
                prices, born = found.setdefault(name, ([], []))
                prices.append(value)
                born.append(day)
    for name, (prices, born) in found.items():
        yield SourceGroup(name, _LAST, weights.vwap, prices, born, moves=True, until=[day + DAY for day in born])


def _outside(outside: Outside, start: int, today: int, weights: Weights) -> Iterator[SourceGroup]:
    """What is told from elsewhere is known as of now alone: it counts as if it had stood there on all the last days."""
    known = max(start, today - LOOK_BACK * DAY)
    for text, pairs, weight, founds in (
        ("strike", outside.strikes, weights.strike, True),
        ("liquidations", outside.liquidations, weights.liquidations, True),
        ("wall", outside.walls, weights.wall, False),
    ):
        if pairs:
            prices, share = zip(*pairs, strict=True)
            yield SourceGroup(
                text, _OUTSIDE, weight, prices, [known] * len(pairs), moves=True, founds=founds, share=share
            )
    for name, price in outside.cost_bases:
        shown = f"{name} cost basis {fmt.amount(price)}"
        yield SourceGroup(
            f"{name} cost", _OUTSIDE, weights.cost_basis, [price], [start], moves=True, shown=shown, named=True
        )
