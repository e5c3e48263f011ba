"""The hub: feeds or a timeline in, one stream out. One loop, one writer, and a pulse that says how well it runs."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from deskmon import __version__, plugins
from deskmon.clock import MINUTE, Clock, LiveClock, WallClock
from deskmon.config.places import journal_folder
from deskmon.config.schema import Config, FeedConfig
from deskmon.configured_model import new_model, renewed
from deskmon.errors import DeskError
from deskmon.events import Encoded, HubStatus, Journal, Mode, Note, PinnedLevel, Pulse
from deskmon.feedkit import TimelineFeed
from deskmon.hub.alert_desk import AlertDesk
from deskmon.hub.clock_watch import ClockWatch
from deskmon.hub.companions import OnBroker, Reporter
from deskmon.hub.door import Door, Visitor
from deskmon.hub.feed_mover import FeedMover
from deskmon.hub.feed_set import FeedSet
from deskmon.hub.findings import found
from deskmon.hub.history import History
from deskmon.hub.journal_files import FileAt
from deskmon.hub.journals import Journals
from deskmon.hub.lateness import Lateness
from deskmon.hub.look_backs import LookBacks
from deskmon.hub.mailbox import Mailbox
from deskmon.hub.memory import resident_mb
from deskmon.hub.missed import AskOthers, MissedEventsTeller
from deskmon.hub.playback import Playback
from deskmon.hub.resume import Past
from deskmon.hub.stream import Stream
from deskmon.hub.subscriber import Batch, Subscriber
from deskmon.hub.supervisor import Load, Supervisor
from deskmon.journal import free_path
from deskmon.past.start_cache import StartCache
from deskmon.pins import OperatorPins
from deskmon.transport.requests import Control, Find, Here, Look, Missed, Snapshot
from deskmon.transport.requests import Note as NoteRequest
from deskmon.turns import Pace, Turns

log = logging.getLogger(__name__)

TURN_S = 0.05
"""Seconds between two turns of the pump: what happens meanwhile leaves as one batch."""
PULSE_S = 0.25
FEEDS = "feeds"
GRACE_S = 3.0
"""Seconds that feeds get to end when the hub does: the rest of `ending.END_S` is for journal and history."""

Item = TypeVar("Item")


class Hub:
    """Runs a desk: `stream` is what it publishes, `run` runs it until it is cancelled."""

    def __init__(
        self,
        config: Config,
        *,
        clock: Clock | None = None,
        rng: random.Random | None = None,
        load: Load = plugins.load_feed,
        record_to: Path | None = None,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        """`load` finds the class of a feed by its type. `record_to` is a journal to write in place of the config's,
        whatever the desk plays; where it can't be written `run` raises DeskError. `on_end` is called when a timeline
        has been played to its end."""
        self.stream = Stream(new_model(config))
        self.mailbox = Mailbox()
        """What this hub's own feeds bring."""
        self.peer_mailbox = Mailbox()
        """What the desk's other hubs share."""
        self.share_subscribers: set[Subscriber] = set()
        """Where what this hub's own feeds bring leaves for other hubs."""
        self.on_broker: OnBroker | None = None
        """The broker that carries the desk, if any."""
        self.mode: Mode = "live"
        self.stuck: list[str] = []
        """Labels of feeds that did not end when the hub did."""
        self._started = WallClock().now()
        self._config = config
        self._pins = OperatorPins(config.levels.pins)
        self._feeds = {label: feed for label, feed in config.feeds.items() if feed.enabled}
        self._clock: Clock = clock or LiveClock()
        self._rng = rng or random.Random()
        self._load = load
        self._record_to: FileAt | None = None if record_to is None else lambda _: record_to
        self._file: FileAt | None = partial(free_path, config.journal.path) if config.journal.path else None
        self._journals = Journals(self.stream)
        self._playback: Playback | None = None
        self._turns = Turns(has_room=lambda: self.mailbox.has_room)
        self._market = FeedSet(self._supervisor, self.mailbox.put, self._clock.now)
        self.door = Door()
        """Where screens ask for something."""
        self.alerts = AlertDesk(config, self.stream, lambda: self.now, self.door)
        """Rules and scenarios."""
        self.look_backs = LookBacks(lambda: self.journal_folder, lambda: self._config)
        self.door.leave = self.look_backs.leave
        self.journal_folder: Path | None = None
        """Where the rolling journal is that screens may look back into."""
        self.missed = MissedEventsTeller(lambda: self.journal_folder, self._journals.flush, lambda: self.now)
        self.ask_others: AskOthers | None = None
        """Asks the desk's other hubs for what this one missed, where it has some."""
        self.on_reload: list[Callable[[Config], None]] = []
        """Called with another configuration that was taken."""
        self._on_end = on_end
        self.reporters: list[Reporter] = [self.door]
        """Whoever else has something to say among the feeds."""
        self._history = History(config.history, self._clock)
        self._recalled, self._late = asyncio.Event(), Lateness()
        self._drained: deque[Encoded] = deque()
        self._pace = Pace()
        self._beats = 0
        self._open_door()

    def _open_door(self) -> None:
        """Say who handles what screens ask for."""
        handle = self.door.handle
        handle(Control, lambda request, visitor: self.control(request))
        handle(NoteRequest, lambda request, visitor: self.note(request))
        handle(Here, lambda request, visitor: None)
        handle(Find, self._find)
        handle(Snapshot, self._resend)
        handle(Look, self._look)
        handle(Missed, self.missed.take)

    @property
    def now(self) -> int:
        """The desk clock in ms."""
        return self._clock.now() if self._playback is None else self._playback.clock.now()

    def control(self, request: Control) -> None:
        """Do what the private screen asks: follow closely what it looks at, announce a level that it pinned, play."""
        if request.do == "reload":
            self._reload(str(request.value))
        elif request.do == "watch":
            for supervisor in self._market.supervisors:
                supervisor.watch(frozenset(str(request.value or "").split()))
        elif request.pin is not None:
            self._fold_pins(self._pins.add(request.pin, self.now))
        elif self._playback is not None:
            self._playback.request(request)

    def note(self, asked: NoteRequest) -> str:
        """Put a trader's note into the stream, of all hubs of the desk. Raises ValueError for one that says nothing, or
        that nobody signs."""
        note = Note(ts=self.now, text=asked.text, by=asked.by, symbol=asked.symbol, price=asked.price)
        self.mailbox.put(Encoded(note))
        return f"noted as {note.by}"

    def _resend(self, request: Snapshot, visitor: Visitor) -> None:
        self.look_backs.restart(visitor)
        visitor.end.restart()

    def _find(self, request: Find, visitor: Visitor) -> str:
        """Find something in the hub's market; "" for a screen that shows the past, also on its way back."""
        if self._playback is not None and self._playback.seeking:
            raise ValueError("the market is on its way to another moment")
        past = self._playback is None and request.what[0] != "hour" and request.at < self.now - MINUTE
        return "" if past or self.look_backs.has(visitor) else found(request, self.stream.model)

    def _look(self, request: Look, visitor: Visitor) -> None:
        if self._playback is not None:
            raise DeskError("a demo and a replay are no live desk to look back on", "only who plays it can seek")
        self.look_backs.take(request, visitor)

    def _reload(self, text: str) -> None:
        try:
            self.reload(msgspec.json.decode(text, type=Config))
        except (ValueError, RecursionError) as fault:
            log.error("the screen sends what is no configuration, the old one stays: %s", fault)

    def reload(self, config: Config) -> None:
        """Take another configuration while running: feeds of a live desk, and conventions and pins of the model. The
        journal, the history, a broker, and what is played are as they were until the next start."""
        feeds = {label: feed for label, feed in config.feeds.items() if feed.enabled}
        if self._playback is None and feeds != self._feeds:
            self._feeds = feeds
            self._market.change(feeds)
        self.stream.take(renewed(self.stream.model, self._config, config))
        if self._playback is not None:
            self._playback.forget()
        self._fold_pins(self._pins.follow(config.levels.pins, self.now))
        self.alerts.reload(config)
        self._config = config
        for take in self.on_reload:
            take(config)

    def _fold_pins(self, changed: Sequence[PinnedLevel]) -> None:
        if changed:
            self.stream.fold(changed)

    async def run(self) -> None:
        """Run until cancelled; then end the feeds, fold what they left, close the journal and the history."""
        work = await self._prepare()
        work |= self._journals.jobs()
        work |= {"pump": self._pump(), "heartbeat": self._heartbeat(), "lateness": self._late.run()}
        tasks = [asyncio.create_task(job, name=name) for name, job in work.items()]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            _, pending = await asyncio.wait(tasks, timeout=GRACE_S)
            self.stuck = [task.get_name() for task in pending if task.get_name() != FEEDS] + self._market.unended
            await self.look_backs.close()
            await self.missed.close()
            await self._drain()
            await self._history.flush()
            await self.alerts.close()
            await self._journals.close()

    async def _prepare(self) -> dict[str, Coroutine[Any, Any, None]]:
        """Decide what this desk is, put the header into the stream; the jobs that feed it, by name."""
        if len(self._feeds) == 1:
            [(label, feed)] = self._feeds.items()
            kind = await self._kind(feed)
            if kind is not None:
                return await self._prepare_timeline(label, kind, feed)
        now = self.now
        header = Journal(version=1, ts=now, source="live", started=now, mode="live")
        past = None
        if self._config.journal.enabled and self._record_to is None:
            folder = self.journal_folder = journal_folder(self._config.journal)
            self._journals.begin_rolling(folder, header, self._config.journal.limits, self._clock)
            past = Past(folder, self._clock)
        self._record(header, self._record_to or self._file, self._clock)
        self.stream.fold([header, *self._pins.events(now)])
        self._market.change(self._feeds)
        if isinstance(self._clock, LiveClock):
            self.reporters.append(ClockWatch(self._clock, self._feed_lags))
        return {
            "history store": self._remember(header, past), FEEDS: self._after_recall(), "alerts": self.alerts.run(),
            "feed mover": FeedMover(lambda: self._market.supervisors, self._turns).run(),
        }  # fmt: skip

    def _supervisor(self, label: str, feed: FeedConfig) -> Supervisor:
        return Supervisor(
            label, feed, self.mailbox.put,
            load=self._load, clock=self._clock, rng=self._rng, turns=self._turns,
            stored_times=self._history.stored_times, claim_candles=self._history.claim_candles,
        )  # fmt: skip

    def _feed_lags(self) -> list[float]:
        return [lag for supervisor in self._market.supervisors if (lag := supervisor.lag_ms) is not None]

    async def _remember(self, header: Journal, past: Past | None) -> None:
        """Fold what the desk knew before, then let the feeds begin, and keep what they bring."""
        if past is not None:
            await past.resume(self.stream, header, self._market.supervisors, self._pins, self.ask_others)
        async for events in self._history.read():
            untold = (event for event in events if past is None or not past.covers(event.ts))
            await self._in_slices(deque(untold), self.stream.recall)
            await self._journals.flush()
            self.stream.restart()
        self.stream.history = self._history
        await self.alerts.begin()
        self._recalled.set()
        self.stream.begun.set()
        await self._history.run(lambda since: self.stream.model.notes(since, self.now))

    async def _after_recall(self) -> None:
        await self._recalled.wait()
        await self._market.run()

    async def _kind(self, feed: FeedConfig) -> type[TimelineFeed] | None:
        """The feed's class where it plays a timeline; one that asks for a process of its own isn't loaded here."""
        if feed.process == "own":
            return None
        try:
            kind = await asyncio.to_thread(self._load, feed.type)
        except DeskError:
            return None  # the supervisor will say why
        return kind if issubclass(kind, TimelineFeed) else None

    async def _prepare_timeline(
        self, label: str, kind: type[TimelineFeed], config: FeedConfig
    ) -> dict[str, Coroutine[Any, Any, None]]:
        self.mode = kind.mode
        if self._file is not None and self._record_to is None:
            log.warning(
                "[journal] path is not used: feed %s plays a market, and only `deskmon record` records it", label
            )
        if self.mode != "look_back":  # that shows what the desk said then
            self.alerts.play()
        starts = StartCache.of(self._config) if self._record_to is None else None
        self._playback = Playback(
            label, kind, config.options, self.stream, self._beat, self._pins, self._on_end, starts
        )  # fmt: skip
        header = await self._playback.open()
        if header is not None:
            clock = self._playback.clock
            self._record(msgspec.structs.replace(header, started=clock.now()), self._record_to, clock)
        return {label: self._playback.run()}

    def _record(self, header: Journal, file_at: FileAt | None, clock: Clock) -> None:
        if file_at is not None:
            self._journals.begin_file(file_at, header, clock, needed=self._record_to is not None)

    async def _pump(self) -> None:
        while True:
            await asyncio.sleep(TURN_S)
            await self._drain()

    async def _drain(self) -> None:
        # Kept here until folded: a turn that is cancelled half way leaves the rest for the last one.
        own = self.mailbox.drain()
        if own:
            self._share(own)
        self._drained.extend(own)
        self._drained.extend(self.peer_mailbox.drain())
        await self._in_slices(self._drained, self.stream.fold_encoded)

    async def _in_slices(self, events: deque[Item], take: Callable[[Sequence[Item]], None]) -> None:
        """Take `events` out, as many at once as fit into a slice; after each the loop does what else is due."""
        while events:
            await self.stream.released.wait()
            some = [events.popleft() for _ in range(min(self._pace.count, len(events)))]
            before = time.perf_counter()
            take(some)
            self._pace.took(len(some), time.perf_counter() - before)
            await asyncio.sleep(0)

    async def _heartbeat(self) -> None:
        loop, due = asyncio.get_running_loop(), 0.0
        while True:
            self._beat()
            due = max(due + PULSE_S, loop.time())
            await asyncio.sleep(due - loop.time())

    def _beat(self) -> None:
        """Publish the pulse, and the statuses that are due: in their place among the events, but at once while more
        events wait than are folded in a slice."""
        now = self.now
        reporters: list[Reporter] = [*self._market.supervisors, self._history, *self.reporters]
        reports = [reporter.report(now) for reporter in reporters]
        reports += self._journals.reports(now)
        due = [status for status in reports if status is not None]
        if due and len(self._drained) + len(self.mailbox) > self._pace.count:
            items = [Encoded(status) for status in due]
            self._share(items)
            self.stream.fold_encoded(items)
        else:
            for status in due:
                self.mailbox.put(Encoded(status))
        played = self._playback
        self._beats += 1
        pulse = Pulse(
            ts=now, seq=self._beats, mode=self.mode, speed=1.0 if played is None else played.speed,
            paused=played is not None and played.paused, seeking=played is not None and played.seeking,
            begins=None if played is None else played.begins, ends=None if played is None else played.ends,
            loop_lag_ms=self._late.take(), late_ms=self._late.worst_ms, late_by=self._late.by(self._market.supervisors),
            hub=self.status, hubs={} if self.on_broker is None else self.on_broker.hubs(),
        )  # fmt: skip
        self.stream.fold([pulse])

    @property
    def status(self) -> HubStatus:
        """What this hub says of itself."""
        guests = 0 if self.on_broker is None else self.on_broker.screens
        return HubStatus(
            version=__version__, started=self._started, screens=self.stream.screens + guests, memory_mb=resident_mb(),
            journal=self._journals.written(),
        )  # fmt: skip

    def unended(self) -> str:
        """What keeps the hub from its end, in words; any thread may ask."""
        holder = self._late.by(self._market.supervisors)
        return ", ".join(self.stuck) or (f"feed {holder} holds the hub's loop" if holder else "the disk or the broker")

    def words(self) -> str:
        """How the hub is, on one line."""
        feeds = [feed for feed in self.stream.model.feeds.figures(self.now).values() if not feed.service]
        live = sum(feed.state == "live" for feed in feeds)
        return f"{live} of {len(feeds)} feeds live, {self.status.screens} screens"

    @property
    def late_ms(self) -> float:
        """The worst delay (ms) of the loop in the last minute."""
        return self._late.worst_ms

    def _share(self, items: Sequence[Encoded]) -> None:
        batch = Batch(items)
        for subscriber in self.share_subscribers:
            subscriber.offer(batch)
