"""Frames follow the heartbeats of a hub; the timer paints where none comes."""

from __future__ import annotations

import pytest

from deskmon.desk.frame_pace import FramePace


class Hand:
    """A clock that a test turns (s)."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def frames(pace: FramePace, clock: Hand, steps: list[tuple[float, str]]) -> list[float]:
    """When frames were painted, of (seconds, `beat` or `timer`)."""
    painted = []
    for at, cause in steps:
        clock.now = 100.0 + at
        if pace.is_due(cause == "beat", follows=True):
            painted.append(at)
    return painted


def test_each_heartbeat_brings_a_frame_and_the_timer_between_them_none():
    clock = Hand()
    beats, timer = [0.0, 0.25, 0.52, 0.75], [0.13, 0.38, 0.63]
    steps = sorted([*((at, "beat") for at in beats), *((at, "timer") for at in timer)])
    assert frames(FramePace(4.0, clock), clock, steps) == beats


def test_the_timer_paints_while_no_heartbeat_comes():
    clock = Hand()
    steps = [(0.0, "beat"), *((0.13 + 0.25 * n, "timer") for n in range(6))]
    assert frames(FramePace(4.0, clock), clock, steps) == [0.0, 0.38, 0.88, 1.38]


def test_no_more_frames_are_painted_than_are_wanted():
    clock = Hand()
    beats = [(0.25 * n, "beat") for n in range(9)]
    assert frames(FramePace(1.0, clock), clock, beats) == [0.0, 1.0, 2.0]
    assert frames(FramePace(2.0, clock), clock, [(10 + at, cause) for at, cause in beats]) == [10, 10.5, 11, 11.5, 12]


@pytest.mark.parametrize(("fps", "follows"), [(1.0, True), (4.0, True), (5.0, False), (30.0, False)])
def test_frames_that_are_wanted_more_often_than_heartbeats_come_by_the_timer(fps, follows):
    clock = Hand()
    pace = FramePace(fps, clock)
    assert pace.follows_heartbeats is follows
    assert pace.is_due(False, follows=False) and pace.is_due(False, follows=False)
    assert not pace.is_due(True, follows=False)
