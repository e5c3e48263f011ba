"""From the figures of a day to its events: what is done alike whichever day it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import count
from random import Random

from deskmon.events import Event, Liquidation, PositionSide
from deskmon.feedkit import DAY, HOUR, MINUTE, SECOND
from deskmon.feeds.demo.reconstructions import carry, quotes
from deskmon.feeds.demo.reconstructions.around import Around, Paths
from deskmon.feeds.demo.reconstructions.figures import Figures, Sides
from deskmon.feeds.demo.reconstructions.orders import (
    Cells,
    Stream,
    Wave,
    around,
    evenly,
    in_waves,
    liquidations,
    progress,
    scaled,
)
from deskmon.feeds.demo.reconstructions.prices import Knot, Path, at
from deskmon.feeds.demo.reconstructions.world import Asset

_QUIET = 0.1
"""Size of an order outside the waves, as a multiple of the mean."""
_UNREST_STEP = 10 * SECOND


class Recipe(Around[Figures]):
    """One market in the making. Whatever is drawn comes from `rng`, so the order of the calls is part of the market."""

    def __init__(self, figures: Figures, rng: Random) -> None:
        super().__init__(figures)
        self._figures, self._rng = figures, rng
        self._ids: Iterator[int] = count(1)

    def unrest(self, ts: int) -> float:
        """How unsettled the market is at `ts` (ms): 0 in calm, about 1 at the height of a wave."""
        start, end = self._figures.start, self._figures.end
        return self._unrest[(ts - start) // _UNREST_STEP] if start <= ts <= end else 0.0

    @cached_property
    def _unrest(self) -> list[float]:
        waves, times = self._figures.waves, range(self._figures.start, self._figures.end + 1, _UNREST_STEP)
        return [sum(wave.unrest(ts) for wave in waves) for ts in times]

    def knots(self, *series: Iterable[Knot]) -> list[Knot]:
        """Given prices of BTC and those of the falls, in order."""
        falls = (knot for fall in self._figures.falls for knot in fall.knots())
        return sorted((*(knot for knots in series for knot in knots), *falls))

    def forced(self, cells: Cells, paths: Paths) -> list[Liquidation]:
        """From start to end: waves of longs and their aftershocks, shorts at the rebounds, a quiet flow of both."""
        figures = self._figures
        waves, span = figures.waves, (figures.start, figures.end)
        aftershocks = [Wave(wave.onset, 2.5 * wave.pace, wave.weight) for wave in waves]
        rebounds = [(rebound.at, rebound.spread_minutes * MINUTE, rebound.weight) for rebound in figures.rebounds]
        longs, shorts = figures.streams.long, figures.streams.short
        streams: dict[PositionSide, tuple[Stream, ...]] = {
            "long": (
                Stream(longs.waves, in_waves(waves), 1.6),
                Stream(longs.aftershocks, in_waves(aftershocks), 0.2),
                Stream(longs.quiet, evenly(*span), _QUIET),
            ),
            "short": (
                Stream(shorts.waves, in_waves(waves), 0.5),
                Stream(shorts.rebounds, around(rebounds), 0.12),
                Stream(shorts.quiet, evenly(*span), _QUIET),
            ),
        }
        return liquidations(cells, streams, span, self.assets, paths, self._rng, self._ids)

    def earlier(self, cells: Cells, paths: Paths) -> list[Liquidation]:
        """The week before, in proportion to the cells of the day."""
        figures = self._figures
        span = (figures.listened_since, figures.start)
        parts = [
            (Sides(wave.long, wave.short), Stream(1.0, in_waves((Wave(wave.onset, wave.minutes / 6),)), 6.0))
            for wave in figures.earlier_waves
        ]
        parts.append((figures.earlier_quiet, Stream(1.0, evenly(*span), _QUIET)))
        found: list[Liquidation] = []
        for usd, stream in parts:
            streams: dict[PositionSide, tuple[Stream, ...]] = {"long": (stream,), "short": (stream,)}
            part = scaled(cells, usd.long, usd.short)
            found += liquidations(part, streams, span, self.assets, paths, self._rng, self._ids)
        return found

    def tickers(self, asset: Asset, path: Path) -> Iterator[tuple[int, list[Event]]]:
        """Of each venue that lists the asset, by its number: leaders on all that are named, others on the first."""
        figures = self._figures
        leads = asset.name in figures.leaders
        for number, venue in enumerate(figures.named if leads else figures.named[:1]):
            times = range(figures.start, figures.end + 1, 10 * SECOND if leads and number == 0 else MINUTE)
            yield number, [*quotes.tickers(asset, venue, path, times, self.unrest, self._rng)]

    def carry(self, paths: Paths, forced: Sequence[Liquidation]) -> list[Event]:
        """Funding and open interest: by the day, by the hour of the week before, closely from start to end."""
        figures, rng, found = self._figures, self._rng, list[Event]()
        peak = max(usd for _, usd in figures.interest)
        known = [ts for ts, _ in figures.interest if ts < figures.listened_since]
        days = range(known[0], figures.listened_since, DAY)
        before = sorted({*days, *known, *range(figures.listened_since, figures.start, HOUR)})
        closely = range(figures.start, figures.end + 1, 5 * MINUTE)
        for name, interest in figures.interests.items():
            asset, path = self.assets[name], paths[name]
            closed = progress(order for order in forced if order.symbol == asset.symbol and order.side == "long")

            def usd(ts: int, highest: float = interest.peak, power: float = interest.power) -> float:
                return highest * float((at(figures.interest, ts) / peak) ** power)

            for venue in figures.venues:
                share = figures.interest_before.get(venue.name, venue.interest)
                found += carry.interest(asset, venue, path, usd, before, share)
                found += carry.unwinding(asset, venue, path, usd(figures.start), interest.drop, closed, closely)
                if venue.hours:
                    bias, times = figures.biases[name], range(figures.start, figures.end + 1, 10 * MINUTE)
                    since = figures.listened_since
                    found += carry.settled(asset, venue, figures.funding, bias, since, figures.end, rng)
                    found += carry.predicted(asset, venue, figures.funding, bias, times, rng)
        return found
