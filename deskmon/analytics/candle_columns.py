"""Candles as plain columns, and their average price by volume: for who draws or counts some hundreds of them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

DAY = 86_400_000
WEEK = 7 * DAY
MONDAY = 4 * DAY
"""1970-01-05, a Monday (ms)."""


class CandleColumns(NamedTuple):
    """Candles, the oldest first: open times in ms UTC, prices, volume in base (0 where unknown). Read them, don't keep
    them: a market goes on in them."""

    time: Sequence[int]
    open: Sequence[float]
    high: Sequence[float]
    low: Sequence[float]
    close: Sequence[float]
    volume: Sequence[float]

    def cut(self, start: int, stop: int | None = None) -> CandleColumns:
        """The candles of index `start` up to `stop`, which stay as they are."""
        of = slice(start, stop)
        return CandleColumns(self.time[of], *(column[of] for column in self[1:]))


def average_prices(candles: CandleColumns, timeframe: str, start: int, stop: int) -> list[float | None]:
    """VWAP at the candles of index `start` up to `stop`, of the typical prices (high + low + close) / 3 since their day
    began, or their week (`1h`, `4h`) or month (`1d`); None without volume."""
    if start >= stop:
        return []
    anchor = _anchor(candles.time[start], timeframe)
    found: list[float | None] = []
    paid = traded = 0.0
    for index in range(bisect_left(candles.time, anchor), stop):
        begun = _anchor(candles.time[index], timeframe)
        if begun != anchor:
            anchor, paid, traded = begun, 0.0, 0.0
        volume = candles.volume[index]
        paid += (candles.high[index] + candles.low[index] + candles.close[index]) / 3 * volume
        traded += volume
        if index >= start:
            found.append(paid / traded if traded > 0 else None)
    return found


def _anchor(ts: int, timeframe: str) -> int:
    """When the stretch began (ms) over which the candle at `ts` is averaged."""
    if timeframe == "1d":
        at = datetime.fromtimestamp(ts / 1_000, UTC)
        return int(datetime(at.year, at.month, 1, tzinfo=UTC).timestamp()) * 1_000
    if timeframe in ("1h", "4h"):
        return ts - (ts - MONDAY) % WEEK
    return ts - ts % DAY
