"""Levels: support and resistance of each asset's main symbol, found in what the other parts hold.

The part folds nothing but the operator's pins: hub and screen, live and replay find the same zones with the
same status because they hold the same candles. What was found is kept until a candle closes or a source moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import msgspec

from deskmon.analytics.level_settings import LevelSettings
from deskmon.analytics.level_values import Map, Outside, RatedZone, through
from deskmon.analytics.price_grid import bucket_edge, bucket_of
from deskmon.assets import main_symbols
from deskmon.clock import DAY, HOUR, MINUTE
from deskmon.events import LevelStatus, PinnedLevel
from deskmon.format import base
from deskmon.model.candles import GRACE, Candles
from deskmon.model.depth import Depth
from deskmon.model.figures import LevelFigure
from deskmon.model.finder import Finder, Search
from deskmon.model.market_candles import LENGTHS
from deskmon.model.options import Options
from deskmon.model.part import Part
from deskmon.model.price_buckets import PriceBuckets
from deskmon.model.prices import Prices

if TYPE_CHECKING:
    from deskmon.analytics.bars import Bars

WALL = 5.0
"""A stretch of 0.1 % of a book that holds so many times its side's median is a wall."""
LEAST_STRETCHES = 8
LIQUIDATED = 0.10
"""Share of an asset's liquidations of 24 h that makes a price a source."""
STRIKES = 6
"""Strikes of the most open interest that count."""
PINS = 1_000
"""Levels that are pinned at most."""

Weighted = Sequence[tuple[float, float]]
"""(price, weight in any unit)"""


class Holders(Protocol):
    """Who knows what holders of an asset paid for it: a part of the model."""

    revision: int

    def cost_bases(self, asset: str, now: int) -> Sequence[tuple[str, float]]:
        """(name, average price in dollars) of each group of holders at desk time `now` (ms): ("ETF", 90_000.0)."""
        ...


class LevelChange(NamedTuple):
    """A change of status: its close's end (ms) and price, the figure of the zone as it stands now, what it was then."""

    time: int
    close: float
    above: bool
    status: LevelStatus
    before: LevelStatus
    figure: LevelFigure


class Running(NamedTuple):
    """The candle that decides next: when it opened and when it closes (ms), the minute that it is now (ms), and (open
    time in ms, close) of its minutes so far."""

    opened: int
    closes: int
    minute: int
    minutes: tuple[tuple[int, float], ...]

    def since(self, level: RatedZone) -> int:
        """The minute from which on every minute closed beyond a zone; this one where none has yet."""
        since = self.minute
        for time, close in reversed(self.minutes):
            if not _is_through(level, close):
                break
            since = time
        return since


class DistanceUnits(NamedTuple):
    """What distances of a symbol are measured by: its price, ATR14 of days in dollars, a day's expected move (1 σ) in
    percent and whether that comes from a volatility index; whether nodes are by time, the candles having no volume."""

    price: float | None
    atr: float | None
    sigma_pct: float | None
    implied: bool
    by_time: bool


class Levels(Part[dict[str, list[LevelFigure]]]):
    """Answers for one symbol at a time; `figures` for the main symbol of every asset.

    holders: parts whose cost bases are levels too. finder: where levels are found.
    """

    def __init__(
        self, candles: Candles, prices: Prices, depth: Depth, buckets: PriceBuckets, options: Options,
        settings: LevelSettings, finder: Finder,
    ) -> None:  # fmt: skip
        self._candles, self._prices, self._depth = candles, prices, depth
        self._buckets, self._options = buckets, options
        self.settings = settings
        self.holders: tuple[Holders, ...] = ()
        self.finder = finder
        super().__init__()

    def clear(self) -> None:
        self.revision += 1
        self.finder.clear()
        self._pins: dict[tuple[str, tuple[float, float]], PinnedLevel] = {}
        self._burnt: dict[str, tuple[Any, tuple[tuple[float, float], ...]]] = {}

    @property
    def pins(self) -> list[PinnedLevel]:
        """What the operator pinned, the first pinned first."""
        return list(self._pins.values())

    def fold(self, event: PinnedLevel) -> None:
        place = event.symbol, event.edges
        if event.removed:
            self._pins.pop(place, None)
        elif place not in self._pins and len(self._pins) >= PINS:
            raise ValueError(f"more than {PINS} levels are pinned")
        else:
            self._pins[place] = event
        self.revision += 1

    def checkpoint(self) -> Any:
        return msgspec.to_builtins(self.pins)

    def restore(self, data: Any) -> None:
        self.clear()
        for pin in msgspec.convert(data, list[PinnedLevel]):
            self.fold(pin)

    @property
    def symbols(self) -> list[str]:
        """The main symbol of each asset with candles or a price."""
        return list(main_symbols({*self._candles.symbols, *self._prices.symbols}).values())

    def of(self, symbol: str, now: int) -> list[LevelFigure]:
        """The levels of a unified symbol at desk time `now` (ms), the highest price first."""
        price, found = self._prices.price(symbol), self.map(symbol, now)
        if price is None or found is None:
            return []
        yard = self._distance_units(symbol, price, found, now)
        opened = now - now % LENGTHS[self.settings.timeframe]
        figures, running = [], None
        for level in reversed(found.levels):
            figure = _figure(level, price, yard, opened)
            if _is_through(level, price):
                running = running or self._running(symbol, now)
                figure.beyond_since, figure.decides = running.since(level), running.closes
            figures.append(figure)
        return figures

    def distance_units(self, symbol: str, now: int) -> DistanceUnits:
        """What the distances of `of` are measured by."""
        return self._distance_units(symbol, self._prices.price(symbol), self.map(symbol, now), now)

    def _distance_units(self, symbol: str, price: float | None, found: Map | None, now: int) -> DistanceUnits:
        yearly = self._volatility(base(symbol), now)
        realised, atr = (found.realised, found.atr) if found else (None, None)
        sigma = realised if yearly is None else yearly / 365**0.5
        by_time = (
            any(text.startswith("t-") for level in found.levels for text in level.zone.sources) if found else False
        )
        return DistanceUnits(price, atr, sigma, yearly is not None, by_time)

    def awaited(self, symbol: str) -> bool:
        """Whether the first levels of a symbol are being found."""
        return self.finder.is_pending(("levels", symbol))

    def _running(self, symbol: str, now: int) -> Running:
        length = LENGTHS[self.settings.timeframe]
        closed = self.closed(symbol, now)
        opened = closed if closed <= now < closed + length + GRACE else now - now % length
        return Running(opened, opened + length, now - now % MINUTE, tuple(self._candles.minutes(symbol, opened)))

    def closed(self, symbol: str, now: int) -> int:
        """End (ms) of the newest candle that has decided, at desk time `now`; 0 before the first."""
        return self._candles.closed(symbol, self.settings.timeframe, now)

    def changes(self, symbol: str, now: int, after: int) -> list[LevelChange]:
        """Changes of status with closes after `after` (ms), in order of time, the lowest price first."""
        price, found = self._prices.price(symbol), self.map(symbol, now)
        if price is None or found is None:
            return []
        yard = self._distance_units(symbol, price, found, now)
        turned = [
            LevelChange(
                change.time, change.close, change.above, change.status, change.before, _figure(level, price, yard, 0)
            )
            for level in found.levels
            for change in level.standing.changes
            if change.time > after
        ]
        return sorted(turned, key=lambda change: change.time)

    def _version(self) -> int:
        return (
            self.revision
            + self._candles.revision
            + self._prices.revision
            + self._depth.revision
            + self._buckets.revision
            + self._options.revision
            + sum(holders.revision for holders in self.holders)
        )

    def _compute(self, now: int) -> dict[str, list[LevelFigure]]:
        found = {symbol: self.of(symbol, now) for symbol in self.symbols}
        return {symbol: levels for symbol, levels in found.items() if levels}

    def map(self, symbol: str, now: int) -> Map | None:
        """The zones and how they stand, made anew when a candle closed or a source moved; None before any close."""
        newest = [self._candles.newest_closed(symbol, name, now) for name in ("1h", "1d", self.settings.timeframe)]
        ends = [int(each[0]) for each in newest]
        if not ends[2]:
            return None
        pins = [pin for pin in self.pins if pin.symbol in (symbol, base(symbol))]
        outside = self._outside(symbol, now)
        seen = (self._candles.version(symbol), *newest, tuple(pins), outside)
        search = partial(self._search, symbol, ends, pins, outside)

        def fits(found: Map) -> bool:
            return found.outside == outside

        found: Map | None = self.finder.find(("levels", symbol), seen, now, search, self._moved, fits)
        return found

    def _moved(self) -> None:
        self.revision += 1

    def _search(self, symbol: str, ends: Sequence[int], pins: Sequence[PinnedLevel], outside: Outside) -> Search:
        """What finds the levels from what is known now, in any thread."""
        from deskmon.analytics.levels import level_map

        timeframe = self.settings.timeframe
        hours, days, closes = (
            _until(self._candles.series(symbol, name), end, length)
            for name, end, length in zip(("1h", "1d", timeframe), ends, (HOUR, DAY, LENGTHS[timeframe]), strict=True)
        )
        marked = [(*pin.edges, pin.label) for pin in pins]
        return partial(
            level_map, hours, days, closes, LENGTHS[timeframe], self.settings, outside=outside, pins=marked
        )  # fmt: skip

    def _outside(self, symbol: str, now: int) -> Outside:
        asset = base(symbol)
        by_strike = [(each.strike, each.call_oi + each.put_oi) for each in self._options.strikes(asset, now)]
        strikes = sorted(by_strike, key=lambda pair: -pair[1])[:STRIKES]
        return Outside(
            strikes=_shares(strikes), walls=tuple((price, 1.0) for price in self._walls(symbol, now)),
            liquidations=self._liquidated(asset, now),
            cost_bases=tuple(each for holders in self.holders for each in holders.cost_bases(asset, now)),
        )  # fmt: skip

    def _volatility(self, asset: str, now: int) -> float | None:
        """DVOL, in percent a year, where it isn't older than a day."""
        history = self._options.index_history(asset, now - DAY)
        return next((value for ts, value in reversed(history) if ts <= now), None)

    def _walls(self, symbol: str, now: int) -> list[float]:
        """Middles of the stretches of all live books of a symbol together that stand out from their side."""
        figure = self._depth.figure(symbol, now)
        sides: tuple[dict[int, float], dict[int, float]] = ({}, {})
        for venue, of_venue in (figure.venues if figure else {}).items():
            book = self._depth.book(symbol, venue)
            if book is None or of_venue.stale or of_venue.crossed:
                continue
            for side, levels in zip(sides, (book.bids, book.asks), strict=True):
                for price, amount in levels:
                    bucket = bucket_of(price)
                    side[bucket] = side.get(bucket, 0.0) + price * amount
        return [
            _middle(bucket)
            for side in sides
            if len(side) >= LEAST_STRETCHES
            for bucket, usd in sorted(side.items())
            if usd >= WALL * median(side.values())
        ]

    def _liquidated(self, asset: str, now: int) -> tuple[tuple[float, float], ...]:
        """Prices around which much was liquidated, as of the whole hour and of the quarters of the day before it: what
        was a source stays one for a day, by the most that it counted."""
        hour = now - now % HOUR
        seen = (hour, self._buckets.rows(hour - 2 * DAY, hour))
        known = self._burnt.get(asset)
        if known is not None and known[0] == seen:
            return known[1]
        most: dict[float, float] = {}
        for until in (hour, *range(hour - hour % (DAY // 4), hour - DAY, -DAY // 4)):
            for price, share in self._clusters(asset, until):
                most[price] = max(share, most.get(price, 0.0))
        self._burnt[asset] = seen, tuple(sorted(most.items()))
        return self._burnt[asset][1]

    def _clusters(self, asset: str, until: int) -> tuple[tuple[float, float], ...]:
        """Those of the 24 h up to a time (ms): runs of three buckets that hold their share and are local maxima."""
        sums = {each.bucket: each.long_usd + each.short_usd for each in self._buckets.of(asset, until)}
        total = sum(sums.values())
        runs = {bucket: sum(sums.get(bucket + step, 0.0) for step in (-1, 0, 1)) for bucket in sums}
        found = [
            (_middle(bucket), usd)
            for bucket, usd in sorted(runs.items())
            if usd >= LIQUIDATED * total and all(usd >= runs.get(bucket + step, 0.0) for step in (-2, -1, 1, 2))
        ]
        return _shares(found)


def _middle(bucket: int) -> float:
    return (bucket_edge(bucket) + bucket_edge(bucket + 1)) / 2


def _shares(pairs: Weighted) -> tuple[tuple[float, float], ...]:
    """Prices with their share of the heaviest, in quarters: less than that is no news."""
    most = max((weight for _, weight in pairs), default=0.0)
    found = ((price, round(4 * weight / most) / 4) for price, weight in pairs if most > 0)
    return tuple(sorted((price, share) for price, share in found if share))


def _until(bars: Bars, end: int, length: int) -> Bars:
    """The candles of `length` ms that ended by `end` (ms)."""
    return bars.cut(0, int(bars.time.searchsorted(end - length, "right")))


def _is_through(level: RatedZone, price: float) -> bool:
    """Whether a close at `price` would turn a level."""
    zone = level.zone
    return through(price, *zone.grown[-1][1:], zone.tolerance, level.standing.above)


def _figure(level: RatedZone, price: float, yard: DistanceUnits, opened: int) -> LevelFigure:
    zone, held = level.zone, level.standing
    gap = zone.low - price if price < zone.low else zone.high - price if price > zone.high else 0.0
    status: LevelStatus = held.status
    since = held.since
    if held.away and status != "testing" and abs(gap) <= zone.tolerance:
        status, since = "testing", max(since, opened)
    percent = gap / price * 100
    return LevelFigure(
        id=zone.id, price=zone.price, low=zone.low, high=zone.high, kind="support" if held.above else "resistance",
        score=zone.score, status=status, status_since=since, distance_pct=percent,
        distance_atr=gap / yard.atr if yard.atr else None,
        distance_sigma=percent / yard.sigma_pct if yard.sigma_pct else None,
        tolerance_pct=zone.tolerance / zone.price * 100, sources=list(zone.sources), label=zone.label or None,
        pinned=zone.pinned,
    )  # fmt: skip
