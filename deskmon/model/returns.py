"""Returns over days and the distance from the highest price, among those of all days whose candles are held."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple

from deskmon.clock import DAY
from deskmon.model.candles import Candles
from deskmon.model.figures import PeakFigure, ReturnFigure
from deskmon.model.market_candles import ClosedDays
from deskmon.model.part import percent_change
from deskmon.model.since import PastValues, Values

LENGTHS = {"1d": 1, "7d": 7, "30d": 30}
"""Return → its length in days."""
WEEK = "week"
"""The return since Monday 00:00 UTC, among those of whole weeks."""
_DAYS = 7
_MONDAY = 4
"""1970-01-05, the first Monday, as a day of 1970."""


class Highest(NamedTuple):
    price: float
    ts: int


class SymbolDays:
    """What is known of one symbol's earlier days, put together anew only where a candle of one of them changed."""

    def __init__(self) -> None:
        self._version: Hashable = None
        self._times: Sequence[int] = ()
        self._closes: Sequence[float] = ()
        self._drawdowns: Sequence[float] = ()
        self.highest = Highest(0.0, 0)
        self.past = {name: PastValues() for name in (*LENGTHS, WEEK, "peak")}

    def take(self, days: ClosedDays) -> None:
        """Know these days."""
        if days.version == self._version:
            return
        self._version = days.version
        self._times, highs, self._closes = days.columns()
        tops = list(accumulate(highs, max))
        self._drawdowns = [100 * (close / top - 1) for close, top in zip(self._closes, tops, strict=True)]
        self.highest = Highest(tops[-1], self._times[highs.index(tops[-1])])

    def drawdowns(self) -> Values:
        """Percent from the highest price until then to each close."""
        return self._times, self._drawdowns

    def returns(self, length: int) -> Values:
        """Percent from the close `length` days before to each close."""
        times, closes = self._times, self._closes
        pairs: Iterable[tuple[int, float, float]]
        if times[-1] - times[0] == (len(times) - 1) * DAY:  # no day is missing
            pairs = zip(times[length:], closes[length:], closes, strict=False)
        else:
            of = dict(zip(times, closes, strict=True))
            pairs = ((ts, close, before) for ts, close in of.items() if (before := of.get(ts - length * DAY)))
        found = [(ts, 100 * (close / before - 1)) for ts, close, before in pairs]
        return [ts for ts, _ in found], [percent for _, percent in found]

    def weeks(self) -> Values:
        """Percent from the close of one Sunday to that of the next, by the Monday (ms) between them."""
        sundays = {
            ts // DAY: close
            for ts, close in zip(self._times, self._closes, strict=True)
            if (ts // DAY - _MONDAY) % _DAYS == _DAYS - 1
        }
        found = [
            ((day - _DAYS + 1) * DAY, 100 * (close / before - 1))
            for day, close in sundays.items()
            if (before := sundays.get(day - _DAYS))
        ]
        return [monday for monday, _ in found], [percent for _, percent in found]

    def close_before(self, ts: int) -> float | None:
        """The close of the newest day that was over at `ts` (ms), where it ended within a day before."""
        index = bisect_right(self._times, ts - DAY) - 1
        return self._closes[index] if index >= 0 and ts - self._times[index] < 2 * DAY else None


class Returns:
    """Of each symbol by the daily candles of one venue."""

    def __init__(self, candles: Candles) -> None:
        self._candles = candles
        self.clear()

    def clear(self) -> None:
        """Forget what was put together."""
        self._days: dict[str, SymbolDays] = {}

    def figures(
        self, symbol: str, last: float, high: float, changes: dict[str, float | None], now: int
    ) -> tuple[dict[str, ReturnFigure], PeakFigure | None]:
        """Of a symbol's `last` price at desk time `now` (ms); `high`: the highest of today, `changes`: percent by
        return, where they are known more closely than by candles."""
        closed = self._candles.closed_days(symbol, now // DAY * DAY)
        if closed is None:
            names = (*LENGTHS, WEEK)
            return {name: ReturnFigure(change_pct=changes.get(name), since=None) for name in names}, None
        days = self._days.get(symbol)
        if days is None:
            days = self._days[symbol] = SymbolDays()
        days.take(closed)
        found = {}
        for name, length in LENGTHS.items():
            percent = changes.get(name)
            if name not in changes:
                before = closed.price_at(now - length * DAY) or days.close_before(now - length * DAY)
                percent = None if before is None else percent_change(last, before)
            found[name] = ReturnFigure(change_pct=percent, since=None if percent is None else days.past[name].since(
                closed.version, lambda length=length: days.returns(length), now, percent  # type: ignore[misc]
            ))  # fmt: skip
        found[WEEK] = _this_week(days, closed.version, last, now)
        highest = max(days.highest, Highest(high, now // DAY * DAY))
        drawdown = 100 * (last / highest.price - 1)
        since = days.past["peak"].since(closed.version, days.drawdowns, now, drawdown)
        return found, PeakFigure(price=highest.price, ts=highest.ts, drawdown_pct=drawdown, since=since)


def _this_week(days: SymbolDays, version: Hashable, last: float, now: int) -> ReturnFigure:
    """From the close of Sunday to a `last` price at desk time `now` (ms)."""
    monday = (now // DAY - (now // DAY - _MONDAY) % _DAYS) * DAY
    before = days.close_before(monday)
    percent = None if before is None else percent_change(last, before)
    if percent is None:
        return ReturnFigure(change_pct=None, since=None)
    return ReturnFigure(change_pct=percent, since=days.past[WEEK].since((version, monday), days.weeks, monday, percent))
