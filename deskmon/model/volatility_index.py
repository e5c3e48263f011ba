"""Volatility indices: the newest value, years by the day, the last days by five minutes."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from typing import Any

from deskmon.clock import DAY, HOUR, MINUTE
from deskmon.events import VolatilityIndex
from deskmon.model.part import stamp
from deskmon.model.series import Series
from deskmon.model.since import DailyValues, PastValues

LOOK_BACK = 365 * DAY
"""Over which rank and percentile are taken (ms)."""
RECENT = 8 * DAY
STEP = 5 * MINUTE
TOLERANCE = 2 * HOUR
"""How much older than a day the value may be that a change is measured from (ms)."""


class IndexHistory:
    """One underlying's index."""

    __slots__ = ("_year", "daily", "recent")

    def __init__(self) -> None:
        self.daily = DailyValues()
        self._year = PastValues()
        self.recent = Series(STEP, RECENT // STEP, 1)

    def note(self, event: VolatilityIndex) -> None:
        """Take a value of any time: the newest of a slot stands for it."""
        ts = stamp(event)
        self.daily.note(ts, event.value)
        recent = self.recent
        index, new = recent.place(ts)
        if index >= 0 and (new or ts >= recent.ts[index]):
            recent.ts[index], recent.columns[0][index] = ts, event.value

    def history(self, since: int) -> list[tuple[int, float]]:
        """(time in ms, value) after `since`: by the day, the last days by five minutes."""
        first = self.recent.ts[0] if self.recent.ts else 0
        days = [(ts, value) for ts, value in self.daily.history() if ts < first]
        recent = zip(self.recent.ts, self.recent.columns[0], strict=True)
        return [(ts, value) for ts, value in (*days, *recent) if ts > since]

    def figures(self, now: int, age: Callable[[int, int], int]) -> dict[str, Any]:
        """The `dvol` fields of the figure at desk time `now`, as old as `age(now, ts)` says."""
        times, values = self.recent.ts, self.recent.columns[0]
        ts, value = times[-1], values[-1]
        before = self.recent.before(ts - DAY)
        known = before >= 0 and ts - DAY - times[before] <= TOLERANCE
        year = self.daily.since(ts, value, now - LOOK_BACK + 1, self._year)
        return {
            "dvol": value,
            "dvol_age_ms": age(now, ts),
            "dvol_change_24h": value - values[before] if known else None,
            "dvol_rank": year.rank,
            "dvol_percentile": year.percentile,
            "since": self.daily.since(ts, value),
            "expected_daily_move_pct": value / sqrt(365),
        }

    def checkpoint(self) -> Any:
        return [self.daily.checkpoint(), self.recent.checkpoint()]

    def restore(self, data: Any) -> None:
        days, recent = data
        self.daily.restore(days)
        self.recent.restore(recent)


UNKNOWN: dict[str, Any] = {
    "dvol": None, "dvol_age_ms": None, "dvol_change_24h": None, "dvol_rank": None, "dvol_percentile": None,
    "since": None, "expected_daily_move_pct": None,
}  # fmt: skip
"""The same fields where no index is known."""
