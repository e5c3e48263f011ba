"""The desk: pages, focus and keys. It paints a canvas; who shows the canvas is not its business."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

from msgspec.structs import replace

from deskmon import plugins
from deskmon.analytics.level_settings import Pinned
from deskmon.components.panel import Command, Drill, Frame, Intent, Line, LinkSymbol, Notify, Panel, Pin
from deskmon.config.schema import Config, Layout
from deskmon.desk import comparing, playing
from deskmon.desk.canvas import Canvas
from deskmon.desk.chrome import alarm, footer, header
from deskmon.desk.config_writer import ConfigWriter
from deskmon.desk.editor import Editor
from deskmon.desk.guide import breadcrumb, hints, place_note
from deskmon.desk.keys import MOVEMENTS, KeyMap
from deskmon.desk.modes import Mode, Prompt
from deskmon.desk.pages import Page, PageMaker, restart, standalone_title, with_page
from deskmon.desk.painter import PagePainter
from deskmon.desk.status import Status
from deskmon.desk.story import Story
from deskmon.transport.requests import Request

if TYPE_CHECKING:
    from deskmon.desk.sharing import Sharer
    from deskmon.model import Model
    from deskmon.model.finder import Finder

Effect = Literal["quit", "palette", "theme"] | Command
SAY_FOR_S = 5.0
"""How long an answer to a key stands, in seconds of the trader's: a market may be played sixty times as fast."""
AT_ONCE = frozenset(f"desk.{name}" for name in (*playing.STEPS, "look_at", "quit", "palette", "theme"))
"""Keys that don't wait for a market that is being folded."""


class Desk:
    """One view of a model. `frame(now)` paints, `press(key, now)` answers a key, `on_pin` is told of levels to pin,
    `ask` what to ask of the hub."""

    def __init__(
        self,
        config: Config,
        model: Model | None,
        *,
        load_panel: Callable[[str], type[Panel]],
        perf: Callable[[], float] = time.perf_counter,
        log: Callable[[str], None] = lambda text: None,
        on_pin: Callable[[Pinned], None] = lambda pin: None,
        ask: Callable[[Request | Command], object] = lambda request: None,
        config_writer: ConfigWriter | None = None,
        sharer: Sharer | None = None,
        finder: Finder | None = None,
        panels: Callable[[], Sequence[str]] = plugins.panel_names,
    ) -> None:
        """model: None for one that is made when it is first asked for, with this `finder`."""
        self.config, self._model, self._on_pin, self.ask = config, model, on_pin, ask
        self._finder = finder
        self.symbol = config.desk.symbol
        self.keymap = KeyMap(config.keys)
        self.maker = PageMaker(load_panel, perf, log)
        self.status = Status(name=config.desk.name, symbol=self.symbol, now=0)
        self.status.configure(config.desk)
        self.painter = PagePainter()
        self.mode: Mode | None = None
        self.story = Story()
        self.config_writer, self.sharer = config_writer or ConfigWriter(), sharer
        self._panels = panels
        self.market_complete = True
        """Whether the model is that of one moment: neither a snapshot nor a seek is under way."""
        self.journey = comparing.Journey()
        self.left: int | None = None
        """When (ms) the trader's last screen ended, where that is known."""
        self._frozen: tuple[Model, int] | None = None
        self._say: tuple[Notify, float] | None = None
        self._perf = perf
        self._layouts: dict[str, Page] = {}
        self.layout_name = ""
        self.pages: list[Page] = []
        self.show_layout(config.desk.layout)

    @property
    def model(self) -> Model:
        """The market. A screen's first frame has none, and needs none of the code that folds it."""
        if self._model is None:
            from deskmon.configured_model import new_model

            self._model = new_model(self.config, self._finder)
        return self._model

    @model.setter
    def model(self, model: Model) -> None:
        self._model = model

    @property
    def page(self) -> Page:
        """The page on top of the stack."""
        return self.pages[-1]

    @property
    def watched(self) -> frozenset[str]:
        """What feeds should follow closely for the panels that are on the screen."""
        hosts = (self.page.hosts[index] for index in self.painter.placed if index < len(self.page.hosts))
        return frozenset(host.follow_closely for host in hosts if host.follow_closely and not host.broken)

    @property
    def canvas(self) -> Canvas:
        """What the desk is painted on."""
        return self.painter.canvas

    def show_layout(self, name: str) -> None:
        """Switch to a layout; its panels keep their cursor and sort from the last time."""
        layouts = self.config.layouts or {"default": Layout()}
        if name not in layouts and name not in self._layouts:
            name = next(iter(layouts))
        if name not in self._layouts:
            self._layouts[name] = self.maker.layout(name, layouts[name])
        self.layout_name = name
        self.pages = [self._layouts[name]]
        self.painter.afresh()

    def reload(self, config: Config) -> None:
        """Take another configuration. Pages stay where their layout does, and panels where their options do; a layout
        that is being edited stays as the trader has it."""
        if config.desk.symbol != self.config.desk.symbol:
            self.symbol = self.status.symbol = config.desk.symbol
        self.config, self.keymap = config, KeyMap(config.keys)
        self.status.configure(config.desk)
        edited = self.layout_name if isinstance(self.mode, Editor) else None
        for name, page in list(self._layouts.items()):
            if name == edited:
                continue
            if name not in config.layouts:
                del self._layouts[name]
            elif config.layouts[name] != page.layout:
                self._layouts[name] = self.maker.layout(name, config.layouts[name], page)
        if self.layout_name not in self._layouts:
            self.show_layout(config.desk.layout)
        self.pages[0] = self._layouts[self.layout_name]
        self.painter.afresh()

    def remake(self, panel: str, now: int) -> None:
        """Make each panel called `panel` afresh: its file was changed."""
        well = restart((*self._layouts.values(), *self.pages[1:]), panel)
        self.painter.afresh()
        self.say(Notify(f"{panel} reloaded", "ok") if well else Notify(f"{panel} failed", "error"))

    def start(self) -> None:
        """Import what shows a market, and make the panels: while it is on its way, nobody waits for that."""
        from deskmon.desk import observing  # noqa: F401

        self.page.start()

    def resize(self, width: int, height: int) -> None:
        """Take a new size; focus, cursors and pages stay."""
        self.painter.resize(width, height)

    def frame(self, now: int, *, answer: bool = False) -> bool:
        """Paint what moved since the last frame; False where a key came meanwhile, which the rest waits for. answer:
        only what a key changes, the focused panel and the lines above and below the panels."""
        if self.market_complete:
            self.journey.go_on(self, now)
        if self._frozen:
            self.status.frozen_ms, now = max(0, now - self._frozen[1]), self._frozen[1]
        if self._readable:
            self.status.now = now
        lost = self.status.link == "lost"
        title = "" if len(self.pages) == 1 else breadcrumb(self.pages, self.layout_name, self.canvas.width)
        edited = isinstance(self.mode, Editor)
        self.status.editing = edited
        if self._readable or lost:
            model, past = self._shown, lost or self.status.remembered
            if not self.painter.paint(
                self.page, title, model, now, self.symbol, past=past, edited=edited, answer=answer
            ):
                return False
        elif not self.painter.told:
            self.painter.wait(self.page, title, self.status.awaited)
        self._chrome(now)
        return True

    def awaits(self, key: str) -> bool:
        """Whether a key has to wait until the model is a whole one: what it does depends on what would be shown. Those
        of `AT_ONCE` don't."""
        if self._readable or self.mode is not None:
            return False
        return self.keymap.action(key, ()) not in AT_ONCE

    def press(self, key: str, now: int) -> Effect | None:
        """Answer one key, named by its character or by textual's name for it."""
        if self.mode is not None:
            self._to_mode(self.mode, key, now)
            return None
        if key.isdigit() and key != "0":
            self.focus(int(key) - 1)
            return None
        host = self.page.focused
        action = self.keymap.action(key, host.keys if host else ())
        if action is None:
            return None
        if action in MOVEMENTS:
            return self.to_panel(MOVEMENTS[action], now)
        if not action.startswith("desk."):
            return self.to_panel(action, now)
        return self._own(action.removeprefix("desk."), now)

    def open(self, intent: Intent, now: int) -> Effect | None:
        """Carry out what a panel or the palette asked for."""
        if isinstance(intent, Drill):
            self.pages = with_page(self.pages, self.maker.drilled(intent))
            self.painter.afresh()
        elif isinstance(intent, LinkSymbol):
            self.symbol = self.status.symbol = intent.symbol
        elif isinstance(intent, Notify):
            self.say(intent)
        elif isinstance(intent, Command):
            return intent
        else:
            from deskmon.desk import intents

            intents.carry_out(self, intent, now)
        return None

    def say(self, words: Notify) -> None:
        """Show one line for some seconds."""
        self._say = (words, self._perf())

    def focus_at(self, x: int, y: int) -> None:
        """Focus the panel under a cell."""
        index = self.painter.at(x, y)
        if index is not None:
            self.focus(index)

    # --- keys

    def _own(self, action: str, now: int) -> Effect | None:
        if action in ("edit", "keep") and self.config_writer.refusal:
            return self.open(Notify(f"layouts stay as they are: {self.config_writer.refusal}", "warn"), now)
        from deskmon.desk.answers import answers  # a first frame comes before any key

        answer = answers(self).get(action)
        if answer is not None:
            return answer(now)
        self.move(playing.answer(action, self.status, now), now)
        return None

    def focus_next(self, steps: int) -> None:
        self.page.move(steps)
        self.painter.afresh()

    def ask_filter(self, now: int) -> None:
        self.mode = Prompt("filter /", "⏎ keep · esc clear ", self._filter, changed=self._filter)

    def pause(self, now: int) -> None:
        asked = None if self._frozen else playing.pause(self.status)
        if asked is None:
            self._freeze(now)
        else:
            self.ask(asked)

    def back(self, now: int) -> None:
        host = self.page.focused
        if host is not None and host.filtered:
            self._filter("", now)
        elif len(self.pages) > 1:
            self.pages.pop()
        elif self.page.zoomed:
            self.page.zoomed = False
        elif self.status.mode == "look_back" or self.status.target:
            self.ask(playing.NOW)
        self.painter.afresh()

    def move(self, asked: Request | Command | str | None, now: int) -> None:
        """Have the desk show another moment; say why it doesn't, or where it lands instead."""
        if asked is not None and not isinstance(asked, str):
            self.ask(asked)
            asked = playing.beyond(asked, self.status, now)
        if asked:
            self.say(Notify(asked, "warn"))

    def focus(self, index: int) -> None:
        """Focus a panel of the page, if it has so many."""
        if index < len(self.page.hosts) and index != self.page.focus:
            self.page.focus = index
            self.painter.afresh()

    def _to_mode(self, mode: Mode, key: str, now: int) -> None:
        """Hand a key to what takes them all, and show what came of it."""
        if isinstance(mode, Editor):
            mode.focus = self.page.focus
        lasts = mode.press(key, now)
        if not lasts and self.mode is mode:
            self.mode = None
        if isinstance(mode, Editor):
            self._show_edited(mode, lasts)

    def edit(self, now: int) -> None:
        self.pages = self.pages[:1]
        self.page.zoomed = False

        def offered() -> list[str]:
            return [name for name in self._panels() if standalone_title(name, self.maker.load_panel)]

        self.mode = Editor(
            self.layout_name, self.page.layout, self.page.focus,
            keymap=self.keymap, panels=offered, taken={*self.config.layouts}, keep=self.config_writer.layout,
        )  # fmt: skip

    def _show_edited(self, editor: Editor, lasts: bool) -> None:
        """Show the layout as the editor has it, or, where that ended, as it was saved."""
        before = self.page
        self.config = replace(self.config, layouts={**self.config.layouts, **editor.kept})
        name, layout = editor.name, editor.layout
        if not lasts:
            self._layouts.pop(name, None)
            name = name if name in self.config.layouts else editor.origin
            layout = self.config.layouts.get(name, Layout())
        if layout is not before.layout or name != self.layout_name:
            self._layouts[name] = self.maker.layout(name, layout, before)
        self.show_layout(name)
        self.page.focus = max(0, min(editor.focus, len(self.page.hosts) - 1))

    def _freeze(self, now: int) -> None:
        """Hold a copy of the model, so that the picture stays whole and still while the live model goes on."""
        if self._frozen:
            self._frozen = None
            self.status.frozen_ms = None
        else:
            from deskmon.configured_model import new_model

            copy = new_model(self.config)
            copy.apply(self.model.snapshot())
            self._frozen = (copy, now)
            self.status.frozen_ms = 0

    @property
    def _readable(self) -> bool:
        """Whether panels may read the model now: a part of a market is no market."""
        return self.market_complete or self._frozen is not None

    @property
    def _shown(self) -> Model:
        return self._frozen[0] if self._frozen else self.model

    def seen(self, now: int) -> Frame | None:
        """What the focused panel sees; None while the model is no whole one."""
        if not self._readable:
            return None
        now = self._frozen[1] if self._frozen else now
        return self.painter.frame(self.page, self._shown, now, self.symbol)

    def to_panel(self, action: str, now: int) -> Effect | None:
        """Hand an action to the focused panel and carry out what it asks for."""
        host, frame = self.page.focused, self.seen(now)
        if host is None or frame is None:
            return None
        intent = host.on_action(action, frame)
        host.refresh(frame, force=True)
        self.painter.repaint(self.page)
        return self.open(intent, now) if intent is not None else None

    def _filter(self, text: str, now: int) -> None:
        self.to_panel(f"filter:{text}", now)

    def pin(self, pin: Pin, now: int) -> None:
        """Put a level into the market, and have it kept."""
        self._on_pin(Pinned(symbol=pin.symbol, price=pin.price, label=pin.label))
        self.say(self.config_writer.pin(pin))

    # --- around the panels

    def _chrome(self, now: int) -> None:
        width, height = self.canvas.width, self.canvas.height
        if self._readable:
            from deskmon.desk.observing import observe

            observe(self.status, self._shown, now)
        self.move(self.story.tick(self.status, readable=self._readable), now)
        if self._say and self._perf() - self._say[1] >= SAY_FOR_S:
            self._say = None
        self.status.say = (self._say[0].text, self._say[0].style) if self._say else None
        self.canvas.put(0, 0, width, header(self.status, width))
        if height < 2:
            return
        self.canvas.put(0, height - 1, width, self.mode.footer(width) if self.mode is not None else self._footer(width))

    def _footer(self, width: int) -> Line:
        layouts = len(self.config.layouts)
        keys = hints(self.pages, self.keymap, layouts=layouts, writer=self.config_writer, status=self.status)
        if self.status.trouble:
            return alarm(self.status.trouble, keys, width)
        if self.story.told is not None:
            return self.story.footer(self.keymap, width)
        place = place_note(self.page, self.painter.placed, self.layout_name if layouts > 1 else "")
        return footer(keys, width, place, self.status.told)
