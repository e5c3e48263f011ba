"""The feed of a desk that plays a journal back."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from deskmon.events import Mode
from deskmon.feed import TimelineFeed
from deskmon.journal import JournalTimeline
from deskmon.timeline import Timeline


class ReplayFeed(TimelineFeed):
    """A journal as the whole market; the desk's clock is the journal's."""

    name: ClassVar[str] = "replay"
    title: ClassVar[str] = "a journal, at any speed"
    mode: ClassVar[Mode] = "replay"

    class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
        path: Annotated[str, Meta(description="The journal: a .jsonl or .jsonl.zst file.")]
        at: Annotated[
            str | int | None,
            Meta(description="Where playing begins: ISO 8601 UTC, epoch ms, or +15m from the journal's start."),
        ] = None
        speed: Annotated[float | Literal["max"], Meta(description="Desk time per real time, 0.1 and up, or max.")] = 1.0

    def timeline(self) -> Timeline:
        return JournalTimeline(self.options.path)
