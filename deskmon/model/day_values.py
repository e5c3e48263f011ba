"""What the desk remembers of figures that it makes itself and no venue tells: the last value of each day."""

from __future__ import annotations

from typing import Any

from deskmon.events import DayValue
from deskmon.model.part import Part, stamp
from deskmon.model.since import DailyValues, Since

HELD = 5_000
"""Figures that are remembered at most; values of further ones are refused."""


class DayValues(Part[dict[str, int]]):
    """Folds what an earlier run of the desk remembered; other parts note into it what they make. Figures: how many days
    are held of each."""

    def clear(self) -> None:
        self.revision += 1
        self._daily: dict[str, DailyValues] = {}

    def fold(self, event: DayValue) -> None:
        """Take a remembered value of a day. Raises ValueError for a figure too many."""
        if event.figure not in self._daily and len(self._daily) >= HELD:
            raise ValueError(f"figure: {event.figure!r} is one too many, {HELD:,} are remembered")
        self.note(event.figure, stamp(event), float(event.value))

    def note(self, figure: str, ts: int, value: float) -> None:
        """Remember what a figure was at `ts` (ms); of one too many nothing."""
        daily = self._daily.get(figure)
        if daily is None:
            if len(self._daily) >= HELD:
                return
            daily = self._daily[figure] = DailyValues()
        daily.note(ts, value)
        self.revision += 1

    def since(self, figure: str, ts: int, value: float | None) -> Since | None:
        """How a figure's `value` of the time `ts` (ms) stands among the days before; None where the value is."""
        if value is None:
            return None
        daily = self._daily.get(figure)
        return (DailyValues() if daily is None else daily).since(ts, value)

    def history(self, figure: str) -> list[tuple[int, float]]:
        """(time in ms, last value) of each day that is held of a figure, the oldest first."""
        daily = self._daily.get(figure)
        return [] if daily is None else daily.history()

    def within(self, figure: str, first: int, until: int) -> list[float]:
        """The values of the days of a figure from `first` up to `until` (ms), the oldest first."""
        daily = self._daily.get(figure)
        if daily is None:
            return []
        days = daily.days
        return list(days.columns[0][days.before(first - 1) + 1 : days.before(until - 1) + 1])

    def oldest(self, figure: str) -> int | None:
        """Time (ms) of the oldest value that is held of a figure."""
        daily = self._daily.get(figure)
        return daily.days.ts[0] if daily is not None and daily.days.ts else None

    def notes(self, since: int) -> list[DayValue]:
        """The values of days that were noted at `since` (ms) or later."""
        return [
            DayValue(ts=ts, figure=figure, value=value)
            for figure, daily in sorted(self._daily.items())
            for ts, value in daily.after(since)
        ]

    def checkpoint(self) -> Any:
        return {figure: daily.checkpoint() for figure, daily in self._daily.items()}

    def restore(self, data: Any) -> None:
        self.clear()
        for figure, packed in data.items():
            self._daily[figure] = DailyValues()
            self._daily[figure].restore(packed)

    def _compute(self, now: int) -> dict[str, int]:
        return {figure: len(daily.days) for figure, daily in sorted(self._daily.items())}
