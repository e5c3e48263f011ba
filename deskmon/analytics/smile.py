"""What a smile says: volatility at the money and at 25 delta, and the same at constant maturities.

Nothing is extrapolated: a figure beyond the strikes or expiries that carry it is NaN.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import nan, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from deskmon.analytics.black76 import Bools
from deskmon.analytics.chain import Chain, distinct
from deskmon.analytics.normal import Floats

LEAST_STRIKES = 4
"""A smile of fewer strikes says nothing."""

WING = 0.25
"""Delta, in size, of the options that stand for the wings."""


class Wing(NamedTuple):
    """Strike (USD) and volatility (fraction) at 25 delta, NaN where it isn't listed."""

    strike: float
    vol: float


class Smile(NamedTuple):
    """`atm`, and of `put` and `call` the volatility: fractions per √year."""

    atm: float
    put: Wing
    call: Wing

    @property
    def risk_reversal(self) -> float:
        """IV(25Δ call) − IV(25Δ put)."""
        return self.call.vol - self.put.vol

    @property
    def butterfly(self) -> float:
        """(IV(25Δ call) + IV(25Δ put)) / 2 − ATM."""
        return (self.call.vol + self.put.vol) / 2 - self.atm


NOTHING = Smile(nan, Wing(nan, nan), Wing(nan, nan))


def smile(options: Chain, forward: float) -> Smile:
    """The smile of one expiry's options at its forward (USD)."""
    options = options.at(options.usable)
    if len(distinct(options.strike)) < LEAST_STRIKES:
        return NOTHING
    return Smile(_at_money(options, forward), _wing(options, False), _wing(options, True))


def out_of_the_money(strike: Floats, call: Bools, forward: float) -> NDArray[np.intp]:
    """Places of one option per strike, by strike: of the one out of the money where it is there, else of the other."""
    preferred = call == (strike >= forward)
    order = np.lexsort((~preferred, strike))
    ordered = strike[order]
    return order[np.flatnonzero(np.diff(ordered, prepend=-1.0))]


def _at_money(options: Chain, forward: float) -> float:
    """Linear in log-moneyness between the strikes around the forward."""
    kept = out_of_the_money(options.strike, options.call, forward)
    return float(np.interp(0.0, np.log(options.strike[kept] / forward), options.vol[kept], left=nan, right=nan))


def _wing(options: Chain, call: bool) -> Wing:
    """Linear in delta between the two neighbouring strikes of a kind whose deltas enclose it, the nearest to the money
    where there are several such pairs."""
    side = options.at(options.call == call)
    beyond = np.abs(side.delta) - WING
    pairs = np.flatnonzero((beyond[:-1] >= 0) != (beyond[1:] >= 0)) if len(beyond) > 1 else np.array([], dtype=int)
    if not len(pairs):
        exact = np.flatnonzero(beyond == 0)
        return Wing(float(side.strike[exact[0]]), float(side.vol[exact[0]])) if len(exact) else Wing(nan, nan)
    near = pairs[0] if call else pairs[-1]
    share = beyond[near] / (beyond[near] - beyond[near + 1])
    strike, vol = (float(column[near] + share * (column[near + 1] - column[near])) for column in
                   (side.strike, side.vol))  # fmt: skip
    return Wing(strike, vol)


def at_maturity(years: Floats | Sequence[float], vols: Floats | Sequence[float], target: float) -> float:
    """Volatility at `target` years, linear in total variance σ²T between the expiries with one; NaN beyond them."""
    times, values = np.asarray(years, dtype=float), np.asarray(vols, dtype=float)
    known = ~np.isnan(values)
    if not known.any():
        return nan
    times, values = times[known], values[known]
    variance = float(np.interp(target, times, values**2 * times, left=nan, right=nan))
    return sqrt(variance / target)
