"""Max pain: the settlement price at which holders of an expiry's options are paid least."""

from __future__ import annotations

from math import nan

import numpy as np

from deskmon.analytics.black76 import Bools
from deskmon.analytics.normal import Floats


def paid_at(prices: Floats, strike: Floats, call: Bools, open_interest: Floats) -> Floats:
    """Intrinsic value (USD) paid to holders at each of `prices`."""
    intrinsic = np.where(call, prices[:, np.newaxis] - strike, strike - prices[:, np.newaxis])
    return np.asarray(np.maximum(intrinsic, 0.0) @ open_interest)


def max_pain(strike: Floats, call: Bools, open_interest: Floats) -> float:
    """The listed strike at which least is paid, the lowest of several; NaN without open interest.

    What is paid is piecewise linear and convex in the settlement price, with corners at the strikes only, so one of
    them is its minimum.
    """
    held = open_interest > 0
    if not held.any():
        return nan
    prices = np.unique(strike)
    return float(prices[np.argmin(paid_at(prices, strike[held], call[held], open_interest[held]))])
