"""Liquidations by UTC day: years of them, of all assets together and of some, and how a sum stands among the days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

from deskmon.clock import DAY
from deskmon.events import Liquidation, LiquidationDay
from deskmon.format import base
from deskmon.model.liquidation_figures import DayFigure
from deskmon.model.series import Series
from deskmon.model.since import DAYS_HELD, PastValues, Since, Values

ASSETS = 30
"""Assets of which days are held, the first that are heard of; others count only among all together."""
WHOLE = 0.9
"""A day is whole that the desk listened to for such a share of it: only whole days are compared."""
ALL = ""
"""What all assets together are called here."""
EPOCH = date(1970, 1, 1).toordinal()

_LONG, _SHORT, _COUNT, _HEARD, _UNTIL = range(5)


class LiquidationDays:
    """Sums of the days in micro-dollars. What an earlier run of the desk counted of a day comes as one event; it is
    added to, and what that run had counted already isn't counted twice."""

    def __init__(self) -> None:
        self._days: dict[str, Series] = {}
        self._past: dict[int, PastValues] = {}
        self._changes = 0

    def fold(self, event: Liquidation) -> None:
        """Count a liquidation that is new."""
        amount = round(event.usd * 1e6)
        for asset in (ALL, base(event.symbol)):
            days = self._series(asset)
            if days is None:
                continue
            index, _ = days.place(event.ts // DAY * DAY)
            if index >= 0 and event.ts > days.columns[_UNTIL][index]:
                days.columns[_SHORT if event.side == "short" else _LONG][index] += amount
                days.columns[_COUNT][index] += 1
                self._changes += index < len(days) - 1

    def fold_day(self, event: LiquidationDay) -> None:
        """Take what an earlier run counted of a day, in place of what is held of it until then."""
        days = self._series(event.asset or ALL)
        index, _ = (-1, False) if days is None else days.place(_midnight(event.date))
        if days is None or index < 0 or event.ts < days.columns[_UNTIL][index]:
            return
        told = (event.long_usd * 1e6, event.short_usd * 1e6, event.count, event.heard_ms, event.ts)
        for column, value in zip(days.columns, told, strict=True):
            column[index] = value
        self._changes += 1

    def figures(self, asset: str, now: int, listening: int | None, count: int) -> list[DayFigure]:
        """The newest `count` days up to that of `now` (ms) on which something was counted, the oldest first."""
        days = self._days.get(asset)
        if days is None:
            return []
        stop = days.before(now) + 1
        return [self._figure(days, index, now, listening) for index in range(max(0, stop - count), stop)]

    def since(self, window: int, usd: float, now: int, listening: int | None) -> Since | None:
        """How a sum of all assets over a `window` of whole days (ms) stands among those that ended with each earlier
        whole day; None where none is held."""
        days = self._days.get(ALL)
        if days is None:
            return None
        day = now // DAY
        stop = days.before(day * DAY - 1) + 1
        newest = tuple(column[stop - 1] for column in days.columns) if stop else ()
        past = self._past.setdefault(window, PastValues())
        version = day, stop, newest, self._changes, listening
        found = past.since(version, lambda: self._sums(days, stop, window // DAY, now, listening), now, usd)
        return found if found.n > 1 else None

    def notes(self, since: int, now: int, listening: int | None) -> Iterator[LiquidationDay]:
        """What the next run is to know: the days up to `now` (ms) that ended at `since` (ms) or later."""
        for asset, days in sorted(self._days.items()):
            for index in range(days.before(since - DAY) + 1, days.before(now) + 1):
                figure, heard = self._figure(days, index, now, listening), self._heard(days, index, now, listening)
                yield LiquidationDay(
                    ts=now, date=figure.date, asset=asset or None, long_usd=figure.long_usd,
                    short_usd=figure.short_usd, count=figure.count, heard_ms=heard,
                )  # fmt: skip

    def checkpoint(self) -> Any:
        return {asset: days.checkpoint() for asset, days in self._days.items()}

    def restore(self, data: Any) -> None:
        """Know what `checkpoint` wrote. Raises ValueError for other data."""
        for asset, packed in data.items():
            days = self._days[asset] = Series(DAY, DAYS_HELD, 5)
            days.restore(packed)
            if len(days.columns) != 5:
                raise ValueError("columns of liquidations by day are missing")
        self._changes += 1

    def _series(self, asset: str) -> Series | None:
        days = self._days.get(asset)
        if days is None and len(self._days) <= ASSETS:
            days = self._days[asset] = Series(DAY, DAYS_HELD, 5)
        return days

    def _heard(self, days: Series, index: int, now: int, listening: int | None) -> int:
        """For how much of a day (ms) this run listened until `now`, and earlier ones."""
        midnight = days.ts[index]
        here = 0 if listening is None else max(0, min(now, midnight + DAY) - max(listening, midnight))
        return min(DAY, here + int(days.columns[_HEARD][index]))

    def _figure(self, days: Series, index: int, now: int, listening: int | None) -> DayFigure:
        long, short = (days.columns[column][index] / 1e6 for column in (_LONG, _SHORT))
        return DayFigure(
            date=datetime.fromtimestamp(days.ts[index] / 1000, UTC).date().isoformat(),
            usd=long + short, long_usd=long, short_usd=short, count=int(days.columns[_COUNT][index]),
            whole=self._heard(days, index, now, listening) >= WHOLE * DAY,
        )  # fmt: skip

    def _sums(self, days: Series, stop: int, length: int, now: int, listening: int | None) -> Values:
        """Of each whole day the sum of the `length` days that end with it, where all of these are whole."""
        times: list[int] = []
        sums: list[float] = []
        run: list[float] = []
        places = [index for index in range(stop) if self._heard(days, index, now, listening) >= WHOLE * DAY]
        for before, index in pairwise([-1, *places]):
            if before >= 0 and days.ts[index] - days.ts[before] != DAY:
                run.clear()
            run.append(days.columns[_LONG][index] + days.columns[_SHORT][index])
            if len(run) >= length:
                times.append(days.ts[index])
                sums.append(sum(run[-length:]) / 1e6)
        return times, sums


def _midnight(day: str) -> int:
    return (date.fromisoformat(day).toordinal() - EPOCH) * DAY
