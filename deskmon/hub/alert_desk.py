"""A hub's alerts: the engine, what is remembered of it, and what traders ask of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from deskmon.alerts.engine import Engine
from deskmon.alerts.telling import News
from deskmon.alerts.watch import Watch
from deskmon.config.schema import Config
from deskmon.delivery.sole_holder import SoleHolder
from deskmon.errors import DeskError, nearest
from deskmon.hub.alert_store import AlertStore
from deskmon.hub.alert_succession import AlertSuccession
from deskmon.hub.call_claims import CallClaims
from deskmon.hub.door import Door
from deskmon.hub.stream import Stream
from deskmon.transport.requests import Acknowledge, Ring, Snooze

log = logging.getLogger(__name__)

SAVE_S = 5.0
"""Seconds between two looks at whether there is something to be saved: so much of a clock a killed hub forgets."""
SAVE_CLOCKS = 6
"""Every so many of them the clocks are saved, too, though no state changed."""

Listener = Callable[[News], None]


class AlertDesk:
    """Judges a hub's rules along its stream. `listeners` hear what there is to say; they never do of a market that is
    played."""

    def __init__(self, config: Config, stream: Stream, now: Callable[[], int], door: Door) -> None:
        """`now` is the desk clock (ms); at the `door` screens acknowledge, snooze and ring."""
        door.handle(Acknowledge, lambda request, visitor: self.acknowledge(request))
        door.handle(Snooze, lambda request, visitor: self.snooze(request))
        claims = CallClaims()
        door.handle(Ring, lambda request, visitor: claims.take(request))
        self.engine = Engine(config.alerts, config.scenarios)
        self.succession = AlertSuccession(self.engine, stream)
        """What the desk's other hubs know of their rules."""
        self.listeners: list[Listener] = []
        self._stream, self._now = stream, now
        self._store = AlertStore(None if config.alerts.path is None else Path(config.alerts.path))
        self._holder: SoleHolder | None = None
        """Of a live market: whether of a user's hubs it is this one that writes."""
        self._news = 0

    def play(self) -> None:
        """Judge a timeline: nothing is remembered, and nobody is told."""
        self._stream.watch = Watch(self.engine, lambda: self._stream.model, live=False)

    async def begin(self) -> None:
        """Judge the live market from now on, with what was remembered of the rules."""
        known_at = 0
        try:
            known = await asyncio.to_thread(self._store.read)
            if known is not None:
                self.engine.restore(known)
                known_at = int(known["at"] or 0)
        except (DeskError, ValueError, TypeError, KeyError, AttributeError) as fault:
            log.warning("what was remembered of alerts can't be read, they begin anew: %s", fault)
        self._stream.watch = Watch(self.engine, lambda: self._stream.model, live=True)
        self._holder = SoleHolder(self._store.path)
        self._stream.tell = self._tell
        self._stream.say(self.engine.disown(self._stream.model, self._now()))
        self.succession.begin(known_at)

    async def run(self) -> None:
        """Save what is to be remembered until cancelled."""
        seen, turn = -1, 0
        while True:
            await asyncio.sleep(SAVE_S)
            turn += 1
            if self._news != seen or turn % SAVE_CLOCKS == 0:
                seen = self._news
                await self.save()

    async def save(self) -> None:
        """Write down what is remembered, unless another hub of the user does."""
        if self._holder is None:
            return
        try:
            if await asyncio.to_thread(self._holder.take):
                await asyncio.to_thread(self._store.write, self.engine.saved())
        except (DeskError, OSError) as fault:
            log.error("alerts: %s", fault)

    async def close(self) -> None:
        """Write it down for the last time, and let another hub write."""
        await self.save()
        if self._holder is not None:
            self._holder.release()
            self._holder = None

    def reload(self, config: Config) -> None:
        """Take the rules of another configuration."""
        self.engine.take(config.alerts, config.scenarios)

    def acknowledge(self, request: Acknowledge) -> str:
        """Note that a trader has seen an alert. Raises DeskError where that rule doesn't fire."""
        self._check(request.rule)
        news = self.engine.acknowledge(request.rule, request.by or "", self._now())
        if not news:
            raise DeskError(f"{request.rule} doesn't fire")
        self._stream.say(news)
        return f"{request.rule} acknowledged"

    def snooze(self, request: Snooze) -> str:
        """Have an alert be still. Raises DeskError where there is no such rule."""
        self._check(request.rule)
        self._stream.say(self.engine.snooze(request.rule, request.by or "", request.until, self._now()))
        return f"{request.rule} snoozed"

    def _check(self, rule: str) -> None:
        if rule not in self.engine.rules:
            close = nearest(rule, self.engine.rules)
            raise DeskError(f"no rule is called {rule}", f"did you mean {close}?" if close else "")

    def _tell(self, news: News) -> None:
        self._news += 1
        self.succession.stir()
        for listener in self.listeners:
            listener(news)
