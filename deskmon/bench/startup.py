"""Time to the first full frame, beside that of an empty Textual app in the same run."""

from __future__ import annotations

import sys
from statistics import median
from typing import Any

from deskmon.bench.pty import PtyChild

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
sys.exit(main(["demo"]))
"""
"""What the installed `deskmon` command does."""
ROUNDS = 11
LIMIT = 1.35


def first_frame(argv: list[str], marker: bytes) -> float:
    """Seconds from exec to the marker on the terminal."""
    with PtyChild(argv) as child:
        return child.read_until(marker, 60.0) - child.started


def run() -> dict[str, Any]:
    """Alternates the two, takes medians: times in ms, and their ratio against the limit."""
    empty = [sys.executable, "-c", EMPTY]
    desk = [sys.executable, "-c", DESK]
    floor: list[float] = []
    ours: list[float] = []
    first_frame(empty, b"ready-to-go")
    first_frame(desk, b"quit")
    for _ in range(ROUNDS):
        floor.append(first_frame(empty, b"ready-to-go"))
        ours.append(first_frame(desk, b"quit"))
    ratio = median(ours) / median(floor)
    return {
        "first_frame_ms": round(median(ours) * 1000),
        "empty_app_ms": round(median(floor) * 1000),
        "ratio": round(ratio, 3),
        "limit": LIMIT,
        "ok": ratio <= LIMIT,
        "rounds": ROUNDS,
    }
