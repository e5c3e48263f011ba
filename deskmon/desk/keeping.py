"""Keeping what keys changed of a panel in its layout."""

from __future__ import annotations

from typing import Protocol

from msgspec.structs import replace

from deskmon.components.panel import Notify
from deskmon.config.arrange import Refused, with_options
from deskmon.config.schema import Config, Layout
from deskmon.desk.config_writer import ConfigWriter
from deskmon.desk.pages import Page


class KeepingDesk(Protocol):
    """A desk, as far as it keeps options."""

    config: Config
    config_writer: ConfigWriter
    layout_name: str
    pages: list[Page]

    @property
    def page(self) -> Page: ...

    def say(self, words: Notify) -> None: ...


def keep_options(desk: KeepingDesk, now: int) -> None:
    """Keep in the layout what keys changed of the focused panel, and say what came of it."""
    page, host = desk.page, desk.page.focused
    cells = page.layout.cells
    options = host.options_now(cells[page.focus].options) if host and len(desk.pages) == 1 else None
    if options is None:
        said = Notify("only panels of a layout keep their options", "warn")
    elif options == cells[page.focus].options:
        said = Notify(f"{cells[page.focus].panel} is as its layout says", "ok")
    else:
        try:
            said = _keep(desk, with_options(page.layout, page.focus, options))
            if said.style == "ok":
                kept = ", ".join(options) or "nothing but defaults"
                said = Notify(f"{cells[page.focus].panel} keeps {kept}: {said.text}", "ok")
        except Refused as words:
            said = Notify(str(words), "warn")
    desk.say(said)


def _keep(desk: KeepingDesk, layout: Layout) -> Notify:
    said = desk.config_writer.layout(desk.layout_name, layout)
    if said.style == "ok":
        desk.page.layout = layout
        desk.config = replace(desk.config, layouts={**desk.config.layouts, desk.layout_name: layout})
    return said
