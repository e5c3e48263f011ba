"""Open interest: newest by symbol and venue, changes in dollars and in coins, distance from the peak."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from math import fsum, inf, isnan, nan
from typing import Any

import msgspec

from deskmon.clock import DAY, HOUR, MINUTE
from deskmon.events import OpenInterest
from deskmon.model.deepest_fall import DeepestFall
from deskmon.model.figures import InterestFigure, VenueInterest
from deskmon.model.part import Part, is_older, percent_change, stamp
from deskmon.model.series import Series
from deskmon.model.since import PastValues, Since, Values

CHANGES = {"1h": (HOUR, 15 * MINUTE), "24h": (DAY, HOUR), "7d": (7 * DAY, 2 * HOUR)}
"""Window → (its length, how much older than its start the compared value may be), ms."""

LOOK_BACK = 90 * DAY
"""Over which the peak is sought (ms)."""

BEHIND = 3 * DAY
"""A venue this far (ms) behind the one that spoke last is no longer followed: it stays out of every sum."""

_MINUTES = 25 * HOUR // MINUTE
_HOURS = LOOK_BACK // HOUR + 1


class Interest(msgspec.Struct, gc=False):
    """What one venue last said of a symbol's open interest; `amount` is None where its coins aren't known."""

    ts: int
    amount: float | None
    usd: float


Then = tuple[float, float] | None
"""(usd, amount) at the beginning of a window, None where none is known; an amount that isn't known is NaN."""


class Venue:
    """Newest value of one venue, and its series of usd and amount by the minute of a day and by the hour; amounts that
    aren't known are NaN there."""

    __slots__ = ("_changes", "_peak", "_then", "hours", "minutes", "newest")

    def __init__(self) -> None:
        self._then: dict[str, tuple[int, float, Then]] = {}
        self._changes: tuple[int, float, dict[str, float | None]] | None = None
        self._peak: tuple[int, float, int] | None = None
        self.newest = Interest(0, 0.0, 0.0)
        self.minutes = Series(MINUTE, _MINUTES, 2)
        self.hours = Series(HOUR, _HOURS, 2)

    def note(self, ts: int, usd: float, amount: float | None) -> bool:
        """Put a value into the series; True where it opened an hour, or fell into one that is past."""
        self._then.clear()
        self._changes = None
        coins = nan if amount is None else amount
        for series in (self.minutes, self.hours):
            index, new = series.place(ts)
            if index >= 0 and (new or ts >= series.ts[index]):
                series.ts[index], series.columns[0][index], series.columns[1][index] = ts, usd, coins
        past = new or 0 <= index < len(self.hours) - 1
        if past:
            self._peak = None
        return past

    def then(self, window: str, now: int) -> Then:
        """What was known at the beginning of a window of `CHANGES`; kept for as long as that is so."""
        length, tolerance = CHANGES[window]
        ts = now - length
        known = self._then.get(window)
        if known is not None and known[0] <= ts < known[1]:
            return known[2]
        found: Then = None
        until = inf
        for series in (self.minutes, self.hours):
            index = series.before(ts)
            if index + 1 < len(series):
                until = min(until, series.ts[index + 1])
            if index >= 0 and ts - series.ts[index] <= tolerance:
                until = min(until, series.ts[index] + tolerance + 1)
                found = series.columns[0][index], series.columns[1][index]
                break
        self._then[window] = ts, until, found
        return found

    def changes(self, now: int) -> dict[str, float | None]:
        """By field of the figure, how both changed in each window of `CHANGES`; kept for as long as that is so."""
        if self._changes is None or not self._changes[0] <= now < self._changes[1]:
            changes = _changes([self], now)
            until = min(self._then[window][1] + length for window, (length, _) in CHANGES.items())
            self._changes = now, until, changes
        return self._changes[2]

    def peak(self, now: int) -> tuple[float, int]:
        """Highest value in dollars of the look-back, that of an hour its last one, and its time."""
        first = self.hours.before(now - LOOK_BACK) + 1
        if self._peak is None or self._peak[0] != first:
            self._peak = first, *_highest(self.hours, now, 1)
        return max(self._peak[1:], (self.newest.usd, self.newest.ts), key=lambda peak: peak[0])


class OpenInterests(Part[dict[str, InterestFigure]]):
    """Folds open interest."""

    def clear(self) -> None:
        self.revision += 1
        self._venues: dict[str, dict[str, Venue]] = {}
        self._peaks: dict[str, Series] = {}
        self._past = 0
        self._totals: dict[tuple[str, ...], tuple[int, Series]] = {}
        self._together: dict[tuple[str, ...], tuple[tuple[int, int], InterestFigure]] = {}
        self._days: dict[tuple[str, ...], tuple[PastValues, PastValues]] = {}
        self._falls: dict[tuple[str, ...], DeepestFall] = {}

    def fold(self, event: OpenInterest) -> None:
        """Take one venue's value; an older one only fills the series."""
        ts = stamp(event)
        venues = self._venues.setdefault(event.symbol, {})
        venue = venues.get(event.venue)
        if venue is None:
            venue = venues[event.venue] = Venue()
            self._totals.clear()
            self._together.clear()
            self._days.clear()
            self._falls.clear()
        self.revision += 1
        if venue.note(ts, event.usd, event.amount):
            self._past += 1
        if is_older(event, venue.newest.ts):
            return
        venue.newest = Interest(ts, None if event.amount is None else float(event.amount), float(event.usd))
        self._note_peak(event.symbol, [each.newest for each in venues.values()], ts)

    @property
    def symbols(self) -> list[str]:
        """Unified symbols with open interest, by name."""
        return sorted(self._venues)

    def weights(self, symbol: str) -> dict[str, float]:
        """Open interest in US dollars by venue that is followed."""
        venues = self._venues.get(symbol, {})
        oldest = _oldest(venues.values())
        return {name: venue.newest.usd for name, venue in venues.items() if venue.newest.ts >= oldest}

    def amounts(self, symbol: str, now: int, step_ms: int, steps: int) -> dict[str, list[float | None]]:
        """By venue the open interest in coins at the end of each of `steps` stretches of `step_ms` up to `now`, oldest
        first: the newest value known by then, None before the first."""
        found: dict[str, list[float | None]] = {}
        for name, venue in self._venues.get(symbol, {}).items():
            amounts = venue.minutes.columns[1]
            places = (venue.minutes.before(now - (steps - 1 - step) * step_ms) for step in range(steps))
            found[name] = [_known(amounts[place]) if place >= 0 else None for place in places]
        return found

    def between(self, symbol: str, since: int, until: int) -> list[tuple[float, float]]:
        """Of each venue the open interest known at `since` and at `until` (ms), in coins; nothing where none of them
        told any meanwhile."""
        found, told = [], False
        for venue in self._venues.get(symbol, {}).values():
            first, last = venue.minutes.before(since), venue.minutes.before(until)
            if first >= 0:
                amounts = venue.minutes.columns[1]
                pair = amounts[first], amounts[last]
                if not any(map(isnan, pair)):
                    found.append(pair)
                    told |= first < last
        return found if told else []

    def together(self, symbols: Sequence[str], now: int) -> InterestFigure | None:
        """Several symbols as one, over all their venues, those by `venue symbol`; None where none is known."""
        key = tuple(symbol for symbol in symbols if symbol in self._venues)
        if len(key) < 2:
            return self.figures(now)[key[0]] if key else None
        known = self._together.get(key)
        if known is None or known[0] != (self.revision, now):
            known = self._together[key] = (self.revision, now), self._figure(key, now)
        return known[1]

    def history(self, symbols: Sequence[str], venue: str | None = None) -> list[tuple[int, float]]:
        """(time in ms, USD) of `symbols` together, over all venues or on one: by the hour, the last day by the minute
        where it is one symbol on one venue."""
        if venue is not None and len(symbols) == 1:
            held = self._venues.get(symbols[0], {}).get(venue)
            if held is None:
                return []
            first = held.minutes.ts[0]
            hours = [(ts, usd) for ts, usd in zip(held.hours.ts, held.hours.columns[0], strict=True) if ts < first]
            return hours + list(zip(held.minutes.ts, held.minutes.columns[0], strict=True))
        totals = _by_hour(
            (
                held
                for symbol in symbols
                for name, held in self._venues.get(symbol, {}).items()
                if venue is None or name == venue
            ),
            0,
        )
        return list(zip(totals.ts, totals.columns[0], strict=True))

    def checkpoint(self) -> Any:
        return {
            "venues": [
                [
                    symbol, name, msgspec.to_builtins(venue.newest), venue.minutes.checkpoint(),
                    venue.hours.checkpoint(),
                ]
                for symbol, venues in self._venues.items()
                for name, venue in venues.items()
            ],
            "peaks": {symbol: series.checkpoint() for symbol, series in self._peaks.items()},
        }  # fmt: skip

    def restore(self, data: Any) -> None:
        self.clear()
        for symbol, name, newest, minutes, hours in data["venues"]:
            venue = Venue()
            venue.newest = msgspec.convert(newest, Interest)
            venue.minutes.restore(minutes)
            venue.hours.restore(hours)
            self._venues.setdefault(symbol, {})[name] = venue
        for symbol, packed in data["peaks"].items():
            self._peaks[symbol] = Series(HOUR, _HOURS, 1)
            self._peaks[symbol].restore(packed)
        for symbol in self._venues:  # now, so that the first draw needn't
            self._highest((symbol,), 0)

    def _note_peak(self, symbol: str, newest: list[Interest], ts: int) -> None:
        oldest = max([each.ts for each in newest]) - BEHIND
        total = fsum([each.usd for each in newest if each.ts >= oldest])
        peaks = self._peaks.get(symbol)
        if peaks is None:
            peaks = self._peaks[symbol] = Series(HOUR, _HOURS, 1)
        index, new = peaks.place(ts)
        if index >= 0 and (new or total > peaks.columns[0][index]):
            peaks.ts[index] = ts
            peaks.columns[0][index] = total

    def figure(self, symbol: str, now: int) -> InterestFigure | None:
        """One symbol's figure at desk time `now` (ms); None where nothing is known of it."""
        return None if symbol not in self._venues else self.kept(symbol, now, lambda: self._figure((symbol,), now))

    def _compute(self, now: int) -> dict[str, InterestFigure]:
        return {symbol: self._figure((symbol,), now) for symbol in sorted(self._venues)}

    def _figure(self, symbols: tuple[str, ...], now: int) -> InterestFigure:
        venues = {(name, symbol): venue for symbol in symbols for name, venue in self._venues[symbol].items()}
        oldest = _oldest(venues.values())
        followed = [venue for venue in venues.values() if venue.newest.ts >= oldest]
        usd = fsum(venue.newest.usd for venue in followed)
        peak, peak_ts = self._highest(symbols, now)
        if usd > peak:
            peak, peak_ts = usd, max(venue.newest.ts for venue in followed)
        if len(symbols) == 1:
            shown = {name: _venue_figure(venues[name, symbol], now, self.age) for name, symbol in sorted(venues)}
        else:
            single = self.figures(now)
            shown = {f"{name} {symbol}": single[symbol].venues[name] for name, symbol in sorted(venues)}
        changes = _changes(followed, now)
        since, change_since = self._since(symbols, usd, changes["change_24h_pct"], now)
        fall = self._falls.setdefault(symbols, DeepestFall()).of(self._past, self._by_hours(symbols), usd, now)
        return InterestFigure(
            venues=shown,
            amount=_sum([venue.newest.amount for venue in followed]), usd=usd, **changes,
            peak_usd=peak, peak_ts=peak_ts, drawdown_pct=percent_change(usd, peak),
            since=since, change_24h_since=change_since, fall_pct=fall.percent if fall else None,
            fall_ts=fall.ts if fall else None,
        )  # fmt: skip

    def _since(
        self, symbols: tuple[str, ...], usd: float, change: float | None, now: int
    ) -> tuple[Since, Since | None]:
        """How a total and its change stand among those of the days that are held by the hour."""
        totals, day = self._by_hours(symbols), now // DAY
        levels, changes = self._days.setdefault(symbols, (PastValues(), PastValues()))
        version = self._past, day
        return (
            levels.since(version, lambda: _daily(totals, day), now, usd),
            None if change is None else changes.since(version, lambda: _daily_changes(totals, day), now, change),
        )

    def _by_hours(self, symbols: tuple[str, ...]) -> Series:
        """Totals by the hour, but for the newest, which may still change."""
        known = self._totals.get(symbols)
        if known is None or known[0] != self._past:
            totals = _by_hour((venue for symbol in symbols for venue in self._venues[symbol].values()), 1)
            known = self._totals[symbols] = self._past, totals
        return known[1]

    def _highest(self, symbols: tuple[str, ...], now: int) -> tuple[float, int]:
        """Highest total in the look-back and its time: as it was noted when it came, or by what came in later."""
        highest = _highest(self._by_hours(symbols), now)
        return max(highest, _highest(self._peaks[symbols[0]], now)) if len(symbols) == 1 else highest


def _daily(totals: Series, until: int) -> Values:
    """The last total of each day before day `until` (of 1970)."""
    last = {ts // DAY: (ts, usd) for ts, usd in zip(totals.ts, totals.columns[0], strict=True) if ts // DAY < until}
    return [ts for ts, _ in last.values()], [usd for _, usd in last.values()]


def _daily_changes(totals: Series, until: int) -> Values:
    """Percent from one day's last total to that of the next."""
    times, values = _daily(totals, until)
    pairs = [
        (ts, percent)
        for (before, earlier), (ts, usd) in pairwise(zip(times, values, strict=True))
        if ts // DAY - before // DAY == 1 and (percent := percent_change(usd, earlier)) is not None
    ]
    return [ts for ts, _ in pairs], [percent for _, percent in pairs]


def _known(amount: float) -> float | None:
    return None if isnan(amount) else amount


def _sum(amounts: Sequence[float | None]) -> float | None:
    """The sum, None where one of them isn't known."""
    known = [amount for amount in amounts if amount is not None]
    return fsum(known) if len(known) == len(amounts) else None


def _oldest(venues: Iterable[Venue]) -> int:
    """Time (ms) before which a venue's newest value is too far behind to count."""
    return max((venue.newest.ts for venue in venues), default=0) - BEHIND


def _highest(totals: Series, now: int, open_hours: int = 0) -> tuple[float, int]:
    """Highest of the totals in the look-back and its time, without the newest `open_hours`; (0, 0) where there is
    none."""
    start = totals.before(now - LOOK_BACK) + 1
    within = totals.columns[0][start : len(totals) - open_hours]
    if not within:
        return 0.0, 0
    highest = max(within)
    return highest, totals.ts[start + within.index(highest)]


def _by_hour(venues: Iterable[Venue], open_hours: int) -> Series:
    """Totals of the venues at the end of each hour in which one reported, each followed venue at its newest until
    then, without the newest `open_hours` of each venue, which may still change."""
    changes: dict[int, list[tuple[int, int, float]]] = {}
    for number, venue in enumerate(venues):
        end = len(venue.hours) - open_hours
        for ts, usd in zip(venue.hours.ts[:end], venue.hours.columns[0][:end], strict=True):
            changes.setdefault(ts // HOUR, []).append((ts, number, usd))
    held: dict[int, tuple[int, float]] = {}
    totals = Series(HOUR, _HOURS, 1)
    for hour in sorted(changes):
        held.update((number, (ts, usd)) for ts, number, usd in changes[hour])
        newest = max(ts for ts, _, _ in changes[hour])
        index, _ = totals.place(newest)
        totals.columns[0][index] = fsum(usd for ts, usd in held.values() if ts >= newest - BEHIND)
    return totals


def _changes(venues: Iterable[Venue], now: int) -> dict[str, float | None]:
    """By field of the figure: changes over each window of those venues whose earlier value is known."""
    changes: dict[str, float | None] = {}
    listed = list(venues)
    for name in CHANGES:
        pairs = [(venue.newest, then) for venue in listed if (then := venue.then(name, now)) is not None]
        usd = fsum(newest.usd for newest, _ in pairs), fsum(then[0] for _, then in pairs)
        changes[f"change_{name}_pct"] = percent_change(*usd) if pairs else None
        coins = [
            (now_, then[1]) for newest, then in pairs if (now_ := newest.amount) is not None and not isnan(then[1])
        ]
        amount = fsum(now_ for now_, _ in coins), fsum(then_ for _, then_ in coins)
        changes[f"change_{name}_amount_pct"] = percent_change(*amount) if coins else None
    return changes


def _venue_figure(venue: Venue, now: int, age: Callable[[int, int], int]) -> VenueInterest:
    newest, (peak, peak_ts) = venue.newest, venue.peak(now)
    return VenueInterest(
        amount=newest.amount, usd=newest.usd, age_ms=age(now, newest.ts), **venue.changes(now), peak_usd=peak,
        peak_ts=peak_ts, drawdown_pct=percent_change(newest.usd, peak),
    )  # fmt: skip
