"""Where other programs ask a hub: a process of its own (`deskmon.http`) that the hub starts, and starts again.

The hub listens, so that what is wrong with the address is said at its start, and hands the listening socket over. The
process follows the hub by a socket in a folder that nobody else may open, as a screen does.
"""

from __future__ import annotations

import asyncio
import logging
import random
import socket
import sys
import tempfile
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import IO

import msgspec

from deskmon.background import backoff, keep_running, start
from deskmon.config.schema import Config
from deskmon.errors import DeskError
from deskmon.events import FeedState, FeedStatus
from deskmon.hub.bind import Bind, GuardedBind, why_not
from deskmon.hub.companions import DueStatus
from deskmon.hub.endpoints import unix_endpoint
from deskmon.hub.hub import Hub
from deskmon.transport.child import exit_reason, last_line, stderr_file, trim
from deskmon.transport.wire import pack

FEED = "http"
"""Name under which the server stands among the feeds."""
BACKLOG = 128
_COMMAND = (sys.executable, "-P", "-m", "deskmon.http")
_FAREWELL_S = 2.0
_HEALTHY_S = 10.0
_TRIM_S = 60.0

log = logging.getLogger(__name__)


@asynccontextmanager
async def http_endpoint(hub: Hub, place: GuardedBind, config: Config) -> AsyncIterator[Bind]:
    """Answer at `place` while the block runs, those who have the token where there is one; yields the address, whose
    port is another where it was 0. Raises DeskError where nobody can listen there."""
    with _listen(place.bind) as listening, tempfile.TemporaryDirectory(prefix="deskmon-") as folder:
        at = Bind(place.bind.host, listening.getsockname()[1])
        path = Path(folder, "hub.sock")
        async with unix_endpoint(hub.stream, path, hub.door, for_screens=False):
            server = HttpServer(at, listening, path, config, place.token)
            task = start(keep_running(server.run, FEED), FEED)
            hub.reporters.append(server)
            hub.on_reload.append(server.reload)
            try:
                yield at
            finally:
                hub.on_reload.remove(server.reload)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)


class HttpServer:
    """The process, from one start to the next."""

    def __init__(self, at: Bind, listening: socket.socket, hub: Path, config: Config, token: str | None) -> None:
        self._at, self._listening, self._hub = at, listening, hub
        self._config, self._token = config, token
        self._child: asyncio.subprocess.Process | None = None
        self._state: FeedState = "connecting"
        self._detail = ""
        self._starts = 0
        self._due = DueStatus()
        self._reloads = False

    async def run(self) -> None:
        """Keep a server running until cancelled."""
        loop, rng, attempt = asyncio.get_running_loop(), random.Random(), 0
        while True:
            since = loop.time()
            self._starts += 1
            words = await self._serve()
            if self._reloads:
                continue
            log.error("http: %s", words)
            self._state, self._detail = "down", words
            attempt = 1 if loop.time() - since > _HEALTHY_S else attempt + 1
            await asyncio.sleep(backoff(attempt, rng))

    def reload(self, config: Config) -> None:
        """Serve another configuration: the process starts again, and its readers come again."""
        if config != self._config:
            self._config, self._reloads = config, True
            if self._child is not None and self._child.stdin is not None:
                self._child.stdin.close()

    def report(self, now: int) -> FeedStatus | None:
        """How the server is: at each change and every five seconds."""
        status = FeedStatus(
            ts=now, feed=FEED, state=self._state, detail=self._detail[:500], reconnects=max(0, self._starts - 1),
            service=True,
        )  # fmt: skip
        return self._due.of(status)

    async def _serve(self) -> str:
        """Run the process once; why it ended."""
        setup = {
            "config": self._config, "descriptor": self._listening.fileno(), "hub": str(self._hub),
            "hosts": self._config.http.hosts, "token": self._token,
        }  # fmt: skip
        self._reloads = False
        with stderr_file() as stderr:
            child = self._child = await asyncio.create_subprocess_exec(
                *_COMMAND, stdin=PIPE, stdout=PIPE, stderr=stderr, start_new_session=True,
                pass_fds=(self._listening.fileno(),),
            )  # fmt: skip
            assert child.stdin is not None and child.stdout is not None
            try:
                child.stdin.write(pack(msgspec.json.encode(setup)))
                if await child.stdout.read(1):  # it listens
                    self._state, self._detail = "live", str(self._at)
                await _ended(child, stderr)
            finally:
                self._child = None
                await _end(child)
            return exit_reason("server", child.returncode, last_line(stderr))


async def _ended(child: asyncio.subprocess.Process, stderr: IO[bytes]) -> None:
    while child.returncode is None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_TRIM_S):
                await child.wait()
        trim(stderr)


async def _end(child: asyncio.subprocess.Process) -> None:
    """Let a process go that has read the end of its input; by force where it doesn't."""
    if child.stdin is not None:
        child.stdin.close()
    with suppress(TimeoutError):
        async with asyncio.timeout(_FAREWELL_S):
            await child.wait()
    if child.returncode is None:
        with suppress(ProcessLookupError):
            child.kill()
        await child.wait()


def _listen(bind: Bind) -> socket.socket:
    """A socket that listens. Raises DeskError."""
    try:
        family, *_, address = socket.getaddrinfo(bind.host, bind.port, type=socket.SOCK_STREAM)[0]
        return socket.create_server((str(address[0]), bind.port), family=family, backlog=BACKLOG)
    except (OSError, UnicodeError) as fault:
        raise DeskError(f"{bind}: can't listen: {why_not(fault)}", "choose another --http") from fault
