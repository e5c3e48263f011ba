"""The first figures of a screen go before all other work."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module

AT_ONCE_S = 0.5
"""How long other work waits for them: a hub that has to make its market takes longer."""


SOON_S = 0.02
"""Seconds in which they leave for the terminal."""


class FirstFigures:
    """Whether a screen has shown a figure yet."""

    def __init__(self) -> None:
        self._came = asyncio.Event()

    def show(self, tick: Callable[[], None], after: Callable[[float, Callable[[], None]], object]) -> None:
        """There are figures: the first ones are painted now, by a `tick`, and the rest of the desk soon `after`."""
        if not self._came.is_set():
            self._came.set()
            tick()
            after(SOON_S, tick)

    async def import_behind(self, *modules: str) -> None:
        """Import what panels calculate with: while the hub starts, or behind the first figures where these come at
        once."""
        with suppress(TimeoutError):
            async with asyncio.timeout(AT_ONCE_S):
                await self._came.wait()
        for module in modules:
            await asyncio.to_thread(import_module, module)
