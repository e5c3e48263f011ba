"""How a hub ends: by a signal or by its screen, and within a time whatever its feeds do."""

from __future__ import annotations

import asyncio
import logging
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

log = logging.getLogger(__name__)

ENDS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

END_S = 4.5
"""Seconds that a hub gets to end. The journal is closed long before, unless a feed holds the loop: then the last half
second of it is lost, as by `kill -9`."""


class Ending:
    """The wish that this process ends: `over` is set by the first signal of `ENDS`, or by `begin`. Main thread only.

    reason: why the process hasn't ended, asked in another thread once the time is over; the process then exits with
    status 1, since the loop may never come back.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, reason: Callable[[], str], limit_s: float | None) -> None:
        """`limit_s`: seconds that the end may take; None for as long as it takes."""
        self.over = asyncio.Event()
        self.caught: list[int] = []
        """The signals that came."""
        self._loop, self._reason, self._limit_s = loop, reason, limit_s
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)
        self._watch = threading.Thread(target=self._wait, name="end of the hub", daemon=True)
        self._watch.start()
        for number in ENDS:
            loop.add_signal_handler(number, self._caught, number)
            # Python calls this one between two steps of whatever runs, the loop's only when the loop is free again.
            signal.signal(number, self._interrupted)
            signal.siginterrupt(number, False)

    def begin(self) -> None:
        """Have the process end: from now on it has `END_S`."""
        self.over.set()
        self._start_clock()

    def close(self) -> None:
        """The process has ended in order but for its last lines."""
        for number in ENDS:
            self._loop.remove_signal_handler(number)
        os.close(self._writer)
        self._watch.join()
        os.close(self._reader)

    def _caught(self, number: int) -> None:
        self.caught.append(number)
        self.over.set()

    def _interrupted(self, number: int, frame: FrameType | None) -> None:
        self._start_clock()

    def _start_clock(self) -> None:
        """Takes no lock: it may interrupt whatever the main thread does."""
        os.write(self._writer, b"e")

    def _wait(self) -> None:
        if not os.read(self._reader, 1) or self._limit_s is None:
            return
        end = time.monotonic() + self._limit_s
        while select.select([self._reader], [], [], max(0.0, end - time.monotonic()))[0]:
            if not os.read(self._reader, 1):
                return
        give_up(f"did not end in {self._limit_s:g} s: {self._reason()}")


def give_up(words: str) -> NoReturn:
    """End the process at once with status 1, whatever still runs, and say why in the log and on stderr."""
    log.error(words)
    if all(isinstance(handler, logging.FileHandler) for handler in logging.getLogger().handlers):
        sys.stderr.write(f"deskmon: {words}\n")
        sys.stderr.flush()
    os._exit(1)
