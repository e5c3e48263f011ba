"""Every other service (Telegram, Slack, Discord, mail, Pushover, PagerDuty …), through the package apprise.

It takes 0.4 s and 50 MB to import, so a hub imports it with its first message, in a thread.
"""

from __future__ import annotations

import logging
from importlib.util import find_spec

from deskmon.config.routes import INSTALL
from deskmon.delivery.answer import Answer
from deskmon.delivery.daemon_thread import in_daemon_thread
from deskmon.delivery.notice import Message, Severity
from deskmon.errors import DeskError

TIMEOUT_S = 60.0
"""A service of several steps, such as mail, takes its time."""
_KINDS: dict[Severity, str] = {"info": "info", "warn": "warning", "page": "failure"}


class AppriseService:
    """One address of apprise, such as `tgram://TOKEN/CHAT`. It is a secret as a whole."""

    def __init__(self, url: str, key: str) -> None:
        """Raises DeskError where apprise isn't installed."""
        if find_spec("apprise") is None:
            raise DeskError(f"{key}: this type of route needs the package apprise", INSTALL)
        self._url = url

    async def send(self, message: Message) -> Answer:
        """One try."""
        return await in_daemon_thread(lambda: self._notify(message), "apprise", TIMEOUT_S)

    def _notify(self, message: Message) -> Answer:
        import apprise

        # It logs addresses with their secrets.
        logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
        services = apprise.Apprise()
        if not services.add(self._url):
            return Answer(False, "apprise doesn't understand the address")
        body = f"{message.text}\n#{message.id[:8]}"
        if services.notify(body=body, title=message.title, notify_type=_KINDS[message.severity], body_format="text"):
            return Answer(True, "apprise has sent it")
        return Answer(False, "the service didn't take it")
