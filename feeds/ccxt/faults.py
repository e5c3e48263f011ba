"""What went wrong with a venue, in plain words, and how long to leave it alone. Imports ccxt."""

from __future__ import annotations

import asyncio
import errno
import re
import socket
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError
from ccxt.base.errors import (
    ArgumentsRequired,
    AuthenticationError,
    BadRequest,
    BadResponse,
    BadSymbol,
    BaseError,
    ChecksumError,
    InvalidNonce,
    NetworkError,
    NotSupported,
    RateLimitExceeded,
    RequestTimeout,
    UnsubscribeError,
)

from deskmon.events import FeedState

SLOW_SECONDS = 300.0
"""Between two tries at a venue that refuses us."""

LIMITED_SECONDS = 30.0
"""Pause after a refusal for too many requests that doesn't say how long."""

FAULTS = (
    BaseError,
    aiohttp.ClientError,
    ProxyError,
    ProxyConnectionError,
    ProxyTimeoutError,
    OSError,
    asyncio.TimeoutError,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    TypeError,
    ValueError,
    zlib.error,
)
"""What ccxt raises for a venue that misbehaves: its own errors, and those of parsing what it didn't expect."""

MISSED = "a change of the book was missed; it is begun afresh"

BAD = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What parsing a record of unexpected shape raises."""

_REFUSALS = {403, 451}
_LIMITS = {418, 429}


class VenueError(NetworkError):  # type: ignore[misc]
    """An answer that ccxt would word less plainly. `wait`: seconds to leave the venue alone."""

    told = False

    def __init__(self, words: str, state: FeedState = "reconnecting", wait: float | None = None) -> None:
        super().__init__(words)
        self.words = words
        self.state = state
        self.wait = wait


class Stalled(VenueError):
    """What we end ourselves, to subscribe again: of which lines that tells is known already."""

    told = True

    def __init__(self, words: str) -> None:
        super().__init__(words, "stale")


@dataclass(frozen=True, slots=True)
class Fault:
    """State of the channel, words for a reader, seconds to wait at least; `final`: no use in trying again; `told`: the
    lines that it touches know of it."""

    state: FeedState
    words: str
    wait: float = 0.0
    final: bool = False
    told: bool = False


def _seconds(headers: Mapping[str, Any]) -> float | None:
    """Retry-After in seconds, if an answer carries it as a number."""
    for name, value in headers.items():
        if name.lower() == "retry-after":
            try:
                return max(0.0, float(value))
            except ValueError:
                return None
    return None


def _refused(status: int, headers: Mapping[str, Any]) -> VenueError | None:
    if status in _REFUSALS:
        return VenueError(f"the venue refuses this location or address (HTTP {status})", "down", SLOW_SECONDS)
    if status in _LIMITS:
        stated = _seconds(headers)
        wait = LIMITED_SECONDS if stated is None else stated
        said = f"it asks for {wait:g} s" if stated is not None else f"waiting {wait:g} s"
        return VenueError(f"too many requests (HTTP {status}); {said}", "reconnecting", wait)
    return None


def check_answer(status: int, headers: Mapping[str, Any], body: Any, decoded: Any) -> None:
    """Raise VenueError for an HTTP answer that is a refusal, a limit, or no JSON at all."""
    refusal = _refused(status, headers)
    if refusal is not None:
        raise refusal
    if decoded is None and isinstance(body, str) and body.strip():
        what = "a web page (HTML)" if body.lstrip().startswith("<") else "something unreadable"
        raise VenueError(f"the venue answers with {what} instead of JSON (HTTP {status})")
    if status >= 500:
        raise VenueError(f"the venue is out of order (HTTP {status})")


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error, what caused it, and errors that ccxt wrapped as an argument."""
    seen: set[int] = set()
    rest: list[BaseException] = [error]
    while rest:
        current = rest.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        rest += [inner for inner in (current.__cause__, *current.args) if isinstance(inner, BaseException)]


def _proxy(error: BaseException) -> Fault | None:
    """A fault of the proxy between."""
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return Fault("reconnecting", f"the proxy refuses (HTTP {error.status})")
    if isinstance(error, aiohttp.ClientProxyConnectionError | ProxyConnectionError):
        return Fault("reconnecting", "can't connect to the proxy")
    if isinstance(error, ProxyError):
        return Fault("reconnecting", f"the proxy refuses ({_one_line(error)})")
    return None


def _connection(error: BaseException) -> Fault | None:
    """A fault of the connection itself."""
    if isinstance(error, VenueError):
        return Fault(error.state, error.words, error.wait or 0.0, told=error.told)
    if isinstance(error, aiohttp.WSServerHandshakeError):
        refusal = _refused(error.status, error.headers or {})
        if refusal is not None:
            return Fault(refusal.state, refusal.words, refusal.wait or 0.0)
        return Fault("reconnecting", f"the venue refuses the websocket (HTTP {error.status})")
    if isinstance(error, aiohttp.ClientConnectorDNSError | socket.gaierror):
        return Fault("reconnecting", "the venue's name can't be resolved (DNS)")
    if isinstance(error, OSError) and error.errno == errno.ECONNREFUSED:
        return Fault("reconnecting", "connection refused")
    if isinstance(error, aiohttp.ClientConnectorError):
        return Fault("reconnecting", f"can't connect: {error.strerror or error}")
    if isinstance(error, aiohttp.ServerDisconnectedError | ConnectionResetError | BrokenPipeError):
        return Fault("reconnecting", "the venue closed the connection")
    if isinstance(error, RequestTimeout | asyncio.TimeoutError):
        return Fault("reconnecting", "no answer in time")
    return None


def describe(error: BaseException) -> Fault:
    """The fault behind an error from ccxt, in words."""
    for part in _chain(error):
        fault = _proxy(part) or _connection(part)
        if fault is not None:
            return fault
    text = _one_line(error)
    closed = re.search(r"closing code (\d+)", text)
    if closed:
        return Fault("reconnecting", f"the venue closed the connection (code {closed[1]})")
    return _of_kind(error, text)


def _of_kind(error: BaseException, text: str) -> Fault:
    """What ccxt's kind of error says."""
    if isinstance(error, UnsubscribeError):
        return Fault("stale", "taken back, to be subscribed again", told=True)
    if isinstance(error, ChecksumError | InvalidNonce):
        return Fault("stale", MISSED)
    if isinstance(error, RateLimitExceeded):
        return Fault("reconnecting", f"too many requests; waiting {LIMITED_SECONDS:g} s", LIMITED_SECONDS)
    if isinstance(error, AuthenticationError):
        return Fault("down", f"needs an API key: {text}", final=True)
    if isinstance(error, NotSupported | ArgumentsRequired | BadSymbol) or type(error) is BadRequest:
        return Fault("down", f"not available: {text}", final=True)
    if isinstance(error, BadResponse):
        return Fault("reconnecting", f"an unreadable answer: {text}")
    if isinstance(error, BaseError):
        return Fault("reconnecting", text)
    return Fault("reconnecting", f"an answer that can't be read ({type(error).__name__}: {text})")


def _one_line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return text[:200] or type(error).__name__
