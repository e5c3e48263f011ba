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
    method: str, url: SplitResult, body: bytes, headers: Mapping[str, str], *, timeout_s: float = TIMEOUT_S
) -> Answer:
    """Make a request; never raises for what the network and the other side do. Words name the host, never the path,
    which may be a secret."""
    host = url.hostname or ""
    try:
        async with asyncio.timeout(timeout_s):
            return await _exchange(method, url, body, headers)
    except TimeoutError:
        return Answer(False, f"{host} doesn't answer within {timeout_s:g} s")
    except ssl.SSLCertVerificationError as fault:
        return Answer(False, f"{host} shows a certificate that isn't trusted ({fault.verify_message})")
    except ssl.SSLError as fault:
        return Answer(False, f"{host} speaks no TLS that we do ({fault.reason or 'TLS'})")
    except (OSError, EOFError, UnicodeError) as fault:
        return Answer(False, f"{host}: {_reason(fault)}")


async def _exchange(method: str, url: SplitResult, body: bytes, headers: Mapping[str, str]) -> Answer:
    tls = await asyncio.to_thread(_trusted) if url.scheme == "https" else None
    reader, writer = await asyncio.open_connection(url.hostname, url.port or _PORTS[url.scheme], ssl=tls)
    try:
        writer.write(_head(method, url, len(body), headers) + body)
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
    number = getattr(fault, "errno", None) or 0
    words = os.strerror(number) if number > 0 else getattr(fault, "strerror", None) or "closed the connection"
    return str(words).lower()


def _read(head: bytes, url: SplitResult) -> Answer:
    status = _STATUS.match(head)
    if status is None or len(head) > _MOST_HEAD:
        return Answer(False, f"{url.hostname} answers what isn't HTTP")
    wait = _RETRY_AFTER.search(head)
    return http_answer(int(status[1]), wait[1].decode("ascii", "replace") if wait else "", wall_ms())


def _head(method: str, url: SplitResult, length: int, headers: Mapping[str, str]) -> bytes:
    target = quote(url.path or "/", safe="/%:@!$&'()*+,;=~-._") + (f"?{url.query}" if url.query else "")
    host = url.netloc.rpartition("@")[2].encode("idna").decode() if not url.netloc.isascii() else url.netloc
    all_headers = {
        "Host": host, "User-Agent": f"deskmon/{__version__}", "Content-Length": str(length), "Connection": "close",
    } | dict(headers)  # fmt: skip
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in all_headers.items())]
    if any("\r" in line or "\n" in line for line in lines):
        raise ValueError("a header has two lines")
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")


@lru_cache(maxsize=1)
def _trusted() -> ssl.SSLContext:
    return ssl.create_default_context()
