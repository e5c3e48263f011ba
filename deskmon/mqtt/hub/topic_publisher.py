"""The desk for other programs: a topic for each thing, once a second at most, instead of one stream of everything.

State events are retained, the newest of a topic; ledger events come as numbered batches, each topic with its own
count.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from functools import partial
from typing import TYPE_CHECKING

from deskmon.events import LEDGER, Checkpoint, Encoded, Event, Journal, Pulse, Reset, Ticker
from deskmon.hub.mailbox import newest
from deskmon.hub.subscriber import Batch
from deskmon.mqtt.client.broker import expiring
from deskmon.mqtt.client.topics import Address
from deskmon.mqtt.client.wire import pack_batch

if TYPE_CHECKING:
    from aiomqtt import Client

EVERY_S = 1.0
STATES = 500
"""State messages in a turn at most; the others wait, and only the newest of each."""
WAITING = 20_000
"""Ledger events that wait at most; what is dropped shows in the numbers."""
EXPIRY_S = 3_600
"""Seconds that the broker keeps a state."""
_TOPICS = 20_000
_TOGETHER = 20
_NOT_PUBLISHED = frozenset({Pulse, Reset, Checkpoint, Journal})


class TopicPublisher:
    """A subscriber that holds the newest state of each topic, and the ledger events since the last turn."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._open = False
        self._states: OrderedDict[str, Encoded] = OrderedDict()
        self._tickers: dict[str, Event] = {}
        self._ledger: dict[str, list[bytes]] = {}
        self._waiting = 0
        self._counts: dict[str, int] = {}
        self._dropped: dict[str, int] = {}

    def offer(self, batch: Batch) -> None:
        """Take a batch's events, where anyone is to have them."""
        if not self._open:
            return
        for item in batch.items:
            event = item.event
            kind = type(event)
            if kind in _NOT_PUBLISHED:
                continue
            topic = self._address.topic(event)
            if kind in LEDGER:
                self._enter(topic, item.json())
            elif len(self._states) < _TOPICS or topic in self._states:
                self._states[topic] = self._whole(topic, item)

    def restart(self) -> None:
        """The stream jumped: what waits is void."""
        self._states.clear()
        self._ledger.clear()
        self._waiting = 0

    def open(self, wanted: bool) -> None:
        """Whether there is a broker, and this hub leads."""
        if self._open and not wanted:
            self.restart()
        self._open = wanted

    async def send(self, client: Client) -> None:
        """Publish once a second, until cancelled."""
        while True:
            await asyncio.sleep(EVERY_S)
            await self.publish(client)

    async def publish(self, client: Client) -> None:
        """Publish the ledger events that wait, and as many states as a turn may."""
        jobs = [partial(client.publish, topic, message, qos=1) for topic, message in self._stretches().items()]
        expires = expiring(EXPIRY_S)
        for _ in range(min(STATES, len(self._states))):
            topic, state = self._states.popitem(last=False)
            jobs.append(partial(client.publish, topic, state.json(), retain=True, properties=expires))
        for at in range(0, len(jobs), _TOGETHER):
            await asyncio.gather(*(job() for job in jobs[at : at + _TOGETHER]))

    def _enter(self, topic: str, event: bytes) -> None:
        if self._waiting >= WAITING:
            self._dropped[topic] = self._dropped.get(topic, 0) + 1
            return
        self._waiting += 1
        self._ledger.setdefault(topic, []).append(event)

    def _stretches(self) -> dict[str, bytes]:
        """A message for each topic of the ledger. What was dropped came after it: the next one's number tells."""
        ledger, self._ledger, self._waiting = self._ledger, {}, 0
        messages = {}
        for topic, events in ledger.items():
            seq = self._counts.get(topic, 0)
            self._counts[topic] = seq + len(events)
            messages[topic] = pack_batch(seq, events)
        for topic, count in self._dropped.items():
            self._counts[topic] = self._counts.get(topic, 0) + count
        self._dropped.clear()
        return messages

    def _whole(self, topic: str, item: Encoded) -> Encoded:
        """A ticker with the fields that were said before: one that is left out is unchanged."""
        if type(item.event) is not Ticker:
            return item
        held = self._tickers.get(topic)
        whole = item if held is None else newest(Encoded(held), item)
        if held is not None or len(self._tickers) < _TOPICS:
            self._tickers[topic] = whole.event
        return whole
