"""A hub in this process, with its server in a process of its own as ever, and a client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from msgspec.structs import replace

from deskmon.config.schema import HttpConfig, JournalConfig
from deskmon.hub.bind import Bind, GuardedBind
from deskmon.hub.http_endpoint import HttpServer, http_endpoint
from deskmon.hub.hub import Hub
from tests.hub.market import load
from tests.hub.waiting import LIMIT_S

HERE = Bind("127.0.0.1", 0)


class Asking:
    """A client of one server."""

    def __init__(self, hub: Hub, at: Bind, session: aiohttp.ClientSession) -> None:
        self.hub, self.url, self.session = hub, str(at), session

    @property
    def server(self) -> HttpServer:
        """The hub's side of it."""
        return next(each for each in self.hub.reporters if isinstance(each, HttpServer))

    async def get(self, path: str, **more: Any) -> tuple[int, Any]:
        """(status, JSON or text)."""
        async with asyncio.timeout(LIMIT_S), self.session.get(self.url + path, **more) as answer:
            is_json = answer.content_type == "application/json"
            return answer.status, await (answer.json() if is_json else answer.text())

    async def ready(self) -> None:
        """Wait until the server has heard the hub."""
        async with asyncio.timeout(LIMIT_S):
            while (await self.get("/state?only=mode"))[0] == 503:  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.05)


@asynccontextmanager
async def served(
    config: Any, *, token: str | None = None, hosts: tuple[str, ...] = (), journal: Path | None = None
) -> AsyncIterator[Asking]:
    """A hub of the tests' feeds that answers programs, once it is ready to; the client sends the token. journal: the
    folder that it looks back into."""
    hub = Hub(config, load=load)
    hub.journal_folder = journal
    config = replace(config, http=HttpConfig(hosts=hosts))
    if journal is not None:
        config = replace(config, journal=JournalConfig(folder=str(journal)))
    running = asyncio.create_task(hub.run())
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    try:
        async with (
            http_endpoint(hub, GuardedBind(HERE, token), config) as at,
            aiohttp.ClientSession(headers=headers) as session,
        ):
            asking = Asking(hub, at, session)
            await asking.ready()
            yield asking
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
