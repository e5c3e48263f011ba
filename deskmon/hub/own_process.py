"""A feed in a process of its own, seen from the hub: what blocks or crashes there costs that feed alone.

`python -m deskmon.hub.worker` is the other side. It ends with its input, so it goes even when the hub is killed.
"""

from __future__ import annotations

import asyncio
import logging
import random
import sys
import time
from asyncio.subprocess import PIPE
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import IO, Any, Protocol, get_args

from deskmon import plugins
from deskmon.background import start
from deskmon.clock import Clock, steady_ms
from deskmon.config.schema import FeedConfig
from deskmon.errors import DeskError, UsageError
from deskmon.events import Encoded, Event, FeedEvent
from deskmon.feedkit import Feed, FeedContext
from deskmon.transport import worker_wire as wire
from deskmon.transport.child import exit_reason, last_line, stderr_file, trim
from deskmon.transport.wire import FrameDecoder
from deskmon.turns import Turns

log = logging.getLogger(__name__)

TELL_S = 1.0
"""Seconds between two words to the process about the desk clock, and between two looks at its silence."""
SILENT_S = 2.0
"""A process that is up says something four times a second; after so long without a word it doesn't answer."""
FAREWELL_S = 2.5
"""Seconds that the process gets to end: less than a hub gives its feeds, more than the process gives its own."""
_CHUNK = 256 * 1024
_MOST_UNREAD = 1024 * 1024
_KINDS: Mapping[str, Any] = {str(kind.__struct_config__.tag): kind for kind in get_args(FeedEvent)}


class EventReceiver(Protocol):
    """Who takes what comes from the process: the feed's supervisor."""

    def take(self, item: Encoded) -> None:
        """An event that is valid, and its JSON."""
        ...

    def turned(self, turn: wire.Turn) -> None:
        """What else happened."""
        ...


class OwnProcess:
    """Runs one feed, by its label and configuration, in a process that begins and ends with each `run`."""

    def __init__(
        self, label: str, config: FeedConfig, receiver: EventReceiver, *, timer: Callable[[], float] = time.monotonic
    ) -> None:
        self.quiet_s: float = Feed.quiet_s
        """As `Feed.quiet_s`, once the process has said it."""
        self._label, self._config, self._receiver = label, config, receiver
        self._timer = timer
        self._topics: list[str] = []
        self._child: asyncio.subprocess.Process | None = None
        self._lines: deque[bytes] = deque()
        self._ended: wire.Ended | None = None
        self._heard = 0.0
        self._silent_s = 0.0

    @property
    def pid(self) -> int | None:
        """Its process id, while there is one."""
        return None if self._child is None else self._child.pid

    @property
    def is_silent(self) -> bool:
        """Whether it doesn't answer."""
        return self._silent_s >= SILENT_S

    def watch(self, topics: frozenset[str]) -> None:
        """What a screen looks at, as `Feed.watch`."""
        self._topics = sorted(topics)
        self._send(wire.Watch(self._topics))

    async def run(self, context: FeedContext) -> None:
        """One life of the process, as `Feed.run`. Raises UsageError in the words of a feed that can't run at all, and
        DeskError for any other end, the process's own included."""
        with stderr_file() as stderr:
            self._lines.clear()
            self._ended, self._heard, self._silent_s = None, self._timer(), 0.0
            argv = (sys.executable, "-P", "-m", "deskmon.hub.worker", self._label)
            child = await asyncio.create_subprocess_exec(
                *argv, stdin=PIPE, stdout=PIPE, stderr=stderr, limit=_CHUNK,
                start_new_session=True,  # the terminal's signals are for the hub
            )  # fmt: skip
            log.info("feed %s: in process %d", self._label, child.pid)
            self._child = child
            ahead = context.clock.now() - steady_ms()
            self._send(self._job(context.rng, ahead))
            self._send(wire.Watch(self._topics))
            frames = FrameDecoder()
            beside = start(self._tell_time(context.clock, ahead, stderr), f"clock of feed {self._label}")
            try:
                await self._hear(child, frames, context)
            finally:
                beside.cancel()
                await self._end(child, frames, context)
                self._child = None
            self._judge(child.returncode, last_line(stderr))

    def _job(self, rng: random.Random, ahead: int) -> wire.Job:
        kind = self._config.type
        return wire.Job(
            label=self._label, kind=kind, package=plugins.feed_owner(kind), options=self._config.options,
            log_level=logging.getLogger().getEffectiveLevel(), seed=rng.getrandbits(63), ahead=ahead,
        )  # fmt: skip

    def _judge(self, status: int | None, last_words: str) -> None:
        ended = self._ended
        if ended is None:
            raise DeskError(exit_reason("its process", status, last_words))
        if ended.words:
            fault = UsageError(ended.words) if ended.final else DeskError(ended.words)
            if ended.trace:
                fault.add_note(ended.trace)
            raise fault

    async def _hear(self, child: asyncio.subprocess.Process, frames: FrameDecoder, context: FeedContext) -> None:
        """Take all that comes until the process has closed its end."""
        assert child.stdout is not None
        await self._take(context.turns, context)
        while data := await child.stdout.read(_CHUNK):
            self._heard = self._timer()
            if self._silent_s:
                self._tell_silence(over=True)
            for payload in frames.feed(data):
                self._lines.extend(wire.lines_of(payload))
            await self._take(context.turns, context)
            self._heard = self._timer()  # while it waited for its turn the hub heard nothing, whatever was said

    async def _take(self, turns: Turns, context: FeedContext) -> None:
        """In slices of the loop that all feeds share."""
        while self._lines:
            async with turns as part:
                while self._lines and not part.over:
                    line = self._lines.popleft()
                    message = wire.unpack_from_worker(line)
                    if isinstance(message, Event):
                        self._receiver.take(Encoded(message, line))
                    else:
                        self._hear_message(message, context)

    def _hear_message(self, message: wire.FromWorker, context: FeedContext) -> None:
        if isinstance(message, wire.Turn):
            for line in message.lines:
                # The logger's name is text: a logger of each name that a feed thinks up would be kept for ever.
                log.log(line.level, "feed %s: %s: %s", self._label, line.logger, line.text)
            self._receiver.turned(message)
        elif isinstance(message, wire.Question):
            self._send(wire.Answer(message.number, _answer(message, context)))
        elif isinstance(message, wire.Ready):
            self.quiet_s = message.quiet_s
        else:
            self._ended = message

    def _send(self, message: wire.ToWorker) -> None:
        child = self._child
        if child is None or child.returncode is not None or child.stdin is None:
            return
        with suppress(OSError, RuntimeError):  # it is about to be found dead
            child.stdin.write(wire.pack_message(message))
            if child.stdin.transport.get_write_buffer_size() > _MOST_UNREAD:
                log.warning("feed %s: its process reads nothing, it is killed", self._label)
                child.kill()

    async def _tell_time(self, clock: Clock, told: int, stderr: IO[bytes]) -> None:
        """Keep the process's clock with the desk's, and say so where nothing comes from it."""
        while True:
            await asyncio.sleep(TELL_S)
            ahead = clock.now() - steady_ms()
            if ahead != told:
                told = ahead
                self._send(wire.Time(ahead))
            trim(stderr)
            self._silent_s = 0.0 if self._lines else self._timer() - self._heard
            self._tell_silence(over=False)

    def _tell_silence(self, *, over: bool) -> None:
        if self.is_silent:
            self._receiver.turned(wire.Turn(holds=[wire.LoopHold(self._silent_s, "a place that nobody sees", over)]))
        if over:
            self._silent_s = 0.0

    async def _end(self, child: asyncio.subprocess.Process, frames: FrameDecoder, context: FeedContext) -> None:
        """Close the process's input, take what it still says, and kill it where it doesn't go; at once when cancelled
        once more. Returns when it is gone."""
        farewell = start(self._farewell(child, frames, context), f"end of feed {self._label}")
        again = False
        while not farewell.done():
            try:
                await asyncio.shield(farewell)
            except asyncio.CancelledError:
                again = True
                _kill(child)
        farewell.result()
        if again:
            raise asyncio.CancelledError

    async def _farewell(self, child: asyncio.subprocess.Process, frames: FrameDecoder, context: FeedContext) -> None:
        assert child.stdin is not None
        child.stdin.close()
        with suppress(TimeoutError, DeskError):
            async with asyncio.timeout(FAREWELL_S):
                await self._hear(child, frames, context)
                await child.wait()
        _kill(child)
        await child.wait()


def _answer(ask: wire.Question, context: FeedContext) -> list[int] | bool:
    if ask.what == "claim_candles":
        return context.claim_candles(ask.venue, ask.symbol, ask.wanted)
    kind = _KINDS.get(ask.kind)
    return [] if kind is None else list(context.stored_times(kind, ask.venue, ask.symbol, ask.timeframe))


def _kill(child: asyncio.subprocess.Process) -> None:
    if child.returncode is None:
        with suppress(ProcessLookupError):
            child.kill()
