"""The one bounded place between the feeds and the model.

Ledger events keep their order and are never conflated; of state events with one key the newest wins, at the place of
the newest. What doesn't fit is counted, by origin, and comes out as a gap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from deskmon.events import LEDGER, Encoded, Event, Gap, Ticker, state_key
from deskmon.model.part import stamp

CAPACITY = 100_000
"""Ledger events held at most, and state keys held at most: with their JSON some tens of MB when full."""
ROOM = 0.25
"""Share of the capacity up to which a mailbox has room for more."""

_UNCHANGED_IF_ABSENT = tuple(
    field.name for field in msgspec.structs.fields(Ticker) if field.default is None and field.name != "recv"
)

_CHANNELS = {"trade": "trades", "liquidation": "liquidations", "candle": "candles"}  # others are called as the kind is


@dataclass(frozen=True, slots=True)
class MailboxStatistics:
    """Counts of events since the start: put = taken + conflated + dropped + depth. `peak`: greatest depth."""

    depth: int
    peak: int
    put: int
    taken: int
    conflated: int
    dropped: int


@dataclass(slots=True)
class _Loss:
    since: int
    until: int
    count: int


class Mailbox:
    """Takes events one at a time from any number of feeds; gives them all at once to the pump."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        """`capacity` bounds ledger events and, on its own, state keys."""
        self._capacity = capacity
        self._held: dict[Any, Encoded] = {}  # insertion order is order of arrival
        self._ledger = 0
        self._losses: dict[tuple[str, str, str], _Loss] = {}
        self._put = self._taken = self._conflated = self._dropped = self._peak = 0

    def __len__(self) -> int:
        """Events held."""
        return len(self._held)

    @property
    def has_room(self) -> bool:
        """Whether a source that can wait need not: few ledger events are held."""
        return self._ledger < self._capacity * ROOM

    def put(self, item: Encoded, origin: str = "desk") -> bool:
        """Hold an event of feed `origin`; False where the mailbox is full and it was dropped."""
        self._put += 1
        held, event = self._held, item.event
        key: Any
        if type(event) in LEDGER:
            if self._ledger >= self._capacity:
                return self._drop(event, origin)
            self._ledger += 1
            key = self._put
        else:
            key = state_key(event)
            former = held.pop(key, None)
            if former is not None:
                self._conflated += 1
                item = newest(former, item)
            elif len(held) - self._ledger >= self._capacity:
                return self._drop(event, origin)
        held[key] = item
        if len(held) > self._peak:
            self._peak = len(held)
        return True

    def drain(self) -> list[Encoded]:
        """Everything held, in order of arrival, then a Gap for each origin and kind of which something was dropped."""
        items = list(self._held.values())
        self._taken += len(items)
        self._held = {}
        self._ledger = 0
        if self._losses:
            items += [
                Encoded(Gap(
                    ts=loss.until, feed=feed, venue=venue, channel=channel,
                    since=loss.since, until=loss.until, dropped=loss.count,
                ))
                for (feed, venue, channel), loss in self._losses.items()
            ]  # fmt: skip
            self._losses = {}
        return items

    def statistics(self) -> MailboxStatistics:
        """Counts so far."""
        return MailboxStatistics(
            depth=len(self._held), peak=self._peak, put=self._put, taken=self._taken,
            conflated=self._conflated, dropped=self._dropped,
        )  # fmt: skip

    def _drop(self, event: Event, origin: str) -> bool:
        self._dropped += 1
        venue = getattr(event, "venue", None) or origin
        tag = str(type(event).__struct_config__.tag)
        key = (origin, venue, _CHANNELS.get(tag, tag))
        loss = self._losses.get(key)
        if loss is None:
            self._losses[key] = _Loss(event.ts, event.ts, 1)
        else:
            loss.since = min(loss.since, event.ts)
            loss.until = max(loss.until, event.ts)
            loss.count += 1
        return False


def newest(held: Encoded, put: Encoded) -> Encoded:
    """What remains of two state events of one key: the newer by its stamp, as the model has it; of tickers, each
    field's newest value, since a field that a ticker leaves out is unchanged."""
    older, newer = (put, held) if stamp(put.event) < stamp(held.event) else (held, put)
    if type(newer.event) is not Ticker:
        return newer
    unchanged = {
        field: value
        for field in _UNCHANGED_IF_ABSENT
        if getattr(newer.event, field) is None and (value := getattr(older.event, field)) is not None
    }
    return Encoded(msgspec.structs.replace(newer.event, **unchanged)) if unchanged else newer
