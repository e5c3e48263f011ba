"""Correlations equal numpy's on the returns that both series have, and say nothing of few pairs."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.analytics.correlation import APART, LEAST, correlation, paired_returns, pearson
from deskmon.clock import DAY
from deskmon.events import Candle, Metric
from deskmon.model import Model

LAST = 20_400
closes = st.dictionaries(st.integers(LAST - 100, LAST), st.floats(0.1, 1e5), max_size=101)


@given(closes, closes, st.sampled_from([30, 90]))
def test_it_is_numpys_of_the_returns_between_days_that_both_have(one, other, days):
    common = [day for day in range(LAST - days, LAST + 1) if day in one and day in other]
    pairs = [
        (np.log(one[after] / one[before]), np.log(other[after] / other[before]))
        for before, after in pairwise(common)
        if after - before <= APART
    ]
    r, n = correlation(one, other, LAST, days)
    assert n == len(pairs)
    if n < LEAST:
        assert r is None
        return
    first, second = np.array(pairs).T
    if r is None:
        assert np.std(first) == pytest.approx(0) or np.std(second) == pytest.approx(0)
    elif np.std(first) > 1e-6 and np.std(second) > 1e-6:
        assert r == pytest.approx(np.corrcoef(first, second)[0, 1], abs=1e-6)


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=50))
def test_of_itself_it_is_one_and_of_its_mirror_minus_one(values):
    r = pearson(values, values)
    assert r is None or (r == pytest.approx(1) and pearson(values, [-value for value in values]) == pytest.approx(-1))


def test_a_share_that_rests_on_the_weekend_drops_those_days_and_a_hole_of_a_week_breaks_the_pair():
    coin = {day: 100.0 + day % 7 for day in range(LAST - 30, LAST + 1)}
    share = {day: 50.0 + day % 5 for day in coin if day % 7 < 5 and not LAST - 20 <= day <= LAST - 12}
    one, other = paired_returns(coin, share, LAST, 30)
    common = sorted(share)
    assert len(one) == len(other) == sum(after - before <= APART for before, after in pairwise(common))


def test_the_model_compares_coins_with_each_other_and_with_other_markets():
    model, days = Model(), 60
    for number in range(days):
        ts = (LAST - days + 1 + number) * DAY
        swing = 1 + 0.1 * ((number * 7919) % 13 - 6) / 6
        for symbol, close in (("BTC/USDT:USDT", 90_000 * swing), ("ETH/USDT:USDT", 3_000 * swing**2)):
            candle = Candle(
                ts=ts, recv=ts, venue="binance", symbol=symbol, timeframe="1d", open_time=ts, open=close, high=close,
                low=close, close=close, volume=1.0,
            )  # fmt: skip
            model.apply([candle])
        model.apply([Metric(ts=ts + DAY * 7 // 8, name="ndx", value=20_000 / swing)])
    assert not model.rejected
    found = model.correlations.figures((LAST + 1) * DAY + 5_000)
    for window, pairs in (("30d", 30), ("90d", days - 1)):
        assert found[window]["BTC"]["ETH"].r == pytest.approx(1)
        assert found[window]["BTC"]["NDX"].r == pytest.approx(-1)
        assert found[window]["ETH"]["BTC"].n == pairs
        assert "BTC" not in found[window]["BTC"]
    assert model.state((LAST + 1) * DAY + 5_000).correlations == found


def test_a_value_within_the_day_costs_no_new_computation_and_a_day_that_changed_does():
    model = Model()
    for number in range(25):
        ts = (LAST - 24 + number) * DAY
        model.apply([
            Candle(ts=ts, venue="okx", symbol="BTC/USDT:USDT", timeframe="1d", open_time=ts, open=1.0, high=9.0,
                   low=0.5, close=1.0 + number % 3, volume=1.0),
            Metric(ts=ts, name="gold", value=4_000.0 + number % 5), Metric(ts=ts, name="total_market_cap", value=3e12),
        ])  # fmt: skip
    now = LAST * DAY + 1
    found = model.correlations.figures(now)
    model.apply([Metric(ts=now, name="total_market_cap", value=2.9e12), Metric(ts=now, name="gold", value=1.0)])
    assert model.correlations.figures(now) is found
    model.apply([Metric(ts=now - 3 * DAY, name="gold", value=4_400.0)])
    assert model.correlations.figures(now) is not found
    assert model.correlations.figures(now)["30d"]["BTC"]["GOLD"].r != found["30d"]["BTC"]["GOLD"].r


def test_the_day_that_runs_does_not_count():
    model = Model()
    for number in range(25):
        ts = (LAST - 24 + number) * DAY
        for symbol in ("BTC/USDT:USDT", "ETH/USDT:USDT"):
            model.apply([
                Candle(ts=ts, venue="okx", symbol=symbol, timeframe="1d", open_time=ts, open=1.0, high=9.0, low=0.5,
                       close=1.0 + number % 3, volume=1.0)
            ])  # fmt: skip
    assert model.correlations.figures(LAST * DAY + 1)["30d"]["BTC"]["ETH"].n == 23
    assert model.correlations.figures((LAST + 1) * DAY + 1)["30d"]["BTC"]["ETH"].n == 24
