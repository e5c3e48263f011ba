"""Options in words: whose side of gamma at which strikes, which side is dearer, and the range that prices imply."""

from __future__ import annotations

import re
from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from deskmon.events import Pulse, VolatilityIndex
from deskmon.model.figures import StrikeFigure
from deskmon.report.sections.gamma_told import SMALL, run_at
from deskmon.samples import NOW, model_of
from tests.markets import sample
from tests.report.told import MARKET, blocks_of, rows, sentences

exposures = st.lists(st.integers(-100, 100), min_size=1, max_size=12)


@given(exposures, st.floats(0, 130))
def test_the_run_at_the_price_has_one_side_and_reaches_as_far_as_that_does(found, forward):
    strikes = [StrikeFigure(strike=10.0 * n, call_oi=1.0, put_oi=1.0, gex_usd=float(g)) for n, g in enumerate(found)]
    run = run_at(strikes, forward)
    most = max(map(abs, found))
    weighty = [each for each in strikes if most and abs(each.gex_usd) >= SMALL * most]
    runs = [list(each) for _, each in groupby(weighty, key=lambda strike: strike.gex_usd > 0)]
    nearest = min(weighty, key=lambda strike: abs(strike.strike - forward), default=None)
    assert run == next((each for each in runs if nearest in each), [])


def test_options_of_a_market_are_told_with_their_assumption_and_unit():
    blocks, _ = blocks_of(MARKET["options"], sample("full"), NOW, ("BTC", "ETH"))
    words = sentences(blocks)
    assert re.search(r"The skew of BTC at 25 delta \(call less put\) is −[\d.]+ vol points at 7 days and −", words)
    assert "puts are dearer than calls" in words and "calls are dearer than puts" not in words
    assert re.search(
        r"Dealers of BTC options are (short|long) gamma, if dealers are long calls and short puts: ", words
    )
    assert re.search(r"Options of BTC that expire on \d{4}-\d\d-\d\d imply a range of [\d,]+ to [\d,]+, the", words)
    assert re.search(r"At 7 days the skew of (BTC|ETH) is the lowest of all: ", words)
    figure = sample("full").options.figure("BTC", NOW)
    assert len(rows(blocks, "Options of BTC, by expiry")) == len(figure.expiries)


def test_an_index_without_a_chain_is_told_alone():
    index = VolatilityIndex(ts=NOW, venue="deribit", name="DVOL", underlying="BTC", value=61.4)
    blocks, absent = blocks_of(MARKET["options"], model_of([index, Pulse(ts=NOW, seq=1, mode="replay")]), NOW, ("BTC",))
    words = sentences(blocks)
    assert "DVOL of BTC is 61.4 vol points" in words
    assert "gamma" not in words and "skew" not in words and "percentile" not in words
    assert {"options.BTC.dvol_percentile", "options.BTC.expiries"} <= {each.path for each in absent}
