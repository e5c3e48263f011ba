"""A log as a file: who may read it, and that it may be moved away."""

from __future__ import annotations

import os
from io import TextIOWrapper
from logging.handlers import WatchedFileHandler


class LogFile(WatchedFileHandler):
    """A log that its owner alone may read; begun anew at the next line where somebody moved it away."""

    def __init__(self, path: str) -> None:
        super().__init__(path, encoding="utf-8")

    def _open(self) -> TextIOWrapper:
        return open(self.baseFilename, "a", encoding="utf-8", opener=_private)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
