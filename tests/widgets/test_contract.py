"""Every installed panel keeps the contract, and the contract catches panels that don't."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys

import pytest

from deskmon.api import Column, Drill, Key, Panel, Row, TablePanel
from deskmon.plugins import load_panel, panel_names
from deskmon.testing import DESK_KEYS, SIZES, check_panel
from tests.length import length


@pytest.mark.parametrize("name", panel_names())
def test_every_installed_panel_keeps_the_contract(name, monkeypatch):
    monkeypatch.setattr("deskmon.testing.SIZES", length(SIZES[::2], SIZES))
    monkeypatch.setattr("deskmon.testing.WIDTHS", length((*range(20, 200, 7), 200), range(20, 201)))
    check_panel(load_panel(name))


class Good(Panel):
    name = "good"
    title = "Good"
    topics = frozenset({"prices"})
    definitions = (("x", "nothing"),)

    def draw(self, frame):
        return [[("x", "text")]][: frame.height]


class Wide(Good):
    def draw(self, frame):
        return [[("x" * (frame.width + 1), "text")]]


class Tall(Good):
    def draw(self, frame):
        return [[("x", "text")]] * (frame.height + 1)


class Unstyled(Good):
    def draw(self, frame):
        return [[("x", "crimson")]]


class Escaping(Good):
    def draw(self, frame):
        return [[("\x1b"[: frame.width], "text")]]


class Meddling(Good):
    def draw(self, frame):
        frame.model.prices.clear()
        return []


class Inconsistent(Good):
    def on_action(self, action, frame):
        return "done"


class Greedy(Good):
    keys = (Key("greedy.quit", "q", "quit", "Take the desk's key"),)


class Silent(Good):
    definitions = ()


class LinkLost(Good):
    topics = frozenset({"weather"})


class WideAt(Good):
    """Draws a cell too many where the width is one that no list of usual sizes has."""

    def draw(self, frame):
        return [[("x" * (frame.width + (frame.width == 137 and frame.height > 1)), "text")]]


class Opening(Good):
    drill = Drill("symbol", {"symbol": "BTC"})

    def on_action(self, action, frame):
        return self.drill if action == "enter" else None


class Misleading(Opening):
    drill = Drill("symbol", {"symbl": "BTC"})


class Mistyped(Opening):
    drill = Drill("liquidations", {"window": 15})


class Lonely(Opening):
    drill = Drill("nowhere")


class Inward(Opening):
    name = "inward"
    drill = Drill("inward")


class LastRow(TablePanel):
    """Only the page of its last row can't be opened."""

    name = "last_row"
    title = "Last row"
    topics = frozenset({"prices"})
    definitions = (("n", "a number"),)
    columns = (Column("n", "n", 4),)

    def rows(self, frame):
        return [Row(str(n), {"n": (str(n), "text")}) for n in range(30)]

    def open(self, row, frame):
        return Drill("symbol", {"symbol": 29 if row.key == "29" else row.key})


class Raising(Good):
    def draw(self, frame):
        return [[(frame.model.prices.figures(frame.now)["BTC/USDT:USDT"].venue[: frame.width], "text")]]


@pytest.mark.parametrize("panel", [Good, Opening, Inward])
def test_the_contract_accepts_a_plain_panel(panel):
    check_panel(panel)


@pytest.mark.parametrize(
    ("panel", "complaint"),
    [
        (Wide, "cells in"), (Tall, "lines"), (Unstyled, "unknown styles crimson"), (Escaping, "unprintable"),
        (Meddling, "changed the one model"), (Inconsistent, "returned 'done'"), (Greedy, "q are the desk's own keys"),
        (Silent, "no definitions"), (LinkLost, "weather"), (WideAt, "on 137×2: 138 cells"),
        (Misleading, "'symbol', which refuses its options .* unknown field `symbl`"),
        (Mistyped, "enter opens the page 'liquidations', which refuses its options"),
        (Lonely, "page 'nowhere': panel 'nowhere' isn't installed"), (LastRow, "page 'symbol', which refuses"),
    ],
)  # fmt: skip
def test_the_contract_names_what_is_wrong(panel, complaint):
    with pytest.raises(AssertionError, match=complaint):
        check_panel(panel)


def test_a_panel_that_raises_on_an_empty_model_fails_the_contract():
    with pytest.raises(KeyError):
        check_panel(Raising)


def test_panels_and_the_screen_import_nothing_heavy():
    """The screen paints before any of these is loaded; chains, levels and charts take numpy at their first look."""
    code = (
        "import sys; from deskmon.plugins import load_panel, panel_names; [load_panel(n) for n in panel_names()];"
        "from deskmon.samples import NOW, model_of, sample_events; from deskmon.components.panel import Frame;"
        "from deskmon.events import Option;"
        "market = [event for event in sample_events('full') if not isinstance(event, Option)];"
        "frame = Frame(model_of(market), NOW, 80, 24);"
        "[load_panel(n)().draw(frame) for n in panel_names() if n not in ('level', 'levels', 'chart', 'plot')];"
        "heavy = {'numpy', 'pandas', 'ccxt', 'aiohttp', 'zstandard', 'textual'};"
        "print(*heavy & sys.modules.keys());"
        "import deskmon.desk.app;"
        "print(*heavy & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["", "textual"]


def test_built_in_panels_use_what_authors_may_use_only():
    for name in panel_names():
        tree = ast.parse(inspect.getsource(sys.modules[load_panel(name).__module__]))
        modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        modules |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        ours = {module for module in modules if module and module.startswith("deskmon")}
        assert all(m in ("deskmon.api", "deskmon.components") or m.startswith("deskmon.components.") for m in ours), (
            name
        )


@pytest.mark.parametrize("name", panel_names())
def test_a_built_in_panel_declares_what_its_keys_do(name):
    """By choices and actions: no chain of ifs over actions, no key listed by hand, no option mirrored by hand."""
    panel = load_panel(name)
    assert "on_action" not in vars(panel)
    assert panel._own_keys == ()
    # Left and right of depth choose among whatever assets there are, which is no choice among values known before.
    assert "options_now" not in vars(panel) or name == "depth"


def test_the_contract_knows_every_key_of_the_desk():
    from deskmon.desk import keys

    desk = {key for each in keys.DESK_KEYS for key in (each.key, *each.also)} | set("123456789")
    assert desk <= DESK_KEYS
