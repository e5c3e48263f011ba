"""Files that change under a running desk: what is whole is taken whole, what is half written changes nothing."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskmon import plugins
from deskmon.config.follower import ConfigFollower
from deskmon.config.loading import load
from deskmon.config.sources import PACKAGED, find
from deskmon.config.watch import FileWatch
from deskmon.desk.app import DeskApp
from deskmon.desk.config_writer import ConfigWriter
from deskmon.desk.reload import Reloader
from deskmon.hub.follow import following
from tests.desk.test_app import FakeLink, feed, market, shown

FILE = """\
[desk]
name = "first"
layout = "work"
[feeds.only]
type = "demo"
[layouts.work]
columns = [1.0, 1.0]
[[layouts.work.cells]]
panel = "prices"
[[layouts.work.cells]]
panel = "feeds"
column = 1
[layouts.other]
[[layouts.other.cells]]
panel = "tape"
"""
_stamps = iter(range(1, 10**6))


def write(path: Path, text: str) -> None:
    """Write a file whose time of change differs from any before, however fast a test is."""
    path.write_text(text)
    stamp = 1_700_000_000 + next(_stamps)
    os.utime(path, (stamp, stamp))


def follower(path: Path) -> ConfigFollower:
    return ConfigFollower(load(path), lambda: load(path), lambda: path)


def settled(follower: ConfigFollower) -> object:
    """What is said of a change once the files are at rest."""
    assert follower.poll() is None
    return follower.poll()


@pytest.fixture
def path(tmp_path) -> Path:
    file = tmp_path / "deskmon.toml"
    write(file, FILE)
    return file


def test_a_change_is_told_once_and_only_when_the_file_is_at_rest(path):
    watch = FileWatch(lambda: [path])
    assert not watch.changed()
    write(path, "a = 1")
    assert not watch.changed()
    write(path, "a = 12")
    assert [watch.changed() for _ in range(3)] == [False, True, False]
    path.unlink()
    assert [watch.changed() for _ in range(3)] == [False, True, False]
    other = path.with_name("other")
    write(other, "b = 1")
    os.replace(other, path)
    assert [watch.changed() for _ in range(3)] == [False, True, False]


def test_a_bad_file_keeps_the_old_configuration_and_names_the_line(path):
    files = follower(path)
    before = files.loaded
    write(path, FILE.replace('"first"', '"second'))
    (words,) = settled(files)
    assert words.startswith(f"{path}:2:") and "not valid TOML" in words
    assert files.loaded is before and files.poll() is None
    write(path, FILE.replace("columns = [1.0, 1.0]", "columns = [1.0, 'x']\nrows = []"))
    assert [words.split(" ")[0] for words in settled(files)] == [f"{path}:7:", f"{path}:8:"]
    path.unlink()
    assert "can't be read" in settled(files)[0] and files.loaded is before
    write(path, FILE.replace("first", "second"))
    assert settled(files).config.desk.name == "second"


def test_a_shared_file_and_one_that_only_now_appears_are_followed_too(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    files = ConfigFollower(load(), load, lambda: find().path)
    assert files.loaded.path == PACKAGED
    shared, own = tmp_path / "shared.toml", tmp_path / "deskmon" / "deskmon.toml"
    own.parent.mkdir()
    write(shared, '[desk]\nname = "house"\n')
    write(own, f'extends = "{shared}"\n')
    assert settled(files).config.desk.name == "house"
    write(shared, '[desk]\nname = "house 2"\n')
    assert settled(files).config.desk.name == "house 2"


def app_on(path: Path) -> tuple[DeskApp, Reloader, list]:
    taken: list = []
    app = DeskApp(load(path).config, FakeLink(), ConfigWriter(path), follower=follower(path), on_config=taken.append)
    return app, app._reloader, taken


async def look(app: DeskApp, pilot) -> str:
    """Two looks, as a change needs, and the picture."""
    await app._reloader.look()
    await app._reloader.look()
    app.tick()
    await pilot.pause()
    return shown(app)


@given(st.integers(1, len(FILE) - 1))
@settings(max_examples=15)
def test_a_file_cut_anywhere_never_blanks_the_desk(tmp_path_factory, length):
    """Whole or refused: whatever is left of a file, the desk has panels, and those of the old one where it is bad."""
    path = tmp_path_factory.mktemp("cut") / "deskmon.toml"
    write(path, FILE)

    async def run() -> None:
        app, _, _ = app_on(path)
        async with app.run_test(size=(120, 30)) as pilot:
            await feed(app, pilot, market(100.0))
            write(path, FILE[:length])
            picture = await look(app, pilot)
            good = app.desk.status.trouble == ""
            assert "╭ 1 " in picture
            if not good:
                assert "╭ 1 Prices" in picture and "not loaded: deskmon.toml:" in picture
            write(path, FILE)
            assert "╭ 1 Prices" in await look(app, pilot) and app.desk.status.trouble == ""

    asyncio.run(run())


async def test_layouts_keys_theme_and_pace_change_under_a_running_desk(path):
    app, _, taken = app_on(path)
    async with app.run_test(size=(120, 30)) as pilot:
        await feed(app, pilot, market(100.0))
        host = app.desk.page.hosts[0]
        await pilot.press("2")
        more = FILE.replace('name = "first"', 'name = "second"\nfps = 2\ntheme = "light"\nsymbol = "ETH"')
        more = more.replace('panel = "feeds"', 'panel = "tape"').replace("columns = [1.0, 1.0]", "columns = [2.0, 1.0]")
        write(path, more + '[keys]\ndesk.quit = "Q"\n[layouts.third]\n[[layouts.third.cells]]\npanel = "depth"\n')
        picture = await look(app, pilot)
        assert "second" in picture and "╭ 2 Tape" in picture
        assert app.desk.page.hosts[0] is host and app.desk.page.focus == 1
        assert (app.palette.name, app.desk.symbol, app.config.desk.fps) == ("light", "ETH", 2.0)
        assert "third" in app.desk.config.layouts and [config.desk.name for config in taken] == ["second"]
        await pilot.press("q")
        assert app.is_running
        await pilot.press("Q")
    assert app.return_code == 0


async def test_what_a_key_saved_is_no_news_and_a_page_that_was_opened_stays_open(path):
    app, _, _ = app_on(path)
    async with app.run_test(size=(120, 40)) as pilot:
        await feed(app, pilot, market(100.0))
        await pilot.press("e", "x", "2", "x", "s", "escape", "question_mark")
        page = app.desk.pages[0]
        picture = await look(app, pilot)
        assert app.desk.pages[0] is page and "What the figures mean" in picture


async def test_a_layout_that_is_edited_stays_as_the_trader_has_it(path):
    app, _, _ = app_on(path)
    async with app.run_test(size=(120, 30)) as pilot:
        await feed(app, pilot, market(100.0))
        await pilot.press("e", "2", "d")
        write(path, FILE.replace('panel = "prices"', 'panel = "depth"'))
        picture = await look(app, pilot)
        assert "1 prices" in picture and "EDIT work *" in picture and "depth" not in picture
        await pilot.press("escape", "2")
        assert "╭ 1 Depth" in await look(app, pilot)


async def test_a_layout_that_left_the_file_gives_way_to_one_that_is_there(path):
    app, _, _ = app_on(path)
    async with app.run_test(size=(120, 30)) as pilot:
        await feed(app, pilot, market(100.0))
        await pilot.press("l", "2" if list(app.desk.config.layouts)[1] == "other" else "o", "t", "h", "enter", "escape")
        app.desk.show_layout("other")
        write(path, FILE[: FILE.index("[layouts.other]")])
        assert "╭ 1 Prices" in await look(app, pilot)


async def test_conventions_of_the_model_change_and_what_is_known_stays(path):
    app, _, taken = app_on(path)
    async with app.run_test(size=(120, 30)) as pilot:
        await feed(app, pilot, market(64_812.5))
        before = app.desk.model
        write(path, FILE + "[model]\nbig_trade_usd = 5.0\n")
        picture = await look(app, pilot)
        assert app.desk.model is not before and "64,812.50" in picture
        await feed(app, pilot, market(64_900.25))
        assert "64,900.25" in shown(app)
        kept = app.desk.model
        write(path, FILE + '[model]\nbig_trade_usd = 5.0\n[[levels.pins]]\nsymbol = "BTC"\nprice = 60000\n')
        await look(app, pilot)
        assert app.desk.model is kept and [pin.price for pin in taken[-1].levels.pins] == [60_000.0]


async def test_a_theme_changes_when_its_file_does_and_a_bad_one_keeps_the_old(path, tmp_path, monkeypatch):
    theme = tmp_path / "dark.toml"
    good = plugins.theme_path("dark").read_text()
    write(theme, good)
    real = plugins.theme_path
    monkeypatch.setattr(plugins, "theme_path", lambda name: theme if name == "dark" else real(name))
    app, _, _ = app_on(path)
    async with app.run_test(size=(120, 30)) as pilot:
        await feed(app, pilot, market(100.0))
        before = app.palette
        write(theme, good[: len(good) // 2])
        assert "dark.toml" in await look(app, pilot) and app.palette is before
        write(theme, good.replace(before.colors["text"], "#abcdef"))
        await look(app, pilot)
        assert app.palette.colors["text"] == "#abcdef" and app.desk.status.trouble == ""


async def test_an_asset_and_a_venue_come_and_go_by_a_key_while_the_desk_runs(path):
    """The trader's own file is changed, and what is taken from it goes to the hub; there feeds come and go."""
    live = FILE[: FILE.index("[feeds.only]")] + FILE[FILE.index("[layouts", FILE.index("[feeds.only]")) :]
    write(path, live + '# mine\n[feeds.bybit]\ntype = "ccxt"\nexchange = "bybit"\nsymbols = ["BTC"]  # all\n')
    app, _, taken = app_on(path)
    async with app.run_test(size=(120, 30)) as pilot:
        await feed(app, pilot, market(100.0))
        await pilot.press("plus", "s", "u", "i", "enter")
        assert "SUI added to bybit" in shown(app)
        await pilot.press("plus", "g", "a", "t", "e", "enter")
        await look(app, pilot)
        assert taken[-1].feeds["bybit"].options["symbols"] == ["BTC", "SUI"]
        assert taken[-1].feeds["gate"].options == {"exchange": "gate", "symbols": ["BTC", "SUI"]}
        await pilot.press("minus")
        assert "take away" in shown(app) and "1 BTC  2 SUI  3 bybit  4 gate" in shown(app)
        await pilot.press("3")
        await look(app, pilot)
        assert taken[-1].feeds["bybit"].enabled is False and "# mine" in path.read_text()
        app.desk.config_writer = ConfigWriter(path, "this is a kiosk")
        before = path.read_text()
        await pilot.press("plus", "minus")
        assert app.desk.mode is None and path.read_text() == before
        assert "assets and venues stay: this is a kiosk" in shown(app)


async def test_a_hub_of_its_own_follows_its_files(path, caplog):
    class Taking:
        def __init__(self):
            self.names = []

        def reload(self, config):
            self.names.append(config.desk.name)

    hub, files = Taking(), follower(path)
    async with following(hub, files, every_s=0.0):
        write(path, FILE.replace("first", "second"))
        async with asyncio.timeout(20):
            while not hub.names:  # noqa: ASYNC110 - the file is looked at, not told of
                await asyncio.sleep(0.002)
            write(path, "[")
            while "old configuration stays" not in caplog.text:  # noqa: ASYNC110
                await asyncio.sleep(0.002)
    assert hub.names == ["second"]
