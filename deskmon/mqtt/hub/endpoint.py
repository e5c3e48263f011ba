"""The endpoint of a hub to a broker: says that it is up, publishes what it leads, shares what its own feeds bring."""

from __future__ import annotations

import asyncio
import logging
import random
import re
import secrets
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import aclosing, asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from deskmon import __version__
from deskmon.background import keep_running, start
from deskmon.clock import WallClock
from deskmon.config.schema import FeedConfig
from deskmon.events import FeedState, FeedStatus, HubStatus
from deskmon.feedkit import backoff
from deskmon.hub.hub import Hub
from deskmon.hub.supervisor import Supervisor
from deskmon.mqtt.client.broker import Broker, Inbox, expiring, incoming, publish
from deskmon.mqtt.client.presence import EXPIRY_S, REFRESH_S, Presence, Presences
from deskmon.mqtt.hub import ingest, requests
from deskmon.mqtt.hub.ask_others import ask_others
from deskmon.mqtt.hub.peers import Peers
from deskmon.mqtt.hub.requests import RequestService
from deskmon.mqtt.hub.retained_share import RetainedShare, Source
from deskmon.mqtt.hub.stream_publisher import SequencedPublisher, SnapshotPublisher
from deskmon.mqtt.hub.topic_publisher import TopicPublisher
from deskmon.transport.link import LinkLost

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
_LAST_WORD_S = 1.0
_CANCEL_AGAIN_S = 5.0


class MqttEndpoint:
    """One hub's connection to one broker: kept, found again with backoff, said in words among the feeds."""

    def __init__(self, broker: Broker, name: str, hub: Hub, rng: random.Random) -> None:
        self.id = f"{name}-{secrets.token_hex(3)}"
        """Unlike any other hub's, and any other run's."""
        self.broker = broker
        self.stream = SequencedPublisher()
        self.shared = SequencedPublisher()
        self.topics = TopicPublisher(broker.address)
        self.outbox = RetainedShare(broker.address.outbox(self.id), lambda: self.leads)
        self.rules = RetainedShare(broker.address.rules(self.id), lambda: self._seen)
        self.rules.source = hub.alerts.succession
        self._name = name
        self._hub = hub
        self._rng = rng
        self._started = WallClock().now()
        self._snapshots = SnapshotPublisher(self.stream, hub.stream.snapshot)
        self.requests = RequestService(broker, self.id, hub.door, self._snapshots.ask, rng)
        self._hubs = Presences()
        self._peers = Peers(hub.peer_mailbox.put, lambda: hub.now)
        self._state: FeedState = "connecting"
        self._detail = ""
        self._reconnects = 0
        self._seen = False  # whether the broker told of this very hub, on this connection
        self._beaten = 0.0
        self._reported: FeedStatus | None = None

    @property
    def leads(self) -> bool:
        """Whether screens follow this hub, as far as the broker tells."""
        leader = self._hubs.leader(_now())
        return self._seen and leader is not None and leader.hub == self.id

    def carry(self, outgoing: Source) -> None:
        """Share what this hub sends to people with the desk's other hubs."""
        self.outbox.source = outgoing

    async def share_outbox(self) -> None:
        """Have the broker know of what this hub sends to people as it is now."""
        await self.outbox.say()

    @property
    def screens(self) -> int:
        """How many screens follow this hub on the broker."""
        return self.requests.screens

    def hubs(self) -> dict[str, HubStatus]:
        """All hubs of the desk that are up, by id, as they said last."""
        leader = self._hubs.leader(_now())
        return {
            hub: msgspec.structs.replace(each.status or _unsaid(each), leads=leader is not None and hub == leader.hub)
            for hub, each in self._hubs.up(_now()).items()
        }

    async def run(self) -> None:
        """Keep the connection until cancelled."""
        attempt = 0
        while True:
            since = _now()
            try:
                await self._connection()
            except LinkLost as loss:
                self._set("reconnecting", str(loss))
            finally:
                self._seen = False
                self._open()
            attempt = 1 if _now() - since > _HEALTHY_S else attempt + 1
            await asyncio.sleep(backoff(attempt, self._rng, cap=_BACKOFF_CAP_S))
            self._reconnects += 1

    def report(self, now: int) -> FeedStatus | None:
        """How the broker is: at each change and every five seconds."""
        status = FeedStatus(
            ts=now, feed=FEED, state=self._state, detail=self._detail[:500],
            dropped=self.stream.dropped + self.shared.dropped, reconnects=self._reconnects, service=True,
        )  # fmt: skip
        last = self._reported
        if last is not None and msgspec.structs.replace(status, ts=last.ts) == last and 0 <= now - last.ts < REPORT_MS:
            return None
        self._reported = status
        return status

    async def _connection(self) -> None:
        inbox, address = Inbox(), self.broker.address
        async with self.broker.connect("hub", inbox, self._will()) as client:
            self._hubs, self._beaten = Presences(), _now() + 1.0  # the others need a moment to come back, too
            await self.broker.subscribe(client, [address.outbox(), address.rules(), address.hub()])
            await self.broker.subscribe(client, [address.share()], noLocal=True)
            try:
                async with asyncio.TaskGroup() as tasks:
                    for job in (
                        self._listen(client, inbox),
                        self._appear(client),
                        self._snapshots.send(client, address.stream(self.id), address.snapshot(self.id)),
                        self.shared.send(client, address.share(self.id)),
                        self.topics.send(client),
                        self.outbox.send(client),
                        self.rules.send(client),
                        self.requests.send(client),
                    ):
                        tasks.create_task(job)
            except asyncio.CancelledError:
                await self._leave(client)
                raise

    async def _appear(self, client: Client) -> None:
        """Say again and again that this hub is up."""
        topic = self.broker.address.hub(self.id)
        while True:
            await publish(client, topic, self._word("up"), retain=True, properties=expiring(EXPIRY_S))
            await asyncio.sleep(REFRESH_S)
            if not self._seen:
                self._set("stale", f"{self.broker.address.broker} passes nothing on; may this user write {topic}?")

    async def _leave(self, client: Client) -> None:
        """Say what the last will would have said: a hub that ends in order has no will."""
        from aiomqtt import MqttError

        topic = self.broker.address.hub(self.id)
        with suppress(MqttError):
            await client.publish(
                topic, self._word("dead"), qos=1, retain=True, properties=expiring(DEAD_FOR_S), timeout=_LAST_WORD_S
            )

    def _will(self) -> Will:
        from aiomqtt import Will
        from paho.mqtt.packettypes import PacketTypes

        properties = expiring(DEAD_FOR_S)
        properties.packetType = PacketTypes.WILLMESSAGE
        return Will(self.broker.address.hub(self.id), self._word("dead"), qos=1, retain=True, properties=properties)

    def _word(self, state: Literal["up", "dead"]) -> bytes:
        status = msgspec.structs.replace(self._hub.status, loop_lag_ms=self._hub.late_ms) if state == "up" else None
        word = Presence(self.id, self._name, state, self._started, self._hub.mode, __version__, status)
        return msgspec.json.encode(word)

    async def _listen(self, client: Client, inbox: Inbox) -> None:
        async with aclosing(incoming(client, inbox)) as messages:
            async for message in messages:
                if message is not None:
                    self._take(str(message.topic), bytes(message.payload), is_kept=message.retain)
                self._open()

    def _take(self, topic: str, payload: bytes, *, is_kept: bool) -> None:
        kind, _, hub = topic.removeprefix(self.broker.address.base + "/").partition("/")
        if kind == "share":
            sender = self._others().get(hub)
            if sender is not None:
                self._peers.take(sender, payload)
        elif kind in ("outbox", "rules") and hub != self.id:
            (self.outbox if kind == "outbox" else self.rules).take(hub, payload, is_kept=is_kept)
        elif kind == "hub":
            self._hubs.take(hub, payload, _now())
            if hub == self.id:
                self._seen = True
                self._set("live", f"{self.broker.address} as {self.id}")

    def _open(self) -> None:
        """Publish the desk where this hub leads it, and share its own part where there are others to take it."""
        leads, others = self.leads, self._others()
        self._hub.alerts.succession.lead(leads)
        self.stream.open(leads)
        self.topics.open(leads)
        self.shared.open(self._seen and bool(others))
        if _now() - self._beaten >= 1.0:
            self._beaten = _now()
            self._peers.beat(others)

    def _others(self) -> dict[str, Presence]:
        """The other hubs that are up and have, like this one, a live market; others' are no part of this desk."""
        up = self._hubs.up(_now()) if self._hub.mode == "live" else {}
        return {hub: presence for hub, presence in up.items() if hub != self.id and presence.mode == "live"}

    def _set(self, state: FeedState, detail: str) -> None:
        if (state, detail) != (self._state, self._detail):
            log.log(logging.INFO if state == "live" else logging.WARNING, "mqtt: %s: %s", state, detail)
        self._state, self._detail = state, detail


@asynccontextmanager
async def mqtt_endpoint(hub: Hub, broker: Broker, name: str | None, rng: random.Random) -> AsyncIterator[MqttEndpoint]:
    """Put a hub on a broker while the block runs; `name` is the hub's in topics, the machine's where None."""
    endpoint = MqttEndpoint(broker, name or _machine(), hub, rng)
    intake = Supervisor(
        ingest.FEED, FeedConfig(type=ingest.FEED), hub.mailbox.put,
        load=lambda _: ingest.at(endpoint), clock=_DeskClock(hub), rng=rng,
    )  # fmt: skip
    jobs = {"mqtt": endpoint.run, requests.FEED: endpoint.requests.run, ingest.FEED: intake.run}
    tasks = [start(_begun(hub, partial(keep_running, run, name)), name) for name, run in jobs.items()]
    hub.stream.add(endpoint.stream)
    hub.stream.add(endpoint.topics)
    hub.share_subscribers.add(endpoint.shared)
    hub.on_broker = endpoint
    hub.ask_others = partial(ask_others, broker)
    hub.reporters += (endpoint, endpoint.requests, intake)
    try:
        yield endpoint
    finally:
        pending = set(tasks)
        while pending:  # more than once: aiomqtt may lose a cancellation while it connects
            for task in pending:
                task.cancel()
            _, pending = await asyncio.wait(pending, timeout=_CANCEL_AGAIN_S)
        await asyncio.gather(*tasks, return_exceptions=True)
        hub.stream.remove(endpoint.stream)
        hub.stream.remove(endpoint.topics)
        hub.share_subscribers.discard(endpoint.shared)
        hub.on_broker = None


async def _begun(hub: Hub, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run once the hub knows what it plays and what it remembers."""
    await hub.stream.begun.wait()
    await run()


class _DeskClock:
    """The desk's clock, whatever the hub plays."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def now(self) -> int:
        return self._hub.now


def _unsaid(presence: Presence) -> HubStatus:
    """What is known of a hub that says nothing of itself but that it is up."""
    return HubStatus(version=presence.version, started=presence.started, screens=0)


def _machine() -> str:
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", socket.gethostname().partition(".")[0]).strip("-_")[:20]
    return name or "hub"


def _now() -> float:
    return asyncio.get_running_loop().time()
