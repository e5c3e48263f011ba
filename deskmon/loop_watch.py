"""Who holds a loop: a thread looks at what the loop's own thread does, and names whose work runs there for too long."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from types import FrameType
from typing import Any

import msgspec

OWNER: ContextVar[object] = ContextVar("OWNER", default=None)
"""Whose work a task is. Set where the work begins; every task and callback that it starts inherits it."""

TICK_S = 0.05
"""Seconds between two looks."""
LEAST_S = 0.2
"""A callback that runs for so long holds the loop."""
_RUN = asyncio.Handle._run.__code__
_OURS = ("deskmon.hub.", "deskmon.background", "deskmon.feed_contract")

Seconds = Callable[[], float]


class Hold(msgspec.Struct, frozen=True):
    """One callback, or one step of a task, that kept all else on its loop waiting for `seconds`.

    owner: what OWNER was in it. where: `file:line in function`, as it was seen last. over: whether it has returned.
    """

    owner: Any
    seconds: float
    where: str
    over: bool


class LoopWatch:
    """Watches the loop of the thread that enters it, in a thread of its own, until left.

    Time counts only as far as this thread was awake, or the loop's thread at work: a machine that slept, or had no
    time for anybody, isn't the fault of who ran last.
    """

    def __init__(self, told: Callable[[Hold], None], *, timer: Seconds = time.monotonic) -> None:
        """`told` is called in the watching thread: at each look while the loop is held, and once when that is over."""
        self._told = told
        self._timer = timer
        self._over = threading.Event()
        self._watched = 0
        self._busy: Seconds = lambda: 0.0
        self._looked = self._worked = self._seconds = 0.0
        self._handle: Any = None
        self._where = ""
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Watch the calling thread; `look` does it once."""
        self._watched = threading.get_ident()
        if hasattr(time, "pthread_getcpuclockid"):
            clock = time.pthread_getcpuclockid(self._watched)
            self._busy = lambda: time.clock_gettime(clock)
        self._looked, self._worked = self._timer(), self._busy()

    def __enter__(self) -> LoopWatch:
        self.begin()
        self._thread = threading.Thread(target=self._run, name="loop watch", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *fault: object) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()
        self._handle = None

    def _run(self) -> None:
        while not self._over.wait(TICK_S):
            self.look()

    def look(self) -> None:
        """See what runs, and for how long by now."""
        now, busy = self._timer(), self._busy()
        passed, worked = now - self._looked, busy - self._worked
        self._looked, self._worked = now, busy
        handle, frames = _running(sys._current_frames().get(self._watched))
        if handle is not self._handle:
            self._finish()
            # C code that keeps Python's lock lets nobody look until it is done: its time is that of the thread.
            self._handle, self._seconds = handle, worked if worked >= LEAST_S else 0.0
        else:
            self._seconds += max(min(passed, 2 * TICK_S), min(passed, worked))
        if handle is not None and self._seconds >= LEAST_S:
            self._where = _place(frames)
            self._tell(over=False)

    def _finish(self) -> None:
        if self._handle is not None and self._seconds >= LEAST_S:
            self._tell(over=True)
        self._handle = None

    def _tell(self, *, over: bool) -> None:
        self._told(Hold(self._handle._context.get(OWNER), self._seconds, self._where, over))


def _running(frame: FrameType | None) -> tuple[Any, list[FrameType]]:
    """The loop's callback that runs on a stack, and the frames inside it, innermost first; None where none does."""
    inside: list[FrameType] = []
    while frame is not None:
        if frame.f_code is _RUN:
            return frame.f_locals.get("self"), inside
        inside.append(frame)
        frame = frame.f_back
    return None, []


def _place(frames: Sequence[FrameType]) -> str:
    """Where the work entered its own code, and where it is now."""
    theirs = [frame for frame in frames if not _module(frame).startswith(_OURS)] or frames
    return " → ".join(dict.fromkeys(map(_line, (theirs[-1], theirs[0])))) if theirs else ""


def _module(frame: FrameType) -> str:
    """Its module's name, also where that runs as a program."""
    return str(getattr(frame.f_globals.get("__spec__"), "name", "") or frame.f_globals.get("__name__"))


def _line(frame: FrameType) -> str:
    code = frame.f_code
    return f"{os.path.basename(code.co_filename)}:{frame.f_lineno} in {code.co_qualname}"
