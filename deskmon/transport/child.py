"""What a process and the child it talks to over pipes need: the child's end of the pipes, and its last words."""

from __future__ import annotations

import asyncio
import fcntl
import os
import re
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from subprocess import PIPE, Popen
from typing import IO, TypeVar

import msgspec

from deskmon.errors import DeskError, UsageError

T = TypeVar("T")

LAST_WORDS_S = 1.0
"""How long a child that closed its output may take to end."""
_CHUNK = 64 * 1024
_HEAD = 4
_STDERR_BYTES = 1024 * 1024
_STAMP = r"^\d{4}-\d\d-\d\d [\d:,]+ [A-Z]+ \S+: "


def take_standard_streams() -> tuple[int, int]:
    """In the child: descriptors of its pipes. Its standard input becomes empty, its standard output becomes stderr, so
    that nothing but frames can reach the pipe."""
    sys.stdout.flush()
    incoming, outgoing = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    return incoming, outgoing


def first_frame() -> bytes:
    """In the child: the payload of the first frame on its standard input. Raises DeskError where that ends before."""
    return _exactly(int.from_bytes(_exactly(_HEAD), "big"))


def work_for_parent(kind: type[T], work: Callable[[T], bytes | None], nice: int) -> int:
    """In a child whose parent sends a `kind` as JSON in the first frame: do the work, `nice` steps behind others, and
    write what it answers. The exit status: that of a fault that `work` raises in words, whose words are the last line
    on stderr, else 0."""
    os.nice(nice)
    try:
        answer = work(msgspec.json.decode(first_frame(), type=kind))
    except DeskError as fault:
        print(fault, file=sys.stderr)  # noqa: T201 - the parent reads it
        return fault.status
    if answer is not None:
        sys.stdout.buffer.write(answer)
    return 0


def _exactly(count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = os.read(0, count - len(data))
        if not piece:
            raise DeskError("this process is a hub's own", "start a hub: deskmon hub --listen unix:PATH")
        data += piece
    return data


def stderr_file() -> IO[bytes]:
    """Where a child's stderr goes: a nameless file rather than a pipe, so that nobody needs to read it."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    fcntl.fcntl(file, fcntl.F_SETFL, os.O_APPEND)
    return file


def trim(stderr: IO[bytes]) -> None:
    """Empty a scratch file that has grown too long."""
    if os.fstat(stderr.fileno()).st_size > _STDERR_BYTES:
        os.ftruncate(stderr.fileno(), 0)


def last_line(stderr: IO[bytes]) -> str:
    """The last line that says something, without a log's stamp, printable, at most 200 characters."""
    size = os.fstat(stderr.fileno()).st_size
    start = max(0, size - 4096)
    lines = os.pread(stderr.fileno(), size - start, start).decode("utf-8", "replace").split("\n")
    last = next((line for line in reversed(lines) if line.strip()), "")
    words = "".join(character if character.isprintable() else " " for character in last).strip()
    return re.sub(_STAMP, "", words)[:200]


def exit_reason(who: str, status: int | None, last_words: str) -> str:
    """How `who` ended, by its exit status (negative: minus the signal) and what it wrote last."""
    if status is not None and status < 0:
        name = next((known.name for known in signal.Signals if known == -status), f"signal {-status}")
        return f"{who} killed by {name}"
    if status == 0:
        return f"{who} ended"
    return f"{who} failed: {last_words}" if last_words else f"{who} failed with status {status}"


async def answer_of(command: Sequence[str], setup: bytes, patience_s: float) -> bytes:
    """What a process writes that is told `setup` on its standard input; it is ended with the task that asks. Raises
    DeskError where it takes longer than `patience_s`; where it fails UsageError or DeskError, by its exit status, with
    the last words that it said."""
    with stderr_file() as stderr:
        child = await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, stderr=stderr, start_new_session=True
        )
        try:
            async with asyncio.timeout(patience_s):
                body, _ = await child.communicate(setup)
        except TimeoutError:
            words = f"there is no answer within {patience_s:g} s"
            raise DeskError(words, "ask for less, or for a later time") from None
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
        if child.returncode == 0:
            return body
        words = last_line(stderr)
    kind = UsageError if child.returncode == UsageError.status else DeskError
    raise kind(*(words or exit_reason("the process of the answer", child.returncode, "")).split("; ", 1))


class Child:
    """A process that is talked to over pipes, as asyncio's. It may be started before there is a loop to hear it."""

    def __init__(self, argv: Sequence[str]) -> None:
        """Start it. Raises OSError."""
        self.stderr = stderr_file()
        self.stdin: asyncio.StreamWriter | None = None
        self.stdout: asyncio.StreamReader | None = None
        try:
            # In a session of its own: the terminal's signals are for this process alone.
            self._process = Popen(argv, stdin=PIPE, stdout=PIPE, stderr=self.stderr, start_new_session=True)
        except OSError:
            self.stderr.close()
            raise
        self.pid = self._process.pid

    @property
    def returncode(self) -> int | None:
        """Its exit status, None while it runs."""
        return self._process.poll()

    async def hear(self, limit: int) -> asyncio.StreamReader:
        """What it writes from its start on, `limit` bytes at once; from now on it can be written to."""
        loop = asyncio.get_running_loop()
        assert self._process.stdin is not None and self._process.stdout is not None
        self.stdout = asyncio.StreamReader(limit)
        protocol = asyncio.StreamReaderProtocol(self.stdout)
        await loop.connect_read_pipe(lambda: protocol, self._process.stdout)
        nothing = asyncio.StreamReaderProtocol(asyncio.StreamReader())
        transport, _ = await loop.connect_write_pipe(lambda: nothing, self._process.stdin)
        self.stdin = asyncio.StreamWriter(transport, nothing, None, loop)
        return self.stdout

    def kill(self) -> None:
        """End it by force."""
        self._process.kill()

    async def wait(self) -> int:
        """Its exit status, once it has ended."""
        return await asyncio.to_thread(self._process.wait)


async def end_child(child: asyncio.subprocess.Process | Child, patience_s: float) -> None:
    """Close the child's input, and kill it where it isn't gone after `patience_s`."""
    if child.stdin is not None:
        child.stdin.close()
    await _gone(child, patience_s)
    if child.returncode is None:
        with suppress(ProcessLookupError):
            child.kill()
        await _gone(child, LAST_WORDS_S)


async def _gone(child: asyncio.subprocess.Process | Child, limit_s: float) -> None:
    """Wait for the child's exit, at most `limit_s`, and read what it left: asyncio waits for its pipe to end, too."""
    assert child.stdout is not None
    with suppress(TimeoutError):
        async with asyncio.timeout(limit_s):
            with suppress(OSError, RuntimeError):  # RuntimeError: `events` is reading it
                while await child.stdout.read(_CHUNK):
                    pass
            await child.wait()
