"""Calls on a screen: which alerts are new since the last look, and which screen of a trader calls."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from deskmon.clock import DAY, wall_ms
from deskmon.components.alerts import firing
from deskmon.components.text import one_line
from deskmon.events import Alert, Mode
from deskmon.model import Model
from deskmon.terminal.call import call

CALLING = ("warn", "page")
"""Severities that ring; `info` is only shown."""


class NewAlerts:
    """Knows which alerts were seen. What fires when a screen starts, or comes back to its hub, isn't new."""

    def __init__(self) -> None:
        self._seen: dict[str, int] | None = None
        self._revision = -1

    def forget(self) -> None:
        """Take what fires at the next look as known."""
        self._seen = None

    def look(self, model: Model) -> Sequence[Alert]:
        """Rules that began to fire since the last look, the gravest first."""
        if self._seen is not None and self._revision == model.alerts.revision:
            return ()
        self._revision = model.alerts.revision
        found = [alert for alert in firing(model) if alert.severity in CALLING and alert.state == "firing"]
        before, self._seen = self._seen, {alert.rule: alert.since for alert in found}
        return [] if before is None else [each for each in found if before.get(each.rule) != each.since]


def words(alerts: Sequence[Alert]) -> str:
    """What a call says."""
    first = alerts[0]
    text = one_line(first.text or first.rule)
    return text if len(alerts) == 1 else f"{text} (+{len(alerts) - 1} more)"


class Claims:
    """Files in a folder of a user: the first of a trader's screens on a machine that claims an alert calls."""

    def __init__(self, trader: str, folder: Path | None = None) -> None:
        """`folder`: another than that in the user's state folder."""
        self._trader, self._folder = trader, folder

    def take(self, alerts: Sequence[Alert]) -> list[Alert]:
        """Those of `alerts` that this screen is the first to claim; all of them where the folder can't be used: twice
        is better than never. Blocks."""
        folder = self._folder or _folder()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _tidy(folder)
            return [alert for alert in alerts if self._is_first(alert, folder)]
        except OSError:
            return list(alerts)

    def _is_first(self, alert: Alert, folder: Path) -> bool:
        about = f"{self._trader}\n{alert.rule}\n{alert.since}".encode("utf-8", "replace")
        path = folder / hashlib.sha256(about).hexdigest()[:32]
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
        except FileExistsError:
            return False
        return True


def _folder() -> Path:
    import platformdirs

    return platformdirs.user_state_path("deskmon") / "calls"


def _tidy(folder: Path) -> None:
    """Forget claims of a day ago."""
    for path in folder.iterdir():
        with suppress(FileNotFoundError):
            if wall_ms() - path.stat().st_mtime * 1000 > DAY:
                path.unlink()


class Caller:
    """Rings the bell of a terminal, and shows a notification where it has one."""

    def __init__(
        self, desk: str, claims: Claims, environment: Mapping[str, str], write: Callable[[str], object]
    ) -> None:
        """`write` takes one control sequence."""
        self._desk, self._claims, self._environment, self._write = desk, claims, environment, write
        self._new = NewAlerts()

    def forget(self) -> None:
        """The market begins anew: what fires in it isn't new."""
        self._new.forget()

    def look(self, model: Model, *, rings: bool) -> Coroutine[Any, Any, None] | None:
        """What is to be done about alerts that are new; where it doesn't ring they are known all the same."""
        new = self._new.look(model)
        return self._call(new) if new and rings else None

    async def _call(self, alerts: Sequence[Alert]) -> None:
        claimed = await asyncio.to_thread(self._claims.take, alerts)
        if claimed:
            for sequence in call(self._desk, words(claimed), self._environment):
                self._write(sequence)


def rings(ring: Literal["auto", "on", "off"], mode: Mode | None, *, is_kiosk: bool) -> bool:
    """Whether a screen rings: of itself only a trader's on a live market."""
    if mode is None or mode == "look_back" or ring == "off":
        return False
    return ring == "on" or (mode == "live" and not is_kiosk)
