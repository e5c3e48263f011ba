"""A live desk as it was: a running hub is asked to look back into its journal."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from deskmon.errors import DeskError

if TYPE_CHECKING:
    from deskmon.config.schema import Config
    from deskmon.events import Pulse
    from deskmon.model import Model
    from deskmon.transport.link import Link
    from deskmon.transport.requests import Reply

LOOK_S = 30.0
"""Seconds that a hub gets to answer and to fold its journal."""


async def model_then(link: Link, config: Config, at: str) -> tuple[Model, int]:
    """The model of the link's hub at the moment `at`, as people write it, and that moment (ms). Raises UsageError for
    what is no moment, DeskError where the hub can't look back or doesn't answer in LOOK_S (TimeoutError: not even with
    a picture of now)."""
    from deskmon.configured_model import new_model

    model = new_model(config)
    asking: asyncio.Task[Reply] | None = None
    try:
        async with asyncio.timeout(LOOK_S):
            async for batch in link.events():
                model.apply(batch)
                pulse = model.pulse
                if pulse is None or pulse.seeking:
                    continue
                if asking is None:
                    asking = asyncio.create_task(_ask(link, model, pulse, at))
                elif asking.done():
                    _check(asking.result(), link)
                if pulse.mode == "look_back":
                    break
    except TimeoutError:
        if asking is None:
            raise
        raise DeskError(f"the hub doesn't show {at}", "its log may say why") from None
    finally:
        if asking is not None:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
        await link.close()
    assert model.pulse is not None
    return model, model.pulse.ts


async def _ask(link: Link, model: Model, pulse: Pulse, at: str) -> Reply:
    from deskmon.timeline import parse_time
    from deskmon.transport.requests import Look

    start = pulse.ts if model.header is None else model.header.started
    return await link.ask(Look(id=0, at=parse_time(at, start, pulse.ts)))


def _check(reply: Reply, link: Link) -> None:
    """Raise DeskError where the hub said that it can't."""
    said = link.said[-1] if link.said else "" if reply.ok else reply.text
    if said:
        what, _, remedy = said.partition("; ")
        raise DeskError(what, remedy)
