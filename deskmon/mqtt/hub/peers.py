"""The desk's other hubs: what their feeds bring is taken as if it were this hub's, and said whose it is.

Every hub of a desk shares what its own feeds bring and takes what the others share, so that each knows the whole desk
and any of them can lead. A hub knows of another's market what came since both were up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from deskmon.errors import DeskError
from deskmon.events import (
    MAX_NAME,
    Alert,
    Checkpoint,
    Encoded,
    Event,
    FeedState,
    FeedStatus,
    Gap,
    Journal,
    Level,
    PinnedLevel,
    Pulse,
    Reset,
    Wave,
)
from deskmon.mqtt.client.presence import Presence
from deskmon.mqtt.client.wire import unpack_batch
from deskmon.transport.wire import EventDecoder

REPORT_MS = 5_000
_VENUES = 64
_FEEDS = 256
_NOT_SHARED = frozenset({Wave, Level, PinnedLevel, Alert, Journal, Pulse, Reset, Checkpoint})


class Peers:
    """Takes what other hubs share."""

    def __init__(self, put: Callable[[Encoded, str], bool], now: Callable[[], int]) -> None:
        """`put` takes an event and whose it is; `now` is the desk's clock (ms)."""
        self._put = put
        self._now = now
        self._peers: dict[str, _Peer] = {}

    def take(self, presence: Presence, payload: bytes) -> None:
        """Take what a hub that is up shared."""
        peer = self._peers.get(presence.hub)
        if peer is None:
            peer = self._peers[presence.hub] = _Peer(self._name(presence), self._put)
            peer.beat(True, self._now())
        peer.take(payload, self._now())

    def beat(self, up: Mapping[str, Presence]) -> None:
        """Say how the others are; `up` are the hubs that are. Call it about once a second."""
        for hub, peer in self._peers.items():
            peer.beat(hub in up, self._now())

    def _name(self, presence: Presence) -> str:
        """The hub's name, which one that is gone leaves to it; its id where another one has that name."""
        gone = [hub for hub, peer in self._peers.items() if peer.name == presence.name and not peer.up]
        for hub in gone:
            del self._peers[hub]
        names = {peer.name for peer in self._peers.values()}
        return presence.hub if presence.name in names else presence.name


class _Peer:
    """One other hub."""

    def __init__(self, name: str, put: Callable[[Encoded, str], bool]) -> None:
        self.name = name
        self.up = True
        self._label = f"hub {name}"
        self._put = put
        self._decoder = EventDecoder()
        self._next: int | None = None
        self._heard = 0
        self._venues: set[str] = set()
        self._feeds: dict[str, FeedStatus] = {}
        self._events = self._dropped = self._rejected = 0
        self._reported: FeedStatus | None = None

    def take(self, payload: bytes, now: int) -> None:
        try:
            batch = unpack_batch(payload)
            events = self._decoder.decode(bytes(batch.events))
        except DeskError:
            self._rejected += 1
            return
        if self._next is not None and batch.next <= self._next:
            return  # a repetition
        if self._next is not None and batch.seq > self._next:
            self._miss(batch.seq - self._next, now)
        self._next, self._heard = batch.next, now
        for event in events:
            if type(event) in _NOT_SHARED:
                self._rejected += 1
            else:
                self._events += 1
                self._put(Encoded(self._ours(event, now)), self._label)

    def beat(self, up: bool, now: int) -> None:
        fell, self.up = self.up and not up, up
        if fell:
            for status in self._feeds.values():
                gone = msgspec.structs.replace(status, ts=now, recv=now, state="down", detail=f"{self._label} is gone")
                self._put(Encoded(gone), self._label)
        state: FeedState = "live" if up else "down"
        status = FeedStatus(
            ts=now, feed=self._label, state=state, detail="shares the desk" if up else "is gone",
            last_event=self._heard or None, events=self._events, dropped=self._dropped,
            rejected=self._rejected + self._decoder.skipped, service=True,
        )  # fmt: skip
        last = self._reported
        if last is None or msgspec.structs.replace(status, ts=last.ts) != last or not 0 <= now - last.ts < REPORT_MS:
            self._reported = status
            self._put(Encoded(status), self._label)

    def _ours(self, event: Event, now: int) -> Event:
        """The event as this desk has it: it arrived now, and what a feed says carries the name of its hub."""
        venue = getattr(event, "venue", None)
        if venue is not None and len(self._venues) < _VENUES:
            self._venues.add(venue)
        if type(event) is FeedStatus or type(event) is Gap:
            feed = f"{event.feed}@{self.name}"[:MAX_NAME]
            event = msgspec.structs.replace(event, feed=feed, recv=now)
            if type(event) is FeedStatus and len(self._feeds) < _FEEDS:
                self._feeds[feed] = event
            return event
        return msgspec.structs.replace(event, recv=now)

    def _miss(self, count: int, now: int) -> None:
        """A gap for each venue of the hub; the count, known of all of them together, stands with the first."""
        self._dropped += count
        for venue in sorted(self._venues):
            gap = Gap(
                ts=now, recv=now, feed=self._label, venue=venue, channel="all",
                since=min(self._heard, now), until=now, dropped=count,
            )  # fmt: skip
            count = 0
            self._put(Encoded(gap), self._label)
