"""A desk that is behind, a venue with another clock, and a clock that is set: each is told from the others."""

import pytest

from deskmon.feedkit import Turns
from deskmon.feeds.ccxt.lateness import Lateness
from tests.ccxt.stepped import OTHER, URL, Stepped

HOUR = 3_600_000


@pytest.fixture
def desk():
    return Stepped()


def test_a_desk_that_is_behind_says_so_and_calls_no_line_silent(desk):
    desk.subscribe("ticker", symbols=("A",))
    desk.run(10, ("ticker", "A", URL))
    desk.second(late=12_000)
    assert desk.detail == "the desk is 12 s behind"
    assert desk.monitor.due() == []
    desk.second(late=20_000)
    assert desk.detail == "the desk is 20 s behind"
    assert desk.run(14) == []
    assert "behind" not in desk.detail
    assert desk.run(3) != []


def test_a_feed_that_is_held_back_until_there_is_room_is_behind_and_calls_no_line_silent(desk, monkeypatch):
    desk.subscribe("ticker", symbols=("A",))
    desk.run(10, ("ticker", "A", URL))
    monkeypatch.setattr(Turns, "held_s", 40.0)
    assert desk.run(40) == []
    assert desk.detail == "the desk is 40 s behind"
    monkeypatch.setattr(Turns, "held_s", 0.0)
    assert desk.run(14) == []
    assert desk.run(3) != []


def test_a_tick_that_is_overdue_counts_before_it_comes(desk):
    desk.monitor.tick()
    desk.wait(2_900)
    assert not desk.monitor.is_late
    desk.wait(200)
    assert desk.monitor.is_late


def test_frames_that_grow_old_in_a_busy_desk_are_its_own_fault(desk):
    def frames(lag):
        for _ in range(60):
            desk.monitor.lateness.add(lag, URL)

    for _ in range(10):
        frames(80)
        desk.second()
    for _ in range(10):
        frames(12_100)
        desk.second(late=120)
        assert "clock skew" not in desk.detail
    assert "the desk is 12 s behind" in desk.detail
    for _ in range(10):
        frames(80)
        desk.second()
    assert "behind" not in desk.detail


def test_frames_that_grow_old_in_a_hub_that_never_pauses_are_its_own_fault_though_its_timer_is_on_time():
    lateness = Lateness()
    for lag, busy in ((80, 0), (12_100, 5_000)):
        for _ in range(60):
            lateness.add(lag, URL)
        lateness.tick(0, busy)
    assert lateness.words() == "the desk is 12 s behind"
    for _ in range(60):
        lateness.add(80, URL)
    lateness.tick(0, 0)
    assert lateness.words() == ""


def test_a_desk_that_is_behind_stays_so_though_its_timer_is_on_time_now_and_then():
    """A machine with little time for the desk wakes it on time between two bursts; its venues' clocks stay right."""
    lateness = Lateness()

    def second(lag, busy=0):
        for _ in range(60):
            lateness.add(lag, URL)
        lateness.tick(0, busy)
        return lateness.words()

    assert second(80) == "" and second(12_100, busy=5_000) == "the desk is 12 s behind"
    assert {second(12_100, busy=5_000 if tick % 10 == 0 else 0) for tick in range(200)} == {"the desk is 12 s behind"}
    assert second(300) == "" and second(80) == ""
    assert second(12_100, busy=5_000) == "the desk is 12 s behind"
    words = [second(12_100) for _ in range(Lateness.CALM_TICKS)]
    assert set(words[:-1]) == {"the desk is 12 s behind"}
    assert words[-1] == "clock skew: its events are stamped 12 s behind this clock"


def test_frames_that_grow_old_are_no_clock_that_is_off():
    """They grow old by a second each second while the timer is on time, until it is late for once."""
    lateness = Lateness()

    def second(lag, delay=0.0):
        for _ in range(60):
            lateness.add(lag, URL)
        lateness.tick(delay)
        return lateness.words()

    assert {second(80 + 1_000 * tick) for tick in range(30)} == {""}
    assert second(31_080, delay=60.0) == "the desk is 31 s behind"
    assert {second(31_080) for _ in range(10)} == {"the desk is 31 s behind"}
    assert second(80) == ""


@pytest.mark.parametrize(("lag", "words"), [(HOUR, "1 h behind"), (-HOUR, "1 h ahead of"), (12_000, "12 s behind")])
def test_frames_that_are_off_in_a_desk_on_time_are_the_venues_clock(desk, lag, words):
    for _ in range(10):
        desk.monitor.lateness.add(lag, URL)
        desk.second()
    assert f"clock skew: its events are stamped {words} this clock" in desk.detail


def test_a_desk_is_behind_a_busy_connection_though_it_keeps_up_with_a_calm_one(desk):
    desk.subscribe("ticker", symbols=("A",))
    desk.subscribe("book", symbols=("A",), url=OTHER)
    for lag in (80, 12_100, 24_100):
        desk.run(1, ("book", "A", OTHER), late=0 if lag == 80 else 120)
        for _ in range(60):
            desk.monitor.lateness.add(lag, URL)
            desk.monitor.lateness.add(80, OTHER)
        desk.second(late=0 if lag == 80 else 120)
    assert desk.detail == "the desk is 24 s behind"
    assert desk.monitor.due() == []


@pytest.mark.parametrize("busy", [0.0, 5_000.0])
def test_a_new_connection_has_the_venues_clock(busy):
    lateness = Lateness()
    for _ in range(10):
        lateness.add(HOUR, URL)
        lateness.tick(0)
    for number in range(2 * Lateness.MOST):
        lateness.add(HOUR + 40, f"{URL}/{number}")
        lateness.tick(0, busy)
        assert lateness.words() == "clock skew: its events are stamped 1 h behind this clock"


def test_one_late_frame_is_no_skew(desk):
    for lag in (40, 90_000, 60):
        desk.monitor.lateness.add(lag, URL)
    assert desk.monitor.lateness.words() == ""


@pytest.mark.parametrize("step", [-HOUR, HOUR, 24 * HOUR])
def test_a_clock_that_is_set_makes_nothing_silent_and_hides_no_silence(desk, step):
    desk.subscribe("ticker", symbols=("A",))
    desk.run(5, ("ticker", "A", URL))
    desk.clock.advance(step)
    assert desk.run(14) == []
    assert desk.run(3) != []
    assert "behind" not in desk.detail
