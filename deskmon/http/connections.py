"""How many connections there may be, and how long one may be silent before it asks for something."""

from __future__ import annotations

import asyncio

from aiohttp import web
from aiohttp.typedefs import Handler
from aiohttp.web_protocol import RequestHandler

MOST = 512
"""Connections at once; a further one is closed."""
SILENT_S = 10.0
"""Seconds that a connection gets for its first request."""


class Connections:
    """Knows which connections asked for nothing yet."""

    def __init__(self) -> None:
        self._silent: set[RequestHandler] = set()

    def answer(self, server: web.Server) -> asyncio.Protocol:
        """What answers the next connection to a server."""
        if len(server.connections) >= MOST:
            return _Refusal()
        made = server()
        self._silent.add(made)
        asyncio.get_running_loop().call_later(SILENT_S, self._close_silent, made)
        return made

    def _close_silent(self, made: RequestHandler) -> None:
        if made in self._silent:
            self._silent.discard(made)
            made.force_close()

    @web.middleware
    async def heard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Note that a connection asked for something."""
        self._silent.discard(request.protocol)
        return await handler(request)


class _Refusal(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()
