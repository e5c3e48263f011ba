"""The screen's end of the stream: a link to a private hub that it starts itself, or to one that listens on a socket.

A link never gives up: what breaks is said in words, then it tries again, with backoff. After each start the hub sends
a reset and a snapshot first, so that whoever folds `events` is right again by itself.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing, suppress
from pathlib import Path
from time import monotonic
from typing import IO, Any, ClassVar, Literal

import msgspec

from deskmon.background import backoff
from deskmon.errors import DeskError, UsageError
from deskmon.events import Event
from deskmon.transport.child import LAST_WORDS_S, Child, end_child, exit_reason, last_line, trim
from deskmon.transport.requests import Asked, Reply, Request, control, unpack_reply
from deskmon.transport.wire import EventDecoder, FrameDecoder, is_heartbeat, pack

LinkState = Literal["connecting", "live", "lost"]

SILENCE_S = 2.0
"""A hub that is up sends four pulses a second; after this long without a byte it counts as lost."""
PATIENCE_S = 10.0
"""How long the first byte of a hub that listens may take."""
CHILD_PATIENCE_S = 60.0
"""The same for a hub that is only just started: it imports its feeds first."""
ANSWER_S = 5.0
"""How long a hub may take to answer a request."""
_SLOT_S = 0.5
_CHUNK = 256 * 1024
_BACKOFF_CAP_S = 5.0
_HEALTHY_S = 10.0
_FAREWELL_S = 6.0  # more than a hub takes to end

log = logging.getLogger(__name__)


class LinkLost(Exception):
    """A connection ended; the text says why."""


class Link:
    """Base of all links: iterate `events`; read `state` and `detail` whenever a frame is drawn.

    `private`: the hub is this screen's own, so that it does what `command` asks.
    """

    private: ClassVar[bool] = False

    def __init__(self, *, rng: random.Random | None = None, sleep: Callable[[float], Any] = asyncio.sleep) -> None:
        self.state: LinkState = "connecting"
        self.where = ""
        """The hub's address, for messages; empty for one of this screen's own."""
        self.detail = ""
        """What goes on or went wrong, in words; empty while all is well."""
        self.decoder = EventDecoder()
        """Counts what a newer hub sent that this screen doesn't know."""
        self._rng = rng or random.Random()
        self._sleep = sleep
        self._closed = False
        self.with_heartbeat = False
        """Whether batches wait for the heartbeat that follows them: who draws with each then has all that came before
        it, and wakes for nothing else. What waits is never much, nor for long; a lost hub ends it."""
        self.said: deque[str] = deque(maxlen=8)
        """What the hub said of its own accord, or of a command that it refused."""
        self._lost_at: float | None = None
        self._numbered = 0
        self._unanswered: dict[int, asyncio.Future[Reply]] = {}

    async def events(self) -> AsyncGenerator[list[Event], None]:
        """The stream in batches, across all restarts, until the link is closed."""
        loop = asyncio.get_running_loop()
        attempt = 0
        while not self._closed:
            since = loop.time()
            try:
                async with aclosing(self._connection()) as batches:
                    async for batch in batches:
                        self._found(loop.time())
                        yield batch
            except LinkLost as loss:
                reason = str(loss)
            if self._closed:
                return
            attempt = 1 if loop.time() - since > _HEALTHY_S else attempt + 1
            self._lose(reason, loop.time())
            for future in self._unanswered.values():
                _settle(future, Reply(ok=False, text=reason))
            await self._sleep(backoff(attempt, self._rng, cap=_BACKOFF_CAP_S))

    def _found(self, now: float) -> None:
        self.state, self.detail = "live", ""
        if self._lost_at is not None:
            log.info("hub %s answers again after %.0f s", self.where or "of this screen", now - self._lost_at)
            self._lost_at = None

    def _lose(self, reason: str, now: float) -> None:
        self.state, self.detail, self.with_heartbeat = "lost", reason, False
        if self._lost_at is None:
            log.warning("hub %s is lost: %s", self.where or "of this screen", reason)
            self._lost_at = now

    def command(self, do: str, value: Asked = None) -> None:
        """Ask the private hub for something; where there is none, or it is lost, nothing happens."""

    async def ask(self, request: Request) -> Reply:
        """Ask the hub for something, whatever `id` the request has. Never raises: what is lost, refused or not answered
        in ANSWER_S is a reply in words."""
        number = self.number()
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._unanswered[number] = future
        try:
            if not await self._send(msgspec.json.encode(msgspec.structs.replace(request, id=number))):
                return Reply(ok=False, text=self.detail or "the hub isn't there yet")
            async with asyncio.timeout(ANSWER_S):
                return await future
        except TimeoutError:
            return Reply(ok=False, text="the hub doesn't answer")
        finally:
            del self._unanswered[number]

    def number(self) -> int:
        """The id of the next request."""
        self._numbered += 1
        return self._numbered

    def answered(self, reply: Reply) -> bool:
        """Hand an answer to who waits for it; False where nobody does."""
        if reply.id == 0 and reply.text:  # what is simply done is no news, and would wipe other words off the screen
            self.said.append(reply.text)
        future = None if reply.id is None else self._unanswered.get(reply.id)
        if future is not None:
            _settle(future, reply)
        return future is not None

    async def _send(self, payload: bytes) -> bool:
        """Send a request to the hub; False where there is none."""
        raise NotImplementedError

    async def close(self) -> None:
        """End the connection, and a hub that was started for it."""
        self._closed = True

    def _connection(self) -> AsyncGenerator[list[Event], None]:
        """One connection's batches. Raises LinkLost when it ends, always."""
        raise NotImplementedError

    async def _batches(self, reader: asyncio.StreamReader, patience_s: float) -> AsyncGenerator[list[Event], None]:
        """Decoded batches until the other side closes. Raises LinkLost where it is silent or makes no sense.

        Silence is counted in short slots, so that a pause of this very process isn't taken for one of the hub.
        """
        frames, waiting = FrameDecoder(), _Waiting()
        allowed, quiet = patience_s, 0.0
        while True:
            data = await _read(reader)
            if data:
                allowed, quiet = SILENCE_S, 0.0
            elif data is None:
                quiet += _SLOT_S
            try:
                for payload in self._due(frames.feed(data or b""), waiting, at_once=not data):
                    yield self.decoder.decode(payload)
                    await asyncio.sleep(0)  # a key that is pressed meanwhile waits for one batch, not for all
            except DeskError as fault:
                raise LinkLost(str(fault)) from fault
            if data == b"":
                return
            if quiet >= allowed:
                raise LinkLost(f"hub silent for {quiet:.0f} s")

    def _due(self, payloads: list[bytes], waiting: _Waiting, *, at_once: bool) -> list[bytes]:
        """Take answers, have events wait: those that are handed out now. at_once: none waits any longer."""
        for payload in payloads:
            if not self._is_answer(payload):
                waiting.add(payload)
        return waiting.taken() if at_once or waiting.is_due or not self.with_heartbeat else []

    def _is_answer(self, payload: bytes) -> bool:
        """Take an answer; False where the payload is of events. Raises LinkLost where the hub refuses this screen."""
        reply = unpack_reply(payload) if payload.startswith(b"{") else None
        if reply is None:
            return False
        if reply.id is None and not reply.ok:
            raise LinkLost(reply.text)
        self.answered(reply)
        return True


class _Waiting:
    """Payloads of events that wait for a heartbeat."""

    def __init__(self) -> None:
        self._payloads: list[bytes] = []
        self._bytes = 0
        self._since = 0.0
        self._has_heartbeat = False

    @property
    def is_due(self) -> bool:
        """Whether a heartbeat is among them, they are many, or the first waits for long, as on a slow line."""
        if self._has_heartbeat or self._bytes >= _CHUNK:
            return True
        return bool(self._payloads) and monotonic() - self._since >= _SLOT_S

    def add(self, payload: bytes) -> None:
        """Have a payload wait."""
        if not self._payloads:
            self._since = monotonic()
        self._payloads.append(payload)
        self._bytes += len(payload)
        self._has_heartbeat = self._has_heartbeat or is_heartbeat(payload)

    def taken(self) -> list[bytes]:
        """All of them; none waits from here on."""
        payloads, self._payloads, self._bytes, self._has_heartbeat = self._payloads, [], 0, False
        return payloads


class UnixLink(Link):
    """A link to a hub that listens on the unix socket `path`."""

    def __init__(self, path: str | Path, **injected: Any) -> None:
        super().__init__(**injected)
        self.path = Path(path).expanduser()
        self.where = f"unix:{self.path}"
        self._writer: asyncio.StreamWriter | None = None

    async def _connection(self) -> AsyncGenerator[list[Event], None]:
        try:
            reader, self._writer = await asyncio.open_unix_connection(self.path, limit=_CHUNK)
        except FileNotFoundError:
            remedy = f"start one with `deskmon hub --listen {self.where}`"
            raise LinkLost(f"no hub answers at {self.where}; {remedy}") from None
        except ConnectionRefusedError:
            if not self.path.is_socket():
                raise LinkLost(f"{self.path} is there and no socket; name the one of `deskmon hub --listen`") from None
            raise LinkLost(f"the hub at {self.where} is gone; start it again") from None
        except OSError as fault:
            raise LinkLost(f"can't reach {self.where} ({fault.strerror or fault})") from None
        try:
            async with aclosing(self._batches(reader, PATIENCE_S)) as batches:
                async for batch in batches:
                    yield batch
        finally:
            self._writer.transport.abort()
        raise LinkLost(f"the hub at {self.where} closed the connection")

    async def _send(self, payload: bytes) -> bool:
        return self.state == "live" and self._writer is not None and _write(self._writer, payload)

    async def close(self) -> None:
        """End the connection."""
        await super().close()
        if self._writer is not None:
            self._writer.transport.abort()


class ChildLink(Link):
    """A link to a private hub: the command `argv`, started here, restarted when it dies, ended with this process.

    The child reads its end of input as the order to stop, so it goes even when this process is killed.
    """

    private: ClassVar[bool] = True

    def __init__(self, argv: Sequence[str], **injected: Any) -> None:
        super().__init__(**injected)
        self._argv = list(argv)
        self._child: Child | None = None
        self._early: Child | None = None

    def start(self) -> None:
        """Start the hub before there is a loop to hear it: it imports while this process does. What keeps it from
        starting is said when it is to be heard."""
        with suppress(OSError):
            self._early = Child(self._argv)

    @property
    def pid(self) -> int | None:
        """Process id of the hub while one runs."""
        return None if self._child is None or self._child.returncode is not None else self._child.pid

    def command(self, do: str, value: Asked = None) -> None:
        """Ask the private hub for something; while it is lost nothing happens. Raises DeskError for an unknown wish."""
        self._put(msgspec.json.encode(control(do, value)))

    async def _send(self, payload: bytes) -> bool:
        return self._put(payload)

    def _put(self, payload: bytes) -> bool:
        child = self._child
        if child is None or child.returncode is not None or child.stdin is None:
            return False
        return _write(child.stdin, payload)

    async def close(self) -> None:
        """End the hub: by closing its input, and by force where that doesn't do."""
        await super().close()
        if self._early is not None:
            self._child, self._early = self._early, None
            await self._child.hear(_CHUNK)
        if self._child is not None:
            await end_child(self._child, _FAREWELL_S)

    async def _connection(self) -> AsyncGenerator[list[Event], None]:
        try:
            self._child, self._early = self._early or Child(self._argv), None
        except OSError as fault:
            raise LinkLost(f"can't start a hub ({fault.strerror or fault})") from None
        with self._child.stderr as stderr:
            async with aclosing(self._heard(self._child, stderr)) as batches:
                async for batch in batches:
                    yield batch

    async def _heard(self, child: Child, stderr: IO[bytes]) -> AsyncGenerator[list[Event], None]:
        try:
            async with aclosing(self._batches(await child.hear(_CHUNK), CHILD_PATIENCE_S)) as batches:
                async for batch in batches:
                    yield batch
                    trim(stderr)
        except LinkLost as loss:
            said = last_line(stderr)
            raise LinkLost(f"{loss}; it said last: {said}" if said else str(loss)) from loss
        else:
            await end_child(child, LAST_WORDS_S)
            raise LinkLost(exit_reason("hub", child.returncode, last_line(stderr)))
        finally:
            if child.returncode is None:
                await end_child(child, _FAREWELL_S if self._closed else 0.0)


async def _read(reader: asyncio.StreamReader) -> bytes | None:
    """What arrived, as soon as something does; None in a slot in which nothing did, nothing at the end. Raises LinkLost
    where the connection broke."""
    try:
        async with asyncio.timeout(_SLOT_S):
            return await reader.read(_CHUNK)
    except TimeoutError:
        return None
    except OSError as fault:
        raise LinkLost(f"connection broken ({fault.strerror or fault})") from None


def _write(writer: asyncio.StreamWriter, payload: bytes) -> bool:
    """Send a frame; False to one that is about to be found dead."""
    with suppress(OSError, RuntimeError):
        writer.write(pack(payload))
        return True
    return False


def _settle(future: asyncio.Future[Reply], reply: Reply) -> None:
    if not future.done():
        future.set_result(reply)


def unix_path(url: str) -> Path:
    """The path in `unix:PATH`. Raises UsageError for any other address."""
    kind, _, path = url.partition(":")
    if kind != "unix" or not path:
        raise UsageError(f"{url!r} is no address of a hub", "write unix:PATH or mqtts://HOST/DESK")
    try:
        return Path(path).expanduser()
    except RuntimeError:  # of a user that there isn't
        raise UsageError(f"{url!r}: there is no such home folder", "write the whole path") from None
