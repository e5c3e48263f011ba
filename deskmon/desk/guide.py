"""What tells a trader where one is and which keys matter here: breadcrumb and footer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from deskmon.components.text import cell_width
from deskmon.desk.keys import DESK_KEYS
from deskmon.desk.pages import Page

if TYPE_CHECKING:
    from deskmon.desk.desk import Desk

STEP = " › "
"""Between the pages of a breadcrumb."""
FOOTER = (
    "enter", "back", "help", "quit", "filter", "zoom", "sort", "window", "freeze", "layout", "edit", "palette"
)  # fmt: skip
"""The desk's keys that the footer offers where they do something, the most wanted first."""


def breadcrumb(pages: Sequence[Page], layout: str, width: int) -> str:
    """`desk › liquidations › bybit`: the panel one drilled from, then each page by its label; where they are too many
    for a border of `width` cells, … stands for the first of them."""
    start = pages[0].focused
    crumbs = [start.name if start else layout, *(page.crumb for page in pages[1:])]
    room = width - len("╭ desk › … ╮")
    left = 0
    while left < len(crumbs) - 1 and sum(cell_width(crumb) + len(STEP) for crumb in crumbs[left:]) > room:
        left += 1
    return STEP.join(["desk", *(["…"] if left else []), *crumbs[left:]])


def hints(desk: Desk) -> list[tuple[str, str]]:
    """(key, label) of the keys that do something here: the focused panel's own, then the desk's."""
    host = desk.page.focused
    own = [(desk.keymap.key(key), key.label) for key in host.keys] if host else []
    offered = {
        **dict.fromkeys(("enter", "filter", "sort", "window"), False),
        **dict.fromkeys(host.answers if host and not host.broken else (), True),
        "back": len(desk.pages) > 1,
        "zoom": len(desk.page.hosts) > 1,
        "layout": len(desk.config.layouts) > 1,
        "quit": not desk.config_writer.kiosk,
        "edit": not desk.config_writer.kiosk,
    }
    labels = {key.id: key.label for key in DESK_KEYS}
    shown = [f"desk.{name}" for name in FOOTER if offered.get(name, True)]
    return own + [(desk.keymap.key_of(id), labels[id]) for id in shown]


def place_note(desk: Desk) -> str:
    """Which panels or which layout is shown, where that isn't all there is."""
    page, placed = desk.page, desk.painter.placed
    if page.zoomed or len(placed) < len(page.hosts):
        shown = [index + 1 for index in placed]
        span = f"{shown[0]}" if len(shown) == 1 else f"{shown[0]}–{shown[-1]}"
        return f"panel {span} of {len(page.hosts)} · tab "
    return f"layout {desk.layout_name} " if len(desk.config.layouts) > 1 else ""
