"""2025-11-21, the break of $85,000: a day's events from its figures."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from random import Random

from deskmon.events import Event, Option, PositionSide
from deskmon.feedkit import DAY, HOUR, MINUTE, SECOND
from deskmon.feeds.demo import data
from deskmon.feeds.demo.reconstructions import quotes
from deskmon.feeds.demo.reconstructions.around import Paths
from deskmon.feeds.demo.reconstructions.chain_figures import ChainFigures, listed_chains
from deskmon.feeds.demo.reconstructions.figures import Figures
from deskmon.feeds.demo.reconstructions.orders import Cells
from deskmon.feeds.demo.reconstructions.prices import Knot, Path, at, follow, through
from deskmon.feeds.demo.reconstructions.recipe import Recipe
from deskmon.feeds.demo.reconstructions.reconstruction import Reconstruction
from deskmon.feeds.demo.reconstructions.remembered import liquidation_days, risk_reversals
from deskmon.feeds.demo.reconstructions.totals import fit

_NOISE = 0.0030
"""Volatility per √hour."""


class DayFigures(Figures, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What 2025-11-21.toml and 2025-11-21-context.toml hold."""

    asset_millions: Mapping[str, float]
    tilt: Mapping[str, Mapping[str, float]]
    before: list[Knot]
    holdings_at: int
    depth_before: list[Knot]
    chain: ChainFigures


_FILES = ("etf-2025.toml", "2025-11-21.toml", "2025-11-21-context.toml")
FIGURES = data.read("reconstructions", _FILES, DayFigures)


@cache
def timeline() -> Reconstruction:
    """The 24 h that end at 11:00 UTC, with the history that they need. Made once per process, the same in each."""
    rng = Random("2025-11-21")
    recipe = Recipe(FIGURES, rng)
    paths = _paths(recipe, rng)
    fitted = cells(rng)
    forced = recipe.forced(fitted, paths)
    events: list[Event] = [*recipe.earlier(fitted, paths), *forced]
    events += _quotes(recipe, paths, rng)
    events += recipe.carry(paths, forced)
    events += [*recipe.metrics(paths), *recipe.volatility("BTC", FIGURES.before[0][0]), *recipe.etf_flows()]
    events += [*recipe.holdings(FIGURES.holdings_at), *recipe.calendar(), *recipe.headlines()]
    events += [*liquidation_days(FIGURES), *risk_reversals(FIGURES)]
    events += [*_earlier_books(recipe, paths), *_options(paths)]
    return recipe.timeline(events, [*(venue.name for venue in FIGURES.named), "deribit"])


def cells(rng: Random) -> Cells:
    """Cents by venue, side and asset; the table by venue and side and that by asset both hold to the cent."""
    rows: dict[tuple[str, PositionSide], int] = {}
    for venue, millions in FIGURES.millions.items():
        rows |= {(venue, "long"): _cents(millions.long), (venue, "short"): _cents(millions.short)}
    columns = {name: _cents(millions) for name, millions in FIGURES.asset_millions.items()}
    seed = [
        [
            cents * FIGURES.tilt.get(venue, {}).get(name, 1.0) * math.exp(0.2 * rng.gauss(0, 1))
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


def _paths(recipe: Recipe, rng: Random) -> dict[str, Path]:
    knots = recipe.knots(FIGURES.before, FIGURES.past_week, FIGURES.the_day)
    steps = ((FIGURES.before[0][0], HOUR), (FIGURES.listened_since, 5 * MINUTE), (FIGURES.start, 10 * SECOND))
    bitcoin = through(knots, steps, lambda ts: _NOISE * (1 + recipe.unrest(ts)), rng)
    return {name: bitcoin if name == "BTC" else follow(bitcoin, asset, rng) for name, asset in recipe.assets.items()}


def _earlier_books(recipe: Recipe, paths: Paths) -> list[Event]:
    """The books of each noon before the start, as deep as they were then."""
    rng, found = Random("2025-11-21 earlier books"), list[Event]()
    for name in FIGURES.leaders:
        for ts in range(FIGURES.before[0][0] + DAY // 2, FIGURES.start - HOUR, DAY):
            depth, noon = FIGURES.depths[name] * at(FIGURES.depth_before, ts), range(ts, ts + 1)
            for venue in FIGURES.named:
                found += quotes.books(recipe.assets[name], venue, paths[name], noon, recipe.unrest, depth, rng)
    return found


def _options(paths: Paths) -> list[Option]:
    """Whole chains every six hours of the week, every hour of the day."""
    rng, start, end = Random("2025-11-21 options"), FIGURES.start, FIGURES.end
    times = (*range(end - 8 * DAY, start, 6 * HOUR), *range(start, end + 1, HOUR))
    return listed_chains(FIGURES.chain, "BTC", FIGURES.dvol["BTC"], paths["BTC"], times, rng)


def _quotes(recipe: Recipe, paths: Paths, rng: Random) -> list[Event]:
    found: list[Event] = []
    start, end = FIGURES.start, FIGURES.end
    for name, asset in recipe.assets.items():
        path = paths[name]
        for number, tickers in recipe.tickers(asset, path):
            found += tickers
            if name in FIGURES.leaders:
                times = range(start, end + 1, 30 * SECOND if name == "BTC" else 5 * MINUTE)
                venue, depth = FIGURES.named[number], FIGURES.depths[name]
                found += quotes.books(asset, venue, path, times, recipe.unrest, depth, rng)
        if name in FIGURES.interests:
            found += quotes.candles(asset, path, "1d", FIGURES.before[0][0], end, recipe.unrest, rng)
        found += quotes.candles(asset, path, "1h", FIGURES.listened_since, end, recipe.unrest, rng)
        found += quotes.candles(asset, path, "5m", start - DAY, end, recipe.unrest, rng)
    return found
