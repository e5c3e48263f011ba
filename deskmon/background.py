"""Work that nobody waits for: none of it ends unseen."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

log = logging.getLogger(__name__)

AGAIN_S = 5.0
"""Seconds between a fault and the next try."""

Job = Coroutine[Any, Any, None]
T = TypeVar("T")


def start(job: Coroutine[Any, Any, T], name: str) -> asyncio.Task[T]:
    """Run `job` beside everything else. If it ends by a fault the log names it."""
    task = asyncio.create_task(job, name=name)
    task.add_done_callback(_tell)
    return task


async def keep_running(work: Callable[[], Job], name: str, *, again_s: float = AGAIN_S) -> None:
    """Run `work` until cancelled: if it ends by a fault the log names it and it is started anew after a pause."""
    while True:
        try:
            return await work()
        except Exception as fault:
            log.error("%s: %s: %s; again in %g s", name, type(fault).__name__, fault, again_s, exc_info=fault)
        await asyncio.sleep(again_s)


def _tell(task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and (fault := task.exception()) is not None:
        log.error("%s ended: %s: %s", task.get_name(), type(fault).__name__, fault, exc_info=fault)


def backoff(attempt: int, rng: random.Random, *, base: float = 0.5, cap: float = 30.0) -> float:
    """Seconds to wait before attempt number `attempt` (from 1): exponential, capped, jitter over the upper half."""
    ceiling = min(cap, base * 2.0 ** min(attempt - 1, 30))
    return ceiling * (0.5 + 0.5 * rng.random())
