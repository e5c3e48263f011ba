"""What keys of the desk's own do with pages: back to the layout, one panel alone, help, alerts, a panel made afresh."""

from __future__ import annotations

from typing import Any, Protocol

from deskmon.components.panel import Drill, Intent, Notify
from deskmon.desk.config_writer import ConfigWriter
from deskmon.desk.help import Help
from deskmon.desk.keys import KeyMap
from deskmon.desk.pages import Page, PageMaker
from deskmon.desk.painter import PagePainter


class PagedDesk(Protocol):
    """A desk, as far as keys change its pages."""

    pages: list[Page]
    painter: PagePainter
    maker: PageMaker
    keymap: KeyMap
    config_writer: ConfigWriter

    @property
    def page(self) -> Page: ...

    def open(self, intent: Intent, now: int) -> Any: ...

    def say(self, words: Notify) -> None: ...


def home(desk: PagedDesk, now: int) -> None:
    """Leave all pages."""
    desk.pages = desk.pages[:1]
    desk.page.zoomed = False
    desk.painter.afresh()


def zoom(desk: PagedDesk, now: int) -> None:
    """Show the focused panel alone, or all again."""
    desk.page.zoomed = not desk.page.zoomed
    desk.painter.afresh()


def help(desk: PagedDesk, now: int) -> None:
    """Show what the focused panel's figures mean, and its keys."""
    host = desk.page.focused
    panel = Help(host.panel if host else None, desk.keymap, is_kiosk=desk.config_writer.kiosk)
    desk.pages.append(desk.maker.single("help", panel))
    desk.painter.afresh()


def alerts(desk: PagedDesk, now: int) -> None:
    """Show all rules."""
    desk.open(Drill("alerts"), now)


def restart(desk: PagedDesk, now: int) -> None:
    """Make the focused panel afresh, where it failed."""
    host = desk.page.focused
    if host and host.broken:
        host.restart()
        desk.painter.afresh()
    elif host:
        desk.say(Notify(f"{host.name} is well: there is nothing to restart", "ok"))
