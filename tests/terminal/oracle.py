"""pyte as the judge of bytes: what a terminal shows after them."""

import unicodedata
from typing import ClassVar

import pyte

from deskmon.components.text import BLANK, TAIL
from deskmon.terminal.sgr import Style

ATTRIBUTES = ("fg", "bg", "bold", "italics", "underscore", "strikethrough", "reverse", "blink")
ON_BLANK = ("bg", "underscore", "strikethrough", "reverse")


class Screen(pyte.Screen):
    """pyte erases only cells that were written before; xterm erases all, in the pen's background."""

    def erase_in_display(self, how=0, *args, **kwargs):
        if how in (0, 1):
            self.erase_in_line(how)
        y = self.cursor.y
        for row in {0: range(y + 1, self.lines), 1: range(y)}.get(how, range(self.lines)):
            self.cursor.y = row
            self.erase_in_line(2)
        self.cursor.y = y


class RepeatingScreen(Screen):
    """pyte knows no REP; xterm draws the last character again."""

    def draw(self, data):
        super().draw(data)
        self._last = data[-1]

    def repeat(self, count=1):
        self.draw(self._last * count)


class RepeatingStream(pyte.ByteStream):
    csi: ClassVar = {**pyte.ByteStream.csi, "b": "repeat"}
    events = pyte.ByteStream.events | {"repeat"}


class Judge:
    """A pyte terminal without wrapping, as Textual sets one up. `rep`: it knows REP."""

    def __init__(self, width, height, *, rep=False):
        self.screen = RepeatingScreen(width, height) if rep else Screen(width, height)
        self.stream = (RepeatingStream if rep else pyte.ByteStream)(self.screen)
        self.stream.feed(b"\x1b[?7l")

    def feed(self, data):
        self.stream.feed(data)

    def cells(self):
        """Rows of (character, looks); halves of overwritten wide characters are blank, as in xterm."""
        rows = []
        for y in range(self.screen.lines):
            line = [self.screen.buffer[y][x] for x in range(self.screen.columns)]
            chars = [char.data for char in line]
            for x, char in enumerate(chars):
                whole = chars[x + 1 : x + 2] == [TAIL] if wide(char) else x > 0 and wide(chars[x - 1])
                if (wide(char) or char == TAIL) and not whole:
                    chars[x] = BLANK
            rows.append([look(char, attributes) for char, attributes in zip(chars, line, strict=True)])
        return rows


def wide(char):
    return unicodedata.east_asian_width(char[:1] or BLANK) in "WF"


def look(char, attributes):
    """What can be seen of a cell: of a blank neither foreground nor boldness."""
    char = unicodedata.normalize("NFC", char)
    return char, tuple(getattr(attributes, name) for name in (ON_BLANK if char == BLANK else ATTRIBUTES))


_known = {}


def attributes_of(style: Style):
    """pyte's attributes of a cell in `style`."""
    if style not in _known:
        judge = Judge(1, 1)
        parameters = ";".join(filter(None, [*map(str, style.attributes), style.foreground, style.background]))
        judge.feed(f"\x1b[0;{parameters or '0'}mx".encode())
        _known[style] = judge.screen.buffer[0][0]
    return _known[style]


def cells_of(grid, styles):
    """The same for one of our grids."""
    return [
        [look(char, attributes_of(styles[number])) for char, number in zip(chars, numbers, strict=True)]
        for chars, numbers in zip(grid.chars, grid.styles, strict=True)
    ]
