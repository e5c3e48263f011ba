"""The journals that a hub writes: a file where one is asked for, and the rolling one of a live desk."""

from __future__ import annotations

from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

from deskmon.clock import Clock
from deskmon.events import FeedStatus, Journal, JournalFiles
from deskmon.hub.checkpointer import Checkpointer
from deskmon.hub.journal_files import FileAt, JournalFile
from deskmon.hub.recorder import FEED, Recorder
from deskmon.hub.stream import Stream
from deskmon.journal import RollingJournal
from deskmon.limits import Limits

BESIDE = "journal file"
"""Name under which trouble with a file stands among the feeds, where the rolling journal has its own."""


class Journals:
    """Of one stream. Nothing is written until its jobs run."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._jobs: dict[str, Coroutine[Any, Any, None]] = {}

    def begin_file(self, file_at: FileAt, header: Journal, clock: Clock, *, needed: bool) -> None:
        """Write a file. Where it is `needed` its job raises DeskError when it can't be written."""
        feed = BESIDE if self._stream.recorders else FEED
        recorder = Recorder(JournalFile(file_at, header), clock, feed=feed, needed=needed)
        self._stream.recorders.append(recorder)
        self._jobs["journal file"] = recorder.run()

    def begin_rolling(self, folder: Path, header: Journal, limits: Limits, clock: Clock) -> None:
        """Keep the rolling journal, with checkpoints. It comes before a file."""
        journal = RollingJournal(folder, header, limits)
        recorder = Recorder(journal, clock)
        self._stream.recorders.append(recorder)
        self._jobs["journal"] = recorder.run()
        self._jobs["checkpoints"] = Checkpointer(self._stream, recorder, journal, clock).run()

    def jobs(self) -> dict[str, Coroutine[Any, Any, None]]:
        """What writes them, by name."""
        return self._jobs

    def reports(self, now: int) -> Iterator[FeedStatus | None]:
        """How each is, where that is due at desk time `now` (ms)."""
        return (recorder.report(now) for recorder in self._stream.recorders)

    def written(self) -> JournalFiles | None:
        """What the first of them holds, None where nothing is written."""
        return self._stream.recorders[0].written() if self._stream.recorders else None

    async def flush(self) -> None:
        """Hand over what waits."""
        for recorder in self._stream.recorders:
            await recorder.flush()

    async def close(self) -> None:
        """Write what waits, and finish them. Raises DeskError where one was needed."""
        for recorder in self._stream.recorders:
            await recorder.close()
