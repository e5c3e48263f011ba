"""Headlines: the newest lines of news."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from deskmon.events import Headline
from deskmon.model.context_figures import HeadlineFigure
from deskmon.model.part import Part, stamp
from deskmon.model.recent import Recent

HELD = 200
"""Headlines that are held."""


class Headlines(Part[list[HeadlineFigure]]):
    """Folds headlines; its figures are the newest first. One that was taken already counts once."""

    def clear(self) -> None:
        self.revision += 1
        self._recent: Recent[Headline] = Recent(HELD)

    def fold(self, event: Headline) -> None:
        """Take a headline: into its place by time, which is never after it arrived."""
        headline = replace(event, ts=stamp(event), recv=None)
        if headline not in self._recent.events:
            self._recent.add(headline)
            self.revision += 1

    def checkpoint(self) -> Any:
        return self._recent.checkpoint()

    def restore(self, data: Any) -> None:
        self.clear()
        self._recent.restore(data, Headline)

    def _compute(self, now: int) -> list[HeadlineFigure]:
        return [
            HeadlineFigure(
                text=each.text, source=each.source, url=each.url, ts=each.ts, age_ms=max(0, now - each.ts)
            )
            for each in reversed(self._recent.events)
        ]  # fmt: skip
