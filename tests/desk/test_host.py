"""The guard: whatever a panel does, it costs only its own cell."""

import pytest

from deskmon.api import EACH_FRAME, fmt
from deskmon.desk.host import BUDGET_MS, SLOW_MS, PanelHost
from tests.desk.stubs import PerfCounter, Plain, breaking, desk_of, move

NOW = 1_767_614_400_000


@pytest.mark.parametrize("hook", ["__init__", "draw", "heading", "note", "oldest", "on_action"])
def test_a_panel_that_raises_in_any_hook_becomes_a_card_and_the_others_go_on(hook):
    desk = desk_of(breaking(hook), Plain)
    desk.frame(NOW)
    desk.press("j", NOW)
    for i in range(3):
        move(desk, 100.0 + i)
        desk.frame(NOW + 250 * i)
    text = desk.canvas.text()
    assert "ZeroDivisionError: division by zero" in text
    assert "r restart" in text
    assert "draws" in text


@pytest.mark.parametrize("result", [None, 7, [None], [["text"]], [[("a", "b", "c")]]])
def test_a_panel_that_returns_nonsense_becomes_a_card(result):
    nonsense = type("Nonsense", (Plain,), {"draw": lambda self, frame: result})
    desk = desk_of(nonsense, Plain)
    desk.frame(NOW)
    assert "failed" in desk.canvas.text()


@pytest.mark.parametrize("hook", ["heading", "note", "follow_closely", "oldest", "on_action", "hideable"])
@pytest.mark.parametrize("answer", [b"\xff", 7, ["a"], "quit", float("nan"), object()])
def test_a_hook_that_answers_with_anything_at_all_costs_at_most_its_own_cell(hook, answer):
    odd = type("Odd", (Plain,), {hook: lambda self, *args: answer, "name": "odd"})
    desk = desk_of(odd, Plain)
    desk.frame(NOW)
    assert [desk.press(key, NOW) for key in ("x", "enter", "h", "escape")] == [None] * 4
    desk.frame(NOW + 5_000)
    assert not desk.page.hosts[1].broken and "draws" in desk.canvas.text()


def test_a_panel_is_made_when_it_is_first_asked_for():
    made: list[Plain] = []

    def make() -> Plain:
        made.append(Plain())
        return made[-1]

    host = PanelHost("plain", make)
    assert (made, host.offered) == ([], ())
    assert host.keys == host.offered == tuple(Plain.keys)
    host.start()
    assert host.panel is made[0] and len(made) == 1
    host.restart()
    assert len(made) == 2 and host.panel is made[1]


def test_a_fault_names_the_line_of_the_panels_own_file_from_which_it_came():
    class Wrong(Plain):
        def draw(self, frame):
            return [[(fmt.price("high"), "text")]]  # raises in fmt

    desk = desk_of(Wrong)
    desk.frame(NOW)
    line = Wrong.draw.__code__.co_firstlineno + 1
    assert f"(test_host.py:{line})" in desk.canvas.text()


def test_restart_gives_a_failed_panel_another_life():
    falters = [True]

    class Faltering(Plain):
        def draw(self, frame):
            if falters:
                raise ValueError("not yet")
            return super().draw(frame)

    desk = desk_of(Faltering)
    desk.frame(NOW)
    assert "ValueError: not yet" in desk.canvas.text()
    falters.clear()
    desk.press("r", NOW)
    desk.frame(NOW)
    assert "ValueError" not in desk.canvas.text()
    assert "draws" in desk.canvas.text()


@pytest.fixture
def no_panel_is_slow() -> None:
    """Here some are, by a clock that the test turns."""


def slow(perf: PerfCounter, ms: float) -> type[Plain]:
    class Slow(Plain):
        def draw(self, frame):
            perf.seconds += ms / 1000
            return super().draw(frame)

    return Slow


def draws(desk, index: int = 0) -> int:
    return desk.page.hosts[index].panel.draws


def run(desk, perf: PerfCounter, seconds: float) -> None:
    """Frames at 4 Hz in which the market always moves."""
    start = NOW + int(perf.seconds * 1000)
    for i in range(int(seconds * 4)):
        perf.seconds += 0.25
        move(desk, 100.0 + i)
        desk.frame(start + 250 * i)


def test_a_slow_panel_is_marked_and_drawn_less_often():
    perf = PerfCounter()
    desk = desk_of(slow(perf, SLOW_MS + 20), Plain, perf=perf)
    run(desk, perf, 10)
    assert "slow 70ms" in desk.canvas.text()
    assert draws(desk, 1) >= 10
    assert 2 <= draws(desk, 0) <= 8


def test_a_panel_past_its_budget_is_suspended_and_restarts_by_key():
    perf = PerfCounter()
    desk = desk_of(slow(perf, BUDGET_MS / 2), Plain, perf=perf)
    run(desk, perf, 60)
    assert "suspended" in desk.canvas.text()
    assert "r restart" in desk.canvas.text()
    stopped = draws(desk)
    run(desk, perf, 10)
    assert draws(desk) == stopped
    desk.press("r", NOW)
    run(desk, perf, 1)
    assert "suspended" not in desk.canvas.text()


def test_a_fast_panel_is_never_marked():
    perf = PerfCounter()
    desk = desk_of(slow(perf, SLOW_MS), Plain, perf=perf)
    run(desk, perf, 5)
    assert "slow" not in desk.canvas.text()


def looks(desk, changes):
    """The style of the figure after each (seconds, price) that came."""
    styles = []
    for seconds, price in changes:
        if price is not None:
            move(desk, price)
        desk.frame(NOW + int(1000 * seconds))
        styles.append([style for text, style in desk.canvas.row(2) if text.strip().isdigit()])
    return styles


def test_a_figure_that_stood_is_bright_when_it_changes_and_settles_with_the_next_draw():
    figure = looks(desk_of(Plain), [(0, 100.0), (0.5, 101.0), (0.7, None), (1, None), (2, None)])
    assert figure == [["text"], ["text bright"], ["text bright"], ["text"], ["text"]]


def test_a_figure_that_moves_all_the_time_does_not_twinkle():
    figure = looks(desk_of(Plain), [(0, 100.0)] + [(i / 2, 100.0 + i) for i in range(1, 9)])
    assert figure[1] == ["text bright"]
    assert figure[2:] == [["text"]] * 7


def moving(desk, seconds: float) -> list[int]:
    """Frames at 4 Hz in which the market always moves: how often each panel was drawn after the first."""
    counts = []
    for i in range(int(seconds * 4) + 1):
        move(desk, 100.0 + i)
        desk.painter.paint(desk.page, "", desk.model, NOW + 250 * i, "BTC", past=False, edited=False)
        counts.append([draws(desk, index) for index in range(len(desk.page.hosts))])
    return [last - first for first, last in zip(counts[0], counts[-1], strict=True)]


def test_a_panel_is_drawn_at_its_pace_and_more_often_where_one_works_in_it_or_a_wave_runs(monkeypatch):
    slow = type("Slow", (Plain,), {"min_interval_ms": 5_000})
    prints = type("Prints", (Plain,), {"min_interval_ms": 5_000, "wave_interval_ms": EACH_FRAME})
    calm, wild = desk_of(Plain, slow, prints), desk_of(Plain, slow, prints)
    assert moving(calm, 10) == [20, 2, 2]
    monkeypatch.setattr(wild.model.waves, "is_running", lambda now: True)
    assert moving(wild, 10) == [40, 10, 40]


def test_a_slow_panel_that_awaits_something_is_drawn_as_soon_as_it_is_there():
    class Slow(Plain):
        min_interval_ms = 60_000
        pending = True

        def awaits(self, frame):
            return self.pending

    desk = desk_of(Plain, Slow)
    assert moving(desk, 4)[1] >= 8, "with each frame in which something moves"
    Slow.pending = False
    before = moving(desk, 1)
    assert before[1] <= 2 and moving(desk, 4)[1] == 0, "then at its pace again"


def test_while_the_clock_stands_each_panel_shows_what_moves():
    desk = desk_of(Plain, type("Slow", (Plain,), {"min_interval_ms": 5_000}))
    desk.frame(NOW)
    for price in (101.0, 102.0):
        move(desk, price)
        desk.frame(NOW)
    assert (draws(desk, 0), draws(desk, 1)) == (3, 3)


def test_once_the_clock_stands_each_panel_shows_that_time():
    desk = desk_of(Plain, type("Slow", (Plain,), {"min_interval_ms": 5_000}))
    for now in (NOW, NOW + 1_250, NOW + 1_250, NOW + 1_250):
        desk.frame(now)
    assert [host._drawn_at for host in desk.page.hosts] == [NOW + 1_250, NOW + 1_250]
    assert (draws(desk, 0), draws(desk, 1)) == (2, 2)


def test_a_clock_that_goes_slowly_keeps_nobody_waiting_for_what_moves():
    perf = PerfCounter()
    desk = desk_of(Plain, type("Slow", (Plain,), {"min_interval_ms": 5_000}), perf=perf)
    drawn = []
    for frame in range(33):
        move(desk, 100.0 + frame)
        desk.frame(NOW + frame)
        drawn.append((draws(desk, 0), draws(desk, 1)))
        perf.seconds += 0.25
    assert [mine for mine, _ in drawn[:8]] == [1, 1, 1, 2, 2, 2, 3, 3]
    assert [drawn[29][1], drawn[30][1]] == [1, 2]


def test_what_a_slow_panel_shows_grows_old_between_its_draws():
    class Slow(Plain):
        min_interval_ms = 5_000

        def oldest(self, frame):
            return 0

    desk = desk_of(Plain, Slow)
    shown = []
    for second in range(6):
        desk.frame(NOW + 1000 * second)
        shown.append(desk.page.hosts[1].oldest)
    assert shown == [0, 1000, 2000, 3000, 4000, 0]


def test_nothing_moved_nothing_drawn_but_ages_tick_each_second():
    desk = desk_of(Plain)
    desk.frame(NOW)
    for ms in range(100, 1000, 100):
        desk.frame(NOW + ms)
    assert draws(desk) == 1
    desk.frame(NOW + 1000)
    assert draws(desk) == 2
