"""What a desk that had run before would remember: liquidations by day, risk reversals by day. All of it is chosen."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random

from deskmon.events import DayValue, LiquidationDay
from deskmon.feedkit import DAY, HOUR
from deskmon.feeds.demo.reconstructions.figures import Surroundings
from deskmon.feeds.demo.reconstructions.prices import at

_SWING = 0.5
"""Standard deviation of a day's liquidations, as a logarithm."""
_OF_BTC = 0.45
_NOISE = 0.5
"""Of a risk reversal, in vol points."""


def liquidation_days(figures: Surroundings) -> Iterator[LiquidationDay]:
    """The days before the desk began to listen, as a usual one or as the file says."""
    told = figures.days_liquidated
    for midnight in range(told.since, figures.listened_since // DAY * DAY, DAY):
        date = datetime.fromtimestamp(midnight / 1000, UTC).date().isoformat()
        day, swing = told.notable.get(date), math.exp(_SWING * Random(f"liquidated {date}").gauss(0, 1))
        long, short = (told.usual.long * swing, told.usual.short * swing) if day is None else (day.long, day.short)
        for asset, share in ((None, 1.0), ("BTC", _OF_BTC)):
            yield LiquidationDay(
                ts=midnight + DAY, date=date, asset=asset, long_usd=round(long * share * 1e6),
                short_usd=round(short * share * 1e6), count=round((long + short) * share * 40), heard_ms=DAY,
            )  # fmt: skip


def risk_reversals(figures: Surroundings) -> Iterator[DayValue]:
    """The last value of each day before those of which chains are told."""
    for underlying, knots in figures.rr25.items():
        name = f"rr25 30d of {underlying} on deribit"
        for midnight in range(knots[0][0], knots[-1][0] + 1, DAY):
            value = at(knots, midnight) + _NOISE * Random(f"{name} {midnight}").gauss(0, 1)
            yield DayValue(ts=midnight + DAY - HOUR, figure=name, value=round(value, 2))
