"""The proxy through which a request of HTTP goes: a route's own, else the one that the environment names."""

from __future__ import annotations

import asyncio
import base64
import ipaddress
import re
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from deskmon.errors import ConfigError

PORT = 80
_MOST_HEAD = 64 * 1024
_STATUS = re.compile(rb"HTTP/\d\.\d (\d{3})(?: |\r|$)")


class Proxy(NamedTuple):
    """Where it is, and what it wants to hear of who asks, "" where nothing."""

    host: str
    port: int
    authorization: str = ""


class Refused(OSError):
    """A proxy that doesn't pass a request on; says why, without a secret."""


def proxy_address(text: str, key: str) -> Proxy:
    """`http://[USER:PASSWORD@]HOST[:PORT]` as a proxy. Raises ConfigError, which doesn't repeat it, for another."""
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        port = PORT if parts.port is None else parts.port
    except ValueError:
        parts, port = urlsplit(""), 0
    if parts.scheme != "http" or not parts.hostname or not port or not text.isprintable():
        raise ConfigError([f"{key}: no proxy of HTTP; write http://HOST:PORT"])
    return Proxy(parts.hostname, port, _authorization(parts))


def _authorization(parts: SplitResult) -> str:
    if parts.username is None:
        return ""
    who = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return "Basic " + base64.b64encode(who.encode()).decode()


def environment_proxy(url: SplitResult) -> Proxy | None:
    """The proxy that `http_proxy`, `https_proxy` or `all_proxy` name for an address, unless `no_proxy` names its host.
    Never for this very machine. Raises ConfigError for one that isn't one of HTTP."""
    from urllib.request import getproxies_environment, proxy_bypass

    named = getproxies_environment()
    key = url.scheme if url.scheme in named else "all"
    if key not in named or _is_here(url.hostname or "") or proxy_bypass(url.netloc):
        return None
    return proxy_address(named[key], f"{key}_proxy in the environment")


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def open_tunnel(
    proxy: Proxy, host: str, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Have the proxy connect to `host`. Raises Refused where it doesn't, and OSError or EOFError as a connection."""
    name = f"[{host}]" if ":" in host else host.encode("idna").decode()
    lines = [f"CONNECT {name}:{port} HTTP/1.1", f"Host: {name}:{port}", *headers(proxy)]
    writer.write("\r\n".join([*lines, "", ""]).encode("ascii"))
    await writer.drain()
    head = await reader.readuntil(b"\r\n\r\n")
    status = _STATUS.match(head)
    if status is None or len(head) > _MOST_HEAD:
        raise Refused("it answers what isn't HTTP")
    if not status[1].startswith(b"2"):
        raise Refused(f"it refuses with HTTP {status[1].decode()}")


def headers(proxy: Proxy) -> list[str]:
    """What a request says to the proxy alone."""
    return [f"Proxy-Authorization: {proxy.authorization}"] if proxy.authorization else []
