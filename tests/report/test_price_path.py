"""How a price went over a stretch: extremes, the rebound and the largest day, against a slow look at all candles."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from deskmon.clock import DAY, HOUR, MINUTE
from deskmon.events import Candle
from deskmon.model import Model
from deskmon.report.price_path import close_since, largest_day, price_path

SYMBOL = "BTC/USDT:USDT"
START = 20_500 * DAY
prices = st.lists(st.tuples(st.integers(50, 99), st.integers(100, 150)), min_size=1, max_size=40)


def candles(timeframe, length, start, told):
    return [
        Candle(
            ts=start + (n + 1) * length, venue="binance", symbol=SYMBOL, timeframe=timeframe,
            open_time=start + n * length, open=close, high=high, low=low, close=close, volume=1.0,
        )
        for n, (low, high, close) in enumerate(told)
    ]  # fmt: skip


def folded(events):
    model = Model()
    model.apply(events)
    assert model.rejected == 0
    return model


@given(prices)
def test_extremes_are_those_of_the_candles_of_the_stretch(told):
    model = folded(candles("1m", MINUTE, START, [(low, high, 100.0) for low, high in told]))
    path = price_path(model, SYMBOL, START, START + len(told) * MINUTE)
    lows, highs = ([each[side] for each in told] for side in (0, 1))
    place = lows.index(min(lows))
    assert (path.low.price, path.low.ts) == (min(lows), START + place * MINUTE)
    assert (path.high.price, path.high.ts) == (max(highs), START + highs.index(max(highs)) * MINUTE)
    rebound = max(highs[place + 1 :], default=None)
    assert (path.rebound.price if path.rebound else None) == rebound


def test_what_lies_before_and_after_the_stretch_is_in_nothing():
    told = [(1.0, 999.0, 100.0), (90.0, 110.0, 100.0), (80.0, 120.0, 100.0), (1.0, 999.0, 100.0)]
    model = folded(candles("1m", MINUTE, START, told))
    path = price_path(model, SYMBOL, START + MINUTE, START + 3 * MINUTE - 1)
    assert (path.low.price, path.high.price, path.rebound) == (80.0, 120.0, None)


def test_the_finest_candles_that_reach_back_are_taken():
    hours = candles("1h", HOUR, START, [(70.0, 130.0, 100.0)] * 47 + [(55.0, 130.0, 100.0)])
    minutes = candles("1m", MINUTE, START + 47 * HOUR, [(60.0, 140.0, 100.0)] * 60)
    model = folded([*hours, *minutes])
    end = START + 48 * HOUR
    late, whole = price_path(model, SYMBOL, START + 47 * HOUR, end), price_path(model, SYMBOL, START, end)
    assert (late.low.price, late.high.price) == (60.0, 140.0)
    assert (whole.low.price, whole.high.price) == (55.0, 130.0)


def test_the_median_of_the_last_hours_is_told_of_a_long_stretch_alone():
    told = [(90.0, 110.0, float(n)) for n in range(100, 124)]
    model = folded(candles("1h", HOUR, START, told))
    end = START + 24 * HOUR
    assert price_path(model, SYMBOL, START, end).lately == 121.5
    assert price_path(model, SYMBOL, end - 6 * HOUR, end).lately is None


def test_an_extreme_knows_since_when_there_was_none_like_it():
    days = candles("1d", DAY, START - 20 * DAY, [(50.0 if n == 3 else 90.0, 110.0, 100.0) for n in range(20)])
    minutes = candles("1m", MINUTE, START, [(60.0, 105.0, 100.0)] * 10)
    path = price_path(folded([*days, *minutes]), SYMBOL, START, START + 10 * MINUTE)
    assert path.low.since.last == START - 17 * DAY and path.low.since.extreme == "low"


@given(st.lists(st.integers(50, 150), min_size=3, max_size=30))
def test_the_largest_day_is_the_largest_move_between_closes(closes):
    model = folded(candles("1d", DAY, START, [(float(c), float(c), float(c)) for c in closes]))
    end = START + len(closes) * DAY
    move = largest_day(model, SYMBOL, START + DAY, end)
    moves = [100 * (after / before - 1) for before, after in pairwise(closes)]
    assert abs(move.percent) == max(map(abs, moves)) and move.is_over
    assert move.percent == moves[(move.ts - START) // DAY - 1]
    assert not largest_day(model, SYMBOL, end - DAY, end - 1).is_over


def test_a_price_below_every_close_is_the_lowest_of_all_and_another_is_not():
    model = folded(candles("1d", DAY, START, [(float(c), float(c), float(c)) for c in (100, 80, 90, 95)]))
    now = START + 4 * DAY + HOUR
    assert close_since(model, SYMBOL, 79.0, now).last is None
    assert close_since(model, SYMBOL, 85.0, now).last == START + DAY


def test_nothing_is_known_of_a_symbol_without_candles():
    model = Model()
    assert price_path(model, SYMBOL, START, START + DAY) is None
    assert largest_day(model, SYMBOL, START, START + DAY) is None
