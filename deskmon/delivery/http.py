"""An HTTP request on the loop, with the standard library alone: a hub starts without what feeds need for theirs.

One connection a request, closed after the head of the answer: what a webhook says in its body is nothing to us.
"""

from __future__ import annotations

import asyncio
import os
import re
import ssl
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from urllib.parse import SplitResult, quote, urlsplit

from deskmon import __version__
from deskmon.clock import wall_ms
from deskmon.delivery.answer import Answer, http_answer
from deskmon.delivery.proxy import Proxy, Refused, environment_proxy, open_tunnel
from deskmon.delivery.proxy import headers as proxy_headers
from deskmon.errors import ConfigError

TIMEOUT_S = 15.0
"""Seconds that a whole request may take, whatever the other side does meanwhile."""
_MOST_HEAD = 64 * 1024
_PORTS = {"http": 80, "https": 443}
_STATUS = re.compile(rb"HTTP/\d\.\d (\d{3})(?: |\r|$)")
_RETRY_AFTER = re.compile(rb"\r\nretry-after:[ \t]*([^\r\n]*)", re.IGNORECASE)


def http_address(url: str, key: str) -> SplitResult:
    """`url` in its parts. Raises ConfigError, which doesn't repeat it, for what is no address of HTTP."""
    try:
        parts = urlsplit(url)
        valid = parts.scheme in _PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid or not url.isprintable() or " " in url:
        raise ConfigError([f"{key}: no address of HTTP; write http://HOST/PATH or https://HOST/PATH"])
    if parts.username is not None or parts.password is not None:
        raise ConfigError([f'{key}: an address carries no user and no password; write token = "env:NAME"'])
    return parts


async def request(
    method: str,
    url: SplitResult,
    body: bytes,
    headers: Mapping[str, str],
    *,
    proxy: Proxy | None = None,
    timeout_s: float = TIMEOUT_S,
) -> Answer:
    """Make a request, through `proxy` or else the one that the environment names; never raises for what the network and
    the other side do. Words name the host, never the path, which may be a secret."""
    host = url.hostname or ""
    try:
        proxy = proxy or environment_proxy(url)
        async with asyncio.timeout(timeout_s):
            return await _exchange(method, url, body, headers, proxy)
    except ConfigError as fault:
        return Answer(False, str(fault))
    except TimeoutError:
        return Answer(False, f"{host} doesn't answer within {timeout_s:g} s{_by(proxy)}")
    except ssl.SSLCertVerificationError as fault:
        return Answer(False, f"{host} shows a certificate that isn't trusted ({fault.verify_message})")
    except ssl.SSLError as fault:
        return Answer(False, f"{host} speaks no TLS that we do ({fault.reason or 'TLS'})")
    except (OSError, EOFError, UnicodeError) as fault:
        return Answer(False, f"{host}{_by(proxy)}: {_reason(fault)}")


def _by(proxy: Proxy | None) -> str:
    return "" if proxy is None else f" by proxy {proxy.host}"


async def _exchange(
    method: str, url: SplitResult, body: bytes, headers: Mapping[str, str], proxy: Proxy | None
) -> Answer:
    host, port = url.hostname or "", url.port or _PORTS[url.scheme]
    tls = await asyncio.to_thread(_trusted) if url.scheme == "https" else None
    at = (host, port) if proxy is None else (proxy.host, proxy.port)
    reader, writer = await asyncio.open_connection(*at, ssl=tls if proxy is None else None)
    try:
        if proxy is not None and tls is not None:
            await open_tunnel(proxy, host, port, reader, writer)
            await writer.start_tls(tls, server_hostname=host)
        writer.write(_head(method, url, len(body), headers, proxy) + body)
        await writer.drain()
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError:
        return Answer(False, f"{url.hostname} answers what isn't HTTP")
    except ConnectionError:
        # One that answers before it has read all, and closes, may still be heard.
        with suppress(OSError, EOFError):
            return _read(await reader.readuntil(b"\r\n\r\n"), url)
        raise
    finally:
        writer.transport.abort()
    return _read(head, url)


def _reason(fault: Exception) -> str:
    """Why no answer came; of asyncio's own words, which repeat the address, only the system's part."""
    if isinstance(fault, Refused):
        return str(fault)
    number = getattr(fault, "errno", None) or 0
    words = os.strerror(number) if number > 0 else getattr(fault, "strerror", None) or "closed the connection"
    return str(words).lower()


def _read(head: bytes, url: SplitResult) -> Answer:
    status = _STATUS.match(head)
    if status is None or len(head) > _MOST_HEAD:
        return Answer(False, f"{url.hostname} answers what isn't HTTP")
    wait = _RETRY_AFTER.search(head)
    return http_answer(int(status[1]), wait[1].decode("ascii", "replace") if wait else "", wall_ms())


def _head(method: str, url: SplitResult, length: int, headers: Mapping[str, str], proxy: Proxy | None) -> bytes:
    target = quote(url.path or "/", safe="/%:@!$&'()*+,;=~-._") + (f"?{url.query}" if url.query else "")
    host = url.netloc.rpartition("@")[2].encode("idna").decode() if not url.netloc.isascii() else url.netloc
    all_headers = {
        "Host": host, "User-Agent": f"deskmon/{__version__}", "Content-Length": str(length), "Connection": "close",
    } | dict(headers)  # fmt: skip
    passed_on = proxy is not None and url.scheme == "http"  # else through a tunnel, as if there were no proxy
    target = f"http://{host}{target}" if passed_on else target
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in all_headers.items())]
    lines += proxy_headers(proxy) if proxy is not None and passed_on else []
    if any("\r" in line or "\n" in line for line in lines):
        raise ValueError("a header has two lines")
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")


@lru_cache(maxsize=1)
def _trusted() -> ssl.SSLContext:
    return ssl.create_default_context()
