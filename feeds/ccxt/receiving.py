"""Frames of a websocket in slices. Imports ccxt.

ccxt's own loop handles all frames that wait in the socket's buffer before anything else runs: some hundred a socket,
each of which may hold many trades. With many sockets at full speed the hub's loop then turns once in seconds.
"""

from __future__ import annotations

from typing import Any

from ccxt.base.errors import NetworkError

from deskmon.feedkit import Turns, background
from deskmon.feeds.ccxt.faults import FAULTS


def receive_in_turns(client: Any, turns: Turns) -> None:
    """Let ccxt's websocket `client` handle its frames in slices of `turns`, in their order; otherwise as ccxt does."""

    def begin() -> None:
        client.receiving = background.start(_receive(client, turns), client.url)

    client.receive_loop = begin


async def _receive(client: Any, turns: Turns) -> None:
    """Until the connection is closed, which the client is told."""
    try:
        while not client.closed():
            message = await client.receive()
            async with turns as part:
                client.handle_message(message)
                while client.buffer and not part.over and not client.closed():
                    client.handle_message(await client.receive())
    except FAULTS as error:
        client.reject(NetworkError(str(error)))
        return
    client.on_close(1006)
