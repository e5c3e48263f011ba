"""A connection to a broker: its queues bounded, its faults in words, its id no other client's."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from deskmon.errors import ConfigError
from deskmon.mqtt.client.topics import Address
from deskmon.transport.link import LinkLost
from deskmon.turns import Slice

if TYPE_CHECKING:
    from aiomqtt import Client, Message, Will

TIMEOUT_S = 5.0
"""Seconds that the broker gets for an answer."""
KEEPALIVE_S = 5
"""The broker takes a client for dead, and says its last will, after one and a half times this."""
SLOT_S = 0.5
_AIOMQTT = logging.getLogger(f"{__name__}.aiomqtt")
_AIOMQTT.setLevel(logging.CRITICAL)  # what it would say of a broken connection is said here, once
REFUSED = 0x80
"""Reason codes from here on are refusals."""
_MOST_WORDS = 200


class Credentials(NamedTuple):
    """Who we are to the broker, and what shows us who it is: `ca`, `certificate` and `key` are PEM files."""

    user: str | None = None
    password: str | None = None
    ca: str | None = None
    certificate: str | None = None
    key: str | None = None


class Inbox(asyncio.Queue[Any]):
    """Messages that wait to be read, `messages` and `bytes` at most; what doesn't fit is counted in `lost`."""

    def __init__(self, messages: int = 512, bytes: int = 64 * 1024 * 1024) -> None:
        super().__init__(messages)
        self._bytes = 0
        self._limit = bytes
        self.lost = 0

    def put_nowait(self, item: Message) -> None:
        """Hold a message, or count it as lost; never raises."""
        size = len(item.payload)
        if self.full() or self._bytes + size > self._limit:
            self.lost += 1
            return
        self._bytes += size
        super().put_nowait(item)

    def _get(self) -> Any:
        item = super()._get()
        self._bytes -= len(item.payload)
        return item


class Broker:
    """One desk's broker and how it is reached."""

    def __init__(self, address: Address, credentials: Credentials | None = None) -> None:
        """Raises ConfigError where a certificate can't be used."""
        self.address = address
        self.credentials = credentials or Credentials()
        self.tls = _context(self.credentials) if address.tls else None

    @asynccontextmanager
    async def connect(self, role: str, inbox: Inbox, will: Will | None = None) -> AsyncIterator[Client]:
        """A connected client of its own id while the block runs. Raises LinkLost when it can't be or ends."""
        import aiomqtt

        client = aiomqtt.Client(
            self.address.host, self.address.port, identifier=f"deskmon-{role}-{secrets.token_hex(8)}",
            username=self.credentials.user, password=self.credentials.password, tls_context=self.tls, will=will,
            protocol=aiomqtt.ProtocolVersion.V5, timeout=TIMEOUT_S, keepalive=KEEPALIVE_S,
            logger=_AIOMQTT, queue_type=cast(Any, lambda maxsize: inbox), max_queued_outgoing_messages=64,
        )  # fmt: skip
        client.pending_calls_threshold = 64
        try:
            async with client:
                yield client
        except aiomqtt.MqttError as fault:
            raise LinkLost(self.words(fault)) from None
        except ExceptionGroup as faults:
            raise _loss(faults, self.words) from None
        finally:
            ended = client._disconnected
            if ended.done() and not ended.cancelled():
                ended.exception()  # aiomqtt doesn't read it where something else ended the block first

    async def subscribe(self, client: Client, topics: Sequence[str], **options: Any) -> None:
        """Subscribe to all of `topics` with QoS 1. Raises LinkLost where the broker refuses one."""
        from paho.mqtt.subscribeoptions import SubscribeOptions

        codes = await client.subscribe([(topic, SubscribeOptions(qos=1, **options)) for topic in topics])
        for topic, code in zip(topics, codes, strict=False):
            number = code if isinstance(code, int) else cast(Any, code).value
            if number >= REFUSED:
                raise LinkLost(f"{self.address.broker} lets this user not read {topic}")

    def words(self, fault: Exception) -> str:
        """Why a connection ended, or never was."""
        text, where = str(fault), self.address.broker
        if any(f"[code:{code}]" in text for code in (134, 135)):
            return f"{where} refuses this user; look at [mqtt] user and password"
        if "CERTIFICATE_VERIFY_FAILED" in text:
            return f"{where} shows a certificate that isn't trusted ({_cause(text)}); look at [mqtt] ca"
        if "WRONG_VERSION_NUMBER" in text:
            return f"{where} doesn't speak TLS; write mqtt:// or the port that does"
        if "CERTIFICATE_REQUIRED" in text:
            return f"{where} asks for a certificate; look at [mqtt] certificate and key"
        if "Unexpected disconnection" in text or "Disconnected" in text or "[code:" in text:
            return f"{where} closed the connection"
        if "timed out" in text:
            return f"{where} doesn't answer"
        return f"no broker at {where} ({_cause(text)})"


async def publish(client: Client, topic: str, payload: bytes, **options: Any) -> None:
    """Publish with QoS 1 and wait for the broker's answer; for a task of its own, which runs until it is cancelled.

    asyncio.wait_for of Python 3.11, with which aiomqtt waits, loses a cancellation that comes together with the answer.
    Raises MqttError, and CancelledError where the task was cancelled.
    """
    await client.publish(topic, payload, qos=1, **options)
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def incoming(client: Client, inbox: Inbox) -> AsyncGenerator[Message | None, None]:
    """Messages as they come, None for each SLOT_S without one; however many wait, the loop turns after each slice of
    them. Raises MqttError when the connection ends."""
    waiting: asyncio.Future[Message] | None = None
    part = Slice()
    try:
        while True:
            while waiting is None and not inbox.empty():
                yield inbox.get_nowait()
                if part.over:
                    await asyncio.sleep(0)
                    part = Slice()
            if waiting is None:
                waiting = asyncio.ensure_future(anext(client.messages))
            done, _ = await asyncio.wait((waiting,), timeout=SLOT_S)
            if not done:
                yield None
                continue
            message, waiting = waiting.result(), None
            yield message
    finally:
        if waiting is not None:
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)


def expiring(seconds: int) -> Any:
    """Properties of a message that the broker forgets after `seconds`."""
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.properties import Properties

    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.MessageExpiryInterval = seconds
    return properties


def _loss(faults: ExceptionGroup[Any], words: Callable[[Exception], str]) -> Exception:
    """What a group of tasks on one connection ended of, as one fault."""
    from aiomqtt import MqttError

    first: Any = faults.subgroup((MqttError, LinkLost)) or faults
    while isinstance(first, ExceptionGroup):
        first = first.exceptions[0]
    return LinkLost(words(first)) if isinstance(first, MqttError) else first


def _cause(text: str) -> str:
    """What OpenSSL or the system says, without the names of its constants and source files, cut at the end."""
    words = re.sub(r"\s*\(_ssl\.c:\d+\)|\[SSL[^\]]*\]\s*|certificate verify failed: ", "", text).strip()
    return words if len(words) <= _MOST_WORDS else words[: _MOST_WORDS - 1] + "…"


def _context(credentials: Credentials) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=credentials.ca)
        if credentials.certificate is not None:
            context.load_cert_chain(credentials.certificate, credentials.key, password=lambda: "")
    except OSError as fault:  # ssl.SSLError is one
        words = f"the certificates of [mqtt] can't be used ({fault.strerror or fault})"
        raise ConfigError([f"{words}; ca, certificate and key are PEM files, the key without a passphrase"]) from None
    return context
