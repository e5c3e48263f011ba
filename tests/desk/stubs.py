"""Panels that misbehave on demand, and a desk of them, for tests of what hosts them."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from deskmon.analytics.level_settings import Pinned
from deskmon.components.choices import Key
from deskmon.components.panel import Drill, Frame, Intent, Line, Panel
from deskmon.config.schema import Cell, Config, Layout
from deskmon.desk.desk import Desk
from deskmon.events import Ticker
from deskmon.model import Model


class Plain(Panel):
    """Counts its draws and shows them."""

    name = "plain"
    title = "plain"
    topics: ClassVar[frozenset[str]] = frozenset({"prices"})
    keys: ClassVar[tuple[Key, ...]] = (Key("plain.extra", "x", "extra", "Does something extra"),)
    definitions: ClassVar[tuple[tuple[str, str], ...]] = (("draws", "how often this panel drew"),)

    class Options(Panel.Options, frozen=True):
        """depth: how many pages stand under it."""

        depth: int = 0

    def __init__(self, options: object = None) -> None:
        super().__init__(options)
        self.draws = 0
        self.actions: list[str] = []

    def draw(self, frame: Frame) -> Sequence[Line]:
        self.draws += 1
        return [[("draws ", "label"), (f"{self.draws:>4}", "text flash")], [(" ".join(self.actions), "text")]]

    def answers(self, frame: Frame) -> Sequence[str]:
        return ("enter",)

    def on_action(self, action: str, frame: Frame) -> Intent | None:
        self.actions.append(action)
        return Drill("plain", {"depth": self.options.depth + 1}, "deeper") if action == "enter" else None


def move(desk: Desk, last: float) -> None:
    """A tick: the topic `prices` moves."""
    desk.model.apply([Ticker(ts=1_767_614_400_000, venue="binance", symbol="BTC/USDT:USDT", last=last)])


def breaking(hook: str) -> type[Panel]:
    """A panel that raises in `hook`."""

    def fail(self: Panel, *args: object) -> None:
        raise ZeroDivisionError("division by zero")

    return type("Breaking", (Plain,), {hook: fail, "name": "breaking"})


class PerfCounter:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def desk_of(
    *panels: type[Panel],
    perf: PerfCounter | None = None,
    size: tuple[int, int] = (120, 36),
    keys: dict[str, str] | None = None,
    on_pin: Callable[[Pinned], None] = lambda pin: None,
) -> Desk:
    """A desk whose one layout stands `panels` side by side."""
    named = {f"p{i}": panel for i, panel in enumerate(panels)} | {"plain": Plain}
    cells = tuple(Cell(panel=f"p{i}", column=i) for i in range(len(panels)))
    layout = Layout(columns=(1.0,) * len(panels), cells=cells)
    config = Config(layouts={"default": layout, "other": Layout(cells=(Cell(panel="plain"),))}, keys=keys or {})
    desk = Desk(config, Model(), load_panel=named.__getitem__, perf=perf or PerfCounter(), on_pin=on_pin)
    desk.resize(*size)
    desk.status.link = "live"
    return desk
