"""What holds for each of the desk's panels: whole numbers at any width, pages that exist, colours that say why."""

from __future__ import annotations

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.api import Drill, Frame, Notify, TablePanel
from deskmon.components.sections import in_order, sorting
from deskmon.plugins import load_panel, panel_names
from deskmon.testing import KINDS, NOW, render
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
        intent = panel.on_action("enter", frame(FULL, height=40))
        assert isinstance(intent, Drill)
        page = make(intent.panel, **intent.options)
        assert render(page, FULL) and intent.label
        panel.on_action("down", frame(FULL, height=40))


def stretch():
    """Options of the orders of the newest wave, which are listed by another rule than those of a window."""
    wave = FULL.waves.figures(NOW)[-1]
    return {"since": wave.start, "until": NOW}


@pytest.mark.parametrize(
    ("name", "options"), [*((name, None) for name in panel_names()), ("orders", stretch), ("wave", lambda: {"wave": 1})]
)
def test_rows_stand_in_the_order_that_the_mark_of_their_column_says(name, options):
    panel = make(name, **(options() if options else {}))
    if not isinstance(panel, TablePanel):
        return
    for section in panel.sections(frame(FULL, 200, 200)):
        column, other_way = sorting(section.sorted_by)
        if column:
            rows = [row for row in section.rows if not row.continues]
            (sorted_by,) = (each for each in section.columns if each.id == column)
            assert in_order(rows, sorted_by, other_way) == rows, section.id


def test_colours_never_stand_alone():
    """Whatever is coloured up, down, long or short says so in a sign, a word, its row's label, a candle's shape, or a
    bar's place above or below the line."""
    wicks = set("│╵╷")
    shapes = {"up": wicks | set("┃╿╽╹╻"), "down": wicks | set("█▀▄")}
    bars = {"up": set("▁▂▃▄▅▆▇█"), "down": set("▔▀█")}
    for name in panel_names():
        side = "up"
        for line in make(name).draw(frame(FULL, 400, 200)):
            label = "".join(text for text, _ in line).strip()
            side = "down" if set(label) == {"─"} else side
            for text, style in line:
                if name in ("flow", "flows") and style == side and set(text) <= bars[side]:
                    continue
                if set(text) <= shapes.get(style, set()):
                    continue
                if {"up", "down"} & set(style.split()):
                    assert text.strip()[0] in "+−" or text.strip() in ("buy", "sell"), (name, text)
                if {"long", "short"} & set(style.split()) and name in ("tape", "order"):
                    assert "long" in text or "short" in text, (name, label)


def known_to(panel, width=100, height=40):
    """All that a trader sees of a panel."""
    seen = frame(FULL, width, height)
    return panel.draw(seen), panel.note(seen), panel.heading(seen)


@pytest.mark.parametrize("name", panel_names())
def test_the_footer_offers_a_panel_s_keys_where_they_do_something_and_only_there(name):
    for key in ("enter", "sort", "window", "filter"):
        panel, seen = make(name), frame(FULL, 100, 40)
        before = known_to(panel)
        intent = panel.on_action("filter:no such thing" if key == "filter" else key, seen)
        does = known_to(panel) != before or (intent is not None and not isinstance(intent, Notify))
        assert (key in make(name).answers(seen)) is does, key


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", panel_names())
def test_a_column_of_words_says_what_they_are(name, kind):
    """The first column names its rows; in any other, words stand under a label."""
    panel = make(name)
    if isinstance(panel, TablePanel):
        for section in panel.sections(frame(sample(kind))):
            unnamed = {column.id for column in section.columns[1:] if not column.label and section.header}
            for row in section.rows:
                texts = (text for id, (text, _) in row.cells.items() if id in unnamed and isinstance(text, str))
                assert not any(map(str.isalpha, "".join(texts))), (section.id, row.key)
