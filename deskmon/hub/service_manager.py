"""What a hub tells the service manager that started it, by the protocol of sd_notify(3): ready, alive, how it is."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import AsyncIterator, Callable, MutableMapping
from contextlib import asynccontextmanager, suppress

from deskmon.background import start

log = logging.getLogger(__name__)

EVERY_S = 5.0
"""How often the service manager is told, where its watchdog doesn't ask for more."""

START_S = 60
"""Seconds that a start may take on from each time that it is told of: a long journal takes a while to read."""


class ServiceManager:
    """Whoever listens at `$NOTIFY_SOCKET`; nobody where that isn't set. Never blocks, never raises.

    The variables are taken out of the environment, so that no feed's process speaks for the hub.
    """

    def __init__(self, environ: MutableMapping[str, str]) -> None:
        path = environ.pop("NOTIFY_SOCKET", "")
        watchdog, process = environ.pop("WATCHDOG_USEC", ""), environ.pop("WATCHDOG_PID", "")
        self._address = "\0" + path[1:] if path.startswith("@") else path
        mine = process in ("", str(os.getpid()))
        self.every_s = min(EVERY_S, int(watchdog) / 2e6) if watchdog.isdigit() and int(watchdog) and mine else EVERY_S
        """How often it is told that the loop runs: at least twice within its patience."""
        self._failed = False

    def tell(self, *lines: str) -> None:
        """Send assignments such as `READY=1` in one datagram."""
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as way:
                way.sendto("\n".join(lines).encode(), self._address)
        except OSError as fault:
            if not self._failed:
                log.warning("the service manager at $NOTIFY_SOCKET can't be told: %s", fault)
            self._failed = True

    @asynccontextmanager
    async def told(self, begun: asyncio.Event, words: Callable[[], str]) -> AsyncIterator[None]:
        """Say that the hub starts until `begun` is set, then READY, then again and again that the loop runs and how the
        hub is, by `words`; when the block is left, that it stops."""
        task = start(self._run(begun, words), "service manager") if self._address else None
        try:
            yield
        finally:
            self.tell("STOPPING=1")
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def _run(self, begun: asyncio.Event, words: Callable[[], str]) -> None:
        while not begun.is_set():
            self.tell(f"EXTEND_TIMEOUT_USEC={START_S * 1_000_000}", "STATUS=reads what the desk knew")
            with suppress(TimeoutError):
                async with asyncio.timeout(self.every_s):
                    await begun.wait()
        self.tell("READY=1")
        while True:
            self.tell("WATCHDOG=1", f"STATUS={words()}")
            await asyncio.sleep(self.every_s)
