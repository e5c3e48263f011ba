"""The bytes of a difference put the terminal right, and are few."""

from hypothesis import given, settings
from hypothesis import strategies as st

from deskmon.terminal.grids import MOST_CONTROLS, Terminal, erases_in_colour
from deskmon.terminal.sgr import Styles
from tests.length import examples
from tests.terminal.oracle import Judge, cells_of

WIDTH, HEIGHT = 26, 6
ALL = 1 << 30

GROUND = "48;2;18;18;18"
styles = st.sampled_from(
    [
        "0",
        f"1;38;2;10;20;30;{GROUND}",
        f"38;2;200;20;30;{GROUND}",
        GROUND,
        f"4;{GROUND}",
        "7;31",
        "44",
        "1;3;92",
        "2;38;5;9",
    ]
)
texts = st.one_of(
    st.text(alphabet="0123456789.,", min_size=1, max_size=9),
    st.integers(1, WIDTH).map(" ".__mul__),
    st.tuples(st.sampled_from("─▁⠤é"), st.integers(1, WIDTH)).map(lambda run: run[0] * run[1]),
    st.lists(st.sampled_from([*"ab  ", "─", "▇", "漢", "e\u0301"]), min_size=1, max_size=12).map("".join),
)
pieces = st.tuples(st.integers(1, HEIGHT), st.integers(1, WIDTH), styles, texts).map(
    lambda p: f"\x1b[{p[0]};{p[1]}H\x1b[{p[2]}m{p[3]}\x1b[0m"
)
frames = st.lists(st.lists(pieces, max_size=10).map("".join), min_size=1, max_size=5)


def entered(width=WIDTH, height=HEIGHT, **options):
    terminal = Terminal(width, height, **options)
    terminal.write("\x1b[?1049h")
    return terminal


@examples(100, 400)
@given(frames, st.booleans(), st.booleans(), st.sampled_from([1, 40, ALL]))
def test_what_is_sent_makes_the_terminal_show_what_is_wanted(written, erase, rep, limit):
    terminal, judge = entered(erase=erase), Judge(WIDTH, HEIGHT, rep=rep)
    terminal.allow_rep(rep)
    for frame in written:
        terminal.write(frame)
        judge.feed(terminal.take(limit))
    while terminal.pending:
        judge.feed(terminal.take(limit))
    assert judge.cells() == cells_of(terminal.want, terminal.styles)
    assert terminal.take(ALL) == b""


@settings(max_examples=50, deadline=None)
@given(frames, frames)
def test_frames_that_could_not_be_sent_cost_nothing(missed, written):
    terminal, judge = entered(), Judge(WIDTH, HEIGHT)
    terminal.write(written[0])
    judge.feed(terminal.take(ALL))
    for frame in missed:
        terminal.write(frame)
    for frame in missed:
        terminal.write(frame)
    late = terminal.take(ALL)
    judge.feed(late)
    assert judge.cells() == cells_of(terminal.want, terminal.styles)
    fresh = entered()
    fresh.write(written[0])
    fresh.take(ALL)
    fresh.write("".join(missed))
    fresh.write("".join(missed))
    assert len(late) == len(fresh.take(ALL))


@examples(40, 100)
@given(frames, st.integers(1, 40), st.integers(1, 9))
def test_after_a_resize_everything_is_painted_afresh(written, width, height):
    terminal = entered()
    for frame in written:
        terminal.write(frame)
    terminal.take(ALL)
    terminal.resize(width, height)
    judge = Judge(width, height)
    judge.feed(b"x" * 5 + b"\x1b[41m\n\n")
    terminal.write(f"\x1b[{height};1H\x1b[31m!\x1b[0m")
    judge.feed(terminal.take(ALL))
    assert judge.cells() == cells_of(terminal.want, terminal.styles)


def frame(x, y, *runs):
    """One frame as Textual writes it: a move, runs of (style, text), and the cursor home again."""
    return f"\x1b[{y};{x}H" + "".join(f"\x1b[{style}m{text}\x1b[0m" for style, text in runs) + "\x1b[1;1H"


def test_nothing_is_painted_before_the_app_has_drawn():
    terminal = Terminal(80, 24)
    terminal.write("\x1b[1;1Hearly")
    assert not terminal.pending
    terminal = entered(80, 24)
    assert terminal.take(ALL) == b"\x1b[?1049h"
    terminal.resize(100, 30)
    assert not terminal.pending
    terminal.write("\x1b[1;1HBTC\x1b[1;1H")
    assert terminal.take(ALL) == b"\x1b[m\x1b[2J\x1b[HBTC"
    terminal.resize(100, 30)
    assert terminal.take(ALL) == b"\x1b[m\x1b[2J\x1b[HBTC"
    terminal.resize(90, 30)
    assert not terminal.pending


def test_an_idle_frame_costs_nothing():
    terminal = entered()
    for _ in range(2):
        terminal.write(frame(4, 3, ("31", "64,812.50")))
        sent = terminal.take(ALL)
    assert sent == b""
    assert terminal.take(ALL) == b""
    assert not terminal.pending


def test_only_what_differs_is_sent():
    terminal = entered()
    terminal.write(frame(4, 3, ("32", "64,812.50")))
    terminal.take(ALL)
    terminal.write(frame(4, 3, ("32", "64,813.50")))
    assert terminal.take(ALL) == b"\x1b[4D3"
    terminal.write(frame(4, 3, ("32", "54,813.40")))
    assert terminal.take(ALL) == b"\x1b[6D5\x1b[6C4"


def test_a_short_gap_is_written_again_and_a_blank_takes_any_foreground():
    terminal = entered()
    terminal.write(frame(1, 1, ("31;44", "ab cd")))
    terminal.take(ALL)
    terminal.write(frame(1, 1, ("31;44", "Xb cY")))
    assert terminal.take(ALL) == b"\rXb cY"
    terminal.write(frame(1, 1, ("31;44", "Zb"), ("32;44", "  "), ("31;44", "W")))
    assert terminal.take(ALL) == b"\rZb  W"
    terminal.write(frame(1, 1, ("31;44", "Zb"), ("33;44", "   ")))
    assert terminal.take(ALL) == b"\b "


def test_blank_ends_and_long_blanks_are_erased_only_where_that_works():
    full = frame(1, 1, ("44", "x" * 26))
    later = frame(1, 1, ("44", "ab" + " " * 14 + "cd" + " " * 8))
    terminal = entered()
    terminal.write(full)
    terminal.take(ALL)
    terminal.write(later)
    assert terminal.take(ALL) == b"\rab\x1b[14X\x1b[14Ccd\x1b[K"
    plain = entered(erase=False)
    plain.write(full)
    plain.take(ALL)
    plain.write(later)
    assert plain.take(ALL) == b"\rab" + b" " * 14 + b"cd" + b" " * 8
    assert erases_in_colour({"TERM": "xterm-256color"})
    assert erases_in_colour({"TERM": "screen-256color", "TMUX": "/run/tmux"})
    assert not erases_in_colour({"TERM": "screen.xterm-256color"})


def test_a_line_is_repeated_only_where_the_terminal_knows_how():
    terminal = entered()
    edge = frame(1, 1, ("31", "╭" + "─" * 24 + "╮"))
    terminal.write(edge)
    assert terminal.take(ALL).endswith(("╭" + "─" * 24 + "╮").encode())
    terminal.allow_rep(True)
    terminal.resize(WIDTH, HEIGHT)
    assert terminal.take(ALL).endswith("╭─\x1b[23b╮".encode())
    terminal.resize(40, HEIGHT)
    terminal.write(frame(1, 1, ("31", "──── é─── 0000000000 ─── ──")))
    assert terminal.take(ALL).endswith("─\x1b[3b é─\x1b[2b 0000000000 ─\x1b[2b ──".encode())
    terminal.allow_rep(False)
    terminal.resize(40, HEIGHT)
    assert terminal.take(ALL).endswith("──── é─── 0000000000 ─── ──".encode())


def test_marks_that_join_a_character_are_not_repeated():
    terminal = entered()
    terminal.allow_rep(True)
    terminal.write(frame(1, 1, ("31", "a" + "\u20dd" * 4)))
    assert terminal.take(ALL).endswith(("a" + "\u20dd" * 4).encode())


def test_under_a_tight_limit_rows_take_turns():
    terminal, judge = entered(), Judge(WIDTH, HEIGHT)
    terminal.write("\x1b[1;1H.\x1b[1;1H")
    judge.feed(terminal.take(ALL))
    for n in range(HEIGHT * 2):
        terminal.write("".join(f"\x1b[{y};1H{n * HEIGHT + y:09d}" for y in range(1, HEIGHT + 1)))
        judge.feed(terminal.take(1))
    assert all(row[:9].isdigit() for row in judge.screen.display)


def test_rows_in_a_hurry_go_before_all_others_but_once_only():
    terminal = entered(40, 24)
    terminal.write("".join(frame(1, y, ("", "x" * 40)) for y in range(1, 25)))
    sent = []

    def take():
        before = [row[0] for row in terminal.have.chars]
        terminal.take(1)
        sent.extend(y for y, row in enumerate(terminal.have.chars) if row[0] != before[y])

    take()
    terminal.hurry([20, 22])
    for _ in range(3):
        take()
    assert sent == [0, 20, 22, 1]
    terminal.write(frame(1, 21, ("", "y")))
    for _ in range(21):
        take()
    assert sent[4:] == [y for y in range(2, 24) if y != 22]


def test_controls_keep_their_order_and_the_newest_wins():
    terminal = Terminal(80, 24)
    for control in (
        "\x1b[?1049h",
        "\x1b[?25l",
        "\x07",
        "\x1b[?1000h",
        "\x1b[?2026h",
        "\x07",
        "\x1b[?1000l",
        "\x1b[?2026l",
    ):
        terminal.write(control)
    assert terminal.take(ALL) == b"\x1b[?1049h\x1b[?25l\x07\x1b[?1000l"


def test_controls_that_cannot_be_sent_are_few():
    terminal = Terminal(80, 24)
    for n in range(10_000):
        terminal.write(f"\x1b[?{n}h")
    assert terminal.take(ALL).count(b"\x1b") == MOST_CONTROLS


def test_after_leaving_nothing_but_controls_is_sent():
    terminal = entered()
    terminal.write("\x1b[1;1HBTC\x1b[1;1H")
    terminal.take(ALL)
    terminal.write("\x1b[?1049l")
    terminal.write("\x1b[1;1HETH\x1b[1;1H")
    assert terminal.take(ALL) == b"\x1b[m\x1b[?1049l"
    assert not terminal.pending
    terminal.write("\x1b[?1049h")
    assert terminal.take(ALL) == b"\x1b[?1049h\x1b[m\x1b[2J\x1b[HETH"


def test_the_cursor_is_left_where_the_app_has_it():
    terminal, judge = entered(), Judge(WIDTH, HEIGHT)
    terminal.write("\x1b[1;1HBTC\x1b[4;7H")
    judge.feed(terminal.take(ALL))
    assert (judge.screen.cursor.x, judge.screen.cursor.y) == (6, 3)
    assert not terminal.pending
    terminal.write("\x1b[5;8H")
    judge.feed(terminal.take(ALL))
    assert (judge.screen.cursor.x, judge.screen.cursor.y) == (7, 4)


def test_endless_new_colours_do_not_pile_up():
    terminal, judge = entered(), Judge(WIDTH, HEIGHT)
    most = 0
    for n in range(20_000):
        terminal.write(f"\x1b[{n % 6 + 1};{n % 20 + 1}H\x1b[38;2;{n % 256};{n // 256};9m*\x1b[0m")
        terminal.take(ALL)
        most = max(most, terminal.styles.size)
    assert most < 33_000
    terminal.forget()
    judge.feed(terminal.take(ALL))
    assert judge.cells() == cells_of(terminal.want, terminal.styles)


sgr = st.lists(
    st.sampled_from(["0", "1", "2", "3", "4", "7", "9", "22", "24", "31", "92", "38;2;1;2;3", "44", "49", "39"]),
    max_size=5,
)


@given(sgr, sgr)
def test_the_way_from_style_to_style_is_right_and_never_longer_than_starting_afresh(old, new):
    styles = Styles()
    start, end = styles.after(0, ";".join(old)), styles.after(0, ";".join(new))
    change, afresh = styles.change(start, end), styles.change(None, end)
    assert len(change) <= len(afresh)
    pen = styles.after(start, change[2:-1]) if change else start
    assert pen == end
    assert styles.after(start, afresh[2:-1]) == end
