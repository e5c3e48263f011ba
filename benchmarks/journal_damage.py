"""What damage and malice do to a journal: bits that were turned over, and files that unpack into gigabytes.

    python -m benchmarks.journal_damage [FLIPS] [MIB]    10,000 flips and 3,200 MiB by default

Turns over one bit of a journal at a time and reads it: no event may be wrong, and none missing, without a word. Then
has `deskmon state` read files of some hundred KB that unpack into 3.2 GB, and looks at the memory that it took.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.timelines.damage import LINES, RUNS, flipped, market, verdict, write

MOST_MB = 200.0
SECONDS = 60
LINES_SHARE = 16
"""Files of blocks or lines that each have to be understood are this much smaller: they take long, not much."""


def turn_over(path: Path, count: int, seed: int = 1) -> tuple[int, int, int]:
    """Of `count` journals with one bit turned over: those that are read with a wrong event, those that are read with a
    wrong or a missing one without a word, and those in which damage is reported."""
    seconds = market(SECONDS)
    original = [event for events in seconds for event in events]
    data = write(path, seconds)
    rng = random.Random(seed)
    wrong = silent = reported = 0
    for _ in range(count):
        path.write_bytes(flipped(data, rng.randrange(len(data) * 8)))
        strange, missing, said = verdict(path, original)
        wrong += strange > 0
        silent += (strange > 0 or missing > 0) and not said
        reported += said
    return wrong, silent, reported


def memory_mb(path: Path) -> tuple[float, int]:
    """Peak memory of `deskmon state --replay` on a file, and its exit status."""
    argv = [sys.executable, "-m", "deskmon", "state", "--replay", str(path), "--only", "at"]
    child = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_maxrss / 1024, child.returncode


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    mib = int(sys.argv[2]) if len(sys.argv) > 2 else 3_200
    failed = False
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for suffix in (".jsonl.zst", ".jsonl"):
            wrong, silent, reported = turn_over(folder / f"flips{suffix}", count)
            limit = "; limit: 0 wrong, 0 without a word" if suffix.endswith("zst") else "; plain, no checksum: no limit"
            print(
                f"{suffix}: {count:,} flips, {reported:,} reported, {wrong:,} wrong, {silent:,} without a word{limit}"
            )
            failed |= suffix.endswith("zst") and (wrong > 0 or silent > 0)
        for what, bomb in (RUNS | LINES).items():
            path = folder / "bomb.jsonl.zst"
            bomb(path, mib if what in RUNS else mib // LINES_SHARE)
            before = time.perf_counter()
            took, status = memory_mb(path)
            seconds = time.perf_counter() - before
            size = path.stat().st_size / 1024
            print(f"{what}: {size:,.0f} KiB, status {status}, {took:.0f} MB, {seconds:.1f} s; limit: {MOST_MB:.0f} MB")
            failed |= took > MOST_MB or status not in (0, 1)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
