"""Sends what the terminal lacks, whenever it can take bytes and the budget allows; never waits for it."""

from __future__ import annotations

import asyncio
import os
import select
import time
from collections import deque
from collections.abc import Callable

import msgspec

from deskmon.terminal.grids import Terminal

CHUNK = 8 * 1024
"""Most bytes made at a time (a row more): what a stalled terminal gets late is never more than this."""

RATE_WINDOW_S = 5.0

_CANCEL = b"\x18"
"""CAN: a terminal in the middle of a sequence drops it."""


class Statistics(msgspec.Struct, frozen=True):
    """What went to the terminal: bytes and finished frames in total, cells written because they differed, the rate over
    the last seconds, and since when (`time.monotonic`) the terminal has taken nothing though something waits."""

    bytes_written: int
    frames: int
    cells: int
    kib_per_s: float
    stalled_since: float | None


class TokenBucket:
    """`rate` bytes a second with an eighth of a second's worth saved up, as a key's echo may have to wait behind it on
    the line; rate 0 is no limit."""

    def __init__(self, rate: float, now: float) -> None:
        self.rate = rate
        self._burst = rate / 8
        self._tokens = self._burst
        self._then = now

    def allowance(self, now: float) -> float:
        """Bytes that may go now; what was overspent is owed first."""
        if not self.rate:
            return float("inf")
        self._tokens = min(self._burst, self._tokens + (now - self._then) * self.rate)
        self._then = now
        return self._tokens

    def spend(self, count: int) -> None:
        """Count `count` bytes as gone."""
        self._tokens -= count if self.rate else 0

    def wait(self) -> float:
        """Seconds until a tenth of a second's worth may go."""
        return max(0.0, min(self.rate / 10, self._burst) - self._tokens) / self.rate


class TerminalWriter:
    """The way to a terminal through `descriptor`, a non-blocking one that is closed at the end.

    `kbps`: kilobits a second at most, 0 for no limit. `lost` is called once when the terminal is gone.
    """

    def __init__(
        self,
        terminal: Terminal,
        descriptor: int,
        *,
        kbps: float = 0.0,
        lost: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._terminal = terminal
        self._descriptor = descriptor
        self._lost = lost
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._bucket = TokenBucket(kbps * 1000 / 8, clock())
        self._rest = b""
        self._due: asyncio.Handle | None = None
        self._watching = self._gone = False
        self._written = self._frames = 0
        self._recent: deque[tuple[float, int]] = deque()
        self._stalled: float | None = None

    def schedule(self) -> None:
        """Send soon, unless that is under way already: all frames of one turn of the loop go as one."""
        if self._due is None and not self._watching and not self._gone:
            self._due = self._loop.call_soon(self._send)

    def show(self) -> None:
        """Send a frame soon; at once where the terminal shows nothing yet, since somebody waits before it."""
        self.schedule()
        if self._terminal.is_empty:
            self.send()

    def send(self) -> None:
        """Send now what was to go soon, as far as the budget and the terminal allow."""
        if self._due is not None:
            self._due.cancel()
            self._send()

    def statistics(self) -> Statistics:
        """The figures so far."""
        now = self._clock()
        self._trim(now)
        rate = sum(count for _, count in self._recent) / 1024 / RATE_WINDOW_S
        return Statistics(self._written, self._frames, self._terminal.cells, rate, self._stalled)

    def finish(self, limit_s: float) -> None:
        """Send what restores the terminal, waiting for it `limit_s` seconds at most: a dead one can't hang the exit."""
        self._pause()
        rest = self._terminal.take(CHUNK)
        self._rest = _CANCEL + rest if self._rest else rest
        deadline = time.monotonic() + limit_s
        poll = select.poll()
        poll.register(self._descriptor, select.POLLOUT)
        while self._rest and not self._gone:
            left = deadline - time.monotonic()
            if left <= 0 or not poll.poll(left * 1000):
                break
            self._push()
        self._rest = b""

    def close(self) -> None:
        """Send nothing more."""
        self._pause()
        self._gone = True
        os.close(self._descriptor)

    def _send(self) -> None:
        self._due = None
        while not self._gone:
            if not self._rest:
                if not self._terminal.pending:
                    return
                allowance = self._bucket.allowance(self._clock())
                if allowance <= 0:
                    self._due = self._loop.call_later(self._bucket.wait(), self._send)
                    return
                self._rest = self._terminal.take(int(min(allowance, CHUNK)) or 1)
                self._bucket.spend(len(self._rest))
                if self._rest and not self._terminal.pending:
                    self._frames += 1
            if self._rest and not self._push():
                self._watch()
                return

    def _push(self) -> bool:
        """Write what is left; False where the terminal didn't take all of it."""
        now = self._clock()
        try:
            count = os.write(self._descriptor, self._rest)
        except BlockingIOError:
            count = 0
        except OSError:
            self._vanish()
            return True
        if count:
            self._written += count
            self._recent.append((now, count))
            self._trim(now)
            self._rest = self._rest[count:]
            self._stalled = None
        if self._rest and self._stalled is None:
            self._stalled = now
        return not self._rest

    def _watch(self) -> None:
        if not self._watching:
            self._watching = True
            self._loop.add_writer(self._descriptor, self._writable)

    def _writable(self) -> None:
        if self._push():
            self._pause()
            self._send()

    def _pause(self) -> None:
        if self._watching:
            self._loop.remove_writer(self._descriptor)
            self._watching = False
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _vanish(self) -> None:
        """The terminal is gone: EIO after a hang-up, EBADF or ENXIO where it was revoked."""
        self._rest = b""
        self._pause()
        if not self._gone:
            self._gone = True
            self._lost()

    def _trim(self, now: float) -> None:
        while self._recent and now - self._recent[0][0] > RATE_WINDOW_S:
            self._recent.popleft()
