"""The expiry that a screen looks at, by websocket: its quotes come as they change, beside the readings of its chain."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

from deskmon.feedkit import FeedContext, backoff
from deskmon.feeds.chains.polling import Polling

SILENCE_S = 60.0
"""After so long without a frame the websocket counts as dead."""

_ANY = "watched"
"""What ccxt calls the one thing that is waited for: any frame."""

Expiry = tuple[str, int]
"""Underlying and expiry (ms)."""


class Watched:
    """Which expiry is looked at, the first by name where screens look at several."""

    def __init__(self) -> None:
        self.expiry: Expiry | None = None
        self.changed = asyncio.Event()

    def set(self, topics: frozenset[str]) -> None:
        """Take what screens look at; `option:BTC:1798185600000` is an expiry, others aren't ours."""
        found = sorted(filter(None, map(_expiry, topics)))
        expiry = found[0] if found else None
        if expiry != self.expiry:
            self.expiry = expiry
            self.changed.set()


def _expiry(topic: str) -> Expiry | None:
    kind, _, rest = topic.partition(":")
    underlying, _, expiry = rest.partition(":")
    return (underlying, int(expiry)) if kind == "option" and underlying and expiry.isdecimal() else None


class Stream:
    """Streams what is watched. `channels` names those of an expiry, `take` gets a frame's data."""

    def __init__(
        self,
        exchange: Any,
        context: FeedContext,
        polling: Polling,
        channels: Callable[[str, int], list[str]],
        take: Callable[[Any], None],
    ) -> None:
        self._exchange, self._context, self._polling = exchange, context, polling
        self._channels, self._take = channels, take

    async def follow(self, watched: Watched) -> None:
        """Until cancelled."""
        while True:
            watched.changed.clear()
            streaming = asyncio.create_task(self._keep(*watched.expiry)) if watched.expiry else None
            try:
                await watched.changed.wait()
            finally:
                if streaming is not None:
                    streaming.cancel()
                    await asyncio.wait([streaming])

    async def _keep(self, underlying: str, expiry: int) -> None:
        """One expiry, again after each fault, and as soon as it is known what is listed."""
        name, attempt, faults = f"{underlying} stream", 0, self._polling.faults

        def heard(client: Any, message: Any) -> None:
            self._take(message["params"]["data"])
            client.resolve(True, _ANY)

        self._exchange.handle_ticker = heard
        try:
            while True:
                wanted = self._channels(underlying, expiry)
                try:
                    if wanted:
                        async for _ in self._frames(wanted):
                            attempt = 0
                            self._polling.say(name, "live", f"{len(wanted)} options by websocket")
                except faults.FAULTS as error:
                    self._polling.say(name, "reconnecting", faults.describe(error).words)
                    self._context.reconnected()
                attempt += 1
                await self._context.sleep(backoff(attempt, self._context.rng))
        finally:
            self._polling.forget(name)

    async def _frames(self, channels: list[str]) -> AsyncIterator[None]:
        """Subscribe; one turn for each frame or several. Raises what ccxt does, TimeoutError after a silence."""
        url = self._exchange.urls["api"]["ws"]
        request = {"jsonrpc": "2.0", "id": self._exchange.request_id(), "method": "public/subscribe",
                   "params": {"channels": channels}}  # fmt: skip
        try:
            while True:
                async with asyncio.timeout(SILENCE_S):
                    await self._exchange.watch(url, _ANY, request, _ANY)
                yield
        finally:
            client = (self._exchange.clients or {}).pop(url, None)
            if client is not None:
                await client.close()
