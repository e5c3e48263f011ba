"""A real mosquitto on loopback, for one test or for many."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from tests.hub.waiting import until
from tests.ports import reserve_port

BINARY = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def need_mosquitto() -> None:
    """Skip where there is no mosquitto, saying so; where CI runs, that is a failure."""
    if BINARY is None:
        reason = "mosquitto isn't installed (Debian: apt install mosquitto): nothing of MQTT was tested"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)


class Mosquitto:
    """A broker on a port of loopback; `lines` are more lines of its configuration."""

    def __init__(self, folder: Path, *lines: str, scheme: str = "mqtt", anonymous: bool = True) -> None:
        self.port = reserve_port()
        self._config = folder / f"mosquitto-{self.port}.conf"
        access = f"allow_anonymous {str(anonymous).lower()}"
        own = (f"listener {self.port} 127.0.0.1", access, "log_dest none", *lines)
        self._config.write_text("\n".join(own) + "\n")
        self._scheme = scheme
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, desk: str = "desk") -> str:
        """The address of a desk on it."""
        host = "localhost" if self._scheme == "mqtts" else "127.0.0.1"
        return f"{self._scheme}://{host}:{self.port}/{desk}"

    async def start(self) -> None:
        """Start it and wait until it takes connections."""
        assert BINARY is not None
        self._process = subprocess.Popen([BINARY, "-c", str(self._config)], stderr=subprocess.DEVNULL)  # noqa: ASYNC220
        await until(self._listens)

    async def stop(self, *, kill: bool = False) -> None:
        """End it."""
        process, self._process = self._process, None
        if process is not None:
            process.kill() if kill else process.terminate()
            await asyncio.to_thread(process.wait)

    def _listens(self) -> bool:
        with closing(socket.socket()) as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@asynccontextmanager
async def mosquitto(folder: Path, *lines: str, **options: object) -> AsyncIterator[Mosquitto]:
    """A broker that runs while the block does."""
    need_mosquitto()
    broker = Mosquitto(folder, *lines, **options)  # type: ignore[arg-type]
    await broker.start()
    try:
        yield broker
    finally:
        await broker.stop()
