"""Nothing is drawn that the locale's character set lacks, and what stands for it takes the same room."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from deskmon import plugins
from deskmon.components.text import TAIL, cell_width, clean
from deskmon.components.text import split as cells
from deskmon.config.loading import load
from deskmon.desk.snapshot import render
from deskmon.terminal import charset as module
from deskmon.terminal.charset import UTF_8, Charset, charset
from deskmon.terminal.grids import Terminal
from deskmon.terminal.vt import split
from tests.markets import simulated

ASCII = Charset("ascii")
LOCALES = [
    ({"LANG": "C.UTF-8"}, "utf-8"),
    ({"LANG": "de_DE.utf8"}, "utf-8"),
    ({"LC_CTYPE": "en_US.UTF-8", "LANG": "C"}, "utf-8"),
    ({"LC_ALL": "C", "LANG": "en_US.UTF-8", "LC_CTYPE": "en_US.UTF-8"}, "ascii"),
    ({"LC_ALL": "POSIX"}, "ascii"),
    ({"LANG": "C"}, "ascii"),
    ({}, "ascii"),
    ({"LC_ALL": "", "LANG": "C.UTF-8"}, "utf-8"),
    ({"LANG": "de_DE"}, "iso8859-1"),
    ({"LANG": "de_DE.ISO-8859-1"}, "iso8859-1"),
    ({"LANG": "de_DE@euro"}, "iso8859-15"),
    ({"LANG": "de_DE.ISO-8859-15@euro"}, "iso8859-15"),
    ({"LANG": "xx.no-such-codeset"}, "ascii"),
]


@pytest.mark.parametrize(("environ", "encoding"), LOCALES)
def test_the_locale_says_which_characters_there_are(environ, encoding):
    assert charset(environ).encoding == encoding


@pytest.mark.parametrize(
    ("given_first", "encoding"), [({}, "ascii"), ({"LC_CTYPE": "C.UTF-8"}, "utf-8"), (None, "utf-8")]
)
def test_what_python_made_of_the_locale_c_is_seen_through(monkeypatch, given_first, encoding):
    monkeypatch.setattr(module, "_environment_at_start", lambda: given_first)
    assert charset({"LC_CTYPE": "C.UTF-8", "LANG": "C"}).encoding == encoding


def test_who_asks_for_ascii_or_unicode_gets_it():
    assert charset({"LANG": "C.UTF-8"}, True).encoding == "ascii"
    assert charset({"LANG": "C"}, False).encoding == "utf-8"


@given(st.text())
def test_every_cell_becomes_one_printable_ascii_character(text):
    text = clean(text)
    carried = ASCII.text(text)
    assert len(carried) == cell_width(text)
    assert carried.isascii()
    assert not carried or carried.isprintable()
    assert ASCII.text(carried) == carried
    assert UTF_8.text(text) == text


@example("🏻")  # of no width alone: no cell at all
@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])))
def test_cells_keep_their_number_two_for_a_wide_character(text):
    cells = split(text)
    carried = ASCII.cells(cells)
    assert len(carried) == len(cells)
    assert all(len(cell) == 1 and cell.isascii() for cell in carried)


NAMES = st.text(st.sampled_from("ABXYZ0129/:-_.$币安人生我踏马来了龙虾哈基米柴犬ハジメ한국Ａ🚀"), max_size=10)


@given(st.lists(NAMES, unique=True, max_size=30), st.sampled_from(["ascii", "iso8859-1", "gbk"]))
def test_two_names_of_wide_characters_never_look_alike(names, charset_name):
    carried = Charset(charset_name)
    assert len({carried.text(name) for name in names}) == len(names)
    assert all("".join(carried.cells(cells(name))) == carried.text(name) for name in names)


def test_wide_characters_are_numbered_as_they_come_while_there_are_numbers():
    carried = Charset("ascii")
    assert carried.text("币安人生/USDT 币圈") == "#1#2#3#4/USDT #1#5"
    shown = carried.text("".join(map(chr, range(0xAC00, 0xAC00 + 3_000))))
    codes = [shown[at : at + 2] for at in range(0, len(shown), 2)]
    assert codes.count("??") == 3_000 - (2_350 - len("币安人生圈"))
    assert len(set(codes)) == 2_350 - len("币安人生圈") + 1
    assert carried.text("币安人生") == "#1#2#3#4"


def test_letters_of_other_alphabets_stay_letters():
    assert ASCII.text("Цена ЖУК τιμή") == "Cena JUK tiuh"


@pytest.mark.parametrize("name", ["iso8859-1", "iso8859-15"])
def test_a_character_set_of_one_byte_keeps_what_it_carries(name):
    latin = Charset(name)
    assert latin.text("±2σ · 1×") == "±2s · 1×"
    assert latin.text("€") == ("€" if name == "iso8859-15" else "E")
    for number in range(0x80, 0xA0):
        assert latin.text(chr(number)) == "?", "C1 is control, in one byte too"


def test_a_character_set_of_more_bytes_is_taken_for_ascii():
    assert Charset("gbk").text("─█€") == "-#E"


def test_shapes_stay_shapes():
    assert ASCII.text(" ▁▂▃▄▅▆▇█") == " _.-=+*%#"
    assert ASCII.text("╭─╮│╰╯") == "+-+|++"
    assert ASCII.text("▲▼ −1.5 ≥2 — …") == "^v -1.5 >2 - ~"
    assert ASCII.text("\u2800⠁⠒⣀⠇⣿") == " '-.|#"
    heights = [ASCII.text(chr(0x2800 + dots)) for dots in (0x09, 0x12, 0x24, 0xC0)]
    assert heights == ["'", "-", "-", "."]


def widened(text, name="ascii"):
    chars, styles = list(text), list("abcdefghijklmnopqrstuvwxyz"[: len(text)])
    Charset(name).widen(chars, styles)
    return "".join(chars), "".join(styles)


def test_a_sign_of_two_characters_takes_a_blank_beside_it_and_gives_it_its_style():
    assert widened("  ≥446K") == (" >=446K", "accdefg")
    assert widened("· ≥ 3") == ("· >=3", "abcce")
    assert widened("K ≥5") == ("K>=5", "accd")
    assert widened("  ≤1  ≠2")[0] == " <=1 !=2"
    assert widened("≥5")[0] == "≥5", "without a blank it is one character, as the terminal writes it"
    assert widened("  ±2", "iso8859-1")[0] == "  ±2", "what the terminal carries stays"


@pytest.mark.parametrize("panel", ["liquidations", "waves"])
def test_a_lower_bound_is_one_in_ascii_too_and_never_runs_into_the_figure_before_it(panel):
    market = simulated()

    def shown(*settings):
        config = load(None, settings).config
        return render(market.model, config, now=market.now, size=(160, 40), panel=panel)

    plain = shown("desk.ascii=true")
    assert plain.count(">=") == shown().count("≥") > 10
    assert not re.search(r"[0-9KMB]>=", plain)


def test_the_terminal_gets_ascii_alone_whoever_draws():
    terminal = Terminal(40, 3, charset=Charset("ascii"))
    terminal.write("\x1b[?1049h")
    terminal.take(1 << 20)
    terminal.write("\x1b[1;1H╭─ é 漢字 ─╮\x1b[2;1H│")
    terminal.draw(0, 2, "▁▂▃ — ≥", 0)
    terminal.draw(20, 2, ["漢", TAIL, "e\u0301"], 0)
    terminal.drawn(0, 0)
    sent = terminal.take(1 << 20)
    assert sent.isascii()
    assert "".join(terminal.have.chars[0]).rstrip() == "+- e #1#2 -+"
    assert "".join(terminal.have.chars[2]).rstrip() == "_.- - >" + " " * 13 + "#1e"


@pytest.mark.parametrize("panel", plugins.panel_names())
def test_every_panel_is_drawn_in_ascii_of_the_same_width(panel):
    market = simulated()

    def shown(*settings):
        config = load(None, settings).config
        return render(market.model, config, now=market.now, size=(100, 30), panel=panel).splitlines()

    unicode, plain = shown(), shown("desk.ascii=true")
    assert [cell_len(line) for line in unicode] == [len(line) for line in plain]
    assert all(line.isascii() and line.isprintable() for line in plain)


def test_the_locale_c_gets_ascii_in_every_kind_of_frame(monkeypatch):
    market = simulated()

    def shown(kind, *settings):
        return render(market.model, load(None, settings).config, now=market.now, size=(120, 40), format=kind)

    monkeypatch.setenv("LC_ALL", "C")
    for kind in ("text", "ansi"):
        assert shown(kind).isascii()
        assert not shown(kind, "desk.ascii=false").isascii()
