"""A hub of its own that follows the files of its configuration."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from deskmon.background import keep_running, start
from deskmon.config.follower import ConfigFollower
from deskmon.config.loading import Loaded
from deskmon.hub.hub import Hub

log = logging.getLogger(__name__)

EVERY_S = 1.0


@asynccontextmanager
async def following(hub: Hub, follower: ConfigFollower, every_s: float = EVERY_S) -> AsyncIterator[Callable[[], None]]:
    """Have the hub take each new configuration while the block runs; a bad one is told in the log and changes
    nothing. Yields what has the files read at once, changed or not."""
    asked = asyncio.Event()

    async def follow() -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(every_s):
                    await asked.wait()
            at_once = asked.is_set()
            asked.clear()
            news = await asyncio.to_thread(follower.read if at_once else follower.poll)
            if isinstance(news, Loaded):
                log.info("the configuration is read again")
                hub.reload(news.config)
            elif news:
                log.warning("the old configuration stays: %s", "; ".join(news))

    task = start(keep_running(follow, "configuration"), "configuration")
    try:
        yield asked.set
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
