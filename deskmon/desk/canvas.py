"""The damage grid: what the desk shows, cell by cell, and which cells changed since they were last taken."""

from __future__ import annotations

from collections.abc import Iterator

from deskmon.components.panel import Line, Span
from deskmon.components.text import BLANK, TAIL, cell_width, cut, split
from deskmon.terminal.charset import UTF_8, Charset


class Canvas:
    """`width` × `height` cells of one character and one style specification each; the right half of a wide character
    holds `TAIL`, so that a row's characters joined are its text. charset: what the terminal shows."""

    def __init__(self, width: int, height: int, charset: Charset = UTF_8) -> None:
        self.width, self.height, self._charset = width, height, charset
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
            cells = split(text)
            if len(cells) > room:
                cells = cut(cells, 0, room)
            chars.extend(cells)
            styles.extend([f"{style} {overlay}" if overlay else style] * len(cells))
            room -= len(cells)
        if room > 0:
            chars.extend(BLANK * room)
            styles.extend([overlay] * room)
        self._charset.widen(chars, styles)
        self._write(x, y, chars, styles)

    def update(self, x: int, y: int, width: int, before: Line, line: Line, overlay: str = "") -> None:
        """`put`, where `before` stands in these cells: only spans that differ are written, as long as none of them has
        another width."""
        if len(line) != len(before) or not self._charset.full or not (0 <= y < self.height and x + width <= self.width):
            self.put(x, y, width, line, overlay)
            return
        start, changed = x, list[tuple[int, int, Span]]()
        for old, span in zip(before, line, strict=True):
            text = span[0]
            end = start + (len(text) if text.isascii() else cell_width(text))
            if old != span:
                if cell_width(old[0]) != end - start or end > x + width:
                    self.put(x, y, width, line, overlay)
                    return
                changed.append((start, end, span))
            start = end
        chars, styles, dirty = self._chars[y], self._styles[y], self._dirty.setdefault(y, [])
        for start, end, (text, style) in changed:
            chars[start:end] = split(text)
            styles[start:end] = [f"{style} {overlay}" if overlay else style] * (end - start)
            dirty.append((start, end))

    def _write(self, x: int, y: int, chars: list[str], styles: list[str]) -> None:
        """Put as many `chars` as `styles` at (x, y); halves of wide characters that stay beside them go blank."""
        old_chars, old_styles = self._chars[y], self._styles[y]
        end = x + len(chars)
        spans = _changed(old_chars[x:end], chars, old_styles[x:end], styles)
        if not spans:
            return
        dirty = self._dirty.setdefault(y, [])
        if old_chars[x] == TAIL:
            old_chars[x - 1] = BLANK
            dirty.append((x - 1, x))
        if end < self.width and old_chars[end] == TAIL:
            old_chars[end] = BLANK
            dirty.append((end, end + 1))
        old_chars[x:end] = chars
        old_styles[x:end] = styles
        dirty.extend((x + start, x + stop) for start, stop in spans)

    def damage(self) -> list[tuple[int, int, int]]:
        """Spans (y, x0, x1) changed since the last call, each of whole characters."""
        taken = [(y, *self._whole(y, x0, x1)) for y, spans in self._dirty.items() for x0, x1 in spans]
        self._dirty.clear()
        return taken

    def row(self, y: int) -> list[Span]:
        """Row `y` as spans of equal style."""
        return [(text, style) for _, text, style in self.runs(y, 0, self.width)]

    def runs(self, y: int, x0: int, x1: int) -> Iterator[tuple[int, str, str]]:
        """Columns x0 to x1 of row `y` as (x, text, style) of equal style."""
        return ((x, "".join(cells), style) for x, cells, style in self.cells(y, x0, x1))

    def cells(self, y: int, x0: int, x1: int) -> Iterator[tuple[int, list[str], str]]:
        """The same as (x, cells, style)."""
        chars, styles = self._chars[y], self._styles[y]
        start = x0
        for x in range(x0 + 1, x1):
            if styles[x] != styles[start]:
                yield start, chars[start:x], styles[start]
                start = x
        if x1 > x0:
            yield start, chars[start:x1], styles[start]

    def _whole(self, y: int, x0: int, x1: int) -> tuple[int, int]:
        """Columns x0 to x1 of row `y`, with the other halves of wide characters at both ends."""
        chars = self._chars[y]
        return x0 - (chars[x0] == TAIL), x1 + (x1 < self.width and chars[x1] == TAIL)

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
    if old_chars == chars and old_styles == styles:
        return []
    cells = enumerate(zip(old_chars, chars, old_styles, styles, strict=True))
    spans: list[tuple[int, int]] = []
    start = last = -join - 1
    for i in [i for i, (a, b, c, d) in cells if a != b or c != d]:
        if i - last > join:
            if last >= 0:
                spans.append((start, last + 1))
            start = i
        last = i
    if last >= 0:
        spans.append((start, last + 1))
    return spans
