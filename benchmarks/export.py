"""An hour out of a large rolling journal as tables: seconds, memory and bytes read.

    python -m benchmarks.export [--gigabytes 10] [--rate 1000] [--folder DIR]

The market is that of `benchmarks.restart`, with a book of 50 levels a side each tenth of a second. The hour that is
exported is written in full; all others are the same file under names of their own. Each export is a process of its own.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from argparse import ArgumentParser
from pathlib import Path
from random import Random
from subprocess import Popen
from typing import NamedTuple

from benchmarks import restart
from benchmarks.restart import TICK, told
from deskmon.clock import HOUR, SECOND
from deskmon.events import Book, Journal
from deskmon.journal import JournalWriter, Segment, segment_name, segments

START = 1_767_614_400_000
"""When the hour begins."""
NUMBER = 1_000_000
"""Of its segment."""
BOOK_TICKS, LEVELS = 10, 50
"""Ticks from one book to the next, and levels of each side."""
EXPORTS = {
    "all kinds, a folder of Parquet": ("--out", "archive"),
    "liquidations, one CSV": ("--kind", "liquidations", "--out", "liquidations.csv"),
    "candles of a minute, Parquet": ("--bars", "1m", "--out", "bars.parquet"),
    "three figures each minute, CSV": (
        "--figures", "prices.BTC.last,liquidations.windows.1h.usd,funding.BTC.mean_8h", "--out", "figures.csv"
    ),
}  # fmt: skip


class Cost(NamedTuple):
    """Of a process: seconds on the clock and on the processor, its most memory (MB), what it read (MB)."""

    seconds: float
    cpu: float
    memory: float
    read: float


def build(folder: Path, gigabytes: float) -> Segment:
    """A folder of so many bytes; the segment of the hour in it."""
    header = Journal(version=1, source="live", started=START)
    with JournalWriter(folder / segment_name(NUMBER, START), header) as journal:
        for tick in range(START // TICK, (START + HOUR) // TICK):
            journal.write(told(tick))
            if tick % BOOK_TICKS == 0:
                journal.write([_book(tick)])
            if tick % 50 == 0:
                journal.flush()
    [hour] = segments(folder)
    left, number = gigabytes * 1e9 - hour.bytes, NUMBER
    while left > 0:
        number = 2 * NUMBER - number if number > NUMBER else 2 * NUMBER - number + 1  # one after, one before, …
        os.link(hour.path, folder / segment_name(number, START + (number - NUMBER) * HOUR))
        left -= hour.bytes
    return hour


def _book(tick: int) -> Book:
    rng, ts = Random(-tick), tick * TICK
    bids = tuple((100.0 - step / 100, round(rng.lognormvariate(2, 1), 4)) for step in range(LEVELS))
    asks = tuple((100.01 + step / 100, round(rng.lognormvariate(2, 1), 4)) for step in range(LEVELS))
    symbol, venue = rng.choice(restart.SYMBOLS), rng.choice(restart.VENUES)
    return Book(ts=ts, recv=ts, venue=venue, symbol=symbol, bids=bids, asks=asks)


def cost(argv: list[str], folder: Path) -> Cost:
    """Run a process to its end in `folder`. Raises SystemExit where it fails."""
    begun = time.perf_counter()
    child = Popen(argv, cwd=folder)
    read = 0.0
    while True:
        read = max(read, _read_mb(child.pid))
        ended, status, used = os.wait4(child.pid, os.WNOHANG)
        if ended:
            break
        time.sleep(0.01)
    if status:
        raise SystemExit("the export failed")
    child.returncode = 0
    return Cost(time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1e3, read)


def _read_mb(pid: int) -> float:
    """What a process has read so far (MB)."""
    try:
        counted = dict(line.split(": ") for line in Path(f"/proc/{pid}/io").read_text().splitlines())
    except (OSError, ValueError):
        return 0.0
    return int(counted.get("rchar", 0)) / 1e6


def main() -> int:
    parser = ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--gigabytes", type=float, default=10.0)
    parser.add_argument("--rate", type=int, default=1_000, help="events a second")
    parser.add_argument("--folder", help="where")
    args = parser.parse_args()
    restart.A_TICK, restart.LIQUIDATED = args.rate * TICK // SECOND, 0.01
    with tempfile.TemporaryDirectory(dir=args.folder) as name:
        journal, work = Path(name) / "journal", Path(name)
        journal.mkdir()
        hour = build(journal, args.gigabytes)
        there = segments(journal)
        size = sum(one.bytes for one in there)
        print(f"{size / 1e9:.1f} GB in {len(there)} segments; the hour has {hour.bytes / 1e6:.0f} MB", flush=True)
        span = ["--from", str(START + 1), "--to", str(START + HOUR - 1)]
        for what, words in EXPORTS.items():
            argv = [sys.executable, "-m", "deskmon", "export", "--replay", str(journal), *span, *words]
            spent = cost(argv, work)
            print(
                f"{what}: {spent.seconds:.0f} s, {spent.cpu:.0f} s of CPU, at most {spent.memory:.0f} MB of memory, "
                f"{spent.read:.0f} MB read"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
