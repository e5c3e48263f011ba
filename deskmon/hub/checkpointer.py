"""Keeps checkpoints of the model in the rolling journal, wherever folding on from the last one would take long."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Sequence

from deskmon.clock import Clock
from deskmon.errors import DeskError
from deskmon.events import Event, Pulse, encode_event
from deskmon.hub.recorder import Recorder
from deskmon.hub.running import INVALID
from deskmon.hub.stream import Stream
from deskmon.journal import Place, RollingJournal

log = logging.getLogger(__name__)

EVERY_S = 0.5
WORK_S = 0.3
"""CPU that the model took since the last checkpoint: to read that again and fold it takes half a second."""
SHARE = 0.01
"""Part of a core that checkpoints may cost: of a large desk they lie further apart."""


class Checkpointer:
    """Takes a checkpoint at the start of each segment, and whenever WORK_S of folding lies behind the last one."""

    def __init__(
        self,
        stream: Stream,
        recorder: Recorder,
        journal: RollingJournal,
        clock: Clock,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        """`timer` tells seconds."""
        self._stream, self._recorder, self._journal, self._clock = stream, recorder, journal, clock
        self._timer = timer
        self._segment = 0
        self._folded_s = 0.0
        self._cheap_from = 0.0
        self.taken = 0
        """How many were kept."""

    async def run(self) -> None:
        """Take them as they fall due until cancelled."""
        while True:
            if self._is_due():
                await self.take()
            await asyncio.sleep(EVERY_S)

    def _is_due(self) -> bool:
        if self._recorder.trouble is not None or not self._stream.begun.is_set() or self._timer() < self._cheap_from:
            return False
        return self._journal.place().number != self._segment or self._stream.work_s - self._folded_s >= WORK_S

    async def take(self) -> None:
        """Take one now. The model is copied a part per turn of the loop, while what arrives waits; the copy becomes a
        file in a thread."""
        stream, events, took = self._stream, [], 0.0
        async with stream.held():
            marked = self._recorder.mark()
            at, model, self._folded_s = self._clock.now(), stream.model, stream.work_s
            parts = model.checkpoints()
            while True:
                before = time.thread_time()
                event = next(parts, None)
                took += time.thread_time() - before
                if event is None:
                    break
                events.append(event)
                await asyncio.sleep(0)
        await self._recorder.flush()
        place = await marked
        if place is None or stream.model is not model:
            return
        try:
            took += await asyncio.to_thread(self._keep, place, at, events)
        except DeskError as fault:
            log.warning("journal: %s", fault)
        else:
            self._segment = place.number
            self.taken += 1
        self._cheap_from = self._timer() + took / SHARE

    def _keep(self, place: Place, at: int, events: Sequence[Event]) -> float:
        """Write them; the CPU that it took (s). Raises DeskError."""
        before = time.thread_time()
        self._journal.keep(place, at, _lines(events), at)
        return time.thread_time() - before


def _lines(events: Sequence[Event]) -> Iterator[bytes]:
    """Each as JSON, but for the heartbeat, which is of a moment. Raises DeskError for what becomes no JSON."""
    for event in events:
        if type(event) is Pulse:
            continue
        try:
            yield encode_event(event)
        except INVALID as fault:
            raise DeskError(f"a {type(event).__name__} has no place in a checkpoint: {fault}") from fault
