"""A child on a pseudo-terminal, watched from outside: what it writes, when, and what it costs."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path


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
            columns, rows = size
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.execvpe(argv[0], list(argv), environ)
        os.set_blocking(self.fd, False)
        self.written = 0

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
        return data

    def read_until(self, marker: bytes, timeout: float) -> float:
        """Seconds (on `time.perf_counter`) when `marker` had been written. Raises TimeoutError."""
        deadline = time.perf_counter() + timeout
        seen = b""
        while time.perf_counter() < deadline:
            seen = (seen + self.read(0.05))[-(1 << 20) :]
            if marker in seen:
                return time.perf_counter()
        raise TimeoutError(f"{marker!r} was not written within {timeout:.0f} s; the end of what was: {seen[-300:]!r}")

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
