"""Writes cells in the fewest bytes: where the cursor is, which style the pen has, and the cheapest next step.

Only sequences that every terminal in use knows: CUP, CHA, CUU, CUD, CUF, CUB, SGR, ECH, EL, ED.
"""

from __future__ import annotations

from deskmon.screen.sgr import Styles
from deskmon.screen.vt import BLANK, TAIL, narrow

_LONG_GAP = 6
"""No jump over fewer cells than this costs more than writing them again."""

_LONG_BLANK = 10
"""Blanks from which on erasing them and jumping over costs less than writing them."""

_SHORT_END = 4
"""Blanks from which on erasing to the end of the row costs less."""


class Pencil:
    """The terminal's cursor and pen, as far as they are known, on a screen of `width` × `height` cells."""

    def __init__(self, styles: Styles, width: int, height: int) -> None:
        self._styles = styles
        self._width, self._height = width, height
        self._pen: int | None = None
        self._x: int | None = None
        self._y: int | None = None
        self._out: list[str] = []

    def change_styles(self, styles: Styles) -> None:
        """Use other numbers from here on."""
        self._styles, self._pen = styles, None

    def clear(self, style: int) -> str:
        """The sequence that makes the whole screen blank in `style`, whatever state the terminal is in."""
        self._pen, self._x, self._y = style, None, None
        return self._styles.change(None, style) + "\x1b[2J"

    def move(self, x: int, y: int) -> str:
        """The shortest move to (x, y)."""
        here_x, here_y = self._x, self._y
        self._x, self._y = x, y
        if here_y is None:
            return _position(x, y)
        if here_x is None:
            if here_y != y:
                return "\r\n" if x == 0 and y == here_y + 1 else _position(x, y)
            return f"\x1b[{x + 1}G" if x else "\r"
        if here_x == x and here_y == y:
            return ""
        if x == 0 and 0 <= y - here_y <= 1:
            return "\r\n" if y > here_y else "\r"
        relative = _along(y - here_y, "B", "A") + _along(x - here_x, "C", "D")
        return min(relative, _position(x, y), key=len)

    def row(self, y: int, chars: list[str], styles: list[int], changed: list[int], *, erase: bool) -> str:
        """What writes the cells at the ascending columns `changed` of row `y`; others may be written again."""
        self._out = []
        index, count = 0, len(changed)
        while index < count:
            x, first = changed[index], index
            while index < count and changed[index] - x == index - first:
                index += 1
            end = changed[index - 1] + 1
            self._out.append(self._over(x, y, chars, styles) or self.move(x, y))
            erased = self._run(y, x, end, chars, styles, erase)
            while index < count and changed[index] < erased:
                index += 1
        return "".join(self._out)

    def _over(self, x: int, y: int, chars: list[str], styles: list[int]) -> str:
        """The unchanged cells from the cursor to `x`, where writing them again is no dearer than a jump."""
        here = self._x
        if here is None or self._y != y or not 0 < x - here <= _LONG_GAP:
            return ""
        cells = chars[here:x]
        if not narrow(cells) or not all(self._same(chars[i], styles[i]) for i in range(here, x)):
            return ""
        text = "".join(cells)
        if len(text.encode()) > len(_along(x - here, "C", "D")):
            return ""
        self._x = x
        return text

    def _same(self, char: str, style: int) -> bool:
        """Whether the pen writes `char` as `style` would."""
        pen = self._pen
        if pen is None or pen == style:
            return pen == style
        return char == BLANK and self._styles.blank[pen] == self._styles.blank[style]

    def _run(self, y: int, x: int, end: int, chars: list[str], styles: list[int], erase: bool) -> int:
        """Write the cells from `x` to `end`; returns the column up to which the row is right."""
        while x < end:
            if self._x != x:
                self._out.append(self.move(x, y))
            if erase and chars[x] == BLANK and (stop := self._wipe(x, chars, styles)) > x:
                x = stop
                continue
            if not self._same(chars[x], styles[x]):
                style = self._ahead(x, end, chars, styles)
                self._out.append(self._styles.change(self._pen, style))
                self._pen = style
            x = self._text(x, end, chars, styles, erase) if narrow(chars[x]) else self._wide(x, chars)
        return x

    def _ahead(self, x: int, end: int, chars: list[str], styles: list[int]) -> int:
        """The style to change to at `x`: for blanks that of the text they lead to, where they look the same in it."""
        blank = self._styles.blank
        for i in range(x, end):
            if blank[styles[i]] != blank[styles[x]]:
                break
            if chars[i] != BLANK:
                return styles[i]
        return styles[x]

    def _wipe(self, x: int, chars: list[str], styles: list[int]) -> int:
        """Erase the blanks at `x` where that is cheaper than writing them; the column after them, or `x`."""
        blank = self._styles.blank
        wanted = blank[styles[x]]
        if not self._styles.erasable[wanted]:
            return x
        stop = x + 1
        while stop < self._width and chars[stop] == BLANK and blank[styles[stop]] == wanted:
            stop += 1
        ends = stop == self._width
        if stop - x < (_SHORT_END if ends else _LONG_BLANK):
            return x
        if self._pen is None or blank[self._pen] != wanted:
            self._out.append(self._styles.change(self._pen, wanted))
            self._pen = wanted
        self._out.append("\x1b[K" if ends else f"\x1b[{stop - x}X")
        return stop

    def _text(self, x: int, end: int, chars: list[str], styles: list[int], erase: bool) -> int:
        """Write from `x` as far as the pen serves and erasing isn't cheaper; returns where it stopped."""
        start, blanks = x, 0
        while x < end and blanks < _LONG_BLANK and narrow(char := chars[x]) and self._same(char, styles[x]):
            blanks = blanks + 1 if char == BLANK and erase else 0
            x += 1
        if start < x - blanks and blanks >= (_SHORT_END if x == self._width else _LONG_BLANK):
            x -= blanks
        self._out.append("".join(chars[start:x]))
        self._x = x if x < self._width else None
        return x

    def _wide(self, x: int, chars: list[str]) -> int:
        """Write one cell that isn't plainly one character wide; where the cursor is then, terminals disagree."""
        self._out.append(chars[x])
        self._x = None
        return x + 2 if x + 1 < self._width and chars[x + 1] == TAIL else x + 1


def _position(x: int, y: int) -> str:
    if x:
        return f"\x1b[{y + 1};{x + 1}H"
    return f"\x1b[{y + 1}H" if y else "\x1b[H"


def _along(distance: int, forward: str, back: str) -> str:
    count = abs(distance)
    if not count:
        return ""
    return f"\x1b[{count if count > 1 else ''}{forward if distance > 0 else back}"
