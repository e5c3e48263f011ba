"""A connection for topics that anyone may write, however fast: it takes a bounded part of the loop's time.

It subscribes once, with QoS 0, and acknowledges nothing. The socket is read fifty times a second, 256 KiB at most; what
comes faster waits with the broker, which drops what is beyond its own bounds. A message takes 2 µs here and 40 µs in
paho, whose connection it would fill, so that nothing else got through. MQTT 5.0, OASIS Standard, chapters 2 and 3.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from typing import NoReturn

from deskmon.mqtt.client.broker import KEEPALIVE_S, REFUSED, TIMEOUT_S, Broker
from deskmon.transport.link import LinkLost
from deskmon.turns import Slice

READ_EVERY_S = 0.02
ANSWER_BYTES = 64 * 1024
"""Answers that wait for the broker at most; what is beyond is not sent."""
_CONNACK, _PUBLISH, _SUBACK, _DISCONNECT = 0x20, 0x30, 0x90, 0xE0
_ANSWERS = (_CONNACK, _SUBACK, _DISCONNECT)
_NO_RETAINED = 0x20  # subscription options: QoS 0, and nothing that was retained before

Take = Callable[[bytes, bytes], None]
"""Takes a message: its topic and its payload."""


class Intake:
    """Messages of the topics that match one filter. `role` tells the connection from this process's others."""

    def __init__(self, broker: Broker, role: str, topics: str, most_bytes: int, take: Take) -> None:
        """The broker passes on no message larger than `most_bytes`, its topic included."""
        self._broker = broker
        self._role = role
        self._topics = topics
        self._most = most_bytes
        self._take = take
        self._connection: _Connection | None = None

    async def run(self, live: Callable[[], None]) -> NoReturn:
        """Connect, subscribe, call `live`, and take what comes until cancelled. Raises LinkLost when that ends."""
        broker, loop = self._broker, asyncio.get_running_loop()
        host, port = broker.address.host, broker.address.port
        try:
            async with asyncio.timeout(TIMEOUT_S):
                _, connection = await loop.create_connection(
                    lambda: _Connection(self._take, self._most), host, port, ssl=broker.tls
                )
            try:
                async with asyncio.timeout(TIMEOUT_S):
                    await self._subscribe(connection)
                self._connection = connection
                live()
                await connection.stay()
            finally:
                self._connection = None
                await connection.close()
        except TimeoutError:
            raise LinkLost(f"{broker.address.broker} doesn't answer") from None
        except OSError as fault:
            raise LinkLost(broker.words(fault)) from None

    def answer(self, topic: str, payload: bytes) -> bool:
        """Publish with QoS 0; False where too much waits already, or there is no connection."""
        connection = self._connection
        return connection is not None and connection.publish(topic, payload)

    async def _subscribe(self, connection: _Connection) -> None:
        connection.send(self._hello())
        refusal = await connection.answer(_CONNACK)
        if refusal:
            raise ConnectionRefusedError(f"[code:{refusal}]")
        connection.send(_packet(0x82, b"\x00\x01\x00" + _text(self._topics) + bytes([_NO_RETAINED])))
        if await connection.answer(_SUBACK) >= REFUSED:
            raise LinkLost(f"{self._broker.address.broker} lets this user not read {self._topics}")

    def _hello(self) -> bytes:
        who = self._broker.credentials
        flags = 0x02 | (0x80 if who.user is not None else 0) | (0x40 if who.password is not None else 0)
        largest = b"\x05\x27" + self._most.to_bytes(4, "big")
        texts = [f"deskmon-{self._role}-{secrets.token_hex(8)}", who.user, who.password]
        inside = b"\x00\x04MQTT\x05" + bytes([flags]) + KEEPALIVE_S.to_bytes(2, "big") + largest
        return _packet(0x10, inside + b"".join(_text(text) for text in texts if text is not None))


class _Connection(asyncio.Protocol):
    """Cuts the stream of bytes into packets, at its own pace."""

    _transport: asyncio.Transport

    def __init__(self, take: Take, most_bytes: int) -> None:
        self._take = take
        self._most = most_bytes
        self._loop = asyncio.get_running_loop()
        self._data = b""
        self._at = 0
        self._heard = False
        self._answer: asyncio.Future[tuple[int, bytes]] = self._loop.create_future()
        self._ended: asyncio.Future[None] = self._loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, fault: Exception | None) -> None:
        reason = fault if isinstance(fault, OSError) else ConnectionError("Disconnected")
        for future in (self._answer, self._ended):
            if not future.done():
                future.set_exception(reason)
                future.exception()  # nobody may wait for it any more

    def data_received(self, data: bytes) -> None:
        self._heard = True
        self._transport.pause_reading()
        self._data, self._at = self._data[self._at :] + data, 0
        self._work()

    def _work(self) -> None:
        """Take what came, in slices; then read on a little later."""
        if self._transport.is_closing():
            return
        try:
            done = self._packets(Slice())
        except (IndexError, ValueError):
            self._transport.abort()
            return
        if done:
            self._loop.call_later(READ_EVERY_S, self._transport.resume_reading)
        else:
            self._loop.call_soon(self._work)

    def send(self, packet: bytes) -> None:
        self._transport.write(packet)

    def publish(self, topic: str, payload: bytes) -> bool:
        if self._transport.get_write_buffer_size() > ANSWER_BYTES:
            return False
        self.send(_packet(_PUBLISH, _text(topic) + b"\x00" + payload))
        return True

    async def answer(self, kind: int) -> int:
        """The reason code of the broker's next packet that is no message. Raises ConnectionError where it isn't of
        `kind`."""
        got, body = await self._answer
        if got != kind or len(body) < 2:
            raise ConnectionError("Disconnected")
        self._answer = self._loop.create_future()
        return body[1] if kind == _CONNACK else body[-1]

    async def stay(self) -> NoReturn:
        """Keep the connection until it ends. Raises OSError then, TimeoutError where nothing is heard any more."""
        while True:
            self._heard = False
            self.send(b"\xc0\x00")
            await asyncio.wait((self._ended,), timeout=KEEPALIVE_S / 2)
            if self._ended.done():
                self._ended.result()
            if not self._heard:
                raise TimeoutError

    async def close(self) -> None:
        self._transport.abort()
        await asyncio.sleep(0)  # the loop closes it now

    def _packets(self, part: Slice) -> bool:
        """Take whole packets; False where the slice was over before they were. Raises ValueError and IndexError where
        they make no sense."""
        data, end = self._data, len(self._data)
        while end - self._at >= 2:
            if part.over:
                return False
            at = self._at
            length, body = data[at + 1], at + 2
            if length >= 0x80:
                try:
                    length, body = _number(data, at + 1)
                except IndexError:
                    break
            stop = body + length
            if length > self._most:
                raise ValueError("a packet larger than was asked for")
            if stop > end:
                break
            self._at = stop
            kind = data[at] & 0xF0
            if kind == _PUBLISH:
                self._message(data, body, stop)
            elif kind in _ANSWERS and not self._answer.done():
                self._answer.set_result((kind, data[body:stop]))
        return True

    def _message(self, data: bytes, at: int, stop: int) -> None:
        start = at + 2 + (data[at] << 8 | data[at + 1])
        properties, inside = data[start], start + 1
        if properties >= 0x80:
            properties, inside = _number(data, start)
        if inside + properties > stop:
            raise ValueError("a message that ends before it begins")
        self._take(data[at + 2 : start], data[inside + properties : stop])


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A variable byte integer at `at`, and where it ends. Raises IndexError where it is cut, ValueError where it is
    none."""
    value = 0
    for place in range(4):
        value |= (data[at + place] & 0x7F) << 7 * place
        if data[at + place] < 0x80:
            return value, at + place + 1
    raise ValueError("no variable byte integer")


def _text(text: str) -> bytes:
    encoded = text.encode()
    return len(encoded).to_bytes(2, "big") + encoded


def _packet(kind: int, inside: bytes) -> bytes:
    length, head = len(inside), bytearray([kind])
    while True:
        length, digit = length >> 7, length & 0x7F
        head.append(digit | 0x80 if length else digit)
        if not length:
            return bytes(head) + inside
