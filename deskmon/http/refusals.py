"""How a refusal is written, and what stands in the head of every answer."""

from __future__ import annotations

from http import HTTPStatus

from aiohttp import web

from deskmon.http.answers import json

HEADERS = {
    "Server": "deskmon",  # who runs an old version needn't tell everybody
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
}


def refusal(status: HTTPStatus, what: str, remedy: str, headers: dict[str, str] | None = None) -> web.Response:
    """What is wrong, and what to do, as JSON."""
    body = json({"error": what, "remedy": remedy})
    return web.Response(status=status, body=body, content_type="application/json", headers=headers)


async def add_headers(request: web.BaseRequest, response: web.StreamResponse) -> None:
    """Put the heads of every answer into one that has none of its own."""
    response.headers.pop("Server", None)  # aiohttp's, with its version and Python's
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
