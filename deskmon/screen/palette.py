"""What the command palette finds: symbols, layouts, themes, and every key by its meaning."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from textual.command import DiscoveryHit, Hit, Hits, Provider

from deskmon.screen.keys import DESK_KEYS

if TYPE_CHECKING:
    from deskmon.screen.app import DeskApp


class DeskCommands(Provider):
    """The desk's own entries; textual's system commands are left out."""

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for title, help, run in self._entries():
            score = matcher.match(title)
            if score > 0:
                yield Hit(score, matcher.highlight(title), run, help=help)

    async def discover(self) -> Hits:
        for title, help, run in self._entries():
            yield DiscoveryHit(title, run, help=help)

    def _entries(self) -> Iterator[tuple[str, str, Callable[[], None]]]:
        app: DeskApp = self.app  # type: ignore[assignment]
        for title, help, target in app.desk.destinations():
            yield title, help, partial(app.go, target)
        for name in app.theme_names:
            yield f"theme {name}", "change the colours", partial(app.go, f"theme:{name}")
        for key in DESK_KEYS:
            yield f"{key.label} ({app.desk.keymap.key(key)})", key.help, partial(app.press, app.desk.keymap.key(key))
