"""What takes all keys while it lasts: a text being typed, a choice among names. The editor of layouts is one, too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from deskmon.components.panel import Line, Span
from deskmon.components.text import cell_width, line_width
from deskmon.desk.chrome import prompt

MOST_NUMBERED = 9


class Mode(Protocol):
    """One way of taking keys; it shows itself in the footer."""

    def press(self, key: str, now: int) -> bool:
        """Answer one key; False where the mode ends with it."""
        ...

    def footer(self, width: int) -> Line:
        """The footer while it lasts."""
        ...


class Prompt(msgspec.Struct):
    """A line of text: Enter hands it to `done`, Esc ends without, Ctrl-U clears it; `changed` sees every letter, and ""
    after Esc. most: characters that it takes, None for any number."""

    name: str
    hint: str
    done: Callable[[str, int], None]
    changed: Callable[[str, int], None] | None = None
    text: str = ""
    most: int | None = None

    def press(self, key: str, now: int) -> bool:
        if key == "enter":
            self.done(self.text, now)
            return False
        if key == "escape":
            self._change("", now)
            return False
        if key == "backspace":
            self._change(self.text[:-1], now)
        elif key == "ctrl+u":
            self._change("", now)
        elif self._is_full:
            return True
        elif key == "space" or len(key) == 1:
            self._change(self.text + (" " if key == "space" else key), now)
        return True

    def footer(self, width: int) -> Line:
        hint = f"{self.most} characters: no more fit " if self._is_full else self.hint
        return prompt(self.text, width, self.name, hint)

    @property
    def _is_full(self) -> bool:
        return self.most is not None and len(self.text) >= self.most

    def _change(self, text: str, now: int) -> None:
        self.text = text
        if self.changed is not None:
            self.changed(text, now)


class ChoicePrompt(msgspec.Struct):
    """One of several names: by its number, or by arrows and Enter; letters keep the names that contain them.

    names: asked at every look, so that they may show what a pick changed. stays: a pick doesn't end it. again: a key
    that picks what is under the cursor, as Enter does: the one that asked, so that pressed twice it goes on.
    """

    name: str
    names: Callable[[], Sequence[str]]
    picked: Callable[[int, int], None]
    at: int = 0
    stays: bool = False
    again: str = ""
    typed: str = ""

    def press(self, key: str, now: int) -> bool:
        shown = self._shown()
        if key == "escape":
            return False
        if key.isdigit():
            return not (1 <= int(key) <= min(len(shown), MOST_NUMBERED)) or self._pick(shown[int(key) - 1], now)
        if key in ("left", "up", "shift+tab", "right", "down", "tab"):
            self.at = (self.at + (1 if key in ("right", "down", "tab") else -1)) % max(1, len(shown))
        elif key in ("enter", "space") or (key == self.again and not self.typed):
            return not shown or self._pick(shown[min(self.at, len(shown) - 1)], now)
        elif key == "backspace":
            self.typed, self.at = self.typed[:-1], 0
        elif len(key) == 1:
            self.typed, self.at = self.typed + key, 0
        return True

    def footer(self, width: int) -> Line:
        names, shown = self.names(), self._shown()
        at = min(self.at, max(0, len(shown) - 1))
        words = [f"{n} {names[i]}" if n <= MOST_NUMBERED else names[i] for n, i in enumerate(shown, 1)]
        hint = " ⏎ choose · esc cancel " if not self.stays else " space changes · esc done "
        head: list[Span] = [(f" {self.name} ", "footer"), (self.typed, "footer_key"), ("▏ ", "accent")]
        room = width - line_width(head) - cell_width(hint)
        first = 0
        while first < at and sum(cell_width(word) + 2 for word in words[first : at + 1]) > room:
            first += 1
        line, used = head, 0
        for n, word in enumerate(words[first:], first):
            if used + cell_width(word) + 2 > room - (n + 1 < len(words)):
                line, used = [*line, ("…"[:room], "footer")], used + 1
                break
            line = [*line, (word, "footer_key reverse" if n == at else "footer_key"), ("  ", "footer")]
            used += cell_width(word) + 2
        if not words:
            line, used = [*line, ("nothing of that name", "footer")], 20
        return [*line, (" " * max(0, room - used), "footer"), (hint, "footer")]

    def _shown(self) -> list[int]:
        """Indexes of the names that contain what was typed."""
        return [i for i, name in enumerate(self.names()) if self.typed.casefold() in name.casefold()]

    def _pick(self, index: int, now: int) -> bool:
        self.picked(index, now)
        return self.stays
