"""One request, within bounds: of time, of size, of where it is sent on to; and what went wrong in words."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import msgspec

from deskmon import __version__

if TYPE_CHECKING:  # it takes longer to import than all else that `deskmon check` needs
    import aiohttp

MOST_BYTES = 16 * 1024 * 1024
"""An answer, unpacked, is at most so large."""
TIMEOUTS_S = {"total": 30, "sock_connect": 10, "sock_read": 15}
REDIRECTS = 5
USER_AGENT = f"deskmon/{__version__}"
_OWN = {"User-Agent": USER_AGENT, "Accept-Encoding": "gzip, deflate"}
_CHUNK = 64 * 1024
_WAIT_MOST_S = 86_400.0


class RequestFault(Exception):
    """A request that brought no answer, in words; `retry_s`: how long the server asks to wait, if it does."""

    def __init__(self, text: str, retry_s: float | None = None) -> None:
        super().__init__(text)
        self.retry_s = retry_s


class Raw(msgspec.Struct, frozen=True):
    """An answer as it came, unpacked. `content` is None where the server says that nothing changed (304)."""

    content: bytes | None
    content_type: str
    etag: str
    last_modified: str


async def request(
    session: aiohttp.ClientSession, url: str, headers: Mapping[str, str], proxy: str | None = None
) -> Raw:
    """Ask for `url`. Raises RequestFault."""
    import aiohttp

    timeout = aiohttp.ClientTimeout(**TIMEOUTS_S)
    sent = {**_OWN, **headers}
    try:
        for _ in range(REDIRECTS + 1):
            async with session.get(
                url, headers=sent, allow_redirects=False, timeout=timeout, proxy=proxy, auto_decompress=False
            ) as response:  # fmt: skip
                if response.status in (301, 302, 303, 307, 308):
                    before, url = url, _redirected(url, _text(response.headers.get("Location", "")))
                    if urlsplit(before).netloc != urlsplit(url).netloc:
                        sent = {**_OWN}  # a key is for the host that it was meant for
                    continue
                return await _answer(response)
        raise RequestFault(f"it redirects more than {REDIRECTS} times")
    except TimeoutError as fault:
        raise RequestFault("no whole answer in time") from fault
    except (aiohttp.ClientError, OSError, ValueError, zlib.error) as fault:
        raise RequestFault(_words(fault)) from fault


_WORDS = {
    "ClientConnectorDNSError": "its name can't be resolved (DNS)",
    "ClientSSLError": "its certificate isn't trusted",
    "ClientConnectorError": "it can't be reached",
    "ServerDisconnectedError": "its answer breaks off",
    "ClientPayloadError": "its answer breaks off",
    "InvalidURL": "that is no address",
}
"""By aiohttp's names, the special before the general: aiohttp itself is imported where something is asked."""


def _words(fault: Exception) -> str:
    """What went wrong, for a trader; of an unknown kind as it is."""
    if isinstance(fault, zlib.error):
        return "its answer can't be unpacked"
    import aiohttp

    told = next((words for kind, words in _WORDS.items() if isinstance(fault, getattr(aiohttp, kind))), "")
    return told or f"{type(fault).__name__}: {fault}"[:200]


def _redirected(url: str, location: str) -> str:
    found = urljoin(url, location)
    if urlsplit(found).scheme != "https":
        raise RequestFault(f"it redirects to {found[:80]}, which is not https")
    return found


async def _answer(response: aiohttp.ClientResponse) -> Raw:
    headers = {name: _text(response.headers.get(name, "")) for name in ("ETag", "Last-Modified", "Retry-After", "Date")}
    if response.status not in (200, 304):
        words = f"it answers {response.status} {_text(response.reason or '')}"
        retry = headers["Retry-After"]
        raise RequestFault(words.strip()[:100], _wait(retry, headers["Date"]) if retry else None)
    content = None if response.status == 304 else await _body(response)
    return Raw(content, _text(response.content_type), headers["ETag"], headers["Last-Modified"])


def _text(header: str) -> str:
    """What a server said, as text that can be written: aiohttp keeps bytes that are none as lone surrogates."""
    return header.encode("utf-8", "replace").decode()


async def _body(response: aiohttp.ClientResponse) -> bytes:
    """All of it, unpacked step by step, so that a small one can't become a large one unseen."""
    encoding = response.headers.get("Content-Encoding", "identity").lower()
    if encoding not in ("identity", "", "gzip", "x-gzip", "deflate"):
        raise RequestFault(f"it is packed as {_text(encoding)[:20]!r}")
    unpack = None if encoding in ("identity", "") else zlib.decompressobj(47)  # gzip or zlib, by its first bytes
    found = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        if unpack is None:
            found += chunk
        else:
            while chunk and len(found) <= MOST_BYTES:
                found += unpack.decompress(chunk, _CHUNK)
                chunk = unpack.unconsumed_tail
        if len(found) > MOST_BYTES:
            raise RequestFault(f"its answer is larger than {MOST_BYTES // 1024 // 1024} MiB")
    if unpack is not None and not unpack.eof:
        raise RequestFault("its answer breaks off")
    return bytes(found)


def _wait(text: str, date: str) -> float | None:
    """Seconds that `Retry-After` names, at most a day: a number, or a time on the server's own clock, `Date`."""
    if text.strip().isdigit():
        return min(float(text), _WAIT_MOST_S)
    try:
        seconds = (parsedate_to_datetime(text) - parsedate_to_datetime(date)).total_seconds()
    except (ValueError, TypeError):
        return None
    return min(max(0.0, seconds), _WAIT_MOST_S)
