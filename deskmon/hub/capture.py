"""What a venue says, kept as it was said: raw frames and answers of one feed, in the form that the tests replay.

A file is lines of JSON under zstd. The first is `{"t":"header"}` with the feed and its options; then, in order of time
(`ts`, seconds UTC), `http` with url and answer, `connect` with a websocket's address, and `send` and `recv` with what
went over it; a frame that is no text stands as base64 under `b64`.
"""

from __future__ import annotations

import asyncio
import os
import random
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
import zstandard

from deskmon import __version__
from deskmon.clock import Clock
from deskmon.config.schema import FeedConfig
from deskmon.errors import DeskError
from deskmon.events import Encoded, FeedStatus
from deskmon.format import date
from deskmon.hub.redaction import is_login, is_private, redact, redact_options, redact_url
from deskmon.hub.supervisor import Load, Supervisor

MOST_BYTES = 256 * 1024 * 1024
"""Of text in one capture, before it is compressed; it ends there."""
MOST_OF_ONE = 16 * 1024 * 1024
"""Of one frame or answer; a longer one is left out and counted."""


class Capture:
    """A tape (`deskmon.feedkit.Tape`) that writes a file. Nothing it is told makes it raise; `ended` is set when it
    takes no more, `trouble` says why."""

    def __init__(self, path: Path, label: str, feed: FeedConfig, clock: Clock, most_bytes: int = MOST_BYTES) -> None:
        """A new file at `path` that only its owner can read. Raises DeskError where it can't be made."""
        self.path = path
        self.answers = self.frames = self.withheld = 0
        self.ended = asyncio.Event()
        self.trouble = ""
        self._label, self._clock, self._left = label, clock, most_bytes
        self._connections = 0
        self._private: set[int] = set()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        except OSError as fault:
            raise DeskError(f"{path}: can't be written: {fault.strerror}", "choose another --out") from fault
        self._packed = zstandard.ZstdCompressor().stream_writer(self._file, closefd=False)
        options = redact_options(msgspec.to_builtins(feed.options))
        self._write({
            "t": "header", "format": 2, "exchange": str(options.get("exchange", feed.type)), "recorded": self._now(),
            "feed": label, "type": feed.type, "options": options, "deskmon": __version__, "ccxt": version("ccxt"),
        })  # fmt: skip

    def answered(
        self, method: str, url: str, body: str | None, headers: Iterable[str], status: int, answer: str
    ) -> None:
        """An answer to a request with headers of these names."""
        if is_private(url, headers) or len(answer) > MOST_OF_ONE:
            self.withheld += 1
            return
        line = {"t": "http", "conn": f"{self._label}.http", "ts": self._now(), "url": redact_url(url)}
        if method != "GET":
            line |= {"method": method, "body": redact(body or "")}
        if status != 200:
            line["status"] = status
        self.answers += self._write({**line, "data": redact(answer)})

    def connected(self, url: str) -> int:
        """A websocket's number."""
        self._connections += 1
        if is_private(url):
            self._private.add(self._connections)
        self._write({**self._about("connect", self._connections), "addr": redact_url(url)})
        return self._connections

    def sent(self, connection: int, message: Any) -> None:
        """A message to the venue."""
        if is_login(message):
            self._private.add(connection)
        if self._may(connection, 0):
            text = message if isinstance(message, str) else msgspec.json.encode(message).decode()
            self._write({**self._about("send", connection), "data": redact(text)})

    def received(self, connection: int, data: str | bytes, text: str | None) -> None:
        """A frame of the venue, and the text in it; None where it holds none."""
        if not self._may(connection, len(data)):
            return
        readable = data.decode("latin-1") if isinstance(data, bytes) and text is None else text or ""
        clean = redact(readable)
        if isinstance(data, bytes) and clean == readable:
            self.frames += self._write({**self._about("recv", connection), "b64": b64encode(data).decode()})
        elif text is not None:
            self.frames += self._write({**self._about("recv", connection), "data": clean})
        else:
            self.withheld += 1

    def close(self) -> None:
        """Finish the file; one in which the venue says nothing is taken away."""
        with suppress(OSError):
            self._packed.close()  # type: ignore[no-untyped-call]
        self._file.close()
        if not self.answers and not self.frames:
            self.path.unlink(missing_ok=True)

    def _may(self, connection: int, size: int) -> bool:
        withheld = connection in self._private or size > MOST_OF_ONE
        self.withheld += withheld
        return not withheld

    def _about(self, kind: str, connection: int) -> dict[str, Any]:
        return {"t": kind, "conn": f"{self._label}.ws.{connection}", "ts": self._now()}

    def _now(self) -> float:
        return self._clock.now() / 1000

    def _write(self, line: dict[str, Any]) -> bool:
        if self.ended.is_set():
            return False
        packed = msgspec.json.encode(line) + b"\n"
        if len(packed) > self._left:
            self._end("it is as long as a capture may be")
            return False
        self._left -= len(packed)
        try:
            self._packed.write(packed)
        except OSError as fault:
            self._end(f"{self.path} can't be written: {fault.strerror}")
            return False
        return True

    def _end(self, why: str) -> None:
        self.trouble = why
        self.ended.set()


class EventCounter:
    """What the feed made of what it heard: events by kind."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def put(self, item: Encoded, origin: str = "") -> bool:
        """Count an event."""
        self.counts[str(type(item.event).__struct_config__.tag)] += 1
        return True


async def capture(
    label: str, feed: FeedConfig, folder: Path, over: asyncio.Event, *, load: Load, clock: Clock, rng: random.Random
) -> tuple[Capture, EventCounter, FeedStatus | None]:
    """Run one feed alone until it is `over`, the file is full or the feed ends, and keep what its venue says in a new
    file of `folder`: that file, what came of it, and how the feed was. Raises DeskError where it can't be written."""
    tape, heard = Capture(_free(folder, label, clock.now()), label, feed, clock), EventCounter()
    supervisor = Supervisor(label, feed, heard.put, load=load, clock=clock, rng=rng, tape=tape)
    running = asyncio.create_task(supervisor.run(), name=label)
    ends = [running, asyncio.create_task(tape.ended.wait()), asyncio.create_task(over.wait())]
    try:
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
        status = supervisor.report(clock.now())
    finally:
        for task in ends:
            task.cancel()
        await asyncio.wait(ends)
        tape.close()
    return tape, heard, status


def _free(folder: Path, label: str, now: int) -> Path:
    stem = f"{label}-{date(now)}"
    names = (f"{stem}{f'-{n}' if n else ''}.jsonl.zst" for n in range(10_000))
    return next(path for path in map(folder.joinpath, names) if not path.exists())
