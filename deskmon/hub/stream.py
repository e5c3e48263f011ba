"""The one stream of a hub: what is folded here goes, in one order, into the model, the journal and every subscriber."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress

from deskmon.alerts.telling import News
from deskmon.alerts.watch import Watch
from deskmon.events import Encoded, Event, Level, Pulse, Wave
from deskmon.hub.history import History
from deskmon.hub.level_announcer import LevelAnnouncer
from deskmon.hub.recorder import Recorder
from deskmon.hub.running import INVALID
from deskmon.hub.shared_snapshot import SharedSnapshot
from deskmon.hub.subscriber import Batch, ScreenSubscriber, Subscriber
from deskmon.hub.wave_announcer import WaveAnnouncer
from deskmon.model import Model
from deskmon.transport.wire import pack_array, pack_events

log = logging.getLogger(__name__)


class Stream:
    """Single writer of `model`. A snapshot taken between two calls of `fold` is continued by the next."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.recorders: list[Recorder] = []
        """Who writes journals of it."""
        self.history: History | None = None
        self.begun = asyncio.Event()
        """Set once what the desk knew before is folded: from here on subscribers may begin."""
        self.unsendable = 0
        """How many events were left out since they become no JSON."""
        self.watch: Watch | None = None
        """Who judges alerts along the stream, if anybody."""
        self.tell: Callable[[News], None] = lambda news: None
        """Called with each thing that there is to say of an alert."""
        self._announcers = self._made(model)
        self._shared = SharedSnapshot(self._made_snapshot, self._pulse)
        self._subscribers: set[Subscriber] = set()
        self._held: list[Encoded] | None = None
        self.released = asyncio.Event()
        """Set while what is folded enters the model at once."""
        self.released.set()
        self.work_s = 0.0
        """CPU that the model took for what was folded (s)."""

    def take(self, model: Model) -> None:
        """Go on with another model of the same market, made with other conventions; every subscriber starts again."""
        if model is self.model:
            return
        self.model, self._announcers = model, self._made(model)
        self.restart()

    def _made(self, model: Model) -> tuple[WaveAnnouncer, LevelAnnouncer]:
        return WaveAnnouncer(model.waves), LevelAnnouncer(model.levels)

    def fold(self, events: Iterable[Event]) -> None:
        """Apply, record and publish some events, and what follows from them of waves, levels and alerts; what a
        journal said of those is left out."""
        self.fold_encoded([Encoded(event) for event in events])

    def fold_encoded(self, items: Iterable[Encoded]) -> None:
        """The same for events that bring their JSON."""
        if self._held is not None:
            self._held += items
            return
        items = [item for item in items if type(item.event) is not Wave and type(item.event) is not Level]
        items = self._watched(self._sendable(items))
        events = [item.event for item in items]
        if events:
            now = events[-1].arrival
            news = [Encoded(news) for announcer in self._announcers for news in announcer.news(now)]
            self.model.apply([item.event for item in news])
            items += self._sendable(news)
        self._publish(items)

    def say(self, news: Sequence[News]) -> None:
        """Apply, record and publish what there is to say of alerts beside what follows from events."""
        self.model.apply([each.alert for each in news])
        self._publish(self._told(news))

    def _watched(self, items: Sequence[Encoded]) -> list[Encoded]:
        """Apply events, and judge alerts along them: the events, and what was said of alerts between them."""
        if self.watch is None:
            self.apply([item.event for item in items])
            return list(items)
        before = time.thread_time()
        found: list[Encoded] = []
        for folded, news in self.watch.fold(items, lambda item: item.event):
            found += folded
            found += self._told(news)
        self.work_s += time.thread_time() - before
        return found

    def _told(self, news: Sequence[News]) -> list[Encoded]:
        for each in news:
            self.tell(each)
        return self._sendable([Encoded(each.alert) for each in news])

    def _publish(self, items: Sequence[Encoded]) -> None:
        for recorder in self.recorders:
            recorder.write(items)
        if self.history is not None:
            self.history.write([item.event for item in items])
        batch = Batch(items)
        self._shared.offer(batch)
        for subscriber in self._subscribers:
            subscriber.offer(batch)

    def _sendable(self, items: Sequence[Encoded]) -> list[Encoded]:
        """Those that become JSON: one that doesn't costs itself, not the stream of all. None should be among them,
        since each event checks itself."""
        kept = []
        for item in items:
            try:
                item.json()
            except INVALID as fault:
                self._leave_out(item.event, fault)
            else:
                kept.append(item)
        return kept

    def _leave_out(self, event: Event, fault: Exception) -> None:
        self.unsendable += 1
        if self.unsendable == 1:
            log.error("a %s can't be sent and is left out: %s", type(event).__name__, fault)

    def recall(self, events: Sequence[Event]) -> None:
        """Apply and record events that the desk knew before: subscribers see their result, once `restart` is
        called."""
        self.apply(events)
        if self.recorders:
            items = [Encoded(event) for event in events]
            for recorder in self.recorders:
                recorder.write(items)

    def apply(self, events: Sequence[Event]) -> None:
        """Apply a part of a seek: subscribers see its result alone, once `restart` is called."""
        before = time.thread_time()
        if self.watch is None:
            self.model.apply(events)
        else:
            for _ in self.watch.fold(events):
                pass
        self.work_s += time.thread_time() - before

    def reach(self, now: int, *, silently: bool = False) -> None:
        """Say that all that arrived up to desk time `now` (ms) is applied: alerts are judged up to then, and what
        there is to say of them is published, but for a seek's."""
        news = [] if self.watch is None else self.watch.advance(now)
        if news and not silently:
            self._publish(self._told(news))

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """What is folded while the block runs waits for its end. Who has much to fold awaits `released`."""
        self._held = []
        self.released.clear()
        try:
            yield
        finally:
            waiting, self._held = self._held, None
            self.released.set()
            self.fold_encoded(waiting)

    def restart(self) -> None:
        """Make every subscriber start again from a snapshot."""
        for announcer in self._announcers:
            announcer.skip()
        self._shared.restart()
        for subscriber in self._subscribers:
            subscriber.restart()

    def begin(self, objects: Sequence[bytes]) -> None:
        """Let subscribers begin with a snapshot that was kept, JSON events, before this model knows the same."""
        self._shared.begin([pack_array([event]) for event in objects])
        self.begun.set()

    async def screens_began(self, patience_s: float) -> None:
        """Wait until each screen that is there was written its first snapshot, `patience_s` at most."""
        screens = [each for each in self._subscribers if isinstance(each, ScreenSubscriber)]
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                for screen in screens:
                    await screen.began.wait()

    async def snapshot(self) -> Sequence[bytes]:
        """Frames that rebuild the model as it is when this returns, most of them shared with whoever asked shortly
        before."""
        return await self._shared.take()

    async def _made_snapshot(self) -> Sequence[bytes]:
        events = [event for event in self.model.snapshot() if type(event) is not Pulse]
        return await asyncio.to_thread(self._frames, events)

    def _frames(self, events: Iterable[Event]) -> list[bytes]:
        frames = []
        for event in events:
            try:
                frames.append(pack_events([event]))
            except INVALID as fault:
                self._leave_out(event, fault)
        return frames

    def _pulse(self) -> Sequence[bytes]:
        return () if self.model.pulse is None else (pack_events([self.model.pulse]),)

    def add(self, subscriber: Subscriber) -> None:
        """Publish to `subscriber` from here on."""
        self._subscribers.add(subscriber)

    @property
    def screens(self) -> int:
        """How many screens read a pipe or a socket of this hub."""
        return sum(isinstance(each, ScreenSubscriber) and each.is_screen for each in self._subscribers)

    def remove(self, subscriber: Subscriber) -> None:
        """Publish to `subscriber` no more."""
        self._subscribers.discard(subscriber)
