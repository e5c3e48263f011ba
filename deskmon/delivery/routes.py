"""The routes of a configuration, with their secrets read, and the outbox of a desk."""

from __future__ import annotations

import random
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

from deskmon.alerts.settings import RouteSettings
from deskmon.config.schema import Config, MqttConfig
from deskmon.delivery.answer import Answer
from deskmon.delivery.apprise_service import AppriseService
from deskmon.delivery.delivery import Delivery
from deskmon.delivery.mqtt_topic import MqttTopic
from deskmon.delivery.notice import Message
from deskmon.delivery.outbox import Outbox
from deskmon.delivery.proxy import Proxy, proxy_address
from deskmon.delivery.quiet_hours import quiet_hours
from deskmon.delivery.route import Route, RouteRules, Sender, nobody
from deskmon.delivery.webhook import Ntfy, Webhook
from deskmon.errors import ConfigError, DeskError
from deskmon.secrets import FORM, is_reference, read_secret


class Unusable:
    """A route that can't be opened: it fails, and so is told of as any that does."""

    def __init__(self, words: str) -> None:
        self._words = words

    async def send(self, message: Message) -> Answer:
        """Fails."""
        return Answer(False, self._words)


def sender(name: str, settings: RouteSettings, mqtt: MqttConfig) -> Sender:
    """What the route `name` sends with. Raises ConfigError or another DeskError, without the
    secret, where it can't be opened."""
    key = f"alerts.routes.{name}.url"
    url = settings.url or ""
    if settings.type == "mqtt" and not url and mqtt.url is not None:
        from deskmon.mqtt.client.topics import address

        desk = address(mqtt.url)
        return MqttTopic(f"{desk.broker}/{desk.base}/calls/{name}", mqtt, key)
    if is_reference(url):
        url = read_secret(url, key)
    elif settings.type == "apprise":
        raise ConfigError([f"{key}: an address of apprise is a secret; {FORM}"])
    if not url:
        raise ConfigError([f"{key}: missing; {FORM}, or an address that is no secret"])
    token = None if settings.token is None else read_secret(settings.token, f"alerts.routes.{name}.token")
    proxy = None if settings.proxy is None else _proxy(settings.proxy, f"alerts.routes.{name}.proxy")
    if settings.type == "webhook":
        return Webhook(url, token, key, proxy)
    if settings.type == "ntfy":
        return Ntfy(url, token, key, proxy)
    return MqttTopic(url, mqtt, key) if settings.type == "mqtt" else AppriseService(url, key)


def _proxy(text: str, key: str) -> Proxy:
    return proxy_address(read_secret(text, key) if is_reference(text) else text, key)


def outbox_path(config: Config) -> Path:
    """Where what is to be sent is kept: beside the states of the rules, one file for each desk of a user by its
    name."""
    import platformdirs

    name = re.sub(r"[^a-z0-9]+", "-", config.desk.name.lower()).strip("-") or "desk"
    return platformdirs.user_state_path("deskmon") / f"outbox-{name}.db"


def delivery(
    config: Config,
    path: Path,
    now: Callable[[], int],
    rng: random.Random,
    remember: Callable[[], Awaitable[None]] | None = None,
    may_send: Callable[[], bool] = lambda: True,
    recorded: Callable[[], Awaitable[None]] = nobody,
) -> Delivery:
    """The delivery of a hub, with the outbox at `path`; `remember` as `Delivery` has it, `may_send` and `recorded` as
    `Route`."""
    outbox = Outbox(path)
    made = Delivery(outbox, now, remember)
    for name, settings in config.alerts.routes.items():
        quiet = None if settings.quiet is None else quiet_hours(settings.quiet)
        route = Route(
            name, _opened(name, settings, config.mqtt), RouteRules(frozenset(settings.severities), quiet), outbox,
            desk=config.desk.name, now=now, rng=rng, changed=made.route_changed, may_send=may_send,
            recorded=recorded,
        )  # fmt: skip
        made.add(route)
    return made


def _opened(name: str, settings: RouteSettings, mqtt: MqttConfig) -> Sender:
    try:
        return sender(name, settings, mqtt)
    except DeskError as fault:
        return Unusable(str(fault))
