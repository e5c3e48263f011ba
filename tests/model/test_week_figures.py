"""What reports tell of a week: stresses, the deepest fall, months and runs of flows, days of a series, a last sale."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.clock import DAY, HOUR, MINUTE
from deskmon.events import Candle, EtfFlow, Holding, HoldingTrade, Metric, Ticker
from deskmon.model import Model
from deskmon.model.deepest_fall import deepest
from deskmon.model.liquidation_figures import WaveFigure
from deskmon.model.stresses import APART, stresses

MONDAY = 1_780_272_000_000  # 2026-06-01


def wave(number: int, start: int, usd: float, *, lasts: int = 20 * MINUTE, over: bool = True) -> WaveFigure:
    return WaveFigure(
        id=number, group="all", state="over" if over else "building", start=start, peak=start, usd=usd,
        end=start + lasts if over else None, long_usd=0.9 * usd, short_usd=0.1 * usd, count=3, long_share=0.9,
        peak_usd_per_min=usd, by_venue={}, by_symbol={}, lead="BTC", price_start=None, price_low=None, price_end=None,
        price_move_pct=None, open_interest_change_pct=None, lower_bound=False,
    )  # fmt: skip


def test_two_flushes_of_a_week_are_two_stresses_and_what_is_small_is_none():
    friday = MONDAY + 4 * DAY
    waves = [
        wave(1, MONDAY - 8 * DAY, 9e9), wave(2, MONDAY + 13 * HOUR, 1e9), wave(3, MONDAY + 16 * HOUR, 1e9),
        wave(4, MONDAY + 2 * DAY, 2e8), wave(5, friday + 13 * HOUR, 2e9), wave(6, friday + 19 * HOUR, 8e8, over=False),
    ]  # fmt: skip
    first, second = stresses(waves, friday + 20 * HOUR)
    assert (first.waves, first.usd, first.start) == ([2, 3], pytest.approx(2e9), MONDAY + 13 * HOUR)
    assert (first.end, second.end) == (MONDAY + 16 * HOUR + 20 * MINUTE, None)
    assert (second.waves, second.share) == ([5, 6], pytest.approx(0.56))
    assert stresses([], MONDAY) == []


def test_a_wave_so_long_after_the_last_one_is_of_another_run():
    for later, runs in ((APART - 1, 1), (APART, 2)):
        end = MONDAY + 20 * MINUTE
        assert len(stresses([wave(1, MONDAY, 1e9), wave(2, end + later, 1e9)], MONDAY + 2 * DAY)) == runs


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(1, 9)), min_size=1, max_size=40))
def test_the_deepest_fall_within_a_day_against_brute_force(steps):
    times, values, now = [], [], MONDAY
    for hours, value in steps:
        now += hours * HOUR
        times.append(now)
        values.append(float(value))
    falls = [
        100 * (values[n] / values[m] - 1)
        for n in range(len(steps))
        for m in range(n)
        if times[n] - times[m] <= DAY and values[n] < values[m]
    ]
    found = deepest(times, values)
    assert (None if found is None else found.percent) == min(falls, default=None)


def flow(date: str, millions: float) -> EtfFlow:
    return EtfFlow(ts=MONDAY + 30 * DAY, asset="BTC", fund="F", date=date, usd=millions * 1e6)


def test_months_and_runs_of_weeks_are_ranked_and_the_newest_days_listed():
    """Two weeks lost 5 together, one brought 4, two lost 6, of which the second is a new month's worst day."""
    model = Model()
    days = {"2026-05-04": -2, "2026-05-11": -3, "2026-05-18": 4, "2026-05-25": -1, "2026-06-01": -2, "2026-06-02": -3}
    model.apply([flow(date, usd) for date, usd in days.items()])
    figure = model.flows.figures(MONDAY + 30 * DAY)["BTC"]
    assert (figure.week_streak, figure.week_streak_usd) == (-2, -6e6)
    assert (figure.week_streak_since.last, figure.week_streak_since.n) == (None, 3)
    assert (figure.month_since.last, figure.month_since.extreme, figure.month_since.n) == (None, "low", 2)
    assert [(day.date, day.usd) for day in figure.recent[-2:]] == [("2026-06-01", -2e6), ("2026-06-02", -3e6)]


def test_a_run_that_was_as_large_is_named_by_its_last_monday():
    model = Model()
    days = {"2026-04-27": 2, "2026-05-04": -4, "2026-05-11": -3, "2026-05-18": 4, "2026-05-25": -6}
    model.apply([flow(date, usd) for date, usd in days.items()])
    assert model.flows.figures(MONDAY + 30 * DAY)["BTC"].week_streak_since.last == MONDAY - 21 * DAY


def told(name: str, days: list[tuple[int, float]], unit: str = "USD") -> list[Metric]:
    return [Metric(ts=MONDAY + day * DAY + 21 * HOUR, name=name, value=value, unit=unit) for day, value in days]


def test_a_series_says_its_peak_its_day_and_its_share_of_the_market():
    model = Model()
    fridays = [(day, 100.0 + day % 2) for day in range(-40, -2) if day % 7 < 5]
    model.apply(told("etp_aum", [*fridays, (-3, 110.0), (0, 99.0)]))
    model.apply(told("total_market_cap", [(day, 1_980.0) for day in range(-40, 1)]))
    figure = model.metrics.figures(MONDAY + DAY)["etp_aum"]
    assert (figure.peak.value, figure.peak.ts) == (110.0, MONDAY - 3 * DAY + 21 * HOUR)
    assert figure.peak.drawdown_pct == figure.day_change_pct == pytest.approx(-10.0), "on Monday from Friday's"
    assert (figure.day_since.last, figure.day_since.extreme) == (None, "low")
    assert figure.market_share == pytest.approx(0.05)
    assert figure.change_pct["3d"] == pytest.approx(-10.0)
    assert model.metrics.figures(MONDAY + DAY)["total_market_cap"].market_share is None


def test_a_year_begins_with_the_last_value_of_the_one_before():
    model, new_year = Model(), 1_767_225_600_000
    model.apply([Metric(ts=new_year + day * DAY, name="gold", value=100.0 + 10 * day) for day in (-2, -1, 0, 1)])
    assert model.metrics.figures(new_year + DAY)["gold"].change_pct["ytd"] == pytest.approx(100 * (110 / 90 - 1))


def test_a_sale_is_compared_with_the_last_sale_and_so_after_a_restart():
    trades = [(-1_000, -700.0), (-60, 4_000.0), (-20, 1_900.0), (0, -32.0)]
    model, again = Model(), Model()
    model.apply([Holding(ts=MONDAY, entity="S", asset="BTC", amount=1e6, average_cost=None)])
    model.apply(
        [HoldingTrade(ts=MONDAY + d * DAY, entity="S", asset="BTC", amount=n, usd=abs(n) * 70_000) for d, n in trades]
    )
    again.apply(model.snapshot())
    for each in (model, again):
        held = each.holders.figures(MONDAY)["BTC"]["S"]
        assert (held.trade_amount, held.trade_last) == (-32.0, MONDAY - 1_000 * DAY)


def test_a_calendar_week_is_ranked_among_calendar_weeks():
    """−10 % since Sunday's close, of weeks of +1 % each and one of −12 %; seven days say less."""
    model, price, candles = Model(), 100.0, []
    for day in range(-70, 3):
        if day % 7 == 6:
            price *= 0.88 if day == -22 else 1.01
        if day == 2:
            price *= 0.9
        start = MONDAY + day * DAY
        candles.append(
            Candle(
                ts=start + DAY, venue="v", symbol="BTC/USDT:USDT", timeframe="1d", open_time=start, open=price,
                high=price, low=price, close=price, volume=1.0,
            )
        )  # fmt: skip
    now = MONDAY + 3 * DAY
    model.apply([*candles, Ticker(ts=now, venue="v", symbol="BTC/USDT:USDT", last=price)])
    week = model.prices.figure("BTC/USDT:USDT", now).returns["week"]
    assert week.change_pct == pytest.approx(-10.0)
    assert (week.since.last, week.since.extreme, week.since.n) == (MONDAY - 28 * DAY, "low", 10)
