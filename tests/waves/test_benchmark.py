"""The bounds that docs/metrics/waves-measured.md states, in a short form with fixed seeds."""

import pytest

from benchmarks.late_start import STARTS, after_a_big_one, alarms, in_time
from benchmarks.waves import WITHIN, false_waves, injected, pair
from tests.length import length


@pytest.mark.parametrize("name", ["quiet weekend", "usual day"])
def test_a_calm_day_has_at_most_one_false_wave(name):
    assert false_waves(name, seed=2) <= 1


@pytest.mark.parametrize("name", ["quiet weekend", "usual day"])
def test_cascades_are_found_within_thirty_seconds(name):
    outcomes = [injected(name, seed, hours=12) for seed in range(length(2, 3))]
    delays = [delay for outcome in outcomes for delay in outcome.delays]
    assert len(delays) == 11 * len(outcomes)
    assert sum(delay is not None and delay <= WITHIN for delay in delays) >= 0.95 * len(delays)
    assert all(abs(outcome.waves - len(outcome.delays)) <= 1 for outcome in outcomes)


@pytest.mark.parametrize("name", ["quiet weekend", "usual day"])
def test_two_cascades_ten_minutes_apart_are_two(name):
    assert {pair(name, seed) for seed in range(length(4, 8))} == {2}


@pytest.mark.parametrize("row", STARTS)
@pytest.mark.parametrize("name", ["quiet weekend", "usual day"])
def test_a_desk_that_is_started_around_a_cascade_calls_it_in_time(name, row):
    assert sum(in_time(name, row, seed) for seed in range(10)) >= 9


def test_a_big_cascade_at_the_start_hides_none_of_the_next_day():
    assert after_a_big_one("quiet weekend", seed=1) == [True] * 5


@pytest.mark.parametrize("name", ["quiet weekend", "usual day"])
def test_a_desk_that_is_started_in_a_calm_market_calls_nothing(name):
    assert {alarms(name, seed) for seed in range(length(5, 10))} == {0}
