"""What the desk asks the trader in its footer: which layout, panel or column, and what a pinned level is called."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from deskmon import format as fmt
from deskmon.assets import symbols_of
from deskmon.components.panel import Command, Frame, Notify, Pin
from deskmon.config.schema import Config
from deskmon.desk import playing
from deskmon.desk.config_writer import ConfigWriter
from deskmon.desk.keys import KeyMap
from deskmon.desk.modes import ChoicePrompt, Mode, Prompt
from deskmon.desk.pages import Page
from deskmon.desk.status import Status
from deskmon.errors import UsageError
from deskmon.timeline import parse_time
from deskmon.transport.requests import MOST_WORDS, Note, Request

if TYPE_CHECKING:
    from deskmon.model import Model

NUMBERED = 9
"""Panels that a digit focuses."""


class AskedDesk(Protocol):
    """A desk, as far as answers change it."""

    config: Config
    config_writer: ConfigWriter
    model: Model
    status: Status
    keymap: KeyMap
    layout_name: str
    mode: Mode | None

    @property
    def page(self) -> Page: ...

    def show_layout(self, name: str) -> None: ...

    def focus(self, index: int) -> None: ...

    def say(self, words: Notify) -> None: ...

    def seen(self, now: int) -> Frame | None: ...

    def to_panel(self, action: str, now: int) -> Any: ...

    def pin(self, pin: Pin, now: int) -> None: ...

    def ask(self, request: Request | Command) -> object: ...

    def move(self, asked: Request | Command | str | None, now: int) -> None: ...


def layout(desk: AskedDesk) -> None:
    """Which layout to show; the next one is under the cursor, so that the same key twice goes there."""
    names = list(desk.config.layouts) or [desk.layout_name]
    at = (names.index(desk.layout_name) + 1) % len(names) if desk.layout_name in names else 0
    again = desk.keymap.key_of("desk.layout")
    desk.mode = ChoicePrompt("layout", lambda: names, lambda i, now: desk.show_layout(names[i]), at, again=again)


def panel(desk: AskedDesk, now: int) -> None:
    """Which panel to focus from the tenth on; the tenth at once where it is the last."""
    names = [host.name for host in desk.page.hosts[NUMBERED:]]
    if len(names) > 1:
        desk.mode = ChoicePrompt("panel", lambda: names, lambda i, now: desk.focus(NUMBERED + i))
    elif names:
        desk.focus(NUMBERED)
    else:
        desk.say(Notify("every panel here has a digit", "warn"))


def add(desk: AskedDesk, now: int) -> None:
    """Which asset or venue to add."""
    if _refused(desk, now):
        return

    def done(text: str, now: int) -> None:
        if text.strip():
            desk.say(desk.config_writer.market(text.strip(), take=False))

    desk.mode = Prompt("add an asset (SUI) or a venue (gate, binance):", "⏎ add · esc cancel ", done)


def take(desk: AskedDesk, now: int) -> None:
    """Which asset or feed to take away."""
    if _refused(desk, now):
        return
    from deskmon.config.feed_assets import choices  # tomlkit takes a while to import

    feeds = {label: {"enabled": feed.enabled, **feed.options} for label, feed in desk.config.feeds.items()}
    assets, labels = choices(feeds)
    names = [*assets, *labels]

    def picked(index: int, now: int) -> None:
        desk.say(desk.config_writer.market(names[index], take=True))

    desk.mode = ChoicePrompt("take away", lambda: names, picked)


def _refused(desk: AskedDesk, now: int) -> bool:
    """Say why the market stays as it is, where it does."""
    if desk.config_writer.fixed_market:
        desk.say(Notify(f"assets and venues stay: {desk.config_writer.fixed_market}", "warn"))
    return bool(desk.config_writer.fixed_market)


def columns(desk: AskedDesk, now: int) -> None:
    """Which parts of the focused panel are shown; each pick shows at once."""
    host = desk.page.focused

    def known(now: int = now) -> list[tuple[str, bool]]:
        frame = desk.seen(now)
        return host.hideable(frame) if host and frame else []

    def turn(index: int, now: int) -> None:
        desk.to_panel(f"hide:{known(now)[index][0]}", now)

    def ticked() -> list[str]:
        return [f"{'✓' if shown else '·'}{name}" for name, shown in known()]

    if known():
        desk.mode = ChoicePrompt("columns", ticked, turn, stays=True, again=desk.keymap.key_of("desk.columns"))
    else:
        desk.say(Notify("this panel has no columns to choose from", "warn"))


def label(desk: AskedDesk, pin: Pin) -> None:
    """What a level to be pinned is called, and where else than at `pin` it is."""
    name = f"pin {pin.symbol} {fmt.price(pin.price)}: label, or another price and a label:"
    desk.mode = Prompt(name, "⏎ pin · esc cancel ", partial(_pin, desk, pin))


def note(desk: AskedDesk, now: int) -> None:
    """What to note: for all screens, about the asset of the page, else the linked one, at its price of now."""
    if desk.config_writer.kiosk:
        desk.say(Notify("a kiosk notes nothing", "warn"))
        return
    if _is_past(desk, now):
        return
    symbol = _noted(desk, now)
    about = "" if symbol is None else f" ({fmt.base(symbol)} {fmt.price(desk.model.prices.price(symbol))})"

    def done(text: str, now: int) -> None:
        if text.strip() and not _is_past(desk, now):
            price = None if symbol is None else desk.model.prices.price(symbol)
            desk.ask(Note(id=0, text=text.strip(), symbol=symbol, price=price))

    desk.mode = Prompt(f"note{about}:", "⏎ note · esc cancel ", done, most=MOST_WORDS)


def _is_past(desk: AskedDesk, now: int) -> bool:
    """Say why nothing is noted where the hub would sign it with another time than that of the prices shown."""
    is_past = desk.status.mode == "look_back" or desk.status.target is not None
    if is_past:
        desk.say(Notify("a note is of now: esc returns", "warn"))
    return is_past


def _noted(desk: AskedDesk, now: int) -> str | None:
    """The symbol that a note is about; None where no price is known to go with it."""
    frame = desk.seen(now)
    if frame is None:
        return None
    host = desk.page.focused
    options = None if host is None or host.panel is None else host.panel.options
    named = getattr(options, "symbol", "") or getattr(options, "asset", "") or frame.symbol
    return next(iter(symbols_of(fmt.base(named), desk.model.prices.symbols)), None)


def _pin(desk: AskedDesk, pin: Pin, text: str, now: int) -> None:
    """Pin what was typed: `lost on Friday`, `85,000`, `85k lost on Friday`."""
    first, _, rest = text.strip().partition(" ")
    price = fmt.number(first)
    if price is None:
        desk.pin(Pin(pin.symbol, pin.price, text.strip()), now)
    elif price > 0:
        desk.pin(Pin(pin.symbol, price, rest.strip()), now)
    else:
        desk.say(Notify(f"{first} is no price above 0", "warn"))


def moment(desk: AskedDesk, now: int) -> None:
    """Which moment to show; Enter alone returns to now."""
    hint = "14:05 · 2h ago · yesterday 21:00 · ⏎ alone: now · esc cancel "
    desk.mode = Prompt("look at", hint, partial(_go, desk))


def _go(desk: AskedDesk, text: str, now: int) -> None:
    status = desk.status
    if not text.strip():
        desk.move(playing.NOW if status.mode == "look_back" or status.target else "this is now", now)
        return
    try:
        start = playing.start(status, desk.model.header, now)
        at = parse_time(text, start, status.live_now or now, ahead=playing.is_played(status))
    except UsageError as fault:
        desk.say(Notify(str(fault), "warn"))
        return
    if status.live_now is not None and at > status.live_now:
        desk.say(Notify(f"{text.strip()} is still to come", "warn"))
        return
    desk.move(playing.moment(at, status), now)
