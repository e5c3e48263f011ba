"""What the command palette finds: symbols, layouts, themes, and every key by its meaning."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Protocol, cast

from rich.text import Text
from textual.command import DiscoveryHit, Hit, Hits, Provider

from deskmon import format as fmt
from deskmon import plugins
from deskmon.components.panel import Drill, Intent
from deskmon.components.text import clean
from deskmon.desk.desk import Desk
from deskmon.desk.keys import desk_keys
from deskmon.desk.pages import standalone_title

KEEPING = ("desk.edit", "desk.keep", "desk.picture", "desk.report")


class CommandedApp(Protocol):
    """The app, as far as the palette chooses for it."""

    desk: Desk
    theme_names: list[str]

    def go(self, target: Intent | str) -> None: ...

    def press(self, key: str) -> None: ...


class DeskCommands(Provider):
    """The desk's own entries; textual's system commands are left out.

    Titles carry names that feeds chose, so they are handed over as rich text: a plain string would be read as markup.
    """

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for title, help, run in self._entries():
            score, offsets = matcher.fuzzy_search.match(query, title)
            if score > 0:
                display = Text(clean(title))
                for offset in offsets:
                    display.stylize("reverse", offset, offset + 1)
                yield Hit(score, display, run, text=title, help=help)

    async def discover(self) -> Hits:
        for title, help, run in self._entries():
            yield DiscoveryHit(Text(clean(title)), run, text=title, help=help)

    def _entries(self) -> Iterator[tuple[str, str, Callable[[], None]]]:
        app = cast(CommandedApp, self.app)
        for symbol in sorted(app.desk.model.prices.figures(app.desk.status.now)):
            asset = fmt.base(symbol)
            yield symbol, "open its page", partial(app.go, Drill("symbol", {"symbol": symbol}, asset))
        for name in app.desk.config.layouts:
            yield f"layout {name}", "switch to this layout", partial(app.go, f"layout:{name}")
        for name in plugins.panel_names():
            if title := standalone_title(name, plugins.load_panel):
                yield f"panel {name}", title, partial(app.go, Drill(name))
        for name in app.theme_names:
            yield f"theme {name}", "change the colours", partial(app.go, f"theme:{name}")
        writer = app.desk.config_writer
        for key in desk_keys(is_kiosk=writer.kiosk):
            if writer.refusal and key.id in KEEPING:
                continue
            yield f"{key.label} ({app.desk.keymap.key(key)})", key.help, partial(app.press, app.desk.keymap.key(key))
