"""The damage grid: what the desk shows, cell by cell, and which cells changed since they were last taken."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from unicodedata import bidirectional

from rich.cells import cell_len

from deskmon.panel import Line, Span

BLANK = " "
SUBSTITUTE = "·"
_LEFTWARD = ("R", "AL", "AN")
_EMPTY = "\u2800"  # braille without a dot: looks like a blank and is none


def clean(text: str) -> str:
    """`text` with everything that isn't one printable cell wide and written from left to right replaced: no escape, no
    bidi mark, no double width; no letter or digit that a terminal would reorder figures around; no invisible blank."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_cell, text))


@lru_cache(4096)
def _cell(char: str) -> str:
    """What stands for `char` in its cell."""
    if char.isascii() and char.isprintable():
        return char
    plain = char.isprintable() and cell_len(char) == 1 and bidirectional(char) not in _LEFTWARD and char != _EMPTY
    return char if plain else SUBSTITUTE


class Canvas:
    """`width` × `height` cells of one character and one style specification each."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._chars = [[BLANK] * width for _ in range(height)]
        self._styles = [[""] * width for _ in range(height)]
        self._dirty: dict[int, list[tuple[int, int]]] = {y: [(0, width)] for y in range(height)}

    def put(self, x: int, y: int, width: int, line: Line, overlay: str = "") -> None:
        """Write `line` at (x, y), cropped or padded to `width` cells; `overlay` is added to every style."""
        if not 0 <= y < self.height or width <= 0 or x >= self.width:
            return
        width = min(width, self.width - x)
        chars: list[str] = []
        styles: list[str] = []
        room = width
        for text, style in line:
            if room <= 0:
                break
            text = clean(text)[:room]
            chars.extend(text)
            styles.extend([f"{style} {overlay}" if overlay else style] * len(text))
            room -= len(text)
        if room > 0:
            chars.extend(BLANK * room)
            styles.extend([overlay] * room)
        old_chars, old_styles = self._chars[y], self._styles[y]
        spans = _changed(old_chars[x : x + width], chars, old_styles[x : x + width], styles)
        if spans:
            old_chars[x : x + width] = chars
            old_styles[x : x + width] = styles
            self._dirty.setdefault(y, []).extend((x + start, x + end) for start, end in spans)

    def damage(self) -> list[tuple[int, int, int]]:
        """Spans (y, x0, x1) changed since the last call."""
        taken = [(y, x0, x1) for y, spans in self._dirty.items() for x0, x1 in spans]
        self._dirty.clear()
        return taken

    def row(self, y: int) -> list[Span]:
        """Row `y` as spans of equal style."""
        return [(text, style) for _, text, style in self.runs(y, 0, self.width)]

    def runs(self, y: int, x0: int, x1: int) -> Iterator[tuple[int, str, str]]:
        """Columns x0 to x1 of row `y` as (x, text, style) of equal style."""
        chars, styles = self._chars[y], self._styles[y]
        start = x0
        for x in range(x0 + 1, x1):
            if styles[x] != styles[start]:
                yield start, "".join(chars[start:x]), styles[start]
                start = x
        if x1 > x0:
            yield start, "".join(chars[start:x1]), styles[start]

    def rows(self) -> Iterator[list[Span]]:
        """All rows from the top."""
        return (self.row(y) for y in range(self.height))

    def text(self) -> str:
        """The characters alone, a line a row, right-stripped."""
        return "\n".join("".join(row).rstrip() for row in self._chars)


def _changed(
    old_chars: list[str], chars: list[str], old_styles: list[str], styles: list[str], join: int = 4
) -> list[tuple[int, int]]:
    """Spans that differ; spans less than `join` cells apart are one, since each costs a cursor move."""
    differ: set[int] = set()
    for old, new in ((old_chars, chars), (old_styles, styles)):
        if old != new:
            differ.update(i for i, (a, b) in enumerate(zip(old, new, strict=True)) if a != b)
    spans: list[tuple[int, int]] = []
    start = last = -join - 1
    for i in sorted(differ):
        if i - last > join:
            if last >= 0:
                spans.append((start, last + 1))
            start = i
        last = i
    if last >= 0:
        spans.append((start, last + 1))
    return spans
