"""The status of a zone: which closes test, break, reclaim and flip it, once each, whatever noise there is."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.analytics.zone_status import RECLAIM_WITHIN, _Machine, standing
from deskmon.clock import DAY, HOUR

LOW, HIGH, TOLERANCE = 100.0, 101.0, 1.0


def judge(closes, low=LOW, high=HIGH, tolerance=TOLERANCE, born=0, step=HOUR):
    times = step * np.arange(1, len(closes) + 1, dtype=np.int64)
    return standing(times, np.array(closes, float), [(born, low, high)], np.resize(tolerance, len(closes)))


def story(closes, **about):
    return [change.status for change in judge(closes, **about).changes]


def line(*turns, steps=40):
    """A path through these prices, in even steps."""
    legs = [np.linspace(here, there, steps, endpoint=False) for here, there in itertools.pairwise(turns)]
    return np.concatenate([*legs, [turns[-1]]])


def test_a_path_by_hand():
    """The example of docs/metrics/level-status.md."""
    held = judge([110.0, 101.8, 105.0, 99.6, 99.0, 97.0, 99.6, 97.0, 101.6])
    assert [(change.time // HOUR, change.status, change.before) for change in held.changes] == [
        (2, "testing", "holding"),
        (3, "holding", "testing"),
        (4, "testing", "holding"),
        (5, "broken", "testing"),
        (7, "testing", "broken"),
        (8, "flipped", "testing"),
        (9, "reclaimed", "flipped"),
    ]
    assert held.status == "reclaimed" and held.since == 9 * HOUR and held.above and not held.away
    assert [change.close for change in held.changes] == [101.8, 105.0, 99.6, 99.0, 99.6, 97.0, 101.6]


def test_a_close_within_half_a_tolerance_beyond_breaks_nothing():
    assert story([110.0, 99.6, 110.0]) == ["testing", "holding"]
    assert story([110.0, 99.4]) == ["broken"]


def test_resistance_is_the_mirror_of_support():
    closes = np.array([110.0, 101.8, 105.0, 99.0, 97.0, 99.6, 97.0, 99.6, 101.6, 108.0])
    assert story(LOW + HIGH - closes) == story(closes)


def test_long_after_a_break_a_close_back_breaks_the_other_way():
    for above, before, after in ((True, 110.0, 90.0), (False, 90.0, 110.0)):
        hours = RECLAIM_WITHIN[above] // HOUR
        assert story([before, *[after] * hours, before]) == ["broken", "reclaimed"]
        assert story([before, *[after] * (hours + 1), before]) == ["broken", "broken"]


def test_a_zone_is_judged_from_when_it_was_born():
    held = judge([110.0, 95.0, 110.0, 95.0, 110.0], born=int(3.5 * HOUR))
    assert [change.time for change in held.changes] == [4 * HOUR, 5 * HOUR]
    assert judge([110.0, 109.0], born=DAY).since == DAY


noise = st.lists(st.floats(-0.5, 0.5), min_size=200, max_size=200)
width = st.floats(0.0, 2.0)


@given(noise, width)
def test_break_retest_and_reclaim_are_said_once_each_with_noise_of_half_the_tolerance(shaken, wide):
    high = LOW + wide
    path = line(high + 8, LOW - 8, LOW - 0.4, high + 8, steps=60)
    closes = path + TOLERANCE * np.resize(shaken, len(path))
    assert story(closes, high=high) == ["testing", "broken", "testing", "reclaimed"]


@given(noise, width)
def test_a_failed_retest_flips_it_once(shaken, wide):
    high = LOW + wide
    path = line(high + 8, LOW - 8, LOW - 0.4, LOW - 8, steps=60)
    closes = path + TOLERANCE * np.resize(shaken, len(path))
    assert story(closes, high=high) == ["testing", "broken", "testing", "flipped"]


def test_each_close_is_judged_by_the_zone_and_the_tolerance_of_its_time():
    times = HOUR * np.arange(1, 7, dtype=np.int64)
    closes = np.array([110.0, 99.3, 110.0, 99.3, 110.0, 98.2])
    grown = [(0, 100.0, 101.0), (int(3.5 * HOUR), 99.0, 101.0)]
    by_day = np.array([2.0, 2.0, 2.0, 1.0, 1.0, 1.0])

    def said(grown, tolerances):
        return [(change.time // HOUR, change.status) for change in standing(times, closes, grown, tolerances).changes]

    assert said(grown, by_day) == [(2, "testing"), (3, "holding"), (4, "testing"), (5, "holding"), (6, "broken")]
    assert said(grown[:1], by_day)[2:] == [(4, "broken"), (5, "reclaimed"), (6, "broken")]
    assert said(grown, np.full(6, 2.0))[-1] == (6, "testing")


@given(st.floats(-6, 6), noise)
def test_noise_about_any_price_changes_the_status_at_most_once_or_twice(offset, shaken):
    """Twice only where it begins within the noise's reach of both a cross and a test."""
    changes = judge(LOW + offset + np.array(shaken)).changes
    assert len({change.status for change in changes}) == len(changes) <= 2


@given(st.lists(st.floats(90, 112), min_size=1, max_size=120), width)
def test_leaving_out_closes_that_stay_in_their_band_changes_nothing(closes, wide):
    """Against the rule applied to every close."""
    high, t = LOW + wide, TOLERANCE
    edges = np.array([LOW - 2 * t, LOW - t, LOW - t / 2, high + t / 2, high + t, high + 2 * t])
    bands = np.searchsorted(edges, closes).tolist()
    machine = _Machine(closes[0] >= (LOW + high) / 2, bands[0], HOUR)
    for number, (band, close) in enumerate(zip(bands[1:], closes[1:], strict=True), 2):
        machine.step(band, number * HOUR, close)
    held = judge(closes, high=high)
    assert list(held.changes) == machine.changes
    assert (held.status, held.above, held.away) == (machine.status, machine.above, machine.away)


@given(st.lists(st.floats(90, 112), min_size=2, max_size=60), st.integers(1, 59))
def test_what_was_said_stays_said_when_more_closes_come(closes, first):
    early, late = judge(closes[:first]), judge(closes)
    assert late.changes[: len(early.changes)] == early.changes


@pytest.mark.parametrize("close", [100.0, 100.5, 101.0])
def test_a_zone_that_the_price_stands_in_is_tested(close):
    assert judge([close]).status == "testing"
