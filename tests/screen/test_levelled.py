"""Lines of a page go where there is something to show, and move only for that."""

import pytest

from deskmon.config import load
from deskmon.config.schema import Cell, Config, Layout
from deskmon.config.sources import PACKAGED
from deskmon.panel import Frame, Needs
from deskmon.plugins import load_panel
from deskmon.screen.desk import Desk
from deskmon.testing import NOW
from tests.markets import sample
from tests.screen.stubs import Plain

STEP = 10_000


class Listing(Plain):
    """As many lines as its class says."""

    lines = 4

    def needs(self, frame):
        return Needs(2, self.lines, True)


class Other(Listing):
    lines = 30


def desk_of_two():
    cells = (Cell(panel="listing"), Cell(panel="other", row=1))
    layout = Layout(rows=(1.0, 1.0), cells=cells)
    panels = {"listing": Listing, "other": Other}
    desk = Desk(Config(layouts={"default": layout}), sample("full"), load_panel=panels.__getitem__, perf=lambda: 0.0)
    desk.resize(100, 42)
    return desk


def heights(desk, now):
    desk.frame(now)
    return [rect.height for rect in desk.painter.placed.values()]


def test_a_panel_that_has_more_to_show_later_gets_lines_and_one_that_has_less_takes_none_back(monkeypatch):
    desk = desk_of_two()
    assert heights(desk, NOW) == [8, 32], "the one has its lines, the other all it has to show"
    monkeypatch.setattr(Listing, "lines", 6)
    monkeypatch.setattr(Other, "lines", 5)
    assert heights(desk, NOW + STEP) == [8, 32], "nobody lacks a line, nothing moves"
    monkeypatch.setattr(Listing, "lines", 12)
    assert heights(desk, NOW + 2 * STEP)[0] >= 14
    desk.press("tab", NOW + 2 * STEP)
    assert heights(desk, NOW + 2 * STEP)[0] >= 14, "focus moves nothing"


@pytest.mark.parametrize("size", [(200, 50), (120, 36), (80, 24)])
def test_no_table_of_the_default_layout_is_cut_in_its_first_five_rows(size):
    config = load(PACKAGED).config
    desk = Desk(config, sample("full"), load_panel=load_panel, perf=lambda: 0.0)
    desk.resize(*size)
    for focus in range(len(desk.page.hosts)):
        desk.focus(focus)
        desk.frame(NOW)
        for index, rect in desk.painter.placed.items():
            needs = desk.page.hosts[index].needs(Frame(desk.model, NOW, rect.width - 2, size[1] - 4))
            assert needs is None or rect.height - 2 >= needs.least, (desk.page.hosts[index].name, rect, needs)
