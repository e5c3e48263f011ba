"""For the tests of panels and feeds: hand-made markets, a renderer, and the contract that every plug-in keeps.

def test_my_panel_keeps_the_contract():
    check_panel(MyPanel)

async def test_my_feed_keeps_the_contract():
    feed = MyFeed("mine")
    await check_feed(feed, take=feed.take)
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import msgspec

from deskmon.components.panel import STYLES, Drill, Frame, Intent, Line, Panel
from deskmon.components.text import cell_width
from deskmon.errors import DeskError
from deskmon.feed_contract import FRAMES, GARBAGE, FeedProbe, check_feed
from deskmon.model import TOPICS, Model
from deskmon.plugins import load_panel
from deskmon.samples import KINDS, NOW, Kind, model_of, sample_events, sample_model

__all__ = [
    "DESK_KEYS",
    "FRAMES",
    "GARBAGE",
    "KINDS",
    "NOW",
    "FeedProbe",
    "Kind",
    "check_feed",
    "check_panel",
    "model_of",
    "render",
    "sample_events",
    "sample_model",
]

SIZES = ((1, 1), (2, 2), (5, 1), (10, 3), (20, 5), (36, 7), (40, 8), (60, 12), (80, 24), (120, 36), (200, 50))
"""(width, height) in cells that the contract tries on each market."""

WIDTHS = range(20, 201)
"""Cells that one panel is widened through, as a terminal is, on the markets that have most to show."""

HEIGHTS = (1, 2, 3, 5, 8, 13, 24, 50)
"""Lines that it has meanwhile, in turn."""

ROWS = 40
"""Rows from the top on which Enter is pressed."""

MOVES = (
    "down", "down", "up", "bottom", "page_up", "page_down", "top", "left", "right", "sort", "window", "enter",
    "filter:btc", "down", "filter:no such thing", "enter", "sort", "filter:",
)  # fmt: skip
"""What the desk asks of a focused panel."""

DESK_KEYS = frozenset(
    (
        *("enter", "escape", "tab", "shift+tab", "up", "down", "left", "right", "home", "end", "pageup", "pagedown"),
        *("space", "ctrl+c", "ctrl+p", "ctrl+home", *"gGjkz/swlt?:r[].<>,@qecnSA!+-=yYPR{}0123456789"),
    )
)
"""Keys that the desk keeps for itself."""

WORDS = frozenset((*STYLES, "bold", "dim", "reverse", "underline", "flash"))
"""Every word a style may be made of."""


def render(
    panel: Panel, model: Model, now: int = NOW, width: int = 80, height: int = 24, *, symbol: str = "BTC",
    focused: bool = False,
) -> list[str]:  # fmt: skip
    """The panel's lines as plain text, as it drew them at desk time `now` (ms UTC) on width × height cells."""
    frame = Frame(model, now, width, height, symbol, focused)
    return ["".join(text for text, _ in line) for line in panel.draw(frame)]


def check_panel(panel_class: type[Panel], options: Any = None) -> None:
    """Assert what every panel owes: it names itself, its topics, its keys and its figures; it draws any market at any
    size within its cell, in known styles and printable characters, without changing the model; it answers every key and
    movement; and the pages that it opens are installed panels that take its options. Raises AssertionError that says
    what and where."""
    _check_declarations(panel_class)
    for kind in KINDS:
        model, before = _market(kind)
        try:
            for width, height in SIZES:
                _check_drawing(panel_class, options, Frame(model, NOW, width, height))
            if kind in ("full", "odd"):
                _check_widths(panel_class, options, model)
                _check_rows(panel_class, options, model)
            assert _figures(model) == before, f"{panel_class.name}: drawing or a key changed the {kind} model"
        except BaseException:
            _market.cache_clear()
            raise


@cache
def _market(kind: Kind) -> tuple[Model, bytes]:
    """A sample market and its figures, for every panel until one changes it or fails on it."""
    model = sample_model(kind)
    return model, _figures(model)


def _check_declarations(panel_class: type[Panel]) -> None:
    name = panel_class.name
    assert name.isidentifier() and name == name.lower(), f"{name!r} is no lower-case name"
    assert panel_class.title, f"{name}: no title"
    unknown = panel_class.topics - set(TOPICS)
    assert panel_class.topics and not unknown, f"{name}: topics {sorted(unknown)} are none of {', '.join(TOPICS)}"
    assert panel_class.definitions, f"{name}: no definitions: the help page can't say what its figures mean"
    assert all(figure and meaning for figure, meaning in panel_class.definitions), f"{name}: an empty definition"
    ids = [key.id for key in panel_class.keys]
    chosen = [key.key for key in panel_class.keys]
    assert len({*ids}) == len(ids) and len({*chosen}) == len(chosen), f"{name}: a key is declared twice"
    clashes = DESK_KEYS & set(chosen)
    assert not clashes, f"{name}: {', '.join(sorted(clashes))} are the desk's own keys"
    assert all(key.label and key.help for key in panel_class.keys), f"{name}: a key without label or help"


def _check_drawing(panel_class: type[Panel], options: Any, frame: Frame) -> None:
    panel = panel_class(options)
    for focused in (False, True):
        _check_lines(panel, msgspec.structs.replace(frame, focused=focused))
    for action in (*(key.id for key in panel_class.keys), *MOVES):
        _check_action(panel, action, frame)
        _check_lines(panel, frame)


def _check_widths(panel_class: type[Panel], options: Any, model: Model) -> None:
    panel = panel_class(options)
    for width in WIDTHS:
        _check_lines(panel, Frame(model, NOW, width, HEIGHTS[width % len(HEIGHTS)], focused=width % 2 == 0))


def _check_rows(panel_class: type[Panel], options: Any, model: Model) -> None:
    panel, frame = panel_class(options), Frame(model, NOW, 120, 36, focused=True)
    for _ in range(ROWS):
        _check_action(panel, "enter", frame)
        _check_action(panel, "down", frame)


def _check_action(panel: Panel, action: str, frame: Frame) -> None:
    intent = panel.on_action(action, frame)
    assert intent is None or isinstance(intent, Intent), f"{panel.name}: {action} returned {intent!r}"
    if not isinstance(intent, Drill):
        return
    where = f"{panel.name}: {action} opens the page {intent.panel!r}"
    try:
        page = type(panel) if intent.panel == panel.name else load_panel(intent.panel)
        msgspec.convert(intent.options, page.Options)
    except DeskError as fault:
        raise AssertionError(f"{where}: {fault}") from fault
    except msgspec.ValidationError as fault:
        raise AssertionError(f"{where}, which refuses its options {intent.options!r}: {fault}") from fault


def _check_lines(panel: Panel, frame: Frame) -> None:
    where = f"{panel.name} on {frame.width}×{frame.height}"
    lines: Sequence[Line] = panel.draw(frame)
    assert len(lines) <= frame.height, f"{where}: {len(lines)} lines"
    for line in lines:
        text = "".join(text for text, _ in line)
        assert cell_width(text) <= frame.width, f"{where}: {cell_width(text)} cells in {text!r}"
        assert text.isprintable(), f"{where}: unprintable characters in {text!r}"
        unknown = {word for _, style in line for word in style.split()} - WORDS
        assert not unknown, f"{where}: unknown styles {', '.join(sorted(unknown))}"
    assert isinstance(panel.heading(frame), str) and isinstance(panel.note(frame), str), f"{where}: title isn't text"
    oldest = panel.oldest(frame)
    assert oldest is None or oldest >= 0, f"{where}: oldest is {oldest!r} ms"


def _figures(model: Model) -> bytes:
    return msgspec.json.encode(model.state(NOW))
