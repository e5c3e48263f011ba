"""Pins: written into deskmon.toml with all else left as it is, read from it, asked for by key."""

import os
import stat

import msgspec
import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from deskmon.analytics.level_settings import Pinned
from deskmon.components.panel import Pin
from deskmon.config.loading import load
from deskmon.config.pins import with_pin, write_pin
from deskmon.config.schema import Config
from deskmon.config.sources import PACKAGED
from deskmon.desk.config_writer import ConfigWriter
from deskmon.desk.desk import Desk
from deskmon.errors import ConfigError, DeskError
from deskmon.model import Model
from deskmon.pins import OperatorPins
from deskmon.plugins import load_panel
from deskmon.testing import NOW, sample_events

PIN = Pinned(symbol="BTC", price=73_000.0, label="Krinsky: must reclaim")
AS_TOML = {"symbol": "BTC", "price": 73_000, "label": "Krinsky: must reclaim"}
BLOCK = '[[levels.pins]]\nsymbol = "BTC"\nprice = 73000\nlabel = "Krinsky: must reclaim"\n'
FULL = """\
# my desk
[desk]
name = "mine"  # not yours

[[levels.pins]]   # the first
symbol = "ETH"
price = 1_550.0

# keys
[keys]
desk.quit = "Q"
"""


def test_a_pin_is_added_at_the_end_and_every_other_line_stays():
    assert with_pin(FULL, PIN) == FULL + "\n" + BLOCK


@pytest.mark.parametrize(
    "text",
    ["", "# nothing\n", "[desk]\nname = 'x'", "[levels]\ntimeframe = '4h' # slow\n", "[levels.weights]\npin = 9.0\n"],
)
def test_a_file_without_pins_gets_its_first(text):
    after = with_pin(text, PIN)
    assert after.startswith(text) and tomli.loads(after)["levels"]["pins"] == [AS_TOML]
    before = tomli.loads(text)
    assert {**tomli.loads(after), "levels": before.get("levels")} == {**before, "levels": before.get("levels")}


def test_an_array_of_pins_gets_one_more():
    text = "[levels]\npins = [\n  {symbol = 'BTC', price = 60_000}, # hold\n]\n"
    after = with_pin(text, PIN)
    assert "{symbol = 'BTC', price = 60_000}, # hold" in after
    assert tomli.loads(after)["levels"]["pins"] == [{"symbol": "BTC", "price": 60_000}, AS_TOML]


def test_the_same_price_again_gets_the_new_label():
    once = with_pin(FULL, PIN)
    again = with_pin(once, Pinned(symbol="BTC", price=73_000.0, label="lost"))
    assert again == once.replace("Krinsky: must reclaim", "lost")


@given(st.text(max_size=40), st.floats(1e-9, 1e9), st.sampled_from(["", FULL, FULL.replace("\n", "\r\n")]))
def test_whatever_is_pinned_is_read_back(label, price, text):
    after = with_pin(text, Pinned(symbol="BTC", price=price, label=label))
    newest = tomli.loads(after)["levels"]["pins"][-1]
    assert (newest["price"], newest.get("label", "")) == (price, label)
    assert "\r" not in after.replace("\r\n", "") or "\r" in label


@pytest.mark.parametrize("text", ["levels = 1\n", "levels = {timeframe = '1h'}\n", "[levels]\npins = 7\n"])
def test_levels_that_can_not_take_a_pin_are_left_alone(text):
    with pytest.raises(DeskError, match="take a pin"):
        with_pin(text, PIN)


def test_the_file_is_replaced_whole_and_keeps_its_permissions(tmp_path):
    path = tmp_path / "deskmon.toml"
    path.write_text(FULL)
    path.chmod(0o640)
    link = tmp_path / "link.toml"
    link.symlink_to(path)
    assert write_pin(link, PIN) == path
    assert path.read_text() == FULL + "\n" + BLOCK and link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert sorted(each.name for each in tmp_path.iterdir()) == ["deskmon.toml", "link.toml"]


def test_a_file_that_can_not_be_changed_is_left_as_it_was(tmp_path):
    path = tmp_path / "deskmon.toml"
    path.write_text("not toml")
    assert ConfigWriter(path).pin(Pin("BTC", 73_000.0)).style == "warn"
    assert path.read_text() == "not toml"
    path.write_bytes(b"\xff")
    with pytest.raises(DeskError, match="UTF-8"):
        write_pin(path, PIN)
    with pytest.raises(DeskError, match="can't be written"):
        write_pin(path / "below", PIN)


def test_the_packaged_default_is_not_changed_but_the_user_s_own(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    before = PACKAGED.read_text()
    said = ConfigWriter(PACKAGED).pin(Pin("BTC", 73_000.0, "Krinsky: must reclaim"))
    own = tmp_path / "deskmon" / "deskmon.toml"
    assert own.read_text() == BLOCK and str(own) in said.text and PACKAGED.read_text() == before
    assert not os.path.samefile(own, PACKAGED)


def test_pins_are_read_from_the_config_and_faults_are_named(tmp_path):
    path = tmp_path / "deskmon.toml"
    path.write_text(
        BLOCK + "\n[[levels.pins]]\nsymbol = 'ETH'\nlow = 1500.0\nhigh = 1600.0\n\n[levels]\ntimeframe='4h'\n"
    )
    config = load(path).config
    assert config.levels.pins == (PIN, Pinned(symbol="ETH", low=1_500.0, high=1_600.0))
    assert config.levels.timeframe == "4h" and config.levels.pins[1].edges == (1_500.0, 1_600.0)
    for fault, words in (
        ("symbol = 'ETH'", "either a price or both low and high"),
        ("symbol = 'ETH'\nprice = -1.0", "> 0.0"),
        ("symbol = 'ETH'\nlow = 2.0\nhigh = 1.0", "above its high"),
        ("price = 1.0", "symbol"),
        ("symbol = 'ETH'\nprice = 1.0\nlable = 'x'", "label"),
    ):
        path.write_text(f"[[levels.pins]]\n{fault}\n")
        with pytest.raises(ConfigError, match=r"levels\.pins") as caught:
            load(path)
        assert words in str(caught.value)


def test_the_configuration_survives_the_way_to_the_hub():
    config = msgspec.structs.replace(Config(), levels=msgspec.structs.replace(Config().levels, pins=(PIN,)))
    assert msgspec.json.decode(msgspec.json.encode(config), type=Config) == config


def test_a_key_asks_for_a_label_then_pins(tmp_path):
    model = Model()
    model.apply(sample_events("full"))
    config = load().config
    layout = msgspec.convert({"cells": [{"panel": "levels"}]}, type(config.layouts["default"]))
    desk = Desk(
        msgspec.structs.replace(config, layouts={"default": layout}), model, load_panel=load_panel,
        config_writer=ConfigWriter(tmp_path / "deskmon.toml"), perf=lambda: 0.0,
        on_pin=lambda pin: model.apply(OperatorPins([pin]).events(NOW)),
    )  # fmt: skip
    desk.resize(100, 24)
    desk.frame(NOW)
    for key in ("p", *"hol", "x", "backspace", "d", "space", "5", "enter"):
        assert desk.press(key, NOW) is None
        desk.frame(NOW)
    [pin] = model.levels.pins
    assert (pin.symbol, pin.label) == ("BTC", "hold 5") and pin.price == pytest.approx(84_800, rel=0.01)
    kept = (tmp_path / "deskmon.toml").read_text()
    assert 'label = "hold 5"' in kept
    assert any("◆84," in line and "hold 5" in line for line in desk.canvas.text().splitlines())
    for key in ("p", "n", "o", "escape", "down"):
        desk.press(key, NOW)
    assert (tmp_path / "deskmon.toml").read_text() == kept


def test_a_pin_in_a_demo_stays_out_of_the_file(tmp_path):
    said = ConfigWriter(tmp_path / "deskmon.toml", market="the market of a demo stays as it is").pin(
        Pin("BTC", 85_000.0, "x")
    )
    assert "until the desk ends" in said.text and not list(tmp_path.iterdir())
