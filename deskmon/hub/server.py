"""A hub as a process: its endpoints, its signals, its end."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import random
import signal
from contextlib import AsyncExitStack
from logging.handlers import WatchedFileHandler
from pathlib import Path

from deskmon import plugins
from deskmon.config.follower import ConfigFollower
from deskmon.config.schema import Config
from deskmon.hub.endpoints import pipe_endpoint, unix_endpoint
from deskmon.hub.follow import following
from deskmon.hub.hub import Hub
from deskmon.hub.supervisor import Load
from deskmon.mqtt.client.broker import Broker
from deskmon.mqtt.hub.endpoint import mqtt_endpoint
from deskmon.transport.link import unix_path

log = logging.getLogger(__name__)

ENDS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

SETTLED_S = 60.0
"""Seconds after which the feeds have imported what they need and know their markets: some hundred thousand objects that
stay until the end. A full collection that walked them would hold the loop for tens of ms."""


async def serve(
    config: Config,
    *,
    listen: str | None = None,
    mqtt: Broker | None = None,
    stdio: bool = False,
    journal: str | None = None,
    follower: ConfigFollower | None = None,
    load: Load = plugins.load_feed,
) -> int:
    """Run a hub until SIGTERM, SIGINT or, on its private pipe, the end of input. Returns 0, or 130 after SIGINT.

    SIGHUP has a hub that follows files read them again and begin its log anew; any other ends as by SIGTERM.

    listen: `unix:PATH`. mqtt: the broker to publish to. stdio: standard input and output are the private pipe of a
    screen. journal: the file to record to, in place of the config's. follower: the config's files, to be followed.
    Raises DeskError where an endpoint can't be opened or that file can't be written.
    """
    loop = asyncio.get_running_loop()
    hub = Hub(config, load=load, record_to=None if journal is None else Path(journal))
    over = asyncio.Event()
    caught = _end_by_signal(loop, over)
    settled = loop.call_later(SETTLED_S, gc.freeze)
    async with AsyncExitStack() as endpoints:
        if listen is not None:
            await endpoints.enter_async_context(unix_endpoint(hub.stream, unix_path(listen), hub.door))
        if mqtt is not None:
            await endpoints.enter_async_context(mqtt_endpoint(hub, mqtt, config.mqtt.hub, random.Random()))
        if stdio:
            await endpoints.enter_async_context(pipe_endpoint(hub.stream, hub.door, over.set))
        if follower is not None:
            read_again = await endpoints.enter_async_context(following(hub, follower))

            def hung_up() -> None:
                reopen_logs()
                read_again()

            loop.add_signal_handler(signal.SIGHUP, hung_up)
        running = asyncio.create_task(hub.run())
        ending = asyncio.create_task(over.wait())
        try:
            await asyncio.wait({running, ending}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            settled.cancel()
            ending.cancel()
            running.cancel()
            await asyncio.gather(running, ending, return_exceptions=True)
            for number in ENDS:
                loop.remove_signal_handler(number)
    if hub.stuck:
        log.error("did not end in time: %s", ", ".join(hub.stuck))
        os._exit(1)  # the loop would wait for them for ever; all that matters is closed by now
    if running.cancelled():
        return 128 + signal.SIGINT if signal.SIGINT in caught else 0
    running.result()
    return 1


def _end_by_signal(loop: asyncio.AbstractEventLoop, over: asyncio.Event) -> list[int]:
    """Set `over` at the first signal that ends a hub; the signals that came."""
    caught: list[int] = []

    def catch(number: int) -> None:
        caught.append(number)
        over.set()

    for number in ENDS:
        loop.add_signal_handler(number, catch, number)
    return caught


def reopen_logs() -> None:
    """Begin log files anew that somebody moved away."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, WatchedFileHandler):
            handler.reopenIfNeeded()
