"""What a running screen does when its files change: a whole configuration or theme is taken, a bad one is told. A panel
that is being written is taken as it is: what is wrong with it stands in its cell."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from typing import Protocol

from deskmon import plugins
from deskmon.colours.theme import Theme, load_theme
from deskmon.config.follower import ConfigFollower
from deskmon.config.loading import Loaded
from deskmon.config.schema import Config
from deskmon.config.watch import FileWatch
from deskmon.desk.desk import Desk
from deskmon.errors import DeskError

LOG = logging.getLogger("deskmon.desk")
EVERY_S = 1.0
WHILE_WRITING_S = 0.25
"""The same, for who waits to see what the panel looks like that was just saved."""
REFUSED = "not loaded"
"""What a trader reads before the fault: the old configuration or theme stays."""


class Reloadable(Protocol):
    """The app, as far as its files change it."""

    desk: Desk
    palette: Theme

    def reload(self, config: Config) -> None: ...

    def retheme(self, name: str) -> None: ...

    def remake(self, panel: str) -> None: ...


class Reloader:
    """Looks at the files of an app's configuration, of its theme and of the panel that is being written, in a thread,
    and hands on what became of them."""

    def __init__(self, app: Reloadable, follower: ConfigFollower | None, panel: str = "") -> None:
        self._app, self._follower = app, follower
        self._themed = FileWatch(lambda: [plugins.theme_path(app.palette.name)])
        self._panel, source = panel, plugins.panel_source(panel) if panel else None
        self._written = FileWatch(lambda: [source] if source else [])
        self._troubles: dict[str, str] = {}

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await asyncio.sleep(WHILE_WRITING_S if self._panel else EVERY_S)
            await self.look()

    async def look(self) -> None:
        """Look once."""
        if self._follower is not None:
            news = await asyncio.to_thread(self._follower.poll)
            if isinstance(news, Loaded):
                self._told("config", "")
                self._app.reload(news.config)
            elif news:
                LOG.warning("%s", "; ".join(news))
                more = f" and {len(news) - 1} more" if len(news) > 1 else ""
                first = news[0].removeprefix(f"{self._follower.loaded.path.parent}{os.sep}")
                self._told("config", f"{REFUSED}: {first}{more}")
        if await asyncio.to_thread(self._guarded, self._themed.changed):
            await self._theme()
        if await asyncio.to_thread(self._written.changed):
            self._app.remake(self._panel)

    async def _theme(self) -> None:
        name = self._app.palette.name
        try:
            await asyncio.to_thread(lambda: load_theme(plugins.theme_path(name)))
        except DeskError as fault:
            self._told("theme", f"{REFUSED}: {fault.message}")
        else:
            self._told("theme", "")
            self._app.retheme(name)

    def _guarded(self, look: Callable[[], bool]) -> bool:
        try:
            return look()
        except DeskError as fault:  # its plug-in went away
            self._told("theme", f"{REFUSED}: {fault.message}")
            return False

    def _told(self, what: str, trouble: str) -> None:
        """Have the header tell what is wrong until it no longer is."""
        self._troubles[what] = trouble
        self._app.desk.status.trouble = next(filter(None, self._troubles.values()), "")
