"""Paints a page on the canvas: each panel in its place, its border around it, and only what changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from deskmon.clock import SECOND
from deskmon.components.panel import Frame, Line, Needs, Then
from deskmon.components.text import shorten
from deskmon.desk.canvas import Canvas
from deskmon.desk.chrome import AGE_STEP, bottom_border, top_border
from deskmon.desk.geometry import NeedsOf, Rect, grid, no_needs, place
from deskmon.desk.host import PanelHost
from deskmon.desk.pages import Page
from deskmon.terminal.charset import UTF_8

if TYPE_CHECKING:
    from deskmon.model import Model

AT_FIRST = 2
"""Panels, the first of the layout, that have figures in the first frame of a market."""
LEVEL_EVERY = 40
"""Frames, ten seconds of them, after which panels are asked anew what they need. Desk time may stand still."""


class PagePainter:
    """Holds the canvas, and which lines of which panel stand on it."""

    def __init__(self) -> None:
        self.charset = UTF_8
        """What the terminal shows, from the next size on."""
        self.canvas = Canvas(80, 24)
        self.then: Then | None = None
        """What a trader compares with."""
        self.is_key_waiting: Callable[[], bool] = lambda: False
        """Whether a key came that isn't answered yet: it goes before what isn't painted yet."""
        self.placed: dict[int, Rect] = {}
        self._forced: set[int] = set()
        self._left: list[int] = []
        self._painted: dict[int, list[Line]] = {}
        self._bordered: dict[int, tuple[object, ...]] = {}
        self._afresh = True
        self.told = False
        """Whether what stands on the canvas is of a market, or nothing but words."""
        self._past = self._edited = self._wave_runs = self._waits = self._stands = False
        self._looked_at = self._frames = self._heard_at = self._framed_at = 0
        self._unheard: int | None = None
        self._needs: dict[tuple[int, int], Needs | None] = {}
        self._unasked: list[tuple[int, int]] | None = None
        self._called: Mapping[str, str] = {}
        self._called_at: tuple[int, int] | None = None
        self._needs_of: Sequence[PanelHost] = ()

    @property
    def area(self) -> Rect:
        """What header and footer leave to the panels."""
        return Rect(0, 1, self.canvas.width, self.canvas.height - 2)

    def resize(self, width: int, height: int) -> None:
        """Take a new size."""
        self.canvas = Canvas(max(1, width), max(1, height), self.charset)
        self.placed = {}
        self._afresh, self.told, self._waits = True, False, False
        self._needs.clear()

    def afresh(self) -> None:
        """Paint all of the page at the next frame: another page, focus or place of a panel."""
        self._afresh, self._waits = True, False

    def wait(self, page: Page, title: str, words: str) -> None:
        """Paint the page before there is a market: each panel in its place, and in it what is awaited."""
        self._place(page, no_needs)
        self._needs.clear()
        for index, rect in self.placed.items():
            line: Line = [(shorten(words, max(0, rect.width - 2)), "muted")]
            self._lines(page, index, rect, [line])
            self._borders(page, index, rect, title)
        self._afresh = self._waits = True

    def paint(
        self,
        page: Page,
        title: str,
        model: Model,
        now: int,
        symbol: str,
        *,
        past: bool,
        edited: bool,
        answer: bool = False,
    ) -> bool:
        """Paint what moved; False where a key came meanwhile and the rest waits for the next frame.

        title: instead of the panel's own, where not empty. past: nothing of it is live, all is greyed; so is each
        figure from before the desk began, while its feed may not be heard yet. edited: the layout is being changed, so
        it is shown whole however small the terminal is. answer: the focused panel alone, which is what a key changes.

        The first frame after words alone has the figures of a panel or two, where these stood: others may have to
        import what they calculate with.
        """
        from deskmon.components.columns import remembering  # nothing is painted of a market before there is one

        if (began := self._began(model, now)) != self._unheard:
            self._unheard, self._afresh = began, True
        with remembering(None if began is None else now - began):
            return self._paint_page(page, title, model, now, symbol, past=past, edited=edited, answer=answer)

    def _began(self, model: Model, now: int) -> int | None:
        """When a live desk began (ms) that hasn't heard each of its feeds yet; None for any other. It is looked for
        once a second."""
        if now // SECOND == self._heard_at // SECOND:
            return self._unheard
        self._heard_at = now
        if model.mode != "live" or model.pulse is None or model.pulse.hub is None:
            return None
        from deskmon.components.feed_health import is_heard

        feeds = model.feeds.figures(now).values()
        return None if all(feed.service or is_heard(feed) for feed in feeds) else model.pulse.hub.started

    def _paint_page(
        self, page: Page, title: str, model: Model, now: int, symbol: str, *, past: bool, edited: bool, answer: bool
    ) -> bool:
        self.told = True
        waits, self._waits = self._waits, False
        if waits and not (past or edited):
            self._first(page, title, model, now, symbol)
            return True
        if (past, edited) != (self._past, self._edited):
            self._past, self._edited, self._afresh = past, edited, True
        ask, asked = self._asking(page, model, now, symbol)
        said = id(model), model.alerts.revision
        if said != self._called_at:
            from deskmon.components.alerts import alert_marks

            self._called_at, self._called = said, alert_marks(model)
        self._stands = now == self._framed_at
        if not answer:
            self._framed_at = now
            self._level(page, ask, asked)
        if now // SECOND != self._looked_at // SECOND:
            self._looked_at, self._wave_runs = now, model.waves.is_running(now)
        if self._afresh:
            self._afresh = False
            self._place(page, asked)
            self._forced = set(self.placed)
        if not page.hosts:
            words = "no panels: a adds the first" if edited else "this layout has no panels: e edits it"
            self.canvas.put(0, 1, self.area.width, [(words, "muted")])
        if answer:
            for index in self.placed.keys() & {page.focus}:
                self._panel(page, index, title, model, now, symbol)
            return True
        return self._panels(page, title, model, now, symbol)

    def _panels(self, page: Page, title: str, model: Model, now: int, symbol: str) -> bool:
        """Paint all panels, those first that the last frame left; False where a key came before the last of them."""
        due = [*self._left, *(index for index in self.placed if index not in self._left)]
        due = [index for index in due if index in self.placed]
        while due:
            self._panel(page, due.pop(0), title, model, now, symbol)
            if due and self.is_key_waiting():
                break
        self._left = due
        return not due

    def _panel(self, page: Page, index: int, title: str, model: Model, now: int, symbol: str) -> None:
        rect, force = self.placed[index], index in self._forced
        frame = self._frame(rect, model, now, symbol, index == page.focus)
        changed = page.hosts[index].refresh(frame, force=force, wave=self._wave_runs, stands=self._stands)
        self._forced.discard(index)
        if changed or index not in self._painted:
            self._paint(page, index, rect)
        self._borders(page, index, rect, title)

    def _first(self, page: Page, title: str, model: Model, now: int, symbol: str) -> None:
        for index in [*self.placed][:AT_FIRST]:
            rect = self.placed[index]
            page.hosts[index].refresh(self._frame(rect, model, now, symbol, index == page.focus), force=True)
            self._paint(page, index, rect)
            self._borders(page, index, rect, title)

    def frame(self, page: Page, model: Model, now: int, symbol: str) -> Frame | None:
        """What the focused panel sees; None where it isn't on the screen."""
        rect = self.placed.get(page.focus)
        return None if rect is None else self._frame(rect, model, now, symbol, True)

    def repaint(self, page: Page) -> None:
        """Paint the lines of the focused panel again: a key may have changed them."""
        if page.focus in self.placed:
            self._paint(page, page.focus, self.placed[page.focus])

    def worked_in(self, page: Page) -> Iterator[int]:
        """The rows that answer keys: the last, the first, and those of the focused panel."""
        rect = self.placed.get(page.focus, Rect(0, 0, 0, 0))
        yield from (self.canvas.height - 1, 0, *range(rect.y, rect.y + rect.height))

    def at(self, x: int, y: int) -> int | None:
        """Index of the panel under a cell."""
        for index, rect in self.placed.items():
            if rect.x <= x < rect.x + rect.width and rect.y <= y < rect.y + rect.height:
                return index
        return None

    def _asking(self, page: Page, model: Model, now: int, symbol: str) -> tuple[NeedsOf, NeedsOf]:
        """What panels need now, and what each needed when it was first asked for a width: one that was focused changes
        no places."""
        if self._needs_of is not page.hosts:
            self._needs_of = page.hosts
            self._needs.clear()
            self._unasked = None

        def ask(index: int, width: int) -> Needs | None:
            whole = Rect(0, 0, width, self.area.height)
            return page.hosts[index].needs(self._frame(whole, model, now, symbol, False))

        def asked(index: int, width: int) -> Needs | None:
            if (index, width) not in self._needs:
                self._needs[index, width] = ask(index, width)
            return self._needs[index, width]

        return ask, asked

    def _level(self, page: Page, ask: NeedsOf, asked: NeedsOf) -> None:
        """Now and then place panels anew where they need other lines than when they were placed, so that one market
        always makes one picture, whichever way the desk came to it. Where a key comes, the next frame asks the rest."""
        self._frames += 1
        if self._afresh or self._edited or page.zoomed or len(page.hosts) < 2:
            self._unasked = None
            if self._frames % LEVEL_EVERY == 0:
                self._needs.clear()
            return
        if self._frames % LEVEL_EVERY == 0:
            self._unasked = list(self._needs)
        while self._unasked:
            known = self._unasked.pop()
            self._needs[known] = ask(*known)
            if self._unasked and self.is_key_waiting():
                return
        if self._unasked is not None:
            self._unasked = None
            self._afresh = place(page.layout, self.area, page.focus, asked) != self.placed

    def _place(self, page: Page, asked: NeedsOf) -> None:
        if self._edited:
            self.placed = dict(enumerate(grid(page.layout, self.area)))
        elif page.zoomed and page.hosts:
            self.placed = {page.focus: self.area}
        else:
            self.placed = place(page.layout, self.area, page.focus, asked)
        self._painted.clear()
        self._bordered.clear()
        if sum(rect.width * rect.height for rect in self.placed.values()) < self.area.width * self.area.height:
            for y in range(self.area.height):
                self.canvas.put(0, 1 + y, self.area.width, [])

    def _paint(self, page: Page, index: int, rect: Rect) -> None:
        host = page.hosts[index]
        self._lines(page, index, rect, host.card(rect.width - 2) if host.broken else list(host.lines))

    def _lines(self, page: Page, index: int, rect: Rect, lines: list[Line]) -> None:
        height = max(0, rect.height - 2)
        lines = (lines + [[]] * height)[:height]
        before = self._painted.get(index)
        overlay = "stale" if self._past else ""
        edge = self._edge(page, index)
        for i, line in enumerate(lines):
            y = rect.y + 1 + i
            if before is None:
                self.canvas.put(rect.x + 1, y, rect.width - 2, line, overlay)
                self.canvas.put(rect.x, y, 1, [("│", edge)])
                self.canvas.put(rect.x + rect.width - 1, y, 1, [("│", edge)])
            elif before[i] != line:
                self.canvas.update(rect.x + 1, y, rect.width - 2, before[i], line, overlay)
        self._painted[index] = lines

    def _borders(self, page: Page, index: int, rect: Rect, title: str) -> None:
        host = page.hosts[index]
        edge = self._edge(page, index)
        title = title or f"{index + 1} {host.name if host.broken or self._edited else host.heading}"
        note, oldest, slow_ms = host.note, host.oldest, host.slow_ms
        if self._edited:
            note, oldest, slow_ms = f"{rect.width}×{rect.height}", None, 0.0
            if page.layout.cells[index].pinned:
                note = f"pinned · {note}"
        called = "" if self._edited else self._called.get(host.name, "")
        known = (title, note, oldest if oldest is None else oldest // AGE_STEP, slow_ms, edge, called)
        if self._bordered.get(index) == known:
            return
        self._bordered[index] = known
        top = top_border(rect.width, title, note, oldest, slow_ms, index == page.focus, edge, called)
        if rect.height > 0:
            self.canvas.put(rect.x, rect.y, rect.width, top)
        if rect.height > 1:
            self.canvas.put(rect.x, rect.y + rect.height - 1, rect.width, bottom_border(rect.width, edge))

    def _edge(self, page: Page, index: int) -> str:
        if index != page.focus:
            return "border"
        return "warn bold" if self._edited else "border_focus"

    def _frame(self, rect: Rect, model: Model, now: int, symbol: str, focused: bool) -> Frame:
        size = max(1, rect.width - 2), max(1, rect.height - 2)
        return Frame(model, now, *size, symbol, focused, self.charset.wide_signs, self.then)
