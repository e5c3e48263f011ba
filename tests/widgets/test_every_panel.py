"""What holds for each of the desk's panels: whole numbers at any width, pages that exist, colours that say why."""

from __future__ import annotations

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.api import Drill, Frame
from deskmon.plugins import load_panel, panel_names
from deskmon.testing import NOW, render
from tests.markets import sample

FULL = sample("full")


def make(name, **options):
    panel = load_panel(name)
    return panel(msgspec.convert(options, panel.Options))


def frame(model, width=100, height=30):
    return Frame(model, NOW, width, height, "BTC", True)


def words(line):
    return line.strip("▸▐ ").split()


NUMBER = re.compile(r"[+−≥]?\d[\d,.:]*(?:%|[KMBT×smhd])?")
WIDE = {}


def tokens(name, width):
    """Of the page of an asset its tables: on low pages. The axes of charts have a test of their own."""
    lines = render(make(name), FULL, width=width, height=27 if name == "symbol" else 200)
    found = (word.rstrip(",") for line in lines for word in words(line))
    return {token for token in found if NUMBER.fullmatch(token)}


@given(st.sampled_from([name for name in panel_names() if name != "chart"]), st.integers(1, 130))
def test_at_any_width_every_number_is_whole(name, width):
    if name not in WIDE:
        WIDE[name] = tokens(name, 400)
    assert tokens(name, width) <= WIDE[name]


@pytest.mark.parametrize(
    "name",
    [
        *("prices", "liquidations", "waves", "wave", "orders", "liquidation_map", "tape", "feeds", "symbol", "venue"),
        *("flows", "holders", "context", "headlines"),
    ],
)
def test_every_page_that_a_panel_opens_exists_and_takes_its_options(name):
    panel = make(name)
    for _ in range(12):
        render(panel, FULL, width=100, height=40)
        intent = panel.act("enter", frame(FULL, height=40))
        assert isinstance(intent, Drill)
        page = make(intent.panel, **intent.options)
        assert render(page, FULL) and intent.label
        panel.act("down", frame(FULL, height=40))


def test_colours_never_stand_alone():
    """Whatever is coloured up, down, long or short says so in a sign, a word, its row's label or a candle's shape."""
    wicks = set("│╵╷")
    shapes = {"up": wicks | set("┃╿╽╹╻"), "down": wicks | set("█▀▄")}
    for name in panel_names():
        for line in make(name).draw(frame(FULL, 400, 200)):
            label = "".join(text for text, _ in line).strip()
            for text, style in line:
                if set(text) <= shapes.get(style, set()):
                    continue
                if {"up", "down"} & set(style.split()):
                    assert text.strip()[0] in "+−" or text.strip() in ("buy", "sell"), (name, text)
                if {"long", "short"} & set(style.split()) and name in ("tape", "order"):
                    assert "long" in text or "short" in text, (name, label)
