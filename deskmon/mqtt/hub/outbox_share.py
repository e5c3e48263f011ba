"""The outbox of the hub that sends, retained on the broker for the one that will send after it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from deskmon.mqtt.client.broker import expiring, publish
from deskmon.mqtt.client.topics import Address

if TYPE_CHECKING:
    from aiomqtt import Client

EVERY_S = 1.0
AGAIN = 600
"""Looks after which what didn't change is said again, so that the broker keeps it."""
EXPIRY_S = 3_600
"""Seconds that the outbox of a hub that is gone stays with the broker."""
LARGEST = 512 * 1024
_HELD = 16


class Outgoing(Protocol):
    """A hub's alerts on their way to people."""

    async def share(self) -> bytes:
        """What another hub has to know to go on from here."""
        ...

    def learn(self, hub: str, shared: bytes) -> None:
        """Take what `hub` shared; no bytes mean that it has nothing any more."""
        ...


class OutboxShare:
    """Publishes this hub's outbox while it leads, and takes those of the others."""

    def __init__(self, address: Address, hub: str, leads: Callable[[], bool]) -> None:
        self.outgoing: Outgoing | None = None
        """Who sends, if this hub does."""
        self._address, self._hub, self._leads = address, hub, leads

    async def send(self, client: Client) -> None:
        """Publish what changed, once a second, until cancelled."""
        said, turn = b"", 0
        while True:
            if self.outgoing is not None and self._leads():
                shared = await self.outgoing.share()
                if (shared != said or turn % AGAIN == 0) and len(shared) <= LARGEST:
                    topic, properties = self._address.outbox(self._hub), expiring(EXPIRY_S)
                    await publish(client, topic, shared, retain=True, properties=properties)
                    said = shared
                turn += 1
            await asyncio.sleep(EVERY_S)

    def take(self, hub: str, payload: bytes) -> None:
        """Take what another hub shared."""
        if self.outgoing is not None and hub != self._hub and len(payload) <= LARGEST:
            self.outgoing.learn(hub, payload)
