"""What a panel is: a pure view of the model that returns styled lines, and keys that return intent.

A panel never touches the app, the terminal or the clock: all it sees comes in a `Frame`, all it wants goes out as
lines or as an intent. No textual here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import msgspec
from msgspec.structs import replace

from deskmon.clock import SECOND
from deskmon.components.choices import Declared, Key
from deskmon.components.text import JOINT
from deskmon.configurable import Configurable

if TYPE_CHECKING:
    from deskmon.model.figures import State
    from deskmon.model.view import ModelView

__all__ = [
    "STYLES",
    "AcknowledgeAlert",
    "Command",
    "Drill",
    "Frame",
    "Intent",
    "Line",
    "LinkSymbol",
    "Notify",
    "Panel",
    "Pin",
    "SnoozeAlert",
    "Span",
]

Span = tuple[str, str]
"""(text, style): style names of the theme joined by blanks (`"down bold"`), or "" for plain text."""

Line = Sequence[Span]
"""What stands on one line, from the left."""

STYLES = (
    "text", "muted", "faint", "title", "label", "accent", "up", "down", "long", "short", "stale", "warn", "error", "ok",
    "sum", "cursor", "heat1", "heat2", "heat3", "heat4", "heat5",
)  # fmt: skip
"""Style names every theme defines. Beside them: `bold`, `dim`, `reverse`, `underline`; and `flash`, which marks a live
figure: the host draws it brighter for a draw when its text has changed after it had stood."""


class Drill(msgspec.Struct, frozen=True):
    """Open a page: the panel named, with these options, shown whole under a breadcrumb."""

    panel: str
    options: dict[str, Any] = msgspec.field(default_factory=dict)
    label: str = ""


class LinkSymbol(msgspec.Struct, frozen=True):
    """Make this asset (`BTC`) the desk's linked symbol."""

    symbol: str


class Notify(msgspec.Struct, frozen=True):
    """Show one line to the trader for a few seconds."""

    text: str
    style: str = "text"


class Command(msgspec.Struct, frozen=True):
    """Ask the private hub for something: `pause`, `play`, `step`, `seek`, `speed`."""

    do: str
    value: float | str | None = None


class Pin(msgspec.Struct, frozen=True):
    """Pin a level: keep this price of a symbol (`BTC`, or unified) among the operator's own, in deskmon.toml too.
    Without a label the desk asks for one."""

    symbol: str
    price: float
    label: str = ""


class AcknowledgeAlert(msgspec.Struct, frozen=True):
    """Have the hub note that the trader saw the alert `rule`."""

    rule: str


class SnoozeAlert(msgspec.Struct, frozen=True):
    """Have the hub keep the alert `rule` still. The desk asks for how long."""

    rule: str


class LookAt(msgspec.Struct, frozen=True):
    """Show the whole desk as it was at desk time `at` (ms)."""

    at: int


Intent = Drill | LinkSymbol | Notify | Command | Pin | AcknowledgeAlert | SnoozeAlert | LookAt
"""What a panel may ask of the desk."""


class Then(msgspec.Struct, frozen=True, eq=False):
    """The moment that figures of now are compared with: all figures as they were, and in words when that was."""

    state: State
    words: str


EACH_FRAME = 1
"""An interval (ms) no longer than a frame of any desk."""


class Frame(msgspec.Struct, frozen=True):
    """All that a panel may know when it draws: model, desk clock (ms UTC), its size in cells, the linked asset.
    wide_signs: ≥ takes two cells, as >= does where a terminal has no other. then: what a trader compares with."""

    model: ModelView
    now: int
    width: int
    height: int
    symbol: str = "BTC"
    focused: bool = False
    wide_signs: bool = False
    then: Then | None = None


class Needs(NamedTuple):
    """Lines that a panel needs at its width: `least` up to its fifth row, `all` for everything it has to show.
    `fits`: the columns that matter most have room."""

    least: int
    all: int
    fits: bool


class Panel(Configurable):
    """Base of every panel. Subclass it in a file of its own, name it in the entry points of group `deskmon.panels`.

    The host calls the hooks under a guard: an exception or a slow hook costs this panel's cell only.
    """

    name: ClassVar[str]
    """Entry-point name, file name and the name in deskmon.toml."""
    title: ClassVar[str]
    """One line for lists and the palette; also the default of `heading`."""
    topics: ClassVar[frozenset[str]]
    """Topics of the model that make a redraw worthwhile: see `deskmon.model.TOPICS`."""
    min_interval_ms: ClassVar[int] = SECOND
    """How often it is drawn while nobody works in it and no wave runs; more for figures that jitter all the time."""
    wave_interval_ms: ClassVar[int] = SECOND
    """How often it is drawn while a wave runs and nobody works in it; `EACH_FRAME` for quotes and prints."""
    keys: ClassVar[tuple[Key, ...]] = ()
    """Its own keys: those of its choices and actions. Others, which the panel answers in `on_action`, are listed here
    and stand before these."""
    definitions: ClassVar[tuple[tuple[str, str], ...]] = ()
    """(figure, what it means in one line), shown by the help page."""

    _declared: ClassVar[Declared]
    _own_keys: ClassVar[tuple[Key, ...]] = ()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls._declared = declared = Declared(cls)
        cls._own_keys = cls.__dict__.get("keys", cls._own_keys)
        cls.keys = (*cls._own_keys, *declared.keys) if isinstance(cls._own_keys, tuple) else cls._own_keys
        if isinstance(cls.Options, type) and issubclass(cls.Options, msgspec.Struct):
            cls.Options = declared.options(cls.Options)  # type: ignore[assignment, misc]

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        choices = self._declared.choices.values()
        self.chosen = {choice.name: getattr(self.options, choice.name, choice.default) for choice in choices}
        """What is chosen, by the name of the choice."""

    @property
    def filtered(self) -> bool:
        """Whether it shows only what matches the text of the action `filter:TEXT`; Esc then ends that first."""
        return False

    def changed(self) -> None:
        """Called after each change of the panel's own state by an action or a choice."""

    def options_now(self) -> Any:
        """Options with which a new panel would look as this one does now: what a trader may keep in the layout. Choices
        are among them; a panel with other state of its own adds that: `replace(super().options_now(), limit=…)`."""
        options = getattr(self.options, "__struct_fields__", ())
        return replace(self.options, **{name: value for name, value in self.chosen.items() if name in options})

    def hideable(self, frame: Frame) -> Sequence[tuple[str, bool]]:
        """(name, whether it is shown) of the parts that a trader may hide and show with the action `hide:NAME`."""
        return ()

    def heading(self, frame: Frame) -> str:
        """Text of the border's title, without the age."""
        return self.title

    def note(self, frame: Frame) -> str:
        """Text at the right of the title: `note_parts`, joined."""
        return JOINT.join(filter(None, self.note_parts(frame)))

    def note_parts(self, frame: Frame) -> Iterable[str]:
        """What the note says: coverage, source, unit, and what is chosen. Empty parts are left out."""
        return [choice.words(self, frame) for choice in self._declared.choices.values()]

    def oldest(self, frame: Frame) -> int | None:
        """Age in ms of the oldest live figure shown, or None where nothing ages."""
        return None

    def follow_closely(self, frame: Frame) -> str:
        """What the feeds of a private hub should follow closely while this panel is drawn, in a word that one of them
        knows: `option:BTC:1798185600000`, an expiry in ms. Without a feed that knows it nothing happens."""
        return ""

    def awaits(self, frame: Frame) -> bool:
        """Whether something that it shows is still being found: it is drawn as soon as that is there."""
        return False

    def draw(self, frame: Frame) -> Sequence[Line]:
        """Lines of spans, at most `frame.height` of at most `frame.width` cells; the host pads and crops."""
        raise NotImplementedError

    def answers(self, frame: Frame) -> Collection[str]:
        """Which of the desk's keys `enter filter sort window` do something here now; the footer offers no others."""
        window = self._declared.window
        return ("window",) if window is not None and window.offers(self, frame) else ()

    def proposes(self, frame: Frame) -> str:
        """The comparison that the desk proposes as a rule: of the figure under the cursor with a value near it, such
        as `prices.BTC.last < 84812.5`; "" where there is none."""
        return ""

    def plots(self, frame: Frame) -> str:
        """The path of the figure under the cursor, which the desk plots; by default that of the rule that is proposed.
        "" where there is none."""
        return self.proposes(frame).rsplit(" ", 2)[0]

    def compares(self, frame: Frame) -> Sequence[str]:
        """Paths of the figures that it shows, those that a trader compares with another moment; by default the one
        under the cursor."""
        return tuple(filter(None, (self.plots(frame),)))

    def needs(self, frame: Frame) -> Needs | None:
        """What it needs on `frame`, as high as all panels together; None where it makes the best of what it gets."""
        return None

    def on_left_right(self, step: int, frame: Frame) -> Intent | None:
        """Answer left (`step` −1) or right (1); by default the window before or after, where there is one to choose."""
        if self._declared.window is not None:
            self._declared.window.turn(self, frame, step)
        return None

    def on_action(self, action: str, frame: Frame) -> Intent | None:
        """Answer a key of `keys`, or one of the desk's movements (`up down top bottom left right page_up page_down
        enter sort window filter:TEXT hide:NAME`): what a choice or a method with `@action` declares."""
        if action in ("left", "right"):
            intent = self.on_left_right(-1 if action == "left" else 1, frame)
        elif action in self._declared.answers:
            intent = self._declared.answers[action](self, frame)
        else:
            return None
        self.changed()
        return intent
