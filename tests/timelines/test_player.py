"""Whatever the player is asked to do, what it returned since the last reset is the timeline up to the desk clock."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.clock import HOUR, MINUTE, ManualClock
from deskmon.events import Reset
from deskmon.player import MADE_UP_MS, MAX_SPEED, NEAR, SLICE, Player
from tests.length import examples
from tests.timelines.builders import T0, Checkpointed, Fixed, trade


class Folded:
    """What a model that folds the player's events would hold."""

    def __init__(self, player):
        self.player = player
        self.since_reset = []
        self.resets = 0

    def take(self, events):
        for event in events:
            if type(event) is Reset:
                self.since_reset.clear()
                self.resets += 1
            else:
                self.since_reset.append(event)
        return events

    def matches(self, events):
        now = self.player.clock.now()
        return self.since_reset == [Fixed.header, *(event for event in events if event.arrival <= now)]


def market(gaps, before=0):
    arrivals, at = [], T0 - before
    for gap in gaps:
        at += gap
        arrivals.append(at)
    return [trade(at, id=str(i)) for i, at in enumerate(arrivals)]


def playing(events, kind=Fixed, **options):
    player = Player(kind(events), ManualClock(0), **options)
    folded = Folded(player)
    for events_ in player.seek(player.timeline.start):
        folded.take(events_)
    return player, folded


ACTIONS = st.one_of(
    st.tuples(st.just("advance"), st.integers(-50, 5_000)),
    st.tuples(st.just("tick"), st.floats(0, 2_000)),
    st.tuples(st.just("step"), st.just(0)),
    st.tuples(st.just("seek"), st.integers(-2_000, 12_000)),
    st.tuples(st.just("speed"), st.sampled_from([0.1, 0.5, 1.0, 10.0, 1_000.0, MAX_SPEED])),
    st.tuples(st.just("pause"), st.booleans()),
)


@given(
    st.sampled_from([Fixed, Checkpointed]), st.lists(st.integers(0, 400), max_size=60), st.integers(0, 3_000),
    st.lists(ACTIONS, max_size=25),
)  # fmt: skip
@examples(100, 300)
def test_any_sequence_of_actions_equals_a_straight_fold(kind, gaps, before, actions):
    events = market(gaps, before)
    player, folded = playing(events, kind)
    assert folded.matches(events)
    for name, value in actions:
        if name == "advance":
            folded.take(player.advance(player.clock.now() + value))
        elif name == "tick":
            folded.take(player.tick(value))
        elif name == "step":
            folded.take(player.step())
        elif name == "seek":
            for slice_ in player.seek(T0 + value):
                folded.take(slice_)
            assert player.clock.now() == min(max(T0, T0 + value), player.timeline.end) or player.ended
        elif name == "speed":
            player.speed = value
        else:
            player.paused = value
        assert folded.matches(events)
        assert player.timeline.start <= player.clock.now() <= max(player.timeline.end, T0)


@pytest.mark.parametrize("speed", [0.1, 0.37, 1.0, 2.5, 60.0])
def test_desk_time_passes_at_the_speed_asked(speed):
    events = market([10] * 2_000)
    player, folded = playing(events, speed=speed)
    for _ in range(33):
        folded.take(player.tick(7.3))
    assert player.clock.now() == pytest.approx(T0 + 33 * 7.3 * speed, abs=1)
    assert folded.matches(events)


def test_top_speed_goes_to_the_end_in_slices_and_stays_there_paused():
    events = market([1] * (3 * SLICE + 7))
    player, folded = playing(events, speed=MAX_SPEED)
    sizes = []
    while not player.ended:
        sizes.append(len(folded.take(player.tick(0.0))))
    assert max(sizes) <= SLICE
    assert folded.matches(events)
    assert player.paused
    assert player.clock.now() == player.timeline.end
    player.paused = False
    assert player.tick(1_000.0) == []
    assert player.clock.now() == player.timeline.end


def test_a_slice_that_is_full_lets_the_clock_wait_for_it():
    events = market([0] * 10 + [1] * (2 * SLICE))
    player, folded = playing(events[:0] + events, speed=1_000.0)
    assert len(folded.take(player.tick(5.0))) == SLICE
    assert player.clock.now() < T0 + 5_000
    assert folded.matches(events)


@examples(20, 100)
@given(st.lists(st.integers(1, 400), min_size=10, max_size=20))
def test_more_than_a_slice_a_turn_comes_in_as_many_slices_and_time_passes_at_the_speed_asked(turns):
    events = market([1, 0, 0, 0, 0, 0, 0] * 8_001)
    player, folded = playing(events)
    for turn in turns:
        folded.take(player.tick(float(turn)))
        while player.is_behind:
            folded.take(player.tick(0.0))
    assert abs(player.clock.now() - T0 - sum(turns)) <= sum(max(0, turn - MADE_UP_MS) for turn in turns)
    assert folded.matches(events)


def test_what_can_not_be_folded_at_the_speed_asked_runs_slower():
    events = market([1, 0, 0, 0] * 20_000)
    player, folded = playing(events)
    for _ in range(100):
        folded.take(player.tick(100.0))
    assert player.clock.now() - T0 <= 100 * SLICE / 4 + 1
    while player.is_behind:
        folded.take(player.tick(0.0))
    assert player.clock.now() - T0 <= 100 * SLICE / 4 + MADE_UP_MS + 1
    assert folded.matches(events)


def test_what_is_behind_is_forgotten_by_a_seek_and_counts_at_the_new_speed():
    events = market([1, 0, 0, 0] * 400_000)
    player, folded = playing(events, speed=1_000.0)

    def moved(elapsed):
        before = player.clock.now()
        folded.take(player.tick(elapsed))
        return player.clock.now() - before

    moved(300.0)
    player.speed = 1.0
    assert player.is_behind and moved(0.0) <= MADE_UP_MS
    player.speed = 1_000.0
    moved(300.0)
    player.speed = 1.0
    for slice_ in player.seek(player.clock.now() + 1_000):
        folded.take(slice_)
    assert moved(20.0) == 20
    assert folded.matches(events)


def test_paused_it_stands_still_and_steps_by_distinct_arrivals():
    events = market([0, 5, 0, 0, 9])
    player, folded = playing(events, paused=True)
    assert player.tick(10_000.0) == []
    assert [len(folded.take(player.step())) for _ in range(4)] == [3, 1, 0, 0]
    assert player.clock.now() == T0 + 14
    assert player.ended
    assert folded.matches(events)


def test_seek_back_and_forth_comes_in_slices_and_resets_only_backwards():
    events = market([1] * 4_000)
    player, folded = playing(events)
    assert folded.resets == 1
    for target, resets in ((3_500, 1), (3_900, 1), (100, 2), (100, 2), (2_000, 2), (-9_999_999, 3)):
        for slice_ in player.seek(T0 + target):
            assert len(folded.take(slice_)) <= SLICE + 2
        assert player.clock.now() == max(T0, T0 + target)
        assert folded.resets == resets
        assert folded.matches(events)
    for slice_ in player.seek(T0 + 10**12):
        folded.take(slice_)
    assert player.ended
    assert folded.matches(events)


def test_an_abandoned_seek_leaves_the_player_where_it_was():
    events = market([1] * 5_000)
    player, folded = playing(events)
    for target in (4_500, 3_000):
        seeking = player.seek(T0 + target)
        folded.take(next(seeking))
        seeking.close()
        assert folded.matches(events)
    folded.take(player.advance(T0 + 4_000))
    assert folded.matches(events)


def test_the_history_comes_first_with_the_clock_at_the_start():
    events = market([10] * 500, before=3_000)
    player, folded = playing(events)
    assert player.clock.now() == T0
    assert len(folded.since_reset) == 1 + 300
    assert folded.matches(events)


def test_a_market_without_end_never_ends():
    timeline = Fixed(market([100] * 50), endless=True)
    player = Player(timeline, ManualClock(0), speed=MAX_SPEED)
    assert not player.ended
    player.tick(0.0)
    assert player.clock.now() == T0 + 5_000


def test_nothing_at_all_is_over_at_once():
    player, folded = playing([])
    assert player.ended
    assert player.tick(1_000.0) == player.step() == []
    assert folded.since_reset == [Fixed.header]
    assert player.clock.now() == T0


def test_speeds_that_are_none_are_refused():
    player, _ = playing(market([1]))
    for speed in (0.0, -1.0, math.nan):
        with pytest.raises(ValueError, match="speed"):
            player.speed = speed
    player.speed = 0.001
    assert player.speed == 0.1


def test_a_moment_far_ahead_or_behind_is_folded_from_the_checkpoint_before_it():
    events = market([NEAR // 4] * 100)
    player, folded = playing(events, Checkpointed)
    for hop, resets in ((NEAR // 2, 1), (20 * NEAR, 2), (3 * NEAR, 3), (3 * NEAR + 1, 3)):
        for slice_ in player.seek(T0 + hop):
            folded.take(slice_)
        assert folded.matches(events) and folded.resets == resets


def test_a_slice_of_a_seek_covers_an_hour_at_most_unless_nothing_came_for_longer():
    events = market([MINUTE] * 200 + [5 * HOUR] + [MINUTE] * 30)
    player, folded = playing(events)
    spans = []
    for slice_ in player.seek(T0 + 9 * HOUR):
        folded.take(slice_)
        arrivals = [event.arrival for event in slice_ if type(event) is not Reset and event is not Fixed.header]
        spans.append(max(arrivals, default=0) - min(arrivals, default=0))
    assert folded.matches(events)
    assert len(spans) > 4 and max(spans) <= HOUR
