"""Replay: how long `deskmon state --replay` takes to read and fold a journal, beside a fixed piece of work.

That is Python's own `json.loads` of the lines: no change of the desk makes it faster or slower.
"""

from __future__ import annotations

import json
import tempfile
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import msgspec

from deskmon.bench.ingest import market
from deskmon.cli.timeline_model import model_at
from deskmon.config.schema import Config, FeedConfig
from deskmon.events import Journal, decode_event, encode_event
from deskmon.journal import JournalWriter

EVENTS = 40_000
ROUNDS = 5
LIMIT = 0.9
"""Reading and folding may take this many times as long as `json.loads` of the lines."""


def run() -> dict[str, Any]:
    """Writes a journal of a busy market and measures it; see `measure`."""
    header, *events = market(EVENTS)
    assert isinstance(header, Journal)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "market.jsonl")
        with JournalWriter(path, msgspec.structs.replace(header, mode=None)) as journal:
            journal.write(events)
        return measure(path, [encode_event(event) for event in events])


def measure(path: Path, lines: Sequence[bytes], rounds: int = ROUNDS) -> dict[str, Any]:
    """Alternates `json.loads` of the `lines`, decoding them, and replaying the journal at `path` that has them: µs an
    event of each, the ratio of the last to the first beside its limit, events a second."""
    desk = Config(feeds={"replay": FeedConfig(type="replay", options={"path": str(path)})})
    works: tuple[Callable[[], object], ...] = (
        lambda: deque(map(json.loads, lines), maxlen=0),
        lambda: deque(map(decode_event, lines), maxlen=0),
        lambda: model_at(desk, None),
    )
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for work, times in zip(works, taken, strict=True):
            begun = perf_counter()
            work()
            times.append(perf_counter() - begun)
    fixed, decoded, replayed = (median(times) / len(lines) for times in taken)
    return {
        "json_us": round(fixed * 1e6, 3),
        "decode_us": round(decoded * 1e6, 3),
        "replay_us": round(replayed * 1e6, 3),
        "ratio": round(replayed / fixed, 3),
        "limit": LIMIT,
        "events_per_s": round(1 / replayed),
        "ok": replayed / fixed <= LIMIT,
        "rounds": rounds,
    }
