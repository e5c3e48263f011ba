"""How many colours a terminal is given, and that text stays readable in fewer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.color import Color
from rich.style import Style

from deskmon.colours.colour import XTERM, contrast, nearest, unlikeness
from deskmon.colours.colour_depth import Reducer, find_colour_depth

ENVIRONMENTS = [
    ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "truecolor"),
    ({"TERM": "xterm-256color", "COLORTERM": "24bit"}, "truecolor"),
    ({"TERM": "xterm-256color"}, 256),
    ({"TERM": "screen-256color"}, 256),
    ({"TERM": "screen-256color", "COLORTERM": "truecolor"}, 256),
    ({"TERM": "screen", "COLORTERM": "truecolor"}, 16),
    ({"TERM": "screen-256color", "COLORTERM": "truecolor", "TMUX": "/run/tmux"}, "truecolor"),
    ({"TERM": "tmux-256color", "COLORTERM": "truecolor"}, "truecolor"),
    ({"TERM": "tmux-256color"}, 256),
    ({"TERM": "tmux"}, 16),
    ({"TERM": "xterm-kitty"}, "truecolor"),
    ({"TERM": "alacritty"}, "truecolor"),
    ({"TERM": "xterm-direct"}, "truecolor"),
    ({"TERM": "xterm"}, 16),
    ({"TERM": "linux"}, 16),
    ({"TERM": "vt220"}, "none"),
    ({"TERM": "xterm-mono"}, "none"),
    ({"TERM": "dumb", "COLORTERM": "truecolor"}, "none"),
    ({}, "none"),
    ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"}, "none"),
    ({"TERM": "xterm-256color", "NO_COLOR": "0"}, "none"),
    ({"TERM": "xterm-256color", "NO_COLOR": ""}, 256),
]


@pytest.mark.parametrize(("environ", "depth"), ENVIRONMENTS)
def test_the_environment_says_how_many_colours_there_are(environ, depth):
    assert find_colour_depth(environ) == depth


@pytest.mark.parametrize("wanted", ["truecolor", 256, 16, "none"])
def test_who_asks_for_colours_gets_them_whatever_the_environment_says(wanted):
    assert find_colour_depth({"TERM": "dumb", "NO_COLOR": "1"}, wanted) == wanted
    assert find_colour_depth({"TERM": "xterm-kitty"}, wanted) == wanted


channels = st.integers(0, 255)
colours = st.tuples(channels, channels, channels)


@given(colours)
def test_the_nearest_colour_is_the_most_alike_of_all(rgb):
    found = nearest(rgb, range(16, 256))
    assert unlikeness(rgb, XTERM[found]) == min(unlikeness(rgb, other) for other in XTERM[16:])


@given(st.integers(16, 255))
def test_a_colour_of_the_palette_stays_what_it_is(number):
    assert XTERM[nearest(XTERM[number], range(16, 256))] == XTERM[number]


@given(colours, colours, st.sampled_from([256, 16]))
def test_text_stays_as_readable_as_it_was_up_to_four_and_a_half(text, ground, depth):
    reduced = Reducer(depth).style(Style(color=Color.from_rgb(*text), bgcolor=Color.from_rgb(*ground), bold=True))
    assert reduced.bold
    found = contrast(XTERM[reduced.color.number], XTERM[reduced.bgcolor.number])
    best = max(contrast(other, XTERM[reduced.bgcolor.number]) for other in (XTERM[:16] if depth == 16 else XTERM[16:]))
    assert found >= min(4.5, contrast(text, ground), best) - 1e-9


def test_without_colours_attributes_stay_and_a_marked_row_is_reversed():
    none = Reducer("none")
    assert none.style(Style.parse("bold underline #ff0000 on #101010")) == Style.parse("bold underline")
    assert none.style(Style.parse("#000000 on #8899aa")).reverse
    assert Reducer(256).style(Style.parse("red on default")) == Style.parse("red on default")
