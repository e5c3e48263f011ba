"""What the screen should show, what the terminal has, and the fewest bytes from the one to the other."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping

from deskmon.components.text import BLANK, Cells
from deskmon.terminal.ansi_encoder import AnsiEncoder, ChangedRow
from deskmon.terminal.charset import UTF_8, Charset
from deskmon.terminal.sgr import PLAIN, Styles
from deskmon.terminal.vt import Grid, Reader, controls

MOST_STYLES = 32_768
"""Styles and ways between them kept; fades and heat maps make new ones for ever."""

MOST_CONTROLS = 64

BYTES_PER_CELL = 3
"""About what a changed cell costs; only guides how many rows make a batch."""

_ENTER, _LEAVE, _SYNCHRONISED = "\x1b[?1049h", "\x1b[?1049l", "?2026"


def erases_in_colour(environment: Mapping[str, str]) -> bool:
    """Whether erased cells take the pen's background: all do but GNU screen, which by default doesn't."""
    return "TMUX" in environment or not environment.get("TERM", "").startswith("screen")


class Terminal:
    """Takes what Textual writes; gives, whenever asked, the bytes that put the terminal right.

    Nothing waits here but the wanted grid and one control for each thing that controls are about, however long the
    terminal takes no bytes. `erase`: erased cells take the pen's background. `charset`: what it can show.
    """

    def __init__(self, width: int, height: int, *, erase: bool = True, charset: Charset = UTF_8) -> None:
        self.styles = Styles()
        self.want = Grid(width, height)
        self.have = Grid(width, height)
        self.cells = 0
        """Cells written because they differed, in total."""
        self._erase = erase
        self._charset = charset
        self._reader = Reader(self.want, self.styles, self._charset.cells)
        self._encoder = AnsiEncoder(self.styles, width, erase=self._erase, rep=False)
        self._controls: OrderedDict[str, str] = OrderedDict()
        self._active = self._drawn = self._known = False
        self._next = 0
        self._hurried: set[int] = set()
        self._cursor = (0, 0)

    @property
    def pending(self) -> bool:
        """Whether there is something to send."""
        return bool(self._controls) or (
            self._showing and (not self._known or bool(self.want.dirty) or self._cursor_moved)
        )

    @property
    def is_empty(self) -> bool:
        """Whether a frame is there to be shown, and nothing of it was sent yet."""
        return self._showing and not self._known

    @property
    def _showing(self) -> bool:
        return self._active and self._drawn

    @property
    def _cursor_moved(self) -> bool:
        return self._reader.cursor not in ((0, 0), self._cursor)

    def write(self, data: str) -> None:
        """Take one write of the app: a frame, or controls."""
        found = controls(data)
        if found is None:
            self._reader.read(data)
            self._drawn = True
            return
        for about, control in found:
            if about == _SYNCHRONISED:
                continue
            if control in (_ENTER, _LEAVE):
                self._active = control == _ENTER
                self.forget()
            self._controls.pop(about, None)
            self._controls[about] = "\x1b[m" + control if control == _LEAVE else control
            if len(self._controls) > MOST_CONTROLS:
                self._controls.popitem(last=False)

    def draw(self, x: int, y: int, cells: Cells, style: int) -> None:
        """Want `cells` in `style` at (x, y), directly; a frame of such calls ends with `drawn`."""
        if y < self.want.height:
            self.want.put(x, y, cells if self._charset.full else self._charset.cells(cells), style)

    def drawn(self, x: int, y: int) -> None:
        """A frame is whole, with the app's cursor at (x, y)."""
        self._reader.x, self._reader.y = x, min(y, self.want.height - 1)
        self._drawn = True

    def resize(self, width: int, height: int) -> None:
        """The terminal has another size, or the same again: it is painted afresh, after the app's next frame where the
        size differs."""
        self.forget()
        if (width, height) == (self.want.width, self.want.height):
            return
        self.want = self._reader.grid = self.want.resized(width, height)
        self.have = Grid(width, height)
        self._encoder = AnsiEncoder(self.styles, width, erase=self._erase, rep=self._encoder.rep)
        self._reader.x = self._reader.y = 0
        self._drawn = False

    def hurry(self, rows: Iterable[int]) -> None:
        """Send these rows before all others, once: they answer a key."""
        self._hurried = set(rows)

    def ask(self, question: str) -> None:
        """Send `question` after the controls that wait. It may leave the cursor anywhere: a frame begins anew after
        it."""
        self._controls.pop(question, None)
        self._controls[question] = question
        self.forget()

    def allow_rep(self, allowed: bool) -> None:
        """Whether the terminal may be told to repeat a character (REP), from here on. It isn't before this is said."""
        if self._encoder.rep and not allowed:
            self.forget()  # what was repeated isn't there
        self._encoder.rep = allowed

    def forget(self) -> None:
        """What the terminal shows is not known any more."""
        self._known = False

    def take(self, limit: int) -> bytes:
        """All waiting controls, then rows that differ for about `limit` bytes; the rest waits for the next call.

        The caller sends the bytes in order: from here on the terminal is taken to have them.
        """
        data = "".join(self._controls.values())
        self._controls.clear()
        if self._showing:
            if not self._known:
                data += self._clear()
            data += self._encoder.write(self._batch(limit - len(data)))
            if not self.want.dirty:
                data += self._park()
            if self.styles.size > MOST_STYLES:
                self._renumber()
        return data.encode(self._charset.encoding, errors="replace")

    def _clear(self) -> str:
        """Clear to the background most blanks want, so that only the others need writing."""
        style = PLAIN
        if self._erase:
            blank = self.styles.blank
            counts: Counter[int] = Counter()
            for chars, styles in zip(self.want.chars, self.want.styles, strict=True):
                counts.update(blank[s] for c, s in zip(chars, styles, strict=True) if c == BLANK)
            style = next((s for s, _ in counts.most_common() if self.styles.erasable[s]), PLAIN)
        self.have.fill(style)
        self.want.touch_all()
        self._known = True
        return self._encoder.clear(style)

    def _batch(self, limit: int) -> list[ChangedRow]:
        """Dirty rows for about `limit` bytes, one at least: those in a hurry, then the others by turns, so that
        the lowest isn't starved."""
        batch: list[ChangedRow] = []
        for y in sorted(self.want.dirty, key=lambda row: (row not in self._hurried, row < self._next, row)):
            row = ChangedRow(y, self.want.chars[y], self.want.styles[y], self._changed(y))
            if y in self._hurried:
                self._hurried.remove(y)
            else:
                self._next = y + 1
            if row.changed:
                batch.append(row)
                limit -= len(row.changed) * BYTES_PER_CELL
                if limit <= 0:
                    break
        return batch

    def _changed(self, y: int) -> list[int]:
        """The columns of dirty row `y` that differ; the terminal is taken to have them from now on."""
        start, end = self.want.dirty.pop(y)
        want, have = self.want.chars[y], self.have.chars[y]
        want_styles, have_styles = self.want.styles[y], self.have.styles[y]
        if want[start:end] == have[start:end] and want_styles[start:end] == have_styles[start:end]:
            return []
        blank = self.styles.blank
        changed = [
            x
            for x in range(start, end)
            if want[x] != have[x]
            or (
                want_styles[x] != have_styles[x]
                and (want[x] != BLANK or blank[want_styles[x]] != blank[have_styles[x]])
            )
        ]
        have[start:end], have_styles[start:end] = want[start:end], want_styles[start:end]
        self.cells += len(changed)
        return changed

    def _park(self) -> str:
        """Leave the cursor where the app has put it, since input methods open their window there; (0, 0) is where
        Textual leaves one that nobody uses."""
        self._cursor = self._reader.cursor
        return "" if self._cursor == (0, 0) else self._encoder.move(*self._cursor)

    def _renumber(self) -> None:
        """Forget styles that no cell has."""
        old, new = self.styles, Styles()
        numbers: dict[int, int] = {}
        for grid in (self.want, self.have):
            for styles in grid.styles:
                for x, style in enumerate(styles):
                    if style not in numbers:
                        numbers[style] = new.number(old[style])
                    styles[x] = numbers[style]
        self._reader.pen = new.number(old[self._reader.pen])
        self.styles = self._reader.styles = new
        self._encoder.change_styles(new)
