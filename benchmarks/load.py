"""A hub at 100 % of a core: how long a turn of its loop takes, and how long a status waits until it is told.

    python -m benchmarks.load                  eleven venues that send as fast as they are read, for twenty seconds
    python -m benchmarks.load --venues 3 --seconds 10

The venue runs beside it, in a process of its own. A turn is what happens between two looks at the sockets and timers;
beside other work only its CPU says what it costs. A status waits from when it is made until the screens have it. The
feeds have found their markets before the measuring begins.
"""

from __future__ import annotations

import asyncio
import math
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

from benchmarks.load_market import feeds
from deskmon.bench.turns import Turns
from deskmon.config.schema import Config
from deskmon.events import FeedStatus, Pulse
from deskmon.garbage import keep_collections_short
from deskmon.hub.hub import Hub
from deskmon.hub.subscriber import Batch

SETTLE_S = 3.0
"""Seconds after the last venue is live before anything counts."""
MOST_TURN_MS = 100.0
MOST_STATUS_MS = 1_000.0


class Screen:
    """A subscriber that packs each batch as one for a screen does, and notes when pulses and statuses come (s)."""

    def __init__(self, hub: Hub, venues: int) -> None:
        self._hub, self._venues = hub, venues
        self.settled = asyncio.Event()
        """Set once every venue is live."""
        self.clear()

    def clear(self) -> None:
        """Forget what was noted."""
        self.waited: list[float] = []
        self.statuses: dict[str, list[float]] = defaultdict(list)
        self.pulses: list[float] = []
        self.events = self.bytes = 0

    def offer(self, batch: Batch) -> None:
        """Take a batch."""
        now = time.time()
        self.events += len(batch.items)
        self.bytes += len(batch.frame)
        for event in (item.event for item in batch.items):
            if type(event) is FeedStatus:
                self.waited.append(now - event.ts / 1000)
                self.statuses[event.feed].append(now)
            elif type(event) is Pulse:
                self.pulses.append(now)
                figures = self._hub.stream.model.feeds.figures(self._hub.now)
                if len(figures) == self._venues and all(figure.state == "live" for figure in figures.values()):
                    self.settled.set()

    def restart(self) -> None:
        """The stream jumped."""


async def _run(turns: Turns, port: int, venues: int, seconds: float, folder: Path) -> bool:
    hub = Hub(Config(feeds=feeds(port, venues)), record_to=folder / "load.jsonl")
    running = asyncio.create_task(hub.run())
    screen = Screen(hub, venues)
    hub.stream.add(screen)
    await screen.settled.wait()
    await asyncio.sleep(SETTLE_S)
    screen.clear()
    cpu, begun = time.process_time(), time.perf_counter()
    turns.clear()
    await asyncio.sleep(seconds)
    took, took_cpu = time.perf_counter() - begun, time.process_time() - cpu
    took_ms, used_ms = (sorted(value * 1000 for value in some) for some in (turns.took, turns.used))
    running.cancel()
    await asyncio.wait([running])
    told = f"{screen.events / took:,.0f} events/s told, for {took:.0f} s"
    print(f"load      {took_cpu / took:.0%} of a core, idle for {turns.idle / took:.0%} of the time; {told}")
    return _tell(hub, screen, took_ms, used_ms)


def _tell(hub: Hub, screen: Screen, took_ms: list[float], used_ms: list[float]) -> bool:
    """Print what was measured; whether it is within the limits."""
    waited = sorted(value * 1000 for value in screen.waited)
    apart_ms = {name: _apart(times) for name, times in {**screen.statuses, "pulses": screen.pulses}.items()}
    pulses_ms = apart_ms.pop("pulses")
    statistics = hub.mailbox.statistics()
    print(f"mailbox   {statistics.peak:,} events at most, {statistics.dropped:,} dropped")
    for what, ms in (("CPU", used_ms), ("clock", took_ms)):
        spread = f"median {_share(ms, 0.5):.1f} ms, 99 % {_share(ms, 0.99):.1f} ms, worst {ms[-1]:.1f} ms"
        print(f"a turn    {what:<5} {spread}")
    print(f"pulses    at most {pulses_ms:,.0f} ms apart; due each 250 ms")
    spread = f"{_share(waited, 0.5):.1f} ms (median), {waited[-1]:,.1f} ms (worst)"
    print(f"statuses  wait {spread}; of one venue at most {max(apart_ms.values()):,.0f} ms apart; due each 1,000 ms")
    return used_ms[-1] <= MOST_TURN_MS and waited[-1] <= MOST_STATUS_MS


def _apart(times: list[float]) -> float:
    """The longest stretch between two of them (ms), infinite where there are no two."""
    return max((later - earlier for earlier, later in pairwise(times)), default=math.inf) * 1000


def _share(values: list[float], part: float) -> float:
    """The value that this part of them doesn't exceed."""
    return values[min(len(values) - 1, int(len(values) * part))]


def main() -> None:
    parser = ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--venues", type=int, default=11, help="websockets")
    parser.add_argument("--seconds", type=float, default=20.0, help="how long")
    args = parser.parse_args()
    keep_collections_short()
    argv = [sys.executable, "-m", "benchmarks.load_venue"]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as venue,
    ):
        assert venue.stdout is not None and venue.stdin is not None
        port, turns = int(venue.stdout.readline()), Turns()
        with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(turns)) as runner:
            kept = runner.run(_run(turns, port, args.venues, args.seconds, Path(folder)))
        venue.stdin.close()
        venue.wait(10)
    sys.exit(0 if kept else 1)


if __name__ == "__main__":
    main()
