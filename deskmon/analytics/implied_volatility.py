"""Implied volatility of Black-76 for whole arrays of prices: safeguarded Newton steps in well-scaled coordinates.

A price is first reduced to its out-of-the-money part β, in units of √(F·K): a function of x = −|ln(F/K)| and the total
deviation v = σ√T alone, ever rising in v, steepest at v = √(2|x|). Above that point β is concave in v and Newton's
method on β itself converges; below it ln β is nearly linear in 1/v², so the step is made there. Each step stays within
a bracket that shrinks around the root, else the bracket is halved.
"""

from __future__ import annotations

import numpy as np

from deskmon.analytics.black76 import Bools
from deskmon.analytics.normal import Floats, pdf, tail_ratio

STEPS = 64
TOLERANCE = 1e-11
"""Relative, on v."""

LARGEST = 40.0
"""Of v: beyond, the price is the forward's own to the last digit."""

LEAST = 1e-290
"""Of β: below, doubles lose their digits."""

_SMALLEST = 1e-12


def reduced(x: Floats, v: Floats) -> Floats:
    """β of the out-of-the-money option: e^(x/2)·N(x/v + v/2) − e^(−x/2)·N(x/v − v/2), for x ≤ 0 < v.

    Both terms share the factor φ(d1)·e^(x/2), so the tails cancel nothing but what they must.
    """
    upper, lower = x / v + v / 2, x / v - v / 2
    scale = pdf(upper) * np.exp(x / 2)
    inside = scale * (tail_ratio(np.abs(upper)) - tail_ratio(-lower))
    beyond = np.exp(x / 2) - scale * (tail_ratio(np.abs(upper)) + tail_ratio(-lower))
    return np.where(upper <= 0, inside, beyond)


def _slope(x: Floats, v: Floats) -> Floats:
    """dβ/dv."""
    return pdf(x / v + v / 2) * np.exp(x / 2)


def implied_volatility(price: Floats, forward: Floats, strike: Floats, years: Floats, call: Bools) -> Floats:
    """σ as a fraction per √year, such that Black-76 gives `price` (in the strike's currency).

    NaN where none exists: a price at or below the intrinsic value, at or above the forward (of puts the strike), or
    arguments that aren't positive and finite.
    """
    price, forward, strike, years, call = np.broadcast_arrays(price, forward, strike, years, call)
    with np.errstate(all="ignore"):
        intrinsic = np.maximum(np.where(call, forward - strike, strike - forward), 0.0)
        target = (price - intrinsic) / np.sqrt(forward * strike)
        x = -np.abs(np.log(forward / strike))
        solvable = (target > LEAST) & (target < np.exp(x / 2)) & (years > 0) & np.isfinite(years) & np.isfinite(x)
        result = np.full(target.shape, np.nan)
        result[solvable] = _solve(target[solvable], x[solvable]) / np.sqrt(years[solvable])
    return result


def _solve(target: Floats, x: Floats) -> Floats:
    """v with β(x, v) = target; NaN where it lies beyond what doubles can tell."""
    steepest = np.sqrt(2 * np.abs(x))
    v = np.maximum(steepest, 1e-3)
    at_money = x > -1e-9
    v[at_money] = np.clip(target[at_money] * np.sqrt(2 * np.pi), 1e-9, 4.0)
    low, high = np.full_like(v, _SMALLEST), np.full_like(v, LARGEST)
    logarithm = np.log(target)
    wing = (target < reduced(x, v)) & ~at_money
    for _ in range(STEPS):
        value = reduced(x, v)
        low = np.where(value < target, v, low)
        high = np.where(value >= target, v, high)
        slope = _slope(x, v)
        plain = v - (value - target) / slope
        squared = v**-2.0 + (np.log(value) - logarithm) * 2 * value / (slope * v**3)
        step = np.where(wing, squared**-0.5, plain)
        settled = (np.abs(step - v) <= TOLERANCE * v) | (high - low <= TOLERANCE * v)
        if settled.all():
            break
        usable = (np.abs(step - v) <= TOLERANCE * v) | ((step > low) & (step < high))
        v = np.where(usable, step, (low + high) / 2)
    return np.where((v > 2 * _SMALLEST) & (v < 0.99 * LARGEST), v, np.nan)
