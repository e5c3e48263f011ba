"""Lines of a page go where there is something to show, and move only for that."""

import pytest

from deskmon.components.panel import Frame, Needs
from deskmon.config.loading import load
from deskmon.config.schema import Cell, Config, Layout
from deskmon.config.sources import PACKAGED
from deskmon.desk.desk import Desk
from deskmon.desk.painter import LEVEL_EVERY
from deskmon.plugins import load_panel
from deskmon.testing import NOW
from tests.desk.stubs import Plain
from tests.markets import sample


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


def heights(desk):
    """After as many frames as it may take until panels are asked anew what they need."""
    for _ in range(LEVEL_EVERY):
        desk.frame(NOW)
    return [rect.height for rect in desk.painter.placed.values()]


def test_a_panel_that_has_more_to_show_later_gets_lines_whatever_the_desk_showed_before(monkeypatch):
    desk = desk_of_two()
    for lines, expected in (((4, 30), [8, 32]), ((12, 30), [14, 26]), ((60, 5), [33, 7]), ((6, 30), [8, 32])):
        monkeypatch.setattr(Listing, "lines", lines[0])
        monkeypatch.setattr(Other, "lines", lines[1])
        assert heights(desk) == expected == heights(desk_of_two())


def test_focus_moves_nothing(monkeypatch):
    desk = desk_of_two()
    before = heights(desk)
    monkeypatch.setattr(Listing, "lines", 20)
    desk.press("tab", NOW)
    desk.frame(NOW)
    assert [rect.height for rect in desk.painter.placed.values()] == before


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
