"""Time zones by name. What is imported for them is imported where a desk has one: few have."""

from __future__ import annotations

from collections.abc import Collection
from datetime import tzinfo


def zone(name: str | None) -> tzinfo | None:
    """The time zone of this IANA name; None where this machine knows none, and for no name."""
    if name is None:
        return None
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (OSError, LookupError, ValueError):  # no such file, no such zone, no name at all
        return None


def zones() -> Collection[str]:
    """Names of all zones that this machine knows."""
    from zoneinfo import available_timezones

    return available_timezones()
