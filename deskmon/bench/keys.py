"""Key to frame: how long after a key its answer stands on the terminal, with a busy hub, and what that costs."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from statistics import quantiles
from typing import Any

from deskmon.bench.pty import PtyChild

EVENTS = 20_000
"""Events a second through the hub that the market is made for."""
EVENTS_OF_ONE = 61.2
"""Events a second of the simulated market at intensity 1."""
PRESSES = 200
SETTLE_S = 8.0
LIMIT_MS = 20.0
LIMIT_MB = 100.0
"""Of the screen's resident memory."""
PROMPT = "⏎".encode()
"""Stands in the filter's prompt and nowhere else, so its bytes are the answer to `/`."""


def run(events: int = EVENTS) -> dict[str, Any]:
    """Types `/` and enter by turns into a desk whose hub sends `events` a second. Latencies in ms: by the clock from
    the terminal's side, and in processor time of the screen's loop between the key's arrival and the write of its
    answer. `heard_per_s`: events that the hub heard of its feeds; without a core of its own it hears less than asked
    for. `events_per_s`: what the screen took of them."""
    took: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        noted = Path(folder) / "keys.jsonl"
        argv = [sys.executable, "-m", "deskmon.bench.noted_keys", str(noted), "demo",
                "--set", f"feeds.demo.intensity={events / EVENTS_OF_ONE:.1f}"]  # fmt: skip
        with PtyChild(argv) as child:
            child.read_until(b"quit", 60.0)
            child.send(b"/")  # answered once there is a market
            child.read_until(PROMPT, 60.0)
            child.send(b"\r")
            child.drain(SETTLE_S)
            for i in range(PRESSES):
                typed = child.send(b"/")
                took.append((child.read_until(PROMPT, 10.0) - typed) * 1000)
                child.send(b"\r")
                # A pause that isn't a multiple of the frame's, so that presses fall anywhere between frames.
                child.drain(0.13 + 0.017 * (i % 7))
            memory = child.resident_mb()
        keys = [json.loads(line) for line in noted.read_text().splitlines()][-2 * PRESSES :]
    return report(took, keys, memory)


def report(took: list[float], keys: list[dict[str, float]], memory_mb: float) -> dict[str, Any]:
    """Of latencies (ms) from outside, of what was noted inside for each key, and the screen's memory."""
    cuts, cpu = quantiles(took, n=100), quantiles((key["cpu_ms"] for key in keys), n=100)
    first, last = keys[0], keys[-1]
    seconds = last["at_s"] - first["at_s"]
    return {
        "presses": len(took),
        "p50_ms": round(cuts[49], 1),
        "p95_ms": round(cuts[94], 1),
        "p99_ms": round(cuts[98], 1),
        "max_ms": round(max(took), 1),
        "limit_ms": LIMIT_MS,
        "cpu_p50_ms": round(cpu[49], 1),
        "cpu_p99_ms": round(cpu[98], 1),
        "heard_per_s": round((last["heard"] - first["heard"]) / seconds),
        "events_per_s": round((last["events"] - first["events"]) / seconds),
        "screen_resident_mb": round(memory_mb, 1),
        "resident_limit_mb": LIMIT_MB,
        "ok": cuts[98] <= LIMIT_MS and memory_mb <= LIMIT_MB,
    }
