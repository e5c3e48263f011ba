"""Edit mode by keys alone, on a desk with the packaged panels, saved to a real file and read again."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskmon.config.blocks import comments
from deskmon.config.loading import load
from deskmon.desk.config_writer import ConfigWriter
from deskmon.desk.desk import Desk
from deskmon.desk.keys import EDIT_KEYS
from deskmon.plugins import load_panel
from deskmon.testing import NOW
from tests.markets import own_sample

FILE = """\
# mine
[desk]
layout = "work"   # at start

# two panels
[layouts.work]
columns = [1.0, 1.0]   # as wide as the other
[[layouts.work.cells]]
panel = "prices"   # left
[[layouts.work.cells]]
panel = "feeds"   # right
column = 1
"""


def desk_on(path: Path, size: tuple[int, int] = (160, 48), layout: str | None = None) -> Desk:
    desk = Desk(
        load(path).config, own_sample("full"), load_panel=load_panel, config_writer=ConfigWriter(path), perf=lambda: 0.0
    )
    desk.resize(*size)
    if layout:
        desk.show_layout(layout)
    desk.frame(NOW)
    return desk


def press(desk: Desk, *keys: str) -> str:
    """Press keys, painting after each as the app does; what is seen then."""
    for key in keys:
        desk.press(key, NOW)
        desk.frame(NOW)
    return desk.canvas.text()


def foot(desk: Desk) -> str:
    return desk.canvas.text().splitlines()[-1]


@pytest.fixture
def path(tmp_path) -> Path:
    file = tmp_path / "deskmon.toml"
    file.write_text(FILE)
    return file


@pytest.mark.parametrize("size", [(160, 48), (80, 24)])
def test_a_layout_is_built_from_nothing_saved_and_the_same_after_a_restart(path, size):
    desk = desk_on(path, size)
    assert "no panels" in press(desk, "e", "n", *"mine", "enter")
    press(desk, "a", *"pric", "enter", "a", *"tape", "enter", "A", *"feed", "enter")
    press(desk, "left", ">", ">", "up", "right", "+", "tab", "H", "x", "2", "x", "U", "u", "U")
    assert "EDIT mine *" in foot(desk)
    assert f"layout mine saved in {path}"[: size[0] - 30] in press(desk, "s")
    press(desk, "escape")
    assert desk.mode is None and desk.layout_name == "mine"
    desk.show_layout("mine")
    before = press(desk, "1", "3", "1")
    again = desk_on(path, size, layout="mine")
    assert press(again, "3", "1") == before
    assert not Counter(comments(FILE)) - Counter(comments(path.read_text()))
    assert path.read_text().startswith(FILE.rstrip("\n"))


def test_the_layout_in_use_is_changed_in_its_place_in_the_file(path):
    desk = desk_on(path)
    press(desk, "e", "2", "x", "1", "x", "A", *"dvol", "enter", ">", "s", "escape")
    text = path.read_text()
    assert list(comments(text)) == list(comments(FILE))
    config = load(path).config
    assert config.desk.layout == "work"
    assert [cell.panel for cell in config.layouts["work"].cells] == ["prices", "feeds", "dvol"]
    assert config.layouts["work"] == desk.config.layouts["work"] == desk.page.layout


def test_undo_goes_back_to_the_beginning_and_redo_to_the_end(path):
    desk = desk_on(path)
    press(desk, "e")
    began = desk.page.layout
    press(desk, "a", *"tape", "enter", "d", ">", "L", "A", *"tape", "enter")
    ended = desk.page.layout
    for _ in range(5):
        press(desk, "u")
    assert desk.page.layout == began and "*" not in foot(desk)
    assert "nothing to undo" in press(desk, "u")
    for _ in range(5):
        press(desk, "U")
    assert desk.page.layout == ended and "nothing to redo" in press(desk, "U")


def test_nothing_is_lost_silently(path):
    desk = desk_on(path)
    before = press(desk, "e", "escape")
    assert desk.mode is None
    press(desk, "e", "d", "escape")
    assert "work isn't saved" in foot(desk) and "1 save" in foot(desk) and "2 discard" in foot(desk)
    press(desk, "3")
    assert "EDIT work *" in foot(desk)
    assert "first" in press(desk, "n")
    press(desk, "tab")
    assert "EDIT work *" in foot(desk)
    press(desk, "escape", "escape")
    assert "EDIT work *" in foot(desk)
    press(desk, "escape", "enter")
    assert "EDIT work *" in foot(desk), "what stands under the cursor is to stay"
    assert press(desk, "escape", "2") == before
    assert desk.mode is None and path.read_text() == FILE
    press(desk, "e", "d", "escape", "1")
    assert desk.mode is None and len(load(path).config.layouts["work"].cells) == 1


def test_a_layout_without_panels_is_not_saved_and_a_given_up_one_is_gone(path):
    desk = desk_on(path)
    press(desk, "e", "n", *"empty", "enter")
    assert "without panels can't be saved" in press(desk, "s")
    press(desk, "a", *"tape", "enter", "d")
    assert "without panels can't be saved" in press(desk, "s")
    press(desk, "escape")
    assert desk.mode is None and desk.layout_name == "work"
    assert "empty" not in path.read_text() and "empty" not in desk.config.layouts


def test_a_name_that_is_taken_or_none_is_refused(path):
    desk = desk_on(path)
    assert "there is a layout work already" in press(desk, "e", "n", *"work", "enter")
    assert "1 to 40" in press(desk, "n", "enter")
    assert "1 to 40" in press(desk, "n", *"x" * 41, "enter")
    press(desk, "n", "escape", "escape")
    assert desk.mode is None


def test_a_pinned_panel_refuses_in_words(path):
    path.write_text(FILE.replace('panel = "prices"', 'pinned = true\npanel = "prices"'))
    desk = desk_on(path)
    press(desk, "e", "1")
    assert "pinned" in desk.canvas.text()
    before = desk.page.layout
    for keys in (("d",), ("L",), (">",), ("<",), ("x", "2", "x"), ("a", *"tape", "enter"), ("2", "<")):
        press(desk, *keys)
        assert "prices is pinned: it stays as and where it is" in foot(desk), keys
        press(desk, "1")
    assert desk.page.layout == before
    press(desk, "2", "A", *"tape", "enter", "s", "escape")
    assert [cell.pinned for cell in load(path).config.layouts["work"].cells] == [True, False, False]


def test_a_locked_layout_refuses_in_words_and_a_new_one_may_be_made(path):
    path.write_text(FILE.replace("[layouts.work]", "[layouts.work]\nlocked = true"))
    desk = desk_on(path)
    assert "layout work is locked" in press(desk, "e")
    before = desk.page.layout
    for key in ("d", "L", ">", "x", "a", "A"):
        press(desk, "1", key)
        assert "layout work is locked: it stays as it is" in foot(desk), key
    assert desk.page.layout == before
    press(desk, "n", *"own", "enter", "a", *"tape", "enter", "s", "escape")
    assert desk.layout_name == "own" and load(path).config.layouts["own"].cells[0].panel == "tape"


def test_a_file_that_can_not_be_written_says_so_and_the_layout_stays_unsaved(tmp_path):
    desk = desk_on(Path(load(None).path))
    desk.config_writer = ConfigWriter(tmp_path / "no" / "such")
    (tmp_path / "no").write_text("a file")
    press(desk, "e", "d")
    assert "not saved:" in press(desk, "s") and "can't be written" in foot(desk)
    press(desk, "escape")
    assert "isn't saved" in foot(desk)


def test_the_frame_shows_that_a_layout_is_edited_at_any_size(path):
    desk = desk_on(Path(load(None).path), (80, 24))
    assert "EDIT default" in press(desk, "e")
    assert len(desk.painter.placed) == 11, "all panels stand in their places, however small"
    styles = {style for row in desk.canvas.rows() for text, style in row if "╭" in text}
    assert "warn bold" in styles
    for size in ((1, 1), (5, 3), (20, 6), (300, 80)):
        desk.resize(*size)
        press(desk, "tab", "?")


def test_a_panel_that_stays_keeps_its_cursor(path):
    desk = desk_on(path)
    press(desk, "1", "j", "s")
    host = desk.page.hosts[0]
    press(desk, "e", ">", "2", "d", "escape", "2")
    assert desk.page.hosts[0] is host


EDITING = sorted(
    {key for each in EDIT_KEYS for key in (each.key, *each.also)} | set("1239zf") | {"enter", "space", "backspace"}
)


@given(st.lists(st.sampled_from(EDITING), min_size=10, max_size=30))
@settings(max_examples=12)
def test_any_keys_leave_a_whole_desk(tmp_path_factory, keys):
    path = tmp_path_factory.mktemp("desk") / "deskmon.toml"
    path.write_text(FILE)
    desk = desk_on(path, (100, 30))
    press(desk, "e", *keys)
    assert len(desk.page.hosts) == len(desk.page.layout.cells)
    config = load(path).config
    assert not Counter(comments(FILE)) - Counter(comments(path.read_text()))
    assert config.layouts["work"] == desk.config.layouts["work"]
