"""What a capture may hold: no key, no signature, no cookie, no address of this machine, nothing of an account.

A text is changed by its characters, never read and written anew, so that all else stays as the venue sent it.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

REDACTED = "REDACTED"
"""Stands where a secret stood, the same for all, so that an answer and the address made of it still agree."""
NOWHERE = "0.0.0.0"
"""Stands where an address of a machine stood."""
LONG = 16
"""A value of this length may be a secret; a shorter one under an everyday name, such as `token`, is a coin."""

_KEYS = r"(?:api|access|listen)[-_]?key|secret(?:[-_]?key)?"
_CLEAR = rf"{_KEYS}|signature|passphrase|password|authorization|cookie|jwt"
_EVERYDAY = r"key|sign|token|auth|session|session[-_]?id"
_SECRET = re.compile(rf"(?:.*(?:{_CLEAR})|(?:.*[-_])?(?:{_EVERYDAY})|[a-z]+token)", re.IGNORECASE)
_FIELD = re.compile(
    rf'(?P<before>(?P<quote>\\*")(?:(?P<clear>[\w-]*(?:{_CLEAR}))|(?:[\w-]*[-_])?(?:{_EVERYDAY})|[a-z]+token)(?P=quote)'
    rf'\s*:\s*(?P=quote))(?P<value>[^"\\]*)',
    re.IGNORECASE,
)
_IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])")
_IPV6 = re.compile(r"(?<![\w:.])(?=[0-9a-fA-F:]*:[0-9a-fA-F:]*:)[0-9a-fA-F:]{4,39}(?![\w:.])")
_LISTEN_KEY = re.compile(r"(?<=/)[A-Za-z0-9_-]{40,}(?=/|$)")
_LOGINS = re.compile(
    r"(?:^|[./_])(?:auth|login|logon|signin|authenticate|authentication|authorization)$", re.IGNORECASE
)
_ORDERS = ("op", "method", "event", "type", "action", "request", "cmd", "command", "e")


def redact(text: str) -> str:
    """A frame, an answer or a line of ours without secrets and addresses."""
    text = _FIELD.sub(_hide, text)
    text = _IPV4.sub(lambda found: NOWHERE if _is_address(found[0]) else found[0], text)
    return _IPV6.sub(lambda found: "::" if _is_address(found[0]) else found[0], text)


def redact_url(url: str) -> str:
    """An address without user, password, keys and signatures. One without any stays as it is."""
    parts = urlsplit(url)
    query = parts.query
    if any(_SECRET.fullmatch(name) for name, _ in parse_qsl(query, keep_blank_values=True)):
        pairs = parse_qsl(query, keep_blank_values=True)
        query = "&".join(f"{quote(k)}={REDACTED if _SECRET.fullmatch(k) else quote(v, safe='')}" for k, v in pairs)
    path, host = _LISTEN_KEY.sub(REDACTED, parts.path), parts.netloc.rpartition("@")[2]
    return redact(urlunsplit((parts.scheme, host, path, query, "")))


def redact_options(options: Any) -> Any:
    """Options of a feed without its proxy and secrets, at any depth."""
    if isinstance(options, Mapping):
        kept = {name: value for name, value in options.items() if name != "proxy" and not _SECRET.fullmatch(str(name))}
        return {name: redact_options(value) for name, value in kept.items()}
    if isinstance(options, list | tuple):
        return [redact_options(value) for value in options]
    if isinstance(options, str):
        return redact_url(options) if "://" in options else redact(options)
    return options


def is_private(url: str, headers: Iterable[str] = ()) -> bool:
    """Whether a request, or a websocket's address, is made with somebody's key: what answers it is of an account."""
    parts = urlsplit(url)
    names = [name for name, _ in parse_qsl(parts.query, keep_blank_values=True) if name.lower() != "token"]
    return bool(_LISTEN_KEY.search(parts.path)) or any(map(_SECRET.fullmatch, (*names, *headers)))


def is_login(message: Any) -> bool:
    """Whether a message to a venue says who one is; what comes after it on that connection may be of an account."""
    if not isinstance(message, Mapping):
        return False
    return any(isinstance(message.get(name), str) and _LOGINS.search(message[name]) for name in _ORDERS)


def _hide(found: re.Match[str]) -> str:
    value = found["value"]
    is_secret = bool(value) and (found["clear"] is not None or (len(value) >= LONG and " " not in value))
    return found["before"] + (REDACTED if is_secret else value)


def _is_address(text: str) -> bool:
    try:
        return not ipaddress.ip_address(text).is_unspecified
    except ValueError:
        return False
