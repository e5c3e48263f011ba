"""A configuration that follows its files: read whole, judged whole, taken whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from deskmon.config.loading import Loaded
from deskmon.config.watch import FileWatch
from deskmon.errors import ConfigError, DeskError


class ConfigFollower:
    """Asked by `poll` about once a second, it says what became of the files.

    loaded: what they said last without an error; it stays while they say nothing that can be used. load: reads them
    again, raising ConfigError. find: the file that would be read now, which may be another than at the start.
    """

    def __init__(self, loaded: Loaded, load: Callable[[], Loaded], find: Callable[[], Path]) -> None:
        self.loaded = loaded
        self._load = load
        self._watch = FileWatch(lambda: {find(), *self.loaded.files})

    def poll(self) -> Loaded | Sequence[str] | None:
        """The new configuration, or what is wrong with the files, each fault with file and line; None while nothing
        changed. Blocks while it reads and judges: call it in a thread."""
        return self.read() if self._watch.changed() else None

    def read(self) -> Loaded | Sequence[str]:
        """The configuration or what is wrong with it, as `poll`, changed or not."""
        try:
            self.loaded = self._load()
        except ConfigError as fault:
            return fault.problems
        except DeskError as fault:
            return [str(fault)]
        self._watch.settle()
        return self.loaded
