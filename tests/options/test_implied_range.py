"""The 16 % and 84 % quantiles that a smile implies, against the distribution integrated one price at a time."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.analytics.chain import chain
from deskmon.analytics.implied_range import implied_range
from deskmon.analytics.smile import smile
from deskmon.model.option_analysis import Analysis
from tests.options.chains import chain_2020, chains_2026, market, quote, recorded, worth

FORWARD = 90_000.0
STRIKES = range(40_000, 160_000, 2_500)


def flat(_strike: float) -> float:
    return 0.5


def skewed(strike: float) -> float:
    """Puts dearer than calls, both wings up."""
    away = math.log(strike / FORWARD)
    return 0.5 - 0.2 * away + 0.6 * away**2


def tilted(strike: float) -> float:
    """Total variance of SVI form over 30 days (J. Gatheral 2004): straight wings, dearer puts."""
    away = math.log(strike / FORWARD) - 0.02
    return math.sqrt((0.01 + 0.08 * (-0.4 * away + math.sqrt(away**2 + 0.02))) * 365 / 30)


def by_density(smile: Callable[[float], float], days: float, quantile: float) -> float:
    """Sum the density, the second difference of call prices, from a third of the forward upwards."""
    years, step, first = days / 365, 50.0, 600
    calls = [worth(FORWARD, step * n, years, smile(step * n), "call") for n in range(first, 4_000)]
    total = 1 + (calls[1] - calls[0]) / step
    for place in range(1, len(calls) - 1):
        density = (calls[place + 1] - 2 * calls[place] + calls[place - 1]) / step
        if total + density >= quantile:
            return step * (first + place + 0.5 - (total + density - quantile) / density)
        total += density
    raise AssertionError("no quantile")


@pytest.mark.parametrize("days", [7, 30])
@pytest.mark.parametrize("vol", [flat, skewed, tilted])
def test_the_range_is_that_of_the_density(vol: Callable[[float], float], days: int):
    """Within a hundredth of a standard deviation."""
    found = implied_range(chain(market(STRIKES, days=days, smile=vol)), FORWARD, days / 365)
    deviation = FORWARD * 0.5 * math.sqrt(days / 365)
    for end, quantile in zip(found, (0.16, 0.84), strict=True):
        assert end == pytest.approx(by_density(vol, days, quantile), abs=0.01 * deviation)


def test_a_skew_moves_the_range_down_and_a_flat_smile_gives_the_lognormal_quantiles():
    low, high = implied_range(chain(market(STRIKES, smile=flat)), FORWARD, 30 / 365)
    deviation = 0.5 * math.sqrt(30 / 365)
    assert low == pytest.approx(FORWARD * math.exp(-0.99446 * deviation - deviation**2 / 2), rel=0.002)
    assert high == pytest.approx(FORWARD * math.exp(0.99446 * deviation - deviation**2 / 2), rel=0.002)
    steep_low, steep_high = implied_range(
        chain(market(STRIKES, smile=lambda strike: 0.5 - 0.4 * math.log(strike / FORWARD))), FORWARD, 30 / 365
    )
    assert FORWARD - steep_low > steep_high - FORWARD


@given(st.integers(0, len(STRIKES) - 1), st.integers(0, len(STRIKES) - 1))
def test_an_end_that_the_listed_wings_do_not_reach_is_not_known(first: int, last: int):
    listed = STRIKES[first : last + 1]
    low, high = implied_range(chain(market(listed, smile=skewed)), FORWARD, 30 / 365)
    whole = implied_range(chain(market(STRIKES, smile=skewed)), FORWARD, 30 / 365)
    for end, expected in zip((low, high), whole, strict=True):
        if len(listed) < 4 or not listed[0] <= expected <= listed[-1]:
            assert math.isnan(end)
        assert math.isnan(end) or end == pytest.approx(expected, rel=0.01)
        assert math.isnan(end) or listed[0] <= end <= listed[-1]


def test_quotes_that_allow_arbitrage_have_no_range():
    """A call spread that costs less than nothing: the volatility of one strike leaps by 15 points."""
    torn = implied_range(
        chain(market(STRIKES, smile=lambda strike: skewed(strike) + 0.15 * (strike == 95_000))), FORWARD, 30 / 365
    )
    assert all(map(math.isnan, torn))


def test_noise_of_quotes_is_no_arbitrage():
    """Marks come to a tenth of a vol point."""
    clean = implied_range(chain(market(STRIKES, smile=skewed)), FORWARD, 30 / 365)
    noisy = implied_range(
        chain(market(STRIKES, smile=lambda strike: skewed(strike) + 0.001 * (-1) ** (strike // 2_500))),
        FORWARD, 30 / 365,
    )  # fmt: skip
    assert noisy == pytest.approx(clean, rel=0.005)


def test_nothing_is_known_of_no_options_or_of_none_that_are_bid():
    for options in ([], [quote(strike, "call", bid_iv=0.0) for strike in STRIKES]):
        assert all(map(math.isnan, implied_range(chain(options), FORWARD, 30 / 365)))
    assert all(map(math.isnan, implied_range(chain(market(STRIKES, days=0.0)), FORWARD, 0.0)))


@recorded
def test_recorded_smiles_have_a_range_around_the_lognormal_one():
    """Of 148 recorded expiries all but two have one, each end within 0.75 lognormal deviations of the other range's."""
    parts = [part for options in (chain_2020(), *chains_2026().values()) for part in Analysis(options).slices]
    found = [implied_range(part.options, part.forward, part.years) for part in parts]
    known = [(part, ends) for part, ends in zip(parts, found, strict=True) if not any(map(math.isnan, ends))]
    assert len(parts) == 148 and len(known) >= 146
    for part, (low, high) in known:
        assert low < part.forward < high
        deviation = smile(part.options, part.forward).atm * math.sqrt(part.years)
        for end, side in ((low, -1), (high, 1)):
            assert abs(math.log(end / part.forward) - side * deviation) < 0.75 * deviation
