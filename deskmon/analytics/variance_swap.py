"""A volatility index from prices alone: the fair variance of each expiry, and 30 days between two of them.

Source: Cboe's "VIX White Paper" (2019), at no interest: σ² = 2/T · Σ ΔK/K² · Q(K) − 1/T · (F/K₀ − 1)², where Q is the
middle of bid and ask of the option out of the money, and K₀ the highest strike not above the forward. From K₀ outwards
a strike without a bid is left out, and after two of them in a row all that is beyond.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import nan, sqrt

import numpy as np

from deskmon.analytics.chain import Chain, distinct
from deskmon.analytics.normal import Floats
from deskmon.analytics.smile import at_maturity

LEAST_EACH_SIDE = 2
"""Quoted strikes below K₀, and above."""


def fair_volatility(options: Chain, forward: float) -> float:
    """√σ² of one expiry (fraction per √year), NaN where too few strikes are quoted."""
    years = float(options.years.max(initial=0.0))
    below = distinct(options.strike[options.strike <= forward])
    if not len(below) or years <= 0:
        return nan
    middle = below[-1]
    mid = options.mid
    puts = ~options.call & (options.strike < middle)
    calls = options.call & (options.strike > middle)
    put_strikes, put_mids = _outwards(options.strike[puts][::-1], mid[puts][::-1])
    call_strikes, call_mids = _outwards(options.strike[calls], mid[calls])
    at_middle = _at_middle(mid, options, float(middle), forward)
    if min(len(put_strikes), len(call_strikes)) < LEAST_EACH_SIDE or np.isnan(at_middle):
        return nan
    strikes = np.concatenate((put_strikes[::-1], [middle], call_strikes))
    values = np.concatenate((put_mids[::-1], [at_middle], call_mids))
    edges = np.concatenate(([strikes[0]], (strikes[1:] + strikes[:-1]) / 2, [strikes[-1]]))
    widths = np.diff(edges)
    widths[0], widths[-1] = strikes[1] - strikes[0], strikes[-1] - strikes[-2]
    variance = (2 * float(np.sum(widths / strikes**2 * values)) - (forward / float(middle) - 1) ** 2) / years
    return sqrt(variance) if variance > 0 else nan


def _outwards(strikes: Floats, mids: Floats) -> tuple[Floats, Floats]:
    """The quoted ones up to the first two in a row without a quote; strikes in order from the money outwards."""
    quoted = mids > 0
    ends = np.flatnonzero(~quoted[1:] & ~quoted[:-1])
    kept = quoted.copy()
    if len(ends):
        kept[ends[0] :] = False
    return strikes[kept], mids[kept]


def _at_middle(mid: Floats, options: Chain, middle: float, forward: float) -> float:
    """Mean of put and call at K₀; where one isn't quoted it follows from the other by put-call parity."""
    there = options.strike == middle
    call, put = mid[there & options.call], mid[there & ~options.call]
    intrinsic = forward - middle
    puts = [value for value in (*put, *(call - intrinsic)) if not np.isnan(value)]
    return float(np.mean(puts)) + intrinsic / 2 if puts else nan


def index(years: Sequence[float], vols: Sequence[float], days: float = 30.0) -> float:
    """The fair volatility at `days`, linear in total variance between the expiries around it; NaN beyond them."""
    return at_maturity(years, vols, days / 365)
