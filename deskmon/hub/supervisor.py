"""Keeps one feed running: builds it, gives it its world, restarts it when it dies, and says in words how it is."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import Callable
from statistics import median
from typing import Any

import msgspec

from deskmon import plugins
from deskmon.clock import MINUTE, Clock
from deskmon.config.schema import FeedConfig
from deskmon.errors import DeskError
from deskmon.events import Book, Encoded, FeedState, FeedStatus, Gap, Liquidation, Ticker, Trade
from deskmon.events.checks import encodable
from deskmon.feedkit import (
    ClaimCandles,
    Feed,
    FeedContext,
    StoredTimes,
    Tape,
    backoff,
    claim_granted,
    nothing_stored,
)
from deskmon.hub.loop_holds import LoopHolds
from deskmon.hub.movable_feed import MovableFeed
from deskmon.hub.own_process import OwnProcess
from deskmon.hub.rate_limit import RateLimit
from deskmon.hub.running import construct_live, describe_fault, emitter, excerpt, run_once, said
from deskmon.loop_watch import OWNER
from deskmon.transport.worker_wire import StatedStatus, Turn
from deskmon.turns import Turns

log = logging.getLogger(__name__)

HEALTHY_MS = 60_000
"""A feed that ran this long starts its backoff afresh."""
COUNT_MS = 1_000
"""A status whose counters moved is told this often."""
REPORT_MS = 5_000
"""An unchanged status is repeated this often."""
SAMPLES = 5
"""Rejected messages written to the log per feed and minute."""
_LAGS = 64
_TIMELY = frozenset({Ticker, Trade, Liquidation, Book})  # kinds whose `ts` is the moment they tell of

Put = Callable[[Encoded, str], bool]
Load = Callable[[str], type[Feed]]


def has_own_process(config: FeedConfig) -> bool:
    """Whether a feed begins in a process of its own: as its configuration says, else where it is a third party's."""
    if config.process == "auto":
        return plugins.feed_owner(config.type) not in ("", plugins.OWN)
    return config.process == "own"


def is_movable(config: FeedConfig) -> bool:
    """Whether a feed may move from the hub's process to one of its own: where nobody decided and it is the desk's."""
    return config.process == "auto" and plugins.feed_owner(config.type) == plugins.OWN


class Supervisor:
    """One feed's keeper. `run` never raises for a fault of the feed; cancel it to end the feed."""

    def __init__(
        self,
        label: str,
        config: FeedConfig,
        put: Put,
        *,
        load: Load,
        clock: Clock,
        rng: random.Random,
        stored_times: StoredTimes = nothing_stored,
        claim_candles: ClaimCandles = claim_granted,
        turns: Turns | None = None,
        tape: Tape | None = None,
        sleep: Callable[[float], Any] = asyncio.sleep,
    ) -> None:
        """`put` takes what the feed emits, and its label; `load` finds a feed's class by name, called in a thread;
        `stored_times` says what the desk has, `claim_candles` who fetches candles; `turns` is how the hub's feeds
        share its loop; `tape` hears what the venue says."""
        self.label = label
        self._config = config
        self._put = put
        self._load = load
        self._clock = clock
        self._rng = rng
        self._stored_times, self._claim_candles = stored_times, claim_candles
        self._turns, self._tape = turns or Turns(), tape
        self._sleep = sleep
        self._state: FeedState = "connecting"
        self._detail = "starting"
        self._since = clock.now()
        self._spoke = False  # whether the feed itself said how it is since it was last started
        self._channels: dict[str, str] | None = None
        self._venue: str | None = None
        self._events = self._dropped = self._rejected = self._reconnects = 0
        self._lags: deque[int] = deque(maxlen=_LAGS)
        self._last_event: int | None = None
        self._missed_since: int | None = None
        self._died_of = ""
        self._log_limit = RateLimit(SAMPLES, MINUTE)
        self._reported: FeedStatus | None = None
        self._feed: Feed | OwnProcess | MovableFeed | None = None
        self._movable: MovableFeed | None = None
        self._begins_apart = tape is None and has_own_process(config)
        self.holds = self._new_holds()
        """How long the feed kept its loop from all else."""
        self._watched: frozenset[str] = frozenset()

    def missed(self, since: int, venue: str | None = None) -> None:
        """Say that the desk missed what the feed's venue told since a time (ms): its first event ends that gap."""
        self._missed_since, self._venue = since, venue or self._venue

    @property
    def has_process(self) -> bool:
        """Whether it runs in a process of its own."""
        return self._begins_apart or (self._movable is not None and self._movable.has_moved)

    @property
    def is_moving(self) -> bool:
        """Whether it is on its way from the hub's process to one of its own."""
        return self._movable is not None and self._movable.is_moving

    @property
    def may_move(self) -> bool:
        """Whether it may go there now: it is live, and nobody decided where it runs."""
        movable = self._movable
        return movable is not None and self._state == "live" and not (movable.has_moved or movable.is_moving)

    def move(self, why: str) -> None:
        """Have the feed go on in a process of its own, for that reason; only where it `may_move`."""
        assert self._movable is not None
        self._movable.move(why)

    def moved(self) -> None:
        """It runs there from now on."""
        self.holds = self._new_holds()

    def watch(self, topics: frozenset[str]) -> None:
        """Tell the feed what a screen looks at."""
        if topics != self._watched:
            self._watched = topics
            self._tell_watched()

    @property
    def lag_ms(self) -> float | None:
        """Median of recv − ts of the newest events whose `ts` is the moment they tell of."""
        return float(median(self._lags)) if self._lags else None

    async def run(self) -> None:
        """Build the feed and keep it running until it is exhausted or can't run at all."""
        OWNER.set(self)
        try:
            self._feed = feed = await self._made()
        except Exception as fault:  # noqa: BLE001 - a feed may raise anything
            self._set("down", describe_fault(fault))
            return
        self._tell_watched()
        attempt = 0
        while True:
            started = self._clock.now()
            death = await self._outcome(feed)
            if death is None:
                self._set("down", "the source has ended")
                return
            if isinstance(death, DeskError) and death.status == 2:  # it asks for what doesn't exist: trying is no use
                self._set("down", describe_fault(death))
                return
            known = self._died_of == describe_fault(death)
            self._died_of = describe_fault(death)
            log.warning("feed %s died: %s", self.label, self._died_of, exc_info=None if known else death)
            attempt = 1 if self._clock.now() - started >= HEALTHY_MS else attempt + 1
            wait = backoff(attempt, self._rng)
            if self._missed_since is None:
                self._missed_since = self._last_event
            self._set("reconnecting", f"{self._died_of}; next attempt in {wait:.1f} s")
            await self._sleep(wait)
            self._reconnects += 1

    async def _made(self) -> Feed | OwnProcess | MovableFeed:
        if self._begins_apart:
            return OwnProcess(self.label, self._config, self)
        kind = await asyncio.to_thread(self._load, self._config.type)
        feed = construct_live(self.label, kind, self._config.options)
        if self._tape is not None or not is_movable(self._config):
            return feed
        self._movable = MovableFeed(self.label, self._config, feed, self)
        return self._movable

    def _new_holds(self) -> LoopHolds:
        return LoopHolds(f"feed {self.label}", "its own process" if self.has_process else "the hub's loop")

    async def _outcome(self, feed: Feed | OwnProcess | MovableFeed) -> BaseException | None:
        """Run the feed once; what it died of, None where its source ended."""
        self._spoke = False
        context = FeedContext(
            emit=emitter(self.take, self._reject), status=self._status, reject=self._reject,
            reconnected=self._reconnected, clock=self._clock, rng=self._rng, sleep=self._sleep,
            turns=self._turns, tape=self._tape,
            stored_times=self._stored_times, claim_candles=self._claim_candles,
        )  # fmt: skip
        return await run_once(feed.run, context)

    def report(self, now: int) -> FeedStatus | None:
        """The feed's status if it is due: at once where its state or words changed, after a second where counters
        did, after REPORT_MS in any case. Call it some times a second."""
        heard = max(self._since, self._last_event or 0)
        quiet_s = 0.0 if self._feed is None else self._feed.quiet_s
        quiet = self._state == "live" and now - heard > quiet_s * 1000
        detail = f"nothing arrived for over {quiet_s:.0f} s" if quiet else self._detail
        worst, where = self.holds.worst(), "" if self._movable is None else self._movable.words()
        status = FeedStatus(
            ts=now, feed=self.label, venue=self._venue,
            state="stale" if quiet else self._state,
            detail="; ".join(filter(None, (self.holds.words(), where, detail)))[:500],
            last_event=self._last_event, events=self._events, dropped=self._dropped, rejected=self._rejected,
            reconnects=self._reconnects, lag_ms=self.lag_ms,
            blocked_ms=0.0 if worst is None else round(worst.seconds * 1000.0),
            channels=self._channels,
        )  # fmt: skip
        last = self._reported
        if last is not None and (status.state, status.detail) == (last.state, last.detail):
            age = now - last.ts
            counted = msgspec.structs.replace(status, ts=last.ts) != last
            if 0 <= age < (COUNT_MS if counted else REPORT_MS):
                return None
        self._reported = status
        return status

    def take(self, item: Encoded) -> None:
        """Pass on what the feed has emitted, which is valid."""
        event, now = item.event, self._clock.now()
        if self._missed_since is not None:
            since, self._missed_since = self._missed_since, None
            if type(event) is not Gap:
                self._put(Encoded(self._gap(since, now)), self.label)
        kind = type(event)
        if kind is not FeedStatus and kind is not Gap:
            self._events += 1
            self._last_event = now
            if not self._spoke and self._state != "live":
                self._set("live", "")
            if kind in _TIMELY:
                self._venue, recv = event.venue, event.recv  # type: ignore[attr-defined]
                if recv is not None:
                    self._lags.append(recv - event.ts)
            else:
                self._venue = getattr(event, "venue", None) or self._venue
        if not self._put(item, self.label):
            self._dropped += 1

    def turned(self, turn: Turn) -> None:
        """Count what happened in the feed's own process beside the events that came."""
        if turn.said is not None:
            self._say(turn.said)
        self._events += turn.conflated + turn.dropped
        self._dropped += turn.dropped
        self._reconnects += turn.reconnects
        self._rejected += turn.rejected
        for message, reason in turn.samples:
            log.warning("feed %s rejected %s: %s", self.label, message, reason)
        for hold in turn.holds:
            self.holds.note(hold.seconds, hold.where, over=hold.over)

    def _tell_watched(self) -> None:
        if self._feed is None:
            return
        try:
            self._feed.watch(self._watched)
        except Exception as fault:  # noqa: BLE001 - a feed may raise anything
            log.warning("feed %s can't watch: %s", self.label, describe_fault(fault))

    def _gap(self, since: int, until: int) -> Gap:
        since = min(since, until)
        return Gap(ts=until, feed=self.label, venue=self._venue or self.label, channel="all",
                   since=since, until=until, dropped=0)  # fmt: skip

    def _status(self, state: FeedState, detail: str = "", channels: dict[str, str] | None = None) -> None:
        self._say(said(state, detail, channels))

    def _say(self, said: StatedStatus) -> None:
        self._spoke = True
        if said.channels is not None:
            self._channels = said.channels
        self._set(said.state, said.detail)

    def _set(self, state: FeedState, detail: str) -> None:
        detail = encodable(detail[:500])
        if state != self._state:
            self._since = self._clock.now()
            log.info("feed %s: %s %s", self.label, state, detail)
        self._state, self._detail = state, detail

    def _reject(self, raw: Any, reason: str) -> None:
        self._rejected += 1
        if self._log_limit.allows(self._clock.now()):
            log.warning("feed %s rejected %s: %s", self.label, excerpt(raw), encodable(str(reason)))

    def _reconnected(self) -> None:
        self._reconnects += 1
