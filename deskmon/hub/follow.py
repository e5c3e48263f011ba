"""A hub of its own that follows the files of its configuration."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from deskmon.background import keep, start
from deskmon.config.living import Living
from deskmon.config.loading import Loaded
from deskmon.hub.hub import Hub

log = logging.getLogger(__name__)

EVERY_S = 1.0


@asynccontextmanager
async def following(hub: Hub, living: Living, every_s: float = EVERY_S) -> AsyncIterator[None]:
    """Have the hub take each new configuration while the block runs; a bad one is told in the log and changes
    nothing."""

    async def follow() -> None:
        while True:
            await asyncio.sleep(every_s)
            news = await asyncio.to_thread(living.poll)
            if isinstance(news, Loaded):
                log.info("the configuration changed")
                hub.reload(news.config)
            elif news:
                log.warning("the old configuration stays: %s", "; ".join(news))

    task = start(keep(follow, "configuration"), "configuration")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
