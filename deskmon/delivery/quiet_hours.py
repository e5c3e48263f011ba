"""Hours in which a route tells of pages alone."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import msgspec

from deskmon.clock import MINUTE

_FORM = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_DAY = 24 * 60


class QuietHours(msgspec.Struct, frozen=True):
    """From `start` to `end`, in minutes of a day (UTC); over midnight where the end is earlier."""

    start: int
    end: int

    def until(self, now: int) -> int | None:
        """When they end (ms), where it is quiet at `now` (ms); else None."""
        at = datetime.fromtimestamp(now / 1000, UTC)
        since = (at.hour * 60 + at.minute - self.start) % _DAY
        length = (self.end - self.start) % _DAY
        return now - now % MINUTE + (length - since) * MINUTE if since < length else None


def quiet_hours(text: str) -> QuietHours:
    """The hours that `22:00-07:00` means. Raises ValueError for anything else."""
    found = _FORM.fullmatch(text)
    if found is None or found[1] + found[2] == found[3] + found[4]:
        raise ValueError('write two different times of a day: "22:00-07:00"')
    hours = [int(part) for part in found.groups()]
    return QuietHours(hours[0] * 60 + hours[1], hours[2] * 60 + hours[3])
