"""The simulated venues' feeds: what they say of themselves, and one connection lost in the thick of a cascade."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from deskmon.events import Event, FeedState, FeedStatus, Gap
from deskmon.feedkit import SECOND
from deskmon.feeds.demo.simulator.step import NAMES, Step
from deskmon.feeds.demo.simulator.world import VENUES

STATUS_EVERY = SECOND
"""Between two statuses of a venue (ms) at pace 1."""
_NAMES = ("ticker", "book", "trades", "liquidations", "funding", "open_interest", "candles")
CHANNELS = dict.fromkeys(_NAMES, "simulated")
_FIRST_LOST = NAMES.index("okx")


@dataclass(frozen=True, slots=True)
class Outage:
    """A venue's connection: silent from `since` on, dropped at `dropped`, working again at `until` (ms)."""

    venue: int
    since: int
    dropped: int
    until: int

    def state(self, now: int) -> tuple[FeedState, str]:
        """What the feed says of itself at `now` (ms)."""
        if now < self.dropped:
            return (
                "stale",
                f"simulated: nothing heard since {datetime.fromtimestamp(self.since / SECOND, UTC):%H:%M:%S}Z",
            )
        return "reconnecting", "simulated: connection lost, trying again"


class Feeds:
    """Counts what each venue's feed delivers and lets nothing through while its connection is lost."""

    def __init__(self, rng: Random, pace: int) -> None:
        self._rng = rng
        self._every = STATUS_EVERY * pace
        self._events = dict.fromkeys(NAMES, 0)
        self._newest: dict[str, Event] = {}
        self._reconnects = [0] * len(VENUES)
        self._outage: Outage | None = None
        self._phase: object = None
        self._lost = 0

    def emit(self, step: Step) -> None:
        """Add to a step the feeds' statuses and gaps, and take from it what is lost."""
        self._plan(step)
        outage, end = self._outage, step.start + step.length
        if outage is not None and step.start >= outage.until:
            self._outage = None
            self._recover(outage, step)
        elif outage is not None and end > outage.since:
            lost = NAMES[outage.venue]
            step.out = [event for event in step.out if getattr(event, "venue", None) != lost]
        self._count(step.out)
        if end % self._every < step.length:
            step.out += (self._status(venue, end) for venue in range(len(VENUES)))

    def _plan(self, step: Step) -> None:
        """The first cascade loses a connection for certain, later ones as likely as not."""
        phase = step.market.phase
        if phase is self._phase:
            return
        self._phase = phase
        if phase.name != "cascade":
            return
        venue = _FIRST_LOST if not self._lost else self._rng.randrange(len(VENUES))
        if not self._lost or self._rng.random() < 0.5:
            since = step.start + self._rng.randrange(14, 22) * SECOND
            dropped = since + 8 * SECOND
            self._outage = Outage(venue, since, dropped, dropped + self._rng.randrange(10, 15) * SECOND)
            self._lost += 1

    def _recover(self, outage: Outage, step: Step) -> None:
        self._reconnects[outage.venue] += 1
        name = NAMES[outage.venue]
        step.out += (
            Gap(ts=step.start, feed=name, venue=name, channel=channel, since=outage.since, until=step.start, dropped=0)
            for channel in ("liquidations", "trades")
        )
        step.out.append(self._status(outage.venue, step.start))

    def _count(self, events: Iterable[Event]) -> None:
        for event in events:
            name: str | None = getattr(event, "venue", None)
            if name is not None:
                self._events[name] += 1
                self._newest[name] = event

    def _status(self, venue: int, now: int) -> FeedStatus:
        name, outage = NAMES[venue], self._outage
        state: FeedState = "live"
        detail = "simulated"
        if outage is not None and outage.venue == venue and now > outage.since:
            state, detail = outage.state(now)
        newest = self._newest.get(name)
        return FeedStatus(
            ts=now,
            feed=name,
            venue=name,
            state=state,
            detail=detail,
            events=self._events[name],
            reconnects=self._reconnects[venue],
            last_event=None if newest is None else newest.ts,
            lag_ms=None if newest is None else float(newest.arrival - newest.ts),
            channels=CHANNELS,
        )
