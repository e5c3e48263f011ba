"""Swings, profile, ranges and averages against the plain way to find them."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from deskmon.analytics.bars import anchored_vwap, average_true_ranges, coarser, daily_volatility
from deskmon.analytics.level_sources import round_numbers, round_step
from deskmon.analytics.pivots import swings
from deskmon.analytics.profile import nodes, profile, profiles, value_area
from deskmon.clock import DAY, HOUR
from tests.levels.builders import EMPTY, T, bars, walk

whole = st.integers(1, 12).map(float)


@given(st.lists(st.tuples(whole, whole), max_size=60), st.integers(1, 4))
def test_swings_are_those_that_stand_out_from_both_sides(ranges, wing):
    held = bars([(low, low + more, low, low, 1.0) for low, more in ranges])
    (highs, confirmed), (lows, _) = swings(held, wing, HOUR)
    high, low = held.high.tolist(), held.low.tolist()
    inside = range(wing, len(high) - wing)
    expected = [
        i for i in inside if high[i] > max(high[i - wing : i]) and high[i] >= max(high[i + 1 : i + 1 + wing])
    ]  # fmt: skip
    assert highs.tolist() == [high[i] for i in expected]
    assert confirmed.tolist() == [T + (i + wing + 1) * HOUR for i in expected]
    assert lows.tolist() == [
        low[i] for i in inside if low[i] < min(low[i - wing : i]) and low[i] <= min(low[i + 1 : i + 1 + wing])
    ]  # fmt: skip


@given(st.lists(st.tuples(st.floats(90, 110), st.floats(0, 0.1), st.floats(0, 50)), min_size=1, max_size=30))
def test_a_profile_holds_all_volume_each_candle_evenly_over_its_range(rows):
    held = bars([(low, low * (1 + more), low, low, volume) for low, more, volume in rows])
    found = profile(held, 0.01)
    weights = np.zeros(len(found.weights))
    origin = round(found.start / 0.01)
    known = np.count_nonzero(held.volume) * 2 >= held.number
    assert found.by_time is not known
    for low, high, volume in zip(held.low, held.high, held.volume, strict=True):
        first, last = (math.floor(math.log(price) / 0.01) - origin for price in (low, high))
        for place in range(first, last + 1):
            weights[place] += (volume if known else 1.0) / (last - first + 1)
    assert found.weights == pytest.approx(weights, abs=1e-9)


@given(st.integers(0, 50), st.integers(1, 9))
def test_profiles_of_past_days_are_those_that_were_found_then(seed, recent):
    held = walk(seed, 24 * 12)
    days = [T + DAY * day for day in (0, 1, 5, 12)]
    found = list(profiles(held, days, recent, 0.002))
    assert [day for day, _, _ in found] == days[1:]
    for day, late, whole in found:
        past = held.cut(0, int(held.time.searchsorted(day)))
        then = past.cut(int(past.time.searchsorted(day - recent * DAY)))
        for of, made in ((then, late), (past, whole)):
            plain = profile(of, 0.002)
            assert (made.start, made.by_time) == (pytest.approx(plain.start), plain.by_time)
            assert made.weights == pytest.approx(plain.weights, abs=1e-9)
            assert nodes(made, 8) == pytest.approx(nodes(plain, 8))


def test_value_area_grows_around_the_busiest_price_to_70_percent():
    closes = [100.0] * 1 + [101.0] * 2 + [102.0] * 10 + [103.0] * 6 + [104.0] * 1
    control, low, high = value_area(profile(bars(closes), 0.01))
    assert control == pytest.approx(102, rel=0.006)
    assert low == pytest.approx(102, rel=0.006) and high == pytest.approx(103, rel=0.006)


def test_nodes_are_the_busy_prices_the_busiest_first():
    held = bars([100.0] * 30 + [110.0] * 50 + [float(price) for price in range(90, 121)])
    found = nodes(profile(held, 0.0025), 8)
    assert found[:2] == pytest.approx([110, 100], rel=0.01)


def test_a_profile_of_nothing_or_of_everything_is_none():
    assert profile(EMPTY, 0.01) is None
    assert profile(bars([(1e-9, 1e17, 1e-9, 1.0, 1.0)]), 1e-4) is None


def test_average_true_range_by_hand():
    held = bars([(10.0, 12.0, 9.0, 11.0, 1.0), (11.0, 13.0, 10.0, 12.0, 1.0), (15.0, 16.0, 15.0, 15.0, 1.0)])
    assert len(average_true_ranges(held.cut(0, 1))) == 0
    assert average_true_ranges(held, 2)[-1] == pytest.approx((3.0 + 4.0) / 2)
    assert average_true_ranges(held, 1)[-1] == pytest.approx(4.0)


@given(st.integers(0, 50))
def test_average_true_range_is_wilder_s(seed):
    held = coarser(walk(seed, 24 * 40), DAY)
    ranges = [
        max(high, before) - min(low, before)
        for high, low, before in zip(held.high[1:], held.low[1:], held.close[:-1], strict=True)
    ]
    value = sum(ranges[:14]) / 14
    for each in ranges[14:]:
        value = (value * 13 + each) / 14
    assert average_true_ranges(held)[-1] == pytest.approx(value)


def test_volatility_of_a_day_is_that_of_its_hours():
    held = bars([100.0, 101.0] * 50)
    assert daily_volatility(held, HOUR) == pytest.approx(math.log(1.01) * math.sqrt(24) * 100)
    assert daily_volatility(bars([100.0] * 20), HOUR) is None


def test_vwap_weighs_typical_prices_by_volume():
    held = bars([(1.0, 1.0, 1.0, 1.0, 5.0), (3.0, 4.0, 2.0, 3.0, 1.0), (5.0, 6.0, 4.0, 5.0, 3.0)])
    assert anchored_vwap(held, 1) == pytest.approx((3.0 + 15.0) / 4)
    assert anchored_vwap(bars([(1.0, 1.0, 1.0, 1.0, 0.0)]), 0) is None


def test_coarser_candles():
    held = bars([(1.0, 5.0, 1.0, 2.0, 1.0), (2.0, 3.0, 0.5, 3.0, 2.0), (3.0, 4.0, 2.0, 4.0, 3.0)], start=T - HOUR)
    day = coarser(held, DAY)
    assert [column.tolist() for column in day] == [
        [T - DAY, T], [1.0, 2.0], [5.0, 4.0], [1.0, 0.5], [2.0, 4.0], [1.0, 5.0],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("price", "step"),
    [(115_000, 10_000), (64_000, 5_000), (2_771, 500), (128, 10), (1.95, 0.1), (0.00001234, 0.000001), (92_000, 5_000)],
)
def test_round_numbers_are_a_few_steps_away(price, step):
    assert round_step(price) == pytest.approx(step)


@example(1e-05, 1.0, 2.0)
@example(0.0002, 1.0, 2.0)
@given(st.floats(1e-6, 1e6), st.floats(1.0, 3.0), st.floats(1.0, 3.0))
def test_a_number_is_round_wherever_the_price_stands(low, more, wider):
    found = round_numbers(low, low * more)
    assert found == [each for each in round_numbers(low / wider, low * more * wider) if low <= each[0] <= low * more]
    for number, tenth in found:
        count = number / round_step(number)
        assert count == pytest.approx(round(count)) and 2 < round(count) <= 20 and tenth == (round(count) % 10 == 0)


def test_round_numbers_of_bitcoin():
    assert [number for number, _ in round_numbers(82_000, 125_000)] == [
        85_000,
        90_000,
        95_000,
        100_000,
        110_000,
        120_000,
    ]
    assert [number for number, tenth in round_numbers(40_000, 125_000) if tenth] == [50_000, 100_000]
