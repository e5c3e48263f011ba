"""A market that was played can begin near any of its moments, and gives what it gave."""

from __future__ import annotations

import math
import os
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.clock import ManualClock
from deskmon.events import Reset
from deskmon.hub import played
from deskmon.hub.played import PackedEvents, PlayedTimeline
from deskmon.player import Player
from tests.length import examples
from tests.timelines.builders import HEADER, T0, Fixed, trade
from tests.timelines.test_player import Folded, market

ACTIONS = st.one_of(
    st.tuples(st.just("advance"), st.integers(0, 5_000)),
    st.tuples(st.just("step"), st.just(0)),
    st.tuples(st.just("seek"), st.integers(-2_000, 12_000)),
    st.tuples(st.just("remember"), st.just(0)),
    st.tuples(st.just("forget"), st.just(0)),
)


class Playing:
    """A played market, its player, and what a model of it would hold."""

    def __init__(self, events, **options):
        self.events = events
        self.played = PlayedTimeline(Fixed(events, **options))
        self.player = Player(self.played, ManualClock(0))
        self.folded = Folded(self.player)
        self.seek(T0)

    def seek(self, ts):
        for slice_ in self.player.seek(ts):
            self.folded.take(slice_)

    def remember(self, work_s=10.0):
        """Keep a checkpoint, where one is to be kept: a model's would be its parts, here it is the events."""
        self.folded.take(self.player.advance(now := self.player.clock.now()))
        if self.played.newest is None or now > self.played.newest:
            packed = PackedEvents()
            for event in [Reset(ts=now), HEADER, *(event for event in self.events if event.arrival <= now)]:
                packed.add(event)
            self.played.remember(now, packed, None, work_s)

    def is_right(self):
        return self.folded.matches(self.events)


@pytest.mark.parametrize("most", [2_000, 10**9])
@pytest.mark.parametrize("frame", [1, 500, 1_000_000])
@given(st.lists(st.integers(0, 400), max_size=60), st.integers(0, 3_000), st.lists(ACTIONS, max_size=25))
@examples(40, 200)
def test_any_sequence_of_actions_equals_a_straight_fold(frame, most, gaps, before, actions):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(played, "_FRAME", frame)
        patch.setattr(played, "MOST_SPOOLED", most)
        patch.setattr(played, "_LARGEST_FILE", 500)
        desk = Playing(market(gaps, before))
        for name, value in actions:
            if name == "advance":
                desk.folded.take(desk.player.advance(desk.player.clock.now() + value))
            elif name == "step":
                desk.folded.take(desk.player.step())
            elif name == "seek":
                desk.seek(T0 + value)
            elif name == "remember":
                desk.remember()
            else:
                desk.played.forget()
            assert desk.is_right()
        desk.played.close()


def descriptors():
    return len(os.listdir("/proc/self/fd"))


def test_a_seek_back_folds_no_more_than_lies_behind_the_checkpoint():
    desk = Playing(market([100] * 200))
    for second in range(1, 20):
        desk.seek(T0 + second * 1_000)
        desk.remember()
    known = sum(event.arrival <= T0 + 7_000 for event in desk.events)
    taken = [event for slice_ in desk.player.seek(T0 + 7_450) for event in slice_]
    assert len(taken) == 2 + known + 4
    assert next(iter(desk.player.seek(T0 + 7_500))) == [trade(T0 + 7_500, id="74")]


def test_nothing_of_it_is_left_when_it_is_closed():
    before = descriptors()
    desk = Playing(market([100] * 200))
    for second in range(1, 20):
        desk.seek(T0 + second * 1_000)
        desk.remember()
    assert descriptors() > before
    desk.played.close()
    assert descriptors() == before


def test_checkpoints_of_long_ago_lie_further_apart_and_never_are_more_than_are_allowed(monkeypatch):
    monkeypatch.setattr(played, "NEWEST", 5_000)
    desk = Playing(market([100] * 400))
    for second in range(1, 40):
        desk.seek(T0 + second * 1_000)
        desk.remember(work_s=0.5)
    work = [kept.work_s for kept in desk.played._checkpoints]
    gaps = [after - before for before, after in pairwise(work)]
    assert gaps[-5:] == [0.5] * 5 and max(gaps) <= played.APART_S
    assert math.isclose(sum(gaps), 38 * 0.5) and len(gaps) <= 5 + math.ceil(33 * 0.5 / 1.5)
    monkeypatch.setattr(played, "MOST_KEPT", 6)
    desk.seek(T0 + 40_000)
    desk.remember(work_s=0.5)
    assert len(desk.played._checkpoints) == 6
    desk.seek(T0 + 20_000)
    assert desk.is_right()
    desk.played.close()


@pytest.mark.parametrize("works", [0, 1, 4])
def test_a_full_disk_costs_the_checkpoints_and_nothing_else(monkeypatch, caplog, works):
    monkeypatch.setattr(played, "_FRAME", 200)
    monkeypatch.setattr(played, "_LARGEST_FILE", 500)
    files, make = [], played._unnamed

    def unnamed():
        if len(files) >= works:
            raise OSError(28, "No space left on device")
        files.append(make())
        return files[-1]

    monkeypatch.setattr(played, "_unnamed", unnamed)
    desk = Playing(market([100] * 200))
    for second in (3, 6, 9, 4, 12, 1):
        desk.seek(T0 + second * 1_000)
        try:
            desk.remember()
        except OSError:
            assert desk.played.newest is None or works
        assert desk.is_right()
    desk.played.close()
