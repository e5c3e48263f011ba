"""The simulated market is the same for a seed, honest in form, and tells the story it promises."""

from __future__ import annotations

import hashlib
import math
import subprocess
import sys
from collections import defaultdict
from itertools import islice, pairwise
from random import Random
from statistics import correlation, mean, median

import pytest

from deskmon.clock import HOUR, ManualClock
from deskmon.errors import UsageError
from deskmon.events import Book, FeedStatus, Funding, Gap, Liquidation, OpenInterest, Ticker, decode_event, encode_event
from deskmon.feeds.demo import DemoFeed
from deskmon.feeds.demo.simulator import DemoTimeline
from deskmon.feeds.demo.simulator.market import Market
from deskmon.feeds.demo.simulator.world import ASSETS, PAIRS, START, VENUES
from deskmon.model import Model
from deskmon.player import Player
from tests.length import length

CALM, FALL, REBOUND = (0, 55), (95, 195), (205, 280)
"""Seconds after the start that lie inside these phases whatever the seed."""
LENGTH = 380


def of(seed, seconds=LENGTH, intensity=1.0):
    events = []
    for event in DemoTimeline(seed, intensity).events():
        if event.arrival > START + seconds * 1000:
            return events
        events.append(event)
    raise AssertionError("the demo has no end")


@pytest.fixture(scope="module", params=length([7, 1], [7, 1, 20]))
def market(request):
    return of(request.param)


def within(events, kind, span):
    first, last = (START + second * 1000 for second in span)
    return [event for event in events if type(event) is kind and first <= event.ts < last]


def fingerprint(seed, count=25_000):
    digest = hashlib.sha256()
    for event in islice(DemoTimeline(seed).events(), count):
        digest.update(encode_event(event))
    return digest.hexdigest()


def test_a_seed_gives_the_same_events_in_every_process_and_another_seed_others():
    code = "from tests.timelines.test_demo import fingerprint; print(fingerprint(7))"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == fingerprint(7)
    assert fingerprint(7, 1_000) != fingerprint(8, 1_000)


def test_reading_it_again_gives_the_same():
    timeline = DemoTimeline(3)
    assert list(islice(timeline.events(), 15_000)) == list(islice(timeline.events(), 15_000))


def test_every_event_is_valid_and_comes_in_order_of_arrival(market):
    assert all(decode_event(encode_event(event)) == event for event in market[::7])
    assert all(before.arrival <= after.arrival for before, after in pairwise(market))
    assert all(event.arrival >= event.ts for event in market)


def test_ids_are_not_given_twice(market):
    ids = [(event.venue, event.id) for event in market if hasattr(event, "id")]
    assert len(ids) == len(set(ids))


def test_books_never_cross_and_deepen_outwards(market):
    books = [event for event in market if type(event) is Book]
    for book in books:
        assert len(book.bids) == len(book.asks) == 20
        assert book.bids[0][0] < book.asks[0][0]
        assert all(amount > 0 for _, amount in book.bids + book.asks)
    reach = {venue.name: venue.reach for venue in VENUES}
    for book in books[:: len(books) // 50]:
        mid = (book.bids[0][0] + book.asks[0][0]) / 2
        assert book.asks[-1][0] / mid - 1 == pytest.approx(reach[book.venue], rel=0.2)


def test_every_figure_is_there_from_the_first_second():
    timeline = DemoTimeline()
    model, player = Model(), Player(timeline, ManualClock(0))
    for events in player.seek(timeline.start):
        model.apply(events)
    state = model.state(timeline.start)
    assert model.rejected == 0
    assert (state.mode, state.source) == ("demo", "simulated")
    for asset in ASSETS:
        price = state.prices[asset.symbol]
        assert price.last == pytest.approx(asset.price, rel=2e-3)
        assert price.change_pct["24h"] == pytest.approx(100 * math.expm1(asset.day), abs=1.5)
        assert price.change_pct["7d"] == pytest.approx(100 * math.expm1(asset.day + asset.week), abs=2.5)
        assert price.change_pct["1h"] is not None
        assert price.low_24h <= price.last <= price.high_24h
        interest = state.open_interest[asset.symbol]
        assert interest.drawdown_pct < -5
        for venue in interest.venues.values():
            assert None not in (venue.change_1h_pct, venue.change_1h_amount_pct, venue.change_24h_amount_pct)
        assert all(venue.streak is not None for venue in state.funding[asset.symbol].venues.values())
        assert state.depth[asset.symbol].bands["1"].bid_usd > asset.depth / 4
        assert all(0.7 < ratio < 1.4 for ratio in state.depth[asset.symbol].baseline_ratio.values())
        assert len(model.prices.sparkline_values(asset.symbol, timeline.start, 24 * HOUR, 24)) == 24
    windows = state.liquidations.windows
    assert not any(window.warming_up for window in windows.values())
    assert windows["7d"].usd > windows["24h"].usd > windows["4h"].usd > windows["1h"].usd > 0
    assert {feed.state for name, feed in state.feeds.items() if name in {venue.name for venue in VENUES}} == {"live"}


def test_calm_then_a_cascade_of_longs_then_a_squeeze_of_shorts(market):
    calm = within(market, Liquidation, CALM)
    fall = within(market, Liquidation, FALL)
    rebound = within(market, Liquidation, REBOUND)
    usd = [sum(event.usd for event in events) for events in (calm, fall, rebound)]
    assert 0 < usd[0] < 15e6
    assert 250e6 < usd[1] < 1_000e6
    assert usd[2] < usd[1] / 2
    assert sum(event.usd for event in fall if event.side == "long") > 0.9 * usd[1]
    assert sum(event.usd for event in rebound if event.side == "short") > 0.7 * usd[2]
    heaviest = sum(event.usd for event in fall if event.venue in ("bybit", "hyperliquid"))
    assert heaviest > 0.5 * usd[1]
    assert all(event.usd == pytest.approx(event.price * event.amount, abs=0.01) for event in fall)


def test_prices_fall_and_come_back_in_part_all_together(market):
    prices = {asset.symbol: {} for asset in ASSETS}
    for event in within(market, Ticker, (0, LENGTH)):
        if event.venue == "binance":
            prices[event.symbol][(event.ts - START) // 5_000] = event.last
    returns = {}
    for asset in ASSETS:
        series = [prices[asset.symbol][slot] for slot in sorted(prices[asset.symbol])]
        low, last = min(series), series[-1]
        assert -0.09 < low / asset.price - 1 < -0.015
        assert low * 1.003 < last < asset.price
        returns[asset.symbol] = [math.log(after / before) for before, after in pairwise(series)]
    bitcoin, *others = returns.values()
    assert all(correlation(bitcoin, other) > 0.7 for other in others)


def test_volatility_has_a_regime(market):
    def spread(span):
        lasts = [e.last for e in within(market, Ticker, span) if e.venue == "binance" and e.symbol.startswith("BTC")]
        return median(abs(math.log(after / before)) for before, after in pairwise(lasts))

    assert spread(FALL) > 2 * spread(CALM)


def test_open_interest_falls_most_where_most_was_closed(market):
    def coins(span, venue):
        held = {}
        for event in within(market, OpenInterest, span):
            if event.venue == venue:
                held.setdefault(event.symbol, event.amount)
        return held["BTC/USDT:USDT"]

    changes = {venue.name: coins((190, 205), venue.name) / coins((0, 15), venue.name) - 1 for venue in VENUES}
    assert all(change < -0.002 for change in changes.values())
    assert changes["hyperliquid"] < -0.02
    assert changes["hyperliquid"] < changes["binance"]


def test_books_thin_and_spreads_widen(market):
    def depth(span):
        return mean(sum(p * a for p, a in b.bids) for b in within(market, Book, span) if b.symbol.startswith("BTC"))

    def spread(span):
        return mean(t.ask / t.bid - 1 for t in within(market, Ticker, span) if t.symbol.startswith("BTC"))

    assert depth((110, 190)) < 0.5 * depth(CALM)
    assert depth((330, LENGTH)) > 1.5 * depth((110, 190))
    assert spread((110, 190)) > 1.5 * spread(CALM)


def test_funding_turns_negative_and_recovers(market):
    def rate(span):
        return mean(f.rate for f in within(market, Funding, span) if f.venue == "binance" and f.kind == "predicted")

    assert rate(CALM) > 0 > rate((160, 210))
    assert rate((340, LENGTH)) > rate((160, 210))


def test_what_is_due_on_the_hour_is_settled(market):
    settled = [event for event in within(market, Funding, (0, 5)) if event.kind == "settled"]
    assert {(event.venue, event.ts) for event in settled} == {("hyperliquid", START)}
    assert len(settled) == len(ASSETS)


def test_one_connection_is_lost_in_the_cascade_and_says_so(market):
    states = [(e.ts, e.state) for e in market if type(e) is FeedStatus and e.feed == "okx" and e.ts > START]
    order = [
        state for before, (_, state) in zip([None, *(s for _, s in states)], states, strict=False) if state != before
    ]
    assert order == ["live", "stale", "reconnecting", "live"]
    gaps = [event for event in market if type(event) is Gap]
    assert {(gap.feed, gap.venue, gap.channel) for gap in gaps} == {
        ("okx", "okx", "liquidations"),
        ("okx", "okx", "trades"),
    }
    since, until = gaps[0].since, gaps[0].until
    assert 15_000 <= until - since <= 25_000
    assert START + FALL[0] * 1000 < since < until < START + FALL[1] * 1000
    data = [event for event in market if getattr(event, "venue", "") == "okx" and type(event) not in (FeedStatus, Gap)]
    assert not [event for event in data if since <= event.ts < until]
    assert [event for event in data if until <= event.ts < until + 3_000]
    details = {event.detail for event in market if type(event) is FeedStatus}
    assert all(detail.startswith("simulated") for detail in details)


def test_feeds_count_what_they_deliver(market):
    counts = defaultdict(int)
    checked = 0
    for event in market:
        if type(event) is FeedStatus:
            assert 0 <= event.events - counts[event.feed] < 150, "all but what is still on its way"
            checked += event.feed == "bybit"
        elif type(event) is not Gap and hasattr(event, "venue") and event.arrival >= START - 5_000:
            counts[event.venue] += 1
    assert checked >= LENGTH


def test_rates_of_events(market):
    for events, least, most in ((market, 50, 150), (of(7, 10, 30.0), 1_500, 4_500)):
        begun = [event for event in events if START < event.ts <= START + 10_000]
        assert least < len(begun) / 10 < most
    fall = [event for event in market if START + 105_000 < event.ts < START + 125_000]
    assert 250 < len(fall) / 20 < 1_000


def test_intensity_multiplies_events_not_dollars():
    plain, dense = (within(of(5, 105, intensity), Liquidation, (0, 104)) for intensity in (1.0, 8.0))
    assert len(dense) > 4 * len(plain)
    assert sum(event.usd for event in dense) == pytest.approx(sum(event.usd for event in plain), rel=0.01)
    with pytest.raises(ValueError, match="intensity"):
        DemoTimeline(intensity=0.0)


def test_it_goes_on_with_new_episodes_in_both_directions_and_stays_in_bounds():
    market = Market(Random("another"))
    drifts, phase, hours = [], None, length(1, 3)
    for _ in range(hours * 3_600 * 4):
        market.step(0.25)
        if market.phase is not phase:
            phase = market.phase
            if phase.name == "cascade":
                drifts.append(phase.drift)
    assert len(drifts) > 5 * hours
    assert min(drifts) < 0 < max(drifts)
    for state in market.states:
        assert 0.6 < state.price / state.asset.price < 1.5
        assert 0 < state.liquidity <= 1
    assert len(market.interest) == len(PAIRS)
    assert min(market.interest) > 0


def test_demos_by_name():
    assert "simulator" in DemoFeed.demos()
    timeline = DemoFeed("demo", DemoFeed.Options(seed=11)).timeline()
    assert (timeline.mode, timeline.header.source, timeline.start) == ("demo", "simulated", START)
    assert "11" in timeline.header.note
    with pytest.raises(UsageError, match="did you mean 'simulator'"):
        DemoFeed("demo", DemoFeed.Options(name="simulater")).timeline()


def test_what_stands_around_the_market_fits_its_prices(market):
    model = Model()
    model.apply([DemoTimeline().header, *market])
    state = model.state(market[-1].arrival)
    bitcoin = state.prices["BTC/USDT:USDT"].last
    worth = {name: state.metrics[name].value for name in ("market_cap_btc", "total_market_cap", "btc_dominance")}
    assert worth["market_cap_btc"] / bitcoin == pytest.approx(19.97e6, rel=0.01)
    assert worth["market_cap_btc"] / worth["total_market_cap"] * 100 == pytest.approx(worth["btc_dominance"], abs=3.0)
    moved = state.prices["BTC/USDT:USDT"].change_pct["7d"]
    assert all(state.metrics[name].change_pct["7d"] == pytest.approx(moved, abs=3.0) for name in list(worth)[:2])
    holders = state.holdings["BTC"]
    assert holders["Spot BTC ETFs"].value_usd == pytest.approx(state.flows["BTC"].aum_usd, rel=0.15)
    trade = holders["Treasury A"]
    assert trade.trade_usd / trade.trade_amount == pytest.approx(bitcoin, rel=0.3)
