"""A hub's timeline: plays it in real time into the stream and does what the private screen asks."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from deskmon.clock import Clock, ManualClock, WallClock
from deskmon.errors import UsageError
from deskmon.events import MAX_TS, MIN_TS, Event, FeedStatus, Journal
from deskmon.feedkit import TimelineFeed
from deskmon.hub.level_announcer import unsaid
from deskmon.hub.play_checkpoints import PlayCheckpoints
from deskmon.hub.played import NEWEST, PlayedTimeline
from deskmon.hub.running import describe_fault
from deskmon.hub.stream import Stream
from deskmon.past.market import JUDGED_BEFORE
from deskmon.past.start_cache import KnownMarket, StartCache
from deskmon.pins import OperatorPins
from deskmon.player import MAX_SPEED, Player
from deskmon.plugins import construct
from deskmon.timeline import CheckpointedTimeline, Timeline, parse_time
from deskmon.transport.requests import Control

log = logging.getLogger(__name__)

TURN_S = 0.05
"""Seconds between two turns: what arrives meanwhile leaves as one batch."""
FULL_SPEED = 1_000_000.0
"""What a pulse says, and a request may, for "as fast as it goes"."""
_REQUESTS = 1_024
"""That wait at most: those of a key that is held for half a minute, while a seek takes as long."""
BEGAN_S = 0.5
"""How long a market that was kept waits for screens that read it; a screen that is slower waits in its turn."""


class Playback:
    """Plays the timeline of feed `label` into `stream`. A fault of the timeline stops the playing, not the hub."""

    def __init__(
        self,
        label: str,
        kind: type[TimelineFeed],
        options: dict[str, Any],
        stream: Stream,
        answered: Callable[[], None],
        pins: OperatorPins,
        ended: Callable[[], None],
        starts: StartCache | None = None,
    ) -> None:
        """`answered` is called after each request that was done. `pins` are told to the model after each jump. `ended`
        is called when the end was reached by playing. `starts`: what markets are at their start, where the history may
        be taken from there."""
        self.clock: Clock = WallClock()
        """The timeline's, once `open` was called and nothing failed."""
        self._label = label
        self._kind = kind
        self._options = options
        self._stream = stream
        self._answered = answered
        self._pins = pins
        self._ended = ended
        self._starts = starts
        self._feed: TimelineFeed | None = None
        self._timeline: Timeline | None = None
        self._played: PlayedTimeline | None = None
        self._checkpoints: PlayCheckpoints | None = None
        self._player: Player | None = None
        self._requests: deque[Control] = deque(maxlen=_REQUESTS)
        self._wake = asyncio.Event()
        self.seeking = False
        """Whether the market is being folded to another moment."""

    @property
    def speed(self) -> float:
        """Desk time per real time, FULL_SPEED at most."""
        return 1.0 if self._player is None else min(self._player.speed, FULL_SPEED)

    @property
    def begins(self) -> int | None:
        """The moment (ms) before which nothing can be shown, once the timeline is open."""
        return None if self._timeline is None else self._timeline.start

    @property
    def ends(self) -> int | None:
        """The moment (ms) of the last arrival, None for a market without end."""
        return None if self._timeline is None else self._timeline.end

    @property
    def paused(self) -> bool:
        """Whether the desk's time stands."""
        return self._timeline is None or (self._player is not None and self._player.paused)

    def forget(self) -> None:
        """Drop the checkpoints of what was played: its figures are others from now on."""
        if self._played is not None:
            self._played.forget()

    def request(self, request: Control) -> None:
        """Do as asked, at the next turn."""
        self._requests.append(request)
        self._wake.set()

    async def open(self) -> Journal | None:
        """Open the timeline; its header, or None where that failed, which the stream then says in words."""
        try:
            feed = construct(self._label, self._kind, self._options)
            timeline = await asyncio.to_thread(self._open, feed)
        except Exception as fault:  # noqa: BLE001 - a timeline may raise anything
            self._fail(fault)
            return None
        self.clock, self._feed, self._timeline = ManualClock(timeline.start), feed, timeline
        self._judge_up_to(feed.begin(timeline), timeline)
        return timeline.header

    def _judge_up_to(self, ts: int, timeline: Timeline) -> None:
        """Have rules judged of the day before a moment (ms) at which a screen begins to look, there once a minute: to
        judge each second of a week that is only passed through takes longer than a screen waits for its hub."""
        if self._stream.watch is not None:
            self._stream.watch.begin, self._stream.watch.start = ts, max(timeline.start, ts - JUDGED_BEFORE)

    def _open(self, feed: TimelineFeed) -> Timeline:
        kept = None if self._starts is None else self._starts.open(feed)
        return feed.timeline() if kept is None else kept

    async def run(self) -> None:
        """Play until cancelled; at the end of the timeline wait for requests."""
        if self._feed is None or self._timeline is None:
            return
        try:
            await self._play(await self._begun(self._feed, self._timeline))
        except Exception as fault:  # noqa: BLE001 - a timeline may raise anything
            self._timeline = self._player = None
            self._fail(fault)
        finally:
            if self._played is not None:
                self._played.close()

    def _fail(self, fault: Exception) -> None:
        log.error("timeline %s: %s", self._label, describe_fault(fault), exc_info=fault)
        self._stream.fold(
            [FeedStatus(ts=self.clock.now(), feed=self._label, state="down", detail=describe_fault(fault))]
        )
        self._stream.begun.set()

    async def _begun(self, feed: TimelineFeed, timeline: Timeline) -> Player:
        """Tell subscribers what had arrived when playing begins; who plays what follows."""
        if isinstance(timeline, KnownMarket):
            self._stream.begin(timeline.told())
            self._answered()
            await self._stream.screens_began(BEGAN_S)  # folding the same would hold the loop that writes it
            self._stream.apply((await asyncio.to_thread(timeline.known))[1:])
            await asyncio.to_thread(timeline.pack)
            return await self._new_player(feed, timeline, begun=True)
        begin = feed.begin(timeline)
        async with self._stream.held():  # what this hub says of itself meanwhile is no part of the market
            player = await self._new_player(feed, timeline, begun=False)
            for events in player.seek(begin):
                self._stream.recall(events)
                await asyncio.sleep(0)
                if self._is_due(player, events, begin):
                    self._stream.recall(player.advance(self.clock.now()))
                    await self._checkpoint(player)
            known = self._stream.model.snapshot() if self._starts is not None and begin == timeline.start else ()
        self._stream.recall(self._pins.events(self.clock.now()))
        await self._catch_up()
        if self._starts is not None and known:
            self._starts.keep_beside(feed, timeline, known, self._stream.model.log.checkpoint())
        self._stream.reach(self.clock.now(), silently=True)
        self._answered()
        self._stream.begun.set()
        return player

    async def _new_player(self, feed: TimelineFeed, timeline: Timeline, *, begun: bool) -> Player:
        """In a thread: a market that is made up makes its past when it is first asked, or goes on from its start."""
        stands = self._kind.mode == "look_back"
        clock = ManualClock(timeline.start)
        if not isinstance(timeline, CheckpointedTimeline):
            timeline = self._played = PlayedTimeline(timeline)
            self._checkpoints = PlayCheckpoints(self._stream, self._played)
        player = await asyncio.to_thread(Player, timeline, clock, speed=feed.speed(), paused=stands, begun=begun)
        self.clock, self._player = clock, player
        return player

    async def _play(self, player: Player) -> None:
        before = time.perf_counter()
        while True:
            while self._requests:
                await self._answer(player, self._requests.popleft())
            now = time.perf_counter()
            was_playing = not player.paused
            events = player.tick((now - before) * 1000)
            before = now
            if events:
                self._stream.fold(events)
                if self._is_due(player, events):
                    self._stream.fold(player.advance(self.clock.now()))
                    async with self._stream.held():
                        await self._checkpoint(player)
            if not player.is_behind:
                self._stream.reach(self.clock.now())
            if player.ended and was_playing:
                self._ended()
            await self._turn(full=player.is_behind)

    async def _turn(self, *, full: bool) -> None:
        """Let others run: for a turn, or only just where the player has more at once."""
        self._wake.clear()
        if full or self._requests:
            await asyncio.sleep(0)
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(TURN_S):
                await self._wake.wait()

    async def _answer(self, player: Player, request: Control) -> None:
        value = request.value
        try:
            match request.do:
                case "pause":
                    player.paused = True
                case "play":
                    player.paused = player.ended
                    if player.ended:
                        self._ended()
                case "speed":
                    player.speed = _speed(value)
                case "faster":
                    player.speed = _speed(self.speed * float(value or 0))
                case "step":
                    player.paused = True
                    self._stream.fold(player.step())
                case "seek" | "shift":
                    await self._seek(player, self._last_moment(player, request))
        except (ArithmeticError, ValueError, UsageError) as fault:
            log.warning("request %s %r refused: %s", request.do, value, fault)
        else:
            self._answered()

    def _last_moment(self, player: Player, request: Control) -> int:
        """The moment (ms) that a request leads to, and those that wait behind it: only the last is gone to. Raises
        ValueError or UsageError for what is none."""
        ts = _moment(request, player.timeline, self.clock.now())
        while self._requests and self._requests[0].do in ("seek", "shift"):
            ts = _moment(self._requests.popleft(), player.timeline, ts)
        return ts

    async def _seek(self, player: Player, ts: int) -> None:
        self.seeking = True
        self._answered()
        self._judge_up_to(ts, player.timeline)
        try:
            for events in player.seek(ts):
                self._stream.apply(events)
                await asyncio.sleep(0)
                if self._is_due(player, events, ts):
                    self._stream.apply(player.advance(self.clock.now()))
                    async with self._stream.held():
                        await self._checkpoint(player)
            self._stream.apply(self._pins.events(self.clock.now()))
            await self._catch_up()
            self._stream.reach(self.clock.now(), silently=True)
        finally:
            self.seeking = False
        self._stream.restart()

    def _is_due(self, player: Player, events: Sequence[Event], to: int = 0) -> bool:
        """Whether a checkpoint is, now that `events` are folded on the way to a moment (ms)."""
        near = self.clock.now() >= to - NEWEST
        return self._checkpoints is not None and self._checkpoints.due(player, events, near=near)

    async def _checkpoint(self, player: Player) -> None:
        assert self._checkpoints is not None
        await self._checkpoints.take(player.clock.now())

    async def _catch_up(self) -> None:
        """Fold the changes of levels of a stretch that was folded at once, as if they had been said."""
        for changes in unsaid(self._stream.model, self.clock.now()):
            self._stream.apply(changes)
            await asyncio.sleep(0)


def _speed(value: float | str | None) -> float:
    speed = MAX_SPEED if value == "max" else float(value or 0)
    return MAX_SPEED if speed >= FULL_SPEED else speed


def _moment(request: Control, timeline: Timeline, now: int) -> int:
    """Where a request leads from `now` (ms), within the timeline."""
    value = request.value
    if request.do == "shift":
        ts = now + round(float(value or 0))
    elif isinstance(value, str):
        ts = parse_time(value, timeline.start, now)
    elif value is None or not MIN_TS <= value <= MAX_TS:
        raise ValueError(f"{value!r} is not a time in ms between 2000 and 2100")
    else:
        ts = int(value)
    return max(timeline.start, ts if timeline.end is None else min(ts, timeline.end))
