"""Flows by day, week or month: sums, how many in a row have one sign, and the sum since any of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby
from math import fsum

from deskmon.components.columns import Cell, Column, Row
from deskmon.components.flows import signed_amount, streak_cell
from deskmon.model.figures import FlowDay

__all__ = ["PERIODS", "PERIOD_DEFINITIONS", "by_period", "cumulative", "period_columns", "period_rows"]

PERIODS = {"day": "day", "week": "week from", "month": "month"}
"""What a row sums up → the header of its dates."""

PERIOD_DEFINITIONS = (
    ("in a row", "days, weeks or months of one sign up to the row's, − outflows, and their sum"),
    ("sum since", "all flows from that day, week or month to the newest"),
    ("funds", "how many reported that day; of a week or month the most on one of its days"),
)
"""What tables of periods show, for the help page."""


def by_period(days: Sequence[FlowDay], period: str) -> list[FlowDay]:
    """Sums of days, oldest first, by a key of `PERIODS`: each with the date on which it begins, a Monday or a first."""
    return [_sum(first, list(held)) for first, held in groupby(days, lambda day: _first(day.date, period))]


def cumulative(days: Sequence[FlowDay], since: str) -> float | None:
    """Net flow from the day `since` (YYYY-MM-DD) on; None where no day from then on is known."""
    found = [day.usd for day in days if day.date >= since]
    return fsum(found) if found else None


def period_columns(period: str) -> tuple[Column, ...]:
    """Columns of `period_rows`."""
    return (
        Column("date", PERIODS[period], 10, order="down"),
        Column("usd", "net", 7, "right", 0, order="down"),
        Column("streak", "in a row", 8, "right", 1, order="down"),
        Column("streak usd", "their sum", 9, "right", 2, order="down"),
        Column("since", "sum since", 9, "right", 3, order="down"),
        Column("reported", "funds", 5, "right", 4),
        Column("status", "status", 11, priority=5, least=6),
    )


def period_rows(days: Sequence[FlowDay], period: str, first: str = "") -> Iterator[Row]:
    """A row for each period that begins on `first` (YYYY-MM-DD) or later, the newest first; streaks count all `days`,
    oldest first."""
    periods = by_period(days, period)
    total = 0.0
    for each, (count, usd) in reversed(list(zip(periods, _streaks(periods), strict=True))):
        if each.date < first:
            return
        total += each.usd
        name = each.date[:7] if period == "month" else each.date
        cells: dict[str, Cell] = {
            "date": (name, "muted"), "usd": signed_amount(each.usd), "streak": streak_cell(count, period[0]),
            "streak usd": signed_amount(usd), "since": signed_amount(total), "reported": (str(each.reported), "muted"),
            "status": ("preliminary", "warn") if each.preliminary else ("", ""),
        }  # fmt: skip
        sort = {"date": each.date, "usd": each.usd, "streak": count, "streak usd": usd, "since": total}
        yield Row(f"{period} {each.date}", cells, sort, text=name)


def _streaks(periods: Iterable[FlowDay]) -> Iterator[tuple[int, float]]:
    """How many up to each have its sign, with that sign, and their sum."""
    count, usd = 0, 0.0
    for each in periods:
        sign = (each.usd > 0) - (each.usd < 0)
        count, usd = (count + sign, usd + each.usd) if sign * count > 0 else (sign, each.usd)
        yield count, usd


def _sum(first: str, days: Sequence[FlowDay]) -> FlowDay:
    return FlowDay(
        date=first, usd=fsum(day.usd for day in days), reported=max(day.reported for day in days),
        preliminary=any(day.preliminary for day in days),
    )  # fmt: skip


def _first(day: str, period: str) -> str:
    """The day itself, the Monday of its week, or the first of its month."""
    if period == "month":
        return f"{day[:7]}-01"
    if period == "day":
        return day
    found = date.fromisoformat(day)
    return (found - timedelta(days=found.weekday())).isoformat()
