"""A frame read into the grid is what a terminal would show of it."""

from hypothesis import given
from hypothesis import strategies as st

from deskmon.components.text import BLANK, TAIL
from deskmon.terminal.sgr import Style, Styles
from deskmon.terminal.vt import Grid, Reader, controls
from tests.length import examples
from tests.terminal.oracle import Judge, cells_of

WIDTH, HEIGHT = 24, 7

texts = st.lists(st.sampled_from([*"abc 0123   ", "─", "▲", "−", "漢", "字", "e\u0301"]), min_size=1, max_size=9).map(
    "".join
)
parameters = st.lists(
    st.sampled_from(
        [
            "0",
            "1",
            "3",
            "4",
            "5",
            "7",
            "9",
            "",
            "22",
            "23",
            "24",
            "25",
            "27",
            "29",
            "31",
            "92",
            "39",
            "44",
            "49",
            "38;5;196",
            "38;2;10;20;30",
            "48;2;18;18;18",
        ]
    ),
    min_size=1,
    max_size=3,
).map(";".join)
moves = st.one_of(
    st.tuples(st.integers(1, HEIGHT), st.integers(1, WIDTH)).map(lambda at: f"\x1b[{at[0]};{at[1]}H"),
    st.tuples(st.integers(1, 30), st.sampled_from("ABCD")).map(lambda by: f"\x1b[{by[0]}{by[1]}"),
    st.integers(1, WIDTH).map(lambda x: f"\x1b[{x}G"),
    st.integers(1, HEIGHT).map(lambda y: f"\x1b[{y}d"),
    st.sampled_from(["\x1b[H", "\r"]),
)
erasures = st.sampled_from(["\x1b[K", "\x1b[1K", "\x1b[2K", "\x1b[J", "\x1b[1J", "\x1b[2J", "\x1b[X", "\x1b[5X"])
pieces = st.tuples(moves, st.one_of(texts, parameters.map(lambda p: f"\x1b[{p}m"), erasures), texts).map("".join)


@examples(100, 400)
@given(st.lists(pieces, max_size=12))
def test_a_frame_reads_as_a_terminal_shows_it(frame):
    frame = fit(frame)
    styles = Styles()
    grid = Grid(WIDTH, HEIGHT)
    Reader(grid, styles).read(frame)
    judge = Judge(WIDTH, HEIGHT)
    judge.feed(frame.encode())
    assert cells_of(grid, styles) == judge.cells()


def fit(pieces):
    """Textual never writes past the right edge, where terminals differ: move home before each piece that could."""
    frame, reader = [], Reader(Grid(WIDTH, HEIGHT), Styles())
    for piece in pieces:
        before = reader.x, reader.y
        reader.read(piece)
        if reader.x >= WIDTH - 1:
            reader.x, reader.y = before
            continue
        frame.append(piece)
    return "".join(frame)


@given(st.text(max_size=60))
def test_any_text_leaves_the_grid_well_formed(text):
    grid = Grid(10, 3)
    Reader(grid, Styles()).read(text)
    for row in grid.chars:
        assert len(row) == 10
        assert row[0] != TAIL
        for cell in row:
            assert all(char.isprintable() or char >= "\xa0" for char in cell)


def read(frame, width=12, height=3):
    grid = Grid(width, height)
    Reader(grid, Styles()).read(frame)
    return ["".join(row).rstrip() for row in grid.chars]


def test_what_a_stranger_hides_in_text_stays_text_or_vanishes():
    assert read("\x1b[1;1HBTC\x1b]52;c;ZXZpbA==\x07\x1b[?1000hETH\x1bcSOL\x9b31m") == ["BTCETHSOL31m", "", ""]
    assert read("ab\x07\x7f\x90c\u202ed\u200be") == ["abcde", "", ""]


def test_a_new_line_starts_at_the_left_and_the_last_one_does_not_scroll():
    assert read("one\ntwo\nthree\nfour") == ["one", "two", "foure"]


def test_text_past_the_right_edge_is_lost_and_half_a_wide_character_is_a_blank():
    assert read("\x1b[1;11Habcdef")[0] == "          ab"
    assert read("\x1b[1;12H漢", 12)[0] == ""


def test_both_halves_of_a_wide_character_go_when_one_is_overwritten():
    grid = Grid(6, 1)
    reader = Reader(grid, Styles())
    reader.read("漢字漢")
    assert grid.chars[0] == ["漢", TAIL, "字", TAIL, "漢", TAIL]
    reader.read("\x1b[1;2Hab")
    assert grid.chars[0] == [BLANK, "a", "b", BLANK, "漢", TAIL]


def test_an_emoji_with_a_selector_takes_the_cells_that_textual_gives_it():
    assert read("✔\ufe0fx") == ["✔\ufe0fx", "", ""]


def test_dirt_is_what_was_written():
    grid = Grid(20, 4)
    reader = Reader(grid, Styles())
    reader.read("\x1b[2;5Habc\x1b[2;11Hde\x1b[4;1Hx")
    assert grid.dirty == {1: [4, 12], 3: [0, 1]}


def test_controls_are_told_from_frames():
    assert controls("\x1b[?1049h") == [("?1049", "\x1b[?1049h")]
    assert controls("\x1b[>25u\x07") == [("\x1b[>25u", "\x1b[>25u"), ("\x07", "\x07")]
    assert controls("\x1b]52;c;aGVsbG8=\x07") == [("]52", "\x1b]52;c;aGVsbG8=\x07")]
    assert controls("\x1b[?2026$p") is not None
    for frame in (
        "",
        "BTC",
        "\x1b[1;1H",
        "\x1b[?25lBTC",
        "\x1b[1;1HBTC\x1b]0;title\x07",
        "\x1bc",
        "\x1b[31m",
        "\x1b[2J",
    ):
        assert controls(frame) is None


def test_dim_concealed_and_overlined_styles_come_and_go():
    styles = Styles()
    number = styles.after(0, "1;2;8;53;38;2;1;2;3")
    assert styles[number] == Style("38;2;1;2;3", "", (1, 2, 8, 53))
    assert styles[styles.after(number, "22;55")] == Style("38;2;1;2;3", "", (8,))
    assert styles.after(number, "") == styles.after(number, "0") == 0


def test_parameters_that_mean_nothing_are_dropped():
    styles = Styles()
    assert (
        styles.after(0, "38;2;999;1;1")
        == styles.after(0, "38;2;1")
        == styles.after(0, "38")
        == styles.after(0, "200;51")
        == 0
    )
