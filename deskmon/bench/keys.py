"""Key to frame: how long after a key its answer stands on the terminal, with a busy hub."""

from __future__ import annotations

import sys
from itertools import takewhile
from statistics import quantiles
from typing import Any

import msgspec

from deskmon.bench.pty import PtyChild
from deskmon.feedkit import TimelineFeed
from deskmon.plugins import load_feed

INTENSITY = 85
"""Of the simulated market; enough for 5,000 events a second from the start."""
PRESSES = 200
SETTLE_S = 8.0
LIMIT_MS = 60.0
LIMIT_MB = 100.0
"""Of the screen's resident memory."""
PROMPT = "⏎".encode()
"""Stands in the filter's prompt and nowhere else, so its bytes are the answer to `/`."""


def _rate(seconds: float) -> float:
    """Events a second of the same market over its first `seconds`."""
    kind = load_feed("demo")
    demo = kind("demo", msgspec.convert({"intensity": INTENSITY}, kind.Options))
    assert isinstance(demo, TimelineFeed)
    timeline = demo.timeline()
    end = timeline.start + int(seconds * 1000)
    arrivals = takewhile(lambda at: at <= end, (event.arrival for event in timeline.events()))
    return sum(at > timeline.start for at in arrivals) / seconds


def run() -> dict[str, Any]:
    """Types `/` and enter by turns into a desk whose hub sends 5,000 events a second; latencies in ms."""
    argv = [sys.executable, "-m", "deskmon", "demo", "--set", f"feeds.demo.intensity={INTENSITY}"]
    took: list[float] = []
    with PtyChild(argv) as child:
        child.read_until(b"quit", 60.0)
        child.drain(SETTLE_S)
        for i in range(PRESSES):
            typed = child.send(b"/")
            took.append((child.read_until(PROMPT, 10.0) - typed) * 1000)
            child.send(b"\r")
            # A pause that isn't a multiple of the frame's, so that presses fall anywhere between frames.
            child.drain(0.13 + 0.017 * (i % 7))
        memory = child.resident_mb()
    cuts = quantiles(took, n=100)
    return {
        "presses": len(took),
        "p50_ms": round(cuts[49], 1),
        "p95_ms": round(cuts[94], 1),
        "p99_ms": round(cuts[98], 1),
        "max_ms": round(max(took), 1),
        "limit_ms": LIMIT_MS,
        "events_per_s": round(_rate(SETTLE_S + PRESSES * 0.2)),
        "screen_resident_mb": round(memory, 1),
        "resident_limit_mb": LIMIT_MB,
        "ok": cuts[98] <= LIMIT_MS and memory <= LIMIT_MB,
    }
