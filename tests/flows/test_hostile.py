"""Text from outside: whatever a headline, a fund, an entity, a source or a note says, a cell is a cell."""

import json

import pytest
from rich.cells import cell_len

from deskmon.api import Panel
from deskmon.cli.text import print_json
from deskmon.events import EtfFlow, Headline, Holding, Metric
from deskmon.model import Model
from deskmon.plugins import load_panel
from deskmon.testing import NOW
from tests.desk.stubs import desk_of

TRICKS = (
    "\x1b]52;c;aGk=\x07", "\x1b[2J\x9b31m", "\x90q\x9c", "\u202eabc\u202c\u2066", "a\u200bb\u2060\ufeff",
    "e\u0301\u0489",    "柴犬 火币", "[red]x[/] [@click=app.quit]y[/]", "\u00ad\u3164", "👨‍👩‍👧 \U0001f1e9",
    "\U000e0041", "a\nb\rc\td\x0b\x85", "\ud7ff\ue000",
)  # fmt: skip
"""OSC 52, CSI and its C1 form, DCS, bidi overrides, zero widths, combining marks, wide characters, markup, fillers,
emoji joined and by halves, tags, line feeds, private use."""


def hostile_model() -> Model:
    model = Model()
    for n, trick in enumerate(TRICKS):
        model.apply([
            Headline(ts=NOW - n, text=f"{trick} tail", source=trick, url=trick),
            Metric(ts=NOW, name=f"m{n}", value=1.0, unit=trick, source=trick),
            Holding(ts=NOW, entity=f"entity {n}", asset="BTC", amount=1.0, average_cost=1.0, note=trick),
            EtfFlow(ts=NOW, asset="BTC", fund=f"fund {n}", date="2025-11-20", usd=3e8, source=trick),
        ])  # fmt: skip
        if trick.isprintable():
            model.apply([
                Holding(ts=NOW, entity=trick, asset="BTC", amount=1.0, average_cost=1.0),
                EtfFlow(ts=NOW, asset="BTC", fund=trick, date="2025-11-20", usd=1.0),
            ])  # fmt: skip
    assert not model.rejected
    return model


@pytest.mark.parametrize("trick", [trick for trick in TRICKS if not trick.isprintable()])
def test_a_name_with_anything_that_does_not_print_is_no_event(trick):
    with pytest.raises(ValueError, match="fund"):
        EtfFlow(ts=NOW, asset="BTC", fund=trick, date="2025-11-20", usd=1.0)
    with pytest.raises(ValueError, match="entity"):
        Holding(ts=NOW, entity=trick, asset="BTC", amount=1.0, average_cost=1.0)


@pytest.mark.parametrize("name", ["flows", "flow", "holders", "context", "metric", "headlines", "headline"])
def test_every_row_of_the_desk_is_printable_and_has_its_width(name):
    panel: type[Panel] = load_panel(name)
    for size in ((80, 24), (33, 9), (200, 50)):
        desk = desk_of(panel, size=size)
        desk.model = hostile_model()
        for key in ("", "down", "enter"):
            if key:
                desk.press(key, NOW)
            desk.frame(NOW)
            lines = desk.canvas.text().split("\n")
            assert len(lines) == size[1]
            for row in desk.canvas.rows():
                text = "".join(text for text, _ in row)
                assert cell_len(text) == size[0] and text.isprintable()
                assert all(cell_len(char) > 0 for char in text)


def test_json_on_a_terminal_carries_no_control_and_says_the_same(capsys):
    told = {"headlines": list(TRICKS), "柴犬": 1}
    print_json(told)
    printed = capsys.readouterr().out
    assert all(line.isprintable() for line in printed.split("\n"))
    assert json.loads(printed) == told and "柴犬" in printed
