"""Waiting for what must come, without a guess at how long it takes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from deskmon.hub.hub import Hub

LIMIT_S = 90.0
"""Far beyond what any wait needs; a test that reaches it fails."""


async def until(condition: Callable[[], object]) -> None:
    """Let the loop run until `condition()` is true. Raises TimeoutError after LIMIT_S."""
    async with asyncio.timeout(LIMIT_S):
        while not condition():  # noqa: ASYNC110 - whatever the condition is made of
            await asyncio.sleep(0.002)


def heard(hub: Hub, feed: str) -> int:
    """How many events of `feed` the hub's model counts; 0 before its first report."""
    figure = hub.stream.model.feeds.figures(hub.now).get(feed)
    return 0 if figure is None else figure.events
