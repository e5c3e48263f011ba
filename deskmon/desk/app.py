"""The Textual app: one widget, one frame timer, one link to a hub."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import sys
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from msgspec import structs
from textual import events
from textual.app import ComposeResult
from textual.timer import Timer

from deskmon import plugins
from deskmon.allocator import give_free_pages_back, give_large_blocks_back
from deskmon.analytics.level_settings import Pinned
from deskmon.background import keep_running
from deskmon.colours.colour_depth import find_colour_depth
from deskmon.colours.theme_choice import theme_or_dark
from deskmon.components.panel import Command, Intent, Notify
from deskmon.config.follower import ConfigFollower
from deskmon.config.schema import Config
from deskmon.desk.calls import Caller, Claims, rings
from deskmon.desk.config_writer import ConfigWriter
from deskmon.desk.desk import Desk
from deskmon.desk.first_figures import SOON_S, FirstFigures
from deskmon.desk.frame_pace import FramePace
from deskmon.desk.hub_link import HubLink
from deskmon.desk.hub_requests import HubRequests
from deskmon.desk.late_finder import SWITCH_S, finder_of, needed_by
from deskmon.desk.left import LastScreen
from deskmon.desk.looking import Looking
from deskmon.desk.palette import DeskCommands
from deskmon.desk.pulse import PulseClock
from deskmon.desk.reload import Reloader
from deskmon.desk.sharer import ScreenSharer
from deskmon.desk.textual_theme import textual_theme
from deskmon.desk.view import DeskView
from deskmon.errors import DeskError
from deskmon.events import Pulse, Reset
from deskmon.garbage import YOUNG_OF_SCREEN, keep_collections_short, no_collections
from deskmon.terminal.charset import charset
from deskmon.terminal.display import ThinDisplay
from deskmon.terminal.driver import ThinDriver, thin_driver
from deskmon.transport.requests import Look, Reply, Request

if TYPE_CHECKING:
    from deskmon.desk.own_rules import OwnRules
    from deskmon.desk.story import Story

LOG = logging.getLogger("deskmon.desk")
BLURRED_FPS = 1.0
RATES_S = 5.0
"""How often the header's rates of the terminal are renewed: each jitters, and costs what it counts."""
TYPED_AHEAD = 64
"""Keys that wait for a market that is being folded; of more the oldest are forgotten."""


class DeskApp(ThinDisplay[int]):
    """Shows a desk and keeps it fed. All drawing goes through the desk's canvas."""

    COMMANDS: ClassVar = {DeskCommands}
    COMMAND_PALETTE_BINDING = "ctrl+p"
    CSS = "Screen { overflow: hidden; }"
    INLINE_PADDING = 0

    def __init__(
        self,
        config: Config,
        link: HubLink,
        config_writer: ConfigWriter | None = None,
        *,
        follower: ConfigFollower | None = None,
        on_config: Callable[[Config], None] = lambda config: None,
        reloaded_panel: str = "",
    ) -> None:
        """follower: the configuration's files, which the desk follows. on_config: told what was taken from them.
        reloaded_panel: the panel whose file is followed too, while it is written."""
        self.depth = find_colour_depth(os.environ, config.desk.colors)
        os.environ.pop("NO_COLOR", None)  # seen to above; textual would make shades of grey of it
        carried = charset(os.environ, config.desk.ascii)
        super().__init__(driver_class=thin_driver(config.desk.max_kbps or 0.0, carried))
        self.config, self.link = config, link
        self.theme_names = sorted(plugins.theme_names())
        self.palette = theme_or_dark(config.desk.theme, self.depth)
        self.desk = Desk(
            config, None, finder=finder_of(link), load_panel=plugins.load_panel, log=LOG.error,
            on_pin=self._pin, ask=self._carry, config_writer=config_writer,
            sharer=ScreenSharer(os.environ, self._control, lambda: self.palette, self._say, self.run_worker),
        )  # fmt: skip
        self.desk.market_complete = False
        self.desk.painter.charset, self.desk.painter.is_key_waiting = carried, self.is_key_waiting
        self.clock, self._live_clock = PulseClock(), PulseClock()
        self._looking = Looking(time.monotonic)
        self.view = DeskView(self.desk, self.palette)
        self._last_pulse: object = None
        self._typed: deque[str] = deque(maxlen=TYPED_AHEAD)
        self._reloader, self._on_config = Reloader(self, follower, reloaded_panel), on_config
        self._shown: list[float] = []
        self._timer: Timer | None = None
        self._frames = FramePace(config.desk.fps, time.monotonic)
        self._rates_at = 0.0
        self._requests = HubRequests(link.command if link.private else None, config.levels.pins)
        self._own_rules = None if link.private else _own_rules(config)
        self._begun, self._first_figures = False, FirstFigures()
        claims = Claims(config.desk.trader or "", keeps_files=not self.desk.config_writer.refusal)
        asks_none = link.private or self.desk.config_writer.kiosk
        self._caller = Caller(
            config.desk.name, claims, os.environ, self._control, None if asks_none else link.ask
        )  # fmt: skip
        self._apply_theme_to_textual()

    def compose(self) -> ComposeResult:
        yield self.view

    def on_mount(self) -> None:
        self.view.focus()
        self._pace(self.config.desk.fps)
        self.call_after_refresh(lambda: self.run_worker(self._begin(), exclusive=True))

    async def on_unmount(self) -> None:
        await self.link.close()

    def on_app_blur(self, event: events.AppBlur) -> None:
        self._pace(min(BLURRED_FPS, self.config.desk.fps))

    def on_app_focus(self, event: events.AppFocus) -> None:
        self._pace(self.config.desk.fps)

    def tick(self) -> None:
        """One frame: paint what moved, refresh what was painted. A key that comes meanwhile goes before the rest."""
        if not self.is_key_waiting() and self.paint():
            self._show()
        else:
            self.once_later(SOON_S, self.tick)

    def _show(self) -> None:
        if self.view.show():
            self._shown.append(time.monotonic())

    def paint(self) -> bool:
        """Bring the desk's canvas up to now; False where a key came meanwhile."""
        status = self.desk.status
        status.link, status.link_detail, status.controls = self.link.state, self.link.detail, self.link.private
        if self.link.state == "lost":
            self._looking.stop()
        self._look()
        status.target, status.live_now = self._looking.target, self._live_clock.now_or_none()
        now = time.monotonic()
        self._shown = [at for at in self._shown if now - at < 2.0]
        if status.fps is None or now - self._rates_at >= RATES_S:
            self._rates_at, status.fps = now, len(self._shown) / 2.0
            if isinstance(self._driver, ThinDriver):
                status.kib_s = self._driver.statistics().kib_per_s
        if not self.desk.frame(self.clock.now()):
            return False
        self._requests.watch(self.desk.watched)
        self._call()
        return True

    def _call(self) -> None:
        """Call the trader where an alert is new."""
        mode = self.desk.status.mode
        rung = rings(self.config.alerts.ring, mode, is_kiosk=self.desk.config_writer.kiosk)
        calling = self._caller.look(self.desk.model, rings=rung) if self.desk.market_complete else None
        if calling is not None:
            self.run_worker(calling)

    def _control(self, sequence: str) -> None:
        if self._driver is not None:
            self._driver.write(sequence)

    def _say(self, words: Notify) -> None:
        self.desk.say(words)
        self.tick()

    def _pin(self, pin: Pinned) -> None:
        self.desk.model.apply(self._requests.pin(pin, self.clock.now()))

    async def on_key(self, event: events.Key) -> None:
        if len(self.screen_stack) > 1:
            return
        event.stop()
        event.prevent_default()
        self.key_taken(event)
        character = event.character
        key = character if character and len(character) == 1 and character.isprintable() else event.key
        self.press("space" if key == " " else key)

    def press(self, key: str) -> None:
        """Answer a key by its name and send what it changes at once, then paint all else: a key never waits for the
        timer, but for a market that is still being folded."""
        if self.desk.awaits(key):
            self._typed.append(key)
            return
        with no_collections():
            self._answer(key)
            self.desk.frame(self.clock.now(), answer=True)
            self._show()
            self.send_first(self.desk.painter.worked_in(self.desk.page))
        self.tick()

    def _answer(self, key: str) -> None:
        effect = self.desk.press(key, self.clock.now())
        if effect == "quit":
            self.exit(0)
        elif effect == "palette":
            self.action_command_palette()
        elif effect == "theme":
            names = self.theme_names
            at = names.index(self.palette.name) if self.palette.name in names else -1
            self.retheme(names[(at + 1) % len(names)])
            self.desk.open(Notify(f"theme {self.palette.name}: {self.palette.title}"), self.clock.now())
        elif isinstance(effect, Command):
            self.link.command(effect.do, effect.value)

    def _carry(self, asked: Request | Command) -> None:
        """Carry out what the desk asks of the hub."""
        if isinstance(asked, Command):
            self.link.command(asked.do, asked.value)
        elif isinstance(asked, Look) and not self.desk.config_writer.kiosk:
            self._looking.want(asked)
            self._look()
        else:
            self.run_worker(self._ask(asked))

    def _look(self) -> None:
        """Ask for the moment that is due."""
        look = self._looking.due()
        if look is not None:
            self.run_worker(self._ask(look))

    async def _ask(self, request: Request) -> None:
        """Ask the hub for something, and show what it says."""
        if self.desk.config_writer.kiosk:
            reply = Reply(ok=False, text="a kiosk asks nothing of the hub")
        else:
            signed = structs.replace(request, by=self.config.desk.trader or "")
            reply = self._answered_here(signed) or await self.link.ask(signed)
        if not reply.ok and isinstance(request, Look):
            self._looking.stop()
        if reply.text:
            self._say(Notify(reply.text, "ok" if reply.ok else "warn"))

    def _answered_here(self, request: Request) -> Reply | None:
        """What this screen says to a request about a rule of its own; None of any other."""
        if self._own_rules is None:
            return None
        try:
            alerts = self._own_rules.ask(request, self.clock.now())
        except DeskError as fault:
            return Reply(ok=False, text=str(fault))
        self.desk.model.apply(alerts or ())
        return None if alerts is None else Reply(ok=True, text="noted on this screen")

    def go(self, target: Intent | str) -> None:
        """Carry out a choice made in the palette."""
        if not isinstance(target, str):
            self.desk.open(target, self.clock.now())
        elif target.startswith("theme:"):
            self.retheme(target.removeprefix("theme:"))
        else:
            self.desk.show_layout(target.removeprefix("layout:"))
        self.tick()

    def retheme(self, name: str) -> None:
        """Change the colours."""
        self.palette = theme_or_dark(name, self.depth)
        self._apply_theme_to_textual()
        self.view.retheme(self.palette)

    def reload(self, config: Config) -> None:
        """Take another configuration: keys, layouts, theme and pace at once, feeds with the private hub."""
        from deskmon.configured_model import renewed  # as the model: no first frame waits for it

        before, self.config = self.config, config
        self.desk.model = renewed(self.desk.model, before, config)
        self.desk.model.apply(self._requests.follow(config.levels.pins, self.clock.now()))
        if self._own_rules is not None:
            self.desk.model.apply(self._own_rules.follow(config.alerts, self.desk.model))
        self.desk.reload(config)
        if config.desk.theme != before.desk.theme:
            self.retheme(config.desk.theme)
        if config.desk.fps != before.desk.fps:
            self._pace(config.desk.fps)
        self._on_config(config)
        self.tick()

    def remake(self, panel: str) -> None:
        """Take a panel whose file was saved."""
        plugins.forget_panel(panel)
        self.desk.remake(panel, self.clock.now())
        self.tick()

    async def _begin(self) -> None:
        """Follow the hub."""
        gc.freeze()  # what a desk is made of stays until it ends
        gc.enable()
        keep_collections_short(YOUNG_OF_SCREEN)
        numpy = asyncio.create_task(self._first_figures.import_behind(*needed_by(self.link)))
        self.run_worker(keep_running(self._reloader.run, "configuration"))
        self.run_worker(LastScreen(self.config.desk.trader or "", self._live_clock.now_or_none).follow(self.desk))
        self.run_worker(give_free_pages_back())
        self.desk.start()
        await self._follow()
        await numpy

    async def _follow(self) -> None:
        async for batch in self.link.events():
            await self.keys_first()
            self.desk.model.apply(batch)
            if any(type(event) is Reset for event in batch):
                if self._last_pulse is not None and self.desk.market_complete:
                    LOG.info("the hub sends the market anew: after a seek, a change, or as this screen didn't keep up")
                self._begun = True
                self._looking.restarted()
            self._hear()
            pulse = self.desk.model.pulse
            # A snapshot ends with a pulse: until it is there, a part of the market is still to come.
            self.desk.market_complete = pulse is not None and not pulse.seeking
            if self._begun and self.desk.market_complete and pulse is not None:
                self._begun = False
                gc.freeze()  # a collection would walk the whole market, and find nothing
                give_large_blocks_back()
                self._caller.forget()
                self.desk.model.apply(self._requests.begin(pulse.ts))
                self._judge_own(pulse, begins=True)
            while self.desk.market_complete and self._typed:
                self.press(self._typed.popleft())
            if pulse is not None and pulse is not self._last_pulse:
                self._last_pulse = pulse
                self.clock.beat(pulse)
                if pulse.mode == "live":
                    self._live_clock.beat(pulse)
                self.desk.status.beat(pulse)
                if self.desk.market_complete:
                    self._judge_own(pulse)
                    self._looking.beat(pulse)
                    self._frame(after_heartbeat=True)
            self.link.with_heartbeat = self.desk.market_complete and self._frames.follows_heartbeats
            if self.desk.market_complete:
                self._first_figures.show(self.tick, self.set_timer)

    def _judge_own(self, pulse: Pulse, *, begins: bool = False) -> None:
        """Judge the trader's own rules on another's hub, of the market as it is now. begins: a snapshot was folded."""
        own = self._own_rules
        if own is not None and pulse.mode == "live":
            self.desk.model.apply(own.begin(self.desk.model) if begins else own.judge(self.desk.model, pulse.ts))

    def _hear(self) -> None:
        """Show what the hub said of its own accord."""
        while self.link.said:
            self._looking.stop()
            self.desk.say(Notify(self.link.said.popleft(), "warn"))

    def _pace(self, fps: float) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._frames.fps = fps
        self._timer = self.set_interval(1 / fps, self._frame)

    def _frame(self, *, after_heartbeat: bool = False) -> None:
        """Paint a frame where one is due."""
        follows = self.link.with_heartbeat and self.link.state == "live"
        if self._frames.is_due(after_heartbeat, follows):
            self.tick()

    def _apply_theme_to_textual(self) -> None:
        """Give textual's own palette the desk's colours."""
        theme = textual_theme(self.palette)
        self.register_theme(theme)
        self.theme = theme.name


def _own_rules(config: Config) -> OwnRules:
    from deskmon.desk.own_rules import OwnRules  # a screen with a hub of its own needs none

    return OwnRules(config.alerts)


def run(
    config: Config,
    link: HubLink,
    config_writer: ConfigWriter,
    follower: ConfigFollower,
    on_config: Callable[[Config], None] = lambda config: None,
    reloaded_panel: str = "",
    story: Story | None = None,
) -> int:
    """Show the desk until the trader leaves; see `DeskApp`. `story`: moments of its market. Returns the exit status."""
    sys.setswitchinterval(SWITCH_S)
    app = DeskApp(config, link, config_writer, follower=follower, on_config=on_config, reloaded_panel=reloaded_panel)
    app.desk.story = story or app.desk.story
    return app.run(mouse=True) or 0
