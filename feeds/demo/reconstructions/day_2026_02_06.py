"""2026-02-06, the worst day since FTX: a week's events from its figures."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import count
from operator import attrgetter
from random import Random

from deskmon.events import Event, Holding, Liquidation, PositionSide
from deskmon.feedkit import DAY, HOUR, MINUTE, SECOND
from deskmon.feeds.demo.reconstructions import carry, context, quotes, reported
from deskmon.feeds.demo.reconstructions import figures_2026_02_06 as f
from deskmon.feeds.demo.reconstructions.option_chains import chains
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
from deskmon.feeds.demo.reconstructions.world import Asset

_QUIET = 0.1
"""Size of an order outside the waves, as a multiple of the mean."""
_NOISE = 0.0026
"""Volatility per √hour."""
_ONE_SIDE = 0.66
"""Of the depth on both sides, what a book is asked for on one, so that as much lies on the levels within 1 %."""
_BOOKS = {"BTC": 30 * SECOND, "ETH": 10 * MINUTE, "SOL": 10 * MINUTE}


def timeline() -> Reconstruction:
    """From Thursday noon to Friday evening (UTC), with the history that its figures need."""
    return Reconstruction(f.NOTE, f.WEEK, f.START, f.END, _events())


@cache
def _events() -> tuple[Event, ...]:
    """Made once per process, and the same in each."""
    rng = Random("2026-02-06")
    paths = _paths(rng)
    forced, earlier = _liquidations(paths, rng)
    events: list[Event] = [*earlier, *forced]
    events += _quotes(paths, rng)
    events += _books(paths, rng)
    events += _carry(paths, forced, rng)
    events += _options(paths, rng)
    events += _context()
    events.sort(key=attrgetter("ts"))
    events += statuses([*(venue.name for venue in f.NAMED), "deribit"], events, f.START, f.END)
    events.sort(key=attrgetter("ts"))
    return tuple(events)


@cache
def _unrest_table() -> list[float]:
    return [sum(wave.unrest(ts) for wave in f.WAVES) for ts in range(f.START, f.END + 1, 10 * SECOND)]


def unrest(ts: int) -> float:
    """How unsettled the market is at `ts` (ms): 0 in calm, about 1 at the height of a wave."""
    return _unrest_table()[(ts - f.START) // (10 * SECOND)] if f.START <= ts <= f.END else 0.0


def _paths(rng: Random) -> dict[str, Path]:
    """BTC since FTX, the others for a year, each with its published change over the week."""
    legs: list[Knot] = []
    for wave, start, low, minutes in f.FALLS:
        steepest = (wave.onset + minutes * MINUTE // 3, start - 0.55 * (start - low))
        legs += [(wave.onset, start), steepest, (wave.onset + minutes * MINUTE, low)]
    knots = sorted((*f.PAST_YEAR, *f.PAST_WEEK, *f.THE_DAY, *legs))
    steps = ((f.YEAR, 6 * HOUR), (f.DECEMBER, 30 * MINUTE), (f.WEEK, 5 * MINUTE), (f.START, 10 * SECOND))
    year = through(knots, steps, lambda ts: _NOISE * (1 + unrest(ts)), rng)
    before = through(f.SINCE_FTX, ((f.FIRST, 6 * HOUR),), lambda ts: _NOISE, rng)
    paths = {"BTC": Path(before.ts[:-1] + year.ts, before.values[:-1] + year.values)}
    for name, asset in f.ASSETS.items():
        if name != "BTC":
            paths[name] = _tied(follow(year, asset, rng), asset)
    return paths


def _tied(path: Path, asset: Asset) -> Path:
    """`path` with the asset's published change over the week, where there is one; its end stays."""
    if asset.name not in f.WEEK_CHANGE:
        return path
    wanted = asset.price / (1 + f.WEEK_CHANGE[asset.name] / 100)
    ties = ((f.WEEK_AGO, math.log(wanted / path.at(f.WEEK_AGO))), (f.END, 0.0))
    return Path(path.ts, [price * math.exp(at(ties, ts)) for ts, price in zip(path.ts, path.values, strict=True)])


def _liquidations(paths: Mapping[str, Path], rng: Random) -> tuple[list[Liquidation], list[Liquidation]]:
    """Those of the two days, in waves, and those of the week before, in proportion."""
    ids: Iterator[int] = count(1)
    cells: Cells = {
        (venue, side, name): round(millions * share * 1e6 * math.exp(0.2 * rng.gauss(0, 1)))
        for (venue, side), millions in f.MILLIONS.items()
        for name, share in f.ASSET_SHARES.items()
    }
    aftershocks = [Wave(wave.onset, 2.5 * wave.pace, wave.weight) for wave in f.WAVES]
    streams: dict[PositionSide, tuple[Stream, ...]] = {
        "long": (
            Stream(0.86, in_waves(f.WAVES), 1.6),
            Stream(0.09, in_waves(aftershocks), 0.2),
            Stream(0.05, evenly(f.START, f.END), _QUIET),
        ),
        "short": (
            Stream(0.10, in_waves(f.WAVES), 0.5),
            Stream(0.60, around(f.REBOUNDS), 0.12),
            Stream(0.30, evenly(f.START, f.END), _QUIET),
        ),
    }
    forced = liquidations(cells, streams, (f.START, f.END), f.ASSETS, paths, rng, ids)
    parts = [
        (longs, shorts, Stream(1.0, in_waves((Wave(onset, minutes / 6),)), 6.0))
        for onset, minutes, longs, shorts in f.EARLIER_WAVES
    ]
    parts.append((*f.EARLIER_QUIET, Stream(1.0, evenly(f.WEEK, f.START), _QUIET)))
    earlier: list[Liquidation] = []
    for longs, shorts, stream in parts:
        both: dict[PositionSide, tuple[Stream, ...]] = {"long": (stream,), "short": (stream,)}
        earlier += liquidations(scaled(cells, longs, shorts), both, (f.WEEK, f.START), f.ASSETS, paths, rng, ids)
    return forced, earlier


def _quotes(paths: Mapping[str, Path], rng: Random) -> list[Event]:
    found: list[Event] = []
    for name, asset in f.ASSETS.items():
        path, leads = paths[name], name in f.LEADERS
        for venue in f.NAMED if leads else f.NAMED[:1]:
            step = 10 * SECOND if leads and venue is f.VENUES[0] else MINUTE
            found += quotes.tickers(asset, venue, path, range(f.START, f.END + 1, step), unrest, rng)
        weekly = name in f.WEEK_CHANGE
        first = f.FIRST if name == "BTC" else f.YEAR
        found += quotes.candles(asset, path, "1d", first, f.END, unrest, rng) if weekly else []
        found += quotes.candles(asset, path, "1h", f.DECEMBER if weekly else f.WEEK, f.END, unrest, rng)
        found += quotes.candles(asset, path, "5m", f.WEEK if leads else f.START - DAY, f.END, unrest, rng)
    return found


def _books(paths: Mapping[str, Path], rng: Random) -> list[Event]:
    """Hourly ones of the month before, so that the desk knows what depth is usual, and the days' own."""
    found: list[Event] = []
    for name, multiple in f.DEPTHS.items():
        past = range(f.END - 30 * DAY, f.START, HOUR)
        for ts in (*past, *range(f.START, f.END + 1, _BOOKS[name])):
            for venue in f.NAMED:
                depth, now = multiple * _ONE_SIDE * at(f.DEPTH, ts), range(ts, ts + 1)
                found += quotes.books(f.ASSETS[name], venue, paths[name], now, unrest, depth, rng)
    return found


def _carry(paths: Mapping[str, Path], forced: list[Liquidation], rng: Random) -> list[Event]:
    found: list[Event] = []
    peak = max(usd for _, usd in f.INTEREST)
    turns = [ts for ts, _ in f.INTEREST if ts < f.WEEK]
    before = sorted({*range(turns[0], f.WEEK, DAY), *turns, *range(f.WEEK, f.START, HOUR)})
    days = range(f.START, f.END + 1, 5 * MINUTE)
    for name, (highest, power, drop) in f.INTERESTS.items():
        asset, path = f.ASSETS[name], paths[name]
        closed = progress(order for order in forced if order.symbol == asset.symbol and order.side == "long")

        def usd(ts: int, highest: float = highest, power: float = power) -> float:
            return highest * float((at(f.INTEREST, ts) / peak) ** power)

        for venue in f.VENUES:
            found += carry.interest(asset, venue, path, usd, before)
            found += carry.unwinding(asset, venue, path, usd(f.START), drop, closed, days)
            if venue.hours:
                bias, times = f.BIASES[name], range(f.START, f.END + 1, 10 * MINUTE)
                found += carry.settled(asset, venue, f.FUNDING, bias, f.WEEK, f.END, rng)
                found += carry.predicted(asset, venue, f.FUNDING, bias, times, rng)
    return found


def _options(paths: Mapping[str, Path], rng: Random) -> list[Event]:
    """Whole chains every two hours of the week, every hour of the two days; DVOL of a year."""
    found: list[Event] = []
    times = (*range(f.END - 8 * DAY, f.START, 2 * HOUR), *range(f.START, f.END + 1, HOUR))
    days = range(f.END // DAY * DAY - 365 * DAY, f.WEEK, DAY)
    moments = sorted({*days, *range(f.WEEK, f.START, HOUR), *range(f.START, f.END + 1, 5 * MINUTE)})
    for name, surface in f.SURFACES.items():
        found += chains(name, paths[name], surface, f.LISTINGS[name], f.CARRY, f.CROWDS[name], times, rng)
        found += context.volatility(name, f.DVOL[name], moments)
    return found


def _context() -> list[Event]:
    found: list[Event] = []
    for name, unit, cadence, digits, values in f.METRICS:
        times = range(values[0][0], f.END + 1, HOUR if cadence == "hours" else DAY)
        known = (ts for ts in times if cadence != "sessions" or _traded(ts - DAY))
        found += context.metrics(name, unit, values, known, digits)
    found += context.etf_flows("BTC", f.ETF_MILLIONS, f.FUNDS)
    found.append(
        Holding(ts=f.WEEK, entity=f.HOLDER, asset="BTC", amount=f.HOLDING, average_cost=f.COST, note=context.SOURCE)
    )
    return [*found, *reported.january_2026(), *reported.headlines(f.HEADLINES)]


def _traded(ts: int) -> bool:
    """Whether the day that begins at `ts` (ms) is none of a weekend; 1970-01-01 was a Thursday."""
    return (ts // DAY + 3) % 7 < 5
