"""Moments that come every week or every day: `friday 21:00`, `daily 07:30 UTC`."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import msgspec

from deskmon.clock import DAY, MINUTE

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
EXAMPLE = 'write it like "friday 21:00 UTC" or "daily 07:30 UTC"'
_FORM = rf"(daily|{'|'.join(DAYS)}) ([01]\d|2[0-3]):([0-5]\d)(?: utc)?"


class WeeklyTime(msgspec.Struct, frozen=True):
    """`weekday` 0 is Monday, None every day; `into` is ms from midnight UTC."""

    weekday: int | None
    into: int

    def newest(self, now: int) -> int:
        """The newest such moment by `now` (ms)."""
        back = 0 if self.weekday is None else (datetime.fromtimestamp(now / 1000, UTC).weekday() - self.weekday) % 7
        then = now - now % DAY - back * DAY + self.into
        return then if then <= now else then - self.period

    def next(self, now: int) -> int:
        """The first one after `now` (ms)."""
        return self.newest(now) + self.period

    @property
    def period(self) -> int:
        """The time from one to the next (ms)."""
        return DAY if self.weekday is None else 7 * DAY


def parse_weekly(text: str) -> WeeklyTime:
    """The moments that a text means; UTC. Raises ValueError for anything else."""
    found = re.fullmatch(_FORM, " ".join(text.lower().split()))
    if found is None:
        raise ValueError(f"{text[:40]!r} is no time of every week or day: {EXAMPLE}")
    into = (int(found[2]) * 60 + int(found[3])) * MINUTE
    return WeeklyTime(None if found[1] == "daily" else DAYS.index(found[1]), into)
