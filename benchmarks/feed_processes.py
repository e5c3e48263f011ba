"""Five venues at more than one core can read, with their feeds in the hub's process and in processes of their own.

    python -m benchmarks.feed_processes                            `shared`, `auto` and `own` by turns; some minutes
    python -m benchmarks.feed_processes --seconds 10 --rounds 3 shared auto

The venues, the feeds, the hub, the screen and the count of what was sent are those of `benchmarks.october`. Status 1
where a figure differs from that count, or anything was lost or reconnected.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import get_args

from benchmarks.october import Outcome, run
from benchmarks.october_markets import Process
from deskmon.bench.turns import Turns
from deskmon.garbage import keep_collections_short


def measured(seconds: float, times: float, process: Process) -> Outcome:
    """One run."""
    turns = Turns()
    with (
        tempfile.TemporaryDirectory() as folder,
        asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(turns)) as runner,
    ):
        return runner.run(run(seconds, times, Path(folder), turns, process))


COLUMNS = {
    "process": 8, "frames": 10, "frames/s": 9, "hub": 6, "us a frame": 11, "feeds' processes": 22, "cores": 6,
    "age": 7, "99 %": 7, "turn ms": 8, "venues late": 12, "differ": 7, "load": 5,
}  # fmt: skip
"""Width of each. age: of trades when the hub told them, seconds. venues late: by so many seconds, by themselves."""


def row(process: str, outcome: Outcome) -> list[str]:
    """A run in words."""
    found = outcome.figures
    ages, took, hub = found["ages_ms"], found["took_s"], found["core"]
    own = [used / took for used in found["workers"].values()]
    return [
        process, f"{found['frames']:,}", f"{found['frames'] / took:,.0f}", f"{hub:.0%}", f"{found['us']:.1f}",
        " ".join(f"{each:.0%}" for each in own) or "none", f"{hub + sum(own):.2f}",
        f"{ages[len(ages) // 2] / 1000:,.1f}", f"{ages[int(len(ages) * 0.99)] / 1000:,.1f}",
        f"{found['turn_ms'][-1]:.0f}", f"{found['late_s']:.1f}", f"{len(outcome.wrong)}", f"{os.getloadavg()[0]:.0f}",
    ]  # fmt: skip


def _line(cells: Iterable[str]) -> str:
    return " ".join(f"{cell:>{width}}" for cell, width in zip(cells, COLUMNS.values(), strict=True))


def main() -> None:
    parser = ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("processes", nargs="*", default=["shared", "auto", "own"], metavar="PROCESS")
    parser.add_argument("--seconds", type=float, default=90.0, help="how long the stretch is")
    parser.add_argument("--times", type=float, default=12.0, help="how many times the day's rate")
    parser.add_argument("--rounds", type=int, default=1)
    args = parser.parse_args()
    if not set(args.processes) <= set(get_args(Process)):
        parser.error(f"a process is {', '.join(get_args(Process))}")
    keep_collections_short()
    wrong: list[str] = []
    print(_line(COLUMNS), flush=True)
    for _ in range(args.rounds):
        for process in args.processes:
            outcome = measured(args.seconds, args.times, process)
            print(_line(row(process, outcome)), flush=True)
            wrong += [f"{process}: {words}" for words in outcome.wrong]
    for words in wrong:
        print(words)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
