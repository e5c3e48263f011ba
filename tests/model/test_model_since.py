"""How extreme each figure is in the history that the desk holds of it, by hand and against slow counting."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.analytics.since import standing
from deskmon.clock import DAY, HOUR, MINUTE
from deskmon.events import (
    Book,
    Candle,
    DayValue,
    DepthSample,
    Funding,
    Journal,
    Liquidation,
    LiquidationDay,
    OpenInterest,
    Ticker,
    Wave,
    decode_event,
    encode_event,
)
from deskmon.model import Model
from deskmon.model.figures import Since

MIDNIGHT = 1_770_336_000_000
"""2026-02-06."""
NOW = MIDNIGHT + 18 * HOUR
BTC = {"venue": "binance", "symbol": "BTC/USDT:USDT"}


def model_of(*events, started=MIDNIGHT - 60 * DAY):
    model = Model()
    model.apply([Journal(version=1, source="recorded", started=started), *events])
    assert not model.rejected, model.samples
    return model


def day(ago, close, high=None):
    """The candle of the day that began `ago` days before the 6th, as it was told at its end."""
    start = MIDNIGHT - ago * DAY
    top = high or close
    return Candle(ts=start + DAY, timeframe="1d", open_time=start, open=close, high=top, low=close, close=close,
                  volume=1.0, **BTC)  # fmt: skip


def price(last, **more):
    return Ticker(ts=NOW, last=last, **BTC, **more)


# Prices


@given(st.lists(st.integers(50, 150), min_size=9, max_size=60), st.integers(50, 150))
def test_returns_stand_among_those_of_all_earlier_closes(closes, last):
    closes = [float(close) for close in closes]
    days = [day(len(closes) - n, close) for n, close in enumerate(closes)]
    hour = Candle(ts=NOW - 7 * DAY, timeframe="1h", open_time=NOW - 7 * DAY - HOUR, open=100.0, high=150.0, low=50.0,
                  close=100.0, volume=1.0, **BTC)  # fmt: skip
    figure = model_of(*days, hour, price(float(last))).prices.figures(NOW)["BTC/USDT:USDT"]
    held = figure.returns["7d"]
    assert held.change_pct == figure.change_pct["7d"] == pytest.approx(last - 100.0)
    past = [100 * (close / before - 1) for before, close in zip(closes, closes[7:], strict=False)]
    times = [MIDNIGHT - (len(closes) - n) * DAY for n in range(7, len(closes))]
    assert held.since == Since(**standing([*times, NOW], [*past, held.change_pct])._asdict())


def test_the_worst_week_since_another_and_the_distance_from_the_highest_price_by_hand():
    """FTX's week, 40 days of 100, a peak of 126 on the 20th of December, then 80 a week ago and 66.8 now."""
    closes = [20.9] * 8 + [15.9] + [100.0] * 60
    days = [day(len(closes) - n, close, 126.0 if n == 20 else None) for n, close in enumerate(closes)]
    week = Candle(ts=NOW - 7 * DAY, timeframe="1h", open_time=NOW - 7 * DAY - HOUR, open=80.0, high=80.0, low=80.0,
                  close=80.0, volume=1.0, **BTC)  # fmt: skip
    figure = model_of(*days, week, price(66.8)).prices.figures(NOW)["BTC/USDT:USDT"]
    fell = figure.returns["7d"]
    assert fell.change_pct == pytest.approx(-16.5) and fell.since.extreme == "low"
    assert fell.since.last == MIDNIGHT - 61 * DAY, "the day on which it closed at 15.9"
    assert (figure.peak.price, figure.peak.ts) == (126.0, MIDNIGHT - 49 * DAY)
    assert figure.peak.drawdown_pct == pytest.approx(100 * (66.8 / 126 - 1))
    assert (figure.peak.since.last, figure.peak.since.history_from) == (None, MIDNIGHT - 69 * DAY)
    assert figure.returns["30d"].change_pct == pytest.approx(-33.2), "to the day, where no hour of then is held"
    assert figure.returns["1d"].change_pct is None, "a day without a price of a day ago"


def test_a_day_that_changes_later_changes_what_is_compared_with():
    model = model_of(*(day(ago, 100.0 + ago) for ago in range(40, 0, -1)), price(90.0))
    assert model.prices.figures(NOW)["BTC/USDT:USDT"].peak.price == 140.0
    model.apply([day(3, 100.0, high=170.0)])
    assert model.prices.figures(NOW)["BTC/USDT:USDT"].peak.price == 170.0
    model.apply([price(200.0)])
    peak = model.prices.figures(NOW)["BTC/USDT:USDT"].peak
    assert (peak.price, peak.ts, peak.drawdown_pct) == (200.0, MIDNIGHT, 0.0), "today's counts at once"


def test_without_candles_of_days_nothing_is_compared():
    figure = model_of(price(90.0)).prices.figures(NOW)["BTC/USDT:USDT"]
    assert figure.peak is None and all(each.since is None for each in figure.returns.values())


def test_a_premium_stands_among_the_last_ones_of_earlier_days():
    tickers = [
        Ticker(ts=MIDNIGHT - ago * DAY + 12 * HOUR, last=1.0, mark=100.0 + ago, index=100.0, **BTC) for ago in (3, 2, 1)
    ]
    model = model_of(*tickers, price(1.0, mark=101.5, index=100.0))
    venue = model.prices.figures(NOW)["BTC/USDT:USDT"].venues["binance"]
    assert venue.premium == pytest.approx(0.015)
    since = venue.premium_since
    assert (since.n, since.extreme, since.last) == (4, "low", MIDNIGHT - DAY + 12 * HOUR)
    assert model.days.figures(NOW) == {"premium of BTC/USDT:USDT on binance": 4}


# Funding and open interest


def test_mean_funding_stands_among_the_means_of_what_was_settled_each_day():
    def settled(venue, ago, rate, hours=8.0):
        ts = MIDNIGHT - ago * DAY + 8 * HOUR
        return Funding(ts=ts, venue=venue, symbol=BTC["symbol"], rate=rate, interval_hours=hours, kind="settled")

    interest = [OpenInterest(ts=NOW, venue=venue, symbol=BTC["symbol"], usd=usd, amount=1.0)
                for venue, usd in (("binance", 3e9), ("bybit", 1e9))]  # fmt: skip
    past = [settled("binance", 3, -0.0004), settled("bybit", 3, 0.0001, 1.0), settled("binance", 2, 0.0002)]
    now = [Funding(ts=NOW, venue=venue, symbol=BTC["symbol"], rate=-0.0001, interval_hours=8) for venue in
           ("binance", "bybit")]  # fmt: skip
    model = model_of(*past, *interest, *now)
    figure = model.funding.figures(NOW)[BTC["symbol"]]
    assert figure.mean_8h == pytest.approx(-0.0001)
    # 3 days ago (3 × −0.0004 + 1 × 0.0008) / 4 = −0.0001, 2 days ago 0.0002 of the venue that settled.
    assert (figure.since.n, figure.since.extreme, figure.since.last) == (3, "low", MIDNIGHT - 3 * DAY)


def test_open_interest_and_its_change_stand_among_those_of_the_days():
    totals = [50.0, 60.0, 45.0, 44.0, 40.0]
    events = [
        OpenInterest(ts=MIDNIGHT - (len(totals) - n) * DAY + 18 * HOUR, usd=usd, amount=1.0, **BTC)
        for n, usd in enumerate(totals)
    ]
    figure = model_of(*events, OpenInterest(ts=NOW, usd=36.0, amount=1.0, **BTC)).open_interest.figures(NOW)[
        BTC["symbol"]
    ]
    assert (figure.since.n, figure.since.extreme, figure.since.last) == (6, "low", None)
    assert figure.change_24h_pct == pytest.approx(-10.0)
    # −25 % three days ago, +20 % before: −10 % lies below the middle of −25, −2.2, −9.1, +20.
    assert (figure.change_24h_since.n, figure.change_24h_since.last) == (5, MIDNIGHT - 3 * DAY + 18 * HOUR)


# Depth, liquidations, waves


def test_depth_stands_among_the_last_samples_of_earlier_days():
    def sample(ago, usd, hour=12):
        bands = {"0.1": 1.0, "0.5": 2.0, "1": usd, "2": 9e9}
        return DepthSample(ts=MIDNIGHT - ago * DAY + hour * HOUR, symbol=BTC["symbol"], reference="mid", bands=bands)

    book = Book(ts=NOW, bids=((99.9, 25_000.0),), asks=((100.1, 25_000.0),), **BTC)
    remembered = DayValue(ts=MIDNIGHT - 400 * DAY, figure="depth 1 % of BTC/USDT:USDT from mid", value=4e6)
    model = model_of(remembered, sample(3, 9e6), sample(2, 1.0), sample(2, 8e6, 13), sample(1, 7e6), book)
    since = model.depth.figures(NOW)[BTC["symbol"]].since
    assert (since.n, since.extreme, since.last) == (5, "low", MIDNIGHT - 400 * DAY), "5.0M, both sides of the book"


def liquidation(ts, usd, side="long", **more):
    return Liquidation(ts=ts, side=side, price=1.0, amount=usd, usd=usd, **{**BTC, **more})


def test_a_days_liquidations_stand_among_those_of_whole_days_alone():
    events = [liquidation(MIDNIGHT - ago * DAY + HOUR, usd) for ago, usd in ((4, 900.0), (3, 500.0), (2, 100.0))]
    model = model_of(*events, liquidation(NOW - HOUR, 400.0), started=MIDNIGHT - 4 * DAY + 12 * HOUR)
    figures = model.liquidations.figures(NOW)
    since = figures.windows["24h"].since
    assert (since.n, since.extreme, since.last) == (3, "high", MIDNIGHT - 3 * DAY), "the fourth was half a day"
    assert [(each.date, each.usd, each.whole) for each in figures.days] == [
        ("2026-02-02", 900.0, False), ("2026-02-03", 500.0, True), ("2026-02-04", 100.0, True),
        ("2026-02-06", 400.0, False),
    ]  # fmt: skip
    assert figures.windows["7d"].since is None, "no whole week"
    assert figures.windows["1h"].since is None, "no whole day"


def test_a_desk_started_again_adds_to_the_day_and_counts_nothing_twice():
    first = model_of(liquidation(MIDNIGHT + HOUR, 100.0), liquidation(MIDNIGHT + 2 * HOUR, 50.0, "short"))
    notes = [decode_event(encode_event(note)) for note in first.liquidations.day_notes(NOW - HOUR, NOW)]
    assert {note.asset: (note.long_usd, note.short_usd, note.count) for note in notes} == {
        None: (100.0, 50.0, 2), "BTC": (100.0, 50.0, 2),
    }  # fmt: skip
    again = model_of(*notes, liquidation(MIDNIGHT + 2 * HOUR, 50.0), liquidation(NOW + MINUTE, 7.0), started=NOW)
    (today,) = again.liquidations.days(NOW + HOUR, "BTC")
    assert (today.long_usd, today.short_usd, today.count) == (107.0, 50.0, 3)
    (note, _) = again.liquidations.day_notes(NOW - HOUR, NOW + HOUR)
    assert note.heard_ms == 19 * HOUR, "18 hours of the first run and one of this"


def test_the_first_assets_have_days_of_their_own_and_all_count_in_the_sum():
    events = [liquidation(NOW - HOUR, 1.0, symbol=f"C{number}/USDT:USDT") for number in range(40)]
    model = model_of(*events)
    assert model.liquidations.days(NOW)[0].count == 40
    assert [len(model.liquidations.days(NOW, f"C{number}")) for number in (0, 29, 30)] == [1, 1, 0]


def test_weeks_are_compared_with_weeks_of_whole_days():
    days = [
        LiquidationDay(ts=MIDNIGHT - (ago - 1) * DAY, date=date, long_usd=usd, short_usd=0.0, count=1, heard_ms=DAY)
        for ago, date, usd in ((30 - n, f"2026-01-{n + 7:02}", 10.0 * n) for n in range(1, 22))
    ]
    model = model_of(*days, liquidation(NOW - HOUR, 5.0))
    since = model.liquidations.figures(NOW).windows["7d"].since
    assert (since.n, since.extreme, since.last) == (16, "low", None), "15 weeks of 21 whole days, and this one"


def test_a_wave_is_ranked_among_those_that_an_earlier_run_told():
    def told(start, usd):
        return Wave(ts=start + HOUR, id=1, group="all", state="over", start=start, peak=start, usd=usd, long_usd=usd,
                    short_usd=0.0, count=9, peak_usd_per_min=1.0, lead="BTC", by_venue={}, by_symbol={},
                    lower_bound=False, end=start + HOUR)  # fmt: skip

    started = NOW - DAY
    burst = [liquidation(NOW - HOUR + second * 1_000, 5e6) for second in range(60)]
    past = [told(started - 40 * DAY, 4e8), told(started - 3 * DAY, 1e8), told(NOW, 9e9)]
    model = model_of(*past, *burst, liquidation(NOW, 1.0), started=started)
    (wave,) = model.waves.figures(NOW)
    assert wave.usd >= 3e8
    assert (wave.since.n, wave.since.extreme, wave.since.last) == (3, "high", started - 40 * DAY)


def test_a_draw_looks_up_what_a_former_one_found():
    """The figures of another moment of the same day ask for no order of the past again."""
    model = model_of(*(day(ago, 100.0 + ago) for ago in range(40, 0, -1)), price(90.0))
    first = model.prices.figures(NOW)["BTC/USDT:USDT"].peak.since
    assert model.prices.figures(NOW + 1_000)["BTC/USDT:USDT"].peak.since is first
    assert msgspec.to_builtins(first)["n"] == 41
