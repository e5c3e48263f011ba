"""Ages in a time-lapse count at the pace of its reports: nothing dims that is as fresh as its market has it."""

from __future__ import annotations

import msgspec
import pytest

from deskmon.events import Book, Funding, Journal, OpenInterest, Ticker, VolatilityIndex, decode_batch, encode_event
from deskmon.model import Model
from tests.options.chains import market

NOW = 1_769_126_400_000
MINUTE = 60_000
ABOUT = {"venue": "binance", "symbol": "BTC/USDT:USDT"}


def paced(pace: int) -> Model:
    model = Model()
    model.apply([
        Journal(version=1, source="simulated", started=NOW - 10 * MINUTE, ts=NOW - 10 * MINUTE, mode="demo", pace=pace),
        Ticker(ts=NOW, **ABOUT, last=90_000.0, mark=90_001.0, index=90_002.0),
        Book(ts=NOW, **ABOUT, bids=((89_999.0, 1.0),), asks=((90_001.0, 1.0),)),
        Funding(ts=NOW, **ABOUT, rate=1e-4, interval_hours=8),
        OpenInterest(ts=NOW, **ABOUT, amount=1.0, usd=90_000.0),
        VolatilityIndex(ts=NOW, venue="deribit", name="DVOL", underlying="BTC", value=50.0),
        *market(range(80_000, 101_000, 5_000), ts=NOW),
    ])  # fmt: skip
    assert not model.rejected, list(model.samples)
    return model


def ages(model: Model, now: int) -> list[int | None]:
    state = model.state(now)
    price, depth = state.prices["BTC/USDT:USDT"], state.depth["BTC/USDT:USDT"].venues["binance"]
    funding, interest = state.funding["BTC/USDT:USDT"], state.open_interest["BTC/USDT:USDT"]
    options, venue = state.options["BTC"], price.venues["binance"]
    return [
        price.age_ms, venue.age_ms, venue.mark_age_ms, venue.index_age_ms, depth.age_ms,
        funding.venues["binance"].age_ms, interest.venues["binance"].age_ms, options.age_ms, options.dvol_age_ms,
    ]  # fmt: skip


@pytest.mark.parametrize(("pace", "age"), [(1, 10 * MINUTE), (60, 10_000)])
def test_ages_of_quotes_count_at_the_pace_of_the_markets_reports(pace: int, age: int):
    assert ages(paced(pace), NOW + 10 * MINUTE) == [age] * 9


def test_what_is_fresh_at_its_pace_counts_in_sums_and_means():
    later = NOW + 20 * MINUTE
    live, lapse = paced(1).state(later), paced(60).state(later)
    assert live.funding["BTC/USDT:USDT"].mean_8h is None and lapse.funding["BTC/USDT:USDT"].mean_8h == 1e-4
    assert not live.depth["BTC/USDT:USDT"].bands and lapse.depth["BTC/USDT:USDT"].bands


def test_the_pace_goes_with_a_snapshot_and_ends_with_a_reset():
    late = Model()
    late.apply(decode_batch(b"[" + b",".join(map(encode_event, paced(60).snapshot())) + b"]"))
    assert ages(late, NOW + 10 * MINUTE) == [10_000] * 9
    late.apply(paced(1).snapshot())
    assert ages(late, NOW + 10 * MINUTE) == [10 * MINUTE] * 9


@pytest.mark.parametrize("pace", [0, -1, 10**6])
def test_a_pace_that_is_none_is_refused(pace: int):
    with pytest.raises((ValueError, msgspec.ValidationError)):
        Journal(version=1, source="simulated", pace=pace)
