"""How a peer's environment, in which deskmon is not, measures frames for `benchmarks.peers`."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import process_time

ALONE = "json"
Rows = Mapping[str, Sequence[str]]
"""Frames by the row of the table."""


def median_us(call: Callable[[], None], count: int, rounds: int) -> float:
    """µs of processor time for each of `count` frames, the median of some rounds; one before them doesn't count."""
    took = []
    call()
    for _ in range(rounds):
        begun = process_time()
        call()
        took.append((process_time() - begun) / count * 1e6)
    return median(took)


def measure(package: str, measured: Callable[[str, Sequence[str]], Callable[[], None] | None]) -> None:
    """Measure `FILE ROUNDS` of the command line and print the figures as JSON. `measured(row, frames)` gives what is to
    be timed, None for a row that the package doesn't decode in Python."""
    rows, rounds = json.loads(Path(sys.argv[1]).read_text()), int(sys.argv[2])
    us: dict[str, float | None] = {}
    alone: dict[str, float] = {}
    for row, frames in rows.items():
        call = measured(row, frames)
        us[row] = None if call is None else median_us(call, len(frames), rounds)
        alone[row] = median_us(lambda frames=frames: _loads(frames), len(frames), rounds)  # type: ignore[misc]
    print(json.dumps({"version": version(package), "python": platform.python_version(), "us": us, ALONE: alone}))


def _loads(frames: Sequence[str]) -> None:
    for frame in frames:
        json.loads(frame)
