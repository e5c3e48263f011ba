"""The break of $85,000: how extreme its figures were, in the words of the reports."""

from __future__ import annotations

import pytest

from deskmon.components.since import since_phrase, sum_words

NAME = "2025-11-21"
BTC = "BTC/USDT:USDT"


def test_since_says_how_extreme_the_day_was(model, market):
    """Fear & Greed "one of the lowest numbers since the early stages of the current cycle"; more liquidated than on any
    day since the largest of all; open interest never fell so fast since then."""
    state = market.state
    greed = state.metrics["fear_greed"]
    assert since_phrase(greed.since) == "lowest since 2025-02-27" and greed.since.percentile < 0.2
    day = state.liquidations.windows["24h"]
    assert since_phrase(day.since, sum_words("liquidated")) == "most liquidated since 2025-10-10"
    assert [each.date for each in state.liquidations.days if each.usd > 15e9] == []
    october = next(each for each in model.liquidations.days(market.now, count=60) if each.date == "2025-10-10")
    assert october.usd == pytest.approx(17e9) and october.whole
    wave = state.liquidations.waves[-1]
    assert since_phrase(wave.since, ("largest", "smallest"), "wave") == "largest in 14 waves of history"
    change = state.open_interest[BTC].change_24h_since
    assert change.extreme == "low" and change.last is not None
