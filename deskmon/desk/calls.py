"""Calls on a screen: which alerts are new since the last look, and which screen of a trader calls."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import sys
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from deskmon.clock import DAY, wall_ms
from deskmon.components.text import one_line
from deskmon.digest import digest
from deskmon.events import Alert, Mode
from deskmon.terminal.call import call
from deskmon.transport.requests import ANOTHER_RINGS, MOST_RINGS, Reply, Ring

if TYPE_CHECKING:
    from deskmon.model import Model

MOST_NAMES = 64
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
        from deskmon.components.alerts import firing  # as the model: no first frame waits for it

        found = [alert for alert in firing(model) if alert.severity in CALLING and alert.state == "firing"]
        before, self._seen = self._seen, {alert.rule: alert.since for alert in found}
        return [] if before is None else [each for each in found if before.get(each.rule) != each.since]


def words(alerts: Sequence[Alert]) -> str:
    """What a call says."""
    first = alerts[0]
    text = one_line(first.text or first.rule)
    return text if len(alerts) == 1 else f"{text} (+{len(alerts) - 1} more)"


class Claims:
    """The first of a trader's screens on a machine that claims an alert calls: by a file in the user's state folder, or
    where this screen keeps no files by a name that lasts as long as it does."""

    def __init__(self, trader: str, folder: Path | None = None, *, keeps_files: bool = True) -> None:
        """`folder`: another than that in the user's state folder."""
        self.trader = trader
        self._folder, self._keeps_files = folder, keeps_files
        self._names: deque[socket.socket] = deque(maxlen=MOST_NAMES)

    def take(self, alerts: Sequence[Alert]) -> list[Alert]:
        """Those of `alerts` that this screen is the first to claim; all of them where none can be claimed: twice is
        better than never. Blocks."""
        try:
            if not self._keeps_files:
                return [alert for alert in alerts if self._is_first_name(self._claim(alert))]
            folder = self._folder or _folder()
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _tidy(folder)
            return [alert for alert in alerts if _is_first_file(folder / self._claim(alert))]
        except OSError:
            return list(alerts)

    def close(self) -> None:
        """Give the names back."""
        while self._names:
            self._names.pop().close()

    def _claim(self, alert: Alert) -> str:
        return digest(f"{self.trader}\n{alert.rule}\n{alert.since}")

    def _is_first_name(self, claim: str) -> bool:
        """Whether nobody has this name in Linux's abstract space of sockets; elsewhere everybody is first."""
        if sys.platform != "linux":
            return True
        name = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            name.bind(f"\0deskmon-{os.getuid()}-{claim}")
        except OSError as fault:
            name.close()
            if fault.errno == errno.EADDRINUSE:
                return False
            raise
        if len(self._names) == MOST_NAMES:
            self._names.popleft().close()
        self._names.append(name)
        return True


def _is_first_file(path: Path) -> bool:
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
        self,
        desk: str,
        claims: Claims,
        environment: Mapping[str, str],
        write: Callable[[str], object],
        ask: Callable[[Ring], Awaitable[Reply]] | None = None,
    ) -> None:
        """`write` takes one control sequence. `ask` asks the hub, which screens on other machines ask too."""
        self._desk, self._claims, self._environment, self._write = desk, claims, environment, write
        self._ask = ask
        self._new = NewAlerts()

    def forget(self) -> None:
        """The market begins anew: what fires in it isn't new."""
        self._new.forget()

    def look(self, model: Model, *, rings: bool) -> Coroutine[Any, Any, None] | None:
        """What is to be done about alerts that are new; where it doesn't ring they are known all the same."""
        new = self._new.look(model)
        return self._call(new) if new and rings else None

    async def _call(self, alerts: Sequence[Alert]) -> None:
        claimed = await self._granted(await asyncio.to_thread(self._claims.take, alerts))
        if claimed:
            for sequence in call(self._desk, words(claimed), self._environment):
                self._write(sequence)

    async def _granted(self, alerts: Sequence[Alert]) -> Sequence[Alert]:
        """Those for which no screen on another machine rings. Where the hub doesn't say, all: twice is better than
        never."""
        if self._ask is None or not alerts:
            return alerts
        asked = tuple((alert.rule, alert.since) for alert in alerts[:MOST_RINGS])
        reply = await self._ask(Ring(id=0, by=self._claims.trader, alerts=asked))
        if reply.text == ANOTHER_RINGS:
            return ()
        places = {int(word) for word in reply.text.split() if word.isdigit()} if reply.ok else set()
        return [alert for place, alert in enumerate(alerts) if place in places or place >= MOST_RINGS] or alerts


def rings(ring: Literal["auto", "on", "off"], mode: Mode | None, *, is_kiosk: bool) -> bool:
    """Whether a screen rings: of itself only a trader's on a live market."""
    if mode is None or mode == "look_back" or ring == "off":
        return False
    return ring == "on" or (mode == "live" and not is_kiosk)
