"""What `kill -9` of a whole hub costs its alerts.

    python -m benchmarks.hub_kills [KILLS]    50 by default, about four minutes

`deskmon hub` runs with a feed whose prices have three more rules fire in each run. It is killed at random moments, from
its first steps on, and started again. Each alert must arrive at a local webhook, and a message that arrives twice must
have the same id and a try without an answer in the log of sends.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
from pathlib import Path

from tests.delivery.hub_kills import kill_hubs
from tests.delivery.kills import Outcome
from tests.delivery.receiver import receiver


async def _kill(kills: int) -> tuple[Outcome, int]:
    with tempfile.TemporaryDirectory() as folder:
        async with receiver() as hook:
            hook.delay_s = 0.02
            return await kill_hubs(hook, Path(folder), kills, random.Random()), len(hook.bodies)


def main() -> int:
    """Returns 1 where an alert was lost, or doubled without a word."""
    outcome, messages = asyncio.run(_kill(int(sys.argv[1]) if len(sys.argv) > 1 else 50))
    print(
        f"{outcome.killed} kills of a hub, {outcome.alerts} alerts in {messages} messages: {outcome.lost} lost, "
        f"{outcome.doubled} messages doubled, {outcome.unsaid} of them without a word in the log, "
        f"{outcome.in_two_messages} alerts in two messages"
    )
    return 1 if outcome.lost + outcome.unsaid + outcome.in_two_messages else 0


if __name__ == "__main__":
    sys.exit(main())
