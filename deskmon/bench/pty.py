"""A child on a pseudo-terminal, watched from outside: what it writes, when, and what it costs."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from deskmon.errors import DeskError

SEQUENCE = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")
"""What steers a terminal, between the words on it."""
END_BYTES = 4_000
"""How much of the end of what a child wrote is kept, escape sequences and all."""
END_CHARACTERS = 500
"""How much of it an error tells, in words: the last line of a traceback with what leads to it."""


NOT_RUN = 127
"""Status of a child whose program can't be run, as a shell's."""


class PtyChild:
    """Runs `argv` on a pseudo-terminal of `size` (columns, rows), as a context manager; leaving it ends the child."""

    def __init__(
        self, argv: Sequence[str], size: tuple[int, int] = (200, 50), env: Mapping[str, str] | None = None
    ) -> None:
        environ = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", **(env or {})}
        # Bytecode is written after any install: a bench without it would measure the compiler.
        environ.pop("PYTHONDONTWRITEBYTECODE", None)
        self.started = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            _become(argv, size, environ)
        os.set_blocking(self.fd, False)
        self.written = 0
        self._end = b""

    def __enter__(self) -> PtyChild:
        return self

    def __exit__(self, *args: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
        deadline = time.perf_counter() + 5.0
        while os.waitpid(self.pid, os.WNOHANG)[0] == 0:
            self.read(0.05)
            if time.perf_counter() > deadline:
                os.kill(self.pid, signal.SIGKILL)
                deadline = float("inf")
        os.close(self.fd)

    def read(self, timeout: float) -> bytes:
        """What the child wrote, after at most `timeout` seconds for its first byte; empty when it wrote nothing."""
        if not select.select([self.fd], [], [], timeout)[0]:
            return b""
        try:
            data = os.read(self.fd, 1 << 16)
        except (BlockingIOError, OSError):
            return b""
        self.written += len(data)
        self._end = (self._end + data)[-END_BYTES:]
        return data

    @property
    def ended(self) -> str:
        """How the child ended, in words; "" while it runs."""
        end = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if end is None:
            return ""
        return f"status {end.si_status}" if end.si_code == os.CLD_EXITED else f"signal {end.si_status}"

    def pieces(self, awaited: str, timeout: float) -> Iterator[bytes]:
        """What the child writes from now on, piece by piece; empty ones while it writes nothing. Raises DeskError where
        it has ended and all was read, and after `timeout` seconds: what was `awaited` isn't there."""
        deadline = time.perf_counter() + timeout
        while time.perf_counter() < deadline:
            ended = self.ended  # before the read: what it wrote until then is read
            piece = self.read(0.05)
            yield piece
            if ended and not piece:
                raise DeskError(f"what is measured ended ({ended}) before {awaited}; {self._last_words()}")
        raise DeskError(f"no {awaited} within {timeout:.0f} s; {self._last_words()}")

    def read_until(self, marker: bytes, timeout: float) -> float:
        """Seconds (on `time.perf_counter`) when `marker` had been written. Raises DeskError as `pieces` does."""
        seen, pieces = b"", self.pieces(repr(marker.decode(errors="replace")), timeout)
        while marker not in seen:
            seen = (seen + next(pieces))[-(1 << 20) :]
        return time.perf_counter()

    def drain(self, seconds: float) -> int:
        """Read for `seconds`; how many bytes came."""
        before, deadline = self.written, time.perf_counter() + seconds
        while (left := deadline - time.perf_counter()) > 0:
            self.read(left)
        return self.written - before

    def send(self, keys: bytes) -> float:
        """Type; the time (on `time.perf_counter`) when it was typed."""
        os.write(self.fd, keys)
        return time.perf_counter()

    def cpu_seconds(self) -> float:
        """User and system time of the child alone, in seconds."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_mb(self) -> float:
        """Resident memory of the child alone, in MB."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def _last_words(self) -> str:
        words = " ".join(SEQUENCE.sub(b" ", self._end).decode(errors="replace").split())
        return f"it wrote at its end: {words[-END_CHARACTERS:]}" if words else "it wrote nothing"


def _become(argv: Sequence[str], size: tuple[int, int], environ: Mapping[str, str]) -> NoReturn:
    """Replace this process, which was forked, by a program on the pseudo-terminal; where it can't be, end."""
    try:
        columns, rows = size
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.execvpe(argv[0], list(argv), environ)
    except OSError as fault:
        os.write(2, f"{argv[0]}: {fault.strerror}\n".encode())
    finally:
        os._exit(NOT_RUN)
