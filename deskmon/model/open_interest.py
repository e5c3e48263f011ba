"""Open interest: newest by symbol and venue, change over 24 h in dollars and in coins, distance from the peak."""

from __future__ import annotations

from math import fsum
from typing import Any

import msgspec

from deskmon.clock import DAY, HOUR, MINUTE
from deskmon.events import OpenInterest
from deskmon.model.figures import InterestFigure, VenueInterest
from deskmon.model.part import Part, percent_change, stamp
from deskmon.model.series import Series

TOLERANCE = HOUR
"""How much older than 24 h the compared value may be (ms)."""

LOOK_BACK = 90 * DAY
"""Over which the peak is sought (ms)."""

_MINUTES = 25 * HOUR // MINUTE
_HOURS = LOOK_BACK // HOUR + 1


class Interest(msgspec.Struct, gc=False):
    """What one venue last said of a symbol's open interest."""

    ts: int
    amount: float
    usd: float


class Venue:
    """Newest value of one venue and its minute series of usd and amount."""

    __slots__ = ("newest", "series")

    def __init__(self) -> None:
        self.newest = Interest(0, 0.0, 0.0)
        self.series = Series(MINUTE, _MINUTES, 2)


class OpenInterests(Part[dict[str, InterestFigure]]):
    """Folds open interest."""

    def clear(self) -> None:
        self.revision += 1
        self._venues: dict[str, dict[str, Venue]] = {}
        self._peaks: dict[str, Series] = {}

    def fold(self, event: OpenInterest) -> None:
        """Take one venue's value; an older one only fills the series."""
        ts = stamp(event)
        venues = self._venues.setdefault(event.symbol, {})
        venue = venues.get(event.venue)
        if venue is None:
            venue = venues[event.venue] = Venue()
        self.revision += 1
        index, new = venue.series.place(ts)
        if new or ts >= venue.series.ts[index]:
            venue.series.ts[index] = ts
            venue.series.columns[0][index] = event.usd
            venue.series.columns[1][index] = event.amount
        if ts < venue.newest.ts:
            return
        venue.newest = Interest(ts, float(event.amount), float(event.usd))
        self._note_peak(event.symbol, ts)

    def weights(self, symbol: str) -> dict[str, float]:
        """Open interest in US dollars by venue."""
        return {name: venue.newest.usd for name, venue in self._venues.get(symbol, {}).items()}

    def amounts(self, symbol: str, now: int, step_ms: int, steps: int) -> dict[str, list[float | None]]:
        """By venue the open interest in coins at the end of each of `steps` stretches of `step_ms` up to `now`, oldest
        first: the newest value known by then, None before the first."""
        found: dict[str, list[float | None]] = {}
        for name, venue in self._venues.get(symbol, {}).items():
            amounts = venue.series.columns[1]
            places = (venue.series.before(now - (steps - 1 - step) * step_ms) for step in range(steps))
            found[name] = [amounts[place] if place >= 0 else None for place in places]
        return found

    def checkpoint(self) -> Any:
        return {
            "venues": [
                [symbol, name, msgspec.to_builtins(venue.newest), venue.series.checkpoint()]
                for symbol, venues in self._venues.items()
                for name, venue in venues.items()
            ],
            "peaks": {symbol: series.checkpoint() for symbol, series in self._peaks.items()},
        }

    def restore(self, data: Any) -> None:
        self.clear()
        for symbol, name, newest, packed in data["venues"]:
            venue = Venue()
            venue.newest = msgspec.convert(newest, Interest)
            venue.series.restore(packed)
            self._venues.setdefault(symbol, {})[name] = venue
        for symbol, packed in data["peaks"].items():
            self._peaks[symbol] = Series(HOUR, _HOURS, 1)
            self._peaks[symbol].restore(packed)

    def _note_peak(self, symbol: str, ts: int) -> None:
        total = fsum(venue.newest.usd for venue in self._venues[symbol].values())
        peaks = self._peaks.get(symbol)
        if peaks is None:
            peaks = self._peaks[symbol] = Series(HOUR, _HOURS, 1)
        index, new = peaks.place(ts)
        if new or total > peaks.columns[0][index]:
            peaks.ts[index] = ts
            peaks.columns[0][index] = total

    def _compute(self, now: int) -> dict[str, InterestFigure]:
        return {symbol: self._figure(symbol, now) for symbol in sorted(self._venues)}

    def _figure(self, symbol: str, now: int) -> InterestFigure:
        venues = self._venues[symbol]
        usd = fsum(venue.newest.usd for venue in venues.values())
        peaks = self._peaks[symbol]
        start = min(peaks.before(now - LOOK_BACK) + 1, len(peaks) - 1)
        totals = peaks.columns[0][start:]
        peak = max(totals)
        return InterestFigure(
            venues={name: _venue_figure(venues[name], now) for name in sorted(venues)},
            usd=usd, peak_usd=peak, peak_ts=peaks.ts[start + totals.index(peak)],
            drawdown_pct=percent_change(usd, peak),
        )  # fmt: skip


def _venue_figure(venue: Venue, now: int) -> VenueInterest:
    usd, amount = venue.series.columns
    newest = venue.newest
    index = venue.series.before(now - DAY)
    if index >= 0 and now - DAY - venue.series.ts[index] > TOLERANCE:
        index = -1
    return VenueInterest(
        amount=newest.amount, usd=newest.usd, age_ms=max(0, now - newest.ts),
        change_24h_pct=percent_change(newest.usd, usd[index]) if index >= 0 else None,
        change_24h_amount_pct=percent_change(newest.amount, amount[index]) if index >= 0 else None,
    )  # fmt: skip
