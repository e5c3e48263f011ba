"""What fields of events must be. Each check raises ValueError that names the field."""

from __future__ import annotations

import datetime

LIMIT = 1e18
"""Below it stands every price, amount and sum: beyond, a unit must be wrong, and no product of two overflows."""

MIN_TS = 946_684_800_000  # 2000-01-01: anything earlier is seconds mistaken for ms, or a zero
MAX_TS = 4_102_444_800_000  # 2100-01-01
MAX_NAME = 64
MAX_TEXT = 2_000

known_names: set[str] = set()
"""Names that were found good: venues and symbols come again and again."""


def are_times(ts: int, recv: int | None) -> bool:
    """Whether an event may have these times (ms), in whatever order."""
    return MIN_TS <= ts <= MAX_TS and (recv is None or MIN_TS <= recv <= MAX_TS)


def name(field: str, value: str) -> None:
    """1 to 64 printable characters."""
    if value in known_names:
        return
    if not value or len(value) > MAX_NAME or not value.isprintable():
        raise ValueError(f"{field}: {value[:80]!r} is not a name of 1 to {MAX_NAME} printable characters")
    if len(known_names) > 50_000:
        known_names.clear()
    known_names.add(value)


def positive(**values: float | None) -> None:
    """Each a positive number below the limit, where given."""
    for field, value in values.items():
        if value is not None and not 0 < value < LIMIT:
            raise ValueError(f"{field}: {value!r} is not a positive number below 1e18")


def not_negative(**values: float | None) -> None:
    """Each a number from 0 to the limit, where given."""
    for field, value in values.items():
        if value is not None and not 0 <= value < LIMIT:
            raise ValueError(f"{field}: {value!r} is not a number from 0 to 1e18")


def finite(**values: float | None) -> None:
    """Each a number within the limit of 0, where given."""
    for field, value in values.items():
        if value is not None and not -LIMIT < value < LIMIT:
            raise ValueError(f"{field}: {value!r} is not a number within 1e18 of 0")


def member(field: str, value: str, allowed: tuple[str, ...]) -> None:
    """One of a few words."""
    if value not in allowed:
        raise ValueError(f"{field}: {value[:80]!r} is none of {', '.join(allowed)}")


def text(field: str, value: str | None) -> None:
    """Text of a bounded length that UTF-8 can carry, where given; whoever shows it makes it safe."""
    if value is None:
        return
    if len(value) > MAX_TEXT:
        raise ValueError(f"{field}: longer than {MAX_TEXT} characters")
    if encodable(value) != value:
        raise ValueError(f"{field}: has half of a character, which no UTF-8 can carry")


def encodable(text: str) -> str:
    """`text` with U+FFFD for each lone surrogate, which no UTF-8 can carry: a name of a file, or a careless venue's
    JSON, may bring one. A pair of surrogates becomes its character, so the result is never longer."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def date(field: str, value: str) -> None:
    """The form that sorts by time, and no other of ISO 8601."""
    try:
        known = len(value) == 10 and datetime.date.fromisoformat(value).isoformat() == value
    except ValueError:
        known = False
    if not known:
        raise ValueError(f"{field}: {value[:80]!r} is not a date as in 2025-11-21")
