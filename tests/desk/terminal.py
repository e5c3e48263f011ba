"""A desk on a real pseudo-terminal, read through a terminal emulator."""

import os
import signal
import sys
import time
from pathlib import Path

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
        return "\n".join(line.rstrip() for line in self._screen.display)

    @property
    def body(self) -> str:
        """All but the header, which tells frame and byte rates."""
        return self.text.partition("\n")[2]

    def until(self, what, timeout: float = 30.0) -> float:
        """Read until `what(text)`, or until the text `what` stands on the screen; how many seconds that took."""
        met = what if callable(what) else lambda text: what in text
        started = time.monotonic()
        while not met(self.text):
            if time.monotonic() - started > timeout:
                raise AssertionError(f"not within {timeout:.0f} s; the screen shows\n{self.text}")
            self._take(0.05)
        return time.monotonic() - started

    def watch(self, seconds: float) -> None:
        """Read for `seconds`."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self._take(left)

    def _take(self, timeout: float) -> None:
        data = self.child.read(timeout)
        self.raw += data
        self._stream.feed(data)

    def press(self, keys: str) -> None:
        self.child.send(keys.encode())


def children(pid: int) -> list[int]:
    """Processes that `pid` started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def kill_child(pid: int) -> int:
    """`kill -9` of the one child of `pid`: a screen's private hub."""
    (child,) = children(pid)
    os.kill(child, signal.SIGKILL)
    return child
