"""A hub's alerts on their way to people: routes and heartbeat of its configuration, while it is this hub that sends."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from deskmon.alerts.telling import News
from deskmon.background import keep_running, start
from deskmon.config.schema import Config
from deskmon.delivery.delivery import FEED, Delivery
from deskmon.delivery.heartbeat import Heartbeat, trouble
from deskmon.delivery.notice import Notice
from deskmon.delivery.route import nobody
from deskmon.delivery.routes import delivery, outbox_path
from deskmon.delivery.shared_outbox import SharedOutbox, decode
from deskmon.delivery.sole_holder import SoleHolder
from deskmon.errors import DeskError
from deskmon.events import Alert, FeedStatus
from deskmon.hub.companions import DueStatus
from deskmon.hub.hub import Hub

log = logging.getLogger(__name__)

LEAD_S = 0.5
"""Seconds between two looks at who leads."""
MOST_HUBS = 16


class AlertDelivery:
    """What `deskmon hub` has for its alerts; a private hub has it where `[alerts] send` says so."""

    def __init__(
        self,
        config: Config,
        now: Callable[[], int],
        rng: random.Random,
        *,
        feeds_live: Callable[[], int],
        judged_at: Callable[[], int | None],
        remember: Callable[[], Awaitable[None]],
        leads: Callable[[], bool] = lambda: True,
        recorded: Callable[[], Awaitable[None]] = nobody,
        outbox: Path | None = None,
    ) -> None:
        """`now` tells the desk's time (ms), `feeds_live` how many feeds live, `judged_at` when (ms) rules were judged
        last; `remember` writes down how they stand; `leads`: whether of a desk's hubs this one sends;
        `recorded` as `Route` has it."""
        self._config, self._now, self._rng = config, now, rng
        self._feeds_live, self._judged_at, self._remember, self._leads = feeds_live, judged_at, remember, leads
        self._recorded = recorded
        self._newest: dict[str, Alert] = {}
        self._others: OrderedDict[str, SharedOutbox] = OrderedDict()
        self._sends = False
        self._path = outbox or outbox_path(config)
        self._lock = SoleHolder(self._path)
        self._delivery: Delivery | None = None
        self._changed = asyncio.Event()
        self._due = DueStatus()
        self._heartbeat_words = ""

    def take(self, alert: Alert) -> None:
        """Tell of an alert, now or once it is this hub that sends."""
        if alert.removed:
            self._newest.pop(alert.rule, None)
        else:
            self._newest[alert.rule] = alert
        if self._delivery is not None and self._sends:
            self._delivery.take(alert, self._group(alert.rule))

    def tell(self, notice: Notice) -> None:
        """Tell routes of something that is no alert, where it is this hub that sends."""
        if self._delivery is not None and self._sends:
            self._delivery.tell(notice)

    def reload(self, config: Config) -> None:
        """Take other routes and another heartbeat."""
        before, self._config = self._config, config
        alerts, was = config.alerts, before.alerts
        if (alerts.routes, alerts.heartbeat, config.mqtt) != (was.routes, was.heartbeat, before.mqtt):
            self._changed.set()

    async def run(self) -> None:
        """Deliver until cancelled; the outbox outlives it."""
        try:
            while True:
                self._changed.clear()
                work = start(keep_running(self._work, "alerts"), "alerts")
                await self._changed.wait()
                await _end(work)
        finally:
            await _end(work)
            if self._delivery is not None:
                await self._delivery.flush()
            self._lock.release()

    async def _work(self) -> None:
        config = self._config
        if not config.alerts.routes and config.alerts.heartbeat is None:
            await self._changed.wait()
            return
        try:
            await self._lock.wait()
        except OSError as fault:
            raise DeskError(f"{self._path.parent}: {fault.strerror or fault}", "alerts are not sent") from fault
        made = delivery(
            config, self._path, self._now, self._rng, self._remember, lambda: self._sends, self._recorded
        )  # fmt: skip
        await made.begin()
        self._delivery, self._sends = made, False
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(made.run())
            tasks.create_task(self._lead(made))
            if config.alerts.heartbeat is not None:
                tasks.create_task(keep_running(lambda: self._beat(config), "heartbeat"))

    async def _lead(self, made: Delivery) -> None:
        """Send while this hub leads; when it begins to, know what the one before it sent, and go on with what not. What
        still is as that one said is known too, though this one saw it begin later."""
        while True:
            leads = self._leads()
            if leads and not self._sends:
                told: dict[str, str] = {}
                for shared in sorted(self._others.values(), key=lambda shared: shared.at):
                    await made.adopt(shared)
                    told |= shared.states()
                await made.take_up()
                for alert in list(self._newest.values()):
                    if told.get(alert.rule) == alert.state:
                        await made.know(alert)
                for alert in self._newest.values():  # nothing waits from here on: what comes next is taken as it comes
                    if told.get(alert.rule) != alert.state:
                        made.take(alert, self._group(alert.rule))
            self._sends = leads
            await asyncio.sleep(LEAD_S)

    async def share(self) -> bytes:
        """What another hub has to know to go on from here."""
        made = self._delivery
        try:
            return b"" if made is None else msgspec.json.encode(await made.share())
        except DeskError:
            return b""

    def learn(self, hub: str, payload: bytes, *, is_kept: bool) -> None:
        """Take what another hub shared, now or before this one was there."""
        try:
            self._others[hub] = decode(payload)
        except msgspec.DecodeError:
            self._others.pop(hub, None)
        while len(self._others) > MOST_HUBS:
            self._others.popitem(last=False)

    async def _beat(self, config: Config) -> None:
        """Beat once a minute. Raises DeskError for a heartbeat that can't be sent as it is configured."""
        assert config.alerts.heartbeat is not None
        try:
            heartbeat = Heartbeat(config.alerts.heartbeat, config.mqtt, config.desk.name)
        except DeskError as fault:
            self._heartbeat_words = str(fault)
            raise
        await heartbeat.run(self._unwatched, self._now, self._heard)

    def _unwatched(self) -> str:
        if not self._leads():
            return "another hub leads"
        return trouble(self._judged_at(), self._feeds_live(), self._now())

    def _heard(self, words: str) -> None:
        self._heartbeat_words = words

    def _group(self, rule: str) -> str:
        settings = self._config.alerts.rules.get(rule.partition("[")[0])
        return (settings.group or "") if settings is not None else ""

    def report(self, now: int) -> FeedStatus | None:
        """How delivery is, where there is something to deliver by."""
        if self._delivery is None:
            return None
        status = self._delivery.status(now)
        if self._heartbeat_words and status.state == "live":
            status = FeedStatus(ts=now, feed=FEED, state="down", detail=self._heartbeat_words[:500], service=True)
        return self._due.of(status)


@asynccontextmanager
async def alert_endpoint(
    hub: Hub, config: Config, rng: random.Random, outbox: Path | None = None
) -> AsyncIterator[AlertDelivery]:
    """Send a hub's alerts to people while the block runs, if its market is a live one. outbox: another than that in the
    user's state folder."""

    def feeds_live() -> int:
        feeds = hub.stream.model.feeds.figures(hub.now).values()
        return sum(feed.state == "live" and not feed.service for feed in feeds)

    async def recorded() -> None:
        if hub.on_broker is not None:
            await hub.on_broker.share_outbox()

    made = AlertDelivery(
        config, lambda: hub.now, rng, feeds_live=feeds_live, judged_at=lambda: hub.alerts.engine.judged_at,
        remember=hub.alerts.save, recorded=recorded, outbox=outbox,
        leads=lambda: hub.on_broker is None or hub.alerts.succession.leads,
    )  # fmt: skip

    async def deliver() -> None:
        await hub.stream.begun.wait()
        if hub.on_broker is not None:
            hub.on_broker.carry(made)
        if hub.mode == "live":
            await made.run()

    def hear(news: News) -> None:
        made.take(news.alert)

    hub.alerts.listeners.append(hear)
    hub.reporters.append(made)
    hub.on_reload.append(made.reload)
    delivering = start(deliver(), "alerts to people")
    try:
        yield made
    finally:
        hub.alerts.listeners.remove(hear)
        hub.reporters.remove(made)
        hub.on_reload.remove(made.reload)
        await _end(delivering)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
