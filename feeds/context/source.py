"""What a source is: what it tells, where, how often it may be asked, and who stands in for it."""

from __future__ import annotations

import msgspec

from deskmon.feeds.context.answers import Parse

HOUR_S = 3_600.0
DAY_S = 24 * HOUR_S


class Address(msgspec.Struct, frozen=True):
    """One provider of a source.

    urls: asked one after the other, each answer read by `parse`.
    history: asked once, at the first reading, for what `urls` don't reach back to.
    day_limit, hour_limit: requests that the provider allows in 24 hours and in one; None where it names no number.
    key: name of the header that carries the key of `keys.PROVIDER`; "" where none is needed.
    licence: what its terms say of use, in a few words.
    """

    provider: str
    urls: tuple[str, ...]
    parse: Parse
    licence: str
    history: tuple[str, ...] = ()
    day_limit: int | None = None
    hour_limit: int | None = None
    key: str = ""

    @property
    def limits(self) -> dict[int, int]:
        """Requests that are allowed, by the hours in which they are."""
        told = {24: self.day_limit, 1: self.hour_limit}
        return {hours: limit for hours, limit in told.items() if limit is not None}


class Source(msgspec.Struct, frozen=True):
    """One row of the feeds panel.

    tells: what comes of it, as names of series or kinds of events, with units.
    period_s: seconds between two readings; hours: (from, until) in UTC in which they count, where it publishes only
    then on weekdays; outside it is read every `DAY_S / 4`.
    stale_days: a newest value older than this isn't what the source gives.
    doubted: whether its values are held against what was usual; a desk's own aren't.
    """

    name: str
    title: str
    tells: str
    addresses: tuple[Address, ...]
    period_s: float
    hours: tuple[int, int] | None = None
    stale_days: int = 365
    doubted: bool = True
