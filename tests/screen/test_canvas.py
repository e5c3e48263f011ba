"""The damage grid: what is damaged is exactly what changed, and nothing hostile gets in."""

from unicodedata import bidirectional

from hypothesis import given
from hypothesis import strategies as st

from deskmon.screen.canvas import Canvas, clean

STYLES = st.sampled_from(["", "up", "down bold", "stale"])
SPANS = st.lists(st.tuples(st.text(max_size=12), STYLES), max_size=5)
PUTS = st.lists(st.tuples(st.integers(-1, 12), st.integers(-1, 6), st.integers(0, 15), SPANS), max_size=12)


def cells(canvas: Canvas) -> dict[tuple[int, int], tuple[str, str]]:
    grid = {}
    for y, row in enumerate(canvas.rows()):
        x = 0
        for text, style in row:
            for char in text:
                grid[x, y] = (char, style)
                x += 1
    return grid


@given(PUTS, PUTS)
def test_damage_covers_every_changed_cell_and_rows_keep_their_width(first, second):
    canvas = Canvas(10, 5)
    for x, y, width, line in first:
        canvas.put(max(x, 0), y, width, line)
    canvas.damage()
    before = cells(canvas)
    for x, y, width, line in second:
        canvas.put(max(x, 0), y, width, line)
    damaged = {(x, y) for y, x0, x1 in canvas.damage() for x in range(x0, x1)}
    after = cells(canvas)
    assert len(after) == 50
    assert {cell for cell in after if after[cell] != before[cell]} <= damaged
    assert canvas.damage() == []


def test_an_equal_line_damages_nothing():
    canvas = Canvas(20, 2)
    canvas.put(0, 0, 20, [("BTC ", "text"), ("64,812.50", "up")])
    canvas.damage()
    canvas.put(0, 0, 20, [("BTC ", "text"), ("64,812.50", "up")])
    assert canvas.damage() == []
    canvas.put(0, 0, 20, [("BTC ", "text"), ("64,812.75", "up")])
    assert canvas.damage() == [(0, 11, 13)]


@given(st.text())
def test_clean_text_is_printable_and_a_cell_a_character(text):
    cleaned = clean(text)
    assert len(cleaned) == len(text)
    assert cleaned.isprintable()


def test_escape_sequences_bidi_marks_and_wide_characters_are_replaced():
    assert clean("a\x1b[2Jb") == "a·[2Jb"
    assert clean("\x9b31m\u202egnp") == "·31m·gnp"
    assert clean("币安 ≥ ▲") == "·· ≥ ▲"


def test_nothing_is_left_that_a_terminal_reorders_figures_around_or_shows_as_a_blank():
    assert clean("מחיר 64,812.50 سعر ١٢") == "···· 64,812.50 ··· ··"
    assert clean("a\u2800b\uffa0c\u3164d\xa0e") == "a·b·c·d·e"
    assert clean("⣀⡠ −1.2% €5 цена τιμή") == "⣀⡠ −1.2% €5 цена τιμή"


@given(st.text(st.characters(min_codepoint=0x590, max_codepoint=0x8FF) | st.characters()))
def test_clean_text_runs_from_left_to_right(text):
    assert not {bidirectional(char) for char in clean(text)} & {"R", "AL", "AN", "RLE", "RLO", "RLI", "LRE", "LRO"}
