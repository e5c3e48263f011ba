"""The help page: what the focused panel's figures mean, and every key that works there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from deskmon.components.panel import Frame, Intent, Line, Panel
from deskmon.components.text import cell_width, ljust, wrap
from deskmon.desk.keys import ALL_KEYS, DESK_KEYS, EDIT_KEYS, KeyMap, desk_keys

AROUND = (
    ("● LIVE", "every feed is live; ◐ 2 of 6 LIVE: how many are; NO FEED: none is, and why"),
    ("DEMO, REPLAY", "an embedded market, a journal; SIMULATED, RECONSTRUCTED, RECORDED: its kind; ×60: its speed"),
    ("feeds 5/6", "how many feeds are live, of all"),
    ("41ms", "receipt minus the venue's time of the newest events, the median of all feeds; — where none tells it"),
    ("4Hz", "frames a second that were shown, on the mean of two seconds"),
    ("3.1K/s", "kibibytes (1,024 bytes) a second sent to this terminal"),
    ("hub 1.2 s late", "its loop's longest delay in the last minute, and the feed that held it"),
    ("<10s, 20s+", "in a border: its oldest live figure is under 10 s old, at least 20 s; slow 80ms: its last draw"),
    ("▼ ▲", "beside a label: the rows are sorted by it, downwards or upwards; dim until s chose another column"),
)
"""What stands around the panels: header, borders, labels."""


class Help(Panel):
    """Definitions and keys of one panel, then the desk's own keys."""

    name = "help"
    title = "help"
    topics: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, of: Panel | None, keymap: KeyMap, *, is_kiosk: bool = False) -> None:
        super().__init__()
        self._of, self._keymap = of, keymap
        self._desk_keys = desk_keys(is_kiosk=is_kiosk)
        self._first = 0

    def heading(self, frame: Frame) -> str:
        return f"help: {self._of.title}" if self._of else "help"

    def draw(self, frame: Frame) -> Sequence[Line]:
        lines = self._lines(frame.width)
        self._first = max(0, min(self._first, len(lines) - frame.height))
        return lines[self._first : self._first + frame.height]

    def on_action(self, action: str, frame: Frame) -> Intent | None:
        page = max(1, frame.height - 1)
        steps = {"up": -1, "down": 1, "page_up": -page, "page_down": page, "top": -(10**6), "bottom": 10**6}
        self._first = max(0, self._first + steps.get(action, 0))
        return None

    def _lines(self, width: int) -> list[Line]:
        groups: list[tuple[str, list[tuple[str, str]]]] = []
        if self._of is not None:
            groups.append(("What the figures mean", list(self._of.definitions)))
            groups.append(("Keys of this panel", [(self._keymap.key(key), key.help) for key in self._of.keys]))
        groups.append(("Header and borders", list(AROUND)))
        own = [(self._keymap.key(key), key.help) for key in self._desk_keys]
        groups.append(("Keys of the desk", [("1 … 9", "Focus a panel by its number"), *own]))
        groups.append(("Keys of edit mode", [(self._keymap.key(key), key.help) for key in EDIT_KEYS]))
        indent = min(28, width // 3, 4 + max(cell_width(term) for _, entries in groups for term, _ in entries))
        lines: list[Line] = []
        for title, entries in groups:
            if entries:
                lines += [
                    [(title, "title")],
                    *(line for entry in entries for line in _entry(*entry, width, indent)),
                    [],
                ]
        return lines


def _entry(term: str, text: str, width: int, indent: int) -> list[Line]:
    """`term` and its meaning beside it, from column `indent` on; a long term has a line of its own."""
    wrapped = wrap(text, max(10, width - indent - 2)) or [""]
    if cell_width(term) > indent - 3:
        return [[(f"  {term}", "accent")], *([(" " * indent, ""), (line, "text")] for line in wrapped)]
    first: Line = [(f"  {ljust(term, indent - 2)}", "accent"), (wrapped[0], "text")]
    return [first, *([(" " * indent, ""), (rest, "text")] for rest in wrapped[1:])]


def key_table(panels: Sequence[type[Panel]]) -> list[tuple[str, str, str, str]]:
    """(where, id, key, help) of every key there is: what `deskmon list keys` and docs/keys.md print."""
    table = [
        (entry.id.partition(".")[0], entry.id, " ".join((entry.key, *entry.also)), entry.help) for entry in ALL_KEYS
    ]
    for panel in panels:
        table += [(panel.name, entry.id, entry.key, entry.help) for entry in panel.keys]
    return table


def key_page(panels: Sequence[type[Panel]]) -> str:
    """docs/keys.md: every key there is, in Markdown."""
    rows = [f"| `{id}` | `{key.replace('|', chr(92) + '|')}` | {help} |" for _, id, key, help in key_table(panels)]
    head = [
        "# Keys",
        "",
        'Every key has an id; `[keys]` in `deskmon.toml` moves it: `"desk.quit" = "Q"`. Digits focus panels.',
        "",
        "| id | key | does |",
        "|---|---|---|",
    ]
    return "\n".join([*head, *rows, ""])


def clashes(panels: Sequence[type[Panel]]) -> list[str]:
    """Panel keys that another key of the same panel or of the desk takes already, and keys of edit mode likewise."""
    desk = {key: entry.id for entry in DESK_KEYS for key in (entry.key, *entry.also)}
    found: list[str] = []
    editing: dict[str, str] = {}
    for entry in EDIT_KEYS:
        for key in (entry.key, *entry.also):
            if key in editing or key.isdigit():
                found.append(f"edit: {entry.id} wants {key!r}, which is {editing.get(key, 'a panel number')}")
            editing[key] = entry.id
    for panel in panels:
        taken = dict(desk)
        for entry in panel.keys:
            if entry.key in taken or (entry.key.isdigit()):
                found.append(
                    f"{panel.name}: {entry.id} wants {entry.key!r}, which is {taken.get(entry.key, 'a panel number')}"
                )
            taken[entry.key] = entry.id
    return found
