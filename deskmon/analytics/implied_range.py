"""The range that a smile implies: quantiles of the risk-neutral distribution at one expiry.

The distribution follows from call prices (D. Breeden and R. Litzenberger, "Prices of State-Contingent Claims Implicit
in Option Prices", J. Business 51, 1978): at no interest P(S < K) = 1 + dC/dK. C are Black-76 prices on the smile,
linear in log-moneyness between strikes as the volatility at the money is. Nothing is extrapolated.
"""

from __future__ import annotations

from math import nan, sqrt

import numpy as np

from deskmon.analytics import black76
from deskmon.analytics.chain import Chain
from deskmon.analytics.normal import Floats
from deskmon.analytics.smile import LEAST_STRIKES, out_of_the_money

QUANTILES = (0.16, 0.84)
"""One standard deviation of a normal distribution to each side."""

POINTS = 200
"""Strikes at which the distribution is evaluated, evenly spaced in their logarithm."""

BANDWIDTH = 0.15
"""The derivative is a difference over this many standard deviations to each side: a tenth of a vol point of noise in a
quote then moves the probability by about 0.003, and a smooth quantile by 0.01 standard deviations at most."""

ARBITRAGE = 0.02
"""A distribution that falls by more is an arbitrage (a butterfly of negative price); by less, it is noise of quotes."""


def implied_range(options: Chain, forward: float, years: float) -> tuple[float, float]:
    """Strikes (USD) below which the underlying ends with 16 % and 84 % risk-neutral probability.

    `options` are those of one expiry, `forward` in USD, `years` to expiry. NaN each where the listed wings don't reach
    the quantile, and both where the quotes between them allow arbitrage or are of fewer than four strikes.
    """
    usable = np.flatnonzero(options.usable)
    kept = usable[out_of_the_money(options.strike[usable], options.call[usable], forward)]
    if len(kept) < LEAST_STRIKES or not years > 0:
        return nan, nan
    moneyness, vol = np.log(options.strike[kept] / forward), options.vol[kept]
    reach = BANDWIDTH * float(np.interp(0.0, moneyness, vol)) * sqrt(years)
    if moneyness[-1] - moneyness[0] <= 2 * reach:
        return nan, nan
    grid = np.linspace(moneyness[0] + reach, moneyness[-1] - reach, POINTS)
    sides = np.stack((grid - reach, grid + reach))
    calls, strikes = _calls(sides, moneyness, vol, years), np.exp(sides)
    below = 1 + (calls[1] - calls[0]) / (strikes[1] - strikes[0])
    low, high = (_quantile(grid, below, quantile) for quantile in QUANTILES)
    from_low, to_high = (grid[0] if np.isnan(low) else low), (grid[-1] if np.isnan(high) else high)
    if _deepest_fall(below[(grid >= from_low) & (grid <= to_high)]) > ARBITRAGE:
        return nan, nan
    return float(forward * np.exp(low)), float(forward * np.exp(high))


def _calls(at: Floats, moneyness: Floats, vol: Floats, years: float) -> Floats:
    """Undiscounted call prices, in forwards, at log-moneyness `at` on the smile of the other two."""
    of_one = np.array(1.0), np.exp(at), np.array(years)
    return black76.price(*of_one, np.interp(at, moneyness, vol), np.array(True))


def _quantile(grid: Floats, below: Floats, quantile: float) -> float:
    """Where the distribution passes `quantile`, NaN where it begins above or ends below it. Small falls are evened out:
    what counts is the mean of the least and the greatest distribution that never falls around the given one."""
    rising = (np.maximum.accumulate(below) + np.minimum.accumulate(below[::-1])[::-1]) / 2
    return float(np.interp(quantile, rising, grid)) if rising[0] <= quantile <= rising[-1] else nan


def _deepest_fall(below: Floats) -> float:
    return float(np.max(np.maximum.accumulate(below) - below, initial=0.0))
