"""A personal file over a shared one: what is laid over what, and what the shared one holds fast."""

from __future__ import annotations

from pathlib import Path

import pytest

from deskmon.config.arrange import add, swap
from deskmon.config.loading import examine, load
from deskmon.config.schema import Cell
from deskmon.config.show import to_toml
from deskmon.desk.config_writer import ConfigWriter
from deskmon.errors import ConfigError

SHARED = """\
[desk]
name = "the desk"
fps = 2.0
[feeds.only]
type = "demo"
[layouts.house]
locked = true
[[layouts.house.cells]]
panel = "waves"
[layouts.work]
columns = [1.0, 1.0]
[[layouts.work.cells]]
panel = "liquidations"
pinned = true
options = {window = "4h"}
[[layouts.work.cells]]
panel = "tape"
column = 1
"""


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    (tmp_path / "shared.toml").write_text(SHARED)
    path = tmp_path / "mine.toml"
    path.write_text('extends = "shared.toml"\n[desk]\nname = "mine"\n')
    return path


def warnings(path: Path) -> list[str]:
    return [str(problem).removeprefix(f"{path}:") for problem in examine(path).problems]


def test_the_personal_file_is_laid_over_the_shared_one_over_the_default(mine: Path) -> None:
    loaded = load(mine)
    config = loaded.config
    assert (config.desk.name, config.desk.fps, config.desk.symbol) == ("mine", 2.0, "BTC")
    assert list(config.feeds) == ["only"] and {"house", "work", "default"} <= config.layouts.keys()
    shared = mine.parent / "shared.toml"
    assert loaded.files == (mine, shared)
    text = to_toml(config, loaded.origins)
    assert f'name = "mine"  # {mine}:3\n' in text and f"fps = 2.0  # {shared}:3\n" in text
    again = mine.parent / "again.toml"
    again.write_text(to_toml(config))
    assert to_toml(load(again).config) == to_toml(config)


def test_a_locked_layout_is_the_shared_one_s(mine: Path) -> None:
    mine.write_text(mine.read_text() + '[layouts.house]\ncells = [{panel = "tape"}]\n')
    said = f"4: layouts.house: warning: locked in {mine.parent / 'shared.toml'}, whose layout is used"
    assert warnings(mine) == [said]
    config = load(mine).config
    assert [cell.panel for cell in config.layouts["house"].cells] == ["waves"] and config.layouts["house"].locked


def test_a_pinned_panel_stays_where_and_as_it_is(mine: Path) -> None:
    work = load(mine).config.layouts["work"]
    more = add(work, 1, Cell(panel="depth"), "down")
    assert ConfigWriter(mine).layout("work", more).style == "ok"
    assert warnings(mine) == [] and load(mine).config.layouts["work"] == more
    assert ConfigWriter(mine).layout("work", add(more, 2, Cell(panel="feeds"), "right")).style == "ok"
    assert warnings(mine) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [('window = "4h"', 'window = "1h"'), ("pinned = true", ""), ("columns = [1.0, 1.0]", "columns = [2.0, 1.0]")],
)
def test_a_pinned_panel_that_was_changed_brings_the_shared_layout_back(mine: Path, old: str, new: str) -> None:
    shared = SHARED[SHARED.index("[layouts.work]") :]
    mine.write_text(mine.read_text() + shared.replace(old, new))
    (words,) = warnings(mine)
    assert words.startswith("4: layouts.work: warning: ") and 'pins "liquidations", so its layout is used' in words
    assert load(mine).config.layouts["work"].cells[0].options == {"window": "4h"}


def test_a_layout_without_pins_is_anyone_s(mine: Path) -> None:
    shared = mine.parent / "shared.toml"
    shared.write_text(SHARED.replace("pinned = true", ""))
    work = load(mine).config.layouts["work"]
    ConfigWriter(mine).layout("work", swap(work, 0, 1))
    assert warnings(mine) == [] and load(mine).config.layouts["work"] == swap(work, 0, 1)
    assert shared.read_text() == SHARED.replace("pinned = true", "")


def test_what_is_wrong_with_the_shared_file_is_told_with_its_line(mine: Path) -> None:
    shared = mine.parent / "shared.toml"
    shared.write_text("[desk]\nfps = 'fast'\n")
    with pytest.raises(ConfigError, match=rf"{shared}:2: desk.fps: expected a number"):
        load(mine)
    shared.write_text("extends = 'other.toml'\n")
    with pytest.raises(ConfigError, match="extends no other"):
        load(mine)
    shared.unlink()
    with pytest.raises(ConfigError, match=rf"{shared}: can't be read"):
        load(mine)
    mine.write_text("extends = 3\n")
    with pytest.raises(ConfigError, match="extends: expected text"):
        load(mine)
    mine.write_text("extends = 'shared.toml'\nlayouts = 3\n[desk]\n")
    shared.write_text("[layouts]\nwork = {cells = [{panel = 'tape', row = 7, pinned = true}], rows = []}\n")
    assert load_fails(mine)


def load_fails(path: Path) -> bool:
    with pytest.raises(ConfigError):
        load(path)
    return True
