"""What surrounds the worst day since FTX is what was published: flows, funds, other markets."""

from __future__ import annotations

import pytest

from deskmon.clock import DAY
from tests.reconstructions.surroundings import (
    assert_bitcoin_is_compared_with_what_the_reports_compare_it_with,
    flows,
    series,
)

NAME = "2026-02-06"


def at(points, ts):
    return [value for known, value in points if known <= ts][-1]


def test_bitcoin_is_compared_with_what_the_reports_compare_it_with(state):
    assert_bitcoin_is_compared_with_what_the_reports_compare_it_with(state)


def test_in_february_it_trades_in_tandem_with_software(state):
    against = state.correlations["30d"]["BTC"]
    shares = {name: against[name].r for name in ("IGV", "NDX", "QQQ", "SPX", "MSFT")}
    assert max(shares, key=lambda name: shares[name]) == "IGV" and shares["IGV"] > 0.85


def test_in_february_the_funds_of_january_are_those_that_were_published(market):
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
