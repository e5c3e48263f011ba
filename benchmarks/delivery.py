"""What `kill -9` costs a hub's alerts, and what the first message through apprise costs a hub.

    python -m benchmarks.delivery [KILLS]    50 by default

A child tells of alerts and sends them to a local webhook; it is killed at random moments and started again. Each alert
must arrive, and a message that arrives twice must have the same id and a try without an answer in the log of sends.
"""

from __future__ import annotations

import asyncio
import random
import resource
import sys
import tempfile
import time
from pathlib import Path

from tests.delivery.kills import deliver_and_kill
from tests.delivery.receiver import receiver


def _apprise() -> tuple[float, float]:
    """(seconds, MB) that importing apprise and reading one address takes."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    import apprise

    apprise.Apprise().add("json://127.0.0.1/")
    return time.perf_counter() - started, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


async def _kill(kills: int) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        async with receiver() as hook:
            hook.delay_s = 0.005
            outcome = await deliver_and_kill(hook, Path(folder), kills, random.Random())
    print(
        f"{outcome.killed} kills, {outcome.alerts} alerts: {outcome.lost} lost, {outcome.doubled} messages doubled, "
        f"{outcome.unsaid} of them without a word in the log, {outcome.in_two_messages} alerts in two messages"
    )
    return not outcome.lost + outcome.unsaid + outcome.in_two_messages


def main() -> int:
    """Returns 1 where an alert was lost, or doubled without a word."""
    well = asyncio.run(_kill(int(sys.argv[1]) if len(sys.argv) > 1 else 50))
    seconds, megabytes = _apprise()
    print(f"apprise: {seconds:.2f} s and {megabytes:.0f} MB with the first message")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
