"""The screen's end of a desk on a broker: follows the hub that leads, fills gaps by a snapshot, and names them."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Any

import msgspec

from deskmon.errors import DeskError
from deskmon.events import Event, Gap, Pulse
from deskmon.format import age
from deskmon.mqtt.client.broker import SLOT_S, Broker, Inbox, incoming, publish
from deskmon.mqtt.client.presence import Presence, Presences
from deskmon.mqtt.client.wire import (
    LookAssembler,
    LookPart,
    SequencedBatch,
    SnapshotAssembler,
    unpack_batch,
    unpack_look,
)
from deskmon.transport.link import Link, LinkLost
from deskmon.transport.requests import Here, Look, Reply, Request, Snapshot, unpack_reply

if TYPE_CHECKING:
    from aiomqtt import Client, Message

log = logging.getLogger(__name__)

SILENCE_S = 3.0
"""A hub that is up sends four pulses a second; after this long without anything it counts as lost."""
ASK_AGAIN_S = 1.5
RENEW_S = 10.0
"""How often a screen that looks back says that it is still there."""
PATIENCE_S = 5.0
"""Seconds that a desk gets to name a hub, and a hub to send something."""
FEED = "screen"
"""Name under which the gaps of this very screen's stream stand."""
HERE_S = 30.0
"""How often a screen says that it is still there: by that a hub counts the screens on a broker."""
_ASKS = 6
_AHEAD = 512


class MqttLink(Link):
    """A link to a desk on a broker. Whatever hub leads is followed; `hub` is its id.

    A batch of the stream that didn't arrive becomes a Gap: in `gaps`, and in the events after the snapshot that fills
    it. The model then is the hub's again, and says that this screen was behind.
    """

    def __init__(self, broker: Broker, **injected: Any) -> None:
        super().__init__(**injected)
        self.where = str(broker.address)
        self.hub = ""
        self.next: int | None = None
        """Number of the event that must come next from `hub`; None before its first snapshot."""
        self.gaps: deque[Gap] = deque(maxlen=100)
        self._broker = broker
        self._follower: _Follower | None = None
        self._heard = 0

    async def _connection(self) -> AsyncGenerator[list[Event], None]:
        inbox = Inbox()
        async with self._broker.connect("screen", inbox) as client:
            follower = self._follower = _Follower(self, self._broker, client)
            await self._broker.subscribe(client, [self._broker.address.hub()])
            async with aclosing(incoming(client, inbox)) as messages:
                async for message in messages:
                    if self._closed:
                        return
                    for batch in follower.take(message):
                        yield batch
                        await asyncio.sleep(0)  # a snapshot takes a while to fold: others go on meanwhile
                    if inbox.empty():
                        await follower.settle()

    async def ask(self, request: Request) -> Reply:
        reply = await super().ask(request)
        if reply.ok and request == Look(id=request.id, by=request.by) and self._follower is not None:
            self._follower.return_to_now()
        return reply

    async def _send(self, payload: bytes) -> bool:
        return self.state == "live" and self._follower is not None and await self._follower.send(payload)

    def note(self, batch: list[Event]) -> list[Event]:
        """Remember the desk's time of what is handed on."""
        for event in batch:
            if type(event) is Pulse:
                self._heard = event.ts
        return batch

    def missed(self, hub: str, seq: int, since: int) -> None:
        """A snapshot of `hub` begins at event `seq`; what it skips is a gap that began at `since` (ms, desk time)."""
        if hub == self.hub and self.next is not None and seq > self.next:
            until = max(since, self._heard)
            log.warning("missed %d events of hub %s within %s", seq - self.next, hub, age(until - (since or until)))
            self.gaps.append(
                Gap(
                    ts=until, feed=FEED, venue="mqtt", channel="stream",
                    since=since or until, until=until, dropped=seq - self.next,
                )
            )  # fmt: skip
        self.hub, self.next = hub, seq

    @property
    def heard(self) -> int:
        """Desk time (ms) of the newest pulse, 0 before any."""
        return self._heard


class _Follower:
    """One connection's course: which hub is followed, and whether a snapshot of it is wanted."""

    def __init__(self, link: MqttLink, broker: Broker, client: Client) -> None:
        self._link = link
        self._broker = broker
        self._address = broker.address
        self._client = client
        self._hubs = Presences()
        self._followed: Presence | None = None
        self._assembler = SnapshotAssembler()
        self._collecting = False
        self._wanted = False
        self._asked = 0
        self._asked_at = 0.0
        self._ahead: deque[SequencedBatch] = deque(maxlen=_AHEAD)
        """Batches that came while a snapshot was wanted; they may be those that follow it."""
        self._quiet = 0.0
        self._look: LookAssembler | None = None
        """What is shown in place of the hub's stream, while this screen looks back."""
        self._looked = 0
        """The id of a request: what was asked before it is over."""
        self._speed = 0.0
        self._renewed = 0.0
        self._told_at = 0.0

    def take(self, message: Message | None) -> Iterator[list[Event]]:
        """Batches to fold for a message, or for a slot of time without one. Raises LinkLost where the hub is gone."""
        if message is None:
            self._wait()
            return
        kind, _, hub = str(message.topic).removeprefix(self._address.base + "/").partition("/")
        payload = bytes(message.payload)
        if kind == "hub":
            self._hubs.take(hub, payload, _now())
        elif kind == "reply":
            reply = unpack_reply(payload)
            part = unpack_look(payload) if reply is None else None
            if part is None:
                self._replied(reply)
            else:
                yield from self._see(part)
        elif self._followed is not None and hub == self._followed.hub:
            self._quiet = 0.0
            if self._look is not None:
                return
            try:
                yield from self._snapshot(payload) if kind == "snapshot" else self._take_batch(unpack_batch(payload))
            except DeskError as fault:
                raise LinkLost(str(fault)) from fault

    async def settle(self) -> None:
        """Follow who leads, and ask for the snapshot that is wanted. Raises LinkLost where the followed hub is gone."""
        leader = self._hubs.leader(_now())
        if leader is None:
            if self._followed is not None:
                raise LinkLost(f"hub {self._followed.name} is gone")
            return
        if self._followed is None or leader.hub != self._followed.hub:
            await self._follow(leader)
        if self._look is not None and _now() - self._renewed >= RENEW_S:
            self._renewed = _now()
            again = Snapshot(id=self._link.number()) if self._look.torn else None
            await self.send(msgspec.json.encode(again or Look(id=self._link.number(), speed=self._speed)))
        elif self._wanted and (not self._asked or _now() - self._asked_at >= ASK_AGAIN_S):
            await self._ask()
        elif not self._wanted and self._collecting:
            self._collecting = False
            await self._client.unsubscribe(self._address.snapshot(leader.hub))
        if _now() - self._told_at >= HERE_S:
            await self.send(msgspec.json.encode(Here(id=self._link.number())))

    def return_to_now(self) -> None:
        """Show the hub's own stream again, from a snapshot on; what it brought meanwhile isn't missed."""
        self._look = self._link.next = None
        self._looked = self._link.number()
        self._want()

    def _see(self, part: LookPart) -> Iterator[list[Event]]:
        """Batches of what this screen looks back at."""
        if part.look <= self._looked:
            return
        if self._look is None:
            self._look, self._renewed = LookAssembler(), _now()
            self._ahead.clear()
        array = self._look.add(part)
        if self._look.torn:
            self._renewed = min(self._renewed, _now() - RENEW_S + ASK_AGAIN_S)
        if array is not None:
            batch = self._link.decoder.decode(array)
            for event in batch:
                if type(event) is Pulse:
                    self._speed = 0.0 if event.paused else event.speed
            yield batch

    def _wait(self) -> None:
        self._quiet += SLOT_S
        if self._followed is None:
            if self._quiet >= PATIENCE_S:
                raise LinkLost(f"no hub at {self._address}; start one with `deskmon hub --mqtt {self._address}`")
        elif self._quiet >= (PATIENCE_S if self._link.next is None else SILENCE_S):
            raise LinkLost(f"hub {self._followed.name} silent for {self._quiet:.0f} s")

    async def _follow(self, leader: Presence) -> None:
        former, self._followed = self._followed, leader
        if former is not None:
            await self._client.unsubscribe(self._topics(former.hub))
        self._ahead.clear()
        self._assembler, self._look = SnapshotAssembler(), None
        self._quiet = 0.0
        self._want()
        self._collecting = True
        await self._broker.subscribe(self._client, self._topics(leader.hub))

    def _topics(self, hub: str) -> list[str]:
        reply = self._address.reply(hub, self._client.identifier)
        return [self._address.stream(hub), self._address.snapshot(hub), reply]

    def _want(self) -> None:
        if not self._wanted:
            self._wanted, self._asked = True, 0

    async def _ask(self) -> None:
        assert self._followed is not None
        name = self._followed.name
        if self._asked:
            self._link.state, self._link.detail = "lost", f"waits for a snapshot of hub {name}"
        if self._asked >= _ASKS:
            raise LinkLost(f"hub {name} sends no snapshot; may this user write {self._address.ask('+')}?")
        self._asked += 1
        self._asked_at = _now()
        if not self._collecting:
            self._collecting = True
            await self._broker.subscribe(self._client, [self._address.snapshot(self._followed.hub)])
        await self.send(msgspec.json.encode(Snapshot(id=self._link.number())))

    async def send(self, payload: bytes) -> bool:
        """Send a request to the hub that is followed; False where that can't be."""
        from aiomqtt import MqttError

        if self._followed is None:
            return False
        self._told_at = _now()
        with suppress(MqttError):  # the connection is about to be found lost
            topic = self._address.ask(self._followed.hub, self._client.identifier)
            await publish(self._client, topic, payload)
            return True
        return False

    def _replied(self, reply: Reply | None) -> None:
        """A hub that refuses is heard only while a snapshot is wanted: then its words say why the screen waits."""
        if reply is None or self._link.answered(reply):
            return
        if reply.id == 0 and self._look is not None:
            self.return_to_now()
        if not reply.ok and self._wanted and self._followed is not None:
            self._link.state, self._link.detail = "lost", f"hub {self._followed.name}: {reply.text}"

    def _take_batch(self, batch: SequencedBatch) -> Iterator[list[Event]]:
        expected = self._link.next
        if self._wanted:
            self._ahead.append(batch)
        elif expected is not None and batch.next <= expected:
            return  # a repetition
        elif batch.seq != expected:
            self._want()
            self._ahead.append(batch)
        else:
            self._link.next = batch.next
            yield self._link.note(self._link.decoder.decode(bytes(batch.events)))

    def _snapshot(self, payload: bytes) -> Iterator[list[Event]]:
        whole = self._assembler.add(payload)
        if whole is None or not self._wanted:
            return
        assert self._followed is not None
        seq, arrays = whole
        since = self._link.heard
        for array in arrays:
            yield self._link.note(self._link.decoder.decode(array))
        self._link.missed(self._followed.hub, seq, since)
        self._wanted = False
        yield list(self._link.gaps)
        ahead = [*self._ahead]
        self._ahead.clear()
        for batch in ahead:
            yield from self._take_batch(batch)


def _now() -> float:
    return asyncio.get_running_loop().time()
