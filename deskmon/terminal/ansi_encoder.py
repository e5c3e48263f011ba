"""Writes cells in the fewest bytes: one style after the other, since a change of colours costs three times a jump.

Only sequences that every terminal in use knows: CUP, CHA, CUU, CUD, CUF, CUB, VT, RI, BS, SGR, ECH, EL, ED. REP is
used where the terminal has shown that it knows it (`repetition`). Tabs would be the shortest jumps of all, but tmux 3.6
keeps one as a cell over blanks, and loses their background with the next character written there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from deskmon.components.text import BLANK, TAIL
from deskmon.terminal.sgr import Styles
from deskmon.terminal.vt import narrow

_LONG_GAP = 6
"""No jump over fewer cells than this costs more than writing them again."""

_LONG_BLANK = 10
"""Blanks from which on erasing them and jumping over costs less than writing them."""

_LONG_BACK = 3
"""No jump back over more cells than this costs more than backspaces."""

_LONG_DOWN = 3
"""No jump down over more rows than this costs more than a VT for each."""

_SHORT_END = 4
"""Blanks from which on erasing to the end of the row costs less."""

_RUN = "([\u0800-\uffff])\\1{2,}"
"""Characters that cost less by REP than written: three bytes each, three of them."""


class ChangedRow(msgspec.Struct, frozen=True):
    """ChangedRow `y` as it should be, and the ascending columns that have to be written."""

    y: int
    chars: list[str]
    styles: list[int]
    changed: list[int]


class Piece(msgspec.Struct, frozen=True):
    """What one pen writes at (x, y); `after` is the cursor's column then, None where terminals disagree about it."""

    row: ChangedRow
    x: int
    after: int | None
    text: str


class AnsiEncoder:
    """The terminal's cursor and pen, as far as they are known, on a screen `width` cells wide.

    `erase`: erased cells take the pen's background. `rep`: the terminal knows REP.
    """

    def __init__(self, styles: Styles, width: int, *, erase: bool, rep: bool) -> None:
        self._styles = styles
        self._width = width
        self._erase = erase
        self.rep = rep
        self._pen: int | None = None
        self._x: int | None = None
        self._y: int | None = None
        self._groups: dict[int, list[Piece]] = {}
        self._blanks: dict[int, list[Piece]] = {}

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
        relative = _down(y - here_y) + _right(x - here_x)
        return min(relative, _position(x, y), key=len)

    def write(self, rows: Iterable[ChangedRow]) -> str:
        """What writes the changed cells of `rows`; others may be written again."""
        self._groups, self._blanks = {}, {}
        for row in rows:
            self._split(row)
        self._place_blanks()
        out: list[str] = []
        left, change = set(self._groups), self._styles.change
        while left:
            style = min(left, key=lambda s: (s != self._pen, len(change(self._pen, s)), s))
            left.remove(style)
            if style != self._pen:
                out.append(change(self._pen, style))
                self._pen = style
            for piece in self._groups[style]:
                out.append(self._over(piece) or self.move(piece.x, piece.row.y))
                out.append(piece.text)
                self._x = piece.after
        return "".join(out)

    def _split(self, row: ChangedRow) -> None:
        """Cut the changed cells of `row` into pieces."""
        changed = row.changed
        index, count = 0, len(changed)
        while index < count:
            x, first = changed[index], index
            while index < count and changed[index] - x == index - first:
                index += 1
            end = changed[index - 1] + 1
            while x < end:
                x = self._blank(row, x, end) if row.chars[x] == BLANK else self._text(row, x, x, end)
            while index < count and changed[index] < x:
                index += 1

    def _blank(self, row: ChangedRow, x: int, end: int) -> int:
        """Cut a piece that begins with a blank at `x`; returns the column up to which the row is then right."""
        chars, styles, blank = row.chars, row.styles, self._styles.blank
        wanted = blank[styles[x]]
        stop = x + 1
        while stop < self._width and chars[stop] == BLANK and blank[styles[stop]] == wanted:
            stop += 1
        ends = stop == self._width
        if self._erase and self._styles.erasable[wanted] and stop - x >= (_SHORT_END if ends else _LONG_BLANK):
            piece = Piece(row, x, x, "\x1b[K" if ends else f"\x1b[{stop - x}X")
            self._blanks.setdefault(wanted, []).append(piece)
            return stop
        if stop < end and blank[styles[stop]] == wanted and narrow(chars[stop]):
            return self._text(row, x, stop, end)
        stop = min(stop, end)
        self._blanks.setdefault(wanted, []).append(Piece(row, x, self._column(stop), BLANK * (stop - x)))
        return stop

    def _text(self, row: ChangedRow, start: int, x: int, end: int) -> int:
        """Cut a piece from `start` in the style of the character at `x`, as far as its pen serves."""
        chars, styles, blank = row.chars, row.styles, self._styles.blank
        style = styles[x]
        if not narrow(chars[x]):
            self._groups.setdefault(style, []).append(Piece(row, x, None, chars[x]))
            return x + 2 if x + 1 < self._width and chars[x + 1] == TAIL else x + 1
        ground, blanks = blank[style], 0
        all_narrow = narrow(chars[x:end])
        while x < end and blanks < _LONG_BLANK:
            if chars[x] == BLANK:
                if blank[styles[x]] != ground:
                    break
                blanks += 1
            elif styles[x] != style or not (all_narrow or narrow(chars[x])):
                break
            else:
                blanks = 0
            x += 1
        if blanks >= (_SHORT_END if x == self._width else _LONG_BLANK):
            x -= blanks
        text = "".join(chars[start:x])
        if self.rep and not text.isascii():
            text = re.sub(_RUN, _repeat, text)
        self._groups.setdefault(style, []).append(Piece(row, start, self._column(x), text))
        return x

    def _column(self, x: int) -> int | None:
        """Where the cursor is after a character left of `x`; in the last column, terminals disagree."""
        return x if x < self._width else None

    def _place_blanks(self) -> None:
        """Give blanks to a pen that is used anyway, where there is one that leaves the same."""
        if not self._blanks:
            return
        pens = [*self._groups] if self._pen is None else [*self._groups, self._pen]
        hosts = {self._styles.blank[pen]: pen for pen in pens}
        for wanted, pieces in self._blanks.items():
            group = self._groups.setdefault(hosts.get(wanted, wanted), [])
            group += pieces
            group.sort(key=lambda piece: (piece.row.y, piece.x))

    def _over(self, piece: Piece) -> str:
        """The cells from the cursor to `piece`, where writing them again is no dearer than a jump."""
        here, x, row = self._x, piece.x, piece.row
        if here is None or self._y != row.y or not 0 < x - here <= _LONG_GAP:
            return ""
        cells = row.chars[here:x]
        if not narrow(cells) or not all(self._same(row.chars[i], row.styles[i]) for i in range(here, x)):
            return ""
        text = "".join(cells)
        if len(text.encode()) > len(_right(x - here)):
            return ""
        self._x = x
        return text

    def _same(self, char: str, style: int) -> bool:
        """Whether the pen writes `char` as `style` would."""
        pen = self._pen
        if pen is None or pen == style:
            return pen == style
        return char == BLANK and self._styles.blank[pen] == self._styles.blank[style]


def _repeat(run: re.Match[str]) -> str:
    return f"{run[1]}\x1b[{len(run[0]) - 1}b"


def _position(x: int, y: int) -> str:
    if x:
        return f"\x1b[{y + 1};{x + 1}H"
    return f"\x1b[{y + 1}H" if y else "\x1b[H"


def _down(rows: int) -> str:
    """VT and RI never scroll here: the row they lead to is on the screen. LF is no VT, as the line discipline makes
    CR LF of it."""
    if rows < 0:
        return "\x1bM" if rows == -1 else f"\x1b[{-rows}A"
    return "\v" * rows if rows <= _LONG_DOWN else f"\x1b[{rows}B"


def _right(columns: int) -> str:
    if columns < 0:
        return "\b" * -columns if columns >= -_LONG_BACK else f"\x1b[{-columns}D"
    return f"\x1b[{columns if columns > 1 else ''}C" if columns else ""
