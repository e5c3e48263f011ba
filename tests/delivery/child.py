"""A hub's delivery that is killed: `child.py URL OUTBOX COUNT SEED` tells of COUNT alerts, and sends, on a fast clock,
until all is sent. It prints a line when it begins."""

from __future__ import annotations

import asyncio
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from deskmon.clock import ManualClock
from deskmon.delivery.delivery import Delivery
from deskmon.delivery.outbox import Outbox
from deskmon.delivery.route import Route, RouteRules
from deskmon.delivery.webhook import Webhook
from tests.delivery.builders import T0, notice


async def deliver(url: str, path: Path, count: int, rng: random.Random) -> None:
    outbox = Outbox(path)
    newest = max((sent.at for sent in outbox.log(1)), default=T0)
    clock = ManualClock(newest)
    route = Route(
        "phone", Webhook(url, None, "url"), RouteRules(), outbox, desk="desk", now=clock.now, rng=rng
    )  # fmt: skip
    delivery = Delivery(outbox, clock.now)
    delivery.add(route)
    await delivery.begin()
    print("begun", flush=True)
    for number in range(count):
        delivery.tell(notice(f"rule{number}", T0 + number))
        if rng.random() < 0.5:
            await delivery.flush()
            clock.advance(rng.randrange(40_000))
            await route.step()
    await delivery.flush()
    while (due := await route.step()) is not None:
        clock.set(max(due, clock.now()))


if __name__ == "__main__":
    asyncio.run(deliver(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), random.Random(int(sys.argv[4]))))
