"""What a feed that blocks costs the others: the worst age at which their trades reach a screen, and who is named.

    python -m benchmarks.blocking_feed [SECONDS]    30 seconds each by default

A third party's feed blocks for 5 s of every 10. Beside it run a metronome that shares the hub's process and one in a
process of its own; each emits a trade every 50 ms, stamped with the moment at which it was due. At first the blocking
feed has a process of its own, as is usual, then it shares the hub's.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from deskmon.clock import wall_ms
from deskmon.events import Trade
from deskmon.model import Model
from deskmon.transport.link import UnixLink
from tests.desk.conftest import running_hub
from tests.hub.acme import install

LAG_S, BLOCK_S = 0.5, 5.0
"""Target, and how long the feed blocks."""
FEEDS = f"""
import asyncio, time
from deskmon.feedkit import Feed, events


def trade(feed, due, now):
    return events.Trade(ts=due, recv=now, venue=feed.label, symbol="BTC/USDT", price=1.0, amount=1.0, side="buy")


class Metronome(Feed):
    name, title = "metronome", "A trade every 50 ms"

    async def run(self, context):
        context.status("live", "every 50 ms")
        due = context.clock.now()
        while True:
            due += 50
            await context.sleep(max(0.0, (due - context.clock.now()) / 1000))
            context.emit(trade(self, due, context.clock.now()))


class Blocks(Feed):
    name, title = "blocks", "Blocks {BLOCK_S:.0f} s of every {2 * BLOCK_S:.0f}"

    async def run(self, context):
        context.status("live", "now and then")
        while True:
            now = context.clock.now()
            context.emit(trade(self, now, now))
            await context.sleep({BLOCK_S})
            time.sleep({BLOCK_S})
"""
ENTRY_POINTS = "[deskmon.feeds]\nmetronome = acme_feeds:Metronome\nblocks = acme_feeds:Blocks\n"
CONFIG = """
[history]
enabled = false
[feeds.near]
type = "metronome"
process = "shared"
[feeds.far]
type = "metronome"
[feeds.blocker]
type = "blocks"
process = "{}"
"""


async def sleeper(worst: dict[str, float]) -> None:
    """How late (s) this machine wakes a process that only sleeps: what no hub can better."""
    while True:
        before = time.monotonic()
        await asyncio.sleep(0.02)
        worst["machine"] = max(worst["machine"], time.monotonic() - before - 0.02)


async def watch(socket: Path, seconds: float) -> tuple[dict[str, float], Model]:
    """The worst age (s) at which each metronome's trades arrived, once all feeds were live, and what a screen knows."""
    link, model, worst = UnixLink(socket), Model(), {"near": 0.0, "far": 0.0, "machine": 0.0}
    sleeping = asyncio.create_task(sleeper(worst))
    begun, seen = None, set[tuple[str, int]]()
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds + 30):
            async for batch in link.events():
                model.apply(batch)
                feeds = model.feeds.figures(wall_ms())
                if begun is None and sum(feed.state == "live" for feed in feeds.values()) == 3:
                    begun = time.monotonic()
                for event in batch:
                    if type(event) is Trade and event.venue in worst and (event.venue, event.ts) not in seen:
                        seen.add((event.venue, event.ts))  # a screen that comes again may be told of it again
                        if begun is not None:
                            worst[event.venue] = max(worst[event.venue], (wall_ms() - event.ts) / 1000)
                if begun is not None and time.monotonic() - begun > seconds:
                    break
    sleeping.cancel()
    await link.close()
    return worst, model


def measure(process: str, seconds: float) -> dict[str, float]:
    """Print what happens, and return the worst ages."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with running_hub(folder, CONFIG.format(process)) as socket:
            worst, model = asyncio.run(watch(socket, seconds))
        log = (folder / "hub.log").read_text().splitlines()
    now = wall_ms()
    state, blocker = model.state(now), model.feeds.figures(now)["blocker"]
    print(f"the blocking feed's process: {process}")
    print("  worst age on a screen of a trade of a feed beside it:", end=" ")
    print(f"in the hub's process {worst['near']:.2f} s, in its own {worst['far']:.2f} s")
    print(f"  a process that only sleeps was woken {worst['machine']:.2f} s late at most")
    by = f", blocked by {state.hub.loop_lag_by}" if state.hub.loop_lag_by else ""
    print(f"  the hub's loop: {state.hub.loop_lag_ms:.0f} ms late at most{by}")
    print(f"  its row: {blocker.state}, blocked {blocker.blocked_ms:.0f} ms: {blocker.detail}")
    print(f"  the log: {next((line for line in log if 'blocker' in line and 'held' in line), 'nothing')}")
    return worst


def main() -> int:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 30.0
    with tempfile.TemporaryDirectory() as name:
        site = Path(name) / "site"
        install(site, FEEDS, ENTRY_POINTS)
        os.environ["PYTHONPATH"] = str(site)
        own = measure("own", seconds)
        measure("shared", seconds)
    print(f"limit, while the blocking feed has a process of its own: {LAG_S} s")
    return int(max(own["near"], own["far"]) >= LAG_S)


if __name__ == "__main__":
    sys.exit(main())
