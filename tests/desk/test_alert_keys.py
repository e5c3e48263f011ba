"""Keys of alerts: the page of all rules, acknowledge and snooze in it, a rule from the figure under the cursor."""

from __future__ import annotations

import pytest
import tomli

from deskmon.clock import HOUR
from deskmon.config.schema import Cell, Config, Layout
from deskmon.desk.config_writer import ConfigWriter
from deskmon.desk.desk import Desk
from deskmon.plugins import load_panel
from deskmon.samples import NOW
from deskmon.transport.requests import Acknowledge, Snooze
from tests.markets import sample


def desk_of(panel, writer=None):
    config = Config(layouts={"default": Layout(cells=(Cell(panel=panel),))})
    asked = []
    desk = Desk(config, sample("full"), load_panel=load_panel, ask=asked.append, config_writer=writer)
    desk.resize(120, 30)
    desk.frame(NOW)
    return desk, asked


def press(desk, *keys):
    for key in keys:
        desk.press(key, NOW)
        desk.frame(NOW)
    return desk.canvas.text()


def test_the_page_of_alerts_acknowledges_and_snoozes_what_is_under_the_cursor():
    desk, asked = desk_of("prices")
    assert "cascade" in press(desk, "!")
    press(desk, "a")
    assert "snooze cascade" in press(desk, "x")
    press(desk, "2")
    press(desk, "x", "4", "x", "escape")
    assert asked == [
        Acknowledge(id=0, rule="cascade"), Snooze(id=0, rule="cascade", until=NOW + HOUR), Snooze(id=0, rule="cascade"),
    ]  # fmt: skip
    assert "desk › prices" in press(desk, "enter", "escape")


def test_the_keys_of_that_page_do_nothing_of_it_elsewhere():
    desk, asked = desk_of("prices")
    press(desk, "a", "x")
    assert (asked, desk.mode) == ([], None)


@pytest.mark.parametrize(
    ("panel", "when"),
    [
        ("prices", "prices.BTC.last < 84710.7"),
        ("levels", "prices.BTC.last < 84710.7"),
        ("funding", "funding.BTC.mean_8h > 0.0000685059"),
        ("liquidations", "liquidations.windows.24h.usd > 965854000"),
        ("skew", "options.BTC.constant_maturity.30d.rr25 < -4.50818"),
    ],
)
def test_two_keys_write_a_rule_on_the_figure_under_the_cursor_a_tenth_of_a_percent_away(panel, when, tmp_path):
    path = tmp_path / "deskmon.toml"
    path.write_text("# mine\n")
    desk, _ = desk_of(panel, ConfigWriter(path))
    assert f"rule: {when}" in press(desk, "A")
    press(desk, "enter")
    assert path.read_text().startswith("# mine\n")
    [rule] = tomli.loads(path.read_text())["alerts"]["rules"].values()
    assert rule["when"] == when


@pytest.mark.parametrize("mode", ["demo", "replay", "look_back"])
def test_a_rule_thought_of_before_another_market_is_written_only_where_the_trader_says_so(mode, tmp_path):
    path = tmp_path / "deskmon.toml"
    path.write_text("# mine\n")
    desk, _ = desk_of("prices", ConfigWriter(path))
    desk.status.mode = mode
    assert "⏎ go on" in press(desk, "A")
    assert "no: write nothing" in press(desk, "enter")
    shown = press(desk, "enter")
    assert "nothing was written: prices.BTC.last < 84710.7" in shown
    press(desk, "A", "enter", "escape")
    assert path.read_text() == "# mine\n"
    press(desk, "A", "enter", "2")
    [rule] = tomli.loads(path.read_text())["alerts"]["rules"].values()
    assert rule["when"] == "prices.BTC.last < 84710.7"


def test_a_level_is_waited_for_from_where_the_price_is(tmp_path):
    desk, _ = desk_of("levels", ConfigWriter(tmp_path / "deskmon.toml"))
    assert "rule: prices.BTC.last > 85000" in press(desk, "up", "A")
    assert "rule: prices.BTC.last < 80000" in press(desk, "escape", "down", "down", "A")


def test_a_kiosk_writes_no_rule_and_snoozes_nothing_and_a_panel_without_figures_says_so(tmp_path):
    desk, asked = desk_of("alerts", ConfigWriter(None, "this is a kiosk", kiosk=True))
    assert "a kiosk snoozes nothing" in press(desk, "x")
    assert "no rules here: this is a kiosk" in press(desk, "A")
    assert asked == []
    desk, _ = desk_of("headlines", ConfigWriter(tmp_path / "deskmon.toml"))
    assert "no figure here" in press(desk, "A")
