"""Levels of the model: the same wherever the same candles are held, moved by closes and new sources alone."""

import itertools
import json
import math
from concurrent.futures import Future
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskmon.analytics.bars import DAY, average_true_ranges, coarser
from deskmon.analytics.level_settings import LevelSettings, Pinned, Weights
from deskmon.analytics.level_sources import batches
from deskmon.analytics.level_values import Outside
from deskmon.analytics.levels import level_map
from deskmon.clock import HOUR, MINUTE, SECOND
from deskmon.desk.late_finder import LateFinder
from deskmon.events import (
    Book,
    Level,
    Liquidation,
    Option,
    PinnedLevel,
    Ticker,
    VolatilityIndex,
    decode_event,
    encode_event,
)
from deskmon.hub.level_announcer import LevelAnnouncer
from deskmon.model import Model
from tests.length import examples
from tests.levels.builders import EMPTY, T, bars, candles, pinned_model, walk

BTC = "BTC/USDT:USDT"
ALONE = Weights(**{name: 0.0 for name in Weights.__struct_fields__ if name != "pin"})
PLAIN = LevelSettings()


def found(held, settings=PLAIN, **more):
    return level_map(held, EMPTY, held, HOUR, settings, **more)


def sources(held, settings=PLAIN):
    """(text, price) of all sources but those that don't depend on the newest candles."""
    today = (int(held.time[-1]) + HOUR) // DAY * DAY
    days = coarser(held, DAY)
    days = days.cut(0, int(days.time.searchsorted(today)))
    price = float(days.close[-1]) if days.number else float(held.open[0])
    made = batches(held, days, today, price, found(held).tolerance, settings, Outside(), [])
    return {(batch.text, float(each)) for batch in made for each in batch.prices}


def model_of(held, *more, levels=None):
    model = pinned_model(levels or PLAIN)
    model.apply([*candles(held), *more])
    assert not model.rejected, list(model.samples)
    return model


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(200, 400))
def test_levels_stand_in_order_and_never_overlap(seed, hours):
    levels = found(walk(seed, hours)).levels
    assert levels
    for below, above in itertools.pairwise(levels):
        assert below.zone.low <= below.zone.high < above.zone.low <= above.zone.high


@examples(3, 12)
@given(st.integers(0, 10_000))
def test_a_candle_moves_no_zone_unless_a_source_appeared(seed):
    held = walk(seed, 360)
    still = 0
    for count in range(330, 360):
        before, after = held.cut(0, count), held.cut(0, count + 1)
        if not sources(after) - sources(before):
            still += 1
            zones = {level.zone.id: level.zone for level in found(before).levels}
            for level in found(after).levels:
                old = zones.get(level.zone.id, level.zone)
                assert (
                    abs(level.zone.low - old.low) <= old.tolerance and abs(level.zone.high - old.high) <= old.tolerance
                )
                assert level.zone == old
    assert still > 5


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.floats(0.5, 1.5))
def test_a_status_needs_a_close(seed, wick):
    """However far an unfinished candle and ticks go, only `testing` may come of it."""
    held = walk(seed, 240)
    now = int(held.time[-1]) + HOUR
    model = model_of(held)
    before = {level.id: level.status for level in model.levels.of(BTC, now)}
    model.apply([Ticker(ts=now + 30 * MINUTE, venue="binance", symbol=BTC, last=float(held.close[-1]) * wick)])
    for level in model.levels.of(BTC, now + 40 * MINUTE):
        assert level.status in (before[level.id], "testing")


def test_a_price_nearby_tests_a_zone_before_any_close():
    held = bars([100_000.0] * 48)
    now = int(held.time[-1]) + HOUR
    pinned = LevelSettings(weights=ALONE, pins=(Pinned(symbol="BTC", price=90_000.0, label="here"),))
    model = model_of(held, Ticker(ts=now, venue="binance", symbol=BTC, last=90_200.0), levels=pinned)
    [level] = model.levels.of(BTC, now + MINUTE)
    assert (level.status, level.status_since, level.kind) == ("testing", now, "support")
    assert level.distance_pct == pytest.approx((90_000 / 90_200 - 1) * 100)
    model.apply([Ticker(ts=now + MINUTE, venue="binance", symbol=BTC, last=95_000.0)])
    assert model.levels.of(BTC, now + MINUTE)[0].status == "holding"


def path(noise, rng):
    """Closes that break a level at 100,000, retest it from below and reclaim it; the tolerance is 250."""
    turns = [(103_000, 12), (103_000, 60), (97_000, 40), (97_000, 5), (99_900, 30), (103_500, 40), (103_500, 3)]
    closes, here = [], 103_000.0
    for there, steps in turns:
        closes += [here + (there - here) * step / steps for step in range(1, steps + 1)]
        here = there
    return bars([close + 250 * noise * rng.uniform(-1, 1) for close in closes])


@examples(4, 25)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.5]))
def test_break_retest_and_reclaim_are_events_once_each(seed, noise):
    settings = LevelSettings(
        weights=ALONE, tolerance_atr=0.0, pins=(Pinned(symbol="BTC", price=100_000.0, label="must hold"),)
    )
    said = announced(path(noise, Random(seed)), settings)
    assert [event.status for event in said] == ["testing", "broken", "testing", "reclaimed"]
    assert [event.kind for event in said] == ["support", "resistance", "resistance", "support"]
    assert {(event.id, event.label, event.low, event.high) for event in said} == {
        ("pin 100000", "must hold", 100_000.0, 100_000.0)
    }
    assert said[1].close < 100_000 - 125 and said[3].close > 100_000 + 125
    assert all(event.ts % HOUR == 0 and event.recv == event.ts for event in said)
    assert [decode_event(encode_event(event)) for event in said] == said


def wild(rng):
    """The same about a market whose range, and with it the tolerance, is another each day: closes with noise of half
    the least tolerance, and that (dollars). What happens falls on any hour, before midnight and after."""
    warm = 24 * 16 + rng.randrange(24)
    turns = [(108_000, warm), (92_000, 30 + rng.randrange(30)), (92_000, 2 + rng.randrange(28)),
             (99_900, 20 + rng.randrange(30)), (108_000, 30 + rng.randrange(20))]  # fmt: skip
    closes, here = [], 108_000.0
    for there, steps in turns:
        closes += [here + (there - here) * step / steps for step in range(1, steps + 1)]
        here = there
    reach = [rng.uniform(750, 2_500) for _ in range(len(closes) // 24 + 1)]
    noise, least = [rng.uniform(-0.5, 0.5) for _ in closes], 250.0
    for _ in range(8):  # the noise is part of the range that it is measured by
        shaken = [close + least * each for close, each in zip(closes, noise, strict=True)]
        held = bars([
            (close, close + reach[hour // 24], close - reach[hour // 24], close, 1.0)
            for hour, close in enumerate(shaken)
        ])  # fmt: skip
        days = coarser(held, DAY)
        ranges = average_true_ranges(days)[14:]
        least = float(ranges.min()) * 0.25 * 0.9
    assert 250 < least < float(ranges.max()) * 0.25
    return held, warm, least


@examples(4, 30)
@given(st.integers(0, 100_000), st.booleans())
def test_so_they_are_where_the_tolerance_follows_the_range_whatever_else_is_near(seed, alone):
    """With and without the other sources, which make the zone wider meanwhile."""
    held, warm, least = wild(Random(seed))
    pinned = (Pinned(symbol="BTC", price=100_000.0, label="must hold"),)
    said = announced(held, LevelSettings(weights=ALONE if alone else Weights(), pins=pinned), warm)
    said = [event for event in said if event.label == "must hold"]
    assert [event.status for event in said] == ["testing", "broken", "testing", "reclaimed"]
    assert said[1].close < 100_000 - least / 2 and said[3].close > 100_000 + least / 2
    assert len({event.ts // DAY for event in said}) > 1


def announced(held, settings, warm=0):
    """What a hub says while these candles close one by one, all but the first `warm`."""
    model = pinned_model(settings)
    announcer = LevelAnnouncer(model.levels)
    events = candles(held)
    model.apply(events[:warm])
    said = announcer.news(events[warm - 1].arrival) if warm else []
    for event in events[warm:]:
        model.apply([event])
        said += announcer.news(event.arrival)
    return said


def test_what_closed_before_is_history_and_a_seek_starts_afresh():
    held = path(0.0, Random(0))
    settings = LevelSettings(weights=ALONE, tolerance_atr=0.0, pins=(Pinned(symbol="BTC", price=100_000.0),))
    model = pinned_model(settings)
    announcer = LevelAnnouncer(model.levels)
    model.apply(candles(held))
    now = int(held.time[-1]) + HOUR
    assert announcer.news(now) == []
    announcer.skip()
    later = bars([90_000.0, 89_000.0], start=now)
    model.apply(candles(later))
    assert announcer.news(now + 1) == []
    assert [event.status for event in announcer.news(now + 2 * HOUR)] == ["broken"]
    model.apply(candles(bars([103_000.0], start=now + 2 * HOUR)))
    [event] = announcer.news(now + 3 * HOUR)
    assert isinstance(event, Level) and event.status == "reclaimed"
    assert announcer.news(now + 3 * HOUR + SECOND) == []


@settings(max_examples=10)
@given(st.integers(0, 10_000), st.integers(0, 240))
def test_questions_in_between_and_snapshots_change_nothing(seed, cut):
    held = walk(seed, 240)
    now = int(held.time[-1]) + HOUR
    events = candles(held)
    whole, parts, late = model_of(held), Model(), Model()
    for number, event in enumerate(events):
        parts.apply([event])
        if number % 37 == 0:
            parts.levels.figures(event.arrival)
        if number == cut:
            late.apply(parts.snapshot())
        elif number > cut:
            late.apply([event])
    if cut == len(events):
        late.apply(parts.snapshot())
    expected = msgspec.json.encode(whole.levels.figures(now))
    assert msgspec.json.encode(parts.levels.figures(now)) == expected
    assert msgspec.json.encode(late.levels.figures(now)) == expected
    assert json.loads(expected)[BTC]


def test_the_history_of_another_order_gives_the_same_levels():
    held = walk(5, 300)
    events = candles(held)
    Random(1).shuffle(events)
    model = Model()
    model.apply(events)
    now = int(held.time[-1]) + HOUR
    expected, figures = model_of(held).levels.of(BTC, now), model.levels.of(BTC, now)
    last = float(held.close[-1])
    model.apply([Ticker(ts=now, venue="binance", symbol=BTC, last=last)])
    assert [level.id for level in figures] == [level.id for level in expected]
    assert model.levels.of(BTC, now) == expected


def test_levels_are_found_anew_only_when_a_candle_closed_or_a_source_moved(monkeypatch):
    held = walk(3, 240)
    now = int(held.time[-1]) + HOUR
    model = model_of(held)
    made = []
    search = model.levels._search
    monkeypatch.setattr(model.levels, "_search", lambda *about: made.append(1) or search(*about))
    last = float(held.close[-1])
    for second in range(1, 1_500, 10):
        model.apply([Ticker(ts=now + second * SECOND, venue="binance", symbol=BTC, last=last * (1 + second * 1e-6))])
        model.levels.of(BTC, now + second * SECOND)
    assert len(made) == 1
    model.apply([PinnedLevel(ts=now, symbol=BTC, price=last)])
    assert any(level.pinned for level in model.levels.of(BTC, now + 1_500 * SECOND))
    model.apply([Ticker(ts=now + HOUR, venue="binance", symbol=BTC, last=last)])
    model.levels.of(BTC, now + HOUR + 2 * SECOND)
    assert len(made) == 3


def test_levels_that_are_found_later_come_with_a_revision_and_the_former_stand_until_then():
    held = walk(3, 240)
    now = int(held.time[-1]) + HOUR
    waiting = []

    def submit(key, now, prepare):
        assert key == ("levels", BTC)
        waiting.append((future := Future(), prepare()))
        return future

    model, at_once = Model(finder=LateFinder(submit)), model_of(held)
    model.apply(candles(held))
    assert not model.levels.awaited(BTC)
    assert model.levels.of(BTC, now) == [] and model.levels.of(BTC, now + 1) == [] and model.levels.awaited(BTC)
    [(future, find)] = waiting
    before = model.levels.revision
    future.set_result(find())
    assert model.levels.revision > before
    first = model.levels.of(BTC, now)
    assert first == at_once.levels.of(BTC, now) and not model.levels.awaited(BTC)
    model.apply([PinnedLevel(ts=now, symbol=BTC, price=float(held.close[-1]))])
    assert model.levels.of(BTC, now) == first
    waiting[-1][0].set_exception(ArithmeticError("no"))
    with pytest.raises(ArithmeticError):
        model.levels.of(BTC, now)
    assert model.levels.of(BTC, now) == first
    waiting[-1][0].set_result(waiting[-1][1]())
    assert any(level.pinned for level in model.levels.of(BTC, now)) and len(waiting) == 3


def test_distances_by_percent_range_and_expected_move():
    held = walk(3, 24 * 40)
    now = int(held.time[-1]) + HOUR
    model = model_of(held)
    yard = model.levels.distance_units(BTC, now)
    assert not yard.implied and yard.sigma_pct == pytest.approx(0.4 * math.sqrt(24), rel=0.15)
    model.apply([VolatilityIndex(ts=now, venue="deribit", name="DVOL", underlying="BTC", value=57.3)])
    yard = model.levels.distance_units(BTC, now)
    assert yard.implied and yard.sigma_pct == pytest.approx(57.3 / math.sqrt(365))
    for level in model.levels.of(BTC, now):
        edge = level.low if level.distance_pct > 0 else level.high
        if level.distance_pct:
            assert level.distance_pct == pytest.approx((edge / yard.price - 1) * 100)
        assert level.distance_sigma == pytest.approx(level.distance_pct / yard.sigma_pct)
        assert level.distance_atr == pytest.approx(level.distance_pct / 100 * yard.price / yard.atr)


class Stub:
    """Holders of bitcoin."""

    revision = 0

    def cost_bases(self, asset, now):
        return [("ETF", 90_400.0), ("treasuries", 78_300.0 + self.revision)] if asset == "BTC" else []


def test_what_holders_paid_moves_with_them():
    model = model_of(bars([79_500.0] * 48), levels=LevelSettings(least_score=0.5))
    model.levels.holders = (holders := Stub(),)
    now = T + 48 * HOUR

    def paid():
        return [level.price for level in model.levels.figures(now)[BTC] if "treasuries" in str(level.sources)]

    assert paid() == [78_300.0]
    holders.revision = 30
    assert paid() == [78_330.0]


def test_sources_from_elsewhere():
    held = bars([100_000.0 + 50 * (n % 2) for n in range(48)])
    now = int(held.time[-1]) + HOUR
    bids = tuple((99_900.0 - 120 * n, 40.0 if n == 5 else 1.0) for n in range(12))
    asks = tuple((100_150.0 + 120 * n, 1.0) for n in range(12))
    events = [
        Book(ts=now, venue="binance", symbol=BTC, bids=bids, asks=asks),
        *(
            Option(ts=now, venue="deribit", underlying="BTC", expiry=now + 30 * DAY, strike=strike, kind="call",
                   underlying_price=100_000.0, mark_iv=50.0, open_interest=amount)
            for strike, amount in ((110_000.0, 900.0), (99_300.0, 1_000.0), (150_000.0, 10.0))
        ),
        *(
            Liquidation(ts=now - n, venue="okx", symbol=BTC, side="long", price=97_000.0, amount=1.0, usd=97_000.0)
            for n in range(9)
        ),
    ]  # fmt: skip
    model = model_of(held, *events, levels=LevelSettings(least_score=0.5))
    model.levels.holders = (Stub(),)
    told = {round(level.price): level.sources for level in model.levels.of(BTC, now)}
    assert told[110_000] == ["strike", "round"] or told[110_000] == ["round", "strike"]
    assert set(told[99_300]) == {"strike", "wall"}
    assert next(why for price, why in told.items() if abs(price - 97_000) < 100) == ["liquidations"]
    assert "ETF cost basis 90.4K" in next(why for price, why in told.items() if 89_900 <= price <= 90_500)
    assert any("treasuries cost basis 78.3K" in level.sources for level in model.levels.of(BTC, now))
    assert not any(149_000 < price < 151_000 and "strike" in why for price, why in told.items())


def test_without_volume_nodes_are_by_time_and_say_so():
    held = walk(3, 24 * 40)
    silent = held._replace(volume=held.volume * 0)
    now = int(held.time[-1]) + HOUR
    texts = [text for level in model_of(silent).levels.of(BTC, now) for text in level.sources]
    assert any(text.startswith("t-POC") for text in texts)
    assert not any(text.startswith(("POC", "HVN", "VWAP")) for text in texts)
    assert model_of(silent).levels.distance_units(BTC, now).by_time
    assert not model_of(held).levels.distance_units(BTC, now).by_time


def test_a_market_without_a_closed_candle_has_no_levels():
    model = Model()
    model.apply([Ticker(ts=T, venue="binance", symbol=BTC, last=1.0)])
    assert model.levels.figures(T) == {} and model.levels.of(BTC, T) == []
    assert model.levels.distance_units(BTC, T).price == 1.0
