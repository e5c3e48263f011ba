"""Windows of liquidations equal a brute-force computation, whatever the order, the batches and the time asked."""

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.clock import DAY, HOUR, MINUTE, WINDOWS
from deskmon.events import Gap, Journal, Liquidation
from deskmon.model import Model
from deskmon.model.coverage import Silences
from deskmon.model.largest import LargestOrders
from deskmon.model.liquidations import Liquidations
from deskmon.model.rows import Rows
from deskmon.model.tape import Tape
from tests.model.markets import T, arrives, gaps, liquidations, moments, split

HEADER = Journal(version=1, source="recorded", started=T - 30 * DAY)


def liquidation(ts=T, venue="bybit", symbol="BTC/USDT:USDT", side="long", usd=100.0, id=None):
    return Liquidation(ts=ts, venue=venue, symbol=symbol, side=side, price=1.0, amount=usd, usd=usd, id=id)


def windows(events, now=T, header=HEADER):
    model = Model()
    model.apply([header, *events])
    return model.liquidations.figures(now).windows


def distinct(events):
    """Of one venue and id only the first."""
    seen = {}
    for number, event in enumerate(events):
        seen.setdefault(number if event.id is None else (event.venue, event.id), event)
    return list(seen.values())


def asset_of(event):
    return event.symbol.split("/")[0]


def assert_sums(figure, events):
    def close(measured, side=("long", "short")):
        return math.isclose(measured, math.fsum(e.usd for e in events if e.side in side), rel_tol=1e-12, abs_tol=1e-4)

    assert figure.count == len(events)
    assert close(figure.usd) and close(figure.long_usd, "long") and close(figure.short_usd, "short")


def assert_brute_force(figures, events, now):
    for name, length in WINDOWS.items():
        inside = [event for event in distinct(events) if now - length < event.ts <= now]
        figure = figures[name]
        assert_sums(figure, inside)
        assert list(figure.by_venue) == sorted({event.venue for event in inside})
        assert list(figure.by_symbol) == sorted({asset_of(event) for event in inside})
        for venue, sums in figure.by_venue.items():
            assert_sums(sums, [event for event in inside if event.venue == venue])
        for asset, sums in figure.by_symbol.items():
            assert_sums(sums, [event for event in inside if asset_of(event) == asset])


@given(st.lists(arrives(liquidations), max_size=40), st.lists(moments, min_size=1, max_size=6), st.data())
def test_every_window_equals_brute_force_at_any_time_asked(events, asked, data):
    model = Model()
    model.apply([HEADER])
    batches = split(events, data.draw(st.lists(st.integers(0, len(events)), max_size=len(asked))))
    for batch, now in zip(batches, asked, strict=False):
        model.apply(batch)
        model.liquidations.figures(now)
    for batch in batches[len(asked) :]:
        model.apply(batch)
    for now in asked:
        assert_brute_force(model.liquidations.figures(now).windows, events, now)


@given(st.lists(arrives(liquidations), max_size=60), st.lists(moments, min_size=1, max_size=4))
def test_work_in_bulk_gives_the_same_sums(events, asked):
    plain, bulk = Liquidations(Tape(), LargestOrders()), Liquidations(Tape(), LargestOrders())
    bulk.rows = Rows(10_000, bulk=0)
    for part in (plain, bulk):
        part.listen(T)
    for index, event in enumerate(events):
        plain.fold(event)
        bulk.fold(event)
        if index % 20 == 19:
            assert plain.figures(asked[0]) == bulk.figures(asked[0])
    for now in asked:
        assert plain.figures(now) == bulk.figures(now)


@given(st.lists(st.tuples(st.integers(0, 200_000), st.integers(0, 3), st.integers(1, 50)), min_size=1, max_size=80))
def test_rows_that_merge_in_bulk_are_those_that_merge_one_by_one(added):
    plain, bulk = Rows(12), Rows(12, bulk=0)
    for rows in (plain, bulk):
        for ts, key, amount in added:
            if rows.append(T + ts, key, amount):
                rows.compact(T + 200_000)
        rows.sort()
    assert plain.merged == bulk.merged and plain.ts == bulk.ts
    held = [
        sorted(zip(rows.ts, rows.keys, rows.amounts, rows._counts_of(0, len(rows)), strict=True))
        for rows in (plain, bulk)
    ]
    assert held[0] == held[1]


@given(st.lists(liquidations, min_size=30, max_size=300), st.integers(8, 40))
def test_beyond_its_capacity_the_oldest_merge_and_no_dollar_is_lost(events, capacity):
    events = [event for event in events if event.ts > T - 6 * DAY]
    part = Liquidations(Tape(), LargestOrders(), capacity=capacity)
    part.listen(T)
    for event in events:
        part.fold(event)
    now = T + MINUTE
    figure = part.figures(now).windows["7d"]
    assert_sums(figure, distinct(events))
    keys = len({(event.venue, asset_of(event), event.side) for event in events})
    assert len(part.rows) <= max(capacity, keys * 4 * (8 + 2) * 4 / 3 + 1)
    assert figure.resolution_ms <= 6 * HOUR
    late = Liquidations(Tape(), LargestOrders(), capacity=capacity)
    late.restore(part.checkpoint())
    assert late.figures(now).windows == part.figures(now).windows


def test_a_merged_window_is_exact_to_the_resolution_it_states():
    part = Liquidations(Tape(), LargestOrders(), capacity=2_000)
    part.listen(T)
    events = [liquidation(T + step * 500, usd=1.0) for step in range(20_000)]
    for event in events:
        part.fold(event)
    assert len(part.rows) <= 2_000
    now = events[-1].ts
    assert part.figures(now).windows["1m"].resolution_ms == 0
    for name, length in WINDOWS.items():
        figure = part.figures(now).windows[name]
        exact = sum(now - length < event.ts <= now for event in events)
        slack = sum(abs(event.ts - (now - length)) <= figure.resolution_ms for event in events)
        assert abs(figure.count - exact) <= slack
    assert part.figures(now).windows["1h"].resolution_ms > 0
    assert part.figures(now).windows["24h"].usd == 20_000.0


def test_memory_stays_flat_over_hundreds_of_thousands():
    part = Liquidations(Tape(), LargestOrders(), capacity=30_000)
    part.listen(T)
    count = 200_000
    venues = ("bybit", "binance", "okx")
    for step in range(count):
        part.fold(liquidation(T + step * 700, venue=venues[step % 3], usd=0.25, id=str(step)))
    figure = part.figures(T + count * 700).windows["7d"]
    assert len(part.rows) <= 30_000
    assert (figure.count, figure.usd) == (count, count * 0.25)
    assert [sums.count for sums in figure.by_venue.values()] == [66_667, 66_667, 66_666]


def test_a_row_that_arrives_late_lands_in_its_place_in_a_full_store():
    part = Liquidations(Tape(), LargestOrders(), capacity=1_000)
    part.listen(T - 30 * DAY)
    for step in range(5_000):
        part.fold(liquidation(T - 6 * DAY + step * MINUTE, usd=1.0))
        if step % 10 == 0:
            part.fold(liquidation(T - 3 * DAY, usd=2.0))
    assert part.figures(T).windows["7d"].usd == 5_000 + 2 * 500
    assert len(part.rows) <= 1_000


def test_asking_in_between_changes_nothing_even_while_rows_merge():
    asked, unasked = (
        Liquidations(Tape(), LargestOrders(), capacity=500),
        Liquidations(Tape(), LargestOrders(), capacity=500),
    )
    for part in (asked, unasked):
        part.listen(T)
    for step in range(4_000):
        event = liquidation(T + step * 40_000 - (step % 7) * 25_000, side=("long", "short")[step % 2], usd=1.0)
        asked.fold(event)
        unasked.fold(event)
        if step % 37 == 0:
            asked.figures(T + step * 40_000)
    now = T + 4_000 * 40_000
    assert asked.figures(now) == unasked.figures(now)
    assert asked.figures(now - HOUR) == unasked.figures(now - HOUR)


@pytest.mark.parametrize("length", WINDOWS.values())
def test_a_row_on_the_edge_that_comes_after_the_question(length):
    model = Model()
    model.apply([HEADER, liquidation(T - length - 1), liquidation(T - length), liquidation(T - length + 1)])
    before = model.liquidations.figures(T).windows
    model.apply([liquidation(T - length - 1), liquidation(T - length), liquidation(T - length + 1)])
    after = model.liquidations.figures(T).windows
    for name, window in WINDOWS.items():
        assert (before[name].count, after[name].count) == (
            (0, 0) if window < length else (1, 2) if window == length else (3, 6)
        )


def test_both_edges_of_a_window():
    events = [liquidation(T - HOUR), liquidation(T - HOUR + 1), liquidation(T), liquidation(T + 1)]
    assert windows(events)["1h"].count == 2
    assert windows(events, T + 1)["1h"].count == 2
    assert windows(events, T + 1)["4h"].count == 4


def test_an_id_counts_once_per_venue():
    events = [liquidation(id="7"), liquidation(id="7"), liquidation(venue="okx", id="7"), liquidation(), liquidation()]
    figure = windows(events)["1m"]
    assert (figure.by_venue["bybit"].count, figure.by_venue["okx"].count) == (3, 1)


def test_the_last_frames_of_a_burst_sent_again_count_once():
    burst = [liquidation(T - 20_000 + step, id=str(step)) for step in range(20_000)]
    assert windows(burst + burst[-5_000:] + burst)["1m"].count == 20_000


def test_sums_do_not_depend_on_the_order_of_addition():
    events = [liquidation(usd=usd) for usd in (1e9, 0.1, 0.2, 0.3)] * 50
    forth, back = windows(events)["1h"], windows(events[::-1])["1h"]
    assert forth.usd == back.usd == 50_000_000_030.0


def test_sides_and_long_share():
    figure = windows([liquidation(usd=300.0), liquidation(side="short", usd=100.0)])["24h"]
    assert (figure.usd, figure.long_usd, figure.short_usd, figure.long_share) == (400.0, 300.0, 100.0, 0.75)


def test_linear_and_inverse_contracts_of_an_asset_are_one():
    figure = windows([liquidation(), liquidation(symbol="BTC/USD:BTC"), liquidation(symbol="BTC/USDC:USDC")])["1h"]
    assert figure.by_symbol["BTC"].count == 3


def test_nothing_heard_of_is_no_window_and_nothing_liquidated_is_zero():
    assert Model().liquidations.figures(T).windows == {}
    figure = windows([])["1h"]
    assert (figure.usd, figure.count, figure.long_share, figure.by_venue) == (0.0, 0, None, {})


def test_a_desk_warms_up_from_the_start_of_its_journal():
    figures = windows([liquidation()], header=Journal(version=1, source="live", started=T - 2 * HOUR))
    assert not figures["1h"].warming_up
    assert figures["1h"].counts_from == T - HOUR
    assert figures["4h"].warming_up
    assert figures["4h"].counts_from == T - 2 * HOUR


def test_without_a_header_it_warms_up_from_the_first_arrival():
    model = Model()
    model.apply([msgspec.structs.replace(liquidation(T - HOUR), recv=T - 10 * MINUTE), liquidation(T)])
    figures = model.liquidations.figures(T).windows
    assert (figures["5m"].warming_up, figures["15m"].warming_up) == (False, True)
    assert figures["15m"].counts_from == T - 10 * MINUTE


@pytest.mark.parametrize(
    ("venue", "coverage", "bound"),
    [
        ("bybit", "full", False),
        ("bitmex", "full", False),
        ("binance", "sampled", True),
        ("okx", "sampled", True),
        ("htx", "full", False),
        ("gate", "full", False),
        ("bitfinex", "polled", False),
        ("deribit", "inferred", False),
        ("hyperliquid", "inferred", True),
        ("somewhere-new", "sampled", True),
    ],
)
def test_coverage_of_a_venue(venue, coverage, bound):
    figures = windows([liquidation(T - 2 * HOUR, venue=venue)])
    assert figures["4h"].by_venue[venue].coverage == coverage
    assert figures["4h"].lower_bound == bound
    assert not figures["1h"].lower_bound


def gap(since, until, channel="liquidations"):
    return Gap(ts=until, feed="f", venue="bybit", channel=channel, since=since, until=until, dropped=0)


@pytest.mark.parametrize("channel", ["liquidations", "all", "*"])
def test_a_gap_makes_the_windows_it_touches_lower_bounds(channel):
    figures = windows([gap(T - 3 * HOUR, T - 2 * HOUR, channel)])
    assert [figures[name].lower_bound for name in ("1h", "4h", "7d")] == [False, True, True]


def test_a_gap_of_another_channel_touches_nothing():
    assert not windows([gap(T - HOUR, T, "trades")])["4h"].lower_bound


@given(st.lists(gaps, max_size=30), st.lists(st.tuples(moments, st.sampled_from(list(WINDOWS.values()))), max_size=5))
def test_few_or_many_gaps_are_remembered_and_never_fewer(some, asked):
    all_of_them, few = Silences(), Silences(capacity=3)
    for each in some:
        all_of_them.add(each)
        few.add(each)
    for now, length in asked:
        if all_of_them.overlap(now - length, now):
            assert few.overlap(now - length, now)
    assert len(few.checkpoint()) <= 3


@pytest.mark.parametrize("usd", [1e11, 9e17])
def test_a_notional_that_cannot_be_is_rejected_with_a_sample(usd):
    model = Model()
    model.apply([HEADER, liquidation(usd=usd), liquidation()])
    assert model.liquidations.figures(T).windows["1h"].count == 1
    assert model.rejected == 1
    assert "notional" in model.samples[0][1]


def test_orders_of_a_window_newest_first():
    events = [
        liquidation(T - HOUR), liquidation(T - 2, side="short"), liquidation(T - 1, venue="okx"), liquidation(T),
        liquidation(T - 3, symbol="ETH/USDT:USDT"), liquidation(T + 5),
    ]  # fmt: skip
    model = Model()
    model.apply(events)

    def held(**wanted):
        return [event.ts - T for event in model.liquidations.orders(T, HOUR, **wanted)]

    assert held() == [0, -1, -2, -3]
    assert held(venue="bybit") == [0, -2, -3]
    assert held(symbol="BTC") == held(symbol="BTC/USDT:USDT") == [0, -1, -2]
    assert held(side="short") == [-2]
    assert held(limit=2) == [0, -1]
