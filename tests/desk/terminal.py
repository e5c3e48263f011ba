"""A desk on a real pseudo-terminal, read through a terminal emulator."""

import os
import re
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyte

from deskmon.bench.pty import PtyChild


class Terminal:
    """`deskmon ARGS`, or the command `argv`, on a terminal of `size`.

    `text` is what a trader would see there, `raw` the bytes that came.
    """

    def __init__(
        self, *args: str, argv: list[str] | None = None, size: tuple[int, int] = (120, 36), cwd: Path | None = None
    ) -> None:
        self.raw = bytearray()
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        argv = argv or [sys.executable, "-m", "deskmon", *args]
        if cwd is not None:
            argv = ["env", "-C", str(cwd), *argv]
        self.child = PtyChild(argv, size)

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *args: object) -> None:
        self.child.__exit__()

    @property
    def text(self) -> str:
        # not pyte's own `display`, which fails where the left half of a wide character was just overwritten
        buffer, columns = self._screen.buffer, range(self._screen.columns)
        return "\n".join("".join(buffer[y][x].data for x in columns).rstrip() for y in range(self._screen.lines))

    @property
    def body(self) -> str:
        """All but the header, which tells frame and byte rates."""
        return self.text.partition("\n")[2]

    def until(self, what, timeout: float = 120.0) -> float:
        """Read until `what(text)`, or until the text `what` stands on the screen; how many seconds that took.

        `timeout` is far beyond what any wait needs; a test that reaches it fails.
        """
        met = what if callable(what) else lambda text: what in text
        started = time.monotonic()
        while not met(self.text):
            if time.monotonic() - started > timeout:
                raise AssertionError(f"not within {timeout:.0f} s; the screen shows\n{self.text}")
            if not self._take(0.05) and self.ended and not met(self.text):
                raise AssertionError(f"the process has ended; the screen shows\n{self.text}")
        return time.monotonic() - started

    def shows(self, frame: str) -> float:
        """Read until all is as in `frame`, which `deskmon snapshot` printed; how many seconds that took.

        What the machine's load decides may differ: the header, which tells rates, and the mark of a slow panel. So may
        the footer: its keys are those of who looks.
        """

        def words(text: str) -> list[str]:
            return re.sub(r"─+( slow \d+ms ─+)?", "─", "\n".join(text.splitlines()[1:-1])).split()

        wanted = words(frame)
        return self.until(lambda text: words(text) == wanted)

    def walk(self, *steps: tuple[str, Any]) -> None:
        """Press the keys of each step and read until its `what`, as `until` takes it, is so."""
        for keys, what in steps:
            self.press(keys)
            self.until(what)

    @property
    def ended(self) -> bool:
        """Whether the process has."""
        return bool(self.child.ended)

    def until_ended(self) -> None:
        """Read until the process has ended."""
        self.until(lambda _: self.ended)

    def watch(self, seconds: float) -> None:
        """Read for `seconds`."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self._take(left)

    def _take(self, timeout: float) -> bytes:
        data = self.child.read(timeout)
        self.raw += data
        self._stream.feed(data)
        return data

    def press(self, keys: str) -> None:
        self.child.send(keys.encode())


def gone(words: str) -> Callable[[str], bool]:
    """For `until`: the words no longer stand on the screen."""
    return lambda text: words not in text


def children(pid: int) -> list[int]:
    """Processes that `pid` started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def kill_child(pid: int) -> int:
    """`kill -9` of the one child of `pid`: a screen's private hub."""
    (child,) = children(pid)
    os.kill(child, signal.SIGKILL)
    return child
