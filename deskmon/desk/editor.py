"""Edit mode: a layout changed by keys, with undo, until it is saved or discarded."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from deskmon.components.panel import Line, Notify, Span
from deskmon.components.text import cell_width, crop
from deskmon.config.arrange import Direction, Refused, add, beside, move, remove, resize, swap
from deskmon.config.schema import Cell, Layout
from deskmon.desk.chrome import footer
from deskmon.desk.keys import KeyMap
from deskmon.desk.modes import ChoicePrompt, Mode, Prompt

LONGEST_NAME = 40
STAY = 2
"""Place of "stay" among the answers to Esc: what is under the cursor, so that neither Esc nor Enter saves by itself."""
_FOCUS: dict[str, Direction] = {"left": "left", "right": "right", "up": "up", "down": "down"}
_MOVE: dict[str, Direction] = {f"move_{side}": side for side in _FOCUS.values()}
_SIZE = {"wider": (0, 1), "narrower": (0, -1), "taller": (1, 1), "shorter": (1, -1)}
_HINTS = (
    (("add",), "add"), (("move_left", "move_down", "move_up", "move_right"), "move"),
    (("narrower", "wider", "shorter", "taller"), "size"), (("swap",), "swap"), (("remove",), "remove"),
    (("save",), "save"), (("leave",), "leave"), (("undo",), "undo"), (("new",), "new"), (("more",), "more"),
)  # fmt: skip
_MORE = ((("add_below",), "add below"), (("redo",), "redo"), (("new",), "new layout"), (("next",), "next panel"))


class Editor:
    """Holds the layout as it is now; whoever shows it reads `name`, `layout` and `focus` after each key.

    origin: the layout that it began with. kept: layouts saved since, by name. keep: saves one. panels: names that a
    cell may have. taken: names of layouts that there are.
    """

    def __init__(
        self,
        name: str,
        layout: Layout,
        focus: int,
        *,
        keymap: KeyMap,
        panels: Callable[[], Sequence[str]],
        taken: Collection[str],
        keep: Callable[[str, Layout], Notify],
    ) -> None:
        self.name, self.layout, self.focus = name, layout, focus
        self.origin = name
        self.kept: dict[str, Layout] = {}
        self._keymap, self._panels, self._taken, self._keep = keymap, panels, taken, keep
        self._saved = layout
        self._past: list[Layout] = []
        self._future: list[Layout] = []
        self._marked: int | None = None
        self._asking: Mode | None = None
        self._over = self._more = False
        self._words: Notify | None = None
        if layout.locked:
            self._words = Notify(
                f"layout {name} is locked: it stays as it is; {self._key('new')} makes a new one", "warn"
            )

    @property
    def changed(self) -> bool:
        """Whether leaving would lose something."""
        return self.layout != self._saved

    def press(self, key: str, now: int) -> bool:
        """Answer one key; False where edit mode ends with it."""
        if self._asking is not None:
            asking = self._asking
            if not asking.press(key, now) and self._asking is asking:
                self._asking = None
            return not self._over
        self._words = None
        if key.isdigit() and key != "0":
            self.focus = min(int(key), max(1, len(self.layout.cells))) - 1
            return True
        action = (self._keymap.editing(key) or "").removeprefix("edit.")
        try:
            self._act(action)
        except Refused as words:
            self._words = Notify(str(words), "warn")
        return not self._over

    def footer(self, width: int) -> Line:
        if self._asking is not None:
            return self._asking.footer(width)
        badge = f" EDIT {self.name}{' *' if self.changed else ''} "
        if self._words is not None:
            text = crop(f" {self._words.text}", width - cell_width(badge))
            line: list[Span] = [
                (text, f"footer {self._words.style}"),
                (" " * (width - cell_width(badge) - cell_width(text)), "footer"),
            ]
            return [*line, (badge, "unreal")]
        if self._marked is not None:
            panel = self.layout.cells[self._marked].panel
            hints = [(self._key("swap"), f"swap {panel} with this one"), (self._key("leave"), "cancel")]
        else:
            hints = [("".join(self._key(id) for id in ids), label) for ids, label in (_MORE if self._more else _HINTS)]
        return [*footer(hints, max(0, width - cell_width(badge))), (badge, "unreal")]

    def _key(self, id: str) -> str:
        key = self._keymap.key_of(f"edit.{id}")
        return "esc" if key == "escape" else key

    def _act(self, action: str) -> None:
        match action:
            case "save":
                self._save()
            case "new":
                self._ask_name()
            case "leave":
                self._leave()
            case "undo" | "redo":
                self._step(action)
            case "more":
                self._more = not self._more
            case "add" | "add_below":
                self._ask_panel("right" if action == "add" else "down")
            case _ if self.layout.cells:
                self._act_on_focus(action)

    def _act_on_focus(self, action: str) -> None:
        """The actions that need a panel: move the focus, or change the one that has it."""
        match action:
            case "next" | "previous":
                self.focus = (self.focus + (1 if action == "next" else -1)) % len(self.layout.cells)
            case "left" | "right" | "up" | "down":
                found = beside(self.layout, self.focus, _FOCUS[action])
                self.focus = self.focus if found is None else found
            case "remove":
                self._change(remove(self._open(), self.focus))
            case "swap":
                self._swap()
            case _ if action in _MOVE:
                self._change(move(self._open(), self.focus, _MOVE[action]))
            case _ if action in _SIZE:
                self._change(resize(self._open(), self.focus, *_SIZE[action]))

    def _open(self) -> Layout:
        """The layout, if it may be changed."""
        if self.layout.locked:
            raise Refused(f"layout {self.name} is locked: it stays as it is")
        return self.layout

    def _change(self, layout: Layout) -> None:
        self._past.append(self.layout)
        self._future.clear()
        self._show(layout)

    def _show(self, layout: Layout) -> None:
        self.layout, self._marked = layout, None
        self.focus = max(0, min(self.focus, len(layout.cells) - 1))

    def _step(self, action: str) -> None:
        come, go = (self._past, self._future) if action == "undo" else (self._future, self._past)
        if not come:
            raise Refused(f"nothing to {action}")
        go.append(self.layout)
        self._show(come.pop())

    def _swap(self) -> None:
        if self._marked is None:
            self._open()
            self._marked = self.focus
        elif self._marked == self.focus:
            self._marked = None
        else:
            marked, self._marked = self._marked, None
            self._change(swap(self.layout, marked, self.focus))

    def _ask_panel(self, side: Direction) -> None:
        self._open()
        names = list(self._panels())

        def picked(index: int, now: int) -> None:
            try:
                self._change(add(self.layout, self.focus, Cell(panel=names[index]), side))
                self.focus = len(self.layout.cells) - 1
            except Refused as words:
                self._words = Notify(str(words), "warn")

        self._asking = ChoicePrompt("add", lambda: names, picked)

    def _ask_name(self) -> None:
        if self.changed:
            raise Refused(f"{self._key('save')} saves this layout, {self._key('undo')} takes its changes back: first")
        self._asking = Prompt("name of the new layout:", "⏎ make · esc cancel ", self._begin)

    def _begin(self, text: str, now: int) -> None:
        name = text.strip()
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            self._words = Notify(f"a layout's name has 1 to {LONGEST_NAME} printable characters", "warn")
        elif name in self._taken or name in self.kept:
            self._words = Notify(f"there is a layout {name} already", "warn")
        else:
            self.name, self._saved = name, Layout()
            self._past.clear()
            self._future.clear()
            self._show(self._saved)

    def _save(self) -> None:
        if not self.layout.cells:
            raise Refused("a layout without panels can't be saved")
        if not self.changed:
            raise Refused("nothing changed since it was saved")
        self._words = self._keep(self.name, self.layout)
        if self._words.style == "ok":
            self._saved = self.kept[self.name] = self.layout

    def _leave(self) -> None:
        if self._marked is not None:
            self._marked = None
        elif not self.changed:
            self._over = True
        else:
            self._asking = ChoicePrompt(
                f"{self.name} isn't saved:", lambda: ("save", "discard", "stay"), self._part, at=STAY
            )

    def _part(self, choice: int, now: int) -> None:
        if choice == 0:
            try:
                self._save()
            except Refused as words:
                self._words = Notify(str(words), "warn")
        self._over = choice == 1 or (choice == 0 and not self.changed)
