"""The desk: pages, focus, keys and frames. It paints a canvas; who shows the canvas is not its business."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

from deskmon import format as fmt
from deskmon.analytics.level_settings import Pinned
from deskmon.clock import MINUTE, SECOND
from deskmon.config.desk_model import new_model
from deskmon.config.schema import Config, Layout
from deskmon.model import Model
from deskmon.panel import Command, Drill, Frame, Intent, Line, Link, Panel, Pin, Say
from deskmon.screen.canvas import Canvas
from deskmon.screen.chrome import Status, bottom_border, footer, header, prompt, top_border
from deskmon.screen.geometry import Rect, place
from deskmon.screen.help import Help
from deskmon.screen.keys import DESK_KEYS, MOVEMENTS, KeyMap
from deskmon.screen.pages import Page, PageMaker

Effect = Literal["quit", "palette", "theme"] | Command
SAY_FOR = 5 * SECOND


def pin_for_now(pin: Pin) -> Say:
    """Keep a pin nowhere but in the model."""
    return Say("pinned until the desk ends")


class Desk:
    """One trader's view of a model. `frame(now)` paints, `press(key, now)` answers a key."""

    def __init__(
        self,
        config: Config,
        model: Model,
        *,
        load_panel: Callable[[str], type[Panel]],
        perf: Callable[[], float] = time.perf_counter,
        log: Callable[[str], None] = lambda text: None,
        on_pin: Callable[[Pin], Say] = pin_for_now,
    ) -> None:
        self.config, self.model = config, model
        self.symbol = config.desk.symbol
        self.keymap = KeyMap(config.keys)
        self.maker = PageMaker(load_panel, perf, log)
        self.status = Status(name=config.desk.name, symbol=self.symbol, now=0)
        self.canvas = Canvas(80, 24)
        self.filtering: str | None = None
        self.labelling: Pin | None = None
        self._on_pin = on_pin
        self._frozen: tuple[Model, int] | None = None
        self._say: tuple[Say, int] | None = None
        self._placed: dict[int, Rect] = {}
        self._painted: dict[int, list[Line]] = {}
        self._stale_paint = True
        self._lost = False
        self._feeds_at = 0
        self._layouts: dict[str, Page] = {}
        self.layout_name = ""
        self.pages: list[Page] = []
        self.show_layout(config.desk.layout)

    @property
    def page(self) -> Page:
        """The page on top of the stack."""
        return self.pages[-1]

    def show_layout(self, name: str) -> None:
        """Switch to a layout; its panels keep their cursor and sort from the last time."""
        layouts = self.config.layouts or {"default": Layout()}
        if name not in layouts:
            name = next(iter(layouts))
        if name not in self._layouts:
            self._layouts[name] = self.maker.layout(name, layouts[name])
        self.layout_name = name
        self.pages = [self._layouts[name]]
        self._repaint()

    def resize(self, width: int, height: int) -> None:
        """Take a new size; focus, cursors and pages stay."""
        self.canvas = Canvas(max(1, width), max(1, height))
        self._repaint()

    def frame(self, now: int) -> None:
        """Paint what moved since the last frame."""
        if self._frozen:
            self.status.frozen_ms = max(0, now - self._frozen[1])
        model, now = self._frozen or (self.model, now)
        self.status.now = now
        area = Rect(0, 1, self.canvas.width, self.canvas.height - 2)
        lost = self.status.link == "lost"
        if lost != self._lost:
            self._lost = lost
            self._painted.clear()
        if self._stale_paint:
            self._stale_paint = False
            page = self.page
            self._placed = {page.focus: area} if page.zoomed else place(page.layout, area, page.focus)
            self._painted.clear()
            for index, rect in self._placed.items():
                self._refresh(index, rect, model, now, force=True)
        else:
            for index, rect in self._placed.items():
                self._refresh(index, rect, model, now)
        if not self._placed:
            self.canvas.put(0, 1, area.width, [("this layout has no panels", "muted")])
        self._chrome(model, now)

    def press(self, key: str, now: int) -> Effect | None:
        """Answer one key, named by its character or by textual's name for it."""
        if self.filtering is not None:
            self._edit_filter(key, now)
            return None
        if self.labelling is not None:
            self._edit_label(self.labelling, key, now)
            return None
        if key.isdigit() and key != "0":
            self._focus(int(key) - 1)
            return None
        host = self.page.focused
        action = self.keymap.action(key, host.keys if host else ())
        if action is None:
            return None
        if action in MOVEMENTS:
            return self._to_panel(MOVEMENTS[action], now)
        if not action.startswith("desk."):
            return self._to_panel(action, now)
        return self._own(action.removeprefix("desk."), now)

    def open(self, intent: Intent, now: int) -> Effect | None:
        """Carry out what a panel or the palette asked for."""
        if isinstance(intent, Drill):
            self.pages.append(self.maker.drilled(intent))
            self._repaint()
        elif isinstance(intent, Link):
            self.symbol = self.status.symbol = intent.symbol
        elif isinstance(intent, Say):
            self._say = (intent, now)
        elif isinstance(intent, Pin) and not intent.label:
            self.labelling = intent
        elif isinstance(intent, Pin):
            self._pin(intent, now)
        else:
            return intent
        return None

    def focus_at(self, x: int, y: int) -> None:
        """Focus the panel under a cell."""
        for index, rect in self._placed.items():
            if rect.x <= x < rect.x + rect.width and rect.y <= y < rect.y + rect.height:
                self._focus(index)

    # --- keys

    def _own(self, action: str, now: int) -> Effect | None:
        timed = self.status.mode in ("replay", "demo")
        match action:
            case "quit" | "palette" | "theme":
                return action
            case "back":
                self._back()
            case "next" | "previous":
                self.page.move(1 if action == "next" else -1)
                self._repaint()
            case "zoom":
                self.page.zoomed = not self.page.zoomed
                self._repaint()
            case "filter":
                self.filtering = ""
            case "layout":
                names = list(self.config.layouts) or [self.layout_name]
                self.show_layout(names[(names.index(self.layout_name) + 1) % len(names)])
            case "help":
                host = self.page.focused
                self.pages.append(self.maker.single("help", Help(host.panel if host else None, self.keymap)))
                self._repaint()
            case "restart":
                if (host := self.page.focused) and host.broken:
                    host.restart()
                    self._repaint()
            case "freeze":
                if self.status.mode == "replay":
                    return Command("play" if self.status.paused else "pause")
                self._freeze(now)
            case "step" if timed:
                return Command("step")
            case "slower" | "faster" if timed:
                return Command("speed", self.status.speed * (2.0 if action == "faster" else 0.5))
            case "rewind" | "forward" if timed:
                return Command("seek", now + (MINUTE if action == "forward" else -MINUTE))
            case _:
                return self.open(Say("only in a replay or a demo", "warn"), now)
        return None

    def _back(self) -> None:
        if len(self.pages) > 1:
            self.pages.pop()
        elif self.page.zoomed:
            self.page.zoomed = False
        self._repaint()

    def _focus(self, index: int) -> None:
        if index < len(self.page.hosts) and index != self.page.focus:
            self.page.focus = index
            self._repaint()

    def _freeze(self, now: int) -> None:
        """Hold a copy of the model, so that the picture stays whole and still while the live model goes on."""
        if self._frozen:
            self._frozen = None
            self.status.frozen_ms = None
        else:
            copy = new_model(self.config)
            copy.levels.set_pins(self.model.levels.pins)
            copy.apply(self.model.snapshot())
            self._frozen = (copy, now)
            self.status.frozen_ms = 0

    def _to_panel(self, action: str, now: int) -> Effect | None:
        host = self.page.focused
        rect = self._placed.get(self.page.focus)
        if host is None or rect is None:
            return None
        model, now = self._frozen or (self.model, now)
        intent = host.act(action, self._frame(rect, model, now, True))
        host.refresh(self._frame(rect, model, now, True), force=True)
        self._paint(self.page.focus, rect)
        return self.open(intent, now) if intent is not None else None

    def _pin(self, pin: Pin, now: int) -> None:
        """Show a pinned level at once, and have it kept."""
        self.model.levels.pin(Pinned(symbol=pin.symbol, price=pin.price, label=pin.label))
        self._say = (self._on_pin(pin), now)

    def _edit_label(self, pin: Pin, key: str, now: int) -> None:
        if key == "enter":
            self._pin(pin, now)
        if key in ("enter", "escape"):
            self.labelling = None
            return
        typed = " " if key == "space" else key if len(key) == 1 else ""
        self.labelling = Pin(pin.symbol, pin.price, pin.label[:-1] if key == "backspace" else pin.label + typed)

    def _edit_filter(self, key: str, now: int) -> None:
        text = self.filtering or ""
        if key == "escape":
            self.filtering, text = None, ""
        elif key == "enter":
            self.filtering = None
        elif key == "backspace":
            self.filtering = text = text[:-1]
        elif key == "space" or len(key) == 1:
            self.filtering = text = text + (" " if key == "space" else key)
        self._to_panel(f"filter:{text}", now)

    # --- painting

    def _repaint(self) -> None:
        self._stale_paint = True

    def _frame(self, rect: Rect, model: Model, now: int, focused: bool) -> Frame:
        return Frame(model, now, max(1, rect.width - 2), max(1, rect.height - 2), self.symbol, focused)

    def _refresh(self, index: int, rect: Rect, model: Model, now: int, *, force: bool = False) -> None:
        focused = index == self.page.focus
        changed = self.page.hosts[index].refresh(self._frame(rect, model, now, focused), force=force)
        if changed or index not in self._painted:
            self._paint(index, rect)
        self._borders(index, rect, focused)

    def _paint(self, index: int, rect: Rect) -> None:
        host = self.page.hosts[index]
        lines = host.card(rect.width - 2) if host.broken else list(host.lines)
        height = rect.height - 2
        lines = (lines + [[]] * height)[:height]
        before = self._painted.get(index)
        overlay = "stale" if self._lost else ""
        edge = "border_focus" if index == self.page.focus else "border"
        for i, line in enumerate(lines):
            if before is None or before[i] != line:
                y = rect.y + 1 + i
                self.canvas.put(rect.x + 1, y, rect.width - 2, line, overlay)
                if before is None:
                    self.canvas.put(rect.x, y, 1, [("│", edge)])
                    self.canvas.put(rect.x + rect.width - 1, y, 1, [("│", edge)])
        self._painted[index] = lines

    def _borders(self, index: int, rect: Rect, focused: bool) -> None:
        host = self.page.hosts[index]
        heading = host.name if host.broken else host.heading
        title = f"{index + 1} {heading}" if len(self.pages) == 1 else self.breadcrumb()
        line = top_border(rect.width, title, host.note, host.oldest, host.slow_ms, focused)
        self.canvas.put(rect.x, rect.y, rect.width, line)
        self.canvas.put(rect.x, rect.y + rect.height - 1, rect.width, bottom_border(rect.width, focused))

    def breadcrumb(self) -> str:
        """`desk › liquidations › bybit`: the panel one drilled from, then each page by its label."""
        start = self.pages[0].focused
        return " › ".join(["desk", start.name if start else self.layout_name, *(page.crumb for page in self.pages[1:])])

    def _chrome(self, model: Model, now: int) -> None:
        width, height = self.canvas.width, self.canvas.height
        if not 0 <= now - self._feeds_at < SECOND:
            self._feeds_at = now
            feeds = list(model.feeds.figures(now).values())
            lags = sorted(f.lag_ms for f in feeds if f.lag_ms is not None)
            self.status.feeds = len(feeds)
            self.status.feeds_live = sum(f.state == "live" for f in feeds)
            self.status.lag_ms = lags[len(lags) // 2] if lags else None
            self.status.wave = model.waves.current(now)
        if self._say and not 0 <= now - self._say[1] < SAY_FOR:
            self._say = None
        self.status.say = (self._say[0].text, self._say[0].style) if self._say else None
        if model.header is not None:
            self.status.source, self.status.note = model.header.source, model.header.note
        self.canvas.put(0, 0, width, header(self.status, width))
        if height < 2:
            return
        if self.filtering is not None:
            self.canvas.put(0, height - 1, width, prompt(self.filtering, width))
        elif self.labelling is not None:
            name = f"label of {self.labelling.symbol} {fmt.price(self.labelling.price)}:"
            self.canvas.put(0, height - 1, width, prompt(self.labelling.label, width, name, "⏎ pin · esc not "))
        else:
            self.canvas.put(0, height - 1, width, footer(self._hints(), width, self._place_note()))

    def _hints(self) -> list[tuple[str, str]]:
        host = self.page.focused
        own = [(self.keymap.key(key), key.label) for key in host.keys] if host else []
        wanted = ["enter", "back"] if len(self.pages) > 1 else ["enter"]
        wanted += ["help", "quit", "filter", "zoom", "sort", "window", "freeze", "layout", "palette"]
        by_id = {key.id: key for key in DESK_KEYS}
        shared = [(self.keymap.key(by_id[f"desk.{name}"]), by_id[f"desk.{name}"].label) for name in wanted]
        return own + shared

    def _place_note(self) -> str:
        page = self.page
        if page.zoomed or len(self._placed) < len(page.hosts):
            shown = [index + 1 for index in self._placed]
            span = f"{shown[0]}" if len(shown) == 1 else f"{shown[0]}–{shown[-1]}"
            return f"panel {span} of {len(page.hosts)} · tab "
        return f"layout {self.layout_name} " if len(self.config.layouts) > 1 else ""

    # --- what the palette offers

    def destinations(self) -> list[tuple[str, str, Intent | str]]:
        """(title, help, intent or `layout:NAME`) of everything the palette can go to."""
        found: list[tuple[str, str, Intent | str]] = []
        for symbol in sorted(self.model.prices.figures(self.status.now)):
            asset = fmt.base(symbol)
            found.append((symbol, f"open the page of {asset}", Drill("symbol", {"symbol": symbol}, asset)))
        for name in self.config.layouts:
            found.append((f"layout {name}", "switch to this layout", f"layout:{name}"))
        return found
