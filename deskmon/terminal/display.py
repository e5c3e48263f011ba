"""Hands what Textual composed to the terminal's grid as cells, without writing it out and reading it back.

Written out, an update costs each changed span the whole row before it: the compositor starts every span at the left
edge of its widget. As cells, only the span itself is touched.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.console import RenderableType
from rich.style import Style
from textual import events
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App, ReturnType
from textual.screen import Screen
from textual.strip import Strip

from deskmon.colours.colour_depth import ColourDepth, Reducer
from deskmon.components.text import Cells, cut
from deskmon.terminal import vt
from deskmon.terminal.driver import ThinDriver
from deskmon.terminal.grids import Terminal
from deskmon.terminal.sgr import PLAIN, Styles

KEY_FIRST_S = 0.002
"""How long a piece of other work waits for a key that came."""


class ThinDisplay(App[ReturnType]):
    """Base of an app that runs under the thin driver; under any other it displays as Textual does."""

    depth: ColourDepth = "truecolor"
    """How many colours the terminal has."""

    _painter: CellPainter | None = None
    _is_put_off = False

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        driver = self._driver
        if not isinstance(driver, ThinDriver) or not isinstance(renderable, (ChopsUpdate, LayoutUpdate)):
            super()._display(screen, renderable)
            return
        painter = self.painter()
        if painter is not None:
            painter.paint(renderable)
            self.drawn()
        self.post_display_hook()

    def painter(self) -> CellPainter | None:
        """What draws on the terminal's grid now; None under another driver, or while nothing may be drawn."""
        driver = self._driver
        if not isinstance(driver, ThinDriver) or self._batch_count or not self._running or self._closed:
            return None
        if self._painter is None or self._painter.terminal is not driver.terminal:
            self._painter = CellPainter(driver.terminal, self.depth)
        return self._painter

    def drawn(self) -> None:
        """A frame is whole: it may go to the terminal."""
        if isinstance(self._driver, ThinDriver):
            self._driver.drawn(*self.screen.outer_size.clamp_offset(self.cursor_position))

    # A key goes first

    def is_key_waiting(self) -> bool:
        """Whether a key came that isn't answered yet. What stands over the app's own screen answers its own."""
        driver = self._driver
        return isinstance(driver, ThinDriver) and driver.is_key_waiting() and len(self.screen_stack) == 1

    async def keys_first(self) -> None:
        """Wait a little where a key came: the loop hands it on in several turns."""
        if self.is_key_waiting():
            await asyncio.sleep(KEY_FIRST_S)

    def key_taken(self, key: events.Key) -> None:
        """A key is being answered."""
        if isinstance(self._driver, ThinDriver):
            self._driver.key_taken(key)

    def once_later(self, seconds: float, work: Callable[[], None]) -> None:
        """Do what waits for a key after a while: once, for however many keys it was put off."""
        if not self._is_put_off:
            self._is_put_off = True
            self.set_timer(seconds, lambda: self._do_later(work))

    def _do_later(self, work: Callable[[], None]) -> None:
        self._is_put_off = False
        work()

    def send_first(self, rows: Iterable[int]) -> None:
        """Send what is drawn now, these rows first: a key's answer."""
        if isinstance(self._driver, ThinDriver):
            self._driver.terminal.hurry(rows)
            self._driver.send()


class CellPainter:
    """Draws updates of the compositor on `terminal`, which has colours of this `depth`."""

    def __init__(self, terminal: Terminal, depth: ColourDepth) -> None:
        self.terminal = terminal
        self._reducer = Reducer(depth)
        self._styles: Styles | None = None
        self._numbers: dict[Style | None, int] = {}

    def cells(self, x: int, y: int, cells: Cells, style: Style) -> None:
        """Draw `cells`, as `split` makes them, from (x, y) on."""
        self.terminal.draw(x, y, cells, self._number(style))

    def paint(self, update: ChopsUpdate | LayoutUpdate) -> None:
        """Draw the changed spans of `update`, or the rows of a whole layout."""
        if isinstance(update, LayoutUpdate):
            for y, strips in enumerate(update.strips, update.region.y):
                x = update.region.x
                for strip in strips:
                    self._strip(x, y, strip, x, x + strip.cell_length)
                    x += strip.cell_length
            return
        for y, start, end in update.spans:
            for stop, (x, piece) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                if piece is not None and x < end and stop > start:
                    self._strip(x, y, piece, max(x, start), min(stop, end))

    def _strip(self, x: int, y: int, strip: Strip, start: int, end: int) -> None:
        """Draw the columns from `start` to `end` of a strip that begins at column `x`."""
        draw = self.terminal.draw
        for text, style, control in strip:
            if x >= end:
                break
            if control:
                continue
            stop = x + cell_len(text)
            if stop > start:
                cells = vt.split(text)
                if x < start or stop > end:
                    cells = cut(cells, max(start - x, 0), end - x)
                draw(max(x, start), y, cells, self._number(style))
            x = stop

    def _number(self, style: Style | None) -> int:
        if self._styles is not self.terminal.styles:
            self._styles, self._numbers = self.terminal.styles, {None: PLAIN}
        number = self._numbers.get(style)
        if number is None:
            assert style is not None
            sgr = Strip.render_ansi(self._reducer.style(style), ColorSystem.TRUECOLOR)
            number = self._numbers[style] = self.terminal.styles.after(PLAIN, sgr)
        return number
