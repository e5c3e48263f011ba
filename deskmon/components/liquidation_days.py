"""Liquidations by UTC day or week: sums, and two of them side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby

from deskmon import format as fmt
from deskmon.components.columns import Cell, Column, Row
from deskmon.components.liquidations import long_share
from deskmon.components.sections import Section
from deskmon.model.figures import DayFigure

__all__ = ["DAY_COLUMNS", "DAY_DEFINITIONS", "by_week", "compared_section", "day_label", "day_row", "largest_beside"]

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WEEK = 7
"""Days among which the other of two days is sought."""

DAY_COLUMNS = (
    Column("date", "day", 14, least=10, order="down"),
    Column("usd", "total", 8, "right", 0, order="down"),
    Column("long", "long", 7, "right", 1, order="down"),
    Column("short", "short", 7, "right", 2, order="down"),
    Column("long %", "long %", 6, "right", 3, order="down"),
    Column("count", "orders", 6, "right", 5, order="down"),
    Column("bar", "", 8, priority=7, least=5, most=40),
    Column("heard", "heard", 8, priority=4),
)
"""Columns of a table of days or weeks; `day_row` gives its rows."""
DAY_DEFINITIONS = (
    ("day, week", "UTC days; weeks from Monday; sums of what was closed by force, in USD"),
    ("heard", "whole: the desk listened to nine tenths of it; part: to less; so far: it isn't over"),
    (
        "side by side",
        "the day that Enter chose beside the marked one (◆), by asset; at first a week's two largest",
    ),
)
"""What these tables show, for the help page."""


def by_week(days: Sequence[DayFigure]) -> list[DayFigure]:
    """Sums of days, oldest first, by the Monday of their week; whole where seven whole days are in it."""
    weeks = []
    for monday, held in groupby(days, lambda day: _monday(day.date)):
        found = list(held)
        weeks.append(
            DayFigure(
                date=monday, usd=sum(day.usd for day in found), long_usd=sum(day.long_usd for day in found),
                short_usd=sum(day.short_usd for day in found), count=sum(day.count for day in found),
                whole=len(found) == WEEK and all(day.whole for day in found),
            )
        )  # fmt: skip
    return weeks


def day_label(day: str) -> str:
    """A day (YYYY-MM-DD) by its weekday: Fri 6 Feb."""
    at = date.fromisoformat(day)
    return f"{WEEKDAYS[at.weekday()]} {at.day} {at:%b}"


def day_row(day: DayFigure, most: float, today: str, marked: bool, lower_bound: bool) -> Row:
    """One day or week. most: the largest sum of those shown. today: the day that runs, or its week. marked: whether it
    is the one that others stand beside."""

    def usd(value: float) -> str:
        return fmt.amount(value, lower_bound=lower_bound)

    heard: Cell = ("so far", "muted") if day.date == today else ("whole", "faint") if day.whole else ("part", "warn")
    share = long_share(day)
    cells: dict[str, Cell] = {
        "date": (f"{'◆ ' if marked else ''}{day_label(day.date)}", "accent" if marked else "text"),
        "usd": (usd(day.usd), "sum flash"), "long": (usd(day.long_usd), "long flash"),
        "short": (usd(day.short_usd), "short flash"), "long %": (fmt.fraction(share, 1), "text flash"),
        "count": (fmt.amount(day.count), "muted flash"), "heard": heard,
        "bar": (lambda width: fmt.bar(day.usd / most if most else None, width), "heat2"),
    }  # fmt: skip
    sort = {
        "date": day.date, "usd": day.usd, "long": day.long_usd, "short": day.short_usd, "long %": share,
        "count": day.count,
    }  # fmt: skip
    return Row(day.date, cells, sort, text=f"{day.date} {day_label(day.date)}")


def largest_beside(days: Sequence[DayFigure], day: str) -> str:
    """The largest of the days near `day` but for itself, all by date; "" where there is no other."""
    place = next((n for n, each in enumerate(days) if each.date == day), len(days) - 1)
    near = [each for each in days[max(0, place - WEEK + 1) : place + WEEK] if each.date != day]
    return max(near, key=lambda each: each.usd).date if near else ""


def compared_section(
    by_asset: Mapping[str, Mapping[str, DayFigure]], one: str, other: str, lower_bound: bool
) -> Section:
    """Two days side by side, by asset, that of all first. by_asset: by asset the days by date. lower_bound: print ≥."""
    columns = (
        Column("asset", "side by side", 13, least=9),
        Column("one", day_label(one), 10, "right", 0), Column("one %", "long %", 6, "right", 2),
        Column("other", day_label(other), 10, "right", 0), Column("other %", "long %", 6, "right", 2),
        Column("times", "ratio", 6, "right", 1),
    )  # fmt: skip
    rows = [_compared(asset, days, one, other, lower_bound) for asset, days in by_asset.items()]
    return Section("compared", columns, rows, selectable=False)


def _compared(asset: str, days: Mapping[str, DayFigure], one: str, other: str, lower_bound: bool) -> Row:
    first, second = days.get(one), days.get(other)
    times = first.usd / second.usd if first and second and second.usd else None
    cells: dict[str, Cell] = {
        "asset": (asset, "text"), "times": (fmt.UNKNOWN if times is None else f"{times:.2f}×", "text")
    }  # fmt: skip
    for name, day in (("one", first), ("other", second)):
        cells[name] = (fmt.amount(day.usd if day else None, lower_bound=lower_bound and day is not None), "sum")
        cells[f"{name} %"] = (fmt.fraction(long_share(day), 1) if day else fmt.UNKNOWN, "text")
    return Row(asset, cells)


def _monday(day: str) -> str:
    at = date.fromisoformat(day)
    return (at - timedelta(days=at.weekday())).isoformat()
