"""A hub as a process: its endpoints, its signals, what it says of its start and end."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import signal
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deskmon import __version__, plugins
from deskmon.allocator import give_free_pages_back, give_large_blocks_back
from deskmon.clock import WallClock
from deskmon.config.schema import Config
from deskmon.format import age
from deskmon.hub.ending import END_S, Ending, give_up
from deskmon.hub.endpoints import pipe_endpoint, unix_endpoint
from deskmon.hub.hub import Hub
from deskmon.hub.report_schedule import report_endpoint
from deskmon.hub.service_manager import ServiceManager
from deskmon.hub.supervisor import Load
from deskmon.transport.link import unix_path

if TYPE_CHECKING:
    from deskmon.config.follower import ConfigFollower
    from deskmon.delivery.notice import Notice
    from deskmon.hub.bind import Bind, GuardedBind
    from deskmon.mqtt.client.broker import Broker

log = logging.getLogger(__name__)


def sends(config: Config, *, is_private: bool, records: bool) -> bool:
    """Whether a hub sends its alerts to people: one that only records never, a screen's own where `[alerts] send` says
    so."""
    return not records and (config.alerts.send or not is_private)


async def serve(
    config: Config,
    *,
    listen: str | None = None,
    mqtt: Broker | None = None,
    metrics: Bind | None = None,
    http: GuardedBind | None = None,
    stdio: bool = False,
    journal: str | None = None,
    follower: ConfigFollower | None = None,
    config_name: str = "handed over",
    load: Load = plugins.load_feed,
) -> int:
    """Run a hub until SIGTERM, SIGINT or, on its private pipe, the end of input. Returns 0, or 130 after SIGINT.

    SIGHUP has a hub that follows files read them again and begin its log anew; any other ends as by SIGTERM. The
    service manager of `$NOTIFY_SOCKET` is told how a hub is.

    listen: `unix:PATH`. mqtt: the broker to publish to. metrics: where its numbers are read. http: where other programs
    ask, and their token. stdio: standard input and output are the private pipe of a screen; such a hub sends alerts
    where `[alerts] send` says so, any other always. journal: the file to record to, in place of the config's, of a hub
    that sends none. follower: the config's files, to be followed. config_name: what the log calls the configuration.
    Raises DeskError where an endpoint can't be opened or that file can't be written.
    """
    loop = asyncio.get_running_loop()
    hub = Hub(config, load=load, record_to=None if journal is None else Path(journal))
    ending = Ending(loop, hub.unended, None if journal else END_S)
    give_large_blocks_back()
    _tell_start(config, config_name, listen=listen, mqtt=mqtt, metrics=metrics, http=http, journal=journal)
    async with AsyncExitStack() as endpoints:
        endpoints.callback(ending.close)
        endpoints.callback(asyncio.create_task(give_free_pages_back()).cancel)
        if listen is not None:
            await endpoints.enter_async_context(unix_endpoint(hub.stream, unix_path(listen), hub.door))
        if mqtt is not None:
            from deskmon.mqtt.hub.endpoint import mqtt_endpoint  # the hub of one screen has no use for it

            await endpoints.enter_async_context(mqtt_endpoint(hub, mqtt, config.mqtt.hub, random.Random()))
        if metrics is not None:
            from deskmon.hub.metrics_endpoint import metrics_endpoint  # few hubs are monitored

            await endpoints.enter_async_context(metrics_endpoint(hub, metrics))
        if http is not None:
            from deskmon.hub.http_endpoint import http_endpoint  # few hubs answer other programs

            await endpoints.enter_async_context(http_endpoint(hub, http, config))
        await _open_outgoing(endpoints, hub, config, is_private=stdio, records=journal is not None)
        if stdio:
            await endpoints.enter_async_context(pipe_endpoint(hub.stream, hub.door, ending.begin))
        else:
            manager = ServiceManager(os.environ)
            await endpoints.enter_async_context(manager.told(hub.stream.begun, hub.words))
        if follower is not None:
            from deskmon.hub.follow import following  # the hub of one screen is told by it

            read_again = await endpoints.enter_async_context(following(hub, follower))
            loop.add_signal_handler(signal.SIGHUP, _hung_up, read_again)
        running = await _run(hub, ending)
    return _status(hub, running, ending)


async def _open_outgoing(
    endpoints: AsyncExitStack, hub: Hub, config: Config, *, is_private: bool, records: bool
) -> None:
    """Send what fires to people, where this hub does, and make reports at their times."""
    tell: Callable[[Notice], object] = _nobody
    if sends(config, is_private=is_private, records=records):
        from deskmon.hub.alert_delivery import alert_endpoint  # most hubs of one screen send nothing

        tell = (await endpoints.enter_async_context(alert_endpoint(hub, config, random.Random()))).tell
    if not records:
        await endpoints.enter_async_context(report_endpoint(hub, config, tell))


def _nobody(notice: Notice) -> None:
    """This hub sends nothing."""


def _tell_start(config: Config, config_name: str, **places: Any) -> None:
    mqtt: Broker | None = places["mqtt"]
    named = {
        "listens at": places["listen"], "publishes to": mqtt and mqtt.address, "metrics at": places["metrics"],
        "http at": places["http"], "records": places["journal"],
    }  # fmt: skip
    where = [f"{what} {place}" for what, place in named.items() if place is not None]
    log.info(
        "deskmon %s starts as process %d: %s", __version__, os.getpid(),
        "; ".join((f"configuration {config_name}", f"feeds {_feeds(config)}", *where)),
    )  # fmt: skip


async def _run(hub: Hub, ending: Ending) -> asyncio.Task[None]:
    """Run the hub until it fails or is to end; the task, which has ended."""
    running = asyncio.create_task(hub.run())
    waiting = asyncio.create_task(ending.over.wait())
    try:
        await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
        running.cancel()
        await asyncio.gather(running, waiting, return_exceptions=True)
    return running


def _status(hub: Hub, running: asyncio.Task[None], ending: Ending) -> int:
    """Say how the hub ended; its exit status. Raises what it failed with."""
    why = ", ".join(signal.Signals(number).name for number in ending.caught) or "its screen or its time is over"
    lasted = age(WallClock().now() - hub.status.started)
    if hub.stuck:
        # The loop would wait for them for ever; all that matters is closed by now.
        give_up(f"deskmon {__version__} ends after {lasted} by {why}, did not end in time: {hub.unended()}")
    if running.cancelled():
        log.info("deskmon %s ends after %s by %s", __version__, lasted, why)
        return 128 + signal.SIGINT if signal.SIGINT in ending.caught else 0
    log.info("deskmon %s ends after %s", __version__, lasted)
    running.result()  # the command says why
    return 1


def _feeds(config: Config) -> str:
    return ", ".join(f"{label} ({feed.type})" for label, feed in config.feeds.items() if feed.enabled) or "none"


def _hung_up(read_again: Callable[[], None]) -> None:
    reopen_logs()
    read_again()


def reopen_logs() -> None:
    """Begin log files anew that somebody moved away."""
    from logging.handlers import WatchedFileHandler  # a hub without a log starts sooner

    for handler in logging.getLogger().handlers:
        if isinstance(handler, WatchedFileHandler):
            handler.reopenIfNeeded()
