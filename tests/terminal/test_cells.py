"""Text takes the cells that a terminal gives it: two for a wide character, one for all else that is shown."""

import pyte
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len
from wcwidth import wcswidth

from deskmon.components.text import NARROW, TAIL, cell_width, clean, crop, cut, fold, ljust, rjust, shorten, split, wrap

WIDE = "币安人生龙虾柴犬ハジメ한국、（ＢＴＣ🚀"
SOME_WIDE = st.text(st.sampled_from([*WIDE, *"BTC/USDT 64,812.50", "—", "▲", "\u0301", "\u202e", "א"]), max_size=30)
TEXTS = st.one_of(st.text(max_size=30), SOME_WIDE)


@example("👨‍👩‍👧‍👦")
@example("🇩🇪 ✔\ufe0f 👍🏻 1\ufe0f\u20e3")
@example("\u1100\u1161\u11a8\u115f\u3164\uffa0\u3000")
@given(TEXTS)
def test_rich_and_a_terminal_count_the_cells_of_clean_text_as_we_do(text):
    shown = clean(text)
    assert cell_width(text) == cell_width(shown) == cell_len(shown) == wcswidth(shown) == len(split(text))
    assert "".join(split(text)) == shown
    screen = pyte.Screen(80, 1)
    pyte.Stream(screen).feed(shown)
    assert screen.cursor.x == cell_width(text)
    assert clean(shown) == shown


def test_every_character_takes_the_cells_that_rich_and_terminals_count():
    odd = [
        hex(ordinal)
        for ordinal in range(0x32000)
        if not cell_width(char := chr(ordinal)) == cell_len(clean(char)) == wcswidth(clean(char)) == len(split(char))
    ]
    assert odd == []
    assert all(cell_len(char) == 1 and clean(f"{char}币") == f"{char}币" for char in NARROW)


def test_wide_text_is_left_as_it_is():
    for text in (WIDE, "比特币突破十万美元", "全角文字", "ビットコイン", "비트코인", "𠮷野家", "🚀🧨"):
        assert clean(text) == text
        assert cell_width(text) == 2 * len(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("e\u0301か\u3099", "e·か·"),  # what joins the character before it
        ("👨\u200d👩", "👨·👩"),
        ("👍🏻", "👍·"),
        ("✔\ufe0f", "✔·"),
        ("🇩🇪", "··"),
        ("\u1100\u1161\u11a8", "···"),  # parts of a syllable, which a terminal makes one of
        ("a\u3000b\u115fc\u3164d", "a·b·c·d"),  # blanks that aren't
        ("币\u202e安", "币·安"),
    ],
)
def test_what_two_terminals_could_show_differently_is_replaced(text, shown):
    assert clean(text) == shown


@given(TEXTS, st.integers(-2, 40))
def test_nothing_is_wider_than_it_may_be_and_wide_characters_stay_whole(text, width):
    assert cell_width(crop(text, width)) <= max(0, width)
    assert text.startswith(crop(text, width))
    assert cell_width(shorten(text, width)) <= max(0, width)
    if cell_width(text) <= width:
        assert crop(text, width) == text and shorten(text, width) == clean(text)
        assert cell_width(ljust(text, width)) == cell_width(rjust(text, width)) == width
    else:
        assert cell_width(crop(text, width)) >= width - 1 or width < 0


@given(TEXTS, st.integers(0, 40), st.integers(0, 40))
def test_a_wide_character_that_is_cut_in_two_leaves_a_blank(text, start, end):
    cells = split(text)
    part = cut(cells, start, end)
    assert len(part) == len(cells[start:end])
    assert not len(part) or part[0] != TAIL
    assert cell_len("".join(part)) == len(part)


@given(TEXTS, st.integers(2, 20))
def test_lines_and_pieces_fit_and_lose_nothing(text, width):
    assert all(cell_width(line) <= width for line in [*wrap(text, width), *fold(text, width)])
    assert "".join(fold(text, width)) == text
    assert "".join("".join(wrap(text, width)).split()) == "".join(text.split())


def test_lines_break_at_blanks_and_beside_wide_characters():
    assert wrap("比特币 ETF inflows 创新高", 10) == ["比特币 ETF", "inflows 创", "新高"]
    assert wrap("币 averylongwordthatstays", 8, whole_words=True) == ["币", "averylongwordthatstays"]
    assert wrap("币 averylongword", 6) == ["币", "averyl", "ongwor", "d"]
