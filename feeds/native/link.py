"""One websocket to a venue: opened, kept alive, read in the desk's turns, told of when it is lost. Imports ccxt."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, ClassVar

from aiohttp import ClientWebSocketResponse, WSMessage, WSMsgType
from ccxt import NetworkError, RequestTimeout

from deskmon.feedkit import FeedContext, background
from deskmon.feeds.ccxt.faults import FAULTS
from deskmon.feeds.native.pacing import Pacer
from deskmon.feeds.native.readings import Refusal
from deskmon.feeds.native.venue import Venue

Dial = Callable[[str], Awaitable[ClientWebSocketResponse]]


class Link:
    """One connection, which may be opened again after it was lost; each time it has another `number`.

    Topics are those asked for since it was opened. Times of `heard` are ms of the desk clock.
    """

    MISSES: ClassVar[int] = 2
    """Pings in a row that may stay without anything heard."""

    def __init__(
        self,
        name: str,
        url: str,
        place: str,
        venue: Venue,
        context: FeedContext,
        dial: Dial,
        is_late: Callable[[], bool],
        tell: LinkEvents,
        pacers: Callable[[], Sequence[Pacer]],
    ) -> None:
        """`name` tells it from the others to the same address. `pacers` are asked for with each new connection: those
        that messages which ask for topics wait for."""
        self.name, self.url, self.place, self.number = name, url, place, 0
        self._venue, self._context, self._dial, self._is_late, self._tell = venue, context, dial, is_late, tell
        self._new_pacers, self._pacers = pacers, pacers()
        self.topics: dict[str, None] = {}
        self.heard = 0
        self._socket: ClientWebSocketResponse | None = None
        self._opening: asyncio.Task[None] | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._asked = 0
        self._messages: dict[int, frozenset[str]] = {}
        self._tape = 0

    async def open(self) -> None:
        """Wait until it is open. Raises what keeps it from opening, to all that wait."""
        if self._socket is not None:
            return
        if self._opening is None:
            self._opening = asyncio.ensure_future(self._open())
            self._opening.add_done_callback(self._opened)
        await asyncio.shield(self._opening)

    def _opened(self, task: asyncio.Task[None]) -> None:
        self._opening = None
        if not task.cancelled() and (error := task.exception()) is not None:
            self._tell.lost(self, error)

    async def _open(self) -> None:
        self._socket = await self._dial(self.url)
        self._pacers = self._new_pacers()
        self.topics.clear()
        self._messages.clear()
        self.heard = self._context.clock.now()
        if self._context.tape is not None:
            self._tape = self._context.tape.connected(self.url)
        self._tell.connected(self)
        self._tasks = [
            background.start(self._receive(self._socket), f"reads {self.url}"),
            background.start(self._keep_alive(self._socket), f"pings {self.url}"),
        ]

    async def ask(self, topics: Sequence[str]) -> None:
        """Ask for those of `topics` that aren't asked for yet."""
        fresh = [topic for topic in topics if topic not in self.topics]
        self.topics.update(dict.fromkeys(fresh))
        await self._send_in_parts(self._venue.subscribe, fresh)

    async def take_back(self, topics: Sequence[str]) -> None:
        """Ask for these no longer, where they were asked for."""
        held = [topic for topic in topics if topic in self.topics]
        for topic in held:
            del self.topics[topic]
        await self._send_in_parts(self._venue.unsubscribe, held)

    async def _send_in_parts(self, worded: Callable[[Sequence[str], int], str], topics: list[str]) -> None:
        for start in range(0, len(topics), self._venue.per_message):
            self._asked += 1
            part = topics[start : start + self._venue.per_message]
            self._messages[self._asked] = frozenset(part)
            text, socket = worded(part, self._asked), self._socket
            for pacer in self._pacers:
                await pacer.turn()
            if self._socket is not socket:
                return  # it was lost meanwhile: all is asked for again on the next one
            await self._send(text)

    def concerns(self, refusal: Refusal, topic: str) -> bool:
        """Whether what the venue refuses here is `topic`."""
        if refusal.topic is not None:
            return refusal.topic == topic
        return topic in (self.topics if refusal.number is None else self._messages.get(refusal.number, ()))

    async def _send(self, text: str) -> None:
        socket = self._socket
        if socket is None:
            return
        if self._context.tape is not None:
            self._context.tape.sent(self._tape, text)
        try:
            await socket.send_str(text)
        except FAULTS as error:
            self.fail(error)

    def fail(self, error: BaseException) -> None:
        """End the connection: whoever watches something on it hears `error`."""
        socket, self._socket = self._socket, None
        if socket is None:
            return
        for task in self._tasks:
            if task is not asyncio.current_task():
                task.cancel()
        self._tell.lost(self, error)
        background.start(_close(socket), f"closes {self.url}")

    async def close(self) -> None:
        """End it for good."""
        for task in [*self._tasks, *([self._opening] if self._opening else [])]:
            task.cancel()
        socket, self._socket = self._socket, None
        if socket is not None:
            await _close(socket)

    async def _receive(self, socket: ClientWebSocketResponse) -> None:
        """In slices of the desk's turns: all frames that wait in the socket's buffer are some hundred."""
        try:
            while self._socket is socket:
                message = await socket.receive()
                async with self._context.turns as part:
                    self._take(socket, message)
                    while self._socket is socket and _waits(socket) and not part.over:
                        self._take(socket, await socket.receive())
                    self._tell.slice_over(self)
        except FAULTS as error:
            self.fail(NetworkError(str(error)))

    def _take(self, socket: ClientWebSocketResponse, message: WSMessage) -> None:
        kind = message.type
        self.heard = now = self._context.clock.now()
        if kind is WSMsgType.TEXT or kind is WSMsgType.BINARY:
            data, venue = message.data, self._venue
            if venue.unpack is not None:
                data = _unpacked(venue.unpack, data)
            if self._context.tape is not None:
                self._context.tape.received(self._tape, *_taped(kind, message.data, data))
            if venue.answer is not None and (words := venue.answer(data)) is not None:
                background.start(self._send(words), f"answers {self.url}")
            self._tell.frame(self, data, now)
        elif kind is WSMsgType.PING:
            background.start(_pong(socket, message.data), f"answers {self.url}")
        elif kind is WSMsgType.ERROR:
            self.fail(NetworkError(str(message.data)))
        elif kind in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED):
            code = message.data if isinstance(message.data, int) else socket.close_code
            self.fail(NetworkError(f"Connection closed by remote server, closing code {code}"))

    async def _keep_alive(self, socket: ClientWebSocketResponse) -> None:
        """Ping; a connection that brings nothing for two pings is lost, unless the desk itself is behind."""
        pause = self._venue.ping_s
        while self._socket is socket:
            await self._context.sleep(pause)
            if self._is_late():
                self.heard = self._context.clock.now()  # what it sent lies unread in a desk that is behind
            silent_s = (self._context.clock.now() - self.heard) / 1000
            if silent_s > pause * self.MISSES:
                self.fail(RequestTimeout("no answer to pings"))
                return
            if self._venue.ping is not None:
                await self._send(self._venue.ping)
            else:
                await _ping(socket, self.fail)


class LinkEvents:
    """Who hears what happens to a link."""

    def connected(self, link: Link) -> None:
        """It opened; nothing is asked for yet."""

    def frame(self, link: Link, data: bytes, recv: int) -> None:
        """A frame came at `recv` ms."""

    def slice_over(self, link: Link) -> None:
        """The frames that were read at once are told."""

    def lost(self, link: Link, error: BaseException) -> None:
        """It was lost, or couldn't be opened."""


def _waits(socket: ClientWebSocketResponse) -> bool:
    """Whether a frame that was received already waits to be read."""
    return bool(socket._reader._buffer)


def _unpacked(unpack: Callable[[bytes], bytes], data: bytes) -> bytes:
    """What is in a frame; one that can't be unpacked as it came, which the venue's parser then refuses."""
    try:
        return unpack(data)
    except (OSError, EOFError, zlib.error):
        return data


def _taped(kind: Any, data: bytes, unpacked: bytes) -> tuple[str | bytes, str | None]:
    """A frame as a tape takes it: what came, and the text in it."""
    try:
        text = unpacked.decode()
    except UnicodeDecodeError:
        text = None
    return (text if kind is WSMsgType.TEXT and text is not None else data), text


async def _ping(socket: ClientWebSocketResponse, fail: Callable[[BaseException], None]) -> None:
    try:
        await socket.ping()
    except FAULTS as error:
        fail(error)


async def _pong(socket: ClientWebSocketResponse, data: bytes) -> None:
    try:
        await socket.pong(data)
    except FAULTS:
        return  # it is closed, which who receives hears too


async def _close(socket: ClientWebSocketResponse) -> None:
    try:
        await socket.close()
    except FAULTS:
        return
