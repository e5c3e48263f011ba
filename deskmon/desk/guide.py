"""What tells a trader where one is and which keys matter here: breadcrumb and footer."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from deskmon.components.text import cell_width
from deskmon.desk.config_writer import ConfigWriter
from deskmon.desk.keys import DESK_KEYS, KeyMap
from deskmon.desk.pages import Page
from deskmon.desk.status import Status

STEP = " › "
"""Between the pages of a breadcrumb."""
FOOTER = (
    "enter", "back", "help", "quit", "filter", "zoom", "sort", "window", "freeze", "layout", "edit", "palette"
)  # fmt: skip
"""The desk's keys that the footer offers where they do something, the most wanted first."""
IN_TIME = ("rewind", "rewind_more", "forward", "look_at", "freeze", "back")
"""Those that stand before them while a desk looks back."""


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


def hints(
    pages: Sequence[Page], keymap: KeyMap, *, layouts: int, writer: ConfigWriter, status: Status
) -> list[tuple[str, str]]:
    """(key, label) of the keys that do something on the last of the pages: the focused panel's own, then the desk's.

    layouts: how many there are. writer: what this screen may keep. status: whether it looks back.
    """
    page, looks_back = pages[-1], status.mode == "look_back"
    host = page.focused
    own = [(keymap.key(key), key.label) for key in host.offered] if host else []
    offered = {
        **dict.fromkeys(("enter", "filter", "sort", "window"), False),
        **dict.fromkeys(host.answers if host and not host.broken else (), True),
        "back": len(pages) > 1 or looks_back,
        "zoom": len(page.hosts) > 1,
        "layout": layouts > 1,
        "quit": not writer.kiosk,
        "edit": not writer.refusal,
    }
    labels = {key.id: key.label for key in DESK_KEYS}
    if looks_back:
        labels["desk.freeze"] = "play" if status.paused else "stop"
        labels["desk.back"] = "back" if len(pages) > 1 else "now"
    shown = [
        f"desk.{name}" for name in dict.fromkeys((*(IN_TIME if looks_back else ()), *FOOTER)) if offered.get(name, True)
    ]
    return own + [(keymap.key_of(id), labels[id]) for id in shown]


def place_note(page: Page, placed: Collection[int], layout: str) -> str:
    """Which of a page's panels are shown, those `placed` by their index, else which `layout`, "" for the only one."""
    if page.zoomed or len(placed) < len(page.hosts):
        shown = [index + 1 for index in placed]
        span = f"{shown[0]}" if len(shown) == 1 else f"{shown[0]}–{shown[-1]}"
        return f"panel {span} of {len(page.hosts)} · tab "
    return f"layout {layout} " if layout else ""
