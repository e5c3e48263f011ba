"""Where a figure comes from: its age, its venues and what of them was heard, as the state says it."""

from __future__ import annotations

import re

import pytest

from deskmon.model.coverage import coverage
from deskmon.model.figure_list import figures
from deskmon.model.figure_path import parse
from deskmon.model.path_steps import quoted
from deskmon.model.provenance import read_figure
from tests.markets import simulated


@pytest.fixture(scope="module")
def market():
    return simulated()


def read(market, path):
    return read_figure(parse(path), market.model, market.now)


def test_ages_are_those_of_the_oldest_quote_in_the_figure(market):
    state = market.state
    symbol = "BTC/USDT:USDT"
    for path, age in (
        ("prices.BTC.last", state.prices[symbol].age_ms),
        ("prices.BTC.venues.okx.last", state.prices[symbol].venues["okx"].age_ms),
        ("prices.BTC.venues.okx.mark", state.prices[symbol].venues["okx"].mark_age_ms),
        ("funding.BTC.mean_8h", max(venue.age_ms for venue in state.funding[symbol].venues.values())),
        ("funding.BTC.venues.bybit.apr", state.funding[symbol].venues["bybit"].age_ms),
        ("open_interest.BTC.usd", max(venue.age_ms for venue in state.open_interest[symbol].venues.values())),
        ("depth.BTC.bands", max(venue.age_ms for venue in state.depth[symbol].venues.values())),
        ("options.BTC.dvol_rank", state.options["BTC"].dvol_age_ms),
        ("options.BTC.gex_usd", state.options["BTC"].age_ms),
        ("metrics.fear_greed.value", state.metrics["fear_greed"].age_ms),
        ("flows.BTC.week_usd", state.flows["BTC"].age_ms), ("levels.BTC", state.prices[symbol].age_ms),
        ("correlations", None), ("mode", None), ("prices.NOBODY.last", None), ("levels.NOBODY", None),
    ):  # fmt: skip
        assert read(market, path).age_ms == age, path


def test_sums_of_liquidations_say_what_of_each_venue_is_heard(market):
    window, wave = market.state.liquidations.windows["1h"], market.state.liquidations.waves[-1]
    feeds = market.state.feeds
    for path, of in (
        ("liquidations.windows.1h.usd", window), ("liquidations.windows.1h.by_venue.okx.count", window),
        ("waves[-1].usd", wave), ("waves[-1].peak_usd_per_min", wave),
    ):  # fmt: skip
        got = read(market, path)
        assert got.coverage == {venue: coverage(venue) for venue in of.by_venue} and len(got.coverage) > 3
        assert got.venues == sorted(of.by_venue)
        assert got.lower_bound is of.lower_bound is True
        assert got.age_ms == max(feeds[venue].age_ms for venue in of.by_venue)
    assert read(market, "liquidations.windows").coverage is None


def test_funds_that_are_missing_are_counted_and_every_figure_can_be_read(market):
    flows = market.state.flows["BTC"]
    assert read(market, "flows.BTC.day_usd").missing == flows.expected - flows.reported
    named = {"ASSET": "BTC", "VENUE": "okx", "PRICE": "65000", "DATE": "2026-03-27"}
    for each in figures():
        path = each.figure
        for word, name in {**named, **{word: quoted(names[0]) for word, names in each.keys.items()}}.items():
            path = re.sub(rf"\b{word}\b", name, path)
        got = read(market, path)
        assert got.source == "simulated" and got.at == market.now, path
        assert got.age_ms is None or got.age_ms >= 0
