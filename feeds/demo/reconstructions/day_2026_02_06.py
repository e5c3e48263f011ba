"""2026-02-06, the worst day since FTX: a week's events from its figures."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from random import Random
from typing import Literal

from deskmon.events import Event
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
from deskmon.feeds.demo.reconstructions.world import Asset

_NOISE = 0.0026
"""Volatility per √hour."""
_ONE_SIDE = 0.66
"""Of the depth on both sides, what a book is asked for on one, so that as much lies on the levels within 1 %."""
_BOOKS = {"BTC": 30 * SECOND, "ETH": 10 * MINUTE, "SOL": 10 * MINUTE}


class WeekFigures(Figures, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What 2026-02-06.toml and 2026-02-06-context.toml hold."""

    hourly_since: int
    week_change: Mapping[str, float]
    asset_shares: Mapping[str, int]
    since_ftx: list[Knot]
    past_year: list[Knot]
    depth: list[Knot]
    chain: ChainFigures


_FILES = ("etf-2026-01.toml", "2026-02-06.toml", "2026-02-06-context.toml")
FIGURES = data.read("reconstructions", _FILES, WeekFigures)
WEEK_AGO = FIGURES.end - 7 * DAY
YEAR = FIGURES.past_year[0][0]


@cache
def timeline() -> Reconstruction:
    """From Thursday noon to Friday evening (UTC), with the history that its figures need. Made once per process, the
    same in each."""
    rng = Random("2026-02-06")
    recipe = Recipe(FIGURES, rng)
    paths = _paths(recipe, rng)
    drawn = _cells(rng)
    forced = recipe.forced(drawn, paths)
    events: list[Event] = [*recipe.earlier(drawn, paths), *forced]
    events += _quotes(recipe, paths, rng)
    events += _books(recipe, paths, rng)
    events += recipe.carry(paths, forced)
    events += _options(recipe, paths, rng)
    events += [*recipe.metrics(paths), *recipe.etf_flows(), *recipe.holdings(FIGURES.listened_since)]
    events += [*recipe.calendar(), *recipe.headlines()]
    events += [*liquidation_days(FIGURES), *risk_reversals(FIGURES)]
    return recipe.timeline(events, [*(venue.name for venue in FIGURES.named), "deribit"])


def _paths(recipe: Recipe, rng: Random) -> dict[str, Path]:
    """BTC since FTX, the others for a year, each with its published change over the week."""
    knots = recipe.knots(FIGURES.past_year, FIGURES.past_week, FIGURES.the_day)
    steps = (
        (YEAR, 6 * HOUR), (FIGURES.hourly_since, 30 * MINUTE), (FIGURES.listened_since, 5 * MINUTE),
        (FIGURES.start, 10 * SECOND),
    )  # fmt: skip
    year = through(knots, steps, lambda ts: _NOISE * (1 + recipe.unrest(ts)), rng)
    before = through(FIGURES.since_ftx, ((FIGURES.since_ftx[0][0], 6 * HOUR),), lambda ts: _NOISE, rng)
    paths = {"BTC": Path(before.ts[:-1] + year.ts, before.values[:-1] + year.values)}
    for name, asset in recipe.assets.items():
        if name != "BTC":
            paths[name] = _tied(follow(year, asset, rng), asset)
    return paths


def _tied(path: Path, asset: Asset) -> Path:
    """`path` with the asset's published change over the week, where there is one; its end stays."""
    if asset.name not in FIGURES.week_change:
        return path
    wanted = asset.price / (1 + FIGURES.week_change[asset.name] / 100)
    ties = ((WEEK_AGO, math.log(wanted / path.at(WEEK_AGO))), (FIGURES.end, 0.0))
    return Path(path.ts, [price * math.exp(at(ties, ts)) for ts, price in zip(path.ts, path.values, strict=True)])


def _cells(rng: Random) -> Cells:
    """Cents by venue, side and asset: the shares of the assets, a little drawn."""
    found: dict[tuple[str, Literal["long", "short"], str], int] = {}
    for venue, sides in FIGURES.millions.items():
        for name, share in FIGURES.asset_shares.items():
            found[venue, "long", name] = round(sides.long * share * 1e6 * math.exp(0.2 * rng.gauss(0, 1)))
        for name, share in FIGURES.asset_shares.items():
            found[venue, "short", name] = round(sides.short * share * 1e6 * math.exp(0.2 * rng.gauss(0, 1)))
    return found


def _quotes(recipe: Recipe, paths: Paths, rng: Random) -> list[Event]:
    found: list[Event] = []
    start, end, unrest = FIGURES.start, FIGURES.end, recipe.unrest
    for name, asset in recipe.assets.items():
        path, leads = paths[name], name in FIGURES.leaders
        for _, tickers in recipe.tickers(asset, path):
            found += tickers
        weekly = name in FIGURES.week_change
        first = FIGURES.since_ftx[0][0] if name == "BTC" else YEAR
        hourly = FIGURES.hourly_since if weekly else FIGURES.listened_since
        found += quotes.candles(asset, path, "1d", first, end, unrest, rng) if weekly else []
        found += quotes.candles(asset, path, "1h", hourly, end, unrest, rng)
        found += quotes.candles(asset, path, "5m", FIGURES.listened_since if leads else start - DAY, end, unrest, rng)
    return found


def _books(recipe: Recipe, paths: Paths, rng: Random) -> list[Event]:
    """Hourly ones of the month before, so that the desk knows what depth is usual, and the days' own."""
    found: list[Event] = []
    for name, multiple in FIGURES.depths.items():
        past = range(FIGURES.end - 30 * DAY, FIGURES.start, HOUR)
        for ts in (*past, *range(FIGURES.start, FIGURES.end + 1, _BOOKS[name])):
            for venue in FIGURES.named:
                depth, now = multiple * _ONE_SIDE * at(FIGURES.depth, ts), range(ts, ts + 1)
                found += quotes.books(recipe.assets[name], venue, paths[name], now, recipe.unrest, depth, rng)
    return found


def _options(recipe: Recipe, paths: Paths, rng: Random) -> list[Event]:
    """Whole chains every two hours of the week, every hour of the two days; DVOL of a year."""
    found: list[Event] = []
    times = (
        *range(FIGURES.end - 8 * DAY, FIGURES.start, 2 * HOUR), *range(FIGURES.start, FIGURES.end + 1, HOUR),
    )  # fmt: skip
    for name in FIGURES.chain.surfaces:
        found += listed_chains(FIGURES.chain, name, FIGURES.dvol[name], paths[name], times, rng)
        found += recipe.volatility(name, FIGURES.end // DAY * DAY - 365 * DAY)
    return found
