"""Liquidations: every standard window by venue, asset and side, exact by event time whatever the order of arrival.

The windows' edges cut time into bands: (now − 1m, now], (now − 5m, now − 1m], … A row is in one band at a time; when
the desk clock moves, rows cross edges. So a query costs what has moved, not what is held.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Collection, Sequence
from itertools import islice
from typing import Any

from msgspec.structs import replace

from deskmon.clock import DAY, WINDOWS
from deskmon.events import FeedStatus, Gap, Liquidation, LiquidationDay
from deskmon.format import base
from deskmon.model.coverage import Listeners, Silences, coverage, is_partial
from deskmon.model.figures import DayFigure, LiquidationFigures, SideSums, Sums, VenueSums, WindowFigure
from deskmon.model.largest import LargestOrders, order_figures
from deskmon.model.liquidation_days import ALL, LiquidationDays
from deskmon.model.liquidation_figures import OrderFigure
from deskmon.model.part import Part
from deskmon.model.recent import Ids
from deskmon.model.rows import HELD, Rows, add
from deskmon.model.tape import HELD as HELD_ORDERS
from deskmon.model.tape import Follower, Tape

CAPACITY = 500_000
"""Rows held at full resolution before the oldest are merged."""

IDS = 16_384
"""Ids remembered per venue, at least."""

MAX_USD = 1e11
"""No single liquidation is this big: a feed's unit must be wrong."""

MAX_KEYS = 20_000
"""Venue × asset × side that are told apart."""

LARGEST_SHOWN = 5
"""Orders of a window in the figures."""

DAYS_SHOWN = 31
"""Days in the figures."""

_LENGTHS = tuple(WINDOWS.values())
_EDGES = (0, *_LENGTHS)


class Liquidations(Part[LiquidationFigures]):
    """Folds liquidations and gaps. Sums are kept in whole micro-dollars.

    followers: who takes each liquidation found to be new, in their turn.
    since: from when (ms) the desk has listened; None while nothing was heard.
    """

    def __init__(
        self, tape: Tape, largest: LargestOrders, followers: Sequence[Follower] = (), capacity: int = CAPACITY
    ) -> None:
        self._tape, self._largest = tape, largest
        self._followers = followers
        self._capacity = capacity
        super().__init__()

    def clear(self) -> None:
        self.revision += 1
        self.since: int | None = None
        self.rows = Rows(self._capacity)
        self._ids = Ids(IDS)
        self._silences = Silences()
        self._listeners = Listeners()
        self._days = LiquidationDays()
        self._largest.clear()
        self._keys: list[tuple[str, str, str]] = []
        self._key_of: dict[tuple[str, str, str], int] = {}
        self._at: int | None = None
        self._bands: list[dict[int, list[int]]] = []

    def listen(self, since: int) -> None:
        """Say from when (ms) the desk has listened."""
        self.since = since
        self.revision += 1

    def fold(self, event: Liquidation | Gap | FeedStatus) -> None:
        if type(event) is Liquidation:
            self.fold_liquidation(event)
        elif type(event) is FeedStatus:
            self.fold_status(event)
        elif type(event) is Gap and self._silences.add(event):
            self.revision += 1

    def fold_status(self, status: FeedStatus) -> None:
        """Note whether a feed listens to liquidations."""
        self.revision += self._listeners.take(status)

    def fold_liquidation(self, event: Liquidation) -> None:
        """Count a liquidation, unless this venue's id was counted before. Raises ValueError where it can't be true."""
        if event.usd >= MAX_USD:
            raise ValueError(f"usd: {event.usd!r} is no notional of one liquidation")
        key = self._key_of.get((event.venue, event.symbol, event.side))
        if key is None:
            key = self._new_key(event)
        if not self._ids.new(event.venue, event.id):
            return
        ts, amount = event.ts, round(event.usd * 1e6)
        _, asset, side = self._keys[key]
        is_full = self.rows.append(ts, key, amount)
        self._days.fold(ts, asset, side == "short", amount)
        self._largest.fold(event)
        if self._at is not None and ts <= self._at:
            self._count(key, amount, self._at - ts)
        if is_full:
            self.rows.compact(event.arrival)
            self._at = None
        self.revision += 1
        self._tape.fold_liquidation(event)
        for part in self._followers:
            part.fold_liquidation(event, amount)

    def fold_day(self, event: LiquidationDay) -> None:
        """Take what an earlier run of the desk counted of a day."""
        self._days.fold_day(event)
        self.revision += 1

    def days(self, now: int, asset: str = ALL, count: int = DAYS_SHOWN) -> list[DayFigure]:
        """The newest `count` UTC days up to `now` (ms) on which something was liquidated, of all assets or of one,
        the oldest first."""
        return self._days.figures(asset, now, self.since, count)

    def day_notes(self, since: int, now: int) -> list[LiquidationDay]:
        """What the next run of the desk is to know of the days that ended at `since` (ms) or later."""
        return list(self._days.notes(since, now, self.since))

    def orders(
        self, now: int, window_ms: int, venue: str | None = None, symbol: str | None = None, side: str | None = None,
        limit: int = 200, low: float = 0.0, high: float = math.inf,
    ) -> list[Liquidation]:  # fmt: skip
        """The newest single liquidations of the window that are still held, newest first: all that the tape holds, and
        of what has left it the largest. `symbol` is an asset or a unified symbol; low ≤ price < high."""
        after, oldest = now - window_ms, self.tape_since
        newest = [event for event in reversed(self._tape.liquidations.events) if after < event.ts <= now]
        if oldest is None or oldest > after:
            asset = "" if symbol is None else base(symbol)
            large = self._largest.of(after, now, venue=venue or "", asset=asset, low=low, high=high)
            newest += sorted({*large}.difference(newest), key=lambda event: -event.ts)
        wanted = (
            event
            for event in newest
            if (venue is None or event.venue == venue)
            and (symbol is None or symbol in (event.symbol, base(event.symbol)))
            and (side is None or event.side == side)
            and low <= event.price < high
        )
        return list(islice(wanted, limit))

    @property
    def tape_since(self) -> int | None:
        """From when (ms) every single liquidation is held; None where none has left the tape."""
        events = self._tape.liquidations.events
        return events[0].ts if len(events) >= HELD_ORDERS else None

    def of_venue(self, venue: str, window: str, now: int) -> dict[str, SideSums]:
        """Sums of one venue by asset, in a window of `WINDOWS` at desk time `now` (ms), as `figures` counts them."""
        return {asset: sums for (_, asset), sums in sorted(self.matrix(window, now, (venue,)).items())}

    def matrix(
        self, window: str, now: int, venues: Collection[str] | None = None, assets: Collection[str] | None = None
    ) -> dict[tuple[str, str], SideSums]:
        """Sums by (venue, asset), of all or of those named, in a window of `WINDOWS` at desk time `now` (ms), as
        `figures` counts them."""
        if self.since is None:
            return {}
        self._advance(now)
        bands = self._bands_of(window)
        cells: dict[tuple[str, str], list[int]] = {}
        for key, (venue, asset, side) in enumerate(self._keys):
            if (venues is not None and venue not in venues) or (assets is not None and asset not in assets):
                continue
            for band in bands:
                sums = band.get(key)
                if sums is not None:
                    cell = cells.setdefault((venue, asset), [0, 0, 0])
                    cell[side == "short"] += sums[0]
                    cell[2] += sums[1]
        return {
            cell: SideSums(usd=(long + short) / 1e6, long_usd=long / 1e6, short_usd=short / 1e6, count=count)
            for cell, (long, short, count) in cells.items()
        }

    def amounts(self, now: int, venue: str = "", asset: str = "") -> tuple[int, Sequence[int], Sequence[float]]:
        """What is held up to `now` (ms) of what was liquidated, of all, of a venue or of an asset: from when (ms) it
        is whole, times (ms, ascending) and USD. The oldest may stand together in longer stretches."""
        from deskmon.analytics.rows import chosen

        self.rows.sort()
        first = max(now - HELD, now if self.since is None else self.since)
        start, stop = self.rows.between(first, now)
        wanted = [
            key for key, (name, symbol, _) in enumerate(self._keys) if venue in ("", name) and asset in ("", symbol)
        ]  # fmt: skip
        times, keys, amounts = (column[start:stop] for column in (self.rows.ts, self.rows.keys, self.rows.amounts))
        return first, *chosen(times, keys, amounts, wanted)

    def nothing(self, window: str, now: int, venue: str = "") -> Sums:
        """What is known of a window in which nothing was counted, of `venue` alone where one is named: zeros where
        somebody listened."""
        if self._listeners.unheard(now - WINDOWS[window], venue):
            return Sums(usd=None, long_usd=None, short_usd=None, count=None)
        return SideSums(usd=0.0, long_usd=0.0, short_usd=0.0, count=0)

    def checkpoint(self) -> Any:
        return {
            "since": self.since, "rows": self.rows.checkpoint(), "keys": list(self._keys),
            "ids": self._ids.checkpoint(), "silences": self._silences.checkpoint(),
            "listeners": self._listeners.checkpoint(), "days": self._days.checkpoint(),
            "largest": self._largest.checkpoint(),
        }  # fmt: skip

    def restore(self, data: Any) -> None:
        self.clear()
        self.since = data["since"]
        self.rows.restore(data["rows"])
        self._keys = [(venue, asset, side) for venue, asset, side in data["keys"]]
        self._key_of = {named: key for key, named in enumerate(self._keys)}
        if self.rows.keys and not 0 <= min(self.rows.keys) <= max(self.rows.keys) < len(self._keys):
            raise ValueError("rows of an unknown key")
        self._ids.restore(data["ids"])
        self._silences.restore(data["silences"])
        self._listeners.restore(data["listeners"])
        self._days.restore(data["days"])
        self._largest.restore(data["largest"])
        if self.rows.ts:  # now, so that the first draw needn't
            self._advance(self.rows.ts[-1])

    def _new_key(self, event: Liquidation) -> int:
        named = (event.venue, base(event.symbol), event.side)
        key = self._key_of.get(named, len(self._keys))
        if key == len(self._keys):
            if key >= MAX_KEYS:
                raise ValueError(f"symbol: {event.symbol!r} is one too many, {MAX_KEYS:,} are told apart")
            self._keys.append(named)
            self._key_of[named] = key
        self._key_of[event.venue, event.symbol, event.side] = key
        return key

    def _count(self, key: int, amount: int, age: int) -> None:
        """Put a row of this age (ms) into its band."""
        for band, length in zip(self._bands, _LENGTHS, strict=True):
            if age < length:
                add(band, key, amount, 1)
                return

    def _advance(self, now: int) -> None:
        """Bring the bands to `now`: rows that cross an edge change bands, unless counting anew is less work."""
        rows = self.rows
        rows.sort()
        if self._at is not None and now >= self._at:
            crossing = [rows.between(self._at - edge, now - edge) for edge in _EDGES]
            if sum(stop - start for start, stop in crossing) <= max(1_000, len(rows)):
                for older, (start, stop) in enumerate(crossing):
                    self._cross(older, rows.sums(start, stop))
                self._at = now
                return
        self._bands = [
            rows.sums(*rows.between(now - length, now - edge))
            for edge, length in zip(_EDGES, _LENGTHS, strict=False)
        ]  # fmt: skip
        self._at = now

    def _cross(self, older: int, moved: dict[int, list[int]]) -> None:
        """Move sums from band `older` − 1 to band `older`; at the ends they come from, or go, nowhere."""
        for key, (amount, count) in moved.items():
            if older:
                add(self._bands[older - 1], key, -amount, -count)
            if older < len(self._bands):
                add(self._bands[older], key, amount, count)

    def _compute(self, now: int) -> LiquidationFigures:
        if self.since is None:
            return LiquidationFigures(windows={})
        windows = {
            name: replace(window, largest=self._largest_orders(now - WINDOWS[name], now))
            for name, window in self.windows(now).items()
        }
        return LiquidationFigures(windows=windows, days=self.days(now))

    def windows(self, now: int) -> dict[str, WindowFigure]:
        """The figures of all windows at desk time `now` (ms), as `figures` has them, but for their largest orders."""
        return self.kept("windows", now, lambda: self._windows(now))

    def _windows(self, now: int) -> dict[str, WindowFigure]:
        if self.since is None:
            return {}
        self._advance(now)
        windows = {}
        venues: dict[str, list[int]] = {}
        assets: dict[str, list[int]] = {}
        for (name, length), band in zip(WINDOWS.items(), self._bands, strict=True):
            self._gather(band, venues, assets)
            windows[name] = self._window(now - length, now, venues, assets)
        return windows

    def _largest_orders(self, after: int, now: int) -> list[OrderFigure]:
        return order_figures(self._largest.of(after, now)[:LARGEST_SHOWN])

    def window(self, name: str, now: int) -> WindowFigure | None:
        """The figures of one window of `WINDOWS` at desk time `now` (ms); None while the desk hasn't begun to listen.
        Whoever wants one needn't pay for all."""
        return None if self.since is None else self.kept(name, now, lambda: self._only(name, now))

    def totals(self, name: str, now: int) -> WindowFigure | None:
        """The same without the largest orders and the sums by venue and by asset, for half the work."""
        return None if self.since is None else self.kept(f"{name} alone", now, lambda: self._total(name, now))

    def next_exit(self, window: str, now: int) -> int | None:
        """When (ms) the oldest order of a window of `WINDOWS` leaves it, as of desk time `now` (ms); None where it is
        empty."""
        self.rows.sort()
        first = bisect_right(self.rows.ts, now - WINDOWS[window])
        return self.rows.ts[first] + WINDOWS[window] if first < len(self.rows.ts) else None

    def _only(self, name: str, now: int) -> WindowFigure:
        self._advance(now)
        venues: dict[str, list[int]] = {}
        assets: dict[str, list[int]] = {}
        for band in self._bands_of(name):
            self._gather(band, venues, assets)
        window = self._window(now - WINDOWS[name], now, venues, assets)
        window.largest = self._largest_orders(now - WINDOWS[name], now)
        return window

    def _total(self, name: str, now: int) -> WindowFigure:
        self._advance(now)
        sums, partial = [0, 0, 0], False
        for band in self._bands_of(name):
            for key, (amount, count) in band.items():
                venue, _, side = self._keys[key]
                sums[side == "short"] += amount
                sums[2] += count
                partial = partial or is_partial(venue)
        return self._summed(now - WINDOWS[name], now, sums, partial)

    def _bands_of(self, window: str) -> list[dict[int, list[int]]]:
        """The bands that make up a window."""
        return [band for length, band in zip(_LENGTHS, self._bands, strict=True) if length <= WINDOWS[window]]

    def _gather(self, band: dict[int, list[int]], venues: dict[str, list[int]], assets: dict[str, list[int]]) -> None:
        """Add a band's sums to those by venue and by asset: longs, shorts, count."""
        for key, (amount, count) in band.items():
            venue, asset, side = self._keys[key]
            short = side == "short"
            for totals in (venues.setdefault(venue, [0, 0, 0]), assets.setdefault(asset, [0, 0, 0])):
                totals[short] += amount
                totals[2] += count

    def _window(self, after: int, now: int, venues: dict[str, list[int]], assets: dict[str, list[int]]) -> WindowFigure:
        sums = [sum(totals[part] for totals in venues.values()) for part in range(3)]
        window = self._summed(after, now, sums, any(is_partial(venue) for venue in venues))
        window.by_venue = {
            venue: VenueSums(
                usd=(long + short) / 1e6, long_usd=long / 1e6, short_usd=short / 1e6, count=count,
                coverage=coverage(venue),
            )
            for venue, (long, short, count) in sorted(venues.items())
        }  # fmt: skip
        window.by_symbol = {
            asset: SideSums(usd=(long + short) / 1e6, long_usd=long / 1e6, short_usd=short / 1e6, count=count)
            for asset, (long, short, count) in sorted(assets.items())
        }
        return window

    def _summed(self, after: int, now: int, sums: Sequence[int], sampled: bool) -> WindowFigure:
        """A window without its parts: `sums` of longs, of shorts, and how many."""
        since = self.since if self.since is not None else now
        long, short, count = sums
        usd = (long + short) / 1e6
        whole = (now - after) % DAY == 0 and after >= since
        incomplete = self._listeners.deaf() or self._silences.overlap(after, now)
        unheard = not count and self._listeners.unheard(after)
        return WindowFigure(
            usd=None if unheard else usd,
            long_usd=None if unheard else long / 1e6,
            short_usd=None if unheard else short / 1e6,
            count=None if unheard else count,
            long_share=long / (long + short) if long + short else None,
            lower_bound=sampled or incomplete,
            sampled=sampled,
            incomplete=incomplete,
            warming_up=after < since,
            counts_from=max(after, since),
            resolution_ms=self.rows.resolution(after),
            largest=[],
            since=self._days.since(now - after, usd, now, self.since) if whole and not unheard else None,
            by_venue={},
            by_symbol={},
        )
