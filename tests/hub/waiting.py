"""Waiting for what must come, without a guess at how long it takes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

LIMIT_S = 30.0
"""Far beyond what any wait needs; a test that reaches it fails."""


async def until(condition: Callable[[], object]) -> None:
    """Let the loop run until `condition()` is true. Raises TimeoutError after LIMIT_S."""
    async with asyncio.timeout(LIMIT_S):
        while not condition():  # noqa: ASYNC110 - whatever the condition is made of
            await asyncio.sleep(0.002)
