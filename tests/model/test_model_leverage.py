"""Funding and open interest."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.clock import DAY, HOUR, MINUTE
from deskmon.events import Funding, OpenInterest
from deskmon.model import Model
from tests.model.markets import T

BTC = "BTC/USDT:USDT"


def funding(rate=1e-4, hours=8.0, venue="bybit", ts=T, **more):
    return Funding(ts=ts, venue=venue, symbol=BTC, rate=rate, interval_hours=hours, **more)


def interest(usd, amount=1.0, venue="bybit", ts=T, symbol=BTC):
    return OpenInterest(ts=ts, venue=venue, symbol=symbol, amount=amount, usd=usd)


def fold(*events):
    model = Model()
    model.apply(events)
    assert not model.rejected
    return model


def test_rates_of_venues_with_different_intervals_compare():
    venues = fold(
        funding(0.0001, 8.0, "binance"), funding(0.0001, 4.0, "bybit"), funding(0.0000125, 1.0, "hyperliquid")
    ).funding.figures(T)[BTC].venues  # fmt: skip
    assert [venue.rate_8h for venue in venues.values()] == pytest.approx([0.0001, 0.0002, 0.0001])
    assert [venue.apr for venue in venues.values()] == pytest.approx([0.1095, 0.219, 0.1095])


def test_the_mean_is_weighted_by_open_interest_on_the_8_hour_equivalent():
    figure = fold(
        funding(0.0001, 8.0, "binance"), interest(3e9, venue="binance"),
        funding(-0.0001, 4.0, "bybit"), interest(1e9, venue="bybit"),
        funding(0.5, 1.0, "hyperliquid"), interest(7e9, venue="elsewhere"),
    ).funding.figures(T)[BTC]  # fmt: skip
    assert figure.mean_8h == pytest.approx((0.0001 * 3 - 0.0002 * 1) / 4)
    assert figure.mean_apr == pytest.approx(figure.mean_8h * 1095)


@pytest.mark.parametrize("others", [(), (interest(0.0),), (interest(5e9, symbol="ETH/USDT:USDT"),)])
def test_without_open_interest_there_is_no_mean(others):
    figure = fold(funding(), *others).funding.figures(T)[BTC]
    assert (figure.mean_8h, figure.mean_apr) == (None, None)


def test_the_mean_moves_when_only_open_interest_does():
    model = fold(funding(0.0001), interest(1.0), funding(0.0003, venue="okx"))
    assert model.funding.figures(T)[BTC].mean_8h == pytest.approx(0.0001)
    model.apply([interest(1.0, venue="okx")])
    assert model.funding.figures(T)[BTC].mean_8h == pytest.approx(0.0002)


@given(st.lists(st.tuples(st.floats(-0.01, 0.01), st.sampled_from([1.0, 2.0, 4.0, 8.0]), st.floats(1.0, 1e10)),
                min_size=1, max_size=6))  # fmt: skip
def test_the_mean_against_brute_force(rows):
    events = []
    for number, (rate, hours, usd) in enumerate(rows):
        events += [funding(rate, hours, f"v{number}"), interest(usd, venue=f"v{number}")]
    expected = sum(rate * 8 / hours * usd for rate, hours, usd in rows) / sum(usd for *_, usd in rows)
    assert math.isclose(fold(*events).funding.figures(T)[BTC].mean_8h, expected, rel_tol=1e-9, abs_tol=1e-15)


def test_the_newest_prediction_stands_with_its_age_and_countdown():
    figure = fold(funding(0.0002, ts=T - 1, next_ts=T + HOUR), funding(0.0001, ts=T - HOUR)).funding.figures(T + HOUR)
    venue = figure[BTC].venues["bybit"]
    assert (venue.rate, venue.age_ms, venue.next_ts) == (0.0002, HOUR + 1, T + HOUR)


@pytest.mark.parametrize(
    ("settled", "streak"),
    [
        ([], None),
        ([0.1], 1),
        ([-0.1], -1),
        ([0.1, -0.1, -0.2, -0.3], -3),
        ([-0.1, 0.1, 0.2], 2),
        ([0.1, 0.0], 0),
        ([0.1, 0.0, 0.2], 1),
    ],
)
def test_streak_counts_settled_intervals_of_one_sign(settled, streak):
    events = [funding(rate, ts=T + step * 8 * HOUR, kind="settled") for step, rate in enumerate(settled)]
    for order in (events, events[::-1], [*events, *events]):
        assert fold(funding(0.5), *order).funding.figures(T + DAY)[BTC].venues["bybit"].streak == streak


def test_settled_rates_are_never_shown_as_the_prediction():
    assert fold(funding(kind="settled")).funding.figures(T) == {}


def test_settled_rates_are_bounded():
    model = fold(funding(), *(funding(-0.1, ts=T + step * HOUR, kind="settled") for step in range(2_000)))
    assert model.funding.figures(T)[BTC].venues["bybit"].streak == -512


def test_open_interest_changes_in_dollars_and_in_coins():
    figure = fold(interest(1_000.0, 10.0, ts=T - DAY - MINUTE), interest(900.0, 12.0)).open_interest.figures(T)[BTC]
    assert figure.usd == 900.0
    assert figure.venues["bybit"].change_24h_pct == pytest.approx(-10.0)
    assert figure.venues["bybit"].change_24h_amount_pct == pytest.approx(20.0)


@pytest.mark.parametrize("age", [DAY - MINUTE, DAY + HOUR + MINUTE])
def test_no_change_without_a_value_of_a_day_ago(age):
    venue = fold(interest(1_000.0, ts=T - age), interest(900.0)).open_interest.figures(T)[BTC].venues["bybit"]
    assert (venue.change_24h_pct, venue.change_24h_amount_pct) == (None, None)


def test_from_nothing_there_is_no_percentage():
    figure = fold(interest(0.0, 0.0, ts=T - DAY), interest(0.0, 5.0)).open_interest.figures(T)[BTC]
    assert figure.venues["bybit"].change_24h_pct is None
    assert figure.drawdown_pct is None


def test_drawdown_is_from_the_peak_of_the_sum_with_its_date():
    figure = fold(
        interest(60.0, ts=T - 5 * DAY), interest(30.0, venue="okx", ts=T - 4 * DAY),
        interest(40.0, ts=T - DAY), interest(20.0, venue="okx"),
    ).open_interest.figures(T)[BTC]  # fmt: skip
    assert (figure.usd, figure.peak_usd, figure.peak_ts) == (60.0, 90.0, T - 4 * DAY)
    assert figure.drawdown_pct == pytest.approx(-100 / 3)


def test_the_peak_of_an_hour_outlives_what_follows_in_it():
    noon = T - T % HOUR
    figure = fold(interest(60.0, ts=noon), interest(90.0, ts=noon + 1), interest(40.0, ts=noon + 2))
    shown = figure.open_interest.figures(noon + 2)[BTC]
    assert (shown.peak_usd, shown.peak_ts) == (90.0, noon + 1)


def test_a_peak_leaves_after_the_look_back():
    model = fold(interest(90.0, ts=T - 91 * DAY), interest(50.0, ts=T - 60 * DAY), interest(40.0))
    figure = model.open_interest.figures(T)[BTC]
    assert (figure.peak_usd, figure.peak_ts) == (50.0, T - 60 * DAY)
    assert model.open_interest.figures(T + 365 * DAY)[BTC].peak_usd == 40.0


def test_a_value_of_the_past_is_never_the_newest_but_may_be_the_peak():
    """History that a feed fetches comes after the newest value."""
    figure = fold(interest(50.0), interest(100.0, ts=T - DAY)).open_interest.figures(T)[BTC]
    assert (figure.usd, figure.peak_usd, figure.peak_ts) == (50.0, 100.0, T - DAY)
    assert figure.venues["bybit"].change_24h_pct == pytest.approx(-50.0)
