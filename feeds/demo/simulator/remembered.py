"""What a desk that had run before the simulated market would remember: liquidations, depth, skew and candles by day."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from random import Random

from deskmon.events import Candle, DayValue, Event, LiquidationDay
from deskmon.feedkit import DAY, HOUR
from deskmon.feeds.demo.simulator.candles import SHORT, Bar, candle, daily_usd
from deskmon.feeds.demo.simulator.past import LENGTH, History
from deskmon.feeds.demo.simulator.quotes import calm_depth
from deskmon.feeds.demo.simulator.step import SYMBOLS
from deskmon.feeds.demo.simulator.world import ASSETS, START

DAYS = 120
"""Days before the week that is played."""
_USUAL = 240e6
"""Dollars that an ordinary day liquidates."""
_LONGS = 0.55
_SKEWED = ("BTC", "ETH")
_DAILY, _OWN = 0.018, 0.008
"""Volatility of a day's return that all assets share, and of each asset's own."""


def daily_candles(history: History) -> Iterator[Candle]:
    """Days of prices that lead to those with which the week begins; all move together, from a chance of their own."""
    rng, end = Random("days"), (START - LENGTH) // DAY * DAY
    common = [_DAILY * rng.gauss(0, 1) for _ in range(DAYS)]
    for number, asset in enumerate(ASSETS):
        opened = history.bars[number][0].open
        own = [_OWN * rng.gauss(0, 1) for _ in range(DAYS)]
        for ago in range(DAYS):
            change = asset.beta * common[ago] + own[ago]
            close, opened = opened, opened * math.exp(-change)
            wick = abs(rng.gauss(0, _OWN))
            high, low = max(opened, close) * (1 + wick), min(opened, close) * (1 - wick)
            volume = daily_usd(number) / close * rng.uniform(0.6, 1.4)
            midnight = end - (ago + 1) * DAY
            yield candle(number, DAY, midnight, Bar(opened, high, low, close, volume), midnight + DAY + 900)


def midnights(days: Sequence[Candle], history: History) -> dict[int, float]:
    """The first asset's price at each midnight (ms), of its daily candles and of the week's bars."""
    closes = {day.open_time + DAY: day.close for day in days if day.symbol == SYMBOLS[0]}
    begin = START - LENGTH
    for midnight in range(-(-begin // DAY) * DAY, START, DAY):
        closes[midnight] = history.bars[0][(midnight - begin) // SHORT - 1].close
    return closes


def remembered() -> Iterator[Event]:
    """The last value of each day, from a chance of its own: other events don't depend on it."""
    rng, first = Random("remembered"), (START - LENGTH) // DAY * DAY
    for midnight in range(first - DAYS * DAY, first, DAY):
        usd = _USUAL * math.exp(0.6 * rng.gauss(0, 1))
        date = datetime.fromtimestamp(midnight / 1000, UTC).date().isoformat()
        for asset, share in ((None, 1.0), ("BTC", 0.45)):
            yield LiquidationDay(
                ts=midnight + DAY, date=date, asset=asset, long_usd=round(usd * share * _LONGS, 2),
                short_usd=round(usd * share * (1 - _LONGS), 2), count=round(usd * share / 25e3), heard_ms=DAY,
            )  # fmt: skip
        evening = midnight + DAY - HOUR
        for number in range(len(ASSETS)):
            depth = calm_depth(number)["1"] * math.exp(0.12 * rng.gauss(0, 1))
            yield DayValue(ts=evening, figure=f"depth 1 % of {SYMBOLS[number]} from mid", value=round(depth, 2))
        for underlying in _SKEWED:
            for maturity, usual in (("7d", -3.2), ("30d", -3.0)):
                value = round(usual + 0.8 * rng.gauss(0, 1), 2)
                yield DayValue(ts=evening, figure=f"rr25 {maturity} of {underlying} on deribit", value=value)
