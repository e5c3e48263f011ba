"""How far a long command got: one line on a terminal's stderr, nothing elsewhere."""

from __future__ import annotations

import os
import sys
from types import TracebackType
from typing import TextIO

from deskmon import format as fmt

WIDTH = 30
"""Cells of the bar."""


class Progress:
    """Called with desk times (ms) from `start` to `end`; draws when a whole percent is done. The line is taken away at
    the end of the block."""

    def __init__(self, start: int, end: int, file: TextIO | None = None) -> None:
        self._start = start
        self._length = max(1, end - start)
        self._file = sys.stderr if file is None else file
        self._draws = self._file.isatty() and os.environ.get("TERM", "dumb") not in ("", "dumb")
        self._next = start if self._draws else 1 << 62
        self._drawn = False

    def __call__(self, now: int) -> None:
        if now >= self._next:
            self._draw(now)

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._drawn:
            self._put("\r\x1b[K")

    def _draw(self, now: int) -> None:
        percent = min(100, 100 * (now - self._start) // self._length)
        self._next = self._start + -(-self._length * (percent + 1) // 100)
        full = "#" * (WIDTH * percent // 100)
        self._put(f"\r[{full:<{WIDTH}}] {percent:3} %  {fmt.date(now)} {fmt.clock(now)}Z\x1b[K")
        self._drawn = True

    def _put(self, text: str) -> None:
        self._file.write(text)
        self._file.flush()
