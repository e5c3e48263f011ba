"""The largest orders are held as long as a window shows them, exactly, and no more than that."""

from __future__ import annotations

import json
from random import Random

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from deskmon.analytics.skyband import Skyband
from deskmon.clock import DAY, HOUR, WINDOWS
from deskmon.events import Liquidation
from deskmon.model.largest import GROUPS, PLACES, LargestOrders

T = 1_767_614_400_000


def order(ts, usd, venue="bybit", asset="BTC", price=100.0):
    return Liquidation(
        ts=ts, venue=venue, symbol=f"{asset}/USDT:USDT", side="long", price=price, amount=usd / price, usd=usd
    )


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 30)), max_size=120),
    st.integers(1, 4),
    st.integers(0, 70),
    st.integers(1, 30),
)
def test_of_every_window_that_ends_now_the_largest_are_held_in_whatever_order_they_come(items, depth, length, batch):
    band = Skyband(depth)
    entries = [(ts, size, number) for number, (ts, size) in enumerate(items)]
    for first in range(0, len(entries), batch):
        band.extend(entries[first : first + batch])
    now = max((ts for ts, _ in items), default=0)
    held = [items[number][1] for number in band.within(now - length, now)]
    wanted = sorted((size for ts, size in items if now - length < ts <= now), reverse=True)
    assert held[:depth] == wanted[:depth]


def busy(count, seed=1):
    rng = Random(seed)
    for number in range(count):
        yield order(
            T + number * 30_000 + rng.randrange(20_000), rng.paretovariate(1.1) * 1_000, rng.choice(("bybit", "okx")),
            rng.choice(("BTC", "ETH", "SOL")), 100 + rng.gauss(0, 5),
        )  # fmt: skip


def test_each_venue_asset_window_and_price_has_its_largest():
    held, orders = LargestOrders(), [*busy(12_000)]
    for each in orders:
        held.fold(each)
    now = max(each.ts for each in orders)
    for name, length in WINDOWS.items():
        for venue, asset, count in (("", "", 20), ("okx", "", 10), ("", "ETH", 10), ("bybit", "SOL", 3)):
            wanted = sorted(
                (each for each in orders if now - length < each.ts <= now and (not venue or each.venue == venue)
                 and (not asset or each.symbol.startswith(asset))), key=lambda each: -each.usd,
            )  # fmt: skip
            found = held.of(now - length, now, venue=venue, asset=asset)
            assert found[:count] == wanted[:count], (name, venue, asset)
    for low in range(90, 110):
        there = [
            o for o in orders if now - DAY + 4 * HOUR < o.ts and o.symbol.startswith("BTC") and low <= o.price < low + 1
        ]
        found = held.of(now - DAY, now, asset="BTC", low=low, high=low + 1)
        assert bool(found) >= bool(there), "a price at which something was liquidated has an order"


def test_a_checkpoint_knows_the_same_and_is_json():
    held, again = LargestOrders(), LargestOrders()
    orders = [*busy(3_000)]
    for each in orders:
        held.fold(each)
    again.restore(json.loads(msgspec.json.encode(held.checkpoint())))
    for each in busy(200, seed=2):
        held.fold(each)
        again.fold(each)
    now = max(each.ts for each in orders)
    assert held.of(0, now) == again.of(0, now)
    assert msgspec.json.encode(held.checkpoint()) == msgspec.json.encode(again.checkpoint())


def test_what_is_held_is_bounded_and_what_is_too_old_leaves():
    held = LargestOrders()
    for number in range(6_000):
        held.fold(order(T + number, 1_000.0 + number, f"v{number % 7}", f"A{number}", 1.0 + number))
    assert len(held._groups) <= GROUPS and len(held._places) <= PLACES
    for number in range(5_000):
        held.fold(order(T + 8 * DAY + number, 10.0))
    assert not held.of(T - 1, T + DAY) and len(held._groups) < 10 and len(held._places) < 10
