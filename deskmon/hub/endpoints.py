"""The endpoints of a hub process: the private pipe of the screen that started it, and a unix socket for many."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import stat
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from deskmon.background import start
from deskmon.errors import DeskError
from deskmon.hub.door import Door, Visitor
from deskmon.hub.stream import Stream
from deskmon.hub.subscriber import ScreenSubscriber
from deskmon.transport.child import take_standard_streams
from deskmon.transport.requests import MAX_BYTES, Reply
from deskmon.transport.wire import FrameDecoder, pack_message

log = logging.getLogger(__name__)

SCREENS = 256
"""Screens on one socket at most; who comes then is told so."""
PATIENCE_S = 30.0
"""Seconds that a screen on the socket may take for a snapshot; then it is cut off, and comes again by itself."""
_READ_EVERY_S = 0.02
_WAITING = 1_024  # who connects while the loop is busy; beyond that asyncio takes a connection for made that isn't
_AT_ONCE = 16
_CHUNK = 64 * 1024
_MAX_OWN = 1024 * 1024  # a whole configuration


@asynccontextmanager
async def pipe_endpoint(stream: Stream, door: Door, closed: Callable[[], None]) -> AsyncIterator[None]:
    """Publish on the process's standard output and take its owner's requests from standard input while the block runs.

    `closed` is called when the other side is gone. From here on prints land on stderr, and input is empty: nothing
    but frames can reach the pipe. Raises DeskError where these aren't pipes.
    """
    loop = asyncio.get_running_loop()
    incoming, outgoing = take_standard_streams()
    reader = asyncio.StreamReader()
    try:
        reading, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(incoming, "rb", 0)
        )
        writing, protocol = await loop.connect_write_pipe(
            lambda: asyncio.StreamReaderProtocol(asyncio.StreamReader()), os.fdopen(outgoing, "wb", 0)
        )
    except (ValueError, OSError) as fault:
        raise DeskError(
            f"a private hub speaks through pipes ({fault})", "use `deskmon hub --listen unix:PATH`"
        ) from None
    writer = asyncio.StreamWriter(writing, protocol, None, loop)
    subscriber = ScreenSubscriber(writer, stream.snapshot)
    visitor = Visitor(subscriber, loop.time, is_owner=True)

    async def write() -> None:
        try:
            await stream.begun.wait()
            await subscriber.run()
        finally:
            closed()

    async def read() -> None:
        try:
            await _hear(reader, door, visitor, _MAX_OWN, 0.0)
        finally:
            closed()

    tasks = [start(write(), "stream to the screen"), start(read(), "requests of the screen")]
    stream.add(subscriber)
    try:
        yield
    finally:
        stream.remove(subscriber)
        reading.close()
        writing.abort()  # what the screen hasn't taken it no longer wants
        await _end(tasks)


async def _hear(reader: asyncio.StreamReader, door: Door, visitor: Visitor, most_bytes: int, pause_s: float) -> None:
    """Take a screen's requests to the door until it is gone, with a pause after each read: who sends without end
    waits, not the hub. After bytes that are no frame wait for that end only."""
    frames, is_understood = FrameDecoder(most_bytes), True
    with suppress(OSError):
        while data := await reader.read(_CHUNK):
            if is_understood:
                is_understood = _take(frames, data, door, visitor)
            await asyncio.sleep(pause_s)


def _take(frames: FrameDecoder, data: bytes, door: Door, visitor: Visitor) -> bool:
    """Whether what came were frames."""
    try:
        for payload in frames.feed(data):
            door.visit(payload, visitor)
    except DeskError as fault:
        door.ignore()
        log.warning("a screen sends what is no request, it is heard no more: %s", fault)
        return False
    return True


@asynccontextmanager
async def unix_endpoint(stream: Stream, path: Path, door: Door, *, for_screens: bool = True) -> AsyncIterator[None]:
    """Publish to everyone who connects to the socket `path` (mode 0600) while the block runs, SCREENS at most, and
    take their requests to the door. `for_screens`: who connects counts as a screen. Raises DeskError where the path is
    taken or can't be used."""
    loop = asyncio.get_running_loop()
    listening = _bind(path)
    mine = os.stat(path).st_ino
    visitors: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        if len(visitors) >= SCREENS:
            _refuse(writer, path)
            return
        visitors[task] = writer
        subscriber = ScreenSubscriber(writer, stream.snapshot, patience_s=PATIENCE_S, is_screen=for_screens)
        visitor = Visitor(subscriber, loop.time)

        async def write() -> None:
            await stream.begun.wait()
            await subscriber.run()
            writer.transport.abort()

        writing = start(write(), "stream to a screen")
        stream.add(subscriber)
        try:
            await _hear(reader, door, visitor, MAX_BYTES, _READ_EVERY_S)
        finally:
            door.leave(visitor)
            stream.remove(subscriber)
            writing.cancel()
            writer.transport.abort()
            del visitors[task]

    server = await asyncio.start_unix_server(visit, sock=listening, backlog=_AT_ONCE)
    listening.listen(_WAITING)  # asyncio takes one number for both, and lets in so many before it does anything else
    if for_screens:
        log.info("listening on unix:%s", path)
    try:
        yield
    finally:
        server.close()
        for writer in visitors.values():
            writer.transport.abort()  # each visit ends with its connection
        await asyncio.gather(*visitors, return_exceptions=True)
        with suppress(FileNotFoundError):
            if os.stat(path).st_ino == mine:
                os.unlink(path)


def _refuse(writer: asyncio.StreamWriter, path: Path) -> None:
    words = f"the hub at unix:{path} has {SCREENS} screens and takes no more; close one"
    with suppress(OSError):
        writer.write(pack_message(Reply(ok=False, text=words)))
    writer.close()


def _bind(path: Path) -> socket.socket:
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _clear(path)
        before = os.umask(0o177)
        try:
            listening.bind(str(path))
        finally:
            os.umask(before)
        listening.listen(_WAITING)
    except OSError as fault:
        listening.close()
        raise DeskError(
            f"can't listen on unix:{path} ({fault.strerror or fault})", "choose a path that is yours"
        ) from None
    except DeskError:
        listening.close()
        raise
    listening.setblocking(False)
    return listening


def _clear(path: Path) -> None:
    """Remove a socket that nobody listens on any more. Raises DeskError where someone does, or it is no socket."""
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise DeskError(f"{path} is there and no socket", "choose another path, or remove it")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            with suppress(FileNotFoundError):
                os.unlink(path)
            return
        except OSError as fault:
            raise DeskError(f"can't tell who owns unix:{path} ({fault})", "choose another path") from None
    raise DeskError(f"a hub listens on unix:{path} already", f"use `deskmon attach unix:{path}`, or another path")


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
