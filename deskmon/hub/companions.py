"""Who stands beside a hub: whoever says how something is, and the broker that carries its desk."""

from __future__ import annotations

from typing import Any, Protocol

from msgspec.structs import replace

from deskmon.events import FeedStatus, HubStatus

REPORT_MS = 5_000


class DueStatus:
    """A status is told at each change of what it says, and every five seconds."""

    def __init__(self) -> None:
        self._told: FeedStatus | None = None

    def of(self, status: FeedStatus) -> FeedStatus | None:
        """The status where it is due by its own time."""
        last = self._told
        if last is not None and replace(status, ts=last.ts) == last and 0 <= status.ts - last.ts < REPORT_MS:
            return None
        self._told = status
        return status


class Reporter(Protocol):
    """Says how something is. Asked some times a second."""

    def report(self, now: int) -> FeedStatus | None:
        """Its status where one is due at desk time `now` (ms)."""
        ...


class OnBroker(Protocol):
    """The hub's side of a broker, as far as a hub tells of it."""

    @property
    def leads(self) -> bool:
        """Whether screens follow this hub there."""
        ...

    @property
    def screens(self) -> int:
        """How many do."""
        ...

    def carry(self, outgoing: Any) -> None:
        """Share what this hub sends to people with the desk's other hubs."""
        ...

    async def share_outbox(self) -> None:
        """Have the broker know of what this hub sends to people as it is now."""
        ...

    def hubs(self) -> dict[str, HubStatus]:
        """All hubs of the desk, by id."""
        ...
