"""Layouts saved into deskmon.toml: what is read back is what was saved, and all else in the file is as it was."""

from __future__ import annotations

from collections import Counter

import msgspec
import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from deskmon.config.arrange import add, remove, resize, swap
from deskmon.config.blocks import comments, cut
from deskmon.config.layouts import with_layout, write_layout
from deskmon.config.loading import load
from deskmon.config.schema import Cell, Layout
from deskmon.config.sources import PACKAGED
from deskmon.desk.config_writer import ConfigWriter
from deskmon.errors import DeskError
from tests.layouts.test_arrange import OPERATIONS, done
from tests.length import examples

FILE = """\
# my desk
[desk]
name = "mine # not a comment"  # but this is

# what I look at
[layouts.work]   # two beside each other
rows = [1.0, 2.0]  # the lower is taller
columns = [1, 1]

# the left one
[[layouts.work.cells]]
panel = "prices"  # all of them
rows = 2
# options of prices
options = { symbols = ["BTC", "ETH"] }  # mine

# the right one
[[layouts.work.cells]]
column = 1
panel = "tape"
[layouts.work.cells.options]
smallest = 5000.0  # small fry
# end of the tape

[[layouts.work.cells]]
panel = "feeds"
row = 1
column = 1

# not about feeds, but about the other
[layouts.other]
cells = [
  { panel = "tape" },
]

[keys]
"desk.quit" = "Q"
"""


def layout_in(text: str, tmp_path, name: str = "work") -> Layout:
    path = tmp_path / "read.toml"
    path.write_text(text)
    return load(path).config.layouts[name]


@pytest.fixture
def work(tmp_path) -> Layout:
    return layout_in(FILE, tmp_path)


@given(OPERATIONS, st.sampled_from(("\n", "\r\n")), st.sampled_from(("work", "fresh", "it's new")))
@examples(40, 80)
def test_what_is_saved_is_what_is_read_and_no_comment_is_lost(operations, ending, name):
    text = FILE.replace("\n", ending)
    layout = load(PACKAGED).config.layouts["leverage"]
    for operation in operations:
        layout = done(layout, *operation)
    if not layout.cells:
        return
    after = with_layout(text, name, layout)
    data = tomli.loads(after)
    assert msgspec.convert(data["layouts"][name], Layout) == layout
    assert not Counter(comments(text)) - Counter(comments(after))
    before = tomli.loads(text)
    del data["layouts"][name]
    before["layouts"].pop(name, None)
    assert data == before
    assert with_layout(after, name, layout) == after


def test_what_did_not_change_is_not_touched(work):
    assert with_layout(FILE, "work", work) == FILE
    taller = with_layout(FILE, "work", resize(work, 1, 1, 4))
    changed = [(old, new) for old, new in zip(FILE.splitlines(), taller.splitlines(), strict=True) if old != new]
    assert [old for old, _ in changed] == ["rows = [1.0, 2.0]  # the lower is taller"]
    assert changed[0][1].endswith("  # the lower is taller")


def test_a_swap_changes_places_and_nothing_else(work):
    after = with_layout(FILE, "work", swap(work, 1, 2))
    assert Counter(after.splitlines()) - Counter(FILE.splitlines()) == Counter(["row = 0"])
    assert [cell.panel for cell in swap(work, 1, 2).cells] == ["prices", "tape", "feeds"]


def test_a_panel_that_left_leaves_its_comments_and_a_new_one_follows_the_last(work, tmp_path):
    less = remove(work, 1)
    after = with_layout(FILE, "work", less)
    assert 'panel = "tape"\n' not in after and "small fry" in after and "# end of the tape" in after
    more = add(less, 1, Cell(panel="depth", options={"symbol": "ETH"}), "down")
    after = with_layout(after, "work", more)
    assert layout_in(after, tmp_path) == more
    assert after.index("depth") < after.index("# not about feeds") < after.index("[layouts.other]")
    assert 'options = {symbol = "ETH"}' in after


def test_options_change_where_they_stand(work):
    cells = list(work.cells)
    cells[0] = replace(cells[0], options={"symbols": ["SOL"], "sort": {"prices": "last"}})
    cells[1] = replace(cells[1], options={"smallest": 10_000.0, "kind": "trades"})
    after = with_layout(FILE, "work", replace(work, cells=tuple(cells)))
    assert 'options = {symbols = ["SOL"], sort = {prices = "last"}}  # mine' in after
    assert 'smallest = 10000.0  # small fry\nkind = "trades"\n' in after


def test_a_layout_of_an_array_becomes_tables_unless_a_comment_would_be_lost(tmp_path):
    layout = Layout(columns=(1.0, 1.0), cells=(Cell(panel="tape"), Cell(panel="feeds", column=1)))
    after = with_layout(FILE, "other", layout)
    assert layout_in(after, tmp_path, "other") == layout
    with pytest.raises(DeskError, match="without loss"):
        with_layout(FILE.replace('{ panel = "tape" },', '{ panel = "tape" },  # all'), "other", layout)
    with pytest.raises(DeskError, match=r"on one line; write it as \[layouts.line\]"):
        with_layout(FILE + '[layouts]\nline = {cells = [{panel = "tape"}]}\n', "line", layout)


def test_the_packaged_layouts_are_saved_in_the_user_s_file(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    default = load(PACKAGED).config.layouts["default"]
    said = ConfigWriter(PACKAGED).layout("default", swap(default, 0, 1))
    own = tmp_path / "deskmon" / "deskmon.toml"
    assert said.style == "ok" and str(own) in said.text
    assert load(own).config.layouts["default"] == swap(default, 0, 1)


def test_what_can_not_be_saved_says_why_and_leaves_the_file(tmp_path):
    path = tmp_path / "desk.toml"
    path.write_text("not toml")
    said = ConfigWriter(path).layout("a", Layout(cells=(Cell(panel="tape"),)))
    assert said.style == "warn" and "not valid TOML" in said.text and path.read_text() == "not toml"
    path.write_text("a = 1\na = 2\n")
    assert "not valid TOML" in ConfigWriter(path).layout("a", Layout(cells=(Cell(panel="tape"),))).text
    assert ConfigWriter(path, "the desk is locked").layout("a", Layout()).text == "not saved: the desk is locked"
    assert ConfigWriter().layout("a", Layout()).style == "warn"
    with pytest.raises(DeskError, match="can't be written"):
        write_layout(path / "below", "a", Layout())


PIECES = {
    "# plain": ["# plain"],
    "[[b.c]]  # d": ["# d"],
    "[a{n}]": [],
    "[d.'e {n}']": [],
    'x{n} = "# no"': [],
    "y{n} = '#no' # yes": ["# yes"],
    "z{n} = [ # in\n  [1],\n  [2] # 2\n]": ["# in", "# 2"],
    's{n} = """\n[not.a.header]\n# no\n\\""" """': [],
    "t{n} = '''\n[nor.this]\n'''  # t": ["# t"],
    "": [],
}
"""Lines of a file, and the comments in them."""


@given(st.lists(st.sampled_from(sorted(PIECES)), max_size=12))
def test_the_blocks_of_a_file_are_the_file(pieces):
    text = "".join(piece.replace("{n}", str(n)) + "\n" for n, piece in enumerate(pieces))
    blocks = cut(text)
    assert "".join(block.text for block in blocks) == text
    assert [block.path for block in blocks[1:]] == [
        path for n, piece in enumerate(pieces)
        for head, path in (("[a", (f"a{n}",)), ("[d", ("d", f"e {n}")), ("[[b", ("b", "c"))) if piece.startswith(head)
    ]  # fmt: skip
    for block in blocks:
        tomli.loads(block.keys)
    assert list(comments(text)) == [comment for piece in pieces for comment in PIECES[piece]]
