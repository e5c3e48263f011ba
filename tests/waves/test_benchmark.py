"""The bounds that docs/metrics.md tells of, in a short form with fixed seeds."""

import pytest

from benchmarks.waves import WITHIN, false_waves, injected, pair


@pytest.mark.parametrize("name", ["quiet weekend", "usual day"])
def test_a_calm_day_has_at_most_one_false_wave(name):
    assert false_waves(name, seed=2) <= 1


@pytest.mark.parametrize("name", ["quiet weekend", "usual day"])
def test_cascades_are_found_within_thirty_seconds(name):
    outcomes = [injected(name, seed, hours=12) for seed in range(3)]
    delays = [delay for outcome in outcomes for delay in outcome.delays]
    assert len(delays) == 33
    assert sum(delay is not None and delay <= WITHIN for delay in delays) >= 0.95 * len(delays)
    assert all(abs(outcome.waves - len(outcome.delays)) <= 1 for outcome in outcomes)


@pytest.mark.parametrize("name", ["quiet weekend", "usual day"])
def test_two_cascades_ten_minutes_apart_are_two(name):
    assert [pair(name, seed) for seed in range(8)] == [2] * 8
