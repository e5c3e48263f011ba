"""ATM, wings and constant maturities: what is interpolated, and what is never shown."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.analytics.chain import chain
from deskmon.analytics.smile import at_maturity, smile
from tests.options.chains import market, quote, worth

FORWARD = 90_000.0
STRIKES = range(60_000, 130_000, 2_500)


def skewed(strike: float) -> float:
    """Puts dearer than calls, both wings up."""
    distance = math.log(strike / FORWARD)
    return 0.5 - 0.2 * distance + 0.6 * distance**2


def by_brute_force(kind: str, size: float = 0.25, days: float = 30.0) -> float:
    """Volatility at 25 delta of the same smile, linear in delta between neighbours, one strike at a time."""
    years = days / 365
    points = []
    for strike in STRIKES:
        vol = skewed(strike)
        step = strike * 1e-5
        up, down = (worth(FORWARD + n * step, strike, years, vol, kind) for n in (1, -1))
        points.append((abs(up - down) / (2 * step), vol))
    for (delta, vol), (next_delta, next_vol) in pairwise(points):
        if (delta - size) * (next_delta - size) <= 0:
            share = (size - delta) / (next_delta - delta)
            return vol + share * (next_vol - vol)
    return math.nan


def test_wings_and_the_money_of_a_skewed_smile():
    found = smile(chain(market(STRIKES, smile=skewed)), FORWARD)
    call, put = by_brute_force("call"), by_brute_force("put")
    assert found.atm == pytest.approx(skewed(FORWARD), abs=1e-9)
    assert found.call.vol == pytest.approx(call, abs=1e-5)
    assert found.put.vol == pytest.approx(put, abs=1e-5)
    assert found.risk_reversal == pytest.approx(call - put, abs=1e-5) and found.risk_reversal < 0
    assert found.butterfly == pytest.approx((call + put) / 2 - skewed(FORWARD), abs=1e-5)
    assert found.put.strike < FORWARD < found.call.strike


def test_at_the_money_is_linear_in_log_moneyness():
    found = smile(chain(market((80_000, 88_000, 92_000, 100_000), smile=lambda strike: strike / 200_000)), FORWARD)
    share = math.log(90 / 88) / math.log(92 / 88)
    assert found.atm == pytest.approx(0.44 + share * 0.02)


@given(st.sets(st.sampled_from(tuple(STRIKES))))
def test_nothing_is_shown_past_the_strikes_that_are_bid(dead):
    """Whichever strikes lose their bid, a figure that remains lies between two that have one."""
    options = [
        quote(strike, kind, vol=skewed(strike), **({"bid_iv": 0.0} if strike in dead else {}))
        for strike in STRIKES
        for kind in ("put", "call")
    ]
    found = smile(chain(options), FORWARD)
    alive = [strike for strike in STRIKES if strike not in dead]
    if len(alive) < 4:
        assert np.isnan([found.atm, found.call.vol, found.put.vol]).all()
        return
    low, high = min(alive), max(alive)
    assert math.isnan(found.atm) == (not low <= FORWARD <= high)
    for wing in (found.call, found.put):
        assert math.isnan(wing.vol) == math.isnan(wing.strike)
        assert math.isnan(wing.vol) or low <= wing.strike <= high
    whole = smile(chain(market(STRIKES, smile=skewed)), FORWARD)
    assert math.isnan(found.call.vol) == (not any(strike >= whole.call.strike for strike in alive)
                                          or not any(strike <= whole.call.strike for strike in alive))  # fmt: skip


@pytest.mark.parametrize("broken", [{"bid_iv": 0.0}, {"bid_iv": 60.0, "ask_iv": 40.0}, {"bid_iv": None, "bid": 0.0},
                                    {"mark_iv": 0.0, "bid_iv": None, "ask_iv": None}])  # fmt: skip
def test_a_wing_without_bid_crossed_or_without_volatility_is_unknown(broken):
    options = market([strike for strike in STRIKES if strike <= 92_500], smile=skewed)
    options += market([strike for strike in STRIKES if strike > 92_500], smile=skewed, **broken)
    found = smile(chain(options), FORWARD)
    assert math.isnan(found.call.vol) and math.isnan(found.risk_reversal) and math.isnan(found.butterfly)
    assert not math.isnan(found.put.vol) and not math.isnan(found.atm)


def test_three_strikes_are_no_smile_four_are():
    strikes = (80_000, 90_000, 100_000, 110_000)
    assert math.isnan(smile(chain(market(strikes[:3])), FORWARD).atm)
    assert smile(chain(market(strikes)), FORWARD).atm == pytest.approx(0.5)


def test_without_a_mark_the_volatility_is_that_of_the_middle_price():
    for venue, unit in (("deribit", FORWARD), ("bybit", 1.0)):
        options = [
            quote(strike, kind, venue=venue, mark_iv=None, bid_iv=None, ask_iv=None, bid=price * 0.99 / unit,
                  ask=price * 1.01 / unit)
            for strike in STRIKES
            for kind in ("put", "call")
            for price in (worth(FORWARD, strike, 30 / 365, 0.5, kind),)
        ]  # fmt: skip
        found = smile(chain(options), FORWARD)
        assert (found.atm, found.call.vol, found.put.vol) == pytest.approx((0.5, 0.5, 0.5), abs=1e-6)


@given(
    st.lists(st.tuples(st.floats(0.01, 3), st.floats(0.05, 3)), min_size=1, max_size=8, unique_by=lambda pair: pair[0]),
    st.floats(0.001, 4),
)
def test_constant_maturities_are_linear_in_total_variance_and_never_extrapolated(listed, target):
    listed.sort()
    found = at_maturity(*zip(*listed, strict=True), target)
    if not listed[0][0] <= target <= listed[-1][0]:
        assert math.isnan(found)
        return
    before = max(pair for pair in listed if pair[0] <= target)
    after = min(pair for pair in listed if pair[0] >= target)
    variances = [vol**2 * years for years, vol in (before, after)]
    share = (target - before[0]) / (after[0] - before[0]) if after != before else 0.0
    assert found**2 * target == pytest.approx(variances[0] + share * (variances[1] - variances[0]), rel=1e-9)


def test_an_expiry_without_the_figure_is_passed_over():
    assert at_maturity([0.1, 0.2, 0.3], [0.5, math.nan, 0.5], 0.2) == pytest.approx(0.5)
    assert math.isnan(at_maturity([0.1, 0.2, 0.3], [0.5, 0.5, math.nan], 0.25))
    assert math.isnan(at_maturity([], [], 0.25))
