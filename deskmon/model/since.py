"""Since: how extreme a figure is in the history that the desk holds of it. The same for every figure."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Literal

from deskmon.analytics.since import Earlier
from deskmon.model.figure import Figure

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
    """The earlier values of many series by key, ordered anew only where their version moved: a draw looks them up."""

    def __init__(self) -> None:
        self._known: dict[Hashable, tuple[Hashable, Earlier]] = {}

    def since(
        self, key: Hashable, version: Hashable, earlier: Callable[[], Values], ts: int, value: float | None
    ) -> Since | None:
        """How `value` of the time `ts` (ms) stands among the `earlier` ones, which are asked for only where `version`
        isn't the one known; None where the value is."""
        if value is None:
            return None
        known = self._known.get(key)
        if known is None or known[0] != version:
            known = self._known[key] = version, Earlier(*earlier())
        return Since(**known[1].standing(ts, value)._asdict())


def since_of(times: Sequence[int], values: Sequence[float]) -> Since | None:
    """How the newest, last of a series in order of time stands in it; None of an empty one."""
    return PastValues().since("", 0, lambda: (times[:-1], values[:-1]), times[-1], values[-1]) if values else None
