"""The dead man's switch: somebody hears once a minute that the desk watches, and calls when that ends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from deskmon.clock import SECOND
from deskmon.config.schema import MqttConfig
from deskmon.delivery.answer import Answer
from deskmon.delivery.http import http_address, request
from deskmon.delivery.mqtt_topic import MqttTopic
from deskmon.delivery.notice import Message
from deskmon.secrets import is_reference, read_secret

log = logging.getLogger(__name__)

EVERY_S = 60.0
AGAIN_S = 1.0
"""Seconds after which a desk that doesn't watch is looked at again."""
KEY = "alerts.heartbeat"
FRESH = 5 * SECOND
"""Rules that were judged so long ago (ms) at most are watched."""


class Heartbeat:
    """Beats to `url`, an address of HTTP or a topic of a broker, while the desk watches."""

    def __init__(self, url: str, mqtt: MqttConfig, desk: str) -> None:
        """Raises ConfigError for an address that is none, and for a secret that can't be read."""
        url = read_secret(url, KEY) if is_reference(url) else url
        self._topic = MqttTopic(url, mqtt, KEY) if url.startswith("mqtt") else None
        self._url = None if self._topic is not None else http_address(url, KEY)
        self._desk = desk
        self.words = ""
        """Why the last beat wasn't heard; "" where it was."""

    async def run(self, unwatched: Callable[[], str], now: Callable[[], int], heard: Callable[[str], None]) -> None:
        """Beat once a minute until cancelled. `unwatched` says why the desk doesn't watch at present, "" where it does;
        `heard` is told why a beat wasn't heard, "" where it was."""
        said = ""
        while True:
            trouble = unwatched()
            if trouble:
                if trouble != said:
                    log.warning("no heartbeat: %s", trouble)
                await asyncio.sleep(AGAIN_S)
            else:
                await self.beat(now())
                heard(self.words)
                await asyncio.sleep(EVERY_S)
            said = trouble

    async def beat(self, now: int) -> None:
        """Beat once."""
        answer = await self._send(now)
        if not answer.taken and not self.words:
            log.warning("heartbeat: %s", answer.words)
        self.words = "" if answer.taken else answer.words

    async def _send(self, now: int) -> Answer:
        if self._url is not None:
            return await request("GET", self._url, b"", {})
        assert self._topic is not None
        return await self._topic.send(
            Message(id=f"beat-{now}", route="heartbeat", at=now, severity="info", title=self._desk, text="watching")
        )


def trouble(judged_at: int | None, feeds_live: int, now: int) -> str:
    """Why a desk doesn't watch at `now`: its rules were judged too long ago (all times ms), or no feed lives."""
    if judged_at is None or not 0 <= now - judged_at <= FRESH:
        return "its rules aren't judged"
    return "" if feeds_live else "no feed is live"
