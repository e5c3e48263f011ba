"""A board of figures as a desk shows them, without a market: the floor that screens are measured against."""

from __future__ import annotations

import random

from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.driver import Driver
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

WIDTH, HEIGHT = 200, 50
CELL = 9
"""Characters of a figure: `64,812.50`."""

_ACROSS, _DOWN = 4, 3
_PANEL_WIDTH, _PANEL_HEIGHT = WIDTH // _ACROSS, (HEIGHT - 2) // _DOWN
_LABEL, _FIGURES = 7, 4

_GROUND = "#101418"
_TEXT = Style(color="#c8ccd4", bgcolor=_GROUND)
_MUTED = Style(color="#6b7280", bgcolor=_GROUND)
_BORDER = Style(color="#2b323c", bgcolor=_GROUND)
_TITLE = Style(color="#e5c07b", bgcolor=_GROUND, bold=True)
_UP = Style(color="#3fb68b", bgcolor=_GROUND)
_DOWN_STYLE = Style(color="#e0555f", bgcolor=_GROUND)
_UP_BRIGHT = Style(color="#7df0c4", bgcolor=_GROUND, bold=True)
_DOWN_BRIGHT = Style(color="#ff8f96", bgcolor=_GROUND, bold=True)

Place = tuple[int, int]
"""Column and row of a figure's first character."""


class Board:
    """Twelve bordered panels of figures on 200 × 50 cells; the same for a seed."""

    def __init__(self, seed: int = 7) -> None:
        self._rng = random.Random(seed)
        self.figures: dict[Place, tuple[float, Style]] = {}
        for row in range(HEIGHT):
            for column in range(_ACROSS if _inside(row) else 0):
                for figure in range(_FIGURES):
                    x = column * _PANEL_WIDTH + 2 + _LABEL + figure * (CELL + 1)
                    self.figures[(x, row)] = (self._rng.uniform(10_000, 99_000), _TEXT)

    def tick(self, count: int) -> list[Place]:
        """Move `count` figures: half of them get a new value, bright, the others settle; returns their places."""
        bright = [place for place, (_, style) in self.figures.items() if style.bold]
        settled = bright[: count // 2]
        for place in settled:
            value, style = self.figures[place]
            self.figures[place] = (value, _UP if style is _UP_BRIGHT else _DOWN_STYLE)
        quiet = [place for place, (_, style) in self.figures.items() if not style.bold and place not in set(settled)]
        moved = self._rng.sample(quiet, count - len(settled))
        for place in moved:
            step = self._rng.gauss(0, 40.0) or 1.0
            value = min(max(self.figures[place][0] + step, 10_000.0), 99_999.0)
            self.figures[place] = (value, _UP_BRIGHT if step > 0 else _DOWN_BRIGHT)
        return settled + moved

    def strip(self, y: int) -> Strip:
        """Row `y` of the board."""
        if y in (0, HEIGHT - 1):
            text = (
                " deskmon  crypto desk   ● DEMO   BTC   14:32:07Z"
                if y == 0
                else " 1-9 panel  ↵ drill  / filter  ? help"
            )
            return Strip([Segment(text.ljust(WIDTH), _TITLE if y == 0 else _MUTED)], WIDTH)
        line = (y - 1) % _PANEL_HEIGHT
        segments: list[Segment] = []
        for column in range(_ACROSS):
            if line in (0, _PANEL_HEIGHT - 1):
                segments += _edge(line == 0, column + 1)
                continue
            segments += [Segment("│", _BORDER), Segment(f" {f'ROW{line:02d}':<{_LABEL}}", _MUTED)]
            for figure in range(_FIGURES):
                value, style = self.figures[(column * _PANEL_WIDTH + 2 + _LABEL + figure * (CELL + 1), y)]
                segments += [Segment(f"{value:{CELL},.2f}", style), Segment(" ", _TEXT)]
            segments.append(Segment("│", _BORDER))
        return Strip(segments, WIDTH)


def _inside(y: int) -> bool:
    return 0 < y < HEIGHT - 1 and (y - 1) % _PANEL_HEIGHT not in (0, _PANEL_HEIGHT - 1)


def _edge(top: bool, number: int) -> list[Segment]:
    if not top:
        return [Segment(f"╰{'─' * (_PANEL_WIDTH - 2)}╯", _BORDER)]
    title = f" {number} liquidations "
    return [
        Segment("╭", _BORDER),
        Segment(title, _TITLE),
        Segment(f"{'─' * (_PANEL_WIDTH - 2 - len(title))}╮", _BORDER),
    ]


class BoardView(Widget):
    """The board on Textual's bare line API."""

    DEFAULT_CSS = "BoardView { width: 100%; height: 100%; }"

    def __init__(self, count: int) -> None:
        super().__init__()
        self.board = Board()
        self._count = count

    def tick(self) -> None:
        """One frame: move figures, refresh just their cells."""
        self.refresh(*(Region(x, y, CELL, 1) for x, y in self.board.tick(self._count)))

    def render_lines(self, crop: Region) -> list[Strip]:
        """Rows of `crop`."""
        rows = (self.board.strip(y) if y < HEIGHT else Strip.blank(WIDTH) for y in range(crop.y, crop.bottom))
        return [strip.crop(crop.x, crop.right) for strip in rows]


class BoardApp(App[None]):
    """The board alone, `count` figures a frame."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, count: int, fps: float, driver_class: type[Driver] | None = None) -> None:
        super().__init__(driver_class=driver_class)
        self._view = BoardView(count)
        self._fps = fps

    def compose(self) -> ComposeResult:
        """The one widget."""
        yield self._view

    def on_mount(self) -> None:
        """Start the frames."""
        self.set_interval(1 / self._fps, self._view.tick)
