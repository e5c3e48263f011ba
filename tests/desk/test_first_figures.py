"""The first figures wait for nothing: they are painted when they come, before panels that import what they need."""

from deskmon.desk.app import DeskApp
from deskmon.desk.desk import Desk
from tests.desk.stubs import Plain, desk_of
from tests.desk.test_app import FakeLink, config, market, shown

NOW = 1_767_614_400_000
WORDS = "waiting for the hub"


def painted(desk: Desk) -> tuple[int, int]:
    """How many panels show figures, and how many words."""
    desk.frame(NOW)
    shown = desk.canvas.text()
    return shown.count("draws"), shown.count(WORDS)


def test_the_first_two_panels_have_figures_a_frame_before_all():
    desk = desk_of(Plain, Plain, Plain, Plain, size=(160, 36))
    desk.market_complete = False
    assert painted(desk) == (0, 4)
    desk.market_complete = True
    assert [painted(desk), painted(desk), painted(desk)] == [(2, 2), (4, 0), (4, 0)]


def test_another_page_or_size_meanwhile_is_painted_whole():
    for change in (lambda desk: desk.resize(150, 30), lambda desk: desk.show_layout("other")):
        desk = desk_of(Plain, Plain, Plain, size=(160, 36))
        desk.market_complete = False
        desk.frame(NOW)
        desk.market_complete = True
        change(desk)
        figures, words = painted(desk)
        assert figures == len(desk.page.hosts) and words == 0


async def test_a_screen_shows_them_at_once_however_seldom_it_draws():
    app = DeskApp(config(fps=0.001), FakeLink())
    async with app.run_test(size=(120, 30)) as pilot:
        app.link.batches.put_nowait(market(64_812.5))
        await app.link.batches.join()
        await pilot.pause()
        assert "64,812.50" in shown(app)
