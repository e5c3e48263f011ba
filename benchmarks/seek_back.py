"""What seeking back costs in the replay of a single file, with the checkpoints that are taken on the way and without.

    python -m benchmarks.seek_back [--rate 100] [--hours 2]

The file holds the market of `benchmarks.restart`. The desk goes to its end at once, then back by each distance and to
the end again. CPU is that of the hub alone, in one process for each of the two.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from benchmarks import restart
from benchmarks.restart import TICK, told
from deskmon.clock import DAY, HOUR, MINUTE, SECOND
from deskmon.config.schema import Config, FeedConfig
from deskmon.events import Journal
from deskmon.garbage import keep_collections_short
from deskmon.hub.hub import Hub
from deskmon.hub.memory import resident_mb
from deskmon.hub.play_checkpoints import PlayCheckpoints
from deskmon.journal import JournalWriter
from deskmon.transport.requests import Control

START = 20_000 * DAY
BACK = {"1 min": MINUTE, "15 min": 15 * MINUTE, "1 h": HOUR}


def write(path: Path, hours: float) -> None:
    """A journal of the market, in frames of half a second as a desk writes them."""
    with JournalWriter(path, Journal(version=1, source="recorded", started=START)) as journal:
        for tick in range(START // TICK, (START + round(hours * HOUR)) // TICK):
            journal.write(list(told(tick)))
            if tick * TICK % 500 == 0:
                journal.flush()


class Desk:
    """A hub that plays the file."""

    def __init__(self, path: str) -> None:
        options = {"path": path, "speed": 0.1}
        self.hub = Hub(Config(feeds={"replay": FeedConfig(type="replay", options=options)}))

    async def go(self, at: int) -> tuple[float, float]:
        """Seconds and CPU (s) until a moment (ms) is folded."""
        cpu, begun = time.process_time(), time.perf_counter()
        self.hub.control(Control("seek", at))
        playback: Any = self.hub._playback
        while self.hub.now != at or playback.seeking:  # noqa: ASYNC110 - a seek has no event for it
            await asyncio.sleep(0.002)
        return time.perf_counter() - begun, time.process_time() - cpu


async def measure(path: str, hours: float) -> None:
    """Print what each way costs."""
    desk = Desk(path)
    running = asyncio.create_task(desk.hub.run())
    await desk.hub.stream.begun.wait()
    desk.hub.control(Control("pause"))
    end = START + round(hours * HOUR) - SECOND
    took, cpu = await desk.go(end)
    print(f"  to the end   {took:6.2f} s, CPU {cpu:6.2f} s; {resident_mb() or 0:.0f} MB of memory")
    for name, back in BACK.items():
        if back >= hours * HOUR:
            continue
        took, cpu = await desk.go(end - back)
        print(f"  {name:>6} back  {took:6.2f} s, CPU {cpu:6.2f} s")
        await desk.go(end)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def main() -> int:
    parser = ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rate", type=int, default=100, help="events a second")
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--play", help="for its own use")
    parser.add_argument("--from-the-beginning", action="store_true", help="for its own use")
    args: Any = parser.parse_args()
    keep_collections_short()
    restart.A_TICK = max(1, args.rate * TICK // SECOND)
    if args.play:
        if args.from_the_beginning:
            PlayCheckpoints.due = lambda *_, **__: False  # type: ignore[method-assign]
        asyncio.run(measure(args.play, args.hours))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "market.jsonl.zst"
        write(path, args.hours)
        print(f"{args.rate} events/s for {args.hours:g} h, {path.stat().st_size / 1e6:.0f} MB")
        for words, more in (("from the beginning", ["--from-the-beginning"]), ("with checkpoints", [])):
            print(words, flush=True)
            argv = ["--play", str(path), "--hours", str(args.hours), *more]
            subprocess.run([sys.executable, "-m", "benchmarks.seek_back", *argv], check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
