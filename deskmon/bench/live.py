"""Live: three venues on loopback send as fast as they are read, through the real feeds, hub and journal.

The venues run in a process of their own (`live_venue`). What counts is the processor time of the hub's process for
each frame, beside reading the same frames with json alone and beside ccxt's path, in one run. Every trade that was sent
must be told: what is missing is lost.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deskmon import background
from deskmon.bench.frames import FRAMES, frames
from deskmon.bench.live_markets import feeds
from deskmon.bench.live_venue import MIX
from deskmon.bench.turns import Turns
from deskmon.config.schema import Config
from deskmon.events import Book, Ticker, Trade
from deskmon.hub.hub import Hub
from deskmon.hub.subscriber import Batch

COUNT = 60_000
CCXT_COUNT = 12_000
"""Frames by our own path, and by ccxt's."""
MOST_US = 15.0
LEAST_PER_S = 60_000
MOST_TURN_MS = 100.0
PATIENCE_S = 60.0
"""A run that isn't through by then is given up, and what is missing is lost."""


class Screen:
    """A subscriber that packs each batch as for a screen, counts trades, and notes how late frames come (ms)."""

    def __init__(self) -> None:
        self.trades, self.wanted = 0, -1
        self.last = 0.0
        self.lags: list[int] = []
        self.all_told = asyncio.Event()

    def offer(self, batch: Batch) -> None:
        """Take a batch."""
        assert batch.frame is not None
        for item in batch.items:
            event = item.event
            if type(event) is Trade:
                self.trades += 1
            if type(event) in (Trade, Ticker, Book) and event.recv is not None:
                self.lags.append(event.recv - event.ts)
        self.last = time.perf_counter()
        if self.trades == self.wanted:
            self.all_told.set()

    def restart(self) -> None:
        """The stream jumped."""


async def _line(venue: subprocess.Popen[str]) -> str:
    assert venue.stdout is not None
    return await asyncio.to_thread(venue.stdout.readline)


async def _run(turns: Turns, venue: subprocess.Popen[str], folder: Path, *, native: bool) -> dict[str, float]:
    assert venue.stdin is not None
    port = int(await _line(venue))
    desk = Config(feeds=feeds(port, native=native))
    hub = Hub(desk, record_to=folder / "live.jsonl")
    running = background.start(hub.run(), "the hub")
    screen = Screen()
    hub.stream.add(screen)
    await _line(venue)
    screen.trades = 0
    screen.lags.clear()
    turns.clear()
    cpu, begun = time.process_time(), time.perf_counter()
    venue.stdin.write("go\n")
    venue.stdin.flush()
    sent, trades = map(int, (await _line(venue)).split())
    screen.wanted = trades
    try:
        async with asyncio.timeout(PATIENCE_S):
            if screen.trades < trades:
                await screen.all_told.wait()
    except TimeoutError:
        pass
    used = time.process_time() - cpu
    running.cancel()
    await asyncio.wait([running])
    lags = sorted(screen.lags) or [0]
    return {
        "frames": sent, "us": used / sent * 1e6, "per_s": sent / (screen.last - begun),
        "lost": trades - screen.trades + hub.mailbox.statistics().dropped,
        "turn_ms": max(turns.used) * 1000, "lag_p99_ms": lags[int(len(lags) * 0.99)],
    }  # fmt: skip


def _measured(count: int, *, native: bool) -> Mapping[str, float]:
    argv = [sys.executable, "-m", "deskmon.bench.live_venue", str(count)]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as venue,
    ):
        turns = Turns()
        try:
            with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(turns)) as runner:
                return runner.run(_run(turns, venue, Path(folder), native=native))
        finally:
            venue.kill()


def _json_us() -> float:
    """µs of processor time to read a frame of the mix with json alone."""
    raws = [raw for venue, each in FRAMES.items() for channel in each.keys() & MIX.keys()
            for raw in frames(venue, channel, 200 * MIX[channel])]  # fmt: skip
    begun = time.process_time()
    for raw in raws:
        json.loads(raw)
    return (time.process_time() - begun) / len(raws) * 1e6


def run() -> dict[str, Any]:
    """Figures of both paths. `ok`: ours is within its limits on this machine, which must be quiet for them to count."""
    own, ccxt = _measured(COUNT, native=True), _measured(CCXT_COUNT, native=False)
    kept = own["us"] <= MOST_US and own["per_s"] >= LEAST_PER_S and own["turn_ms"] <= MOST_TURN_MS
    return {
        "json_us": round(_json_us(), 2),
        "frame_us": round(own["us"], 2), "limit_us": MOST_US, "ccxt_frame_us": round(ccxt["us"], 2),
        "frames_per_s": round(own["per_s"]), "least_per_s": LEAST_PER_S, "ccxt_frames_per_s": round(ccxt["per_s"]),
        "worst_turn_ms": round(own["turn_ms"], 1), "limit_turn_ms": MOST_TURN_MS,
        "lag_p99_ms": round(own["lag_p99_ms"]), "ccxt_lag_p99_ms": round(ccxt["lag_p99_ms"]),
        "lost": round(own["lost"]), "ccxt_lost": round(ccxt["lost"]),
        "ok": kept and own["lost"] == 0,
    }  # fmt: skip
