"""Metrics: the newest value of each named context series, such as the market's capitalisation, and how it went."""

from __future__ import annotations

from bisect import insort
from datetime import UTC, datetime
from itertools import pairwise
from statistics import median
from typing import Any

import msgspec
from msgspec.structs import replace

from deskmon.clock import DAY, HOUR
from deskmon.events import Metric
from deskmon.model.context_figures import MetricFigure, MetricPeak
from deskmon.model.part import Part, is_older, percent_change, stamp
from deskmon.model.series import Series
from deskmon.model.since import DailyValues, PastValues, Since, Values

HELD = 1_000
"""Names that are known at most; values of further ones are refused."""
RECENT = 32 * DAY
"""So far back values are held by the hour (ms); beyond, by the day."""
STAMPS = 9
"""Times of the newest values, which tell the cadence."""
PATIENCE = 4
"""A series is stale after so many times its cadence: markets that close for a weekend aren't."""
LEAST_PATIENCE = 2 * HOUR
UNKNOWN_PATIENCE = 4 * DAY
"""The same of a series with a single value (ms)."""
CHANGES = {"24h": DAY, "3d": 3 * DAY, "7d": 7 * DAY, "30d": 30 * DAY}
YEAR = "ytd"
"""The window that began with the year, beside those of `CHANGES`."""
MARKET = "total_market_cap"
"""The series that what is told in US dollars is a share of."""


class MetricSeries:
    """One series: its newest event, years by the day, the last month by the hour."""

    __slots__ = ("_days_changed", "daily", "hours", "newest", "stamps")

    def __init__(self, newest: Metric) -> None:
        self.newest = newest
        self.daily = DailyValues()
        self.hours = Series(HOUR, RECENT // HOUR, 1)
        self.stamps: list[int] = []
        self._days_changed = PastValues()

    def note(self, event: Metric) -> bool:
        """Take a value of any time: the newest of a slot stands for it. Whether a day began or one that is past
        changed."""
        ts, held = stamp(event), self.daily.days
        days = len(held)
        if not is_older(event, stamp(self.newest)):
            self.newest = event
        self.daily.note(ts, float(event.value))
        index, new = self.hours.place(ts)
        if index >= 0 and (new or ts >= self.hours.ts[index]):
            self.hours.ts[index], self.hours.columns[0][index] = ts, float(event.value)
        if ts not in self.stamps:
            insort(self.stamps, ts)
            del self.stamps[:-STAMPS]
        return len(held) != days or ts // DAY != held.ts[-1] // DAY

    def closes(self) -> list[tuple[int, float]]:
        """(time in ms, value) of the newest of each day, oldest first."""
        return self.daily.history()

    @property
    def cadence(self) -> int | None:
        """What usually lies between two values (ms)."""
        gaps = [later - earlier for earlier, later in zip(self.stamps, self.stamps[1:], strict=False)]
        return int(median(gaps)) if gaps else None

    @property
    def patience(self) -> int:
        """A value counts so long (ms)."""
        cadence = self.cadence
        return UNKNOWN_PATIENCE if cadence is None else max(LEAST_PATIENCE, PATIENCE * cadence)

    def at(self, ts: int) -> float | None:
        """The value that counted at `ts` (ms): a series that is told each minute by now may have been told once a day
        then."""
        held = self.hours if self.hours.ts and ts >= self.hours.ts[0] else self.daily.days
        index = held.before(ts)
        return held.columns[0][index] if index >= 0 and self._counts(held, index, ts) else None

    def _counts(self, held: Series, index: int, ts: int) -> bool:
        """Whether a value that is held counts still at `ts` (ms), by how often values came before it, and come now."""
        before = pairwise(held.ts[max(0, index - 2) : index + 1])
        cadence = min((later - earlier for earlier, later in before), default=0)
        return ts - held.ts[index] <= max(self.patience, PATIENCE * cadence)

    def history(self) -> list[tuple[int, float]]:
        """(time in ms, value), oldest first: years by the day, the last month by the hour."""
        first = self.hours.ts[0] if self.hours.ts else 0
        days = [(ts, value) for ts, value in self.daily.history() if ts < first]
        return [*days, *zip(self.hours.ts, self.hours.columns[0], strict=True)]

    def figure(self) -> MetricFigure:
        """Its figure; what depends on the desk's time is filled in later."""
        ts, value = stamp(self.newest), float(self.newest.value)
        starts = {window: ts - length for window, length in CHANGES.items()} | {YEAR: _new_year(ts) - 1}
        before = {window: self.at(start) for window, start in starts.items()}
        day_change, day_since = self._day(ts, value)
        return MetricFigure(
            value=value, unit=self.newest.unit, source=self.newest.source, ts=ts, age_ms=0, stale=False,
            cadence_ms=self.cadence,
            change={window: None if old is None else value - old for window, old in before.items()},
            change_pct={
                window: percent_change(value, old) if old is not None and old > 0 else None
                for window, old in before.items()
            },
            since=self.daily.since(ts, value), peak=self._peak(ts, value), day_change_pct=day_change,
            day_since=day_since, market_share=None,
        )  # fmt: skip

    def _peak(self, ts: int, value: float) -> MetricPeak | None:
        """The highest of the daily values; None where one is below 0, such as of a flow."""
        days = self.daily.days
        values = days.columns[0]
        if value < 0 or not values or min(values) < 0:
            return None
        highest = max(values)
        at = days.ts[values.index(highest)]
        if value >= highest:
            highest, at = value, ts
        return MetricPeak(value=highest, ts=at, drawdown_pct=percent_change(value, highest))

    def _day(self, ts: int, value: float) -> tuple[float | None, Since | None]:
        """Percent from the last value of the day before, where a session's is Friday's on a Monday, and how that stands
        among those of earlier days."""
        days = self.daily.days
        stop = days.before(ts // DAY * DAY - 1) + 1
        if not stop or not self._counts(days, stop - 1, ts) or days.columns[0][stop - 1] <= 0:
            return None, None
        change = percent_change(value, days.columns[0][stop - 1])
        if change is None:
            return None, None
        since = self._days_changed.since(self.daily.version(ts), lambda: self._day_changes(stop), ts, change)
        return change, since

    def _day_changes(self, stop: int) -> Values:
        known = list(zip(self.daily.days.ts[:stop], self.daily.days.columns[0][:stop], strict=True))
        changes = [(ts, percent_change(value, before)) for (_, before), (ts, value) in pairwise(known) if before > 0]
        found = [(ts, change) for ts, change in changes if change is not None]
        return [ts for ts, _ in found], [change for _, change in found]

    def checkpoint(self) -> Any:
        return [msgspec.to_builtins(self.newest), self.daily.checkpoint(), self.hours.checkpoint(), list(self.stamps)]

    @classmethod
    def restored(cls, data: Any) -> MetricSeries:
        """What `checkpoint` wrote. Raises ValueError, TypeError or LookupError for other data."""
        newest, days, hours, stamps = data
        found = cls(msgspec.convert(newest, Metric))
        found.daily.restore(days)
        found.hours.restore(hours)
        found.stamps = msgspec.convert(stamps, list[int])
        return found


class Metrics(Part[dict[str, MetricFigure]]):
    """Folds metrics; its figures are by name. `days_revision` moves whenever a day of a series began, or one that is
    past changed."""

    def __init__(self) -> None:
        self.days_revision = 0
        super().__init__()

    def clear(self) -> None:
        self.revision += 1
        self.days_revision += 1
        self._series: dict[str, MetricSeries] = {}
        self._made: dict[str, MetricFigure] = {}

    def fold(self, event: Metric) -> None:
        """Take a value of a series, of any time. Raises ValueError for a name too many."""
        series = self._series.get(event.name)
        if series is None:
            if len(self._series) >= HELD:
                raise ValueError(f"metric {event.name!r}: {HELD} names are known already")
            series = self._series[event.name] = MetricSeries(event)
        self.days_revision += series.note(event)
        self._made.pop(event.name, None)
        self.revision += 1

    def value(self, name: str) -> float | None:
        """The newest value of a series, None where there is none."""
        series = self._series.get(name)
        return None if series is None else float(series.newest.value)

    def history(self, name: str) -> list[tuple[int, float]]:
        """(time in ms, value) of a series, oldest first: years by the day, the last month by the hour."""
        series = self._series.get(name)
        return [] if series is None else series.history()

    def closes(self, name: str) -> list[tuple[int, float]]:
        """(time in ms, value) of the newest of each day of a year, oldest first."""
        series = self._series.get(name)
        return [] if series is None else series.closes()

    def patience(self, name: str) -> int:
        """How long a value of a series counts (ms)."""
        series = self._series.get(name)
        return UNKNOWN_PATIENCE if series is None else series.patience

    def checkpoint(self) -> Any:
        return {name: series.checkpoint() for name, series in self._series.items()}

    def restore(self, data: Any) -> None:
        self.clear()
        self._series = {name: MetricSeries.restored(each) for name, each in data.items()}

    def _compute(self, now: int) -> dict[str, MetricFigure]:
        for name in self._series.keys() - self._made.keys():
            self._made[name] = self._series[name].figure()
        found = {}
        for name in sorted(self._made):
            made = self._made[name]
            age = max(0, now - made.ts)
            share = self._market_share(name, made)
            found[name] = replace(made, age_ms=age, stale=age > self._series[name].patience, market_share=share)
        return found

    def _market_share(self, name: str, made: MetricFigure) -> float | None:
        """What part of the whole market's capitalisation of its own time a value in US dollars is."""
        market = self._series.get(MARKET)
        if market is None or made.unit != "USD" or name == MARKET:
            return None
        whole = market.at(made.ts)
        return made.value / whole if whole else None


def _new_year(ts: int) -> int:
    """The beginning (ms) of the year of a time (ms), UTC."""
    return round(datetime(datetime.fromtimestamp(ts / 1000, UTC).year, 1, 1, tzinfo=UTC).timestamp() * 1000)
