"""A real browser without a window: Chromium, driven over its DevTools protocol."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse

from tests.hub.waiting import LIMIT_S, until

NAMES = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-proxy-server", "--remote-debugging-port=0")


class Page:
    """One page of the browser."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = count(1)

    async def run(self, script: str) -> Any:
        """The value of an expression of JavaScript, once its promise is kept. Raises AssertionError where it throws."""
        said = await self._evaluate(script)
        assert "exceptionDetails" not in said["result"], said
        return said["result"]["result"].get("value")

    async def loaded(self, url: str) -> None:
        """Wait until the page stands: before, it answers for another one, or not at all."""
        async with asyncio.timeout(LIMIT_S):
            while True:
                said = await self._evaluate("document.readyState + document.URL")
                if said.get("result", {}).get("result", {}).get("value") == f"complete{url}":
                    return

    async def _evaluate(self, script: str) -> dict[str, Any]:
        number = next(self._numbers)
        await self._socket.send_json({
            "id": number, "method": "Runtime.evaluate",
            "params": {"expression": script, "awaitPromise": True, "returnByValue": True},
        })  # fmt: skip
        async with asyncio.timeout(LIMIT_S):
            while (said := await self._socket.receive_json()).get("id") != number:
                pass
        return dict(said)


class Browser:
    """Opens pages."""

    def __init__(self, session: ClientSession, url: str) -> None:
        self._session, self._url = session, url

    @asynccontextmanager
    async def page(self, url: str) -> AsyncIterator[Page]:
        """The page at an address, once it has loaded."""
        async with self._session.put(f"{self._url}/json/new?{url}") as answer:
            target = await answer.json()
        async with self._session.ws_connect(target["webSocketDebuggerUrl"]) as socket:
            page = Page(socket)
            await page.loaded(url)
            yield page


@asynccontextmanager
async def browser(profile: Path) -> AsyncIterator[Browser]:
    """Chromium with a profile of its own. Skips the test where it isn't installed."""
    command = next(filter(None, map(shutil.which, NAMES)), None)
    if command is None:
        pytest.skip("chromium isn't installed")
    process = await asyncio.create_subprocess_exec(
        command, *OPTIONS, f"--user-data-dir={profile}", "about:blank", stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    port = profile / "DevToolsActivePort"
    try:
        await until(lambda: port.exists() and port.read_text().count("\n") == 1)
        async with ClientSession() as session:
            yield Browser(session, f"http://127.0.0.1:{port.read_text().split()[0]}")
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
