"""A webhook gets each message as JSON; a topic of ntfy gets it as ntfy shows it on a phone."""

from __future__ import annotations

from urllib.parse import unquote

import msgspec

from deskmon.delivery.answer import Answer
from deskmon.delivery.http import http_address, request
from deskmon.delivery.notice import Message, Severity
from deskmon.delivery.proxy import Proxy
from deskmon.errors import ConfigError

PRIORITIES: dict[Severity, int] = {"info": 2, "warn": 3, "page": 5}
"""ntfy's, from 1 to 5: 5 rings until it is seen."""
_TAGS: dict[Severity, str] = {"info": "information_source", "warn": "warning", "page": "rotating_light"}


class Webhook:
    """POSTs the message, as `Message` has it, to an address; its id stands in `Idempotency-Key` too."""

    def __init__(self, url: str, token: str | None, key: str, proxy: Proxy | None = None) -> None:
        """Raises ConfigError for an address that is none; `key` is the config's."""
        self._url, self._token, self._proxy = http_address(url, key), token, proxy

    async def send(self, message: Message) -> Answer:
        """One try."""
        body, headers = msgspec.json.encode(message), _headers(message, self._token)
        return await request("POST", self._url, body, headers, proxy=self._proxy)


class Ntfy:
    """Publishes to a topic: `https://ntfy.example/TOPIC`."""

    def __init__(self, url: str, token: str | None, key: str, proxy: Proxy | None = None) -> None:
        """Raises ConfigError for an address without a topic; `key` is the config's."""
        parts = http_address(url, key)
        base, _, topic = parts.path.rpartition("/")
        if not topic or parts.query:
            raise ConfigError([f"{key}: no topic; write https://HOST/TOPIC"])
        self._topic, self._token, self._proxy = unquote(topic), token, proxy
        self._url = parts._replace(path=base or "/")

    async def send(self, message: Message) -> Answer:
        """One try."""
        shown = {
            "topic": self._topic, "title": message.title, "message": f"{message.text}\n#{message.id[:8]}",
            "priority": PRIORITIES[message.severity], "tags": [_TAGS[message.severity]],
        }  # fmt: skip
        body, headers = msgspec.json.encode(shown), _headers(message, self._token)
        return await request("POST", self._url, body, headers, proxy=self._proxy)


def _headers(message: Message, token: str | None) -> dict[str, str]:
    headers = {"Content-Type": "application/json", "Idempotency-Key": message.id}
    return headers if token is None else headers | {"Authorization": f"Bearer {token}"}
