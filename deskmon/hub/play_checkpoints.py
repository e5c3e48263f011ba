"""Takes checkpoints of the model while a market is played, wherever folding on from the last one would take long."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from deskmon.events import Checkpoint, Event, Journal, Pulse, Reset
from deskmon.hub.level_announcer import without_said
from deskmon.hub.played import APART_S, PackedEvents, PlayedTimeline
from deskmon.hub.running import INVALID
from deskmon.hub.stream import Stream
from deskmon.player import Player

log = logging.getLogger(__name__)

WORK_S = 0.3
"""CPU that the model took since the last one: to read that again and fold it takes half a second."""
SHARE = 0.1
"""Part of the folding that they may cost: of a large desk they lie further apart."""
_BEGINNINGS = (Reset, Journal, Checkpoint)


class PlayCheckpoints:
    """Those of one `played` market, which goes through `stream`."""

    def __init__(self, stream: Stream, played: PlayedTimeline) -> None:
        self._stream, self._played = stream, played
        self._folded_s = 0.0
        self._took_s = 0.0

    def due(self, player: Player, events: Sequence[Event], *, near: bool = True) -> bool:
        """Whether one is to be taken now that `events` are folded, the newest that the player gave. Not `near`: on the
        way to a moment far ahead, which needs fewer."""
        newest, now = self._played.newest, player.clock.now()
        if newest is not None and now <= newest:
            self._folded_s = self._stream.work_s
        if not events or type(events[-1]) in _BEGINNINGS or (now <= player.timeline.start and player.is_behind):
            return False  # the model knows a part of what it is to know
        apart_s = max(WORK_S if near else APART_S * 0.75, self._took_s / SHARE)
        return self._stream.work_s - self._folded_s >= apart_s

    async def take(self, at: int) -> None:
        """Take one: all that arrived by `at` (ms) is folded, and nothing else may be meanwhile. The model is copied a
        part per turn of the loop, and a thread packs each before the next is copied: together they are many MB."""
        stream, model = self._stream, self._stream.model
        work_s, self._folded_s = stream.work_s - self._folded_s, stream.work_s
        watch = None if stream.watch is None else stream.watch.checkpoint()
        parts, packed = model.checkpoints(), PackedEvents()
        took = 0.0
        try:
            while stream.model is model:
                before = time.thread_time()
                event = next(parts, None)
                took += time.thread_time() - before
                if event is None:
                    took += await asyncio.to_thread(_timed, self._played.remember, at, packed, watch, work_s)
                    break
                if type(event) is not Pulse:
                    took += await asyncio.to_thread(_timed, packed.add, without_said(event, model.header))
        except (*INVALID, OSError) as fault:
            log.warning("no checkpoint at %d, so seeking back takes longer: %s", at, fault)
        self._took_s = took


def _timed(work: Callable[..., None], *args: Any) -> float:
    """Do it; the CPU that it took (s)."""
    before = time.thread_time()
    work(*args)
    return time.thread_time() - before
