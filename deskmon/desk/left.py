"""When a trader's last screen ended, remembered in the user's state folder: "what changed since I left"."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from deskmon.desk.config_writer import ConfigWriter
from deskmon.digest import digest

EVERY_S = 60.0
"""How often it is written while the screen runs, so that one that is killed is known to the minute."""


class LeftDesk(Protocol):
    """A desk, as far as it knows when its trader left."""

    left: int | None
    config_writer: ConfigWriter


class LastScreen:
    """One trader's. `now` tells the time of the live market (ms), None where there is none; `folder` another than that
    in the user's state folder."""

    def __init__(self, trader: str, now: Callable[[], int | None], folder: Path | None = None) -> None:
        self._name = digest(trader)
        self._now, self._folder = now, folder

    async def follow(self, desk: LeftDesk) -> None:
        """Tell the desk when the trader's last screen ended, then note the time until this one ends. Nothing of a
        screen that keeps no files."""
        if desk.config_writer.refusal:
            return
        desk.left = await asyncio.to_thread(self.read)
        try:
            while True:
                await asyncio.sleep(EVERY_S)
                await asyncio.to_thread(self.note)
        finally:
            self.note()

    def read(self) -> int | None:
        """When (ms) it ended; None where that isn't known."""
        with suppress(OSError, ValueError):
            return int(self._path().read_text()[:20])
        return None

    def note(self) -> None:
        """Note that a screen is there now; where it can't be written nothing is remembered."""
        now = self._now()
        if now is None:
            return
        with suppress(OSError):
            path = self._path()
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.write_text(f"{now}\n")

    def _path(self) -> Path:
        import platformdirs

        return (self._folder or platformdirs.user_state_path("deskmon") / "left") / self._name
