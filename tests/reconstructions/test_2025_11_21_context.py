"""What surrounds the break of $85,000 is what was published: flows, loans, depth, other markets."""

from __future__ import annotations

from collections import defaultdict

import pytest

from deskmon.clock import DAY, HOUR
from deskmon.events import Book
from deskmon.model.depth import venue_depth
from tests.reconstructions.surroundings import (
    assert_bitcoin_is_compared_with_what_the_reports_compare_it_with,
    series,
)

NAME = "2025-11-21"
BTC = "BTC/USDT:USDT"


def test_bitcoin_is_compared_with_what_the_reports_compare_it_with(state):
    assert_bitcoin_is_compared_with_what_the_reports_compare_it_with(state)


def test_in_november_six_weeks_lost_4_9_billions_and_ibit_holds_60_percent(market):
    figure = market.state.flows["BTC"]
    assert (figure.week_streak, figure.week_streak_usd) == (-6, pytest.approx(-4.9e9))
    assert figure.funds["IBIT"].share == pytest.approx(0.6)
    found = series(market.events)
    year = [value for ts, value in found["gold"] if ts < market.now - 300 * DAY]
    assert found["gold"][-1][1] / year[0] == pytest.approx(1.5, abs=0.01), "gold +50 % on the year"
    for loans, fall in (("loans_usde", 0.65), ("loans_weth", 0.38)):
        assert found[loans][-1][1] / found[loans][0][1] == pytest.approx(1 - fall, abs=0.01)
    assert found["active_loans"][-1][1] < found["active_loans"][0][1]
    assert found["sopr_sth"][-1][1] == 0.77 and found["sopr_lth"][-1][1] > 1


def test_in_november_open_interest_fell_most_on_hyperliquid_bybit_and_binance(state):
    figure = state.open_interest[BTC]
    falls = {venue: held.drawdown_pct for venue, held in figure.venues.items()}
    assert sorted(falls, key=lambda venue: falls[venue])[:3] == ["hyperliquid", "bybit", "binance"]
    assert all(fall < -25 for fall in falls.values())


def test_in_november_depth_within_two_percent_is_a_third_below_early_october(market):
    sums = defaultdict(float)
    for event in market.events:
        if type(event) is Book and event.ts < market.timeline.start - HOUR:
            band = venue_depth(event, "mid", 0).bands["2"]
            sums[event.symbol, event.ts] += band.bid_usd + band.ask_usd
    for asset in ("BTC", "ETH", "SOL"):
        noons = [usd for (symbol, _), usd in sorted(sums.items(), key=lambda item: item[0][1]) if asset in symbol]
        assert sum(noons[-7:]) / sum(noons[:7]) == pytest.approx(0.65, abs=0.05), asset
