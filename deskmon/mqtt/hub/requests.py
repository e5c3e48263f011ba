"""What screens on a broker ask of a hub: each client within its own limits; what is no request is ignored and counted.

Requests have a connection of their own, so that no number of them is in the way of the stream and of the broker's
acknowledgements. Nothing that is asked changes feeds, rules or files of the hub.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from deskmon.budget import Budget
from deskmon.events import FeedState, FeedStatus
from deskmon.feedkit import backoff
from deskmon.hub.door import BURST, RATE, Door, Visitor
from deskmon.mqtt.client.broker import Broker, publish
from deskmon.mqtt.client.intake import Intake
from deskmon.mqtt.client.wire import pack_look
from deskmon.transport.link import LinkLost
from deskmon.transport.requests import MAX_BYTES, Reply

if TYPE_CHECKING:
    from aiomqtt import Client

FEED = "mqtt ask"
"""Name under which requests stand among the feeds: events are those taken, rejected what is no request, dropped what is
beyond a limit."""
REPLIES = 100.0
"""Replies a second to all clients together, and twice as many at once."""
GONE_S = 75.0
"""A client that asked nothing for so long is gone: a screen says each half minute that it is there."""
CLIENTS = 1_024
"""Clients whose requests are counted; the one that came first makes way."""
LEASE_S = 30.0
"""Seconds after which a client that looks back and asks nothing is taken for gone."""
_TOPIC_BYTES = 256
_SHOWN = 8
_HEAD = 4  # bytes before the array in a frame of the wire format
REPORT_MS, COUNT_MS = 5_000, 1_000
_BACKOFF_CAP_S = 5.0
_HEALTHY_S = 10.0
_CLIENT = re.compile(rb"[A-Za-z0-9_.-]{1,64}")


class _Client:
    """The way back to one client."""

    def __init__(self, service: RequestService, name: bytes) -> None:
        self._service, self._name = service, name
        self._shown = 0  # messages of what it looks back at

    def reply(self, reply: Reply) -> None:
        self._service.answer(self._name, reply)

    def restart(self) -> None:
        self._shown = 0
        self._service.snapshot()

    async def show(self, look: int, frame: bytes) -> None:
        messages = pack_look(look, self._shown, frame[_HEAD:])
        self._shown += len(messages)
        for message in messages:
            await self._service.shown.put((self._name.decode(), message))

    def live(self) -> None:
        self._shown = 0


class RequestService:
    """Takes the requests to one hub and answers them."""

    def __init__(self, broker: Broker, hub: str, door: Door, snapshot: Callable[[], None], rng: random.Random) -> None:
        """`snapshot` is called when one is wanted."""
        self.snapshot = snapshot
        self._broker = broker
        self._hub = hub
        self._door = door
        self._rng = rng
        self._begins = len(broker.address.ask(hub, ""))
        self.shown: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue(_SHOWN)
        """What waits for clients that look back, by client."""
        self._intake = Intake(broker, "ask", broker.address.ask(hub), MAX_BYTES + _TOPIC_BYTES, self.take)
        self._clients: OrderedDict[bytes, Visitor] = OrderedDict()
        self._heard: dict[bytes, float] = {}
        self._replies = Budget(REPLIES, 2 * REPLIES, _now)
        self._state: FeedState = "connecting"
        self._detail = ""
        self._taken = self._ignored = self._over = self._reconnects = 0
        self._reported: FeedStatus | None = None

    async def run(self) -> None:
        """Keep the connection until cancelled."""
        attempt = 0
        while True:
            since = _now()
            try:
                await self._intake.run(self._live)
            except LinkLost as loss:
                self._state, self._detail = "reconnecting", str(loss)
            attempt = 1 if _now() - since > _HEALTHY_S else attempt + 1
            await asyncio.sleep(backoff(attempt, self._rng, cap=_BACKOFF_CAP_S))
            self._reconnects += 1

    def take(self, topic: bytes, payload: bytes) -> None:
        """Take what a client sent."""
        name = topic[self._begins :]
        client = self._clients.get(name) or self._new(name)
        match "ignored" if client is None else self._door.take(payload, client):
            case "taken":
                self._taken += 1
                self._heard[name] = _now()
            case "over":
                self._over += 1
                self._detail = f"{name.decode()} asks more than {RATE:g} a second and {BURST:g} at once"
            case _:
                self._ignored += 1

    async def send(self, client: Client) -> None:
        """Publish what clients look back at, until cancelled."""
        while True:
            name, message = await self.shown.get()
            await publish(client, self._broker.address.reply(self._hub, name), message)

    @property
    def screens(self) -> int:
        """How many clients asked something within `GONE_S`."""
        now = _now()
        self._heard = {name: at for name, at in self._heard.items() if now - at < GONE_S}
        return len(self._heard)

    def answer(self, client: bytes, reply: Reply) -> None:
        """Bring an answer to a client, within what all of them together get."""
        if self._replies.spend():
            self._intake.answer(self._broker.address.reply(self._hub, client.decode()), msgspec.json.encode(reply))

    def report(self, now: int) -> FeedStatus | None:
        """How requests are: at once where state or words changed, after a second where counts did, and every five."""
        status = FeedStatus(
            ts=now, feed=FEED, state=self._state, detail=self._detail[:500], events=self._taken,
            rejected=self._ignored, dropped=self._over, reconnects=self._reconnects, service=True,
        )  # fmt: skip
        last = self._reported
        if last is not None and (status.state, status.detail) == (last.state, last.detail):
            counted = msgspec.structs.replace(status, ts=last.ts) != last
            if 0 <= now - last.ts < (COUNT_MS if counted else REPORT_MS):
                return None
        self._reported = status
        return status

    def _live(self) -> None:
        self._state, self._detail = "live", f"listens to {self._broker.address.ask(self._hub)}"

    def _new(self, name: bytes) -> Visitor | None:
        if not _CLIENT.fullmatch(name):
            return None
        if len(self._clients) >= CLIENTS:
            gone, visitor = self._clients.popitem(last=False)
            self._heard.pop(gone, None)
            self._door.leave(visitor)
        visitor = self._clients[name] = Visitor(_Client(self, name), _now, lease_s=LEASE_S)
        return visitor


def _now() -> float:
    return asyncio.get_running_loop().time()
