"""The damage grid: what is damaged is exactly what changed, and nothing hostile gets in."""

from unicodedata import bidirectional, normalize

import pyte
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from deskmon.components.text import BLANK, TAIL, clean, split
from deskmon.desk.canvas import Canvas
from deskmon.terminal.charset import charset
from deskmon.terminal.display import CellPainter
from deskmon.terminal.grids import Terminal
from tests.terminal.oracle import Judge

STYLES = st.sampled_from(["", "up", "down bold", "stale"])
TEXTS = st.one_of(st.text(max_size=12), st.text(st.sampled_from([*"币安龙虾🚀BTC 12", "\u0301", "א"]), max_size=12))
SPANS = st.lists(st.tuples(TEXTS, STYLES), max_size=5)
PUTS = st.lists(st.tuples(st.integers(-1, 12), st.integers(-1, 6), st.integers(0, 15), SPANS), max_size=12)


def cells(canvas: Canvas) -> dict[tuple[int, int], tuple[str, str]]:
    return {
        (x + at, y): (cell, style)
        for y in range(canvas.height)
        for x, text, style in canvas.runs(y, 0, canvas.width)
        for at, cell in enumerate(split(text))
    }


@given(PUTS, PUTS)
def test_damage_covers_every_changed_cell_and_rows_keep_their_width(first, second):
    canvas = Canvas(10, 5)
    for x, y, width, line in first:
        canvas.put(max(x, 0), y, width, line)
    canvas.damage()
    before = cells(canvas)
    for x, y, width, line in second:
        canvas.put(max(x, 0), y, width, line)
    spans = canvas.damage()
    damaged = {(x, y) for y, x0, x1 in spans for x in range(x0, x1)}
    after = cells(canvas)
    assert len(after) == 50
    assert {cell for cell in after if after[cell] != before[cell]} <= damaged
    assert all(after[x0, y][0] != TAIL and after.get((x1, y), BLANK)[0] != TAIL for y, x0, x1 in spans)
    assert canvas.damage() == []


@given(SPANS, st.integers(1, 15))
def test_a_line_of_any_text_has_exactly_the_width_asked_for(line, width):
    canvas = Canvas(20, 1)
    canvas.put(0, 0, 20, [("│" * 20, "")])
    canvas.put(3, 0, width, line)
    (row,) = canvas.rows()
    text = "".join(text for text, _ in row)
    assert cell_len(text) == 20
    assert text.startswith("│││") and text.endswith("│" * (17 - width))
    screen = pyte.Screen(30, 1)
    pyte.Stream(screen).feed(text)
    assert screen.cursor.x == 20


@given(st.lists(PUTS, min_size=1, max_size=4))
def test_a_terminal_that_gets_only_the_damage_shows_the_canvas(rounds):
    canvas, terminal, judge = Canvas(10, 5), Terminal(10, 5), Judge(10, 5)
    terminal.write("\x1b[?1049h")
    painter = CellPainter(terminal, "truecolor")
    styles = {"": Style(), "stale": Style(dim=True), "up": Style(bold=True), "down bold": Style(reverse=True)}
    for puts in rounds:
        for x, y, width, line in puts:
            canvas.put(max(x, 0), y, width, line)
        for y, x0, x1 in canvas.damage():
            for x, run, style in canvas.cells(y, x0, x1):
                painter.cells(x, y, run, styles[style])
        terminal.drawn(0, 0)
        judge.feed(terminal.take(1 << 20))
        shown = ["".join(char for char, _ in row) for row in judge.cells()]
        wanted = ["".join(text for text, _ in row) for row in canvas.rows()]
        assert shown == [normalize("NFC", row) for row in wanted]


def test_half_of_a_wide_character_that_is_overwritten_goes_blank():
    canvas = Canvas(8, 1)
    canvas.put(0, 0, 8, [("币安人生", "up")])
    canvas.damage()
    canvas.put(3, 0, 2, [("xy", "")])
    assert canvas.text() == "币 xy 生"
    assert sorted(canvas.damage()) == [(0, 2, 3), (0, 3, 5), (0, 5, 6)]


def test_a_wide_character_that_has_room_for_half_of_it_is_left_out():
    canvas = Canvas(8, 1)
    canvas.put(0, 0, 5, [("币安人生", "")])
    canvas.put(5, 0, 3, [("人生", "")])
    assert canvas.text() == "币安 人"


def test_an_equal_line_damages_nothing():
    canvas = Canvas(20, 2)
    canvas.put(0, 0, 20, [("BTC ", "text"), ("64,812.50", "up")])
    canvas.damage()
    canvas.put(0, 0, 20, [("BTC ", "text"), ("64,812.50", "up")])
    assert canvas.damage() == []
    canvas.put(0, 0, 20, [("BTC ", "text"), ("64,812.75", "up")])
    assert canvas.damage() == [(0, 11, 13)]


@given(st.lists(SPANS, min_size=1, max_size=6), st.integers(0, 12), st.sampled_from(["", "stale"]), st.booleans())
def test_updating_a_line_is_putting_it_and_damages_what_changed(lines, width, overlay, in_ascii):
    updated, put = (Canvas(14, 1, charset({}, in_ascii)) for _ in range(2))
    before = None
    for line in lines:
        was = cells(updated)
        put.put(2, 0, width, line, overlay)
        if before is None:
            updated.put(2, 0, width, line, overlay)
        else:
            updated.update(2, 0, width, before, line, overlay)
        before = line
        now = cells(updated)
        assert now == cells(put)
        damaged = {x for _, x0, x1 in updated.damage() for x in range(x0, x1)}
        assert {x for x, y in now if now[x, y] != was[x, y]} <= damaged


def test_a_figure_that_changed_in_a_line_is_all_that_is_damaged():
    canvas = Canvas(20, 1)
    before = [("BTC ", "text"), ("64,812.50", "up"), (" 1s", "muted")]
    canvas.put(0, 0, 20, before)
    canvas.damage()
    canvas.update(0, 0, 20, before, [("BTC ", "text"), ("64,812.75", "up"), (" 1s", "muted")])
    assert canvas.damage() == [(0, 4, 13)]
    canvas.update(0, 0, 20, before, before)
    assert canvas.damage() == []


@given(st.text())
def test_clean_text_is_printable_and_keeps_its_characters(text):
    cleaned = clean(text)
    assert len(cleaned) == len(text)
    assert cleaned.isprintable()


def test_escape_sequences_and_bidi_marks_are_replaced():
    assert clean("a\x1b[2Jb") == "a·[2Jb"
    assert clean("\x9b31m\u202egnp") == "·31m·gnp"


def test_nothing_is_left_that_a_terminal_reorders_figures_around_or_shows_as_a_blank():
    assert clean("מחיר 64,812.50 سعر ١٢") == "···· 64,812.50 ··· ··"
    assert clean("a\u2800b\uffa0c\u3164d\xa0e") == "a·b·c·d·e"
    assert clean("⣀⡠ −1.2% €5 цена τιμή") == "⣀⡠ −1.2% €5 цена τιμή"


@given(st.text(st.characters(min_codepoint=0x590, max_codepoint=0x8FF) | st.characters()))
def test_clean_text_runs_from_left_to_right(text):
    assert not {bidirectional(char) for char in clean(text)} & {"R", "AL", "AN", "RLE", "RLO", "RLI", "LRE", "LRO"}
