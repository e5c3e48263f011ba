"""The feed of a desk that plays a journal back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta

from deskmon.events import MAX_TS, MIN_TS, Mode
from deskmon.feedkit import Timeline, TimelineFeed, UsageError, parse_time
from deskmon.journal import not_a_file, open_timeline


class ReplayFeed(TimelineFeed):
    """A journal as the whole market; the desk's clock is the journal's."""

    name: ClassVar[str] = "replay"
    title: ClassVar[str] = "a journal, at any speed"
    mode: ClassVar[Mode] = "replay"

    class Options(TimelineFeed.Options, frozen=True):
        path: Annotated[
            str, Meta(description="The journal: a .jsonl or .jsonl.zst file, or a folder of segments.", min_length=1)
        ]
        at: Annotated[
            str | int | None,
            Meta(description="Where playing begins: ISO 8601 UTC, epoch ms, +15m from the start, 2h ago, 14:05."),
        ] = None
        speed: Annotated[float | Literal["max"], Meta(description="Desk time per real time, 0.1 and up, or max.")] = 1.0

    @classmethod
    def validate_options(cls, options: Any) -> Sequence[tuple[str, str]]:
        """A path that no journal is read from, a time that is none, a speed that isn't above 0."""
        found = []
        fault = not_a_file(Path(options.path).expanduser())
        if fault is not None:
            found.append(("path", str(fault)))
        try:
            if options.at is not None:
                parse_time(str(options.at), MIN_TS, MAX_TS)
        except UsageError as error:
            found.append(("at", str(error)))
        if options.speed != "max" and not 0 < options.speed < math.inf:
            found.append(("speed", f"{options.speed:g} is no speed; write a number above 0, or max"))
        return found

    def timeline(self) -> Timeline:
        return open_timeline(self.options.path)

    def begin(self, timeline: Timeline) -> int:
        at = self.options.at
        return timeline.start if at is None else parse_time(str(at), timeline.start, timeline.end or timeline.start)

    def speed(self) -> float:
        speed: float | str = self.options.speed
        return math.inf if isinstance(speed, str) else speed
