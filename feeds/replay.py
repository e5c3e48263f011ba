"""The feed of a desk that plays a journal back."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from deskmon.events import Mode
from deskmon.feedkit import Timeline, TimelineFeed, parse_time
from deskmon.journal import JournalTimeline


class ReplayFeed(TimelineFeed):
    """A journal as the whole market; the desk's clock is the journal's."""

    name: ClassVar[str] = "replay"
    title: ClassVar[str] = "a journal, at any speed"
    mode: ClassVar[Mode] = "replay"

    class Options(TimelineFeed.Options, frozen=True):
        path: Annotated[str, Meta(description="The journal: a .jsonl or .jsonl.zst file.")]
        at: Annotated[
            str | int | None,
            Meta(description="Where playing begins: ISO 8601 UTC, epoch ms, or +15m from the journal's start."),
        ] = None
        speed: Annotated[float | Literal["max"], Meta(description="Desk time per real time, 0.1 and up, or max.")] = 1.0

    def timeline(self) -> Timeline:
        return JournalTimeline(self.options.path)

    def begin(self, timeline: Timeline) -> int:
        at = self.options.at
        return timeline.start if at is None else parse_time(str(at), timeline.start)

    def speed(self) -> float:
        speed: float | str = self.options.speed
        return math.inf if isinstance(speed, str) else speed
