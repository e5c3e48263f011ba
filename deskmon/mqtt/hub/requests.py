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

import msgspec

from deskmon.budget import Budget
from deskmon.events import FeedState, FeedStatus
from deskmon.feedkit import backoff
from deskmon.mqtt.client.broker import Broker
from deskmon.mqtt.client.intake import Intake
from deskmon.transport.link import LinkLost
from deskmon.transport.wire import Reply, unpack_broker_request

FEED = "mqtt ask"
"""Name under which requests stand among the feeds: events are those taken, rejected what is no request, dropped what is
beyond a limit."""
RATE = 1.0
"""Requests a second of one client in the long run."""
BURST = 10.0
"""Requests of one client at once."""
REPLIES = 100.0
"""Replies a second to all clients together, and twice as many at once."""
CLIENTS = 1_024
"""Clients whose requests are counted; the one that came first makes way."""
MAX_BYTES = 4_096
"""Bytes of the largest request, its topic included; the broker passes on no larger one."""
REPORT_MS, COUNT_MS = 5_000, 1_000
_BACKOFF_CAP_S = 5.0
_HEALTHY_S = 10.0
_CLIENT = re.compile(rb"[A-Za-z0-9_.-]{1,64}")


class _Client:
    __slots__ = ("budget", "told")

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.told = False  # whether it knows that it asks too much


class RequestService:
    """Takes the requests to one hub and answers them."""

    def __init__(self, broker: Broker, hub: str, snapshot: Callable[[], None], rng: random.Random) -> None:
        """`snapshot` is called when one is wanted."""
        self._broker = broker
        self._hub = hub
        self._snapshot = snapshot
        self._rng = rng
        self._begins = len(broker.address.ask(hub, ""))
        self._intake = Intake(broker, "ask", broker.address.ask(hub), MAX_BYTES, self.take)
        self._clients: OrderedDict[bytes, _Client] = OrderedDict()
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
        if client is None:
            self._ignored += 1
        elif not client.budget.spend():
            self._over += 1
            if not client.told:
                client.told = True
                self._detail = f"{name.decode()} asks more than {RATE:g} a second and {BURST:g} at once"
                self._answer(
                    name, Reply(ok=False, text=f"asks more than {RATE:g} a second and {BURST:g} at once; wait")
                )
        else:
            client.told = False
            ask = unpack_broker_request(payload)
            if ask is None:
                self._ignored += 1
                return
            self._taken += 1
            self._snapshot()
            self._answer(name, Reply(ok=True, id=ask.id))

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

    def _new(self, name: bytes) -> _Client | None:
        if not _CLIENT.fullmatch(name):
            return None
        if len(self._clients) >= CLIENTS:
            self._clients.popitem(last=False)
        client = self._clients[name] = _Client(Budget(RATE, BURST, _now))
        return client

    def _answer(self, client: bytes, reply: Reply) -> None:
        if self._replies.spend():
            self._intake.answer(self._broker.address.reply(self._hub, client.decode()), msgspec.json.encode(reply))


def _now() -> float:
    return asyncio.get_running_loop().time()
