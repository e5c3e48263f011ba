"""What the screen needs of a hub, whichever way it is reached: see `deskmon.transport.link`."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator
from typing import Any, Protocol

from deskmon.events import Event
from deskmon.transport.requests import Reply, Request


class HubLink(Protocol):
    """A link to a hub."""

    @property
    def state(self) -> str: ...

    @property
    def detail(self) -> str: ...

    @property
    def where(self) -> str: ...

    @property
    def private(self) -> bool: ...

    @property
    def said(self) -> deque[str]: ...

    with_heartbeat: bool

    def events(self) -> AsyncIterator[list[Event]]: ...

    def command(self, do: str, value: Any = None) -> None: ...

    async def ask(self, request: Request) -> Reply: ...

    async def close(self) -> None: ...
