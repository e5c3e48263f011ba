"""Start: time to the first frame and to the first figure, beside an empty Textual app's first frame in the same run.

A figure is a price of a second asset on the terminal. The markets were kept before, as they are from a user's second
start on.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections import defaultdict
from statistics import median
from typing import Any

from deskmon.bench.pty import SEQUENCE, PtyChild
from deskmon.config.sources import PACKAGED

EMPTY = """
from textual.app import App
from textual.widgets import Static
class Empty(App):
    def compose(self):
        yield Static("ready-to-go")
Empty().run()
"""
DESK = """
import sys
from deskmon.cli import main
sys.exit(main(sys.argv[1:]))
"""
"""What the installed `deskmon` command does."""
SIMULATED, RECONSTRUCTED = "simulator", "2025-11-21"
ROUNDS = 11
LIMIT = 1.35
FIGURE_LIMITS = {SIMULATED: 2.0, RECONSTRUCTED: 4.0}
PATIENCE_S = 60.0

_FRAME = re.compile(rb"quit")
_FIGURE = re.compile(rb"ETH[^\x1b]{0,60}?\d[\d,]*\.\d\d")
READY = re.compile(rb"ready-to-go")


def first(argv: list[str], *wanted: re.Pattern[bytes]) -> list[float]:
    """Seconds from exec until the terminal was sent each of the texts `wanted`, in their order. Raises DeskError where
    the process ends before, or takes longer than PATIENCE_S for one."""
    with PtyChild(argv) as child:
        seen, took = b"", []
        for pattern in wanted:
            pieces = child.pieces(repr(pattern.pattern.decode()), PATIENCE_S)
            while not pattern.search(SEQUENCE.sub(b"", seen)):
                seen += next(pieces)
            took.append(time.perf_counter() - child.started)
        return took


def run() -> dict[str, Any]:
    """Alternates the empty app and both desks, takes medians: times in ms, and their ratios against the limits."""
    empty = [sys.executable, "-c", EMPTY]
    desks = {name: desk("demo", name) for name in FIGURE_LIMITS}
    for name in FIGURE_LIMITS:
        subprocess.run(desk("state", "--demo", name, "--at", "+1s"), stdout=subprocess.DEVNULL, check=True)
    times: defaultdict[str, list[list[float]]] = defaultdict(list)
    for _ in range(1 + ROUNDS):
        times[""].append(first(empty, READY))
        for name, argv in desks.items():
            times[name].append(first(argv, _FRAME, _FIGURE))
    medians = {name: [median(of) for of in zip(*rounds[1:], strict=True)] for name, rounds in times.items()}
    (floor,), (frame, simulated), (_, reconstructed) = medians[""], medians[SIMULATED], medians[RECONSTRUCTED]
    return report(floor, frame, simulated, reconstructed)


def report(floor: float, frame: float, simulated: float, reconstructed: float) -> dict[str, Any]:
    """Seconds until the empty app, the first frame of a desk, its first figure, and that of a reconstruction, as the
    figures of the bench."""
    figures = {SIMULATED: simulated, RECONSTRUCTED: reconstructed}
    return {
        "first_frame_ms": round(frame * 1000),
        "empty_app_ms": round(floor * 1000),
        "ratio": round(frame / floor, 3),
        "limit": LIMIT,
        "first_figure_ms": round(simulated * 1000),
        "first_figure_ratio": round(simulated / floor, 3),
        "first_figure_limit": FIGURE_LIMITS[SIMULATED],
        "reconstruction_figure_ms": round(reconstructed * 1000),
        "reconstruction_figure_ratio": round(reconstructed / floor, 3),
        "reconstruction_figure_limit": FIGURE_LIMITS[RECONSTRUCTED],
        "ok": frame / floor <= LIMIT and all(took / floor <= FIGURE_LIMITS[name] for name, took in figures.items()),
        "rounds": ROUNDS,
    }


def desk(*words: str) -> list[str]:
    """The command line of a desk in the packaged configuration."""
    return [sys.executable, "-c", DESK, *words, "--config", str(PACKAGED)]
