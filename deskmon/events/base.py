"""What every event has: its times, and mostly a venue and a symbol."""

# Annotations are evaluated here once: as texts, msgspec would compile each of them at every start.

import msgspec

from deskmon.events import checks
from deskmon.events.checks import MAX_TS, MIN_TS, known_names


class Event(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    gc=False,
    omit_defaults=True,
    forbid_unknown_fields=True,
    tag_field="type",
):
    """Base of all: `ts` the venue's clock, `recv` ours, both ms UTC."""

    ts: int
    recv: int | None = None

    def __post_init__(self) -> None:
        recv = self.recv
        if not MIN_TS <= self.ts <= MAX_TS:
            raise ValueError(f"ts: {self.ts!r} is not a time in ms between 2000 and 2100")
        if recv is not None and not MIN_TS <= recv <= MAX_TS:
            raise ValueError(f"recv: {recv!r} is not a time in ms between 2000 and 2100")

    @property
    def arrival(self) -> int:
        """When the desk knew of it: `recv`, else `ts` (ms)."""
        return self.ts if self.recv is None else self.recv


class VenueEvent(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """An event of one symbol on one venue."""

    venue: str
    symbol: str

    def __post_init__(self) -> None:
        recv = self.recv
        if not MIN_TS <= self.ts <= MAX_TS or (recv is not None and not MIN_TS <= recv <= MAX_TS):
            Event.__post_init__(self)
        if self.venue not in known_names:
            checks.name("venue", self.venue)
        if self.symbol not in known_names:
            checks.name("symbol", self.symbol)
