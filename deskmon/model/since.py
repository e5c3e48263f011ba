"""Since: how extreme a figure is in the history that the desk holds of it. The same for every figure."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Literal

from deskmon.analytics.since import Earlier
from deskmon.clock import DAY
from deskmon.model.figure import Figure
from deskmon.model.series import Series

DAYS_HELD = 2_000
"""Days of a daily history that are held."""

Values = tuple[Sequence[int], Sequence[float]]
"""Times (ms, ascending) and values."""


class Since(Figure):
    """How a figure stands among the `n` values that the desk holds of it since `history_from` (ms), one a day, its own
    included: `rank` and `percentile` 0–100, None of fewer than 30. `last` (ms): the last earlier day on which it was at
    least as extreme on the side (`extreme`) of the median on which it lies; None where there was none."""

    rank: float | None
    percentile: float | None
    n: int
    last: int | None
    history_from: int
    extreme: Literal["high", "low"]


class PastValues:
    """The earlier values of one series, ordered anew only where their version moved: a draw looks a figure up."""

    __slots__ = ("_earlier", "_found", "_version")

    def __init__(self) -> None:
        self._version: Hashable = None
        self._earlier = Earlier((), ())
        self._found: tuple[float, Since] | None = None

    def since(self, version: Hashable, earlier: Callable[[], Values], ts: int, value: float) -> Since:
        """How `value` of the time `ts` (ms) stands among the `earlier` ones, which are asked for only where `version`
        isn't the one known."""
        if version != self._version:
            self._version, self._earlier, self._found = version, Earlier(*earlier()), None
        return self.place(ts, value)

    def place(self, ts: int, value: float) -> Since:
        """The same among the earlier ones that are known."""
        found = self._found
        if found is None or found[0] != value:
            found = self._found = value, Since(**self._earlier.standing(ts // DAY * DAY, value)._asdict())
        return found[1]


class DailyValues:
    """The last value of each UTC day of one series, the newest `DAYS_HELD` days."""

    __slots__ = ("_changes", "_known", "_past", "days")

    def __init__(self) -> None:
        self.days = Series(DAY, DAYS_HELD, 1)
        self._changes = 0
        self._past = PastValues()
        self._known: tuple[int, int] | None = None

    def note(self, ts: int, value: float) -> None:
        """Take a value of any time (ms): the newest of a day stands for it."""
        days = self.days
        index, new = days.place(ts)
        if index >= 0 and (new or ts >= days.ts[index]):
            days.ts[index], days.columns[0][index] = ts, value
            self._changes += new or index < len(days) - 1

    def since(self, ts: int, value: float, first: int = 0, past: PastValues | None = None) -> Since:
        """How `value` of the time `ts` (ms) stands among those of earlier days; of those from `first` (ms) on where a
        `past` is given, which remembers them."""
        if past is None and self._known == (ts // DAY, self._changes) and self.days.ts[-1] // DAY == ts // DAY:
            return self._past.place(ts, value)  # only today's value may have changed
        self._known = None if past else (ts // DAY, self._changes)
        start = self.days.before(first - 1) + 1 if past else 0
        return (past or self._past).since((start, self.version(ts)), lambda: self._earlier(start, ts), ts, value)

    def version(self, ts: int) -> Hashable:
        """Another one where a value of a day before that of `ts` (ms) is another."""
        days, stop = self.days, self._stop(ts)
        return ts // DAY, self._changes, stop, (days.ts[0], days.columns[0][stop - 1]) if stop else ()

    def after(self, ts: int) -> list[tuple[int, float]]:
        """(time in ms, value) of the days whose value is of `ts` (ms) or later, oldest first."""
        days, start = self.days, self.days.before(ts - 1) + 1
        return list(zip(days.ts[start:], days.columns[0][start:], strict=True))

    def history(self) -> list[tuple[int, float]]:
        """(time in ms, value) of each day, oldest first."""
        return self.after(0)

    def _earlier(self, start: int, ts: int) -> Values:
        stop = self._stop(ts)
        return self.days.ts[start:stop], self.days.columns[0][start:stop]

    def _stop(self, ts: int) -> int:
        return self.days.before(ts // DAY * DAY - 1) + 1

    def checkpoint(self) -> Any:
        return self.days.checkpoint()

    def restore(self, data: Any) -> None:
        self.days.restore(data)
        self._changes += 1


def since_of(times: Sequence[int], values: Sequence[float]) -> Since | None:
    """How the newest, last of a series in order of time, stands in it; None of an empty one."""
    return PastValues().since(0, lambda: (times[:-1], values[:-1]), times[-1], values[-1]) if values else None
