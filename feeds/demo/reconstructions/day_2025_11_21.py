"""2025-11-21, the break of $85,000: a day's events from its figures."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from itertools import count
from operator import attrgetter
from random import Random

from deskmon.events import Event, Liquidation, PositionSide
from deskmon.feedkit import DAY, HOUR, MINUTE, SECOND
from deskmon.feeds.demo.reconstructions import carry, context, quotes, reported
from deskmon.feeds.demo.reconstructions import figures_2025_11_21 as f
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
from deskmon.feeds.demo.reconstructions.prices import Knot, Path, at, follow, through
from deskmon.feeds.demo.reconstructions.reconstruction import Reconstruction
from deskmon.feeds.demo.reconstructions.status import statuses
from deskmon.feeds.demo.reconstructions.totals import fit

_QUIET = 0.1
"""Size of an order outside the waves, as a multiple of the mean."""


def timeline() -> Reconstruction:
    """The 24 h that end at `END` of the figures, with the history that they need."""
    return Reconstruction(f.NOTE, f.WEEK, f.START, f.END, _events())


@cache
def _events() -> tuple[Event, ...]:
    """Made once per process, and the same in each."""
    rng = Random("2025-11-21")
    paths = _paths(rng)
    fitted, ids = cells(rng), count(1)
    forced = _forced(fitted, paths, rng, ids)
    events: list[Event] = [*_earlier(fitted, paths, rng, ids), *forced]
    events += _quotes(paths, rng)
    events += _carry(paths, forced, rng)
    events += _context()
    events.sort(key=attrgetter("ts"))
    events += statuses([venue.name for venue in f.NAMED], events, f.START, f.END)
    events.sort(key=attrgetter("ts"))
    return tuple(events)


def cells(rng: Random) -> Cells:
    """Cents by venue, side and asset; the table by venue and side and that by asset both hold to the cent."""
    rows: dict[tuple[str, PositionSide], int] = {}
    for venue, (longs, shorts) in f.MILLIONS.items():
        rows |= {(venue, "long"): _cents(longs), (venue, "short"): _cents(shorts)}
    columns = {name: _cents(millions) for name, millions in f.ASSET_MILLIONS.items()}
    seed = [
        [
            cents * f.TILT.get(venue, {}).get(name, 1.0) * math.exp(0.2 * rng.gauss(0, 1))
            for name, cents in columns.items()
        ]
        for venue, _ in rows
    ]
    matrix = fit(list(rows.values()), list(columns.values()), seed)
    return {
        (*row, name): cents
        for row, line in zip(rows, matrix, strict=True)
        for name, cents in zip(columns, line, strict=True)
    }


def _cents(millions: float) -> int:
    """Two digits after the point are kept, as they were published."""
    return round(millions * 100) * 1_000_000


@cache
def _unrest_table() -> list[float]:
    return [sum(wave.unrest(ts) for wave in f.WAVES) for ts in range(f.START, f.END + 1, 10 * SECOND)]


def unrest(ts: int) -> float:
    """How unsettled the market is at `ts` (ms): 0 in calm, about 1 at the height of a wave."""
    return _unrest_table()[(ts - f.START) // (10 * SECOND)] if f.START <= ts <= f.END else 0.0


def _paths(rng: Random) -> dict[str, Path]:
    legs: list[Knot] = []
    for wave, start, low, minutes in f.FALLS:
        steepest = (wave.onset + minutes * MINUTE // 3, start - 0.55 * (start - low))
        legs += [(wave.onset, start), steepest, (wave.onset + minutes * MINUTE, low)]
    knots = sorted((*f.BEFORE, *f.PAST_WEEK, *f.THE_DAY, *legs))
    steps = ((f.OCTOBER, HOUR), (f.WEEK, 5 * MINUTE), (f.START, 10 * SECOND))
    bitcoin = through(knots, steps, lambda ts: 0.0030 * (1 + unrest(ts)), rng)
    return {name: bitcoin if name == "BTC" else follow(bitcoin, asset, rng) for name, asset in f.ASSETS.items()}


def _forced(fitted: Cells, paths: dict[str, Path], rng: Random, ids: Iterator[int]) -> list[Liquidation]:
    """The day's: six waves of longs and their aftershocks, shorts at the rebounds, a quiet flow of both."""
    aftershocks = [Wave(wave.onset, 2.5 * wave.pace, wave.weight) for wave in f.WAVES]
    streams: dict[PositionSide, tuple[Stream, ...]] = {
        "long": (
            Stream(0.92, in_waves(f.WAVES), 1.6),
            Stream(0.05, in_waves(aftershocks), 0.2),
            Stream(0.03, evenly(f.START, f.END), _QUIET),
        ),
        "short": (
            Stream(0.15, in_waves(f.WAVES), 0.5),
            Stream(0.45, around(f.REBOUNDS), 0.12),
            Stream(0.40, evenly(f.START, f.END), _QUIET),
        ),
    }
    return liquidations(fitted, streams, (f.START, f.END), f.ASSETS, paths, rng, ids)


def _earlier(fitted: Cells, paths: dict[str, Path], rng: Random, ids: Iterator[int]) -> list[Liquidation]:
    """The week before, in proportion to the day's cells."""
    parts = [
        (longs, shorts, Stream(1.0, in_waves((Wave(onset, minutes / 6),)), 6.0))
        for onset, minutes, longs, shorts in f.EARLIER_WAVES
    ]
    parts.append((*f.EARLIER_QUIET, Stream(1.0, evenly(f.WEEK, f.START), _QUIET)))
    found: list[Liquidation] = []
    for longs, shorts, stream in parts:
        streams: dict[PositionSide, tuple[Stream, ...]] = {"long": (stream,), "short": (stream,)}
        found += liquidations(scaled(fitted, longs, shorts), streams, (f.WEEK, f.START), f.ASSETS, paths, rng, ids)
    return found


def _quotes(paths: dict[str, Path], rng: Random) -> list[Event]:
    found: list[Event] = []
    for name, asset in f.ASSETS.items():
        path, leads = paths[name], name in f.LEADERS
        for venue in f.NAMED if leads else f.NAMED[:1]:
            step = 10 * SECOND if leads and venue is f.VENUES[0] else MINUTE
            found += quotes.tickers(asset, venue, path, range(f.START, f.END + 1, step), unrest, rng)
            if leads:
                times = range(f.START, f.END + 1, 30 * SECOND if name == "BTC" else 5 * MINUTE)
                found += quotes.books(asset, venue, path, times, unrest, f.DEPTH[name], rng)
        if name in f.INTERESTS:
            found += quotes.candles(asset, path, "1d", f.OCTOBER, f.END, unrest, rng)
        found += quotes.candles(asset, path, "1h", f.WEEK, f.END, unrest, rng)
        found += quotes.candles(asset, path, "5m", f.START - DAY, f.END, unrest, rng)
    return found


def _carry(paths: dict[str, Path], forced: list[Liquidation], rng: Random) -> list[Event]:
    found: list[Event] = []
    peak = max(usd for _, usd in f.INTEREST)
    earlier = [ts for ts, _ in f.INTEREST if ts < f.WEEK]
    before = sorted({*range(f.OCTOBER, f.WEEK, DAY), *earlier, *range(f.WEEK, f.START, HOUR)})
    day = range(f.START, f.END + 1, 5 * MINUTE)
    for name, (highest, power, drop) in f.INTERESTS.items():
        asset, path = f.ASSETS[name], paths[name]
        top = peak if name == "BTC" else highest
        closed = progress(order for order in forced if order.symbol == asset.symbol and order.side == "long")

        def usd(ts: int, top: float = top, power: float = power) -> float:
            return top * float((at(f.INTEREST, ts) / peak) ** power)

        for venue in f.VENUES:
            found += carry.interest(asset, venue, path, usd, before)
            found += carry.unwinding(asset, venue, path, usd(f.START), drop, closed, day)
            if venue.hours:
                bias, times = f.BIASES[name], range(f.START, f.END + 1, 10 * MINUTE)
                found += carry.settled(asset, venue, f.FUNDING, bias, f.WEEK, f.END, rng)
                found += carry.predicted(asset, venue, f.FUNDING, bias, times, rng)
    return found


def _context() -> list[Event]:
    days = range(f.OCTOBER, f.END, DAY)
    return [
        *context.metrics("fear_greed", "index", f.FEAR_AND_GREED, days, 0),
        *context.metrics("dxy", "index", f.DOLLAR, days, 2),
        *context.metrics("us10y", "percent", f.YIELD, days, 2),
        *context.volatility(
            "BTC", f.DVOL, sorted({*days, *range(f.WEEK, f.START, HOUR), *range(f.START, f.END + 1, 5 * MINUTE)})
        ),
        *context.etf_flows("BTC", f.ETF_MILLIONS, f.FUNDS),
        *reported.november_2025(),
    ]
