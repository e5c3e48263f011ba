"""How a price went over a stretch, by the finest candles that reach back to its start."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from deskmon.clock import DAY, HOUR
from deskmon.model import Model
from deskmon.model.figures import Since
from deskmon.model.market_candles import LENGTHS
from deskmon.model.since import since_of

LATELY = 4
"""Hours of `PricePath.lately`."""


class Moment(NamedTuple):
    """A price, the start of its candle (ms), and since when there was none as extreme."""

    price: float
    ts: int
    since: Since | None


class PricePath(NamedTuple):
    """The lowest and the highest price of a stretch, and the highest after the lowest; `lately`: the median close of
    its last hours, None where it isn't much longer than these."""

    low: Moment
    high: Moment
    rebound: Moment | None
    lately: float | None


class DayMove(NamedTuple):
    """The close of a UTC day (ms) against that of the day before, in percent; is_over: no more of it is to come."""

    ts: int
    percent: float
    since: Since | None
    is_over: bool


class _Candles(NamedTuple):
    """Open times (ms) and prices, the oldest first."""

    times: list[int]
    lows: list[float]
    highs: list[float]
    closes: list[float]


def price_path(model: Model, symbol: str, start: int, end: int) -> PricePath | None:
    """The path from `start` to `end` (ms); None without a candle."""
    times, lows, highs, closes = _finest(model, symbol, start, end)
    if not times:
        return None
    lowest, highest = min(range(len(lows)), key=lows.__getitem__), max(range(len(highs)), key=highs.__getitem__)
    after = max(range(lowest + 1, len(highs)), key=highs.__getitem__, default=None)
    late = [close for ts, close in zip(times, closes, strict=True) if ts >= end - LATELY * HOUR]
    days = _within(model, symbol, "1d", 0, start - DAY)

    def moment(index: int, prices: Sequence[float], daily: Sequence[float]) -> Moment:
        ts, price = times[index], prices[index]
        return Moment(price, ts, since_of([*days.times, ts], [*daily, price]))

    return PricePath(
        low=moment(lowest, lows, days.lows),
        high=moment(highest, highs, days.highs),
        rebound=None if after is None else Moment(highs[after], times[after], None),
        lately=median(late) if late and end - start > 2 * LATELY * HOUR else None,
    )


def largest_day(model: Model, symbol: str, start: int, end: int) -> DayMove | None:
    """The day of the stretch with the largest move, and since when no day had the like; None where none is known."""
    moves = [
        (ts, 100 * (close / before - 1))
        for (earlier, before), (ts, close) in pairwise(model.candles.closes(symbol, "1d"))
        if ts - earlier == DAY and ts <= end
    ]
    within = [n for n, (ts, _) in enumerate(moves) if ts + DAY > start]
    if not within:
        return None
    index = max(within, key=lambda n: abs(moves[n][1]))
    times, percents = zip(*moves[: index + 1], strict=True)
    return DayMove(times[-1], percents[-1], since_of(times, percents), times[-1] + DAY <= end)


def close_since(model: Model, symbol: str, last: float, now: int) -> Since | None:
    """Since when no day closed as low, or as high, as the `last` price at desk time `now` (ms)."""
    closes = [(ts, close) for ts, close in model.candles.closes(symbol, "1d") if ts + DAY <= now]
    return since_of([*(ts for ts, _ in closes), now], [*(close for _, close in closes), last])


def _finest(model: Model, symbol: str, start: int, end: int) -> _Candles:
    """The finest candles that reach back to `start`, else those of days."""
    for timeframe, length in LENGTHS.items():
        if timeframe == "1d":
            break
        times = model.candles.series(symbol, timeframe).time
        if len(times) and times[0] <= start:
            return _within(model, symbol, timeframe, start - length + 1, end)
    return _within(model, symbol, "1d", start - DAY + 1, end)


def _within(model: Model, symbol: str, timeframe: str, first: int, last: int) -> _Candles:
    """The candles that open from `first` to `last` (ms)."""
    bars = model.candles.series(symbol, timeframe)
    places = [n for n, ts in enumerate(bars.time.tolist()) if first <= ts <= last]
    columns = (bars.low, bars.high, bars.close)
    return _Candles([int(bars.time[n]) for n in places], *([float(column[n]) for n in places] for column in columns))
