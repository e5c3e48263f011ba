"""The worst day since FTX: how extreme its figures were, in the words of the reports."""

from __future__ import annotations

from bisect import bisect_right

import pytest

from deskmon.clock import DAY
from deskmon.components.flows import flow_extreme
from deskmon.components.since import flow_words, return_words, since_phrase
from deskmon.events import Candle, DayValue, EtfFlow, Metric, Ticker, VolatilityIndex
from deskmon.model import Model

NAME = "2026-02-06"
BTC = "BTC/USDT:USDT"
FRIDAY = 1_770_336_000_000
NIGHT = 1_769_742_000_000  # 2026-01-30 03:00
FTX = 1_667_952_000_000  # 2022-11-09


@pytest.fixture(scope="module")
def said(market):
    """What `since` says on two nights, of prices, options, flows and metrics: the rest isn't folded."""
    kinds = (Candle, Ticker, EtfFlow, VolatilityIndex, Metric, DayValue)
    pending = [event for event in market.events if isinstance(event, kinds)]
    model, states, begin = Model(), {}, 0
    model.apply([market.timeline.header])
    for moment in (NIGHT, FRIDAY - 1):
        stop = bisect_right(pending, moment, key=lambda event: event.arrival)
        model.apply(pending[begin:stop])
        states[moment], begin = model.state(moment), stop
    return states


def test_since_says_of_thursday_what_wintermute_said_of_it(said):
    """ "The worst single-day drawdown in bitcoin since the collapse of FTX", and volatility in its 99th percentile."""
    state = said[FRIDAY - 1]
    day = state.prices[BTC].returns["1d"]
    assert since_phrase(day.since, return_words("1d", day.change_pct)) == "worst day since 2022-11-09"
    assert FTX <= day.since.last < FTX + DAY
    assert day.since.percentile < 0.2 and day.since.n > 1_190
    bitcoin = state.options["BTC"]
    assert bitcoin.dvol_percentile >= 99
    assert since_phrase(bitcoin.since) == "highest in 365 days (since 2025-02-06)"
    assert since_phrase(state.metrics["fear_greed"].since) == "lowest since 2025-11-22"
    peak = state.prices[BTC].peak
    assert peak.price > 125_000 and since_phrase(peak.since) == "lowest in 1,193 days (since 2022-11-01)"


def test_since_says_of_the_flows_of_29_january_what_sosovalue_said_of_them(said):
    """ "The largest daily outflow since November 2025", on the night after that day."""
    flow = said[NIGHT].flows["BTC"]
    assert (flow.whole_date, flow.whole_usd) == ("2026-01-29", pytest.approx(-817.9e6))
    words = since_phrase(flow.since, flow_words(flow.whole_usd, "daily"))
    assert words == "largest daily outflow since 2025-11-20"
    assert flow_extreme(flow) == words, "and so does the panel"


def test_puts_were_never_so_dear_in_the_year_that_is_remembered(market):
    month = market.model.options.figure("BTC", market.now).constant_maturity["30d"]
    assert month.since.n > 360 and month.since.percentile < 2
