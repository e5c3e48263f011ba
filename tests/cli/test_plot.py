"""`deskmon plot`: figures over time in the terminal, in a pipe, and as a picture."""

import os
import re
import subprocess
import sys
from itertools import pairwise, takewhile
from xml.etree import ElementTree

import pytest

from deskmon.cli.plot import PIPE
from deskmon.cli.plot_text import LEAST_ROWS, text_plot
from deskmon.clock import DAY
from deskmon.components.text import cell_width
from deskmon.errors import UsageError
from deskmon.feeds.demo.simulator.timeline import DemoTimeline
from deskmon.journal import JournalWriter
from deskmon.plots.series import MOST_TICKS, Line, Series, axes_of
from deskmon.plots.svg import svg_plot

MINUTES = 2
RECT = "{http://www.w3.org/2000/svg}rect"


@pytest.fixture(scope="module")
def journal(tmp_path_factory):
    path, timeline = tmp_path_factory.mktemp("plot") / "cascade.jsonl", DemoTimeline(seed=7)
    with JournalWriter(path, timeline.header) as writer:
        until = timeline.start + MINUTES * 60_000
        writer.write(takewhile(lambda event: event.arrival <= until, timeline.events()))
    return path


def run(*words, status=0):
    command = [sys.executable, "-m", "deskmon", "plot", *map(str, words)]
    environment = dict(os.environ)  # without it a child gets COLUMNS from the readline library of this process
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == status, done.stderr
    return done.stdout or done.stderr


def test_price_with_liquidations_on_two_axes_in_a_pipe_has_no_colour_and_fits(journal):
    text = run("prices.BTC.last", "liquidations.windows.1m.usd", "--replay", journal, "--size", "80x24")
    lines = text.splitlines()
    assert "\x1b" not in text and len(lines) <= 24 and max(map(cell_width, lines)) <= 80
    assert lines[0].endswith("simulated") and "(quote currency, left)" in lines[1] and "(USD, right)" in lines[2]
    assert any("⠀" < char <= "⣿" for char in "".join(lines[3:])) and sum("o" in line for line in lines[3:]) > 5


def test_a_pipe_gets_the_size_that_the_documents_say(journal):
    lines = run("prices.BTC.last", "--replay", journal).splitlines()
    assert (max(map(cell_width, lines)), len(lines)) == PIPE == (120, 36)


def test_the_same_request_writes_a_picture_that_is_xml_with_a_path_for_each_figure(journal, tmp_path):
    out = tmp_path / "x.svg"
    said = run("funding.BTC.mean_8h", "funding.ETH.mean_8h", "--replay", journal, "--out", out)
    assert said == f"wrote {out}\n"
    tree = ElementTree.parse(out)
    paths = [each.get("d") for each in tree.iter("{http://www.w3.org/2000/svg}path")]
    assert len(paths) == 2 and all(path.startswith("M") for path in paths)
    texts = [each.text for each in tree.iter("{http://www.w3.org/2000/svg}text")]
    assert any(re.fullmatch(r"funding.ETH.mean_8h  −?0\.\d{4}%", text) for text in texts), "no unit: the % tells it"
    assert any("simulated" in text for text in texts)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["prices.BTC.lst"], "did you mean prices.BTC.last?"), (["prices.BTC.venue"], "prices.BTC.venue is no number"),
        (["prices.XYZ.last"], "nothing is known of prices.XYZ.last in that time"),
        (["prices.BTC.last", "--out", "x.png"], "name a file that ends in .svg"),
        (["prices.BTC.last", "--every", "1ms"], "more than 20,000 steps"),
        (["prices.BTC.last", "--every", "30d"], "holds no two steps"),
        (["prices.BTC.last", "funding.BTC.mean_8h", "options.BTC.dvol"], "a third unit"),
    ],
)  # fmt: skip
def test_what_can_t_be_plotted_is_said_in_one_line(journal, words, said):
    text = run(*words, "--replay", journal, status=2)
    assert said in text and text.count("\n") == 1


def series(*values, units=("USD",), area=False):
    times = [1_763_700_000_000 + 60_000 * n for n in range(len(values[0]))]
    look = "area" if area else "line"
    lines = [
        Line(f"prices.X{n}.last", n % len(units), look, list(zip(times, each, strict=True)))
        for n, each in enumerate(values)
    ]
    return Series(lines, units, "simulated")


@pytest.mark.parametrize("size", [(20, 10), (80, 24), (120, 36), (200, 50)])
@pytest.mark.parametrize("coloured", [False, True])
def test_holes_flat_lines_and_lone_values_are_drawn_at_any_size(size, coloured):
    for shown in (
        series([1.0] * 30), series([None] * 10 + [5.0] + [None] * 10), series([1.0, None, 3.0], [None, 2.0, None]),
        series([0.0, -5.0, 5.0], [1e12, 2e12, 3e12], units=("USD", "fraction"), area=True),
    ):  # fmt: skip
        text = text_plot(shown, size, coloured=coloured)
        assert ("\x1b" in text) is coloured
        if not coloured:
            lines = text.splitlines()
            assert max(map(cell_width, lines)) == size[0]
            assert len(lines) == max(size[1], LEAST_ROWS + len(shown.lines) + 1)
        ElementTree.fromstring(svg_plot(shown, size))


@pytest.mark.parametrize("low", [-9.6, 0.0, 1.0, 84_000.0])
@pytest.mark.parametrize("apart", [1e-3, 0.4, 7.0, 123.0, 9.9e9])
@pytest.mark.parametrize("unit", ["vol points", "USD", "quote currency", "× baseline"])
def test_values_on_an_axis_are_round_and_told_apart(low, apart, unit):
    found = series([low, low + apart], units=(unit,)).value_ticks(0)
    assert 2 <= len(found) <= MOST_TICKS + 1 and all(low <= value <= low + apart for value, _ in found)
    steps = [after - before for (before, _), (after, _) in pairwise(found)]
    assert steps == pytest.approx([steps[0]] * len(steps), rel=1e-3)
    if found[0][0] != low:
        assert f"{steps[0]:e}"[0] in "125" and len({label for _, label in found}) == len(found)


def test_times_of_a_short_plot_say_seconds():
    lines = ([Line("x", 0, "line", [(0, 1.0), (1000 * s, 2.0)])] for s in (90, 9 * 3600))
    short, long = ([Series(each, ("USD",), "").time_ticks(3)[1][1]] for each in lines)
    assert (short, long) == (["00:00:45"], ["1 Jan 04:30"])


def test_figures_of_one_unit_share_an_axis_and_too_many_are_refused():
    assert axes_of([("a", "USD"), ("b", "%"), ("c", "USD")]) == [0, 1, 0]
    with pytest.raises(UsageError, match="too many for one plot"):
        axes_of([(f"f{n}", "USD") for n in range(9)])


def bars(days):
    """The bars (x, width) of a picture of two lines of sums of so many days, a gain and a loss each."""
    lines = [Line(f"x{sign}", 0, "bars", [(DAY * day, sign * (day + 1.0)) for day in range(days)]) for sign in (1, -1)]
    rects = [*ElementTree.fromstring(svg_plot(Series(lines, ("USD",), ""), (80, 20))).iter(RECT)]
    frame = next(each for each in rects if each.get("class") == "frame")
    left, top, width, height = (float(frame.get(key)) for key in ("x", "y", "width", "height"))
    found = []
    for each in [each for each in rects if each.get("fill-opacity")][len(lines) :]:
        x, y, w, h = (float(each.get(key)) for key in ("x", "y", "width", "height"))
        assert left - 0.1 <= x <= x + w <= left + width + 0.1 and top <= y <= y + h <= top + height
        found.append((x, w))
    assert len(found) == 2 * days
    return found


def test_bars_stand_beside_each_other_within_the_frame_and_thin_ones_over_each_other():
    few = bars(5)
    assert all(x + w <= after + 0.1 for (x, w), (after, _) in pairwise(sorted(few)))
    many = bars(300)
    assert [x for x, _ in many[:300]] == [x for x, _ in many[300:]]
