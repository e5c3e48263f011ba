"""Where the configuration comes from, what is laid over what, and that each value's origin is told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deskmon import plugins
from deskmon.config.loading import examine, load
from deskmon.config.show import to_toml
from deskmon.config.sources import PACKAGED, find
from deskmon.errors import ConfigError

MINE = '[desk]\nname = "mine"\n'


def test_the_places_are_looked_at_in_order(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = elsewhere / "home"
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
    assert find().path == PACKAGED
    (home / "deskmon").mkdir(parents=True)
    (home / "deskmon" / "deskmon.toml").write_text(MINE)
    assert find().path == home / "deskmon" / "deskmon.toml"
    (elsewhere / "deskmon.toml").write_text(MINE)
    assert find().path.resolve() == elsewhere / "deskmon.toml"
    monkeypatch.setenv("DESKMON_CONFIG", "named.toml")
    assert find(environ=os.environ).path == Path("named.toml")
    assert find("asked.toml").path == Path("asked.toml")


def test_the_packaged_default_is_nobodys_own_file_by_whatever_name(elsewhere: Path) -> None:
    (elsewhere / "deskmon.toml").symlink_to(PACKAGED)
    assert find(None).path == PACKAGED
    (elsewhere / "deskmon.toml").unlink()
    (elsewhere / "deskmon.toml").write_text("")
    assert find(None).how == "the current folder"


def test_the_default_desk_is_whole_and_without_problems(elsewhere: Path) -> None:
    loaded = load()
    assert loaded.path == PACKAGED
    assert loaded.warnings == ()
    assert {"default", "tape", "feeds"} <= loaded.config.layouts.keys()
    feeds = loaded.config.feeds
    assert feeds["deribit_options"].options["underlyings"] == ["BTC", "ETH"]
    venues = [feed for feed in feeds.values() if feed.type == "ccxt"]
    exchanges = [feed.options["exchange"] for feed in venues]
    assert exchanges == ["binanceusdm", "bybit", "okx", "hyperliquid", "deribit", "htx"]
    for feed in venues:
        assert feed.options["symbols"] == ["BTC", "ETH", "SOL", "BNB", "XRP"]


def test_only_what_somebody_wrote_is_judged_and_its_plug_ins_imported(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[str] = []
    for kind in ("load_panel", "load_feed"):
        load_one = getattr(plugins, kind)
        monkeypatch.setattr(plugins, kind, lambda name, load_one=load_one: (judged.append(name), load_one(name))[1])
    assert examine().problems == () and judged == []
    (elsewhere / "deskmon.toml").write_text('[layouts.own]\ncells = [{panel = "tape"}]\n')
    assert examine().problems == () and judged == ["tape"]


def test_the_packaged_default_is_right_where_somebody_wrote_it(elsewhere: Path) -> None:
    text = PACKAGED.read_text()
    (elsewhere / "deskmon.toml").write_text(text)
    assert examine().problems == ()
    (elsewhere / "deskmon.toml").write_text(
        text.replace('panel = "funding"', 'panel = "fundign"').replace("fps =", "fsp =")
    )
    assert [problem.key for problem in examine().problems] == ["desk.fsp", "layouts.default.cells[4].panel"]


def test_tables_by_key_layouts_by_name_feeds_whole(tmp_path: Path) -> None:
    path = tmp_path / "desk.toml"
    path.write_text(
        MINE + '[layouts.tape]\ncells = [{panel = "feeds"}]\n[layouts.own]\ncells = [{panel = "tape"}]\n'
        '[feeds.only]\ntype = "ccxt"\nexchange = "kraken"\n'
    )
    config = load(path).config
    default = load(PACKAGED).config
    assert (config.desk.name, config.desk.layout) == ("mine", default.desk.layout)
    assert list(config.layouts) == [*default.layouts, "own"]
    assert config.layouts["default"] == default.layouts["default"]
    assert [cell.panel for cell in config.layouts["tape"].cells] == ["feeds"]
    assert list(config.feeds) == ["only"]
    assert config.feeds["only"].options == {"exchange": "kraken"}


def test_an_empty_feeds_table_means_no_feeds(tmp_path: Path) -> None:
    path = tmp_path / "desk.toml"
    path.write_text("[feeds]\n")
    assert load(path).config.feeds == {}


def test_set_is_toml_or_plain_text_and_the_last_wins(elsewhere: Path) -> None:
    sets = ["desk.fps=2", "desk.fps=3", "desk.symbol=ETH", 'desk.name="a=b"', "feeds.okx.enabled=false"]
    config = load(sets=sets, theme="mono").config
    assert (config.desk.fps, config.desk.symbol, config.desk.name, config.desk.theme) == (3.0, "ETH", "a=b", "mono")
    assert [label for label, feed in config.feeds.items() if not feed.enabled] == ["okx"]


def test_the_layout_to_begin_with_is_checked_like_any_other(elsewhere: Path) -> None:
    assert load(layout="tape").config.desk.layout == "tape"
    with pytest.raises(ConfigError, match=r"--layout: desk.layout: no layout \"tap\"; did you mean 'tape'"):
        load(layout="tap")


def test_feeds_given_by_a_command_replace_the_files(tmp_path: Path) -> None:
    path = tmp_path / "desk.toml"
    path.write_text('[feeds.broken]\nexchange = "x"\n')
    loaded = load(path, ["feeds.demo.seed=3"], feeds={"demo": {"type": "demo"}})
    assert {label: feed.options for label, feed in loaded.config.feeds.items()} == {"demo": {"seed": 3}}


def test_every_value_tells_where_it_comes_from(tmp_path: Path) -> None:
    path = tmp_path / "desk.toml"
    path.write_text(MINE + "fps = 8\n[feeds.x]\n\ntype = 'ccxt'\nexchange = 'okx'\n")
    loaded = load(path, ["desk.fps=2", "keys.desk.sort=o"], theme="light")
    text = to_toml(loaded.config, loaded.origins)
    assert f'name = "mine"  # {path}:2\n' in text
    assert "fps = 2  # --set\n" in text or "fps = 2.0  # --set\n" in text
    assert 'theme = "light"  # --theme\n' in text
    assert 'symbol = "BTC"  # default\n' in text
    assert f'exchange = "okx"  # {path}:7\n' in text
    assert "enabled = true  # default\n" in text
    assert '"desk.sort" = "o"  # --set\n' in text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[feeds]",
        '[keys]\ndesk.sort = "o"\n[journal]\npath = "a.jsonl"\n[desk]\nmax_kbps = 64.5\nname = "q\\"uote é"',
        '[feeds."odd label"]\ntype = "ccxt"\nexchange = "okx"\npoll = {book = 2.5}\nurls = {api = {public = "http://x"}}',
        '[layouts.a]\nrows = [1.0, 2.0]\ncells = [{panel = "tape", row = 1, options = {smallest = 5000.0}}]',
    ],
)
def test_what_is_shown_loads_to_the_same_configuration(tmp_path: Path, text: str) -> None:
    path, again = tmp_path / "desk.toml", tmp_path / "again.toml"
    path.write_text(text)
    config = load(path).config
    again.write_text(to_toml(config))
    assert load(again).config == config
