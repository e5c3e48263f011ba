"""Files that are watched by looking at them now and then: no thread, no handle, nothing that a network folder lacks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

Seen = dict[Path, tuple[int, int, int] | None]
"""By file: inode, size, time of change; None where there is none."""


class FileWatch:
    """Says when files changed and came to rest: they look the same twice in a row, but not as they were taken.

    So a file that is being written isn't read in the middle, as far as that can be told from outside.
    """

    def __init__(self, paths: Callable[[], Iterable[Path]]) -> None:
        self._paths = paths
        self._taken = self._last = self._look()

    def changed(self) -> bool:
        """True once for each change. Call it about once a second, in a thread where a folder may hang."""
        seen, last = self._look(), self._last
        self._last = seen
        if seen == self._taken or seen != last:
            return False
        self._taken = seen
        return True

    def settle(self) -> None:
        """Take files that `paths` names anew as they are; of the others a change stays one."""
        seen = self._look()
        self._taken = self._last = {path: self._taken.get(path, stat) for path, stat in seen.items()}

    def _look(self) -> Seen:
        return {path: _stat(path) for path in self._paths()}


def _stat(path: Path) -> tuple[int, int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_size, stat.st_mtime_ns
