"""What became of a try to send."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime

import msgspec

from deskmon.clock import HOUR, SECOND

MOST_RETRY_AFTER = HOUR
"""A route that asks for more patience (ms) is tried again after so long."""


class Answer(msgspec.Struct, frozen=True):
    """`taken`: somebody has the message. Else `words` say why not, and `retry_after` (ms) when to come again, where
    the other side said so."""

    taken: bool
    words: str
    retry_after: int | None = None


def http_answer(status: int, retry_after: str, now: int) -> Answer:
    """What an HTTP status and its Retry-After header (seconds, or a date) mean, at `now` (ms)."""
    if 200 <= status < 300:
        return Answer(True, f"HTTP {status}")
    words = f"HTTP {status}"
    if 300 <= status < 400:
        words += ", a redirect, which isn't followed: write the new address"
    elif status in (401, 403):
        words += ": look at the address and the token"
    return Answer(False, words, _wait(retry_after.strip(), now))


def _wait(text: str, now: int) -> int | None:
    if re.fullmatch(r"\d{1,9}", text):
        return min(int(text) * SECOND, MOST_RETRY_AFTER)
    try:
        at = int(parsedate_to_datetime(text).timestamp() * 1000)
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(0, at - now), MOST_RETRY_AFTER)
