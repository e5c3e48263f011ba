"""What Textual writes, read into a grid of cells.

Textual writes two kinds of things, never mixed in one write: *frames* (moves, styles, text, erasures) and *controls*
(modes, queries, clipboard, bell, notifications). A frame can carry text that a stranger chose, so of a frame only cells
are kept: nothing in it reaches the terminal as a control.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from rich.cells import cell_len

from deskmon.components.text import BLANK, NARROW, TAIL, Cells, cut
from deskmon.terminal.sgr import PLAIN, Styles

_TOKEN = (
    r"\x1b\[([\d;]{0,60})m([^\x00-\x1f\x7f-\x9f]*)"  # 1 style, 2 the text after it
    r"|([^\x00-\x1f\x7f-\x9f]+)"  # 3 text
    r"|\x1b\[([\d;]{0,20})([A-Za-z])"  # 4 parameters, 5 what to do
    r"|([\r\n\b])"  # 6 simple moves
    r"|\x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # strings
    r"|\x1b\[[0-?]*[ -/]*[@-~]?|\x1b[ -/]*[0-~]?|[\x00-\x1f\x7f-\x9f]"  # anything else that is no text
)
_CONTROL = re.compile(
    r"\x07|\x1b\[\?(?P<mode>\d{1,5})[hl]|\x1b\[\?\d{1,5}\$p|\x1b\[[<>=][\d;]{0,20}[a-z]|\x1b\[\d? q"
    r"|\x1b\](?P<string>\d{1,4});[^\x00-\x1f\x7f-\x9f]{0,65536}(?:\x07|\x1b\\)"
    r"|\x1bPtmux;\x1b\x1b\](?:9|99|777);[^\x00-\x1f\x7f-\x9f]{0,1024}\x1b\x1b\\\x1b\\"  # a notification through tmux
    r"|\x1bPtmux;\x1b\x1b\]52;c;[A-Za-z\d+/=]{0,65536}\x1b\x1b\\\x1b\\"  # the clipboard through tmux
)
_UNSEEN = "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
"""Control characters, and invisible ones that reorder or hide text."""

_CLUSTER = 8
"""Characters a cell can hold at most: a base and what joins it."""

_narrow = set(NARROW)


def controls(data: str) -> list[tuple[str, str]] | None:
    """The controls `data` consists of, as (what it is about, sequence); None where `data` is a frame.

    A later control about the same thing replaces an earlier one that hasn't been sent: `?25` is the cursor, `]52` the
    clipboard.
    """
    found, at = [], 0
    while at < len(data):
        match = _CONTROL.match(data, at)
        if match is None:
            return None
        at = match.end()
        mode, string = match["mode"], match["string"]
        about = f"?{mode}" if mode else f"]{string}" if string else match[0]
        found.append((about, match[0]))
    return found or None


def narrow(chars: Cells) -> bool:
    """Whether each of `chars` is one character of one cell."""
    return _narrow.issuperset(chars)


def split(text: str) -> Cells:
    """The cells `text` takes, as Textual counts them: a two-cell character is followed by `TAIL`."""
    if _narrow.issuperset(text):
        return text
    clusters: list[str] = []
    joined = False
    for char in re.sub(_UNSEEN, "", text):
        width = cell_len(char)
        if width == 1 and char != "\u200d":
            _narrow.add(char)
        if clusters and (width == 0 or joined):
            if len(clusters[-1]) < _CLUSTER:
                clusters[-1] += char
        elif width:
            clusters.append(char)
        joined = char == "\u200d"
    return [cell for cluster in clusters for cell in (cluster, TAIL)[: cell_len(cluster)]]


class Grid:
    """`width` × `height` cells: `chars[y][x]` (a character with what joins it) and `styles[y][x]` (its number).

    `dirty` is the part written since it was last cleared: row → [first column, column after the last].
    """

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.chars = [[BLANK] * width for _ in range(height)]
        self.styles = [[PLAIN] * width for _ in range(height)]
        self.dirty: dict[int, list[int]] = {}

    def fill(self, style: int) -> None:
        """Make every cell a blank in `style`."""
        for chars, styles in zip(self.chars, self.styles, strict=True):
            chars[:] = [BLANK] * self.width
            styles[:] = [style] * self.width
        self.touch_all()

    def touch_all(self) -> None:
        """Call every cell written."""
        self.dirty = {y: [0, self.width] for y in range(self.height)}

    def resized(self, width: int, height: int) -> Grid:
        """A grid of another size with the same cells at the top left."""
        grid = Grid(width, height)
        for y in range(min(height, self.height)):
            grid.write(0, y, self.chars[y][:width], self.styles[y][:width])
            if width < self.width and self.chars[y][width] == TAIL:
                grid.chars[y][width - 1] = BLANK
        grid.touch_all()
        return grid

    def put(self, x: int, y: int, cells: Cells, style: int) -> int:
        """Write `cells` (see `split`) at (x, y) and return their number; what passes the right edge is lost."""
        count, room = len(cells), self.width - x
        if count > room:
            if room <= 0:
                return 0
            cells, count = cut(cells, 0, room), room
        if count:
            self.write(x, y, cells, [style] * count)
        return count

    def write(self, x: int, y: int, cells: Cells, styles: list[int]) -> None:
        """Put as many `cells` as `styles` at (x, y), all of them inside the grid; halves of what was there go blank."""
        start, end = x, x + len(styles)
        chars = self.chars[y]
        if chars[x] == TAIL:
            start -= 1
            chars[start] = BLANK
        if end < self.width and chars[end] == TAIL:
            chars[end] = BLANK
            end += 1
        chars[x : x + len(styles)] = cells
        self.styles[y][x : x + len(styles)] = styles
        span = self.dirty.get(y)
        if span is None:
            self.dirty[y] = [start, end]
            return
        if start < span[0]:
            span[0] = start
        if end > span[1]:
            span[1] = end


class Reader:
    """Applies frames to a grid: a cursor, a pen and the terminal's rules, without wrapping and scrolling.

    `carry` makes of cells those that the terminal's character set has.
    """

    def __init__(self, grid: Grid, styles: Styles, carry: Callable[[Cells], Cells] = lambda cells: cells) -> None:
        self.grid = grid
        self.styles = styles
        self._carry = carry
        self.x = self.y = 0
        self.pen = PLAIN

    @property
    def cursor(self) -> tuple[int, int]:
        """Column and row of the cursor, always inside the grid."""
        return min(self.x, self.grid.width - 1), self.y

    def read(self, frame: str) -> None:
        """Apply `frame`, made of whole sequences."""
        after, text = self.styles.after, self.text
        for match in re.finditer(_TOKEN, frame):
            kind = match.lastindex
            if kind == 2:
                sgr, run = match.group(1, 2)
                self.pen = after(self.pen, sgr)
                if run:
                    text(run)
            elif kind == 5:
                self._command(match[5], match[4])
            elif kind == 3:
                text(match[3])
            elif kind == 6:
                self._step(match[6])

    def text(self, run: str) -> None:
        """Write `run` at the cursor."""
        self.x += self.grid.put(self.x, self.y, self._carry(split(run)), self.pen)

    def _step(self, control: str) -> None:
        if control == "\b":
            self.x = max(0, self.cursor[0] - 1)
            return
        self.x = 0  # the line discipline of a terminal makes \r\n of \n
        if control == "\n":
            self.y = min(self.y + 1, self.grid.height - 1)

    def _command(self, final: str, parameters: str) -> None:
        values = [int(p) if p else 0 for p in parameters.split(";")]
        first = values[0]
        count = max(first, 1)
        x, y = self.cursor
        if final in "Hf":
            x, y = (values[1] if len(values) > 1 else 0) - 1, first - 1
        elif final == "A":
            y -= count
        elif final == "B":
            y += count
        elif final == "C":
            x += count
        elif final == "D":
            x -= count
        elif final == "G":
            x = first - 1
        elif final == "d":
            y = first - 1
        else:
            self._erase(final, first, x)
            return
        self.x = max(0, min(x, self.grid.width - 1))
        self.y = max(0, min(y, self.grid.height - 1))

    def _erase(self, final: str, value: int, x: int) -> None:
        width, y = self.grid.width, self.y
        if final == "X":
            self._blank(y, x, min(x + max(value, 1), width))
        elif final in "JK" and value <= 2:
            self._blank(y, x if value == 0 else 0, x + 1 if value == 1 else width)
            if final == "J":
                for row in range(0 if value else y + 1, y if value == 1 else self.grid.height):
                    self._blank(row, 0, width)

    def _blank(self, y: int, start: int, end: int) -> None:
        style = self.styles.blank[self.pen]
        self.grid.write(start, y, BLANK * (end - start), [style] * (end - start))
