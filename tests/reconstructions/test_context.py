"""What surrounds both reconstructed markets is what was published: flows, funds, loans, depth, other markets."""

from __future__ import annotations

from collections import defaultdict

import pytest

from deskmon.clock import DAY, HOUR
from deskmon.events import Book, EtfFlow, Metric
from deskmon.model.depth import venue_depth
from tests.markets import reconstructed

NOVEMBER, FEBRUARY = "2025-11-21", "2026-02-06"
BTC = "BTC/USDT:USDT"


def series(events):
    found = defaultdict(list)
    for event in events:
        if type(event) is Metric:
            found[event.name].append((event.ts, event.value))
    return found


def flows(events, asset="BTC"):
    found = defaultdict(float)
    for event in events:
        if type(event) is EtfFlow and event.asset == asset:
            found[event.date] += event.usd
    return found


def at(points, ts):
    return [value for known, value in points if known <= ts][-1]


@pytest.mark.parametrize("name", [NOVEMBER, FEBRUARY])
def test_bitcoin_is_compared_with_what_the_reports_compare_it_with(name):
    found = reconstructed(name).state.correlations
    for window in ("30d", "90d"):
        against = found[window]["BTC"]
        assert {"NDX", "GOLD", "DXY", "IGV", "ETH", "SOL"} <= against.keys()
        assert all(against[other].n >= 20 for other in ("NDX", "GOLD", "DXY", "IGV", "ETH", "SOL"))
        assert against["ETH"].r > 0.9 and against["SOL"].r > 0.9, "altcoins highly correlated"
        assert abs(against["GOLD"].r) < 0.5 < against["NDX"].r


def test_in_february_it_trades_in_tandem_with_software():
    against = reconstructed(FEBRUARY).state.correlations["30d"]["BTC"]
    shares = {name: against[name].r for name in ("IGV", "NDX", "QQQ", "SPX", "MSFT")}
    assert max(shares, key=lambda name: shares[name]) == "IGV" and shares["IGV"] > 0.85


def test_in_november_six_weeks_lost_4_9_billions_and_ibit_holds_60_percent():
    market = reconstructed(NOVEMBER)
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


def test_in_november_open_interest_fell_most_on_hyperliquid_bybit_and_binance():
    figure = reconstructed(NOVEMBER).state.open_interest[BTC]
    falls = {venue: held.drawdown_pct for venue, held in figure.venues.items()}
    assert sorted(falls, key=lambda venue: falls[venue])[:3] == ["hyperliquid", "bybit", "binance"]
    assert all(fall < -25 for fall in falls.values())


def test_in_november_depth_within_two_percent_is_a_third_below_early_october():
    market = reconstructed(NOVEMBER)
    sums = defaultdict(float)
    for event in market.events:
        if type(event) is Book and event.ts < market.timeline.start - HOUR:
            band = venue_depth(event, "mid", 0).bands["2"]
            sums[event.symbol, event.ts] += band.bid_usd + band.ask_usd
    for asset in ("BTC", "ETH", "SOL"):
        noons = [usd for (symbol, _), usd in sorted(sums.items(), key=lambda item: item[0][1]) if asset in symbol]
        assert sum(noons[-7:]) / sum(noons[:7]) == pytest.approx(0.65, abs=0.05), asset


def test_in_february_the_funds_of_january_are_those_that_were_published():
    market = reconstructed(FEBRUARY)
    found, days = series(market.events), flows(market.events)
    month = sum(usd for day, usd in days.items() if "2026-01-01" <= day <= "2026-01-29")
    week = sum(usd for day, usd in days.items() if "2026-01-26" <= day <= "2026-01-29")
    assert (month, week) == (pytest.approx(-1.1e9, rel=0.01), pytest.approx(-978e6, rel=0.001))
    assert all(usd > days["2026-01-29"] for day, usd in days.items() if "2025-11-21" <= day < "2026-01-29")
    assert days["2025-11-20"] < days["2026-01-29"], "the largest since then"
    thursday = 1_769_731_200_000  # the midnight after 2026-01-29
    assert at(found["etf_aum_btc"], thursday) / at(found["market_cap_btc"], thursday) == pytest.approx(0.065, abs=0.001)
    assert at(found["etf_aum_eth"], thursday) / at(found["market_cap_eth"], thursday) == pytest.approx(0.05, abs=0.004)
    assert at(found["etp_aum"], thursday - DAY) / at(found["total_market_cap"], thursday - DAY) == pytest.approx(
        0.057, abs=0.001
    )
    assert at(found["total_market_cap"], thursday) == 2.92e12
    sessions = [value for ts, value in found["msft"] if ts < thursday]
    assert sessions[-1] / sessions[-2] == pytest.approx(0.9, abs=0.001)
    assert sum(usd for day, usd in flows(market.events, "SOL").items() if day < "2026-01-29") == pytest.approx(10e6)
