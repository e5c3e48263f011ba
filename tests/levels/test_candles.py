"""Candles: what venues tell, coarser ones made of finer ones, ticks between them, in any order."""

import json

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.clock import DAY, HOUR, MINUTE, SECOND
from deskmon.events import Candle, Ticker
from deskmon.events.columns import as_text
from deskmon.model import Model
from deskmon.model.candles import GRACE, SILENCE, Candles
from deskmon.model.market_candles import CAPACITY, UNTOLD
from tests.levels.builders import T

BTC = "BTC/USDT:USDT"


def candle(start, close, *, timeframe="1m", length=MINUTE, venue="okx", ts=None, high=None, low=None, volume=1.0):
    return Candle(
        ts=start + length if ts is None else ts, venue=venue, symbol=BTC, timeframe=timeframe, open_time=start,
        open=close, high=high or close, low=low or close, close=close, volume=volume,
    )  # fmt: skip


def tick(ts, last, venue="okx"):
    return Ticker(ts=ts, venue=venue, symbol=BTC, last=last)


def folded(*events):
    part = Candles()
    for event in events:
        part.fold(event)
    return part


def held(part, timeframe):
    return list(zip(*(column.tolist() for column in part.series(BTC, timeframe)), strict=True))


minutes = st.lists(
    st.tuples(st.integers(0, 700), st.integers(90, 110), st.integers(0, 5), st.integers(0, 5), st.integers(0, 9)),
    unique_by=lambda row: row[0], min_size=1, max_size=40,
)  # fmt: skip


@given(minutes, st.randoms(use_true_random=False), st.sampled_from([("5m", 5), ("15m", 15), ("1h", 60), ("1d", 1440)]))
def test_coarser_candles_are_made_of_finer_ones_whatever_their_order(rows, rng, frame):
    name, count = frame
    rows = sorted(rows)
    events = [
        candle(T + n * MINUTE, float(close), high=float(close + up), low=float(close - down), volume=float(volume))
        for n, close, up, down, volume in rows
    ]
    expected = []
    for slot in sorted({n // count for n, *_ in rows}):
        mine = [row for row in rows if row[0] // count == slot]
        expected.append((
            T + slot * count * MINUTE, float(mine[0][1]), float(max(row[1] + row[2] for row in mine)),
            float(min(row[1] - row[3] for row in mine)), float(mine[-1][1]), float(sum(row[4] for row in mine)),
        ))  # fmt: skip
    assert held(folded(*events), name) == expected
    rng.shuffle(events)
    part = Candles()
    for event in events:
        part.fold(event)
        if rng.random() < 0.3:
            part.series(BTC, "1d")
    assert held(part, name) == expected


def test_the_venue_s_own_candle_counts_and_what_is_finer_and_later_is_added():
    part = folded(candle(T, 100.0, timeframe="1h", length=HOUR, ts=T + 30 * MINUTE, high=105.0, low=99.0, volume=50.0))
    for minute in (10, 40):
        part.fold(candle(T + minute * MINUTE, 101.0 + minute, volume=2.0))
    assert held(part, "1h") == [(T, 100.0, 141.0, 99.0, 141.0, 52.0)]
    part.fold(candle(T, 102.0, timeframe="1h", length=HOUR, high=142.0, low=98.0, volume=70.0))
    part.fold(candle(T + 50 * MINUTE, 500.0))
    assert held(part, "1h") == [(T, 102.0, 142.0, 98.0, 102.0, 70.0)]
    part.fold(candle(T, 100.0, timeframe="1h", length=HOUR, ts=T + 31 * MINUTE))
    assert held(part, "1h")[0][4] == 102.0


def test_ticks_make_candles_where_no_venue_tells_any():
    part = folded(*(tick(T + n * 20 * SECOND, 100.0 + n % 7) for n in range(300)))
    assert len(held(part, "1m")) == 100
    first, second = held(part, "1h")
    assert first[1:] == (100.0, 106.0, 100.0, 104.0, 0.0) and second[0] == T + HOUR
    assert held(part, "1m")[0] == (T, 100.0, 102.0, 100.0, 102.0, 0.0)


def test_a_tick_never_changes_a_candle_that_its_venue_has_finished():
    part = folded(candle(T, 100.0), tick(T + 30 * SECOND, 200.0), tick(T + 2 * MINUTE, 101.0))
    assert held(part, "1m") == [(T, 100.0, 100.0, 100.0, 100.0, 1.0), (T + 2 * MINUTE, 101.0, 101.0, 101.0, 101.0, 0.0)]


def test_a_candle_has_closed_when_its_venue_says_so_or_a_little_later():
    part = folded(tick(T + 59 * MINUTE, 100.0))
    assert part.closed(BTC, "1h", T + HOUR) == 0
    assert part.closed(BTC, "1h", T + HOUR + GRACE) == T + HOUR
    part.fold(candle(T, 100.0, timeframe="1h", length=HOUR))
    assert part.closed(BTC, "1h", T + HOUR) == T + HOUR
    assert part.closed("ETH/USDT", "1h", T) == 0


def test_the_venue_with_the_longest_series_that_still_comes_is_asked():
    long = [candle(T + n * HOUR, 100.0, timeframe="1h", length=HOUR, venue="okx") for n in range(100)]
    short = [candle(T + n * HOUR, 200.0, timeframe="1h", length=HOUR, venue="binance") for n in range(90, 100)]
    gone = [candle(T + n * HOUR, 300.0, timeframe="1h", length=HOUR, venue="bybit") for n in range(-200, 90)]
    part = folded(*long, *short, *gone)
    assert part.series(BTC, "1h").close[-1] == 100.0
    assert part.series(BTC, "1h", "binance").number == 10
    with pytest.raises(KeyError):
        part.series(BTC, "3h")


def test_other_timeframes_are_left_out_and_odd_candles_put_right():
    part = folded(candle(T, 100.0, timeframe="3m", length=3 * MINUTE))
    assert held(part, "1m") == []
    part.fold(candle(T, 100.0, high=90.0, low=95.0))
    assert held(part, "1m") == [(T, 100.0, 100.0, 95.0, 100.0, 1.0)]
    with pytest.raises(ValueError, match="timeframe"):
        part.fold(candle(T, 100.0, timeframe="soon"))


def test_only_so_many_are_held_the_newest():
    count = CAPACITY["1m"] + 500
    part = folded(*(candle(T + n * MINUTE, 100.0 + n) for n in range(count)), candle(T, 7.0))
    series = part.series(BTC, "1m")
    assert CAPACITY["1m"] <= series.number <= CAPACITY["1m"] * 17 // 16 + 1
    assert series.close[-1] == 99.0 + count and series.close.min() > 100.0
    hours = part.series(BTC, "1h")
    assert hours.number == -(-count // 60) and hours.volume.sum() == count


@given(minutes, st.integers(0, 40))
def test_a_checkpoint_is_all_of_it(rows, cut):
    events = [candle(T + n * MINUTE, float(close), volume=float(volume)) for n, close, _, _, volume in rows]
    events += [tick(T + n * MINUTE + 7 * SECOND, float(close + up)) for n, close, up, _, _ in rows]
    part = folded(*events[:cut])
    late = Candles()
    late.restore(json.loads(msgspec.json.encode(part.checkpoint(), enc_hook=as_text)))
    for event in events[cut:]:
        part.fold(event)
        late.fold(event)
    for name in CAPACITY:
        assert held(late, name) == held(part, name)


def test_the_model_folds_candles_and_prices_into_it():
    model = Model()
    model.apply([candle(T, 100.0, timeframe="1d", length=DAY), tick(T + DAY, 101.0), tick(T + 2 * DAY, 102.0)])
    assert model.candles.symbols == [BTC]
    assert model.candles.figures(T + 2 * DAY)[BTC] == list(CAPACITY)
    assert model.candles.series(BTC, "1d").close.tolist() == [100.0, 101.0, 102.0]
    assert model.revisions["candles"] > 0 and isinstance(model.candles.series(BTC, "1d").time, np.ndarray)


def test_prices_make_candles_on_one_venue_of_a_symbol_at_a_time():
    part = folded(
        *(tick(T + n * SECOND, 100.0, venue) for n, venue in enumerate(("htx", "bybit", "okx", "binance") * 50))
    )
    assert part.series(BTC, "1m", "binance").number > 0
    assert part.series(BTC, "1m", "okx").number == 0, "bybit had spoken before it"
    gone = T + 200 * SECOND
    for minute in range(1, 40):
        part.fold(tick(gone + minute * MINUTE, 200.0, "okx"))
        part.fold(tick(gone + minute * MINUTE + SECOND, 200.0, "htx"))
    okx = part.series(BTC, "1m", "okx")
    assert SILENCE - MINUTE <= okx.time[0] - gone <= SILENCE + MINUTE, "binance is silent: the next takes over"
    assert part.series(BTC, "1m", "htx").number <= 1
    assert part.series(BTC, "1m").time[-1] == okx.time[-1]
    part.fold(tick(gone + HOUR, 300.0, "binance"))
    part.fold(tick(gone + HOUR, 300.0, "okx"))
    assert part.series(BTC, "1m", "binance").close[-1] == 300.0 and part.series(BTC, "1m", "okx").close[-1] == 200.0


def test_a_venue_that_tells_candles_gets_its_prices_and_more_room_whoever_leads():
    part = folded(tick(T, 100.0, "binance"), candle(T - HOUR, 90.0, venue="kraken"), tick(T + SECOND, 95.0, "kraken"))
    assert part.series(BTC, "1m", "kraken").close.tolist() == [90.0, 95.0]
    for n in range(2 * CAPACITY["1m"]):
        part.fold(tick(T + n * MINUTE, 100.0, "binance"))
        part.fold(tick(T + n * MINUTE, 100.0, "kraken"))
    assert UNTOLD["1m"] <= part.series(BTC, "1m", "binance").number <= UNTOLD["1m"] * 17 // 16 + 1
    assert CAPACITY["1m"] <= part.series(BTC, "1m", "kraken").number <= CAPACITY["1m"] * 17 // 16 + 1


def test_a_candle_of_the_future_is_refused():
    with pytest.raises(ValueError, match="arrival"):
        folded(candle(T + DAY, 100.0, ts=T))


def test_a_venue_that_was_passed_over_has_its_prices_once_it_tells_candles():
    part = folded(*(tick(T + n * SECOND, 100.0, venue) for n, venue in enumerate(("binance", "okx") * 5)))
    assert part.series(BTC, "1m", "okx").number == 0
    part.fold(candle(T, 100.0, venue="okx"))
    part.fold(tick(T + 2 * MINUTE, 300.0, "okx"))
    assert part.series(BTC, "1m", "okx").close[-1] == 300.0
