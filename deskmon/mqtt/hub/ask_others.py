"""Asks the desk's other hubs, on a broker, what this one missed while it didn't run."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

import msgspec

from deskmon.errors import DeskError
from deskmon.events import Event
from deskmon.hub.missed import MissedEvents
from deskmon.mqtt.client.broker import Broker, Inbox, incoming, publish
from deskmon.mqtt.client.presence import Presence, Presences
from deskmon.mqtt.client.wire import LookAssembler, unpack_look
from deskmon.transport.link import LinkLost
from deskmon.transport.requests import Missed, unpack_reply
from deskmon.transport.wire import EventDecoder

if TYPE_CHECKING:
    from aiomqtt import Client, Message

log = logging.getLogger(__name__)

LIMIT_S = 3.0
"""Seconds that all of it may take: meanwhile screens wait for the first picture. What has come by then is taken."""
SETTLE_S = 0.3
"""Seconds in which a broker says which hubs are up."""
MOST_BYTES = 128 * 1024 * 1024
"""JSON of an answer at most; no hub sends more than half of it."""


async def ask_others(broker: Broker, since: int, limit_s: float = LIMIT_S) -> MissedEvents | None:
    """What arrived after `since` (ms), from the hub that is up for longest and tells; None where none does."""
    asking = _Asking(broker, since)
    try:
        async with asyncio.timeout(limit_s):
            await asking.run()
    except TimeoutError:
        log.warning("mqtt: other hubs took longer than %g s to tell what was missed", limit_s)
    except (LinkLost, DeskError) as fault:
        log.warning("mqtt: what was missed can't be asked: %s", fault)
    return MissedEvents(asking.told_by, asking.events) if asking.events else None


class _Asking:
    """One connection, until a hub has told or none does. `events`: what came so far, from the hub `told_by`."""

    def __init__(self, broker: Broker, since: int) -> None:
        self.events: list[Event] = []
        self.told_by = ""
        self._broker, self._since = broker, since
        self._decoder = EventDecoder()
        self._size = 0

    async def run(self) -> None:
        """Ask one after the other. Raises LinkLost and DeskError."""
        inbox, address = Inbox(), self._broker.address
        async with self._broker.connect("hub", inbox) as client:
            await self._broker.subscribe(client, [address.hub(), address.reply("+", client.identifier)])
            async with aclosing(incoming(client, inbox)) as messages:
                hubs = await self._hubs(messages)
                for number, hub in enumerate(hubs, 1):
                    if await self._told(client, hub, number, messages):
                        return

    async def _hubs(self, messages: AsyncIterator[Message | None]) -> Sequence[Presence]:
        """The hubs with a live market, the one first that is up for longest."""
        presences, loop = Presences(), asyncio.get_running_loop()
        end, base = loop.time() + SETTLE_S, self._broker.address.hub("")
        while loop.time() < end:
            message = await anext(messages)
            if message is not None and str(message.topic).startswith(base):
                presences.take(str(message.topic).removeprefix(base), bytes(message.payload), loop.time())
        live = [each for each in presences.up(loop.time()).values() if each.mode == "live"]
        return sorted(live, key=lambda each: (each.started, each.hub))

    async def _told(self, client: Client, hub: Presence, number: int, messages: AsyncIterator[Message | None]) -> bool:
        """Whether a hub tells; once it has told all."""
        address, parts = self._broker.address, LookAssembler()
        topic = address.reply(hub.hub, client.identifier)
        self.events, self.told_by, self._size = [], hub.name, 0
        await publish(client, address.ask(hub.hub, client.identifier), _encode(Missed(id=number, since=self._since)))
        async for message in messages:
            if message is None or str(message.topic) != topic:
                continue
            payload = bytes(message.payload)
            part = unpack_look(payload)
            if part is not None and part.look == number:
                if self._take(parts.add(part)) or parts.torn or self._size > MOST_BYTES:
                    return True
                continue
            reply = unpack_reply(payload)
            if reply is not None and reply.id == number and not reply.ok:
                log.info("mqtt: hub %s doesn't tell what was missed: %s", hub.name, reply.text)
                return False
        return False

    def _take(self, array: bytes | None) -> bool:
        """Take some events; whether they were the last."""
        if array is None:
            return False
        self._size += len(array)
        some = self._decoder.decode(array)
        self.events += some
        return not some


def _encode(request: Missed) -> bytes:
    return msgspec.json.encode(request)
