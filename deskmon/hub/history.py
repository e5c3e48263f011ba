"""The desk's memory: what the store held enters the stream at the start, what the stream brings is kept, off the loop.

A store that can't be read or written is told in words, as a feed called `history`; the desk goes on without.
"""

from __future__ import annotations

import asyncio
import logging
from array import array
from bisect import bisect_left
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from pathlib import Path
from statistics import median_low

import msgspec

from deskmon.clock import DAY, HOUR, Clock
from deskmon.config.schema import HistoryConfig
from deskmon.database_file import Damaged
from deskmon.errors import DeskError
from deskmon.events import Candle, Event, FeedState, FeedStatus, Funding, OpenInterest
from deskmon.hub.kept import KEPT, KINDS, Key, places
from deskmon.hub.store import HeldSlots, Store

log = logging.getLogger(__name__)

FEED = "history"
"""Name under which trouble with the store stands among the feeds."""
FLUSH_S = 60.0
WAITING = 200_000
"""Slots that wait for the disk at most; further ones aren't kept."""
REPORT_MS = 5_000
ASKED_FOR = tuple(str(kind.__struct_config__.tag) for kind in (OpenInterest, Funding, Candle))
"""Kinds of which feeds ask what is held already."""
NOTED = HOUR
"""How far back (ms) notes are asked for at each writing: what is there already is put there again."""

Notes = Callable[[int], Iterable[Event]]
"""What the desk took note of since a time (ms), beside what its feeds told."""


def store_path(config: HistoryConfig) -> Path:
    """The file the configuration means."""
    if config.path is not None:
        return Path(config.path).expanduser()
    import platformdirs

    return platformdirs.user_data_path("deskmon") / "history.db"


class History:
    """One live desk's memory. Never raises for its store."""

    def __init__(self, config: HistoryConfig, clock: Clock) -> None:
        self._store = Store(store_path(config)) if config.enabled else None
        self._keep_ms = config.days * DAY
        self._clock = clock
        self._held: HeldSlots = {}
        self._candles: dict[str, str] = {}
        self._claimed: dict[str, str] = {}
        self._refused: set[tuple[str, str]] = set()
        self._waiting: dict[tuple[Key, int], Event] = {}
        self._notes: Notes | None = None
        self._detail = ""
        self._reported: FeedStatus | None = None
        self.trouble: DeskError | None = None
        """Why the store isn't read or written at present."""

    def stored_times(self, kind: type[Event], venue: str, symbol: str, timeframe: str = "") -> Sequence[int]:
        """Starts of the slots (ms) that something of a series is known of, ascending: of an hour for open interest, the
        times of settled funding, the open times of candles of a timeframe."""
        tag = str(kind.__struct_config__.tag)
        return self._held.get((f"{tag} {timeframe}".strip(), venue, symbol), ())

    def claim_candles(self, venue: str, symbol: str, wanted: bool = True) -> bool:
        """Whether this venue is the one whose candles of a symbol the desk fetches and remembers.

        It is the one that was at the last start, if it asks; else the first to ask a second time, or where nothing is
        remembered at all; until it doesn't want to be any more."""
        asked = venue, symbol
        known, chosen = self._candles.get(symbol), self._claimed.get(symbol)
        if not wanted:
            if chosen == venue:
                self._candles.pop(symbol, None)
                del self._claimed[symbol]
            return False
        if chosen is None and (known in (None, venue) or asked in self._refused):
            chosen = self._claimed[symbol] = self._candles[symbol] = venue
        self._refused.add(asked)
        return chosen == venue

    async def read(self) -> AsyncIterator[list[Event]]:
        """What the store holds, oldest first, in chunks. Without `recv`: the events are of their time, whoever got them
        and when; they didn't arrive now, neither for this desk nor for a reader of its journal."""
        if self._store is None:
            return
        now = self._clock.now()
        chunks = self._store.read(now - self._keep_ms)
        try:
            while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
                events, added = chunk
                for key, slots in added.items():
                    if not key[0].startswith(ASKED_FOR):
                        continue
                    self._held.setdefault(key, array("q")).extend(slots)
                    if key[0].startswith("candle"):
                        self._candles[key[2]] = key[1]
                yield [msgspec.structs.replace(event, recv=None) for event in events]
        except DeskError as trouble:
            self._tell(trouble)

    def write(self, events: Sequence[Event]) -> None:
        """Take a slice of the stream; never blocks."""
        for event in events:
            if type(event) not in KINDS or (type(event) is Candle and self._claimed.get(event.symbol) != event.venue):
                continue
            for placed in places(event):
                if placed[0][0].startswith(ASKED_FOR):
                    self._hold(*placed)
                former = self._waiting.get(placed)
                if (len(self._waiting) < WAITING) if former is None else event.ts >= former.ts:
                    self._waiting[placed] = event

    async def run(self, notes: Notes) -> None:
        """Write once a minute, also what is noted, and forget what is too old, until cancelled."""
        self._notes = notes
        while True:
            await asyncio.sleep(FLUSH_S)
            await self.flush()
            now = self._clock.now()
            for (kind, _, _), slots in self._held.items():
                del slots[: bisect_left(slots, now - KEPT.get(kind, self._keep_ms))]

    async def flush(self) -> None:
        """Hand what waits to the disk, in a thread; where that fails it waits on."""
        now = self._clock.now()
        if self._notes is not None:
            self.write(list(self._notes(now - NOTED)))
        if self._store is None or not self._waiting:
            return
        events, self._waiting = self._waiting, {}
        # What is told has the venues' times: a clock that runs ahead must not make all that is kept too old.
        now = min(now, median_low(event.ts for event in events.values()))
        before = now - self._keep_ms
        try:
            await asyncio.to_thread(self._store.write, events, before, now)
        except DeskError as trouble:
            self._waiting = {slot: event for slot, event in events.items() if event.ts >= before} | self._waiting
            self._tell(trouble)
        else:
            if self.trouble is not None:
                self.trouble, self._detail = None, f"writes to {self._store.path}"

    def report(self, now: int) -> FeedStatus | None:
        """How the store is, once there was trouble: at each change and every five seconds."""
        last = self._reported
        if self.trouble is None and not self._detail:
            return None
        state: FeedState = "live" if self.trouble is None else "down"
        if last is not None and (last.state, last.detail) == (state, self._detail) and 0 <= now - last.ts < REPORT_MS:
            return None
        self._reported = FeedStatus(ts=now, feed=FEED, state=state, detail=self._detail, service=True)
        return self._reported

    def _hold(self, key: Key, slot: int) -> None:
        slots = self._held.get(key)
        if slots is None:
            slots = self._held[key] = array("q")
        if not slots or slot > slots[-1]:
            slots.append(slot)
            return
        index = bisect_left(slots, slot)
        if slots[index] != slot:
            slots.insert(index, slot)

    def _tell(self, trouble: DeskError) -> None:
        detail = str(trouble)[:500]
        if detail != self._detail:
            log.error("history: %s", trouble)
        self._detail = detail
        self.trouble = None if isinstance(trouble, Damaged) else trouble
