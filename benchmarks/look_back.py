"""How soon a screen sees a live desk as it was, by pipe, socket and broker, and what the hub notices of it.

    python -m benchmarks.look_back                       ten looks at each distance, on each of the three
    python -m benchmarks.look_back --rate 200 --looks 3

The folder is that of `benchmarks.rolling`: the newest hour and that of a day ago are written and folded in full, with
the checkpoints that a hub keeps, and the hours between are the same file under names of their own. A look is counted
from the key to the pulse that ends its snapshot, all folded on the screen; each begins on a desk that is live, so that
it starts a process of its own. A step is one minute further back from there. CPU is what the screen and that process
took for the first picture: the seconds of a busy machine tell of its other work, too.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import msgspec

from benchmarks import restart
from benchmarks.desk import broker
from benchmarks.rolling import build
from deskmon.cli.session import HANDED_OVER, remote_link
from deskmon.clock import DAY, HOUR, MINUTE, SECOND, wall_ms
from deskmon.config.schema import Config, HistoryConfig, JournalConfig
from deskmon.events import Reset
from deskmon.garbage import keep_collections_short
from deskmon.journal import checkpoints, segments
from deskmon.model import Model
from deskmon.transport.link import ChildLink, Link
from deskmon.transport.requests import Look

NEAR_S, FAR_S = 1.0, 3.0
"""15 minutes ago and 24 hours ago are seen within these."""
LIMIT_S = 60.0


class Screen:
    """A screen without a terminal."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.model = Model()
        self.moved = False
        self.late_ms = 0.0

    async def follow(self) -> None:
        """Fold what comes until cancelled."""
        async for batch in self.link.events():
            self.moved = self.moved or any(type(event) is Reset for event in batch)
            self.model.apply(batch)
            pulse = self.model.pulse
            if pulse is not None and pulse.mode == "live" and pulse.late_ms is not None:
                self.late_ms = max(self.late_ms, pulse.late_ms)

    async def look(self, at: int | None) -> float:
        """Seconds until the moment `at` (ms), or now, is seen."""
        mode = "live" if at is None else "look_back"
        self.moved, begun = False, time.perf_counter()
        reply = await self.link.ask(Look(id=0, at=at))
        if not reply.ok:
            raise SystemExit(reply.text)
        await self.until(lambda: self._shows(mode))
        return time.perf_counter() - begun

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something."""
        async with asyncio.timeout(LIMIT_S):
            while not condition():  # noqa: ASYNC110 - a model has no event for it
                await asyncio.sleep(0.002)

    def _shows(self, mode: str) -> bool:
        pulse = self.model.pulse
        return self.moved and pulse is not None and pulse.mode == mode and not pulse.seeking


@asynccontextmanager
async def screen(link: Link) -> AsyncIterator[Screen]:
    """A screen that has its first pulse."""
    made = Screen(link)
    task = asyncio.create_task(made.follow())
    try:
        await made.until(lambda: made.model.pulse is not None)
        yield made
    finally:
        await link.close()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def cpu_s(name: str) -> float:
    """CPU (s) that the processes of this bench took whose command line names a module."""
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
            is_it = name.encode() in (stat.parent / "cmdline").read_bytes() and _is_ours(int(fields[1]))
        except OSError:
            continue
        total += (int(fields[11]) + int(fields[12])) * is_it
    return total / os.sysconf("SC_CLK_TCK")


def _is_ours(pid: int) -> bool:
    """Whether a process is this one or below it."""
    while pid > 1:
        if pid == os.getpid():
            return True
        pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return False


async def measure(link: Link, looks: int, now: int) -> bool:
    """Print how soon it sees; whether that is soon enough."""
    well, rng = True, Random(1)
    async with screen(link) as seen:
        for name, back, most_s in (("1 min", MINUTE, NEAR_S), ("15 min", 15 * MINUTE, NEAR_S), ("24 h", DAY, FAR_S)):
            first, step, cpu = [], [], []
            for _ in range(looks):
                ago = wall_ms() if back == 15 * MINUTE else now  # the hub's own clock tells what is the newest
                at = ago - back + (rng.randrange(HOUR // 2) if back == DAY else rng.randrange(30 * SECOND))
                before = time.process_time()
                first.append(await seen.look(at))
                cpu.append(cpu_s("deskmon.hub.look_back") + time.process_time() - before)
                step.append(await seen.look(at - MINUTE))
                await seen.look(None)
            print(
                f"  {name:>6} ago  {median(first):.2f} s, at worst {max(first):.2f} s, CPU {median(cpu):.2f} s;",
                end=" ",
            )
            print(f"a step from there {median(step):.2f} s, at worst {max(step):.2f} s")
            well = well and max(first) <= most_s
        print(f"  the hub's loop was late by {seen.late_ms:.0f} ms at worst")
    return well


def hub(folder: Path, journal: Path, *argv: str) -> subprocess.Popen[bytes]:
    """A hub with the journal and no feeds."""
    (file := folder / "deskmon.toml").write_text(
        f'[journal]\nfolder = "{journal}"\nkeep = "30d"\nmax_bytes = "50GB"\n[history]\nenabled = false\n[feeds]\n'
    )
    command = [sys.executable, "-P", "-m", "deskmon", "hub", "--config", str(file), *argv]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL)


def ways(folder: Path, journal: Path, stack: ExitStack) -> dict[str, Callable[[], Link]]:
    """How a screen reaches a hub: the hub of each starts when it is asked for."""
    own = Config(
        journal=JournalConfig(folder=str(journal), keep="30d", max_bytes="50GB"), history=HistoryConfig(enabled=False)
    )

    def started(*argv: str) -> None:
        process = hub(folder, journal, *argv)
        stack.callback(process.wait)
        stack.callback(process.send_signal, signal.SIGTERM)

    def pipe() -> Link:
        os.environ[HANDED_OVER] = msgspec.json.encode(own).decode()
        return ChildLink([sys.executable, "-P", "-m", "deskmon", "hub", "--stdio"])

    def at(option: str, url: str) -> Link:
        started(option, url)
        return remote_link(url, Config())

    port, _ = stack.enter_context(broker(folder))
    return {
        "pipe": pipe, "socket": lambda: at("--listen", f"unix:{folder}/desk.sock"),
        "broker": lambda: at("--mqtt", f"mqtt://127.0.0.1:{port}/desk"),
    }  # fmt: skip


def main() -> int:
    parser = ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rate", type=int, default=1_000, help="events a second")
    parser.add_argument("--looks", type=int, default=10)
    args: Any = parser.parse_args()
    keep_collections_short()
    restart.A_TICK = args.rate * restart.TICK // SECOND
    well = True
    with tempfile.TemporaryDirectory() as name:
        folder, journal, now = Path(name), Path(name) / "journal", wall_ms() // SECOND * SECOND
        journal.mkdir()
        build(journal, 0.0, now)
        there, kept = segments(journal), checkpoints(journal)
        print(
            f"{args.rate:,} events/s, {len(there)} segments of {there[0].bytes / 1e6:.0f} MB, {len(kept)} checkpoints"
        )
        with ExitStack() as stack:
            for way, link in ways(folder, journal, stack).items():
                print(way)
                well = asyncio.run(measure(link(), args.looks, now)) and well
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
