"""What any program publishes into the desk: taken like a feed's events, or rejected, in words."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from typing import Any, ClassVar, Protocol, get_args

import msgspec

from deskmon import format as fmt
from deskmon.budget import Budget
from deskmon.clock import DAY
from deskmon.events import EtfFlow, Event, FeedEvent, FeedStatus, Gap, Level, Wave, event_of
from deskmon.feedkit import Feed, FeedContext, backoff
from deskmon.mqtt.client.broker import Broker
from deskmon.mqtt.client.intake import Intake
from deskmon.transport.link import LinkLost

FEED = "mqtt in"
"""Name under which other programs stand among the feeds."""
MAX_BYTES = 64 * 1024
RATE = 200.0
"""Messages a second that are looked at in the long run."""
BURST = 2_000.0
"""Messages that are looked at after a while without any."""
AHEAD_MS = 60_000
"""How far a time may lie ahead of the desk's clock."""
_BACKOFF_CAP_S = 5.0
_HEALTHY_MS = 10_000
_LARGEST = 1024 * 1024
"""Bytes of the largest message that is looked at: it is rejected in words. The broker doesn't pass on a larger one."""

KINDS: dict[str, type[Event]] = {
    str(kind.__struct_config__.tag): kind for kind in get_args(FeedEvent) if kind not in (FeedStatus, Gap, Wave, Level)
}
"""What may be published, by type: what a feed may emit, but for what a desk says of itself. So nobody pins, notes or
fires an alert from outside."""

_HIDDEN = re.compile(
    "[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
"""Control characters, and those that turn, hide or end others."""
_MARKUP = re.compile(r"\[[a-z/@#$!][^\[\]]*\]")


class Endpoint(Protocol):
    """What is known of the hub that takes: its broker, and whether it leads."""

    @property
    def broker(self) -> Broker: ...

    @property
    def leads(self) -> bool: ...


class Ingest(Feed):
    """Takes what is published to `in/TYPE`. While another hub leads that is for the other to take."""

    name: ClassVar[str] = FEED
    title: ClassVar[str] = "what other programs publish"
    quiet_s: ClassVar[float] = 1e9
    endpoint: ClassVar[Endpoint]

    async def run(self, context: FeedContext) -> None:
        """Stay connected, and take what comes, until cancelled."""
        attempt = 0
        while True:
            since = context.clock.now()
            try:
                await self._connection(context)
            except LinkLost as loss:
                context.status("reconnecting", str(loss))
            attempt = 1 if context.clock.now() - since > _HEALTHY_MS else attempt + 1
            await context.sleep(backoff(attempt, context.rng, cap=_BACKOFF_CAP_S))
            context.reconnected()

    async def _connection(self, context: FeedContext) -> None:
        budget = Budget(RATE, BURST, asyncio.get_running_loop().time)
        broker = self.endpoint.broker
        topics = broker.address.ingest()

        def take(topic: bytes, payload: bytes) -> None:
            if self.endpoint.leads:
                self._take(context, budget, topic.rpartition(b"/")[2].decode("utf-8", "replace"), payload)

        await Intake(broker, "in", topics, _LARGEST, take).run(lambda: context.status("live", f"listens to {topics}"))

    def _take(self, context: FeedContext, budget: Budget, kind: str, payload: bytes) -> None:
        try:
            if not budget.spend():
                raise ValueError(f"more than {RATE:.0f} messages a second")
            event = read(kind, payload, context.clock.now())
        except ValueError as fault:
            self._reject(context, kind, str(fault))
        else:
            context.emit(event)

    def _reject(self, context: FeedContext, kind: str, reason: str) -> None:
        words = printable(f"rejected {kind}: {reason}" if kind else reason)[:200]
        context.reject(kind, words)
        context.status("live", words)


def read(kind: str, payload: bytes, now: int) -> Event:
    """The event of type `kind` in a payload that arrived at `now` (ms); its time is now where it says none.

    Raises ValueError that says what is wrong; text that could be more than text is: control characters, characters that
    turn or hide others, and markup.
    """
    known = KINDS.get(kind)
    if known is None:
        raise ValueError(f"nobody publishes this from outside; {', '.join(sorted(KINDS))} can be")
    if len(payload) > MAX_BYTES:
        raise ValueError(f"{len(payload):,} bytes, more than {MAX_BYTES:,}")
    try:
        data = msgspec.json.decode(payload, type=dict[str, Any])
    except RecursionError:
        raise ValueError("nested too deep") from None
    if data.get("type", kind) != kind:
        raise ValueError("its type isn't the topic's")
    data = {"ts": now, **data, "type": kind, "recv": now}
    for text in _texts(data):
        if _HIDDEN.search(text):
            raise ValueError("a text holds control characters, or such as turn or hide others")
        if _MARKUP.search(text):
            raise ValueError("a text holds what looks like markup: [ and a small letter, or one of / @ # $ !")
    event = event_of(data, known)
    if event.ts > now + AHEAD_MS:
        raise ValueError("ts: ahead of the desk's clock")
    if isinstance(event, EtfFlow) and event.date > fmt.date(now + DAY):  # today is tomorrow's date somewhere
        raise ValueError(f"date: {event.date} lies in the future")
    return event


def printable(text: str) -> str:
    """The text with a space in place of what doesn't print."""
    return "".join(character if character.isprintable() else " " for character in text)


def _texts(data: dict[str, Any]) -> Iterator[str]:
    """Keys and values that are text; deeper than one level an event holds none."""
    for key, value in data.items():
        yield key
        if isinstance(value, str):
            yield value


def at(endpoint: Endpoint) -> type[Ingest]:
    """The feed of one hub."""
    return type("IngestHere", (Ingest,), {"endpoint": endpoint})
