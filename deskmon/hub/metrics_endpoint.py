"""Where a monitoring system reads a hub's numbers: `GET /metrics` and nothing else, without a password."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus

from deskmon.errors import DeskError
from deskmon.hub.bind import Bind, why_not
from deskmon.hub.hub import Hub

log = logging.getLogger(__name__)

PATIENCE_S = 5.0
"""Seconds that a client gets to ask, and to take the answer."""
MOST_HEAD = 8_192
"""Bytes of the longest request."""
MOST_CLIENTS = 16
"""Clients at once; a further one is cut off."""
KEPT_S = 1.0
"""So long one answer serves all who ask: a scrape costs the loop some milliseconds."""


@asynccontextmanager
async def metrics_endpoint(hub: Hub, bind: Bind) -> AsyncIterator[Bind]:
    """Answer at `bind` while the block runs; yields the address that is listened at, whose port is another where it
    was 0. Raises DeskError where that can't be."""
    from deskmon.hub.metrics import CONTENT_TYPE, expositor

    page = _Page(expositor(hub), CONTENT_TYPE)
    try:
        server = await asyncio.start_server(page.serve, bind.host, bind.port, limit=MOST_HEAD)
    except (OSError, UnicodeError) as fault:
        raise DeskError(f"{bind}/metrics: can't listen: {why_not(fault)}", "choose another --metrics") from fault
    at = Bind(bind.host, server.sockets[0].getsockname()[1])
    if not at.is_loopback:
        log.warning("metrics at %s/metrics have no password: whoever reaches this address reads them", at)
    try:
        yield at
    finally:
        server.close()
        page.close()


class _Page:
    """Answers requests, with a text that is made anew once a second at most."""

    def __init__(self, write: Callable[[], bytes], content_type: str) -> None:
        self._write, self._type = write, content_type
        self._made: tuple[float, bytes] = (float("-inf"), b"")
        self._clients: set[asyncio.StreamWriter] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one client's one request; whatever it sends costs only itself."""
        if len(self._clients) >= MOST_CLIENTS:
            writer.transport.abort()
            return
        self._clients.add(writer)
        try:
            with suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                async with asyncio.timeout(PATIENCE_S):
                    writer.write(self._answer(await reader.readuntil(b"\r\n\r\n")))
                    await writer.drain()
        finally:
            self._clients.discard(writer)
            writer.close()

    def close(self) -> None:
        """Cut everybody off."""
        for writer in self._clients:
            writer.transport.abort()

    def _answer(self, head: bytes) -> bytes:
        method, _, rest = head.partition(b" ")
        path = rest.split(b" ", 1)[0].partition(b"?")[0]
        if method not in (b"GET", b"HEAD"):
            return _response(HTTPStatus.METHOD_NOT_ALLOWED, "text/plain", b"GET /metrics\n")
        if path != b"/metrics":
            return _response(HTTPStatus.NOT_FOUND, "text/plain", b"the numbers are at /metrics\n")
        now = time.monotonic()
        if now - self._made[0] >= KEPT_S:
            self._made = now, self._write()
        body = self._made[1]
        return _response(HTTPStatus.OK, self._type, body, with_body=method == b"GET")


def _response(status: HTTPStatus, content_type: str, body: bytes, *, with_body: bool = True) -> bytes:
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + (body if with_body else b"")
