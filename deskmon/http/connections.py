"""How many connections there may be, and how long one may be silent before it asks for something."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler
from aiohttp.web_protocol import RequestHandler

from deskmon.http.refusals import HEADERS, refusal

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
        made.__class__ = _InWords  # aiohttp has no other way to say how what is no request is refused
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


class _InWords(RequestHandler):
    __slots__ = ()

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """Refuse what is no request of HTTP, or failed, as everything else is refused."""
        super().handle_error(request, status, exc, message)  # it logs
        known = HTTPStatus(status)
        is_fault = known >= HTTPStatus.INTERNAL_SERVER_ERROR
        what = "the answer failed" if is_fault else f"this is no request that can be read ({known.phrase})"
        answer = refusal(known, what, "the hub's log says why" if is_fault else "GET /openapi.json says what there is")
        answer.headers.update(HEADERS)
        answer.force_close()
        return answer


class _Refusal(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()
