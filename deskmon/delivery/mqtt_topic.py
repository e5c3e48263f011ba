"""A retained topic of a broker: whoever subscribes, then or later, has the newest message."""

from __future__ import annotations

import ssl
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, unquote, urlsplit

import msgspec

from deskmon.config.schema import MqttConfig
from deskmon.config.secrets import credentials
from deskmon.delivery.answer import Answer
from deskmon.delivery.daemon_thread import in_daemon_thread
from deskmon.delivery.notice import Message
from deskmon.errors import ConfigError

if TYPE_CHECKING:
    from deskmon.mqtt.client.broker import Credentials

TIMEOUT_S = 10.0
_STEP_S = 0.1
_PORTS = {"mqtt": 1883, "mqtts": 8883}


def topic_address(url: str, key: str) -> SplitResult:
    """`mqtt(s)://HOST[:PORT]/TOPIC` in its parts. Raises ConfigError, which doesn't repeat it, for anything else."""
    try:
        parts = urlsplit(url)
        valid = parts.scheme in _PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    topic = unquote(parts.path[1:]) if valid else ""
    if not valid or not topic or set("#+?\0") & set(url) or "+" in topic:
        raise ConfigError([f"{key}: no topic of a broker; write mqtts://HOST/TOPIC"])
    if parts.username is not None or parts.password is not None:
        raise ConfigError([f"{key}: an address carries no user and no password; those of [mqtt] are used"])
    return parts


class MqttTopic:
    """Publishes each message as JSON, retained, QoS 1, with the credentials of `[mqtt]`."""

    def __init__(self, url: str, mqtt: MqttConfig, key: str) -> None:
        """Raises ConfigError for an address without a topic, and for credentials that can't be read."""
        self._url = topic_address(url, key)
        self._who = credentials(mqtt)

    async def send(self, message: Message) -> Answer:
        """One try."""
        payload = msgspec.json.encode(message)
        return await in_daemon_thread(lambda: publish(self._url, self._who, payload), "mqtt topic", 2 * TIMEOUT_S)


def publish(url: SplitResult, who: Credentials, payload: bytes) -> Answer:
    """Publish, retained, and wait until the broker has it. Blocks for at most TIMEOUT_S and the time to connect."""
    import paho.mqtt.client as paho
    from paho.mqtt.enums import CallbackAPIVersion

    host = url.hostname or ""
    client = paho.Client(CallbackAPIVersion.VERSION2, reconnect_on_failure=False)
    refused: list[str] = []

    def connected(client: Any, userdata: Any, flags: Any, reason: Any, properties: Any) -> None:
        if reason.is_failure:
            refused.append(str(reason))
            return
        client.publish(unquote(url.path[1:]), payload, qos=1, retain=True)

    done: list[bool] = []
    client.on_connect = connected
    client.on_publish = lambda *_: done.append(not _[3].is_failure)
    client.connect_timeout = TIMEOUT_S
    try:
        if who.user is not None:
            client.username_pw_set(who.user, who.password)
        if url.scheme == "mqtts":
            context = ssl.create_default_context(cafile=who.ca)
            if who.certificate is not None:
                context.load_cert_chain(who.certificate, who.key)
            client.tls_set_context(context)
        client.connect(host, url.port or _PORTS[url.scheme], keepalive=int(TIMEOUT_S))
        return _turn(client, host, done, refused)
    except (OSError, ValueError) as fault:
        return Answer(False, f"{host}: {getattr(fault, 'strerror', None) or type(fault).__name__}".lower())
    finally:
        client.disconnect()


def _turn(client: Any, host: str, done: list[bool], refused: list[str]) -> Answer:
    """Turn the client's loop until the broker has answered."""
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        if refused:
            return Answer(False, f"{host} refuses: {refused[0]}")
        if done:
            return Answer(True, "the broker has it") if done[0] else Answer(False, f"{host} refuses that topic")
        if client.loop(_STEP_S) != 0:
            return Answer(False, f"{host} refuses: {refused[0]}" if refused else f"{host} closed the connection")
    return Answer(False, f"{host} doesn't answer within {TIMEOUT_S:g} s")
