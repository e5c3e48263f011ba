"""Flows: what investors put into funds and took out, by asset, fund and day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import takewhile
from math import fsum
from typing import Any, Literal

import msgspec

from deskmon.analytics.expected_funds import Reporters, business_days, expected, newest_whole
from deskmon.clock import DAY
from deskmon.events import EtfFlow
from deskmon.model.context_figures import FlowDay, FlowFigure, FundFlow
from deskmon.model.fund_assets import with_assets
from deskmon.model.holders import Holders
from deskmon.model.metrics import Metrics
from deskmon.model.part import Part, real, stamp
from deskmon.model.prices import Prices
from deskmon.model.since import Values, since_of

HELD = 30_000
"""Reports, each of one fund and day, that are held; beyond them the oldest days leave."""
RECENT = 31
"""Days that stand in a figure one by one."""
CURRENT = 10
"""A fund that reported one of so many newest dates has assets under management that count."""

EPOCH = date(1970, 1, 1).toordinal()


class FundReport(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What one fund said of one day, at `ts` (ms)."""

    usd: float
    aum_usd: float | None
    status: Literal["preliminary", "final"] | None
    source: str | None
    ts: int

    @property
    def weight(self) -> tuple[bool, int]:
        """Of two reports of the same day the heavier counts: one that isn't preliminary, then the newer."""
        return self.status != "preliminary", self.ts


Days = dict[str, dict[str, FundReport]]
"""Reports by date and fund."""


class Flows(Part[dict[str, FlowFigure]]):
    """Folds flows; its figures are by asset. A later report of the same fund and day takes the earlier one's place."""

    def __init__(self, holders: Holders, prices: Prices, metrics: Metrics) -> None:
        self._holders, self._prices, self._metrics = holders, prices, metrics
        super().__init__()

    def clear(self) -> None:
        self.revision += 1
        self._assets: dict[str, Days] = {}
        self._count = 0
        self._made: dict[str, FlowFigure] = {}

    def fold(self, event: EtfFlow) -> None:
        """Take what a fund said of a day. Raises ValueError for a day that hasn't begun anywhere on Earth."""
        if _number(event.date) > event.arrival // DAY + 1:
            raise ValueError(f"date: {event.date} lies in the future")
        report = FundReport(float(event.usd), real(event.aum_usd), event.status, event.source, stamp(event))
        reports = self._assets.setdefault(event.asset, {}).setdefault(event.date, {})
        held = reports.get(event.fund)
        if held is not None and report.weight < held.weight:
            return
        reports[event.fund] = report
        self._made.pop(event.asset, None)
        self.revision += 1
        if held is None:
            self._count += 1
            if self._count > HELD + HELD // 16:
                self._drop()

    def history(self, asset: str, fund: str = "") -> list[FlowDay]:
        """The days of an asset's funds, or of one of them, oldest first."""
        days = self._assets.get(asset, {})
        return [_day(day, days[day].values()) for day in sorted(days)] if not fund else [
            _day(day, [days[day][fund]]) for day in sorted(days) if fund in days[day]
        ]  # fmt: skip

    def checkpoint(self) -> Any:
        return msgspec.to_builtins(self._assets)

    def restore(self, data: Any) -> None:
        self.clear()
        self._assets = msgspec.convert(data, dict[str, Days])
        self._count = sum(len(reports) for days in self._assets.values() for reports in days.values())

    def _version(self) -> int:
        return self.revision + self._holders.revision + self._prices.revision + self._metrics.revision

    def _drop(self) -> None:
        """Forget the oldest days of all assets until no more than `HELD` reports are left."""
        for day in sorted({day for days in self._assets.values() for day in days}):
            if self._count <= HELD:
                break
            for days in self._assets.values():
                self._count -= len(days.pop(day, ()))
        self._assets = {asset: days for asset, days in self._assets.items() if days}
        self._made.clear()

    def _compute(self, now: int) -> dict[str, FlowFigure]:
        for asset in self._assets.keys() - self._made.keys():
            self._made[asset] = _figure(self._assets[asset])
        held, series = self._holders.figures(now), self._metrics.figures(now)
        return {
            asset: with_assets(self._made[asset], asset, held.get(asset, {}), series, now)
            for asset in sorted(self._made)
        }


def _day(day: str, reports: Iterable[FundReport]) -> FlowDay:
    held = list(reports)
    return FlowDay(
        date=day, usd=fsum(each.usd for each in held), reported=len(held),
        preliminary=any(each.status == "preliminary" for each in held),
    )  # fmt: skip


def _figure(days: Days) -> FlowFigure:
    """All funds of one asset; ages are filled in later."""
    dates = sorted(days)
    nets = [fsum(each.usd for each in days[day].values()) for day in dates]
    reporters = [days[day].keys() for day in dates]
    business, newest = business_days(reporters), dates[-1]
    by_fund: dict[str, dict[str, FundReport]] = {}
    for day in dates:
        for name, report in days[day].items():
            by_fund.setdefault(name, {})[day] = report
    shown = len(dates) - 1
    due = expected(reporters, business, shown)
    funds = {name: _fund(by_fund[name], newest, name in due) for name in sorted(by_fund)}
    managed = [funds[name].aum_usd for name in {name for names in reporters[-CURRENT:] for name in names}]
    sums = _sums(dates, nets, dates[[*(place for place in business if place < shown), shown][-5:][0]])
    return FlowFigure(
        **(sums | _standing(dates, nets, _whole_days(reporters, business))),
        aum_usd=None if None in managed else fsum(usd for usd in managed if usd is not None),
        ts=max(report.ts for report in days[newest].values()), age_ms=0,
        reported=len(days[newest]), expected=len(due),
        preliminary=any(report.status == "preliminary" for report in days[newest].values()),
        recent=[_day(day, days[day].values()) for day in dates[-RECENT:]],
        first=dates[0], days=len(dates), funds=funds, total_usd=fsum(nets), aum_share=None, coins=None,
        average_cost=None, unrealised_usd=None, unrealised_pct=None,
    )  # fmt: skip


def _fund(reports: dict[str, FundReport], newest: str, due: bool) -> FundFlow:
    """One fund, of which every day held is in `reports`, oldest first; `due`: it is expected to report the newest."""
    dates = list(reports)
    report = reports[dates[-1]]
    return FundFlow(
        **_sums(dates, [each.usd for each in reports.values()], dates[-5:][0]),
        aum_usd=next((each.aum_usd for each in reversed(reports.values()) if each.aum_usd is not None), None),
        ts=report.ts, age_ms=0, status=report.status, source=report.source, reported=dates[-1] == newest,
        expected=due, share=None,
    )  # fmt: skip


def _sums(dates: Sequence[str], values: Sequence[float], fifth: str) -> dict[str, Any]:
    """The sums up to the last of `dates`, each with its value; `fifth` is the first of the five days of one sum."""
    newest = date.fromisoformat(dates[-1])
    monday = (newest - timedelta(days=newest.weekday())).isoformat()
    streak, streak_usd = _streak(values)
    return {
        "date": dates[-1],
        "day_usd": values[-1],
        "five_days_usd": _since(dates, values, fifth),
        "week_usd": _since(dates, values, monday),
        "month_usd": _since(dates, values, dates[-1][:8] + "01"),
        "streak": streak,
        "streak_usd": streak_usd,
    }


def _since(dates: Sequence[str], values: Sequence[float], first: str) -> float:
    pairs = zip(reversed(dates), reversed(values), strict=True)
    return fsum(value for _, value in takewhile(lambda pair: pair[0] >= first, pairs))


def _streak(values: Sequence[float]) -> tuple[int, float]:
    """How many of the newest values have the same sign, with that sign, and their sum."""
    sign = (values[-1] > 0) - (values[-1] < 0)
    run = list(takewhile(lambda value: value * sign > 0, reversed(values)))
    return sign * len(run), fsum(run)


def _whole_days(reporters: Reporters, business: Sequence[int]) -> list[int]:
    """Places of the business days up to the newest whole one; empty where none is."""
    whole = newest_whole(reporters, business)
    return [] if whole is None else [place for place in business if place <= whole]


def _standing(dates: Sequence[str], nets: Sequence[float], places: Sequence[int]) -> dict[str, Any]:
    """Streak and rank of the last of `places` among them; all unknown where there is none."""
    if not places:
        unknown = (
            "streak streak_usd whole_date whole_usd since week_since week_streak week_streak_usd week_streak_since "
            "month_since"
        )
        return dict.fromkeys(unknown.split())
    values, days = [nets[place] for place in places], [dates[place] for place in places]
    streak, streak_usd = _streak(values)
    mondays, sums = _by_week(days, values)
    weeks, weeks_usd = _streak(sums)
    return {
        "streak": streak,
        "streak_usd": streak_usd,
        "whole_date": dates[places[-1]],
        "whole_usd": values[-1],
        "since": since_of([_number(day) * DAY for day in days], values),
        "week_since": since_of(mondays, sums),
        "week_streak": weeks,
        "week_streak_usd": weeks_usd,
        "week_streak_since": since_of(*_runs(mondays, sums)),
        "month_since": since_of(*_by_month(days, values)),
    }


def _runs(times: Sequence[int], values: Sequence[float]) -> Values:
    """Runs of values of one sign: the time (ms) of the last of each, and their sum."""
    ends: list[int] = []
    sums: list[float] = []
    sign = None
    for ts, value in zip(times, values, strict=True):
        if (value > 0) - (value < 0) != sign:
            sign = (value > 0) - (value < 0)
            ends.append(ts)
            sums.append(0.0)
        ends[-1] = ts
        sums[-1] += value
    return ends, sums


def _by_month(dates: Sequence[str], values: Sequence[float]) -> Values:
    """The first days (ms) of the months, and their sums, the oldest first."""
    months: dict[int, list[float]] = {}
    for day, value in zip(dates, values, strict=True):
        months.setdefault(_number(day[:8] + "01") * DAY, []).append(value)
    return [*months], [fsum(month) for month in months.values()]


def _by_week(dates: Sequence[str], values: Sequence[float]) -> Values:
    """Mondays (ms), and the sums of the weeks that begin with them, the oldest first."""
    weeks: dict[int, list[float]] = {}
    for day, value in zip(dates, values, strict=True):
        weeks.setdefault(_number(day) - date.fromisoformat(day).weekday(), []).append(value)
    return [monday * DAY for monday in weeks], [fsum(week) for week in weeks.values()]


def _number(day: str) -> int:
    """Days from 1970 to `day`."""
    return date.fromisoformat(day).toordinal() - EPOCH
