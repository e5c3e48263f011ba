"""Options of a panel changed in place, by its own keys, and kept in the layout."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
import tomli
import tomlkit

from deskmon.components.panel import Frame
from deskmon.config.loading import load
from deskmon.desk.host import PanelHost
from deskmon.plugins import load_panel, panel_names
from deskmon.testing import NOW
from tests.desk.stubs import Plain
from tests.layouts.test_editor import desk_on, press
from tests.markets import sample

FILE = """\
[desk]
layout = "work"
[layouts.work]
columns = [1.0, 1.0]
[[layouts.work.cells]]
panel = "prices"
options = { symbols = ["BTC", "ETH", "SOL"] }   # mine
[[layouts.work.cells]]
panel = "funding"   # what it costs
column = 1
"""


@pytest.fixture
def path(tmp_path) -> Path:
    file = tmp_path / "deskmon.toml"
    file.write_text(FILE)
    return file


def test_sort_filter_columns_and_a_panels_own_view_are_kept_and_the_same_after_a_restart(path):
    desk = desk_on(path, (200, 40))
    press(desk, "1", "s", "s", "/", *"eth", "enter", "c", "1", "escape")
    before = press(desk, "2", "u", "v", "c", *"mean", "space", "escape", "1", "S")
    assert "saved in" in before and 'symbols = ["BTC", "ETH", "SOL"]' in path.read_text()
    press(desk, "2", "S", "1")
    options = [cell.options for cell in load(path).config.layouts["work"].cells]
    assert options[0]["filter"] == "eth" and options[0]["sort"] and options[0]["hide"]
    assert options[1] == {"unit": "apr", "view": "settled", "hide": ["mean"]}
    again = desk_on(path, (200, 40))
    assert press(again, "1").splitlines()[1:-1] == press(desk, "1").splitlines()[1:-1]
    assert path.read_text().count("#") == FILE.count("#")
    assert "funding is as its layout says" in press(again, "2", "S")


def test_what_goes_back_to_the_default_leaves_the_file(path):
    desk = desk_on(path)
    press(desk, "2", "u", "S")
    assert 'unit = "apr"' in path.read_text()
    press(desk, "u", "u", "S")
    assert load(path).config.layouts["work"].cells[1].options.get("unit", "8h") == "8h"


def test_a_hidden_column_leaves_and_comes_back_and_the_first_one_always_stays(path):
    desk = desk_on(path)
    assert " last" in desk.canvas.text().splitlines()[2]
    shown = press(desk, "1", "c", *"last", "space", "escape")
    assert " last" not in shown.splitlines()[2]
    assert "✓symbol" not in press(desk, "c")
    press(desk, *"last", "enter", "escape")
    assert desk.page.hosts[0].panel.options_now().hide == ()


def test_a_choice_of_columns_shows_what_is_hidden(path):
    desk = desk_on(path)
    press(desk, "1", "c")
    foot = desk.canvas.text().splitlines()[-1]
    assert "1 ✓" in foot and "·" not in foot.replace(" · ", "")
    foot = press(desk, "1").splitlines()[-1]
    assert "1 ·" in foot


def test_a_pinned_panel_a_locked_layout_and_an_opened_page_keep_nothing(path):
    path.write_text(FILE.replace('panel = "funding"', 'pinned = true\npanel = "funding"'))
    desk = desk_on(path)
    assert "funding is pinned" in press(desk, "2", "u", "S")
    path.write_text(FILE.replace("[layouts.work]", "[layouts.work]\nlocked = true"))
    desk = desk_on(path)
    assert "locked" in press(desk, "2", "u", "S")
    assert "only panels of a layout" in press(desk, "1", "enter", "S")
    assert "no columns to choose" in press(desk, "escape", "?", "c")


@pytest.mark.parametrize("name", panel_names())
def test_a_panel_made_of_its_options_looks_as_it_did(name):
    """Of every panel, whatever its keys were pressed: its options fit a layout, and a new panel shows the same view."""
    kind = load_panel(name)
    assert not any(field.required for field in msgspec.structs.fields(kind.Options)), "a layout may name it alone"
    host = PanelHost(name, lambda: kind())
    frame = Frame(sample("full"), NOW, 120, 30, "BTC", True)
    for key in (*(key.id for key in host.keys), "sort", "window", "sort"):
        host.on_action(key, frame)
        options = host.options_now({})
        assert options is not None, host.fault
        again = kind(msgspec.convert(options, kind.Options))
        assert again.options_now() == kind(again.options).options_now() == host.panel.options_now()
        assert tomli.loads(tomlkit.dumps({"options": options}))["options"] == options


def test_a_panel_without_options_and_one_that_fails_have_nothing_to_keep():
    assert PanelHost("plain", Plain).options_now({}) == {}

    class Failing(Plain):
        def options_now(self):
            raise ZeroDivisionError

    host = PanelHost("plain", Failing)
    assert host.options_now({}) is None and host.broken
    assert "ZeroDivisionError" in host.fault
