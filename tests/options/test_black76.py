"""Prices, greeks and implied volatility, against one option at a time, against themselves, and against QuantLib."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from deskmon.analytics import black76
from deskmon.analytics.implied_volatility import implied_volatility, reduced
from deskmon.analytics.normal import cdf, tail_ratio
from tests.options.chains import worth

forwards = st.floats(0.01, 1e6)
moneyness = st.floats(-2.5, 2.5)
terms = st.floats(math.log(1 / 525_600), math.log(5)).map(math.exp)  # a minute to five years
vols = st.floats(math.log(0.01), math.log(6)).map(math.exp)
kinds = st.sampled_from(("call", "put"))


def arrays(*values):
    return tuple(np.array([value]) for value in values)


def test_the_normal_distribution_is_exact_into_its_tails():
    points = np.linspace(-37, 37, 4_001)
    exact = np.array([0.5 * math.erfc(-point / math.sqrt(2)) for point in points])
    assert np.max(np.abs(cdf(points) / exact - 1)) < 1e-12
    assert tail_ratio(np.array([1e8]))[0] == pytest.approx(1e-8)
    assert np.isnan(cdf(np.array([np.nan]))[0])


@given(forwards, moneyness, terms, vols, kinds)
def test_price_is_that_of_one_option_at_a_time(forward, distance, years, vol, kind):
    strike = forward * math.exp(distance)
    price = black76.price(*arrays(forward, strike, years, vol), np.array([kind == "call"]))[0]
    assert price == pytest.approx(worth(forward, strike, years, vol, kind), abs=1e-12 * max(forward, strike))


@given(forwards, moneyness, terms, vols)
def test_put_call_parity(forward, distance, years, vol):
    strike = forward * math.exp(distance)
    call, put = black76.price(*arrays(forward, strike, years, vol), np.array([True, False]))
    assert call - put == pytest.approx(forward - strike, abs=1e-12 * max(forward, strike))


@given(moneyness, terms, vols, kinds)
def test_delta_and_gamma_are_slopes_of_the_price(distance, years, vol, kind):
    forward, strike = 1.0, math.exp(distance)
    total = vol * math.sqrt(years)
    assume(total > 1e-3)
    step = 1e-3 * total
    up, at, down = (worth(forward * (1 + n * step), strike, years, vol, kind) for n in (1, 0, -1))
    about = arrays(forward, strike, years, vol)
    delta, gamma = black76.delta(*about, np.array([kind == "call"]))[0], black76.gamma(*about)[0]
    assert delta == pytest.approx((up - down) / (2 * step), abs=2e-6)
    assert gamma * total == pytest.approx((up - 2 * at + down) / step**2 * total, abs=2e-5 + 1e-14 / step**2)


def test_what_cannot_be_priced_is_not_a_number():
    for forward, strike, years, vol in ((1, 1, 0, 0.5), (1, 1, 1, 0), (1, 1, -1, 0.5), (1, 1, 1, math.nan)):
        about = arrays(float(forward), float(strike), float(years), vol)
        for figure in (black76.delta(*about, np.array([True])), black76.gamma(*about)):
            assert np.isnan(figure).all()


@given(forwards, moneyness, terms, vols)
def test_volatility_from_price_and_back(forward, distance, years, vol):
    """To 1e-6, and in fact much closer, wherever the option out of the money is worth anything a double can hold."""
    strike = forward * math.exp(distance)
    share = reduced(-abs(np.array([math.log(forward / strike)])), np.array([vol * math.sqrt(years)]))
    assume(1e-280 < share[0] < math.exp(-abs(distance) / 2) * (1 - 1e-9))
    price = share * math.sqrt(forward * strike)
    found = implied_volatility(price, *arrays(forward, strike, years), np.array([strike >= forward]))[0]
    assert found == pytest.approx(vol, rel=1e-7, abs=1e-7)


@given(forwards, moneyness, terms, vols, kinds)
def test_volatility_of_options_in_the_money_too(forward, distance, years, vol, kind):
    """Where the time value is a millionth of the price or more; below, the price itself hasn't the digits."""
    strike = forward * math.exp(distance)
    call = np.array([kind == "call"])
    price = black76.price(*arrays(forward, strike, years, vol), call)
    time_value = price[0] - max(0.0, (forward - strike) * (1 if kind == "call" else -1))
    bound = min(forward, strike)
    assume(1e-6 * max(forward, strike) < time_value < bound * (1 - 1e-6))
    found = implied_volatility(price, *arrays(forward, strike, years), call)[0]
    assert found == pytest.approx(vol, rel=1e-6)
    assert black76.price(*arrays(forward, strike, years, found), call)[0] == pytest.approx(price[0], rel=1e-9)


@given(forwards, moneyness, terms, kinds, st.sampled_from((-1.0, 0.0, 1.001, 2.0)))
def test_a_price_that_no_volatility_gives_has_none(forward, distance, years, kind, place):
    strike = forward * math.exp(distance)
    floor = max(0.0, forward - strike if kind == "call" else strike - forward)
    ceiling = forward if kind == "call" else strike
    price = floor + place * (ceiling - floor)
    found = implied_volatility(*arrays(price, forward, strike, years), np.array([kind == "call"]))
    assert np.isnan(found[0])


def test_a_whole_chain_at_once_and_broken_quotes_among_it():
    price = np.array([1000.0, -1.0, 0.0, math.nan, 1e9, 1000.0, 1000.0])
    years = np.array([0.1, 0.1, 0.1, 0.1, 0.1, 0.0, -1.0])
    found = implied_volatility(price, np.full(7, 9e4), np.full(7, 1e5), years, np.full(7, True))
    assert np.isnan(found).tolist() == [False] + [True] * 6


@given(moneyness.filter(lambda distance: abs(distance) < 1.5), terms, vols, kinds)
def test_quantlib_agrees(distance, years, vol, kind):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import QuantLib as quantlib
    forward, strike, total = 100.0, 100.0 * math.exp(distance), vol * math.sqrt(years)
    side = quantlib.Option.Call if kind == "call" else quantlib.Option.Put
    about, call = arrays(forward, strike, years, vol), np.array([kind == "call"])
    assert black76.price(*about, call)[0] == pytest.approx(
        quantlib.blackFormula(side, strike, forward, total), abs=1e-10
    )
    calculator = quantlib.BlackCalculator(quantlib.PlainVanillaPayoff(side, strike), forward, total)
    assert black76.delta(*about, call)[0] == pytest.approx(calculator.deltaForward(), abs=1e-10)
    assert black76.gamma(*about)[0] == pytest.approx(calculator.gammaForward(), rel=1e-8, abs=1e-10)
    if calculator.vega(1.0) > 1e-3:
        price = quantlib.blackFormula(side, strike, forward, total)
        theirs = quantlib.blackFormulaImpliedStdDev(side, strike, forward, price, 1.0, 0.0, total, 1e-12, 500)
        ours = implied_volatility(np.array([price]), *arrays(forward, strike, years), call)[0] * math.sqrt(years)
        assert ours == pytest.approx(theirs, rel=1e-6)


def test_one_price_by_hand():
    """F 90,000, K 100,000, 30 days, 50 %: d1 = (−0.10536 + 0.01027) / 0.14335 = −0.66334, N(d1) = 0.25356."""
    about, call = arrays(90_000.0, 100_000.0, 30 / 365, 0.5), np.array([True])
    assert black76.d1(*about)[0] == pytest.approx(-0.66334, abs=1e-5)
    assert black76.delta(*about, call)[0] == pytest.approx(0.25356, abs=1e-5)
    assert black76.price(*about, call)[0] == pytest.approx(1_828, abs=1)


def test_greeks_of_options_next_to_nothing_are_unknown_and_say_nothing_else():
    """A forward and a strike at the edge of numbers: no warning, and NaN rather than an infinite gamma."""
    least, one = np.array([5e-324]), np.array([1.0])
    assert np.isnan(black76.gamma(least, least, 0.1 * one, 0.5 * one)).all()
