"""The pictures of the documents are what commands and keys draw."""

from __future__ import annotations

import html
import re
import shlex
from bisect import bisect_right
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from deskmon.cli.market import chosen, market
from deskmon.cli.output import frame, parse_size
from deskmon.cli.parser import parse
from deskmon.cli.plot import asked_series
from deskmon.cli.plot_text import text_plot
from deskmon.clock import HOUR
from deskmon.colours.theme_choice import theme_or_dark
from deskmon.config.schema import Config
from deskmon.configured_model import new_model
from deskmon.desk.desk import Desk
from deskmon.desk.sharing import shared
from deskmon.desk.snapshot import desk_frame, paint
from deskmon.feeds.demo.reconstructions import reconstruct
from deskmon.plots.svg import svg_plot
from tests.written import same_as_written

ROOT = Path(__file__).parents[2]
AWAY = 4 * HOUR
"""How long the trader was away."""
THEMES = sorted(path.stem for path in (ROOT / "themes").glob("*.toml"))


def command_of(page: str) -> str:
    """The one call of `deskmon snapshot` that a page names."""
    (command,) = re.findall(r"`deskmon (snapshot [^`]*)`", (ROOT / page).read_text(encoding="utf-8"))
    return str(command)


@cache
def demo(at: str) -> Any:
    """The model of the simulated market at a time, made once for all pictures, and the desk time."""
    args = parse(["snapshot", "--demo", "--at", at])
    return market(chosen(args), args)


def drawn(command: str) -> str:
    args = parse(shlex.split(command))
    model, now = demo(args.at)
    return frame(model, chosen(args), now, parse_size(args.size), format=args.format)


@pytest.fixture(autouse=True)
def in_the_clone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("DESKMON_CONFIG", raising=False)


def test_the_picture_of_the_readme() -> None:
    same_as_written(ROOT / "docs" / "desk.svg", drawn(command_of("README.md")))


def test_no_text_of_a_picture_begins_or_ends_with_blanks() -> None:
    """Some programs, such as librsvg, leave out blanks with which a text begins: numbers then lose their columns."""
    texts = re.findall(r"<text [^>]*>([^<]*)</text>", drawn(command_of("README.md")))
    words = [html.unescape(text).strip("\n") for text in texts]
    assert len(words) > 500 and all(text == text.strip("\u00a0 ") for text in words)


@pytest.mark.parametrize("name", THEMES)
def test_the_picture_of_a_theme(name: str) -> None:
    command = command_of("docs/themes.md").replace("NAME", name)
    same_as_written(ROOT / "docs" / "themes" / f"{name}.svg", drawn(command))


def same_as_drawn(name: str, desk: Desk) -> None:
    same_as_written(ROOT / "docs" / f"{name}.svg", paint(desk.canvas, theme_or_dark("dark"), "svg"))


def test_the_picture_of_what_changed_since_a_trader_left() -> None:
    timeline = reconstruct("2025-11-21")
    assert timeline.end is not None
    left, now = timeline.end - AWAY, timeline.end
    events, config = list(timeline.events()), Config()
    model = new_model(config)
    stop = bisect_right(events, left, key=lambda event: event.arrival)
    model.apply([timeline.header, *events[:stop]])
    desk = desk_frame(model, config, now=left, size=(120, 26), panel="prices")
    desk.journey.begin(desk, left, "since you left 07:00:00", left)
    model.apply(events[stop:])
    desk.frame(now)
    same_as_drawn("since", desk)


def test_the_picture_of_the_question_what_to_copy() -> None:
    model, now = demo("+2m50s")
    desk = desk_frame(model, Config(), now=now, size=(120, 18), panel="prices")
    assert shared(desk, "row", now).text in (ROOT / "docs" / "share.md").read_text(encoding="utf-8")
    desk.press("y", now)
    desk.frame(now)
    same_as_drawn("copy", desk)


def test_the_plots_of_their_page() -> None:
    page = (ROOT / "docs" / "plot.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"^deskmon (plot .*)$", page, re.M)
    (size,) = re.findall(r"`--size (\S+) --out plot.svg`", page)
    series = asked_series(args := parse(shlex.split(command)))
    assert f"```\n{text_plot(series, parse_size(args.size), coloured=False)}```\n" in page
    same_as_written(ROOT / "docs" / "plot.svg", svg_plot(series, parse_size(size)))
