"""What a hub keeps on the broker for the one that leads after it: its outbox, and what it remembers of its rules."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from deskmon.mqtt.client.broker import expiring, publish

if TYPE_CHECKING:
    from aiomqtt import Client

log = logging.getLogger(__name__)

EVERY_S = 1.0
AGAIN = 600
"""Looks after which what didn't change is said again, so that the broker keeps it."""
EXPIRY_S = 3_600
"""Seconds that what a hub said stays with the broker once the hub is gone."""
LARGEST = 2 * 1024 * 1024
"""Bytes of the largest message: half of what docs/mqtt.md lets a broker take."""
PATIENCE_S = 2.0
"""Seconds that who sends waits for the broker before he goes on without it."""


class Source(Protocol):
    """What is shared, and who takes what the others share."""

    async def share(self) -> bytes:
        """What another hub has to know to go on from here."""
        ...

    def learn(self, hub: str, payload: bytes, *, is_kept: bool) -> None:
        """Take what `hub` shared; is_kept: it did so before this hub was there to hear it."""
        ...


class RetainedShare:
    """Keeps what a source shares at a topic, while `may_share` says so."""

    def __init__(self, topic: str, may_share: Callable[[], bool]) -> None:
        self.source: Source | None = None
        self._topic, self._may_share = topic, may_share
        self._client: Client | None = None
        self._turn = asyncio.Lock()
        self._said = b""

    async def send(self, client: Client) -> None:
        """Publish what changed, once a second, until cancelled."""
        self._client, self._said = client, b""
        looks = 0
        try:
            while True:
                await self._publish(client, again=looks % AGAIN == 0)
                looks += 1
                await asyncio.sleep(EVERY_S)
        finally:
            self._client = None

    async def say(self) -> None:
        """Have the broker know it as it is now; goes on where there is no broker, or none that answers."""
        from aiomqtt import MqttError

        client = self._client
        if client is None:
            return
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._publish(client)
        except (MqttError, TimeoutError) as fault:
            log.warning("%s isn't on the broker yet: %s", self._topic, fault)

    def take(self, hub: str, payload: bytes, *, is_kept: bool) -> None:
        """Take what another hub shared."""
        if self.source is not None and len(payload) <= LARGEST:
            self.source.learn(hub, payload, is_kept=is_kept)

    async def _publish(self, client: Client, *, again: bool = False) -> None:
        async with self._turn:
            if self.source is None or not self._may_share():
                return
            shared = await self.source.share()
            if shared == self._said and not (again and shared):
                return
            if len(shared) > LARGEST:
                log.error("%s: %d bytes are more than a broker takes", self._topic, len(shared))
                return
            await publish(client, self._topic, shared, retain=True, properties=expiring(EXPIRY_S))
            self._said = shared
