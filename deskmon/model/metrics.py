"""Metrics: the newest value of each named context series, such as the market's capitalisation."""

from __future__ import annotations

from typing import Any

import msgspec

from deskmon.events import Metric
from deskmon.model.part import Part, stamp

HELD = 1_000
"""Names that are known at most; values of further ones are refused."""


class Metrics(Part[dict[str, Metric]]):
    """Folds metrics; its figures are the newest of each name."""

    def clear(self) -> None:
        self.revision += 1
        self._newest: dict[str, Metric] = {}

    def fold(self, event: Metric) -> None:
        """Take a value, where it isn't older than the one held. Raises ValueError for a name too many."""
        held = self._newest.get(event.name)
        if held is None and len(self._newest) >= HELD:
            raise ValueError(f"metric {event.name!r}: {HELD} names are known already")
        if held is None or stamp(event) >= stamp(held):
            self._newest[event.name] = event
            self.revision += 1

    def value(self, name: str) -> float | None:
        """The newest value of a series, None where there is none."""
        held = self._newest.get(name)
        return None if held is None else float(held.value)

    def checkpoint(self) -> Any:
        return msgspec.to_builtins(list(self._newest.values()))

    def restore(self, data: Any) -> None:
        self.clear()
        self._newest = {metric.name: metric for metric in msgspec.convert(data, list[Metric])}

    def _compute(self, now: int) -> dict[str, Metric]:
        return dict(sorted(self._newest.items()))
