"""A desk's hubs and their rules: each tells the others what it remembers, and the one that leads next goes on there."""

from __future__ import annotations

import logging
from collections import OrderedDict

import msgspec

from deskmon.alerts.engine import Engine
from deskmon.alerts.succession import SharedRules, decode
from deskmon.clock import SECOND
from deskmon.hub.stream import Stream

log = logging.getLogger(__name__)

EVERY = 5 * SECOND
"""What only clocks changed is told again after so long (ms): so much of a clock a killed hub forgets."""
MOST_HUBS = 16
LARGEST = 1024 * 1024
"""Bytes beyond which past values are left out: a hub that begins then can't tell changes until it has its own."""


class AlertSuccession:
    """What this hub knows of the others' rules. Until `begin` it neither tells nor takes anything."""

    def __init__(self, engine: Engine, stream: Stream) -> None:
        self.leads = False
        """Whether this hub leads its desk, and knows what the one before it knew."""
        self._engine, self._stream = engine, stream
        self._known: int | None = None
        self._has_taken = False
        self._stirred = True
        self._told, self._told_at = b"", 0
        self._others: OrderedDict[str, SharedRules] = OrderedDict()

    def begin(self, known_at: int) -> None:
        """Begin with what was kept in a file as of `known_at` (ms), 0 where nothing was."""
        self._known = known_at

    def stir(self) -> None:
        """Take note that there was something to say of a rule."""
        self._stirred = True

    async def share(self) -> bytes:
        """What the others have to know, none where that is nothing."""
        at = self._engine.judged_at
        if self._known is None or at is None:
            return b""
        if self._stirred or not 0 <= at - self._told_at < EVERY:
            self._stirred, self._told_at = False, at
            shared = self._engine.shared(leads=self.leads, at=at)
            self._told = msgspec.json.encode(shared)
            if len(self._told) > LARGEST:
                self._told = msgspec.json.encode(msgspec.structs.replace(shared, bases=None))
            if self.leads:
                self._known = at
        return self._told

    def learn(self, hub: str, payload: bytes, *, is_kept: bool) -> None:
        """Take what another hub told; is_kept: it was told before this hub was there to hear it."""
        try:
            shared = decode(payload)
        except msgspec.DecodeError:
            return
        if self._known is None:
            return
        self._others[hub] = shared
        self._others.move_to_end(hub)
        while len(self._others) > MOST_HUBS:
            self._others.popitem(last=False)
        if is_kept and shared.leads and not self.leads:
            self._go_on_from(shared)
        else:
            now = self._engine.judged_at
            if now is not None:
                self._stream.say(self._engine.take_marks(shared, now))

    def lead(self, leads: bool) -> None:
        """Take note whether this hub leads; where it begins to, go on where the one before it ended."""
        if leads and not self.leads and self._known is not None:
            before = [shared for shared in self._others.values() if shared.leads]
            if before:
                self._go_on_from(max(before, key=lambda shared: shared.at))
        self.leads = leads

    def _go_on_from(self, shared: SharedRules) -> None:
        if self._known is None or shared.at <= self._known:
            return
        now = self._engine.judged_at or shared.at
        log.info("alerts: going on with %d rules as another hub left them", len(shared.rules))
        self._stream.say(self._engine.succeed(shared, self._stream.model, now, anew=not self._has_taken))
        self._known, self._has_taken = shared.at, True
