"""What a snapshot of 300 symbols on 8 venues costs the hub: how long it takes, and how late the loop is meanwhile.

python -m benchmarks.snapshot [HOURS]      a market of 24 hours by default; half a minute
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from random import Random
from time import perf_counter

from benchmarks.burst import BEFORE, market
from benchmarks.soak import START, SYMBOLS, VENUES
from deskmon.clock import HOUR, MINUTE
from deskmon.events import OpenInterest, Ticker
from deskmon.garbage import keep_collections_short
from deskmon.hub.stream import Stream
from deskmon.model import Model
from deskmon.transport.wire import pack_events

TICK_S = 0.001


def fill(model: Model, hours: int) -> None:
    """A price and an open interest of every market each ten minutes, for so many hours after the first."""
    market(model)
    rng, begin = Random(1), START + BEFORE
    for ts in range(begin, begin + hours * HOUR, 10 * MINUTE):
        for symbol in SYMBOLS:
            for venue in VENUES:
                about = {"ts": ts, "venue": venue, "symbol": symbol}
                price = 100.0 + rng.random()
                model.apply([Ticker(**about, last=price), OpenInterest(**about, amount=1e4, usd=1e4 * price)])


async def lateness(worst: list[float]) -> None:
    while True:
        due = perf_counter() + TICK_S
        await asyncio.sleep(TICK_S)
        worst[0] = max(worst[0], perf_counter() - due)


async def measure(model: Model) -> tuple[float, float, Sequence[bytes]]:
    """Seconds that a snapshot takes, by how many the loop was late at worst, and its frames."""
    worst = [0.0]
    watching = asyncio.create_task(lateness(worst))
    await asyncio.sleep(0.1)
    worst[0], begun = 0.0, perf_counter()
    frames = await Stream(model).snapshot()
    took = perf_counter() - begun
    await asyncio.sleep(2 * TICK_S)
    watching.cancel()
    return took, worst[0], frames


def main() -> int:
    keep_collections_short()
    model = Model()
    fill(model, int(sys.argv[1]) if len(sys.argv) > 1 else 24)
    begun = perf_counter()
    for event in model.snapshot():
        pack_events([event])
    whole = perf_counter() - begun
    took, late, frames = asyncio.run(measure(model))
    size = sum(map(len, frames)) / 2**20
    print(f"{len(SYMBOLS)} symbols, {len(VENUES)} venues: {size:.1f} MiB, made at once in {whole * 1e3:.0f} ms")
    print(f"as the hub makes it: {took * 1e3:.0f} ms, its loop late by {late * 1e3:.0f} ms at worst")
    return 0


if __name__ == "__main__":
    sys.exit(main())
