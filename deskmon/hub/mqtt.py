"""The door of a hub to a broker: says that it is up, publishes what it leads, takes what others publish."""

from __future__ import annotations

import asyncio
import logging
import random
import re
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING

import msgspec

from deskmon import __version__
from deskmon.clock import WallClock
from deskmon.events import FeedState, FeedStatus
from deskmon.feed import backoff
from deskmon.hub.hub import Hub
from deskmon.hub.mqtt_stream import Numbered, Snapshots
from deskmon.transport.link import Lost
from deskmon.transport.mqtt_broker import Broker, Inbox, expiring, incoming
from deskmon.transport.mqtt_presence import EXPIRY_S, REFRESH_S, Presence, Presences

if TYPE_CHECKING:
    from aiomqtt import Client, Will

log = logging.getLogger(__name__)

FEED = "mqtt"
"""Name under which the broker stands among the feeds."""
REPORT_MS = 5_000
DEAD_FOR_S = 3_600
"""Seconds that a hub's last word stays with the broker."""
_BACKOFF_CAP_S = 5.0
_HEALTHY_S = 10.0


class MqttDoor:
    """One hub's connection to one broker: kept, found again with backoff, said in words among the feeds."""

    def __init__(self, broker: Broker, name: str, hub: Hub, rng: random.Random) -> None:
        self.id = f"{name}-{secrets.token_hex(3)}"
        """Unlike any other hub's, and any other run's."""
        self.stream = Numbered()
        self.hubs = Presences()
        self._name = name
        self._broker = broker
        self._address = broker.address
        self._hub = hub
        self._rng = rng
        self._started = WallClock().now()
        self._snapshots = Snapshots(self.stream, hub.stream.snapshot)
        self._state: FeedState = "connecting"
        self._detail = ""
        self._reconnects = 0
        self._seen = False
        self._reported: FeedStatus | None = None

    @property
    def leads(self) -> bool:
        """Whether screens follow this hub."""
        leader = self.hubs.leader(asyncio.get_running_loop().time())
        return leader is None or leader.hub == self.id

    async def run(self) -> None:
        """Keep the connection until cancelled."""
        loop = asyncio.get_running_loop()
        attempt = 0
        await self._hub.stream.begun.wait()
        while True:
            since = loop.time()
            try:
                await self._connection()
            except Lost as loss:
                self._set("reconnecting", str(loss))
            finally:
                self.stream.open(False)
            attempt = 1 if loop.time() - since > _HEALTHY_S else attempt + 1
            await asyncio.sleep(backoff(attempt, self._rng, cap=_BACKOFF_CAP_S))
            self._reconnects += 1

    def report(self, now: int) -> FeedStatus | None:
        """How the broker is: at each change and every five seconds."""
        status = FeedStatus(
            ts=now, feed=FEED, state=self._state, detail=self._detail[:500],
            dropped=self.stream.dropped, reconnects=self._reconnects,
        )  # fmt: skip
        last = self._reported
        if last is not None and msgspec.structs.replace(status, ts=last.ts) == last and now - last.ts < REPORT_MS:
            return None
        self._reported = status
        return status

    async def _connection(self) -> None:
        inbox = Inbox()
        async with self._broker.connect("hub", inbox, self._will()) as client:
            self.hubs = Presences()
            self._seen = False
            await self._broker.subscribe(client, [self._address.hub(), self._address.ask(self.id)])
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._listen(client, inbox))
                    tasks.create_task(self._appear(client))
                    address = self._address
                    tasks.create_task(self._snapshots.send(client, address.stream(self.id), address.snapshot(self.id)))
            finally:
                if asyncio.current_task().cancelling():  # type: ignore[union-attr]
                    await client.publish(self._address.hub(self.id), self._word("dead"), qos=1, retain=True,
                                         properties=expiring(DEAD_FOR_S))  # fmt: skip

    def _will(self) -> Will:
        from aiomqtt import Will
        from paho.mqtt.packettypes import PacketTypes

        last_word = expiring(DEAD_FOR_S)
        last_word.packetType = PacketTypes.WILLMESSAGE
        return Will(self._address.hub(self.id), self._word("dead"), qos=1, retain=True, properties=last_word)

    def _word(self, state: str) -> bytes:
        presence = Presence(self.id, self._name, state, self._started, self._hub.mode, __version__)  # type: ignore[arg-type]
        return msgspec.json.encode(presence)

    async def _appear(self, client: Client) -> None:
        """Say that this hub is up, and look who leads."""
        topic = self._address.hub(self.id)
        while True:
            await client.publish(topic, self._word("up"), qos=1, retain=True, properties=expiring(EXPIRY_S))
            await asyncio.sleep(REFRESH_S)
            if not self._seen:
                self._set("stale", f"{self._address.broker} passes nothing on; may this user write {topic}?")

    async def _listen(self, client: Client, inbox: Inbox) -> None:
        async with aclosing(incoming(client, inbox)) as messages:
            async for message in messages:
                if message is not None:
                    self._take(str(message.topic), bytes(message.payload))
                self.stream.open(self._seen and self.leads)

    def _take(self, topic: str, payload: bytes) -> None:
        kind, _, hub = topic.removeprefix(self._address.base + "/").partition("/")
        if kind == "ask":
            self._snapshots.ask()
        elif kind == "hub":
            self.hubs.take(hub, payload, asyncio.get_running_loop().time())
            if hub == self.id:
                self._seen = True
                self._set("live", f"{self._address} as {self.id}")

    def _set(self, state: FeedState, detail: str) -> None:
        if (state, detail) != (self._state, self._detail):
            log.log(logging.INFO if state == "live" else logging.WARNING, "mqtt: %s %s", state, detail)
        self._state, self._detail = state, detail


@asynccontextmanager
async def mqtt_door(hub: Hub, broker: Broker, name: str | None, rng: random.Random) -> AsyncIterator[MqttDoor]:
    """Publish a hub's stream to a broker while the block runs; `name` is the hub's in topics, else the machine's."""
    door = MqttDoor(broker, name or _machine(), hub, rng)
    task = asyncio.create_task(door.run(), name="mqtt")
    hub.stream.add(door.stream)
    hub.reporters.append(door)
    try:
        yield door
    finally:
        hub.stream.remove(door.stream)
        hub.reporters.remove(door)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _machine() -> str:
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", socket.gethostname().partition(".")[0]).strip("-_")[:20]
    return name or "hub"
