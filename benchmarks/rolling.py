"""The rolling journal: what writing costs, and how soon ten gigabytes of it are listed and opened at a moment.

    python -m benchmarks.rolling cost [--rate 1000] [--seconds 60]    CPU, memory and bytes of a hub with and without
    python -m benchmarks.rolling open [--gigabytes 10]                seconds, memory and bytes read

Both use the market of `benchmarks.restart`. For `open`, the newest hour and that of a day ago are written and folded in
full, with the checkpoints that a hub keeps; all other hours are the same file under names of their own.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from itertools import takewhile
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from benchmarks import restart
from benchmarks.restart import TICK, Market, config, told
from deskmon.clock import DAY, HOUR, MINUTE, SECOND, wall_ms
from deskmon.config.schema import JournalConfig
from deskmon.events import Journal, encode_event
from deskmon.garbage import keep_collections_short
from deskmon.hub.hub import Hub
from deskmon.hub.memory import resident_mb
from deskmon.hub.recorder import Recorder
from deskmon.journal import (
    JournalWriter,
    Place,
    RollingJournal,
    Segment,
    checkpoints,
    open_at,
    segment_name,
    segments,
    write_checkpoint,
)
from deskmon.journal.retention import FOLDED_BYTES, NEWEST
from deskmon.model import Model

WARM_UP_S = 5.0
NUMBER = 1_000_000
"""Of the segment of a day ago."""
FLUSH = 50
"""Ticks of half a second."""


async def _measured(folder: Path, seconds: float, enabled: bool) -> None:
    """Run a hub; print the CPU it took (s a second), its memory (MB), and what its journal holds."""
    desk = replace(config(folder), journal=JournalConfig(folder=str(folder / "journal"), enabled=enabled))
    spent = _count_writing()
    hub = Hub(desk, load=lambda _: Market)
    running = asyncio.create_task(hub.run())
    await asyncio.sleep(WARM_UP_S)
    written_cpu = spent[0]
    before, cpu, begun = hub.mailbox.statistics().taken, time.process_time(), time.perf_counter()
    await asyncio.sleep(seconds)
    took, cpu = time.perf_counter() - begun, time.process_time() - cpu
    events = hub.mailbox.statistics().taken - before
    written_cpu = spent[0] - written_cpu
    memory = resident_mb() or 0.0
    running.cancel()
    await asyncio.wait([running])
    kept = checkpoints(folder / "journal") if enabled else []
    written = sum(segment.bytes for segment in segments(folder / "journal")) if enabled else 0
    a_second = written / (took + WARM_UP_S)
    print(cpu / took, memory, written_cpu / took, events / took, a_second, len(kept), sum(one.bytes for one in kept))


def _calm(rate: int) -> None:
    """Make it a market of so many events a second, of which one in a hundred is a liquidation."""
    restart.A_TICK, restart.LIQUIDATED = rate * TICK // SECOND, 0.01


def _count_writing() -> list[float]:
    """The CPU (s) that writing segments and checkpoints takes from now on, of the loop and of threads, in a list of
    one."""
    spent = [0.0]

    def counted(work: Callable[..., None]) -> Callable[..., None]:
        def run(*args: Any) -> None:
            before = time.thread_time()
            work(*args)
            spent[0] += time.thread_time() - before

        return run

    for kind, name in ((RollingJournal, "put"), (RollingJournal, "keep"), (Recorder, "write")):
        setattr(kind, name, counted(getattr(kind, name)))
    return spent


def cost(args: Namespace) -> None:
    """Compare a hub that writes with one that doesn't."""
    found = []
    for enabled in ("", "on"):
        with tempfile.TemporaryDirectory() as folder:
            argv = ["hub", "--folder", folder, "--rate", str(args.rate), "--seconds", str(args.seconds)]
            said = subprocess.run(
                [sys.executable, "-m", "benchmarks.rolling", *argv, "--enabled", enabled],
                check=True, capture_output=True, text=True,
            ).stdout  # fmt: skip
            found.append([float(word) for word in said.split()])
    (cpu, memory, *_), (with_cpu, with_memory, writing, rate, a_second, count, size) = found
    print(f"{rate:,.0f} events/s told, {a_second / rate:.1f} bytes each in the segments")
    print(f"CPU       {with_cpu:.1%} of a core, {cpu:.1%} without; writing takes {writing:.2%}")
    print(f"memory    {with_memory:.0f} MB, {memory:.0f} MB without")
    each = size / max(1, count) / 1e3
    print(f"a day     {a_second * 86_400 / 1e9:.2f} GB of segments; {count:.0f} checkpoints of {each:.0f} kB each")


def _write_hour(folder: Path, number: int, start: int, model: Model) -> None:
    """An hour of the market as a hub writes it."""
    header = Journal(version=1, source="live", started=start)
    kept = -FOLDED_BYTES
    with JournalWriter(folder / segment_name(number, start), header) as journal:
        for tick in range(start // TICK, (start + HOUR) // TICK):
            events = list(told(tick))
            if tick % FLUSH == 0:
                journal.flush()
                at, apart = tick * TICK, FOLDED_BYTES // 4 if tick * TICK > start + HOUR - NEWEST else FOLDED_BYTES
                if journal.bytes - kept >= apart:
                    kept, lines = journal.bytes, [encode_event(event) for event in model.snapshot()]
                    write_checkpoint(folder, Place(number, kept), at, lines)
            journal.write(events)
            model.apply(events)


def build(folder: Path, gigabytes: float, now: int) -> None:
    """A folder of so many bytes whose newest event is of `now`."""
    hours = (now - DAY, now - HOUR)
    for index, start in enumerate(hours):
        model = Model()
        model.apply([Journal(version=1, source="live", started=start)])
        _write_hour(folder, NUMBER + 24 * index, start, model)
    first, second = segments(folder)
    _fill(folder, first, gigabytes * 1e9 - first.bytes - second.bytes)


def _fill(folder: Path, original: Segment, bytes_left: float) -> None:
    """The hours between, and as many before as are needed: the same file under other names."""
    for number in (*range(NUMBER + 1, NUMBER + 24), *range(NUMBER - 1, 0, -1)):
        if bytes_left <= 0:
            return
        os.link(original.path, folder / segment_name(number, original.first + (number - NUMBER) * HOUR))
        bytes_left -= original.bytes


def open_folder(args: Namespace) -> None:
    """Build a folder and open it at three moments, each in a process of its own."""
    with tempfile.TemporaryDirectory(dir=args.folder) as name:
        folder, now = Path(name), wall_ms() // SECOND * SECOND
        _calm(args.rate)
        begun = time.perf_counter()
        build(folder, args.gigabytes, now)
        there, kept = segments(folder), checkpoints(folder)
        size = sum(segment.bytes for segment in there)
        took = time.perf_counter() - begun
        print(f"{size / 1e9:.1f} GB in {len(there)} segments, {len(kept)} checkpoints of {kept[-1].bytes / 1e3:.0f} kB")
        print(f"built in {took:.0f} s")
        for what in ("list", *(str(now - back) for back in (MINUTE, 15 * MINUTE - SECOND, DAY - HOUR // 2))):
            subprocess.run(
                [sys.executable, "-m", "benchmarks.rolling", "look", "--folder", name, "--what", what], check=True
            )


def look(args: Namespace) -> None:
    """List the folder, or fold it up to a moment; print what that took."""
    folder = Path(args.folder)
    read, begun = _read_bytes(), time.perf_counter()
    words = _listed(folder) if args.what == "list" else _folded(folder, int(args.what))
    took = time.perf_counter() - begun
    memory = _peak_mb()
    print(f"{words}: {took:.2f} s, {(_read_bytes() - read) / 1e6:.1f} MB read, at most {memory:.0f} MB of memory")


def _listed(folder: Path) -> str:
    from deskmon.cli import main as deskmon

    stdout, sys.stdout = sys.stdout, open(os.devnull, "w")  # noqa: SIM115 - for the process
    deskmon(["journal", "list", str(folder)])
    sys.stdout = stdout
    return "journal list"


def _folded(folder: Path, at: int) -> str:
    opened, model = open_at(folder, at), Model()
    model.apply(opened.checkpoint)
    tail = list(takewhile(lambda event: event.arrival <= at, opened.reading.events()))
    model.apply(tail)
    model.state(at)
    return f"opened {(wall_ms() - at) / MINUTE:,.0f} min ago, {len(tail):,} events after its checkpoint"


def _peak_mb() -> float:
    """The most memory that this process held so far (MB)."""
    counted = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(counted["VmHWM"].split()[0]) / 1e3


def _read_bytes() -> int:
    """Bytes that this process has read so far."""
    counted = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return int(counted["rchar"])


def run_hub(args: Namespace) -> None:
    """Be the hub of `cost`."""
    _calm(args.rate)
    asyncio.run(_measured(Path(args.folder), args.seconds, bool(args.enabled)))


WAYS: dict[str, Callable[[Namespace], Any]] = {"cost": cost, "open": open_folder, "hub": run_hub, "look": look}


def main() -> int:
    parser = ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("way", choices=WAYS)
    parser.add_argument("--rate", type=int, default=1_000, help="events a second")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--gigabytes", type=float, default=10.0)
    parser.add_argument("--folder", help="where")
    parser.add_argument("--enabled", default="")
    parser.add_argument("--what", default="list")
    args = parser.parse_args()
    keep_collections_short()
    WAYS[args.way](args)
    return 0


if __name__ == "__main__":
    sys.exit(main())
