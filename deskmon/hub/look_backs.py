"""Screens that look back: each has a process of its own that folds the hub's journal, four at once.

The hub starts and ends the process, and passes requests and frames on. So neither its loop nor other screens notice.
"""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from deskmon.background import start
from deskmon.config.schema import Config, FeedConfig, HistoryConfig
from deskmon.errors import DeskError
from deskmon.hub.door import Visitor
from deskmon.transport.child import LAST_WORDS_S, end_child, exit_reason, last_line, stderr_file
from deskmon.transport.requests import Look, Reply, Snapshot
from deskmon.transport.wire import FrameDecoder, pack, pack_message

AT_ONCE = 4
"""Screens of a hub that look back at once."""
_CHUNK = 256 * 1024
_COMMAND = (sys.executable, "-P", "-m", "deskmon.hub.look_back")


class LookBacks:
    """Knows which screens look back, and ends what they don't need any more."""

    def __init__(self, folder: Callable[[], Path | None], config: Callable[[], Config]) -> None:
        """`folder` tells where the journal is, if there is one; `config` what the model is made with."""
        self._folder, self._config = folder, config
        self._looks: dict[Visitor, _LookBack] = {}
        self._running: set[_LookBack] = set()  # also those that are about to end

    def take(self, request: Look, visitor: Visitor) -> None:
        """Do what a screen asks. Raises DeskError with the words why not."""
        running = self._looks.get(visitor)
        if request.at is None and request.speed is None:
            if running is not None:
                self.leave(visitor)
                visitor.end.live()
        elif running is not None:
            running.ask(request)
        elif request.at is None:
            raise DeskError("this screen doesn't look back", "say when: at")
        else:
            self._begin(request, request.at, visitor)

    def has(self, visitor: Visitor) -> bool:
        """Whether a screen looks back."""
        return visitor in self._looks

    def restart(self, visitor: Visitor) -> None:
        """Have a screen that looks back start again from a snapshot of what it sees."""
        running = self._looks.get(visitor)
        if running is not None:
            running.restart()

    def leave(self, visitor: Visitor) -> None:
        """End what a screen looks at, where it looks back."""
        running = self._looks.pop(visitor, None)
        if running is not None:
            running.cancel()

    async def close(self) -> None:
        """End all of them."""
        self._looks.clear()
        for one in self._running:
            one.cancel()
        await asyncio.gather(*(one.task for one in self._running), return_exceptions=True)

    def _begin(self, request: Look, at: int, visitor: Visitor) -> None:
        folder = self._folder()
        if folder is None:
            raise DeskError("this hub keeps no journal to look back into", "[journal] enabled = true keeps one")
        if len(self._looks) >= AT_ONCE:
            raise DeskError(f"{AT_ONCE} screens look back already", "a hub takes no more; one of them has to return")
        config = self._config()
        feed = FeedConfig(type="look_back", options={"path": str(folder), "at": at})
        setup = Config(
            model=config.model, waves=config.waves, levels=config.levels, history=HistoryConfig(enabled=False),
            feeds={"look_back": feed},
        )  # fmt: skip
        begun = _LookBack(visitor, request.id, pack_message(setup), self._ended)
        if request.speed:
            begun.ask(Look(id=0, speed=request.speed))
        self._looks[visitor] = begun
        self._running.add(begun)
        begun.task.add_done_callback(lambda task: self._running.discard(begun))

    def _ended(self, visitor: Visitor, words: str) -> None:
        """A look-back is over by itself: its screen returns to now, and is told why."""
        if self._looks.pop(visitor, None) is not None:
            visitor.end.live()
            visitor.end.reply(Reply(ok=False, text=words, id=0))


class _LookBack:
    """One process and the way through it."""

    def __init__(self, visitor: Visitor, number: int, setup: bytes, ended: Callable[[Visitor, str], None]) -> None:
        self._visitor = visitor
        self._number = number
        self._ended = ended
        self._waiting = [setup]
        self._child: asyncio.subprocess.Process | None = None
        self._asked = asyncio.get_running_loop().time()
        self._cancelled = False
        self.task = start(self._run(), "look back")

    def ask(self, request: Look) -> None:
        """Pass a request on."""
        self._asked = asyncio.get_running_loop().time()
        self._send(pack_message(request))

    def restart(self) -> None:
        """Have it send a snapshot."""
        self._send(pack_message(Snapshot(id=0)))

    def cancel(self) -> None:
        """End it, whether or not that was said before."""
        if not self._cancelled:
            self._cancelled = True
            self.task.cancel()

    def _send(self, frame: bytes) -> None:
        if self._child is None or self._child.stdin is None:
            self._waiting.append(frame)
        else:
            with suppress(OSError, RuntimeError):  # it is about to be found dead
                self._child.stdin.write(frame)

    async def _run(self) -> None:
        with stderr_file() as stderr:
            try:
                child = await asyncio.create_subprocess_exec(
                    *_COMMAND, stdin=PIPE, stdout=PIPE, stderr=stderr, limit=_CHUNK, start_new_session=True
                )
            except OSError as fault:
                self._ended(self._visitor, f"can't look back ({fault.strerror or fault})")
                return
            try:
                self._child = child
                waiting, self._waiting = self._waiting, []
                for frame in waiting:
                    self._send(frame)
                await self._pass_on(child)
                await end_child(child, LAST_WORDS_S)
                words = "" if child.returncode == 0 else exit_reason("look-back", child.returncode, last_line(stderr))
            finally:
                await end_child(child, 0.0)
            self._ended(self._visitor, words or "this is now")

    async def _pass_on(self, child: asyncio.subprocess.Process) -> None:
        """Hand the frames of the stream to the screen, as fast as it takes them, until there are no more, or the
        screen's word that it is there has run out."""
        assert child.stdout is not None
        frames, loop, lease_s = FrameDecoder(), asyncio.get_running_loop(), self._visitor.lease_s
        while data := await child.stdout.read(_CHUNK):
            for payload in frames.feed(data):
                if payload.startswith(b"["):
                    await self._visitor.end.show(self._number, pack(payload))
            if lease_s is not None and loop.time() - self._asked > lease_s:
                return
