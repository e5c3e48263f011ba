"""Funding: the predicted rate by symbol and venue, the streak of settled ones, the mean weighted by open interest."""

from __future__ import annotations

from bisect import bisect_left
from math import fsum
from typing import Any

import msgspec

from deskmon.events import Funding
from deskmon.model.figures import FundingFigure, VenueFunding
from deskmon.model.open_interest import OpenInterests
from deskmon.model.part import Part, stamp

HELD = 512
"""Settled rates held per venue and symbol."""

YEAR_HOURS = 8760

SHORTEST_HOURS = 1 / 60
"""No venue settles more often than each minute: a shorter interval is in another unit."""


class Rates(msgspec.Struct, gc=False):
    """One venue's newest prediction of a symbol's rate, and the rates it settled: times (ms), ascending, and rates."""

    predicted: Funding | None = None
    settled_ts: list[int] = []
    settled: list[float] = []


class FundingRates(Part[dict[str, FundingFigure]]):
    """Folds funding; weighs venues by the open interest part."""

    def __init__(self, interests: OpenInterests) -> None:
        self._interests = interests
        super().__init__()

    def clear(self) -> None:
        self.revision += 1
        self._rates: dict[str, dict[str, Rates]] = {}

    def fold(self, event: Funding) -> None:
        """Take a prediction, where it isn't older than the one held, or a settled rate.

        Raises ValueError where the interval can't be in hours.
        """
        if event.interval_hours < SHORTEST_HOURS:
            raise ValueError(f"interval_hours: {event.interval_hours!r} is no interval of funding in hours")
        rates = self._rates.setdefault(event.symbol, {}).setdefault(event.venue, Rates())
        self.revision += 1
        if event.kind == "settled":
            _settle(rates, event)
        elif rates.predicted is None or stamp(event) >= stamp(rates.predicted):
            rates.predicted = event

    def checkpoint(self) -> Any:
        return msgspec.to_builtins(self._rates)

    def restore(self, data: Any) -> None:
        self.clear()
        self._rates = msgspec.convert(data, dict[str, dict[str, Rates]])

    def _version(self) -> int:
        return self.revision + self._interests.revision

    def _compute(self, now: int) -> dict[str, FundingFigure]:
        figures = {}
        for symbol in sorted(self._rates):
            venues = {
                venue: _figure(rates, rates.predicted, now)
                for venue, rates in sorted(self._rates[symbol].items())
                if rates.predicted is not None
            }
            if venues:
                mean = _weighted_mean(venues, self._interests.weights(symbol))
                figures[symbol] = FundingFigure(
                    venues=venues, mean_8h=mean, mean_apr=None if mean is None else mean * YEAR_HOURS / 8
                )
        return figures


def _settle(rates: Rates, event: Funding) -> None:
    """Put a settled rate into its place; one already held at that time is replaced."""
    index = bisect_left(rates.settled_ts, event.ts)
    if index < len(rates.settled_ts) and rates.settled_ts[index] == event.ts:
        rates.settled[index] = event.rate
        return
    rates.settled_ts.insert(index, event.ts)
    rates.settled.insert(index, event.rate)
    if len(rates.settled) > HELD:
        del rates.settled_ts[0], rates.settled[0]


def _figure(rates: Rates, predicted: Funding, now: int) -> VenueFunding:
    return VenueFunding(
        rate=float(predicted.rate),
        interval_hours=float(predicted.interval_hours),
        rate_8h=predicted.rate * 8 / predicted.interval_hours,
        apr=predicted.rate * YEAR_HOURS / predicted.interval_hours,
        next_ts=predicted.next_ts,
        streak=_streak(rates.settled),
        age_ms=max(0, now - stamp(predicted)),
    )


def _streak(settled: list[float]) -> int | None:
    """How many of the newest settled rates have one sign, negative below zero; None where none is known."""
    if not settled:
        return None
    newest = settled[-1]
    sign = (newest > 0) - (newest < 0)
    length = 0
    for rate in reversed(settled):
        if (rate > 0) - (rate < 0) != sign:
            break
        length += 1
    return sign * length


def _weighted_mean(venues: dict[str, VenueFunding], weights: dict[str, float]) -> float | None:
    """Σ rate·OI / Σ OI over the venues whose open interest is known, None where none is."""
    total = fsum(weights.get(venue, 0.0) for venue in venues)
    if not total:
        return None
    return fsum(figure.rate_8h * weights.get(venue, 0.0) for venue, figure in venues.items()) / total
