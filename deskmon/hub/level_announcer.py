"""Says in the stream when a support or resistance zone changes its status."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from deskmon.clock import SECOND
from deskmon.events import Checkpoint, Event, Journal, Level
from deskmon.model import Model
from deskmon.model.levels import LevelChange, Levels

NOBODY_SAID = frozenset({"reconstructed", "simulated", "imported"})
"""Sources of markets that no hub has heard: their journals hold no changes of levels."""


def unsaid(model: Model, now: int) -> Iterator[list[Level]]:
    """The changes of status that a hub would have said of a market that no hub has heard, up to desk time `now` (ms):
    those since the newest in the session log, a symbol at a time, as its zones stand now. For whoever has folded a
    stretch of such a market at once, where to look at each close would take longer than all the rest."""
    header = model.header
    if header is None or header.source not in NOBODY_SAID:
        return
    said = [line.ts for line in model.log.figures(now) if line.kind == "levels"]
    after = max([header.started, *said])
    for symbol in model.levels.symbols:
        changes = model.levels.changes(symbol, now, after)
        yield [_event(symbol, model.levels.settings.timeframe, change, now) for change in changes]


def without_said(event: Event, header: Journal | None) -> Event:
    """A part of a snapshot, without the changes of levels that a hub said of a market that no hub has heard: whoever
    goes on from there folds them as `unsaid` has them."""
    if type(event) is not Checkpoint or event.part != "log" or header is None or header.source not in NOBODY_SAID:
        return event
    lines = [line for line in event.data["lines"] if line["kind"] != "levels"]
    return msgspec.structs.replace(event, data={**event.data, "lines": lines})


class LevelAnnouncer:
    """Remembers up to which close the levels of one model were announced, by symbol."""

    def __init__(self, levels: Levels) -> None:
        self._levels = levels
        self._judged: dict[str, int] = {}
        self._looked = 0
        self._said: dict[str, dict[str, tuple[str, bool]]] = {}

    def news(self, now: int) -> list[Level]:
        """A level event for each change of status with a close since this was last asked, at desk time `now` (ms).

        It looks once a second, and at one symbol with a new close at a time: to find all levels at once, on the hour,
        would keep the loop from its other work. What closed before a symbol was first seen is history, not news.
        """
        if now // SECOND == self._looked:
            return []
        for symbol in self._levels.symbols:
            after = self._judged.setdefault(symbol, now)
            if self._levels.closed(symbol, now) > after:
                return self._changes(symbol, now, after)
        self._looked = now // SECOND
        return []

    def skip(self) -> None:
        """Take the levels as they are for said."""
        self._judged.clear()
        self._said.clear()
        self._looked = 0

    def _changes(self, symbol: str, now: int, after: int) -> list[Level]:
        """The changes, but for one to what was said of the zone last: a candle or a founder that comes late lets the
        past look otherwise."""
        self._judged[symbol] = self._levels.closed(symbol, now)
        timeframe = self._levels.settings.timeframe
        before = self._said.get(symbol, {})
        said = self._said[symbol] = {
            level.id: before[level.id] for level in self._levels.of(symbol, now) if level.id in before
        }
        events = []
        for change in self._levels.changes(symbol, now, after):
            if said.get(change.figure.id) != (change.status, change.above):
                said[change.figure.id] = (change.status, change.above)
                events.append(_event(symbol, timeframe, change, now))
        return events


def _event(symbol: str, timeframe: str, change: LevelChange, now: int) -> Level:
    zone = change.figure
    return Level(
        ts=change.time, recv=max(now, change.time), symbol=symbol, id=zone.id, price=zone.price, low=zone.low,
        high=zone.high, kind="support" if change.above else "resistance", status=change.status, before=change.before,
        close=change.close, timeframe=timeframe, score=zone.score, sources=tuple(zone.sources), label=zone.label,
    )  # fmt: skip
