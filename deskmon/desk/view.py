"""The one widget: shows the desk's canvas and refreshes only the spans that changed."""

from __future__ import annotations

from typing import Protocol, cast

from rich.segment import Segment
from textual import events
from textual.geometry import Region, Size
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from deskmon.colours.theme import Theme
from deskmon.desk.desk import Desk
from deskmon.terminal.display import CellPainter


class PaintedApp(Protocol):
    """The app, as far as its view draws past Textual's compositor."""

    @property
    def screen(self) -> Screen[object]: ...

    def painter(self) -> CellPainter | None: ...

    def drawn(self) -> None: ...

    def tick(self) -> None: ...

    def paint(self) -> None: ...


class DeskView(Widget, can_focus=True):
    """A canvas on Textual's line API. Keys and clicks are the app's business."""

    DEFAULT_CSS = "DeskView { width: 100%; height: 100%; }"

    def __init__(self, desk: Desk, theme: Theme) -> None:
        super().__init__()
        self._desk, self._palette = desk, theme
        self._strips: dict[int, Strip] = {}

    def retheme(self, theme: Theme) -> None:
        """Draw everything again in another theme."""
        self._palette = theme
        self._strips.clear()
        self.refresh()

    def show(self) -> int:
        """Refresh what the canvas says is damaged; how many cells that is."""
        damage = self._desk.canvas.damage()
        if not damage:
            return 0
        for y, _, _ in damage:
            self._strips.pop(y, None)
        app = cast(PaintedApp, self.app)
        painter = app.painter() if app.screen is self.screen else None
        if painter is None:
            self.refresh(*(Region(x0, y, x1 - x0, 1) for y, x0, x1 in damage))
        else:
            # Nothing stands over the desk: past the compositor, which would compose every damaged row whole.
            for y, x0, x1 in damage:
                for x, cells, spec in self._desk.canvas.cells(y, x0, x1):
                    painter.cells(x, y, cells, self._palette.style(spec))
            app.drawn()
        return sum(x1 - x0 for _, x0, x1 in damage)

    def on_resize(self, event: events.Resize) -> None:
        self._fit(event.size)
        cast(PaintedApp, self.app).tick()

    def on_click(self, event: events.Click) -> None:
        self._desk.focus_at(event.x, event.y)
        cast(PaintedApp, self.app).tick()

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return container.width

    def render_lines(self, crop: Region) -> list[Strip]:
        """Strips of `crop`, made once per changed row: no borders, no filters, nothing else that CSS might add."""
        # Textual's first paint comes before the first resize event: painted here, it is a full frame already.
        self._fit(self.size)
        x, y, width, height = crop
        strips = [self._strip(line) for line in range(y, y + height)]
        if x == 0 and width >= self._desk.canvas.width:
            return strips
        return [strip.crop(x, x + width) for strip in strips]

    def _fit(self, size: Size) -> None:
        canvas = self._desk.canvas
        if (canvas.width, canvas.height) != size and size.area:
            self._strips.clear()
            self._desk.resize(size.width, size.height)
            cast(PaintedApp, self.app).paint()
            self._desk.canvas.damage()

    def _strip(self, y: int) -> Strip:
        strip = self._strips.get(y)
        if strip is None:
            canvas = self._desk.canvas
            if y < canvas.height:
                style = self._palette.style
                segments = [Segment(text, style(spec)) for text, spec in canvas.row(y)]
                strip = Strip(segments, canvas.width)
            else:
                strip = Strip.blank(canvas.width, self._palette.ground)
            self._strips[y] = strip
        return strip
