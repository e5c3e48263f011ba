"""What a source answered, and how its words, numbers and dates are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from math import isfinite
from typing import Any

import msgspec

from deskmon.events import Event

MILLION = 1e6
CLOSED = 21
"""Hour (UTC) by which the exchanges of New York have closed: a value of a day counts from then."""
ALL_FUNDS = "all funds"
"""The fund under which a sum without its parts stands."""
_NOTHING = frozenset({"", "-", "–", "—", ".", "nan", "null", "n/a", "none"})
_PAGE = (b"<!doctype html", b"<html")
_CHALLENGES = (b"challenge-error-text", b"cf-challenge", b"just a moment...", b"/cdn-cgi/challenge-platform")


class Unreadable(ValueError):
    """An answer that isn't what its source gives. The text says what is wrong, for a trader."""


class Answer(msgspec.Struct, frozen=True):
    """What came from `url`: the bytes, their media type, and when (ms)."""

    url: str
    content: bytes
    content_type: str
    at: int


Parse = Callable[[Answer], Iterable[Event]]
"""Events of an answer, oldest first. Pure. Raises Unreadable."""


def is_page(content: bytes) -> bool:
    """Whether this is a web page."""
    return content[:512].lstrip().lower().startswith(_PAGE)


def refuse_challenge(content: bytes) -> None:
    """Raises Unreadable for the page of a site that asks whether a human is there."""
    head = content[:20_000].lower()
    if any(mark in head for mark in _CHALLENGES):
        raise Unreadable("the site answers with a challenge for browsers, not with data")


def decoded(answer: Answer) -> Any:
    """The JSON of an answer. Raises Unreadable."""
    if is_page(answer.content):
        refuse_challenge(answer.content)
        raise Unreadable("a web page in place of JSON")
    try:
        return msgspec.json.decode(answer.content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise Unreadable(f"no JSON: {fault}") from fault


def member(data: Any, *path: str | int) -> Any:
    """What stands at `path` in JSON. Raises Unreadable where it isn't there."""
    for step in path:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError) as fault:
            raise Unreadable(f"{'.'.join(map(str, path))} is missing") from fault
    return data


def rows(data: Any, *path: str | int) -> list[Any]:
    """The list at `path`. Raises Unreadable where there is none, or nothing in it."""
    found = member(data, *path)
    where = ".".join(map(str, path)) or "the answer"
    if not isinstance(found, list) or not found:
        raise Unreadable(f"{where} is no list with something in it")
    return found


def mapping(data: Any, *path: str | int) -> Mapping[str, Any]:
    """The object at `path`. Raises Unreadable where there is none."""
    found = member(data, *path)
    if not isinstance(found, dict):
        raise Unreadable(f"{'.'.join(map(str, path)) or 'the answer'} is no object")
    return found


def number(value: Any) -> float | None:
    """A number as sources write it: `1,234.5`, `(12.3)` for a negative one, `0.25%`, text or not. None where it says
    that it has none: a dash, a dot, blank, NaN. Raises Unreadable for anything else.

    >>> number("(1,113.7)"), number("0.0"), number("-")
    (-1113.7, 0.0, None)
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Unreadable(f"{value!r:.40} is no number")
    if isinstance(value, str):
        text = value.strip().replace(",", "").replace("\u2212", "-").removeprefix("$").removesuffix("%").rstrip("*")
        if text.lower() in _NOTHING:
            return None
        negative = text.startswith("(") and text.endswith(")")
        try:
            found = float(text[1:-1] if negative else text)
        except ValueError as fault:
            raise Unreadable(f"{value!r:.40} is no number") from fault
        value = -found if negative else found
    return float(value) if isfinite(value) else None


def needed(value: Any, what: str) -> float:
    """The same where there must be one. Raises Unreadable."""
    found = number(value)
    if found is None:
        raise Unreadable(f"{what} has no value")
    return found


def seconds(value: Any) -> int:
    """Epoch seconds, text or number → ms. Raises Unreadable."""
    return round(needed(value, "a time") * 1000)


def day(text: Any, *forms: str) -> date:
    """A date written in one of `forms` (strptime), ISO where none is given. Raises Unreadable."""
    for form in forms or ("%Y-%m-%d",):
        try:
            return datetime.strptime(str(text).strip(), form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    raise Unreadable(f"{text!r:.40} is no date")


def at_hour(when: date, hour: int = 0) -> int:
    """That hour (UTC) of a day, ms."""
    return int(datetime(when.year, when.month, when.day, hour, tzinfo=UTC).timestamp() * 1000)


def is_weekday(when: date) -> bool:
    """Monday to Friday."""
    return when.weekday() < 5
