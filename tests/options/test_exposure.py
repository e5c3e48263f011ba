"""Gamma by strike and its flip, max pain, the variance swap: against one option at a time."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.analytics import gamma, variance_swap
from deskmon.analytics.chain import chain
from deskmon.analytics.max_pain import max_pain
from tests.options.chains import market, quote, worth

FORWARD = 90_000.0

held = st.lists(
    st.tuples(
        st.sampled_from(range(70_000, 111_000, 5_000)), st.sampled_from(("call", "put")), st.integers(0, 1_000),
        st.sampled_from((7.0, 30.0, 90.0)),
    ),
    min_size=1, max_size=30, unique_by=lambda item: (item[0], item[1], item[3]),
)  # fmt: skip


def options_of(items):
    return [quote(strike, kind, days=days, open_interest=amount) for strike, kind, amount, days in items]


def one_exposure(strike, kind, amount, days, forward=FORWARD, vol=0.5) -> float:
    total = vol * math.sqrt(days / 365)
    upper = math.log(forward / strike) / total + total / 2
    density = math.exp(-(upper**2) / 2) / math.sqrt(2 * math.pi)
    return (1 if kind == "call" else -1) * density / (forward * total) * amount * forward**2 * 0.01


@given(held)
def test_exposure_by_strike_is_the_sum_over_its_options(items):
    options = chain(options_of(items))
    strikes, usd = gamma.by_strike(options.strike, gamma.exposure(options))
    expected: dict[float, float] = {}
    for strike, kind, amount, days in items:
        expected[strike] = expected.get(strike, 0.0) + one_exposure(strike, kind, amount, days)
    assert strikes.tolist() == sorted(expected)
    assert usd == pytest.approx([expected[strike] for strike in strikes], rel=1e-9, abs=1e-9)


@given(held)
def test_the_flip_is_a_zero_of_the_sum_with_gamma_computed_anew(items):
    spot = gamma.flip(chain(options_of(items)), FORWARD)
    if math.isnan(spot):
        return
    around = [
        sum(one_exposure(*item, forward=at) for item in items) for at in (spot * 0.9995, spot, spot * 1.0005)
    ]  # fmt: skip
    assert around[0] * around[2] <= 0 or abs(around[1]) < 1e-3 * sum(abs(one_exposure(*item)) for item in items)


def test_the_nearest_of_several_flips_and_none_where_there_is_none():
    puts_below = [quote(80_000, "put", open_interest=100.0), quote(100_000, "call", open_interest=100.0)]
    spot = gamma.flip(chain(puts_below), FORWARD)
    assert 80_000 < spot < 100_000
    assert math.isnan(gamma.flip(chain(puts_below[1:]), FORWARD))
    assert math.isnan(gamma.flip(chain([]), math.nan))
    unknown = [quote(80_000, "put", open_interest=None), quote(100_000, "call", open_interest=None)]
    assert math.isnan(gamma.flip(chain(unknown), FORWARD))


def test_one_exposure_by_hand():
    """Γ = φ(d1)/(F·σ√T) of a call at the money, 30 d at 50 %: 0.39793 / (90,000 × 0.143346) = 3.0845e-5 a dollar.
    With 100 coins open a move of 1 % makes dealers trade 3.0845e-5 × 100 × 90,000² × 0.01 = $249,850."""
    options = chain([quote(90_000, "call", open_interest=100.0)])
    assert options.gamma[0] == pytest.approx(3.0845e-5, rel=1e-4)
    assert gamma.exposure(options)[0] == pytest.approx(249_850, rel=1e-4)


@given(held)
def test_max_pain_pays_least_of_all_prices(items):
    options = chain(options_of(items))
    found = max_pain(options.strike, options.call, options.open_interest)

    def paid(price: float) -> float:
        return sum(
            amount * max(0, price - strike if kind == "call" else strike - price) for strike, kind, amount, _ in items
        )

    if not any(amount for _, _, amount, _ in items):
        assert math.isnan(found)
        return
    assert found in {strike for strike, *_ in items}
    assert all(paid(found) <= paid(price) for price in range(60_000, 121_000, 500))


@pytest.mark.parametrize("vol", [0.2, 0.5, 1.2])
def test_the_variance_swap_of_a_flat_smile_is_its_volatility(vol):
    """But for the distance of the strikes, less than 0.2 %."""
    strikes = np.geomspace(5_000, 1_600_000, 800).tolist()
    options = market(strikes, smile=lambda strike: vol, bid_iv=100 * vol, ask_iv=100 * vol)
    assert variance_swap.fair_volatility(chain(options), FORWARD) == pytest.approx(vol, rel=2e-3)


def test_prices_and_volatilities_of_the_same_quotes_give_the_same_index():
    strikes = range(60_000, 125_000, 2_500)
    by_volatility = market(strikes)
    by_price = [
        quote(option.strike, option.kind, mark_iv=None, bid_iv=None, ask_iv=None,
              **{side: worth(FORWARD, option.strike, 30 / 365, vol, option.kind) / FORWARD
                 for side, vol in (("bid", 0.49), ("ask", 0.51))})
        for option in by_volatility
    ]  # fmt: skip
    index, same = (variance_swap.fair_volatility(chain(quotes), FORWARD) for quotes in (by_volatility, by_price))
    assert index == pytest.approx(same) and index == pytest.approx(0.5, rel=0.02)


def test_beyond_two_strikes_in_a_row_without_a_bid_nothing_counts():
    strikes = list(range(60_000, 125_000, 5_000))
    dead = {110_000, 115_000}
    quotes = [quote(strike, kind, **({"bid_iv": 0.0} if strike in dead else {}))
              for strike in strikes for kind in ("put", "call")]  # fmt: skip
    without = [option for option in quotes if option.strike < 110_000]
    assert variance_swap.fair_volatility(chain(quotes), FORWARD) == pytest.approx(
        variance_swap.fair_volatility(chain(without), FORWARD)
    )


def test_a_single_strike_without_a_bid_is_left_out():
    strikes = range(60_000, 125_000, 5_000)
    quotes = [quote(strike, kind, **({"bid_iv": 0.0} if strike == 110_000 else {}))
              for strike in strikes for kind in ("put", "call")]  # fmt: skip
    without = [option for option in quotes if option.strike != 110_000]
    assert variance_swap.fair_volatility(chain(quotes), FORWARD) == pytest.approx(
        variance_swap.fair_volatility(chain(without), FORWARD)
    )


def test_too_few_quotes_make_no_index():
    assert math.isnan(variance_swap.fair_volatility(chain(market((85_000, 90_000, 95_000))), FORWARD))
    assert math.isnan(variance_swap.fair_volatility(chain(market((95_000, 100_000, 105_000))), FORWARD))
    assert math.isnan(variance_swap.fair_volatility(chain(market(range(60_000, 125_000, 5_000), bid_iv=0.0)), FORWARD))
    assert math.isnan(variance_swap.index([0.1, 0.2], [0.5, 0.5]))
    assert variance_swap.index([0.05, 0.2], [0.5, 0.5]) == pytest.approx(0.5)
