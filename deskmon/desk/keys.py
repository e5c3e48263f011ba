"""Keys by id: what the desk itself answers to. Panels declare theirs; `[keys]` moves any of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from deskmon.components.choices import Key

DESK_KEYS = (
    Key("desk.enter", "enter", "open", "Drill into the row under the cursor"),
    Key("desk.back", "escape", "back", "One page back; ends a filter; returns to now"),
    Key("desk.next", "tab", "next", "Focus the next panel"),
    Key("desk.previous", "shift+tab", "previous", "Focus the panel before"),
    Key("desk.panel", "0", "panel", "Focus a panel from the tenth on"),
    Key("desk.home", "ctrl+home", "home", "Leave all pages, back to the layout"),
    Key("desk.up", "up", "up", "Cursor up", also=("k",)),
    Key("desk.down", "down", "down", "Cursor down", also=("j",)),
    Key("desk.left", "left", "left", "Cursor left"),
    Key("desk.right", "right", "right", "Cursor right"),
    Key("desk.top", "g", "top", "First row", also=("home",)),
    Key("desk.bottom", "G", "bottom", "Last row", also=("end",)),
    Key("desk.page_up", "pageup", "page up", "A page of rows up"),
    Key("desk.page_down", "pagedown", "page down", "A page of rows down"),
    Key("desk.zoom", "z", "zoom", "The focused panel alone, or all again"),
    Key("desk.filter", "/", "filter", "Keep only rows that contain a text"),
    Key("desk.sort", "s", "sort", "Sort by this column the other way, then by the next"),
    Key("desk.columns", "c", "columns", "Hide and show columns of the panel"),
    Key("desk.keep", "S", "keep", "Keep the panel's window, sort, filter and columns in deskmon.toml"),
    Key("desk.window", "w", "window", "The next window of time"),
    Key("desk.freeze", "space", "freeze", "Hold the picture still; stop and play what isn't live"),
    Key("desk.layout", "l", "layout", "Another layout: by its number, or the next"),
    Key("desk.edit", "e", "edit", "Change this layout, or make a new one"),
    Key("desk.add", "+", "add", "Add an asset or a venue to the desk's feeds, in deskmon.toml"),
    Key("desk.take", "-", "take", "Take an asset or a venue away"),
    Key("desk.theme", "t", "theme", "The next theme"),
    Key("desk.help", "?", "help", "Keys and definitions of the focused panel"),
    Key("desk.palette", ":", "go to", "Find a symbol, panel, layout, theme or command by name", also=("ctrl+p",)),
    Key("desk.alerts", "!", "alerts", "Which rules fire, wait, or can't be told"),
    Key("desk.rule", "A", "rule", "Propose a rule on the figure under the cursor, for deskmon.toml"),
    Key("desk.note", "n", "note", "Note something for all screens, with your name, the asset and its price"),
    Key("desk.compare", "=", "compare", "Compare with another moment: since you left, since a wave began, 2h ago"),
    Key("desk.plot", "P", "plot", "Plot the figure under the cursor, from what the desk holds of it"),
    Key("desk.copy", "y", "copy", "Copy the row, the panel or the page, as text or CSV, to your terminal's clipboard"),
    Key("desk.picture", "Y", "picture", "Write the screen as SVG and text into your state folder"),
    Key("desk.report", "R", "report", "Write the report of the week so far into your state folder, as HTML"),
    Key("desk.restart", "r", "restart", "Restart a panel that failed"),
    Key("desk.slower", "[", "slower", "Half the speed, where a market is played"),
    Key("desk.faster", "]", "faster", "Twice the speed, where a market is played"),
    Key("desk.step", ".", "step", "Replay: the next event, while paused"),
    Key("desk.rewind", "<", "back 1m", "Look back a minute more"),
    Key("desk.rewind_more", ",", "back 15m", "Look back fifteen minutes more"),
    Key("desk.look_at", "@", "at", "Look at a time: 14:05, 2h ago, yesterday 21:00; Enter alone is now"),
    Key("desk.forward", ">", "on 1m", "A minute on, up to now"),
    Key("desk.next_moment", "}", "next moment", "Reconstruction: the next moment of its story"),
    Key("desk.previous_moment", "{", "moment before", "Reconstruction: the moment before"),
    Key("desk.quit", "q", "quit", "Leave the desk", also=("ctrl+c",)),
)

EDIT_KEYS = (
    Key("edit.left", "left", "left", "Focus the panel to the left"),
    Key("edit.right", "right", "right", "Focus the panel to the right"),
    Key("edit.up", "up", "up", "Focus the panel above"),
    Key("edit.down", "down", "down", "Focus the panel below"),
    Key("edit.next", "tab", "next", "Focus the next panel"),
    Key("edit.previous", "shift+tab", "previous", "Focus the panel before"),
    Key("edit.move_left", "H", "left", "Move the panel to the left", also=("shift+left",)),
    Key("edit.move_down", "J", "down", "Move the panel down", also=("shift+down",)),
    Key("edit.move_up", "K", "up", "Move the panel up", also=("shift+up",)),
    Key("edit.move_right", "L", "right", "Move the panel to the right", also=("shift+right",)),
    Key("edit.wider", ">", "wider", "Make the panel wider"),
    Key("edit.narrower", "<", "narrower", "Make the panel narrower"),
    Key("edit.taller", "+", "taller", "Make the panel taller"),
    Key("edit.shorter", "-", "shorter", "Make the panel less tall"),
    Key("edit.swap", "x", "swap", "Mark the panel; again on another one: they swap places"),
    Key("edit.add", "a", "add", "Add a panel in the right half of this one"),
    Key("edit.add_below", "A", "add below", "Add a panel in the lower half of this one"),
    Key("edit.remove", "d", "remove", "Remove the panel; its neighbours take the room", also=("delete",)),
    Key("edit.undo", "u", "undo", "Take the last change back", also=("ctrl+z",)),
    Key("edit.redo", "U", "redo", "Make it again", also=("ctrl+y",)),
    Key("edit.save", "s", "save", "Save the layout to deskmon.toml", also=("ctrl+s",)),
    Key("edit.new", "n", "new", "Begin a new layout from nothing, under a name"),
    Key("edit.more", "?", "more", "Show other keys in the footer"),
    Key("edit.leave", "escape", "leave", "Leave edit mode; asks where something isn't saved"),
)
"""Keys of edit mode, where those of desk and panels rest."""

ALL_KEYS = (*DESK_KEYS, *EDIT_KEYS)

NOT_FOR_STRANGERS = ("desk.copy", "desk.picture", "desk.report", "desk.quit")
"""Keys that a kiosk doesn't have."""

MOVEMENTS = {
    f"desk.{move}": move
    for move in ("up", "down", "left", "right", "top", "bottom", "page_up", "page_down", "enter", "sort", "window")
}
"""Desk keys that the focused panel answers, and the action it gets."""


def desk_keys(*, is_kiosk: bool) -> list[Key]:
    """The desk's own keys on a trader's screen, or on a kiosk."""
    return [key for key in DESK_KEYS if not (is_kiosk and key.id in NOT_FOR_STRANGERS)]


_BY_ID = {entry.id: entry for entry in ALL_KEYS}


class KeyMap:
    """Key → id, for the desk and for one panel at a time, after `[keys]` moved some."""

    def __init__(self, moved: Mapping[str, str]) -> None:
        self._moved = dict(moved)
        self._desk, self._editing = self._bound(DESK_KEYS), self._bound(EDIT_KEYS)

    def _bound(self, entries: Sequence[Key]) -> dict[str, str]:
        """Key → id: a key that was moved somewhere goes before the further keys of others."""
        further = {key: entry.id for entry in entries for key in entry.also}
        return further | {self.key(entry): entry.id for entry in entries}

    def key(self, entry: Key) -> str:
        """The key that `entry` answers to."""
        return self._moved.get(entry.id, entry.key)

    def action(self, key: str, panel_keys: Iterable[Key]) -> str | None:
        """The id behind `key`: the focused panel's own first, then the desk's."""
        for entry in panel_keys:
            if self.key(entry) == key:
                return entry.id
        return self._desk.get(key)

    def editing(self, key: str) -> str | None:
        """The id behind `key` in edit mode."""
        return self._editing.get(key)

    def key_of(self, id: str) -> str:
        """The key of the desk's or edit mode's own `id`."""
        return self.key(_BY_ID[id])
