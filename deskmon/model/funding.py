"""Funding: the predicted rate by symbol and venue, what was settled, the mean weighted by open interest."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from math import fsum, inf
from typing import Any, NamedTuple

import msgspec

from deskmon.analytics.carry import apr, rate_8h, realised, streak, weighted_mean
from deskmon.clock import DAY, HOUR, MINUTE
from deskmon.events import Funding
from deskmon.events.columns import unpack
from deskmon.model.figures import FundingFigure, VenueFunding
from deskmon.model.open_interest import OpenInterests
from deskmon.model.part import Part, is_late, stamp
from deskmon.model.series import Series
from deskmon.model.since import DailyValues, PastValues, Since, Values

HELD = 512
"""Settled rates held per venue and symbol."""

REALISED = 7 * DAY
"""Over which settled rates are summed (ms)."""

STALE = 10 * MINUTE
"""A prediction older than this (ms) is no longer the venue's word: it is shown with its age, and weighs nothing."""

PREDICTED_STEPS = ((HOUR, REALISED), (10 * MINUTE, DAY))
"""What was predicted is kept for the charts: of each step the last, over a time, both ms; the coarser first."""

SAME = MINUTE
"""Settled rates less than this apart (ms) are of one interval: venues don't keep their own times to the second."""

STEPS = 20
"""Into so many parts weights of venues are rounded when days are averaged: the past isn't made anew with each tick."""

SHORTEST_HOURS = 1 / 60
"""No venue settles more often than each minute: a shorter interval is in another unit."""


class PastRates(NamedTuple):
    """The newest settled rate, hours of its interval, its time (ms), the sum of a week, the streak: as in figures."""

    settled: float | None = None
    settled_hours: float | None = None
    settled_ts: int | None = None
    realised_7d: float | None = None
    streak: int | None = None


class Rates:
    """One venue's newest prediction of a symbol's rate; what it predicted, as 8-hour rates; what it settled: times
    (ms), ascending, rates, and hours of their intervals; `daily` the mean of each day's, as an 8-hour rate."""

    __slots__ = ("_past", "daily", "predicted", "predictions", "settled", "settled_hours", "settled_ts")

    def __init__(self) -> None:
        self._past: tuple[int, float, PastRates] = (0, 0.0, PastRates())
        self.predicted: Funding | None = None
        self.predictions = [Series(step, span // step, 1) for step, span in PREDICTED_STEPS]
        self.settled_ts: array[int] = array("q")
        self.settled: array[float] = array("d")
        self.settled_hours: array[float] = array("d")
        self.daily = DailyValues()

    def checkpoint(self) -> Any:
        settled = (self.settled_ts, self.settled, self.settled_hours)
        predictions = [series.checkpoint() for series in self.predictions]
        columns = [column[:] for column in settled]
        return [msgspec.to_builtins(self.predicted), predictions, columns, self.daily.checkpoint()]

    def restore(self, data: Any) -> None:
        """Take what `checkpoint` wrote. Raises ValueError where columns differ in length."""
        predicted, predictions, settled, daily = data
        self.predicted = msgspec.convert(predicted, Funding | None)
        for series, packed in zip(self.predictions, predictions, strict=True):
            series.restore(packed)
        columns = [unpack(code, packed) for code, packed in zip("qdd", settled, strict=True)]
        if len({len(column) for column in columns}) != 1:
            raise ValueError("columns of settled rates differ in length")
        self.settled_ts, self.settled, self.settled_hours = columns
        self.daily.restore(daily)
        self._past = (0, 0.0, PastRates())

    def settle(self, ts: int, rate: float, hours: float) -> None:
        """Put a settled rate into its place; one already held of that interval is replaced."""
        self._past = (0, 0.0, PastRates())
        index = bisect_right(self.settled_ts, ts - SAME)
        if index < len(self.settled_ts) and self.settled_ts[index] < ts + SAME:
            self.settled[index], self.settled_hours[index] = rate, hours
        else:
            self.settled_ts.insert(index, ts)
            self.settled.insert(index, rate)
            self.settled_hours.insert(index, hours)
        self._average(self.settled_ts[index] // DAY * DAY)
        if len(self.settled) > HELD:
            del self.settled_ts[0], self.settled[0], self.settled_hours[0]

    def _average(self, midnight: int) -> None:
        """Note the mean of what was settled on the day that begins at `midnight` (ms)."""
        first, stop = bisect_right(self.settled_ts, midnight - 1), bisect_right(self.settled_ts, midnight + DAY - 1)
        rates = [rate_8h(self.settled[index], self.settled_hours[index]) for index in range(first, stop)]
        self.daily.note(midnight + DAY - 1, fsum(rates) / len(rates))

    def past(self, now: int) -> PastRates:
        """What was settled, seen at desk time `now` (ms); kept for as long as it looks the same."""
        if not self._past[0] <= now < self._past[1]:
            self._past = now, *self._look_back(now)
        return self._past[2]

    def _look_back(self, now: int) -> tuple[float, PastRates]:
        """The past at `now`, and when (ms) it will look otherwise: a rate comes into sight, leaves the week, or its
        interval begins or ceases to reach to the edge."""
        last, first = bisect_right(self.settled_ts, now) - 1, bisect_right(self.settled_ts, now - REALISED)
        turns: list[float] = list(self.settled_ts[last + 1 : last + 2])
        if first <= last:
            reach_first, reach_last = (1.5 * HOUR * self.settled_hours[index] for index in (first, last))
            oldest, newest = self.settled_ts[first] + REALISED, self.settled_ts[last]
            turns += (oldest - reach_first, oldest, newest + reach_last + 1)
        until = min((turn for turn in turns if turn > now), default=inf)
        if last < 0:
            return until, PastRates(streak=streak(self.settled))
        columns = (self.settled_ts, self.settled, self.settled_hours)
        week = list(zip(*(column[first : last + 1] for column in columns), strict=True))
        return until, PastRates(
            self.settled[last], self.settled_hours[last], self.settled_ts[last], realised(week, now - REALISED, now),
            streak(self.settled),
        )  # fmt: skip


class FundingRates(Part[dict[str, FundingFigure]]):
    """Folds funding; weighs venues by the open interest part."""

    def __init__(self, interests: OpenInterests) -> None:
        self._interests = interests
        super().__init__()

    def clear(self) -> None:
        self.revision += 1
        self._rates: dict[str, dict[str, Rates]] = {}
        self._days: dict[str, PastValues] = {}

    def fold(self, event: Funding) -> None:
        """Take a prediction, where it isn't older than the one held, or a settled rate.

        Raises ValueError where the interval can't be in hours.
        """
        if event.interval_hours < SHORTEST_HOURS:
            raise ValueError(f"interval_hours: {event.interval_hours!r} is no interval of funding in hours")
        venues = self._rates.setdefault(event.symbol, {})
        rates = venues.get(event.venue)
        if rates is None:
            rates = venues[event.venue] = Rates()
        self.revision += 1
        if event.kind == "settled":
            rates.settle(event.ts, event.rate, event.interval_hours)
        elif rates.predicted is None or not is_late(event, rates.predicted):
            rates.predicted = event
            _note(rates, event)

    def settled(self, symbol: str, venue: str) -> list[tuple[int, float]]:
        """(time in ms, 8-hour equivalent) of the settled rates that are held, oldest first."""
        rates = self._rates.get(symbol, {}).get(venue, Rates())
        pairs = zip(rates.settled, rates.settled_hours, strict=True)
        return list(zip(rates.settled_ts, (rate_8h(*pair) for pair in pairs), strict=True))

    def predicted(self, symbol: str, venue: str) -> list[tuple[int, float]]:
        """The same of the predictions: the last of each hour of a week, of the last day of each ten minutes."""
        hours, recent = self._rates.get(symbol, {}).get(venue, Rates()).predictions
        first = recent.ts[0] if recent.ts else inf
        past = [(ts, value) for ts, value in zip(hours.ts, hours.columns[0], strict=True) if ts < first]
        return past + list(zip(recent.ts, recent.columns[0], strict=True))

    def mean_8h(self, symbol: str, now: int) -> float | None:
        """The mean of the predicted rates of a symbol at desk time `now` (ms) per 8 hours, weighted by open interest;
        None where it is unknown."""
        fresh = {
            venue: rate_8h(rates.predicted.rate, rates.predicted.interval_hours)
            for venue, rates in sorted(self._rates.get(symbol, {}).items())
            if rates.predicted is not None and self.age(now, stamp(rates.predicted)) <= STALE
        }
        return weighted_mean(fresh, self._interests.weights(symbol))

    def checkpoint(self) -> Any:
        return [
            [symbol, venue, rates.checkpoint()]
            for symbol, venues in self._rates.items()
            for venue, rates in venues.items()
        ]

    def restore(self, data: Any) -> None:
        self.clear()
        for symbol, venue, packed in data:
            rates = self._rates.setdefault(symbol, {})[venue] = Rates()
            rates.restore(packed)

    def _version(self) -> int:
        return self.revision + self._interests.revision

    @property
    def symbols(self) -> list[str]:
        """Unified symbols with a rate, by name."""
        return sorted(self._rates)

    def figure(self, symbol: str, now: int) -> FundingFigure | None:
        """One symbol's figure at desk time `now` (ms); None where nothing was predicted, nor settled by then."""
        return self.kept(symbol, now, lambda: self._figure(symbol, now))

    def _compute(self, now: int) -> dict[str, FundingFigure]:
        figures = {symbol: self.figure(symbol, now) for symbol in self.symbols}
        return {symbol: figure for symbol, figure in figures.items() if figure is not None}

    def _figure(self, symbol: str, now: int) -> FundingFigure | None:
        venues = {
            venue: figure
            for venue, rates in sorted(self._rates.get(symbol, {}).items())
            if (figure := self._venue(rates, now)) is not None
        }
        if not venues:
            return None
        mean = self.mean_8h(symbol, now)
        mean_apr = None if mean is None else apr(mean, 8)
        since = None if mean is None else self._since(symbol, mean, self._interests.weights(symbol), now)
        return FundingFigure(venues=venues, mean_8h=mean, mean_apr=mean_apr, since=since)

    def _since(self, symbol: str, mean: float, weights: Mapping[str, float], now: int) -> Since:
        """How the mean stands among the days' means of what was settled, weighted by the open interest of now."""
        venues = {venue: rates.daily for venue, rates in sorted(self._rates[symbol].items())}
        whole = fsum(weights.get(venue, 0.0) for venue in venues)
        shares = {venue: round(STEPS * weights.get(venue, 0.0) / whole) if whole else 0 for venue in venues}
        known = [(daily, shares[venue]) for venue, daily in venues.items() if shares[venue]]
        version = tuple((share, daily.version(now)) for daily, share in known)
        past = self._days.setdefault(symbol, PastValues())
        return past.since(version, lambda: _daily_means(known, now // DAY * DAY), now, mean)

    def _venue(self, rates: Rates, now: int) -> VenueFunding | None:
        """One venue's; None where nothing was predicted, nor settled by now."""
        settled, settled_hours, settled_ts, realised_7d, signs = rates.past(now)
        past = VenueFunding(
            rate=None, interval_hours=settled_hours, rate_8h=None, apr=None, next_ts=None, settled=settled,
            settled_hours=settled_hours, settled_ts=settled_ts, realised_7d=realised_7d, streak=signs,
            age_ms=0 if settled_ts is None else self.age(now, settled_ts),
        )  # fmt: skip
        if rates.predicted is None:
            return None if settled_ts is None else past
        rate, hours = rates.predicted.rate, rates.predicted.interval_hours
        return msgspec.structs.replace(
            past, rate=float(rate), interval_hours=float(hours), rate_8h=rate_8h(rate, hours), apr=apr(rate, hours),
            next_ts=rates.predicted.next_ts, age_ms=self.age(now, stamp(rates.predicted)),
        )  # fmt: skip


def _daily_means(venues: Sequence[tuple[DailyValues, int]], until: int) -> Values:
    """Of each day before `until` (ms) the mean of the venues' by their shares."""
    sums: dict[int, list[float]] = {}
    for daily, share in venues:
        for ts, value in daily.history():
            if ts < until:
                total = sums.setdefault(ts // DAY * DAY, [0.0, 0.0])
                total[0] += share * value
                total[1] += share
    days = sorted(sums)
    return days, [sums[day][0] / sums[day][1] for day in days]


def _note(rates: Rates, event: Funding) -> None:
    """Keep a prediction for the charts."""
    ts, value = stamp(event), rate_8h(event.rate, event.interval_hours)
    for held in rates.predictions:
        index, new = held.place(ts)
        if index >= 0 and (new or ts >= held.ts[index]):
            held.ts[index], held.columns[0][index] = ts, value
