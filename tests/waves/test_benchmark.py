"""The bounds that docs/metrics.md tells of, in a short form with fixed seeds."""

import pytest

from benchmarks.waves import CALMS, WITHIN, false_waves, injected, pair

USUAL = CALMS["usual day"]


@pytest.mark.parametrize("name", ["quiet weekend", "usual day"])
def test_a_calm_day_has_at_most_one_false_wave(name):
    assert false_waves(CALMS[name], seed=2, hours=24) <= 1


def test_cascades_are_found_within_thirty_seconds():
    outcomes = [injected(USUAL, seed, hours=12) for seed in range(3)]
    delays = [delay for outcome in outcomes for delay in outcome.delays]
    assert len(delays) == 33
    assert sum(delay is not None and delay <= WITHIN for delay in delays) >= 0.95 * len(delays)
    assert all(abs(outcome.waves - len(outcome.delays)) <= 1 for outcome in outcomes)


def test_two_cascades_ten_minutes_apart_are_two():
    assert [pair(USUAL, seed) for seed in range(10)] == [2] * 10
