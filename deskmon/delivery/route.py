"""One route: collects what it has to say, says it, and tries again what wasn't taken."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Protocol

import msgspec

from deskmon.clock import MINUTE, SECOND
from deskmon.delivery.answer import Answer
from deskmon.delivery.grouping import Grouping
from deskmon.delivery.notice import SEVERITIES, Message, Notice, Severity, message
from deskmon.delivery.outbox import Outbox, Pending
from deskmon.delivery.quiet_hours import QuietHours

log = logging.getLogger(__name__)

MOST_A_MINUTE = 10
"""Tries of one route within a minute; what waits beyond them becomes a digest."""
FAILING = 3
"""Failures in a row from which on the other routes and the header tell of it."""
MOST_PROBES = 5
"""Messages that a failing route is tried with; the others stay untried, so that they go out as one digest after all."""
BACKOFF = 5 * SECOND
MOST_BACKOFF = 10 * MINUTE


class Sender(Protocol):
    """A way out."""

    async def send(self, message: Message) -> Answer:
        """One try. Doesn't raise."""
        ...


class RouteRules(msgspec.Struct, frozen=True):
    """What a route tells of, and when."""

    severities: frozenset[Severity] = frozenset(SEVERITIES)
    quiet: QuietHours | None = None

    def held_until(self, message: Message, now: int) -> int | None:
        """Until when (ms) quiet hours hold a message back; None where they don't."""
        return None if self.quiet is None or message.severity == "page" else self.quiet.until(now)


async def nobody() -> None:
    """There is no other hub to tell."""


class Route:
    """A route by its name. `step` does what is due, `run` does so until cancelled; times are ms."""

    def __init__(
        self,
        name: str,
        sender: Sender,
        rules: RouteRules,
        outbox: Outbox,
        *,
        desk: str,
        now: Callable[[], int],
        rng: random.Random,
        changed: Callable[[Route], None] = lambda route: None,
        may_send: Callable[[], bool] = lambda: True,
        recorded: Callable[[], Awaitable[None]] = nobody,
    ) -> None:
        """`changed` is called when the route begins to fail and when it works again. `may_send`: whether of a desk's
        hubs it is this one that sends. `recorded` tells the others what the outbox holds: before each try and after its
        answer, so that the next one doubles nothing."""
        self.name, self.rules = name, rules
        self.failures = 0
        """Tries in a row that failed."""
        self.words = ""
        """How the last try ended."""
        self.failing_since: int | None = None
        self.waiting = 0
        """Messages that wait, as of the last step."""
        self._sender, self._outbox, self._desk = sender, outbox, desk
        self._now, self._rng, self._changed, self._may_send = now, rng, changed, may_send
        self._recorded = recorded
        self._grouping: Grouping[int] = Grouping()
        self._tries: deque[int] = deque(maxlen=MOST_A_MINUTE)
        self._retry_at = 0
        self._wake = asyncio.Event()

    def add(self, number: int, notice: Notice) -> None:
        """Take a notice that the outbox keeps under `number`."""
        self._grouping.add(number, notice, self._now())
        self._wake.set()

    def forget(self) -> None:
        """Collect anew: another hub may have sent what waits here."""
        self._grouping = Grouping()

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            self._wake.clear()
            due = await self.step()
            wait = None if due is None else max(0.05, (due - self._now()) / 1000)
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._wake.wait()

    async def step(self) -> int | None:
        """Do what is due; when (ms) the next is. Raises DeskError where the outbox can't be used."""
        now = self._now()
        if not self._may_send():
            return now + SECOND
        grouped = self._grouping.take(now)
        if grouped:
            made = message(self.name, [notice for _, notice in grouped], now, self._desk, "alerts")
            await asyncio.to_thread(self._outbox.put, made, [number for number, _ in grouped])
        waiting = await asyncio.to_thread(self._outbox.waiting, self.name)
        self.waiting = len(waiting)
        due = await self._send(waiting, now) if waiting else None
        return min((each for each in (due, self._grouping.due) if each is not None), default=None)

    async def _send(self, waiting: Sequence[Pending], now: int) -> int:
        """Send the first of `waiting` that may go; when (ms) to look again."""
        free = [pending for pending in waiting if self.rules.held_until(pending.message, now) is None]
        if not free:
            return min(self.rules.held_until(pending.message, now) or now for pending in waiting)
        allowed_at = self._allowed_at(now)
        earliest = max(allowed_at, self._retry_at, min(pending.due for pending in free))
        if earliest > now:
            return earliest
        untried = [pending.message for pending in free if pending.tries == 0]
        if len(untried) > max(1, MOST_A_MINUTE - len(self._recent(now))):
            await self._merge(untried, now)
            return now
        due = [pending for pending in free if pending.due <= now]
        tried = [pending for pending in due if pending.tries]
        probes = tried if self.failing and len(tried) >= MOST_PROBES else due
        await self._try(min(probes, key=lambda pending: pending.tries), now)
        return self._now()

    async def _merge(self, untried: Sequence[Message], now: int) -> None:
        notices = [notice for part in untried for notice in part.alerts]
        digest = message(self.name, notices, now, self._desk, "digest")
        more = digest.more + sum(part.more for part in untried)
        title = f"{digest.title} (digest of {len(untried)} messages)"
        digest = msgspec.structs.replace(digest, more=more, title=title)
        await asyncio.to_thread(self._outbox.merge, untried, digest, now)

    async def _try(self, pending: Pending, now: int) -> None:
        await asyncio.to_thread(self._outbox.trying, pending, now)
        self._tries.append(now)
        await self._recorded()
        answer = await self._sender.send(pending.message)
        now = self._now()
        again_at = None if answer.taken else now + self._patience(answer, pending.tries + 1)
        record = partial(self._outbox.answered, pending.message, answer.words, again_at=again_at)
        await asyncio.shield(asyncio.to_thread(record))
        await self._recorded()
        self._judge(answer, now, again_at)

    def _patience(self, answer: Answer, tries: int) -> int:
        """How long (ms) to wait after a try that failed."""
        if answer.retry_after is not None:
            return max(SECOND, answer.retry_after)
        ceiling = min(MOST_BACKOFF, BACKOFF * 2 ** min(tries - 1, 20))
        return int(ceiling * (0.5 + 0.5 * self._rng.random()))

    def _judge(self, answer: Answer, now: int, again_at: int | None) -> None:
        was_failing, self.words = self.failing, answer.words
        if again_at is None:
            self.failures, self.failing_since, self._retry_at = 0, None, 0
        else:
            self.failures += 1
            self.failing_since = self.failing_since or now
            self._retry_at = again_at
            log.warning("route %s: %s; again in %d s", self.name, answer.words, (again_at - now) // 1000)
        if self.failing != was_failing:
            self._changed(self)

    @property
    def failing(self) -> bool:
        """Whether it failed so often in a row that somebody is to know."""
        return self.failures >= FAILING

    def _recent(self, now: int) -> list[int]:
        return [at for at in self._tries if now - at < MINUTE]

    def _allowed_at(self, now: int) -> int:
        recent = self._recent(now)
        return now if len(recent) < MOST_A_MINUTE else recent[0] + MINUTE
