"""The startup bench finds figures on the terminal, not words that stand there before."""

import sys

import pytest

from deskmon.bench import startup
from deskmon.errors import DeskError

WRITES = (
    "import sys, time; [(sys.stdout.write(part), sys.stdout.flush(), time.sleep(0.05)) for part in {!r}]; time.sleep(9)"
)


def written(*parts):
    return [sys.executable, "-c", WRITES.format(parts)]


def test_a_frame_is_found_before_a_figure_however_it_is_styled():
    desk = written("\x1b[1mq quit\x1b[m ETH loading", "\x1b[5;2HETH  \x1b[31mbinance\x1b[m \x1b[7m2,771", ".20\x1b[m")
    frame, figure = startup.first(desk, startup._FRAME, startup._FIGURE)
    assert 0 < frame < figure


def test_a_figure_that_never_comes_is_an_error(monkeypatch):
    monkeypatch.setattr(startup, "PATIENCE_S", 0.3)
    with pytest.raises(DeskError, match="ETH"):
        startup.first(written("q quit ETH — 2,771"), startup._FRAME, startup._FIGURE)


@pytest.mark.parametrize(
    ("seconds", "holds"),
    [
        ((0.1, 0.13, 0.19, 0.39), True),
        ((0.1, 0.14, 0.19, 0.39), False),
        ((0.1, 0.13, 0.21, 0.39), False),
        ((0.1, 0.13, 0.19, 0.41), False),
    ],
)
def test_each_time_has_a_ratio_and_a_limit_and_all_must_hold(seconds, holds):
    figures = startup.report(*seconds)
    assert figures["ok"] is holds
    for name in ("", "first_figure_", "reconstruction_figure_"):
        assert figures[f"{name}ratio"] > 1 and figures[f"{name}limit"] > 1
