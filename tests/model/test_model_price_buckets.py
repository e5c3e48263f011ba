"""Liquidations by bucket of price equal a count by hand, at any time asked, and survive a journey."""

from __future__ import annotations

from fractions import Fraction
from math import exp, isclose

from hypothesis import given
from hypothesis import strategies as st

from deskmon.analytics.price_grid import BUCKETS, STEP, bucket_edge, bucket_of
from deskmon.clock import DAY, SECOND
from deskmon.events import Liquidation
from deskmon.model import Model
from deskmon.model.price_buckets import PriceBuckets
from tests.model.markets import T, arrives, liquidations, moments, split, wired


def of_hand(events, asset, now):
    """bucket → [long, short, count], in whole micro-dollars."""
    seen, cells = set(), {}
    for event in events:
        item = (event.venue, event.id)
        if event.id is not None and item in seen:
            continue
        seen.add(item)
        if event.symbol.partition("/")[0] == asset and now - DAY < event.ts <= now:
            cell = cells.setdefault(bucket_of(event.price), [0, 0, 0])
            cell[event.side == "short"] += round(event.usd * 1e6)
            cell[2] += 1
    return cells


def counted(part, asset, now):
    return {
        b.bucket: [round(Fraction(b.long_usd) * 10**6), round(Fraction(b.short_usd) * 10**6), b.count]
        for b in part.of(asset, now)
    }


orders = st.lists(arrives(liquidations), max_size=40)


@given(orders, st.lists(st.integers(0, 40), max_size=5), st.lists(moments, min_size=1, max_size=6))
def test_every_bucket_equals_a_count_by_hand_at_any_time_and_batch(events, cuts, asked):
    model = Model()
    folded = []
    for number, batch in enumerate(split(events, cuts)):
        model.apply(batch)
        folded += batch
        now = asked[number % len(asked)]
        assert counted(model.price_buckets, "BTC", now) == of_hand(folded, "BTC", now)
    for now in [*asked, *sorted(asked)]:
        for asset in ("BTC", "ETH"):
            assert counted(model.price_buckets, asset, now) == of_hand(events, asset, now)
    assert not model.rejected


@given(orders, orders, moments, moments)
def test_a_snapshot_counts_the_same_now_and_after_the_same_events(events, further, now, then):
    model, late = Model(), Model()
    model.apply(events)
    model.price_buckets.of("BTC", now)
    late.apply(wired(model.snapshot()))
    for each in (model, late):
        each.apply(further)
    assert late.price_buckets.figures(then) == model.price_buckets.figures(then)


def order(number, ts, price=100.0):
    return Liquidation(
        ts=ts, venue="okx", symbol=f"A{number}/USDT", side="long", price=price, amount=1.0, usd=1.0 + number % 7
    )


def test_memory_is_bounded_and_no_dollar_lost_inside_a_day():
    part = PriceBuckets(capacity=1_000)
    for number in range(20_000):
        event = order(number % 5, T + number * SECOND, 100 + number % 3)
        part.fold_liquidation(event, round(event.usd * 1e6))
    now = T + 20_000 * SECOND
    assert len(part._rows) < 1_500
    for asset in range(5):
        total = sum(bucket.long_usd for bucket in part.of(f"A{asset}", now))
        assert total == sum(1.0 + n % 5 for n in range(20_000) if n % 5 == asset)
    assert part.figures(now + 2 * DAY) == {}


def test_an_asset_too_many_is_refused_and_the_others_go_on(monkeypatch):
    monkeypatch.setattr("deskmon.model.price_buckets.MAX_ASSETS", 2)
    model = Model()
    model.apply([order(number, T) for number in (1, 2, 3, 1)])
    assert model.rejected == 1
    assert list(model.price_buckets.figures(T)) == ["A1", "A2"]
    assert model.price_buckets.of("A1", T)[0].count == 2


@given(st.integers(-40_000, 40_000))
def test_a_bucket_begins_at_its_edge(bucket):
    low = bucket_edge(bucket)
    assert bucket_of(low) == bucket == bucket_of(low * (1 + STEP / 2))
    assert bucket_of(low * (1 - STEP / 2)) == bucket - 1
    assert isclose(bucket_edge(bucket + 1) / low, exp(STEP))


def test_prices_beyond_the_grid_fall_into_its_last_buckets():
    assert (bucket_of(5e-324), bucket_of(9e307)) == (-BUCKETS // 2, BUCKETS // 2 - 1)
