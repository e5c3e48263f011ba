"""Estimated liquidation levels: by hand, and what no estimate may do."""

from __future__ import annotations

from itertools import pairwise
from math import fsum, isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.analytics.liquidation_levels import Sample, liquidation_levels
from deskmon.analytics.price_grid import bucket_of

MIX = {25.0: 1.0, 50.0: 1.0, 100.0: 1.0}


def at(price, coins, low=None, high=None):
    return Sample(price, price if low is None else low, price if high is None else high, coins)


def test_what_is_added_stands_a_margin_away_on_both_sides():
    longs, shorts = liquidation_levels([at(100.0, 1_000.0), at(100.0, 1_030.0)], MIX)
    assert longs == {bucket_of(96.0): 1_000.0, bucket_of(98.0): 1_000.0, bucket_of(99.0): 1_000.0}
    assert shorts == {bucket_of(104.0): 1_000.0, bucket_of(102.0): 1_000.0, bucket_of(101.0): 1_000.0}


def test_weights_share_what_is_added():
    longs, _ = liquidation_levels([at(100.0, 0.0), at(100.0, 8.0)], {10.0: 3.0, 50.0: 1.0})
    assert longs == {bucket_of(90.0): 600.0, bucket_of(98.0): 200.0}


def test_price_wears_away_what_it_reaches_and_nothing_else():
    opened = [at(100.0, 0.0), at(100.0, 30.0)]
    longs, shorts = liquidation_levels([*opened, at(99.5, 30.0, low=97.9, high=100.5)], MIX)
    assert list(longs) == [bucket_of(96.0)]
    assert list(shorts) == [bucket_of(101.0), bucket_of(102.0), bucket_of(104.0)]
    longs, shorts = liquidation_levels([*opened, at(103.0, 30.0, high=103.0)], MIX)
    assert (len(longs), list(shorts)) == (3, [bucket_of(104.0)])


def test_what_leaves_leaves_every_level_in_proportion():
    longs, shorts = liquidation_levels([at(100.0, 0.0), at(100.0, 40.0), at(100.0, 10.0)], {50.0: 1.0})
    assert (longs, shorts) == ({bucket_of(98.0): 1_000.0}, {bucket_of(102.0): 1_000.0})
    assert liquidation_levels([at(100.0, 0.0), at(100.0, 40.0), at(100.0, 0.0)], MIX) == ({}, {})


def test_the_example_of_the_documentation():
    """docs/metrics/liquidation-map.md, Estimated levels."""
    path = [at(100.0, 10.0), at(100.0, 40.0), at(97.9, 40.0), at(97.9, 10.0)]
    longs, shorts = liquidation_levels(path, MIX)
    assert list(longs) == [bucket_of(96.0)] and isclose(longs[bucket_of(96.0)], 250.0)
    assert [round(usd) for usd in shorts.values()] == [250] * 3
    assert bucket_of(98.0) == 4584


def test_without_a_change_there_is_nothing_to_estimate():
    assert liquidation_levels([], MIX) == ({}, {})
    assert liquidation_levels([at(100.0, 5.0), at(90.0, 5.0)], MIX) == ({}, {})


@pytest.mark.parametrize("mix", [{}, {1.0: 1.0}, {0.5: 1.0}, {25.0: 0.0}, {25.0: -1.0, 50.0: 2.0}])
def test_an_impossible_mix_is_refused(mix):
    with pytest.raises(ValueError, match="leverage"):
        liquidation_levels([], mix)


prices = st.floats(80.0, 120.0)
samples = st.lists(
    st.builds(
        lambda price, down, up, coins: Sample(price, price * (1 - down), price * (1 + up), coins),
        prices, st.floats(0, 0.05), st.floats(0, 0.05),
        st.integers(0, 1_000_000).map(float),  # a difference of less than a coin could be a rounding of the sums
    ),
    max_size=30,
)  # fmt: skip
mixes = st.dictionaries(st.floats(1.5, 200.0), st.floats(0.1, 10.0), min_size=1, max_size=4)


@given(samples, mixes)
def test_no_side_holds_more_than_was_added(path, mix):
    pairs = pairwise(path)
    added = fsum((after.coins - before.coins) * after.price for before, after in pairs if after.coins > before.coins)
    for levels in liquidation_levels(path, mix):
        assert fsum(levels.values()) <= added * (1 + 1e-9)
        assert all(usd > 0 for usd in levels.values())


@given(samples.filter(len), mixes)
def test_levels_lie_beyond_what_price_reached_last(path, mix):
    longs, shorts = liquidation_levels(path, mix)
    tightest = 1 - 1 / max(mix)
    last = path[-1]
    assert all(bucket < bucket_of(last.low) or bucket <= bucket_of(last.price * tightest) for bucket in longs)
    assert all(bucket > bucket_of(last.high) or bucket >= bucket_of(last.price * (2 - tightest)) for bucket in shorts)


@given(samples.filter(len), mixes, st.floats(0, 0.2), st.floats(0, 0.2), st.floats(0, 1))
def test_without_new_interest_no_level_grows_and_the_crossed_are_gone(path, mix, down, up, stays):
    last = path[-1]
    low, high = last.price * (1 - down), last.price * (1 + up)
    before = liquidation_levels(path, mix)
    after = liquidation_levels([*path, Sample(last.price, low, high, last.coins * stays)], mix)
    for old, new in zip(before, after, strict=True):
        assert all(usd <= old[bucket] * (1 + 1e-9) for bucket, usd in new.items())
    assert all(bucket < bucket_of(low) for bucket in after[0])
    assert all(bucket > bucket_of(high) for bucket in after[1])


@given(samples, mixes, st.floats(1.0, 100.0))
def test_twice_the_interest_is_twice_the_levels(path, mix, times):
    larger = [sample._replace(coins=sample.coins * times) for sample in path]
    for one, other in zip(liquidation_levels(path, mix), liquidation_levels(larger, mix), strict=True):
        assert one.keys() == other.keys()
        assert all(isclose(usd * times, other[bucket], rel_tol=1e-6) for bucket, usd in one.items())
