"""The process in which a hub's journal is folded for one screen that looks back: `python -m deskmon.hub.look_back`.

It is a hub that plays the folder of segments, and stands where it is asked to. What it reads first is its configuration
as JSON, in a frame; then come requests, as from any screen. It ends with its input, or once it has caught up with now.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import msgspec

from deskmon.allocator import give_large_blocks_back
from deskmon.config.schema import Config
from deskmon.events import Event, Mode
from deskmon.feedkit import Timeline, TimelineFeed
from deskmon.garbage import keep_collections_short
from deskmon.hub.door import Visitor
from deskmon.hub.endpoints import pipe_endpoint
from deskmon.hub.hub import Hub
from deskmon.journal import FolderTimeline, Reading, open_at, read_header
from deskmon.timeline import Opening
from deskmon.transport.child import work_for_parent
from deskmon.transport.requests import Control, Look

NICE = 5
"""The hub and its screens go first."""


class KeptTimeline(FolderTimeline):
    """The rolling journal in a folder, which grows while it is played. Raises DeskError as its base does."""

    mode: Mode = "look_back"

    def __init__(self, path: str | Path) -> None:
        super().__init__(path)
        self.header = msgspec.structs.replace(self.header, mode=self.mode)
        self.end = None

    def events(self) -> Iterator[Event]:
        """All events of the folder, and those that are written meanwhile."""
        return _and_later(Reading(self.path, self.report))

    def events_from(self, at: int) -> Opening | None:
        """What begins at the newest checkpoint before `at` (ms)."""
        opened = open_at(self.path, at, self.report)
        if not opened.checkpoint:
            return None
        return Opening(self.with_header(opened.checkpoint), opened.at, _and_later(opened.reading))


def _and_later(reading: Reading) -> Iterator[Event]:
    """What there is, then what was written meanwhile, until nothing was."""
    newest = None
    while newest != reading.place:
        newest = reading.place
        yield from reading.events()


class LookBackFeed(TimelineFeed):
    """The folder as the market of a desk that looks back."""

    name: ClassVar[str] = "look_back"
    title: ClassVar[str] = "the hub's rolling journal"
    mode: ClassVar[Mode] = "look_back"

    class Options(TimelineFeed.Options, frozen=True):
        path: str
        at: int

    def timeline(self) -> Timeline:
        return KeptTimeline(self.options.path)

    def begin(self, timeline: Timeline) -> int:
        at: int = self.options.at
        return max(at, timeline.start)


async def look_back(config: Config) -> None:
    """Play the folder for whoever holds the other ends of standard input and output, until he closes it. Raises
    DeskError where it is no journal."""
    [feed] = config.feeds.values()
    read_header(Path(feed.options["path"]))
    over = asyncio.Event()
    hub = Hub(config, load=lambda _: LookBackFeed, on_end=over.set)

    def look(request: Look, visitor: Visitor) -> None:
        if request.at is not None:
            hub.control(Control("seek", request.at))
        if request.at is not None or request.speed is not None:
            hub.control(Control("play" if request.speed else "pause"))
        if request.speed:
            hub.control(Control("speed", request.speed))

    hub.door.handle(Look, look)
    async with pipe_endpoint(hub.stream, hub.door, over.set):
        running = asyncio.create_task(hub.run())
        ending = asyncio.create_task(over.wait())
        await asyncio.wait({running, ending}, return_when=asyncio.FIRST_COMPLETED)
        for task in (running, ending):
            task.cancel()
        await asyncio.gather(running, ending, return_exceptions=True)


def main() -> int:
    """Look back for the hub that started this process."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    keep_collections_short()
    give_large_blocks_back()
    return work_for_parent(Config, lambda config: asyncio.run(look_back(config)), NICE)


if __name__ == "__main__":
    sys.exit(main())
