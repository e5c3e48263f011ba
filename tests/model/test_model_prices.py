"""Prices: the newest quote of each venue, changes against the price a window ago, highs, lows, reference venue."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.clock import DAY, HOUR, MINUTE
from deskmon.events import Candle, Ticker
from deskmon.model.candles import Candles
from deskmon.model.day_values import DayValues
from deskmon.model.prices import AHEAD, Prices, timeframe_ms
from deskmon.model.returns import Returns
from deskmon.model.series import Series
from deskmon.model.track import MINUTES, STEP, STEPS, Track
from tests.model.markets import T

BTC = "BTC/USDT:USDT"


def ticker(ts=T, last=100.0, venue="bybit", symbol=BTC, **more):
    return Ticker(ts=ts, venue=venue, symbol=symbol, last=last, **more)


def candle(open_time, close, timeframe="1h", ts=None, venue="bybit", high=None, low=None, recv=None):
    return Candle(
        ts=open_time if ts is None else ts, recv=recv, venue=venue, symbol=BTC, timeframe=timeframe,
        open_time=open_time, open=close, high=high or close, low=low or close, close=close, volume=1.0,
    )  # fmt: skip


def prices(*events):
    part = Prices(Returns(Candles()), DayValues())
    for event in events:
        part.fold(event)
    return part


def figure(*events, now=T):
    return prices(*events).figures(now)[BTC]


def test_the_newest_quote_wins_whatever_arrives_last():
    shown = figure(ticker(T, 100.0), ticker(T - 1, 99.0))
    assert (shown.last, shown.age_ms) == (100.0, 0)
    assert figure(ticker(T - 1, 99.0), ticker(T, 100.0), now=T + 5_000).age_ms == 5_000


def test_of_two_quotes_of_one_time_the_later_arrival_wins():
    shown = figure(ticker(T, 100.0, bid=1.0), ticker(T, 101.0, bid=2.0)).venues["bybit"]
    assert (shown.last, shown.bid) == (101.0, 2.0)


def test_the_range_of_a_day_candle_is_no_24_hour_range():
    hours = [candle(T - (hour + 1) * HOUR, 100.0, high=110.0, low=90.0) for hour in range(24)]
    shown = figure(*hours, candle(T - 25 * HOUR, 100.0, "1d", high=500.0, low=1.0), ticker())
    assert (shown.high_24h, shown.low_24h) == (110.0, 90.0)


def test_a_field_left_out_keeps_its_value_and_a_late_one_never_replaces_a_newer():
    shown = figure(
        ticker(T - 30, bid=1.0, ask=2.0, mark=3.0, index=4.0), ticker(T, 100.0, mark=33.0),
        ticker(T - 10, bid=11.0, mark=31.0),
    ).venues["bybit"]  # fmt: skip
    assert (shown.bid, shown.ask, shown.mark, shown.index) == (11.0, 2.0, 33.0, 4.0)


@given(st.permutations(range(8)))
def test_the_quote_does_not_depend_on_the_order_of_arrival(order):
    quotes = [
        ticker(
            T + step, 100.0 + step, bid=1.0 + step if step % 2 else None, mark=2.0 + step if step % 3 else None,
            high_24h=200.0 + step if step % 4 == 0 else None,
        )
        for step in range(8)
    ]  # fmt: skip
    part = prices(*(quotes[index] for index in order))
    assert part.figures(T + 8) == prices(*quotes).figures(T + 8)
    assert part.figures(T + 8)[BTC].venues["bybit"].bid == 8.0


def test_a_venue_whose_clock_runs_ahead_does_not_block_itself():
    shown = figure(ticker(T + HOUR, 100.0, recv=T), ticker(T + HOUR - 500, 101.0, recv=T + 100), now=T + 100)
    assert (shown.last, shown.age_ms) == (101.0, 0)


@given(
    st.lists(st.tuples(st.integers(0, 8 * DAY), st.floats(1.0, 1e5)), min_size=1, max_size=60),
    st.randoms(use_true_random=False),
)
def test_changes_are_against_the_price_a_window_ago(ticks, rng):
    """Brute force over the last tick of each minute, which is what a minute series knows."""
    rng.shuffle(ticks)
    ticks = list({ago: (ago, last) for ago, last in ticks}.values())
    shown = figure(*(ticker(T - ago, last) for ago, last in ticks))
    closes = {}
    for ago, last in sorted(ticks, reverse=True):
        closes[(T - ago) // MINUTE] = (T - ago, last)
    last = min(ticks)[1]
    assert shown.last == last
    for name, length, tolerance in (("1h", HOUR, 5 * MINUTE), ("24h", DAY, HOUR), ("7d", 7 * DAY, 2 * HOUR)):
        earlier = [(ts, close) for ts, close in closes.values() if ts <= T - length]
        ts, close = max(earlier, default=(0, 0.0))
        age = min(ticks)[0]
        if T - length - ts > tolerance + (age if age <= length / 4 else 0):
            assert shown.change_pct[name] is None
        else:
            assert math.isclose(shown.change_pct[name], (last / close - 1) * 100, abs_tol=1e-9)


def test_a_market_with_a_price_each_ten_minutes_has_a_change_of_an_hour_at_each_minute():
    quotes = [ticker(T - 10 * MINUTE * n, 100.0 - n) for n in range(12)]
    part = prices(*reversed(quotes))
    for minute in range(10):
        [shown] = part.figures(T + minute * MINUTE).values()
        assert shown.change_pct["1h"] == pytest.approx((100 / 94 - 1) * 100)
    silent = part.figures(T + 16 * MINUTE)[BTC]
    assert silent.change_pct["1h"] is None, "the last price is too old to be one of each ten minutes"


def test_candles_give_the_past_before_the_first_tick():
    history = [candle(T - (hour + 1) * HOUR, 200.0 - hour) for hour in range(7 * 24 + 1)]
    shown = figure(*history, ticker(T, 220.0))
    assert shown.change_pct == {
        "1h": pytest.approx((220 / 199 - 1) * 100),
        "24h": pytest.approx((220 / 176 - 1) * 100),
        "7d": pytest.approx((220 / 32 - 1) * 100),
    }


def test_a_candle_never_overwrites_a_tick_and_still_widens_the_range():
    day = [candle(T - (hour + 1) * HOUR, 100.0) for hour in range(24)]
    minute = T - HOUR - MINUTE
    events = [*day, ticker(minute + 5_000, 90.0), candle(minute, 95.0, "1m", high=130.0, low=80.0), ticker(T, 99.0)]
    for order in (events, events[::-1]):
        shown = figure(*order)
        assert shown.change_pct["1h"] == pytest.approx(10.0)
        assert (shown.high_24h, shown.low_24h) == (130.0, 80.0)


def test_an_unfinished_candle_is_a_price_of_its_own_time():
    part = prices(candle(T - 30 * MINUTE, 50.0, ts=T - 10 * MINUTE), candle(T - 30 * MINUTE, 40.0, recv=T - 5 * MINUTE))
    assert part.figures(T)[BTC].age_ms == 5 * MINUTE
    assert part.sparkline_values(BTC, T, 20 * MINUTE, 20) == [50.0] * 5 + [40.0] * 6


def test_without_a_tick_the_newest_candle_is_the_price():
    shown = figure(candle(T - 2 * HOUR, 50.0), candle(T - 3 * HOUR, 40.0))
    assert (shown.last, shown.age_ms) == (50.0, HOUR + 1)


def test_the_venues_own_day_stands_in_while_the_desk_is_young():
    shown = figure(ticker(open_24h=80.0, high_24h=125.0, low_24h=75.0))
    assert shown.change_pct == {"1h": None, "24h": pytest.approx(25.0), "7d": None}
    assert (shown.high_24h, shown.low_24h) == (125.0, 75.0)
    assert shown.drawdown_pct == pytest.approx(-20.0)


def test_a_young_desk_without_the_venues_day_knows_no_high():
    shown = figure(ticker(T - HOUR, 120.0), ticker(T, 100.0))
    assert (shown.high_24h, shown.low_24h, shown.drawdown_pct) == (None, None, None)


def test_the_high_is_never_below_the_last():
    assert figure(ticker(T - MINUTE, high_24h=125.0), ticker(T, 126.0)).high_24h == 126.0


def test_statistics_of_yesterday_are_not_todays():
    shown = figure(ticker(T - 2 * HOUR, open_24h=80.0, high_24h=125.0), ticker(T))
    assert (shown.change_pct["24h"], shown.high_24h) == (None, None)


def test_the_reference_is_the_first_venue_by_rank_that_is_fresh():
    quotes = [
        ticker(venue=venue, last=float(place))
        for place, venue in enumerate(("okx", "aster", "binance", "bybit"), start=1)
    ]
    assert figure(*quotes).venue == "binance"
    assert figure(ticker(T - 2 * MINUTE, venue="binance"), ticker(venue="aster"), ticker(venue="okx")).venue == "okx"
    assert figure(ticker(venue="zeta"), ticker(venue="aster")).venue == "aster"
    assert figure(ticker(T - MINUTE, venue="binance"), ticker(venue="okx")).venue == "binance"
    stale = figure(ticker(T - 3 * MINUTE, venue="binance"), ticker(T - 2 * MINUTE, venue="zeta"))
    assert (stale.venue, stale.age_ms) == ("zeta", 2 * MINUTE)


def test_price_and_sparkline_of_an_unknown_symbol():
    assert prices().price(BTC) is None
    assert prices().sparkline_values(BTC, T, HOUR, 10) == []
    assert prices(ticker()).price(BTC) == 100.0


def test_a_sparkline_carries_prices_on_and_leaves_out_what_came_before():
    part = prices(ticker(T - 30 * MINUTE, 10.0), ticker(T - 10 * MINUTE, 30.0), ticker(T, 40.0))
    assert part.sparkline_values(BTC, T, HOUR, 6) == [10.0, 10.0, 30.0, 40.0]


@pytest.mark.parametrize("name", ["", "m", "0m", "1x", "-1m", "1.5h", "²m"])
def test_an_unknown_timeframe_is_refused(name):
    with pytest.raises(ValueError, match="timeframe"):
        timeframe_ms(name)


def test_timeframes():
    assert [timeframe_ms(name) for name in ("1m", "15m", "4h", "1d", "1w")] == [
        MINUTE, 15 * MINUTE, 4 * HOUR, DAY, 7 * DAY,
    ]  # fmt: skip


@given(st.lists(st.integers(0, 1_000), max_size=300))
def test_a_series_holds_its_newest_slots_in_order(times):
    series, newest = Series(10, 16, 1), -1
    for ts in times:
        index, new = series.place(ts)
        newest = max(newest, ts // 10)
        assert (index < 0) == (ts // 10 <= newest - 16)
        if index >= 0:
            assert series.ts[index] // 10 == ts // 10
            series.columns[0][index] += 1
        assert not new or series.columns[0][index] == 1
    slots = [ts // 10 for ts in series.ts]
    assert slots == sorted(set(slots))
    assert {ts // 10 for ts in times if ts // 10 > newest - 16} <= set(slots)
    assert not slots or slots[0] > newest - 18
    counts = dict(zip(slots, series.columns[0], strict=True))
    late = [slot for slot in counts if slot > newest - 16]
    assert all(counts[slot] <= sum(ts // 10 == slot for ts in times) for slot in late)


@given(
    st.lists(st.tuples(st.integers(0, 7 * 1_440), st.floats(1, 9)), min_size=1, max_size=60), st.integers(0, 7 * 1_440)
)
def test_a_track_knows_the_price_of_any_time_of_a_week_and_of_a_day_to_the_minute(rows, minute):
    track, ticks = Track(), {}
    for at, price in sorted(rows):
        ticks[T + at * MINUTE] = price
        track.add(T + at * MINUTE, price, price, price, True)
    then, newest = T + minute * MINUTE, max(ticks)
    before = [ts for ts in ticks if ts <= then]
    known = track.at(then)
    if not before:
        assert known is None
    elif then >= newest - DAY and max(before) >= newest - DAY:
        assert known == (max(before), ticks[max(before)])
    else:
        assert known is None or known[1] == ticks[known[0]]
        assert known is not None or all(ts // STEP == then // STEP for ts in before)
        assert known is None or max(before) - known[0] < STEP


@given(
    st.lists(
        st.tuples(
            st.sampled_from((-MINUTE, -1, 0, 1, 7_000, MINUTE, 31 * MINUTE)), st.integers(1, 9), st.booleans(),
            st.booleans(),
        )
    )
)  # fmt: skip
def test_a_tick_that_falls_into_the_newest_minute_counts_as_any_other(steps):
    quick, plain, ts = Track(), Track(), T
    for step, price, is_candle, is_looked_at in steps:
        ts += step
        if is_candle:
            for track in (quick, plain):
                track.add(ts, price, price + 1.0, price - 1.0, False)
        else:
            quick.add_tick(ts, price)
            plain.add(ts, price, price, price, True)
        if is_looked_at:
            assert (quick.newest, quick.at(ts - 1)) == (plain.newest, plain.at(ts - 1))
            assert quick.checkpoint() == plain.checkpoint()
    assert quick.checkpoint() == plain.checkpoint()


def test_a_week_takes_bounded_room_however_long_it_is_folded():
    track = Track()
    for minute in range(3 * 7 * 1_440):
        track.add(T + minute * MINUTE, 1.0, 1.0, 1.0, True)
    assert MINUTES <= len(track.minutes) <= MINUTES * 17 // 16 + 1
    assert STEPS <= len(track.past) <= STEPS * 17 // 16 + 1
    sparse = Track()
    for hour in range(3 * 7 * 24):
        sparse.add(T + hour * HOUR, 1.0, 1.0, 1.0, True)
    assert len(sparse.minutes) <= 27 and len(sparse.past) <= 181, "bounded by time, not only by number"


def test_a_candle_of_the_future_pushes_nothing_out():
    part = prices(ticker(T, 50.0))
    future = candle(T + 2 * AHEAD, 60.0, ts=T)
    with pytest.raises(ValueError, match="arrival"):
        part.fold(future)
    assert part.price(BTC) == 50.0
