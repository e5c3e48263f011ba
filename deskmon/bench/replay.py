"""Replay: how long `deskmon state --replay` takes to read and fold a journal, beside decoding its lines alone."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
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
LIMIT = 4.5
"""Reading and folding may take this many times as long as decoding the lines alone."""


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
    """Alternates decoding the `lines` with replaying the journal at `path` that has them: µs an event of both, their
    ratio beside its limit, events a second."""
    desk = Config(feeds={"replay": FeedConfig(type="replay", options={"path": str(path)})})
    decoded, replayed = [], []
    for _ in range(rounds):
        begun = perf_counter()
        for line in lines:
            decode_event(line)
        between = perf_counter()
        model_at(desk, None)
        decoded.append(between - begun)
        replayed.append(perf_counter() - between)
    alone, whole = median(decoded) / len(lines), median(replayed) / len(lines)
    return {
        "decode_us": round(alone * 1e6, 3),
        "replay_us": round(whole * 1e6, 3),
        "ratio": round(whole / alone, 3),
        "limit": LIMIT,
        "events_per_s": round(1 / whole),
        "ok": whole / alone <= LIMIT,
        "rounds": rounds,
    }
