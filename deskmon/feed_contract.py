"""The contract that every feed keeps, checked in a thread and on a loop of the feed's own: so the check ends in time,
and says why, also for a feed that blocks, never awaits, or ignores being cancelled."""

from __future__ import annotations

import asyncio
import ctypes
import inspect
import math
import random
import threading
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from deskmon.clock import ManualClock
from deskmon.events import Event, decode_batch, encode_event
from deskmon.feedkit import Feed, FeedContext, TimelineFeed
from deskmon.loop_watch import TICK_S, Hold, LoopWatch
from deskmon.samples import NOW

Take = Callable[[Any, FeedContext], object]
"""A feed's `take(raw, context)`: emits what one message says, and rejects what can't be read."""

FRAMES: tuple[Any, ...] = (
    b"", b"\x00\xff\xfe", b"<html><body>451</body></html>", b"{", b"[]", b"{}", b"null", b"[null]", b"NaN",
    b'{"data": null}', b'{"data": [{}]}', b'[{"symbol": "BTC/USDT", "last": -1}]', b'{"event": "error", "code": 1}',
    "", "not json", "9" * 5_000, '{"price": "NaN", "amount": "-1"}',
)  # fmt: skip
"""Messages as they come from the wire that no venue should send, and that some do."""

GARBAGE: tuple[Any, ...] = (
    *FRAMES, None, [], {}, 0, math.nan, [None], {"type": "ticker"}, {"data": None}, {"data": [{}]}, [[[]]],
    {"price": "NaN", "amount": "-1"},
)  # fmt: skip
"""The same, and such messages already decoded."""

PROMPT_S = 2.0
"""A cancelled feed has this long to end."""
BLOCKED_S = 10.0
"""A feed that keeps its loop for longer counts as one that never lets go."""
MOST_EVENTS = 100_000
"""A feed that emits more within one check doesn't wait for anything."""

_abandoned: list[asyncio.AbstractEventLoop] = []
"""Loops of feeds that wouldn't end. They are kept, for destroying their tasks would be reported in some later test."""


class Stopped(BaseException):
    """Ends a feed whose check is over. No Exception, which a feed may catch."""


@dataclass(slots=True)
class FeedProbe:
    """A feed's world in a test. It keeps what the feed emits, says and rejects; sleeping takes no time, but moves the
    clock by as much."""

    clock: ManualClock = field(default_factory=lambda: ManualClock(NOW))
    events: list[Event] = field(default_factory=list)
    statuses: list[tuple[Any, ...]] = field(default_factory=list)
    rejected: list[tuple[Any, str]] = field(default_factory=list)
    reconnects: int = 0
    is_over: bool = False
    """Once it is, whatever the feed calls raises Stopped."""

    def context(self) -> FeedContext:
        """What the feed gets."""
        return FeedContext(
            emit=self._emit,
            status=self._status,
            reject=self._reject,
            reconnected=self._count_reconnect,
            clock=self.clock,
            rng=random.Random(0),
            sleep=self._sleep,
        )

    def _emit(self, event: Event) -> None:
        self._go_on()
        self.events.append(event)

    def _status(self, *said: Any, **more: Any) -> None:
        self._go_on()
        self.statuses.append((*said, *more.values()))

    def _reject(self, raw: Any, reason: str) -> None:
        self._go_on()
        self.rejected.append((raw, reason))

    def _count_reconnect(self) -> None:
        self._go_on()
        self.reconnects += 1

    async def _sleep(self, seconds: float) -> None:
        self._go_on()
        self.clock.advance(round(seconds * 1000))
        await asyncio.sleep(0)

    def _go_on(self) -> None:
        if self.is_over:
            raise Stopped("the check is over")
        if len(self.events) + len(self.statuses) + len(self.rejected) > MOST_EVENTS:
            raise Stopped(f"emitted or said {MOST_EVENTS:,} things and went on: it waits for nothing")


async def check_feed(
    feed: Feed, *, take: Take | None = None, garbage: Sequence[Any] = GARBAGE, turns: int = 500
) -> FeedProbe:
    """Assert what every feed owes: what it emits is valid and survives the wire, it awaits, it ends when cancelled and
    is silent from then on, and a bad message is rejected, not raised.

    take: the feed's `take(raw, context)`, which gets every item of `garbage`; None where it takes no messages.
    turns: how many turns of the event loop it runs for before it is cancelled; the caller's loop turns as often.
    Returns what the feed did, for assertions of the test's own. Raises AssertionError; what `run` or `take` raises goes
    through. Ends in time whatever the feed does: it runs in a thread of its own, on a loop of its own.
    """
    assert feed.name.isidentifier() and feed.title, f"{type(feed).__name__}: no name or no title"
    trial = _Trial(feed, take, garbage, turns)
    trial.start()
    try:
        while not trial.over.done():
            await asyncio.wait({trial.over}, timeout=TICK_S)
            trial.look()
    finally:
        trial.probe.is_over = True
    if trial.fault is not None:
        raise trial.fault
    return trial.probe


class _Trial(threading.Thread):
    """One check: `over` is done in the caller's loop when it has ended, or has to be given up; `fault` says why."""

    def __init__(self, feed: Feed, take: Take | None, garbage: Sequence[Any], turns: int) -> None:
        super().__init__(name=f"check of {feed.name}", daemon=True)
        self.probe = FeedProbe()
        self.fault: BaseException | None = None
        self._feed, self._take, self._garbage, self._turns = feed, take, garbage, turns
        self._callers = asyncio.get_running_loop()
        self.over = self._callers.create_future()
        self._turned = threading.Event()
        self._watch = LoopWatch(self._held)
        self._is_watched = False

    def run(self) -> None:
        """In the thread: the whole contract."""
        loop = asyncio.new_event_loop()
        fault: BaseException | None = AssertionError(f"{self._feed.name}: its loop was ended")
        try:
            self._watch.begin()
            self._is_watched = True
            contract = loop.create_task(self._contract())
            with suppress(Stopped):
                loop.run_until_complete(asyncio.wait({contract}))
                fault = contract.exception()
        finally:
            self._end(AssertionError(f"{self._feed.name}: {fault}") if isinstance(fault, Stopped) else fault)
            self._is_watched = False
            with suppress(Stopped):
                _close(loop)

    def look(self) -> None:
        """In the caller's loop, some times a second: whether the feed lets its own loop turn."""
        if self._is_watched:
            self._watch.look()

    def _held(self, hold: Hold) -> None:
        if hold.seconds < BLOCKED_S or hold.over or self.over.done():
            return
        self.fault = AssertionError(
            f"{self._feed.name}: kept its loop for {hold.seconds:.0f} s at {hold.where}; a feed awaits instead"
        )
        self.over.set_result(None)
        if self.ident is not None:  # Python code ends by it; what sleeps in C goes on until it returns
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self.ident), ctypes.py_object(Stopped))

    def _end(self, fault: BaseException | None) -> None:
        def end() -> None:
            if not self.over.done():
                self.fault = fault
                self.over.set_result(None)

        if not self._callers.is_closed():
            self._callers.call_soon_threadsafe(end)

    async def _contract(self) -> None:
        feed, probe = self._feed, self.probe
        if isinstance(feed, TimelineFeed):
            _check_timeline(feed, self._turns)
        else:
            await self._check_run()
        if self._take is not None:
            context = probe.context()
            for raw in self._garbage:
                self._take(raw, context)
            assert probe.rejected, f"{feed.name}: no garbage was rejected: bad messages must be counted"
        for event in probe.events:
            _check_event(feed, event)

    async def _check_run(self) -> None:
        feed, probe = self._feed, self.probe
        running = feed.run(probe.context())
        assert inspect.iscoroutine(running), f"{feed.name}: run is no `async def` without `yield`"
        task = asyncio.ensure_future(_outcome(feed, running))
        task.add_done_callback(_retrieve)
        for _ in range(self._turns):
            if task.done():
                break
            await asyncio.sleep(0)
            self._let_caller_turn()
        task.cancel()
        done, _ = await asyncio.wait({task}, timeout=PROMPT_S)
        assert done, f"{feed.name}: still running {PROMPT_S:g} s after it was cancelled"
        if not task.cancelled():
            task.result()
        emitted = len(probe.events)
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(probe.events) == emitted, f"{feed.name}: emitted after it had ended"

    def _let_caller_turn(self) -> None:
        """The feed waits while the caller's loop turns once: a server of the test's own may stand there."""
        self._turned.clear()
        self._callers.call_soon_threadsafe(self._turned.set)
        self._turned.wait(PROMPT_S)


async def _outcome(feed: Feed, running: Coroutine[Any, Any, None]) -> None:
    try:
        await running
    except (SystemExit, KeyboardInterrupt) as fault:
        raise AssertionError(f"{feed.name}: raised {type(fault).__name__}, which ends Python") from fault


def _retrieve(task: asyncio.Task[None]) -> None:
    """What a feed raised after its check was given up is of no use; asyncio would log it in some later test."""
    if not task.cancelled():
        task.exception()


def _close(loop: asyncio.AbstractEventLoop) -> None:
    """Cancel what the feed left on its loop, and close it where all of that ends."""
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    _, stubborn = loop.run_until_complete(asyncio.wait(left, timeout=PROMPT_S)) if left else (left, left)
    if stubborn:
        _abandoned.append(loop)
        return
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


def _check_timeline(feed: TimelineFeed, count: int) -> None:
    timeline = feed.timeline()
    first = list(islice(timeline.events(), count))
    assert first == list(islice(timeline.events(), count)), f"{feed.name}: read twice, its events differ"
    arrivals = [event.arrival for event in first]
    assert arrivals == sorted(arrivals), f"{feed.name}: its events aren't in order of arrival"
    for event in first:
        _check_event(feed, event)


def _check_event(feed: Feed, event: Event) -> None:
    assert isinstance(event, Event), f"{feed.name}: emitted {event!r}, which is no event"
    assert decode_batch(b"[" + encode_event(event) + b"]") == [event], (
        f"{feed.name}: {event!r} doesn't survive the wire"
    )
