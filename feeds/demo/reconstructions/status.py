"""What the feeds of a reconstruction say of themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from deskmon.events import Event, FeedStatus
from deskmon.feedkit import SECOND
from deskmon.feeds.demo.reconstructions import SPEED

_CHANNELS = dict.fromkeys(("ticker", "book", "liquidations", "funding", "open_interest", "candles"), "reconstructed")


def statuses(
    venues: Sequence[str], events: Iterable[Event], since: int, until: int, pace: int = SPEED
) -> list[FeedStatus]:
    """Each venue's feed from `since` to `until` (ms), every second at `pace`; it counts `events`, which are in order of
    `ts`."""
    counts = dict.fromkeys(venues, 0)
    newest: dict[str, int] = {}
    found: list[FeedStatus] = []
    upcoming = iter(events)
    event = next(upcoming, None)
    for now in range(since, until + 1, pace * SECOND):
        while event is not None and event.ts <= now:
            venue = getattr(event, "venue", None)
            if venue in counts:
                counts[venue] += 1
                newest[venue] = event.ts
            event = next(upcoming, None)
        found += [
            FeedStatus(
                ts=now, feed=venue, venue=venue, state="live", detail="reconstructed", last_event=newest.get(venue),
                events=counts[venue], channels=_CHANNELS,
            )
            for venue in venues
        ]  # fmt: skip
    return found
