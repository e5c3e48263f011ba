"""Liquidations by UTC day: years of them, of all assets together and of some, and how a sum stands among the days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import pairwise
from math import inf
from typing import Any

from deskmon.clock import DAY
from deskmon.events import LiquidationDay
from deskmon.model.liquidation_figures import DayFigure
from deskmon.model.series import Series
from deskmon.model.since import DAYS_HELD, PastValues, Since, Values

ASSETS = 30
"""Assets of which days are held, the first that are heard of; others count only among all together."""
WHOLE = 0.9
"""A day is whole that the desk listened to for such a share of it: only whole days are compared."""
WAITING = 256
"""Liquidations that may wait until they are counted: one after another they take half the time."""
ALL = ""
"""What all assets together are called here."""
EPOCH = date(1970, 1, 1).toordinal()

_LONG, _SHORT, _COUNT, _HEARD, _UNTIL = range(5)


class OpenDay:
    """The day of a series that begins at `midnight` (ms), while liquidations are counted on it: sums of longs and of
    shorts, how many came, and after when (ms) one counts, never where the day has no place."""

    __slots__ = ("count", "days", "index", "sums", "until")

    def __init__(self, days: Series | None, midnight: int) -> None:
        self.days = days
        self.index, self.count = -1, 0
        self.sums = [0.0, 0.0]
        self.until = inf
        if days is not None:
            self.index, _ = days.place(midnight)
        if days is not None and self.index >= 0:
            self.sums = [days.columns[_LONG][self.index], days.columns[_SHORT][self.index]]
            self.until = days.columns[_UNTIL][self.index]


class LiquidationDays:
    """Sums of the days in micro-dollars. What an earlier run of the desk counted of a day comes as one event; it is
    added to, and what that run had counted already isn't counted twice."""

    def __init__(self) -> None:
        self._waiting: list[tuple[int, str, bool, int]] = []
        self._days: dict[str, Series] = {}
        self._past: dict[int, PastValues] = {}
        self._changes = 0

    def fold(self, ts: int, asset: str, short: bool, amount: int) -> None:
        """Count a liquidation that is new: its time (ms), whether of a short, and its micro-dollars."""
        self._waiting.append((ts, asset, short, amount))
        if len(self._waiting) >= WAITING:
            self._settle()

    def _settle(self) -> None:
        """Count what waits: the sums of a day are read and written once for all that fall on it in a row."""
        waiting, self._waiting = self._waiting, []
        begins, open_days = 0, dict[str, OpenDay]()
        for ts, asset, short, amount in waiting:
            if not 0 <= ts - begins < DAY:
                self._close(open_days)
                begins, open_days = ts // DAY * DAY, {}
            for name in (ALL, asset):
                day = open_days.get(name)
                if day is None:
                    day = open_days[name] = OpenDay(self._series(name), begins)
                if ts > day.until:
                    day.sums[short] += amount
                    day.count += 1
        self._close(open_days)

    def _close(self, open_days: dict[str, OpenDay]) -> None:
        for day in open_days.values():
            if day.days is not None and day.count:
                columns = day.days.columns
                columns[_LONG][day.index], columns[_SHORT][day.index] = day.sums
                columns[_COUNT][day.index] += day.count
                self._changes += day.count if day.index < len(day.days) - 1 else 0

    def fold_day(self, event: LiquidationDay) -> None:
        """Take what an earlier run counted of a day, in place of what is held of it until then."""
        self._settle()
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
        self._settle()
        days = self._days.get(asset)
        if days is None:
            return []
        stop = days.before(now) + 1
        return [self._figure(days, index, now, listening) for index in range(max(0, stop - count), stop)]

    def since(self, window: int, usd: float, now: int, listening: int | None) -> Since | None:
        """How a sum of all assets over a `window` of whole days (ms) stands among those that ended with each earlier
        whole day; None where none is held."""
        self._settle()
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
        self._settle()
        for asset, days in sorted(self._days.items()):
            for index in range(days.before(since - DAY) + 1, days.before(now) + 1):
                figure, heard = self._figure(days, index, now, listening), self._heard(days, index, now, listening)
                yield LiquidationDay(
                    ts=now, date=figure.date, asset=asset or None, long_usd=figure.long_usd,
                    short_usd=figure.short_usd, count=figure.count, heard_ms=heard,
                )  # fmt: skip

    def checkpoint(self) -> Any:
        self._settle()
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
