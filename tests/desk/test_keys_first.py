"""A key goes first: what it changes is painted and sent before all else, and work under way stops for it."""

import gc

from hypothesis import given, settings
from hypothesis import strategies as st

from deskmon.config.loading import load
from deskmon.config.sources import PACKAGED
from deskmon.desk.app import DeskApp
from deskmon.desk.desk import Desk
from deskmon.desk.painter import LEVEL_EVERY
from deskmon.plugins import load_panel
from deskmon.terminal import display
from deskmon.testing import NOW
from tests.desk.stubs import Plain, desk_of, move
from tests.desk.test_app import FakeLink, config, feed, market, shown
from tests.desk.test_levelled import Listing, desk_of_two
from tests.markets import sample

KEYS = st.lists(st.sampled_from(
    ["j", "k", "G", "tab", "shift+tab", "3", "7", "z", "enter", "escape", "/", "b", "s", "w", "?", "e", "t", "l"]
), min_size=1, max_size=8)  # fmt: skip


def default_desk():
    desk = Desk(load(PACKAGED).config, sample("full"), load_panel=load_panel, perf=lambda: 0.0)
    desk.resize(160, 44)
    desk.frame(NOW)
    return desk


def draws(desk):
    return [host.panel.draws for host in desk.page.hosts]


@settings(max_examples=15, deadline=None)
@given(KEYS)
def test_an_answer_and_the_rest_of_its_frame_are_the_frame(keys):
    whole, first = default_desk(), default_desk()
    for number, key in enumerate(keys):
        now = NOW + 250 * number
        for desk in (whole, first):
            desk.press(key, now)
        first.frame(now, answer=True)
        for desk in (whole, first):
            desk.frame(now)
        assert list(first.canvas.rows()) == list(whole.canvas.rows())


def test_an_answer_draws_the_focused_panel_and_the_lines_around_alone():
    desk = desk_of(Plain, Plain, Plain)
    desk.frame(NOW)
    desk.press("2", NOW)
    desk.frame(NOW)
    move(desk, 100.0)
    before = draws(desk)
    desk.press("/", NOW)
    assert desk.frame(NOW + 1_000, answer=True)
    assert draws(desk) == [before[0], before[1] + 1, before[2]]
    assert "filter /" in desk.canvas.text()
    desk.frame(NOW + 1_000)
    assert draws(desk) == [each + 1 for each in before]


def test_a_frame_stops_for_a_key_and_the_next_begins_with_what_was_left():
    desk = desk_of(Plain, Plain, Plain)
    desk.frame(NOW)
    waits = [True]
    desk.painter.is_key_waiting = lambda: waits[0]
    drawn = []
    for second in range(1, 5):
        before = draws(desk)
        assert not desk.frame(NOW + 1_000 * second)
        drawn.append([now - was for now, was in zip(draws(desk), before, strict=True)])
    assert [each.index(1) for each in drawn] == [0, 1, 2, 0] and all(sum(each) == 1 for each in drawn)
    waits[0] = False
    before = draws(desk)
    assert desk.frame(NOW + 9_000)
    assert draws(desk) == [each + 1 for each in before]


def test_a_page_that_is_painted_afresh_while_keys_come_is_whole_in_the_end():
    whole, stopped = default_desk(), default_desk()
    for desk in (whole, stopped):
        desk.press("z", NOW)
        desk.press("z", NOW)
    stopped.painter.is_key_waiting = lambda: True
    for _ in range(4):
        assert not stopped.frame(NOW)
    stopped.painter.is_key_waiting = lambda: False
    assert stopped.frame(NOW) and whole.frame(NOW)
    assert list(stopped.canvas.rows()) == list(whole.canvas.rows())


def test_panels_are_asked_what_they_need_one_a_frame_while_keys_come(monkeypatch):
    asked = []
    needs = Listing.needs

    def noted(panel, frame):
        asked.append(panel)
        return needs(panel, frame)

    monkeypatch.setattr(Listing, "needs", noted)
    desk = desk_of_two()
    desk.frame(NOW)
    asked.clear()
    desk.painter.is_key_waiting = lambda: True
    monkeypatch.setattr(Listing, "lines", 20)
    for _ in range(LEVEL_EVERY - 1):
        desk.frame(NOW)
    assert len(asked) == 1
    before = dict(desk.painter.placed)
    desk.frame(NOW)
    assert len(set(asked)) == 2
    desk.frame(NOW)
    assert desk.painter.placed != before


async def test_a_key_is_answered_and_shown_before_all_else_and_nothing_is_collected_meanwhile():
    app, log = DeskApp(config(), FakeLink()), []
    async with app.run_test(size=(120, 30)) as pilot:
        await feed(app, pilot, market(64_812.5))
        app._timer.stop()
        await pilot.pause()  # for a tick of it that is on its way
        frame, show = app.desk.frame, app.view.show

        def noted_frame(now, *, answer=False):
            log.append(("answer" if answer else "frame", gc.isenabled()))
            return frame(now, answer=answer)

        def noted_show():
            log.append(("show", gc.isenabled()))
            return show()

        app.desk.frame, app.view.show = noted_frame, noted_show
        await pilot.press("/")
        assert log == [("answer", False), ("show", False), ("frame", True), ("show", True)]
        assert "filter /" in shown(app)


async def test_while_a_key_waits_nothing_is_folded_and_nothing_else_painted(monkeypatch):
    monkeypatch.setattr(display, "KEY_FIRST_S", 3_600.0)
    app = DeskApp(config(), FakeLink())
    async with app.run_test(size=(120, 30)) as pilot:
        await feed(app, pilot, market(64_812.5))
        monkeypatch.setattr(app, "is_key_waiting", lambda: True)
        app.link.batches.put_nowait(market(70_000.0))
        app.tick()
        await pilot.press("/")
        assert "filter /" in shown(app) and "64,812.50" in shown(app)
        assert {figure.last for figure in app.desk.model.state(NOW).prices.values()} == {64_812.5}


async def test_what_many_keys_put_off_is_painted_once(monkeypatch):
    app, later = DeskApp(config(), FakeLink()), []
    async with app.run_test(size=(120, 30)) as pilot:
        await feed(app, pilot, market(64_812.5))
        monkeypatch.setattr(app, "set_timer", lambda seconds, work: later.append(work))
        monkeypatch.setattr(app, "is_key_waiting", lambda: True)
        for _ in range(9):
            app.press("j")
        assert len(later) == 1
        later.pop()()
        assert len(later) == 1, "a key waits still"
        monkeypatch.setattr(app, "is_key_waiting", lambda: False)
        later.pop()()
        assert not later
