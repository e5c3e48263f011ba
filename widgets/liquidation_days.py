"""The page of liquidations by day or week: bars, the sums, and two days side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from deskmon.api import Choice, Frame, Intent, Line, Row, Section, TablePanel, action, figures, fmt
from deskmon.components.bars import BARS_LEAST, dated_bars
from deskmon.components.feed_health import who_listens
from deskmon.components.liquidation_days import (
    DAY_COLUMNS,
    DAY_DEFINITIONS,
    by_week,
    compared_section,
    day_label,
    day_row,
    largest_beside,
)
from deskmon.components.liquidations import long_share
from deskmon.components.text import wrapped

DAYS = 92
ASSETS = 7
"""Assets that stand side by side."""
TALLEST = 12


class LiquidationDays(TablePanel):
    """Was it one flush, or two?"""

    name = "liquidation_days"
    title = "Liquidations by day"
    topics = frozenset({"liquidations", "feeds", "clock"})
    has_live_figures = False
    stay_on_first = True
    period = Choice(("day", "week"), key="p", help="A bar and a row for each day, or for each week from Monday")
    definitions = (
        *DAY_DEFINITIONS,
        ("bars", "longs above the line, shorts below; of several days in one cell the largest of each"),
        ("≥", "a lower bound: a venue in it publishes only part of its liquidations, or some were missed"),
    )

    class Options(TablePanel.Options, frozen=True):
        """marked: the day that another stands beside, YYYY-MM-DD; where empty the largest of its week."""

        marked: str = ""

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self._day = self._marked = ""

    def note_parts(self, frame: Frame) -> Iterable[str]:
        return ("USD", *super().note_parts(frame))

    def chart(self, frame: Frame, size: tuple[int, int]) -> Sequence[Line]:
        held = self._held(frame)
        pairs = [(day.long_usd, day.short_usd) for day in held]
        least = "≥" if self._is_bound(frame) else ""
        return dated_bars(pairs, [day.date for day in held], size, ("long", "short"), (least, least))

    def sections(self, frame: Frame) -> Sequence[Section]:
        held = self._held(frame)
        if not held:
            return (Section("days", DAY_COLUMNS, (), f"no liquidations yet; {who_listens(frame.model, frame.now)}"),)
        most, chosen, other = max(day.usd for day in held), *self._two(frame, held)
        bound = self._is_bound(frame)
        rows = [day_row(day, most, self._today(frame), day.date == other, bound) for day in reversed(held)]
        days = Section("days", DAY_COLUMNS, rows, sorted_by="date")
        if not other:
            return (days,)
        names = ("", *self._assets(frame))
        by_asset = {name or "all": {day.date: day for day in self._held(frame, name)} for name in names}
        one, other = sorted((chosen, other))
        return compared_section(by_asset, one, other, bound), days

    def chart_height(self, frame: Frame) -> int:
        room = frame.height - len(self.headline(frame)) - len(self._assets(frame)) - 9
        fits = frame.width >= BARS_LEAST[0] and room >= BARS_LEAST[1] + 1 and self._held(frame)
        return min(TALLEST, room) if fits else 0

    def headline(self, frame: Frame) -> Sequence[Line]:
        held = self._held(frame)
        if not held or frame.height < 5:
            return []
        least = "≥" if self._is_bound(frame) else ""
        chosen, other = self._two(frame, held)
        shown = [day for day in held if day.date in (chosen, other)]
        parts = [[(f"{day_label(day.date)} ", "text"), (f"{least}${fmt.amount(day.usd)}", "sum"),
                  (f", {fmt.fraction(long_share(day))} long", "text")] for day in shown]  # fmt: skip
        total = sum(day.usd for day in held[-7:])
        if self.period == "day" and total and all(day in held[-7:] for day in shown):
            part = fmt.fraction(sum(day.usd for day in shown) / total)
            parts.append([(f"{part} of 7 days' {least}${fmt.amount(total)}", "muted")])
        return wrapped(parts, frame.width, 1)

    def open(self, row: Row, frame: Frame) -> Intent | None:
        self._day = row.key
        return None

    @action("mark", key="m", help="Mark the day under the cursor: the one that Enter chose stands beside it")
    def mark(self, frame: Frame) -> Intent | None:
        row = self.selected(frame)
        self._marked = "" if row is None or row.key == self._marked else row.key
        return None

    def _held(self, frame: Frame, asset: str = "") -> Sequence[figures.DayFigure]:
        """Days or weeks, oldest first."""
        days = frame.model.liquidations.days(frame.now, asset, DAYS)
        return days if self.period == "day" else by_week(days)

    def _is_bound(self, frame: Frame) -> bool:
        return any(sums.lower_bound for sums in frame.model.liquidations.windows(frame.now).values())

    def _today(self, frame: Frame) -> str:
        today = datetime.fromtimestamp(frame.now / 1000, UTC).date().isoformat()
        held = self._held(frame)
        return held[-1].date if self.period == "week" and held else today

    def _two(self, frame: Frame, held: Sequence[figures.DayFigure]) -> tuple[str, str]:
        """The day that Enter chose, at first the largest of the newest seven, and the marked one."""
        dates = {day.date for day in held}
        chosen = self._day if self._day in dates else max(held[-7:], key=lambda day: day.usd).date
        marked = self._marked or self.options.marked
        return chosen, marked if marked in dates and marked != chosen else largest_beside(held, chosen)

    def _assets(self, frame: Frame) -> list[str]:
        """Of which most was liquidated in seven days."""
        week = frame.model.liquidations.windows(frame.now).get("7d")
        found = week.by_symbol if week else {}
        return sorted(found, key=lambda asset: (-found[asset].usd, asset))[:ASSETS]
