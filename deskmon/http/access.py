"""Who may ask: the names under which the server is asked for, and a token.

A page of a stranger that a browser shows can ask any address, also this machine's own. It may not read the answer, as
no answer allows that. By a name of its own that leads to this address it could (DNS rebinding), so the server answers
to addresses, to `localhost` and to names that the operator lists, and to no other.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Collection

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

SCHEME = "Bearer "


def access_check(hosts: Collection[str], token: str | None) -> Middleware:
    """Refuses requests to names that are not in `hosts`, those that a browser sends for another site's page, and, where
    there is a token, those without it."""
    known = {host.lower() for host in hosts} | {"localhost"}
    wanted = None if token is None else token.encode()

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not is_known(request.headers.get("Host", ""), known):
            raise web.HTTPMisdirectedRequest(text="this name is not served; [http] hosts lists names")
        if request.headers.get("Sec-Fetch-Site", "none") in ("cross-site", "same-site"):
            raise web.HTTPForbidden(text="another site's page asks; only this server's own address may")
        if wanted is not None and not _has_token(request, wanted):
            raise web.HTTPUnauthorized(
                text="a token is needed; send the header Authorization: Bearer TOKEN",
                headers={"WWW-Authenticate": 'Bearer realm="deskmon"'},
            )
        return await handler(request)

    return check


def is_known(host: str, known: Collection[str]) -> bool:
    """Whether a Host header names an address, or one of the names `known`."""
    name = host[1:].partition("]")[0] if host.startswith("[") else host.rpartition(":")[0] if ":" in host else host
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name.lower().rstrip(".") in known
    return True


def _has_token(request: web.Request, wanted: bytes) -> bool:
    given = request.headers.get("Authorization", "")
    if not given.startswith(SCHEME):
        return False
    return hmac.compare_digest(given.removeprefix(SCHEME).strip().encode(errors="surrogateescape"), wanted)
