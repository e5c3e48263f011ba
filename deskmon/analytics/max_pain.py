"""Max pain: the settlement price at which holders of an expiry's options are paid least."""

from __future__ import annotations

from math import nan

import numpy as np

from deskmon.analytics.black76 import Bools
from deskmon.analytics.gamma import by_strike
from deskmon.analytics.normal import Floats


def paid_at_strikes(strike: Floats, call: Bools, open_interest: Floats) -> tuple[Floats, Floats]:
    """The strikes, ascending, each once, and the intrinsic value (USD) paid to holders at a settlement there.

    Calls are paid Σ OI·(S − K) of the strikes below, puts Σ OI·(K − S) of those above: running sums, no matrix.
    """
    strikes, calls, puts = by_strike(
        strike, np.where(call, open_interest, 0.0), np.where(call, 0.0, open_interest)
    )  # fmt: skip
    to_calls = strikes * np.cumsum(calls) - np.cumsum(strikes * calls)
    to_puts = np.cumsum((strikes * puts)[::-1])[::-1] - strikes * np.cumsum(puts[::-1])[::-1]
    return strikes, to_calls + to_puts


def max_pain(strike: Floats, call: Bools, open_interest: Floats) -> float:
    """The listed strike at which least is paid, the lowest of several; NaN without open interest.

    What is paid is piecewise linear and convex in the settlement price, with corners at the strikes only, so one of
    them is its minimum.
    """
    if not (open_interest > 0).any():
        return nan
    strikes, paid = paid_at_strikes(strike, call, open_interest)
    return float(strikes[np.argmin(paid)])
