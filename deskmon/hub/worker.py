"""`python -m deskmon.hub.worker`: one feed in a process of its own, for the hub that started it.

The loop is the feed's alone. One thread writes to the hub, one reads from it and one watches the loop, so that a feed
that blocks is still heard of, answered and ended. What waits for the hub is bounded as in the hub's own mailbox.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import signal
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any, NoReturn

import msgspec

from deskmon import plugins
from deskmon.allocator import give_large_blocks_back
from deskmon.clock import AlongsideClock
from deskmon.errors import DeskError
from deskmon.events import Encoded, Event, FeedState
from deskmon.events.checks import encodable
from deskmon.feedkit import Feed, FeedContext
from deskmon.garbage import keep_collections_short
from deskmon.hub.mailbox import Mailbox
from deskmon.hub.rate_limit import RateLimit
from deskmon.hub.running import construct_live, describe_fault, emitter, excerpt, run_once, said
from deskmon.loop_watch import Hold, LoopWatch
from deskmon.transport import worker_wire as wire
from deskmon.transport.child import take_standard_streams
from deskmon.transport.wire import FrameDecoder
from deskmon.turns import Turns

BEAT_S = 0.25
GATHER_S = 0.01
"""Seconds for which events are gathered before they leave together."""
PATIENCE_S = 2.0
"""Seconds that a feed gets to end."""
_CHUNK = 64 * 1024
_SIGNAL_OF_PARENTS_DEATH = 1  # PR_SET_PDEATHSIG of Linux's prctl


class Outbox(logging.Handler):
    """All that waits to go to the hub. Its methods may be called from any thread and never wait for the hub."""

    def __init__(self, label: str) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter("%(message)s"))  # the hub's log says when, where and how bad
        self._label = label
        self._guard = threading.RLock()  # a line may be logged by what is thrown away while it is held
        self._mailbox = Mailbox()
        self._told = self._mailbox.statistics()
        self._said: wire.StatedStatus | None = None
        self._last: wire.StatedStatus | None = None
        self._rejected = self._reconnects = 0
        self._log_limit = RateLimit(wire.SAMPLES, 60.0)
        self._samples: deque[tuple[str, str]] = deque(maxlen=wire.SAMPLES)
        self._holds: deque[wire.LoopHold] = deque(maxlen=wire.SAMPLES)
        self._lines: deque[wire.Line] = deque(maxlen=wire.MOST_LINES)
        self.wake = threading.Event()

    def has_room(self) -> bool:
        """Whether a source that can wait need not."""
        return self._mailbox.has_room

    def put(self, item: Encoded) -> None:
        """An event that the feed emitted, which is valid."""
        with self._guard:
            self._mailbox.put(item, self._label)
        if not self.wake.is_set():
            self.wake.set()

    def say(self, state: FeedState, detail: str = "", channels: dict[str, str] | None = None) -> None:
        """`FeedContext.status`."""
        news = said(state, detail, channels)
        with self._guard:
            if news.channels is None and self._last is not None:
                news = msgspec.structs.replace(news, channels=self._last.channels)
            if news != self._last:
                self._said = self._last = news
        self.wake.set()

    def reject(self, raw: Any, reason: str) -> None:
        """`FeedContext.reject`."""
        with self._guard:
            self._rejected += 1
            if self._log_limit.allows(time.monotonic()):
                self._samples.append((excerpt(raw), encodable(str(reason)[: wire.MAX_WORDS])))

    def reconnected(self) -> None:
        """`FeedContext.reconnected`."""
        with self._guard:
            self._reconnects += 1

    def held(self, hold: Hold) -> None:
        """The feed holds its loop, or did."""
        with self._guard:
            if self._holds and not self._holds[-1].over:
                self._holds.pop()
            self._holds.append(wire.LoopHold(hold.seconds, encodable(hold.where[: wire.MAX_WORDS]), hold.over))

    def emit(self, record: logging.LogRecord) -> None:
        """A line of the log."""
        name, text = record.name[: wire.MAX_CHANNEL], self.format(record)[: wire.MAX_LINE]
        line = wire.Line(min(max(record.levelno, 0), wire.MAX_LEVEL), encodable(name), encodable(text))
        with self._guard:
            self._lines.append(line)

    def take(self) -> tuple[list[Encoded], wire.Turn]:
        """What has gathered since the last call."""
        with self._guard:
            items = self._mailbox.drain()
            before, self._told = self._told, self._mailbox.statistics()
            news, self._said = self._said, None
            rejected, self._rejected = self._rejected, 0
            reconnects, self._reconnects = self._reconnects, 0
            samples, holds, lines = [*self._samples], [*self._holds], [*self._lines]
            for taken in (self._samples, self._holds, self._lines):
                taken.clear()
        turn = wire.Turn(
            said=news, rejected=rejected, samples=samples, reconnects=reconnects, holds=holds, lines=lines,
            conflated=self._told.conflated - before.conflated, dropped=self._told.dropped - before.dropped,
        )  # fmt: skip
        return items, turn


class Worker:
    """Runs the feed of a job between two descriptors."""

    def __init__(
        self, job: wire.Job, frames: FrameDecoder, unread: Sequence[bytes], incoming: int, outgoing: int
    ) -> None:
        """`frames` and `unread` are where and what came behind the job."""
        self._job = job
        self._frames, self._unread = frames, unread
        self._incoming, self._outgoing = incoming, outgoing
        self._clock = AlongsideClock(job.ahead)
        self._outbox = Outbox(job.label)
        self._writing = threading.Lock()
        self._asking = threading.Lock()
        self._asked: dict[int, Future[list[int] | bool]] = {}
        self._questions = 0
        self._topics: frozenset[str] = frozenset()
        self._feed: Feed | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None

    def run(self) -> NoReturn:
        """Until the feed ends or is ended. Leaves without waiting for threads that a feed may have left behind."""
        logging.basicConfig(level=self._job.log_level, handlers=[self._outbox], force=True)
        for work in (self._read, self._write):
            threading.Thread(target=work, name=work.__name__, daemon=True).start()
        try:
            feed = self._made()
        except (Exception, SystemExit) as fault:  # noqa: BLE001 - making a feed may raise anything
            self._leave(wire.Ended(describe_fault(fault), final=True))
        asyncio.run(self._live(feed))
        self._leave(wire.Ended("", final=False))

    def _made(self) -> Feed:
        job = self._job
        if job.package:
            plugins.choose({"feeds": {job.kind: job.package}})
        return construct_live(job.label, plugins.load_feed(job.kind), job.options)

    async def _live(self, feed: Feed) -> NoReturn:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        assert self._task is not None
        self._loop.add_signal_handler(signal.SIGTERM, self._task.cancel)
        context = FeedContext(
            emit=emitter(self._outbox.put, self._outbox.reject), status=self._outbox.say,
            reject=self._outbox.reject, reconnected=self._outbox.reconnected, clock=self._clock,
            rng=random.Random(self._job.seed), turns=Turns(has_room=self._outbox.has_room),
            stored_times=self._stored_times, claim_candles=self._claim_candles,
        )  # fmt: skip
        self._feed = feed
        self._watch()
        self._send(wire.Ready(feed.quiet_s))
        try:
            with LoopWatch(self._outbox.held):
                fault = await run_once(feed.run, context)
        except asyncio.CancelledError:
            self._leave(wire.Ended("ended by SIGTERM", final=False))
        if fault is None:
            self._leave(wire.Ended("", final=False))
        trace = encodable("".join(traceback.format_exception(fault))[-wire.MAX_TRACE :])
        self._leave(wire.Ended(describe_fault(fault), isinstance(fault, DeskError) and fault.status == 2, trace))

    def _leave(self, ended: wire.Ended) -> NoReturn:
        self._flush()
        self._send(ended)
        os._exit(0)

    def _stored_times(self, kind: type[Event], venue: str, symbol: str, timeframe: str = "") -> Sequence[int]:
        tag = str(kind.__struct_config__.tag)
        answer = self._ask(what="stored_times", kind=tag, venue=venue, symbol=symbol, timeframe=timeframe)
        return answer if isinstance(answer, list) else ()

    def _claim_candles(self, venue: str, symbol: str, wanted: bool = True) -> bool:
        return bool(self._ask(what="claim_candles", venue=venue, symbol=symbol, wanted=wanted))

    def _ask(self, **question: Any) -> list[int] | bool:
        """What the hub answers; the feed's loop waits for it, as it does in the hub."""
        answer: Future[list[int] | bool] = Future()
        with self._asking:
            self._questions += 1
            number = self._questions
            self._asked[number] = answer
        self._send(wire.Question(number=number, **question))
        return answer.result()

    def _watch(self) -> None:
        if self._feed is None:
            return
        try:
            self._feed.watch(self._topics)
        except Exception as fault:  # noqa: BLE001 - a feed may raise anything
            logging.getLogger(__name__).warning("can't watch: %s", describe_fault(fault))

    def _read(self) -> None:
        """In a thread: hear the hub until it closes its end, then end the feed."""
        try:
            payloads = self._unread
            data = b""
            while payloads or (data := os.read(self._incoming, _CHUNK)):
                for payload in payloads:
                    self._hear(payload)
                payloads = self._frames.feed(data)
                data = b""
        finally:
            self._end()

    def _end(self) -> NoReturn:
        if self._loop is None or self._task is None:
            os._exit(0)
        self._loop.call_soon_threadsafe(self._task.cancel)
        time.sleep(PATIENCE_S)
        self._flush()
        os._exit(1)

    def _hear(self, payload: bytes) -> None:
        message = wire.unpack_to_worker(payload)
        if isinstance(message, wire.Answer):
            with self._asking:
                self._asked.pop(message.number).set_result(message.value)
        elif isinstance(message, wire.Time):
            self._clock.follow(message.ahead)
        elif isinstance(message, wire.Watch):
            self._topics = frozenset(message.topics)
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._watch)

    def _write(self) -> None:
        """In a thread: send what gathers, for ever."""
        while True:
            if self._outbox.wake.wait(BEAT_S):
                time.sleep(GATHER_S)
            self._flush()

    def _flush(self) -> None:
        self._outbox.wake.clear()
        with self._writing:  # taken before the events are, so that two threads can't send them out of order
            items, turn = self._outbox.take()
            self._write_all(wire.pack_message(turn))
            for start in range(0, len(items), wire.EVENTS_A_FRAME):
                part = items[start : start + wire.EVENTS_A_FRAME]
                self._write_all(wire.pack_lines([item.json() for item in part]))

    def _send(self, message: wire.FromWorker) -> None:
        with self._writing:
            self._write_all(wire.pack_message(message))

    def _write_all(self, frame: bytes) -> None:
        left = memoryview(frame)
        try:
            while left:
                left = left[os.write(self._outgoing, left) :]
        except OSError:  # the hub is gone
            os._exit(1)


def _die_with_parent() -> None:
    """Have Linux kill this process when the hub dies, even if a feed's C code lets no thread of ours run."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_SIGNAL_OF_PARENTS_DEATH, signal.SIGKILL)


def main() -> NoReturn:
    """Run the job that comes first on standard input."""
    _die_with_parent()
    keep_collections_short()
    give_large_blocks_back()
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # meant for the hub, which ends this process by its input
    incoming, outgoing = take_standard_streams()
    frames = FrameDecoder()
    payloads: list[bytes] = []
    while not payloads:
        data = os.read(incoming, _CHUNK)
        if not data:
            os._exit(0)
        payloads = frames.feed(data)
    job = wire.unpack_to_worker(payloads[0])
    assert isinstance(job, wire.Job)
    Worker(job, frames, payloads[1:], incoming, outgoing).run()


if __name__ == "__main__":
    main()
