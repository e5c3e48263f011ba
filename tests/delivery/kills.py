"""`kill -9` of a hub's delivery at random moments, and what arrived in spite of it."""

from __future__ import annotations

import asyncio
import random
import sys
from collections import Counter
from pathlib import Path

import msgspec

from deskmon.delivery.outbox import UNKNOWN_OUTCOME, Outbox
from tests.delivery.receiver import Receiver

CHILD = Path(__file__).with_name("child.py")
A_RUN = 40
"""Alerts that each run has more than the one before."""


class Outcome(msgspec.Struct):
    """What arrived after some kills. `unsaid`: doubles of which the log has no try with an unknown outcome."""

    alerts: int
    killed: int
    lost: int
    doubled: int
    unsaid: int
    in_two_messages: int


async def deliver_and_kill(hook: Receiver, folder: Path, kills: int, rng: random.Random) -> Outcome:
    """Run a child `kills` times and kill it, then once to the end."""
    path, killed = folder / "outbox.db", 0
    for run in range(kills + 1):
        child = await asyncio.create_subprocess_exec(
            sys.executable, str(CHILD), hook.url, str(path), str((run + 1) * A_RUN), str(rng.randrange(2**32)),
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert child.stdout is not None
        assert await child.stdout.readline() == b"begun\n"
        if run < kills:
            await asyncio.sleep(rng.random() * 0.08)
            if child.returncode is None:
                child.kill()
                killed += 1
        await child.wait()
    told = [(alert["rule"], body["id"]) for body in hook.bodies for alert in body["alerts"]]
    wanted = {f"rule{number}" for number in range((kills + 1) * A_RUN)}
    doubles = {id for id, count in Counter(hook.ids).items() if count > 1}
    unsure = {sent.message for sent in Outbox(path).log(10_000) if sent.outcome == UNKNOWN_OUTCOME}
    return Outcome(
        alerts=len(wanted), killed=killed, lost=len(wanted - {rule for rule, _ in told}), doubled=len(doubles),
        unsaid=len(doubles - unsure), in_two_messages=len(set(told)) - len({rule for rule, _ in told}),
    )  # fmt: skip
