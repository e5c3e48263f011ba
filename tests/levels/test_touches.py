"""Wicks beyond a stretch of price and the volume in it, against the slow and obvious."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.analytics.touches import Wick, traded, wicks
from tests.levels.builders import EMPTY, T, bars

prices = st.integers(90, 110).map(float)
rows = st.tuples(prices, prices, prices, prices, st.sampled_from([0.0, 1.0, 7.5])).map(
    lambda row: (row[0], max(row[:4]), min(row[:4]), row[3], row[4])
)
stretches = st.tuples(prices, prices).map(sorted)


@given(st.lists(rows, max_size=12), stretches)
def test_wicks_are_what_reading_each_candle_finds(candles, stretch):
    low, high = stretch
    found = []
    for number, (open_, top, bottom, close, _) in enumerate(candles):
        under = low - bottom if bottom < low and open_ >= low and close >= low else 0.0
        over = top - high if top > high and open_ <= high and close <= high else 0.0
        if under or over:
            found.append(Wick(T + number * 3_600_000, bottom if under >= over else top, close))
    assert wicks(bars(candles), low, high) == found[::-1]


@given(st.lists(rows, min_size=1, max_size=12), stretches)
def test_volume_is_what_small_slices_of_each_candle_add_up_to(candles, stretch):
    low, high = stretch
    found, slices = traded(bars(candles), low, high), 2_000
    total = sum(volume for *_, volume in candles)
    if not total:
        assert found is None
        return
    inside = 0.0
    for _, top, bottom, _, volume in candles:
        middles = bottom + (np.arange(slices) + 0.5) / slices * (top - bottom)
        inside += volume * float(((middles >= low) & (middles <= high)).mean())
    assert found.total == pytest.approx(total)
    assert found.inside == pytest.approx(inside, abs=total * 2 / slices)
    assert 0 <= found.inside <= found.total * (1 + 1e-12)


def test_a_candle_without_volume_that_traded_there_makes_it_a_lower_bound():
    held = [(100.0, 102.0, 98.0, 101.0, 8.0), (101.0, 101.0, 99.0, 99.0, 0.0)]
    assert traded(bars(held), 98.0, 100.0) == (4.0, 8.0, False)
    assert traded(bars(held), 101.5, 102.0) == (1.0, 8.0, True)


def test_no_candles_no_figures():
    assert wicks(EMPTY, 99.0, 101.0) == [] and traded(EMPTY, 99.0, 101.0) is None
