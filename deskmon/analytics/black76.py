"""Black-76: prices and greeks of European options on a forward, at no interest. Arrays broadcast.

Source: F. Black, "The pricing of commodity contracts", J. Financial Economics 3 (1976), with r = 0.
Common arguments: `forward` and `strike` in one currency, `years` to expiry of 365 days, `vol` a fraction per √year,
`call` a boolean array. Forward and strike are positive; figures are NaN where years or vol aren't, or are absurd.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deskmon.analytics.normal import Floats, cdf, pdf

Bools = NDArray[np.bool_]

MS_PER_YEAR = 365 * 86_400_000

DEVIATIONS = (1e-12, 1e6)
"""σ√T of any option that a figure can be told of: beyond, squares overflow."""


def standard_deviation(years: Floats, vol: Floats) -> Floats:
    """σ√T, NaN outside of `DEVIATIONS`."""
    with np.errstate(invalid="ignore"):
        total = vol * np.sqrt(years)
        return np.where((total > DEVIATIONS[0]) & (total < DEVIATIONS[1]), total, np.nan)


def d1(forward: Floats, strike: Floats, years: Floats, vol: Floats) -> Floats:
    """(ln(F/K) + σ²T/2) / σ√T."""
    total = standard_deviation(years, vol)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.log(forward / strike) / total + total / 2


def price(forward: Floats, strike: Floats, years: Floats, vol: Floats, call: Bools) -> Floats:
    """Price in the currency of the strike: F·N(d1) − K·N(d2), of puts K·N(−d2) − F·N(−d1)."""
    sign = np.where(call, 1.0, -1.0)
    upper = d1(forward, strike, years, vol)
    lower = upper - standard_deviation(years, vol)
    return np.maximum(sign * (forward * cdf(sign * upper) - strike * cdf(sign * lower)), 0.0)


def delta(forward: Floats, strike: Floats, years: Floats, vol: Floats, call: Bools) -> Floats:
    """Forward delta, not adjusted for the premium: N(d1), of puts N(d1) − 1."""
    sign = np.where(call, 1.0, -1.0)
    return sign * cdf(sign * d1(forward, strike, years, vol))


def gamma(forward: Floats, strike: Floats, years: Floats, vol: Floats) -> Floats:
    """Change of delta per unit of the forward: φ(d1) / (F·σ√T), the same for calls and puts."""
    total = standard_deviation(years, vol)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        found = pdf(d1(forward, strike, years, vol)) / (forward * total)
    return np.where(np.isfinite(found), found, np.nan)
