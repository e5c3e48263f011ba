"""Funding and open interest."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.clock import DAY, HOUR, MINUTE
from deskmon.components.columns import STALE_AFTER_MS
from deskmon.events import Funding, Metric, OpenInterest
from deskmon.model import Model
from deskmon.model.funding import STALE
from tests.model.markets import T, wired

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


def test_settled_rates_alone_are_shown_as_settled_and_never_as_the_prediction():
    events = [funding(-1e-4, 4.0, ts=T - step * 4 * HOUR, kind="settled") for step in range(42)]
    figure = fold(interest(1e9), *events).funding.figures(T + HOUR)[BTC]
    held = figure.venues["bybit"]
    assert (held.rate, held.rate_8h, held.apr, held.next_ts) == (None, None, None, None)
    assert (held.settled, held.settled_hours, held.settled_ts, held.streak) == (-1e-4, 4.0, T, -42)
    assert (held.interval_hours, held.age_ms) == (4.0, HOUR)
    assert held.realised_7d == pytest.approx(-42e-4)
    assert (figure.mean_8h, figure.mean_apr) == (None, None)
    predicted = fold(interest(1e9), *events, funding(3e-4, 8.0, "binance"), interest(1e9, venue="binance"))
    assert predicted.funding.figures(T)[BTC].mean_8h == pytest.approx(3e-4)


def test_a_rate_that_is_settled_later_than_now_shows_nothing_yet():
    assert fold(funding(ts=T + HOUR, kind="settled")).funding.figures(T) == {}


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


def test_each_venue_falls_from_a_peak_of_its_own_which_leaves_after_the_look_back():
    model = fold(
        interest(100.0, venue="bybit", ts=T), interest(80.0, venue="okx", ts=T),
        interest(70.0, venue="bybit", ts=T + DAY), interest(90.0, venue="okx", ts=T + DAY),
        interest(60.0, venue="bybit", ts=T + 2 * DAY), interest(45.0, venue="okx", ts=T + 2 * DAY),
    )  # fmt: skip
    venues = model.open_interest.figures(T + 2 * DAY)[BTC].venues
    assert {name: (each.peak_usd, each.peak_ts) for name, each in venues.items()} == {
        "bybit": (100.0, T), "okx": (90.0, T + DAY)
    }  # fmt: skip
    assert [round(each.drawdown_pct) for each in venues.values()] == [-40, -50]
    later = model.open_interest.figures(T + 90 * DAY + HOUR)[BTC].venues
    assert [each.peak_usd for each in later.values()] == [70.0, 90.0], "as of the newest within 90 days"


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


def settled(rate, ago, hours=8.0, venue="bybit"):
    return funding(rate, hours, venue, T - ago, kind="settled")


def test_the_newest_settled_rate_stands_beside_the_prediction_with_its_own_interval():
    venue = fold(funding(0.0002, 4.0), settled(0.0005, 9 * HOUR), settled(-0.0001, HOUR)).funding.figures(T)[BTC]
    shown = venue.venues["bybit"]
    assert (shown.rate, shown.settled, shown.settled_hours, shown.settled_ts) == (0.0002, -0.0001, 8.0, T - HOUR)
    nothing = fold(funding()).funding.figures(T)[BTC].venues["bybit"]
    assert (nothing.settled, nothing.settled_hours, nothing.settled_ts, nothing.realised_7d) == (None,) * 4


def test_a_settlement_told_twice_a_few_milliseconds_apart_is_one():
    events = [funding(), *(settled(-0.0001, step * 8 * HOUR - late) for step in range(3) for late in (0, 7))]
    assert fold(*events).funding.figures(T)[BTC].venues["bybit"].streak == -3


@pytest.mark.parametrize("hours", [1, 4, 8])
def test_seven_days_realised_is_the_sum_of_what_was_settled(hours):
    events = [settled(1e-5 * (step + 1), step * hours * HOUR, hours) for step in range(8 * 24 // hours)]
    within = 7 * 24 // hours
    figure = fold(funding(hours=hours), *events).funding.figures(T)[BTC].venues["bybit"]
    assert figure.realised_7d == pytest.approx(1e-5 * within * (within + 1) / 2)


@pytest.mark.parametrize("missing", [range(19, 21), range(2), range(15, 18), range(10, 11)])
def test_seven_days_with_holes_are_unknown_not_less(missing):
    """The newest alone may still be on its way."""
    assert fold(funding(), *(settled(1e-4, step * 8 * HOUR) for step in range(1, 21))).funding.figures(T)[BTC].venues[
        "bybit"
    ].realised_7d == pytest.approx(20e-4)
    events = [settled(1e-4, step * 8 * HOUR) for step in range(21) if step not in missing]
    assert fold(funding(), *events).funding.figures(T)[BTC].venues["bybit"].realised_7d is None


def test_seven_days_over_a_change_of_interval():
    events = [settled(1e-4, step * 8 * HOUR) for step in range(9, 25)]
    events += [settled(5e-5, step * 4 * HOUR, 4.0) for step in range(18)]
    figure = fold(funding(), *events).funding.figures(T)[BTC].venues["bybit"]
    assert figure.realised_7d == pytest.approx(12 * 1e-4 + 18 * 5e-5)


def test_predictions_are_kept_for_the_charts_of_a_day_each_ten_minutes_and_of_a_week_each_hour():
    model = fold(*(funding(1e-5 * step, 4.0, ts=T + step * MINUTE) for step in range(25)))
    kept = model.funding.predicted(BTC, "bybit")
    assert [ts for ts, _ in kept] == [T + step * MINUTE for step in (9, 19, 24)]
    assert [rate for _, rate in kept] == pytest.approx([2e-5 * step for step in (9, 19, 24)])
    model.apply([funding(ts=T + step * 10 * MINUTE) for step in range(3, 3_000)])
    times = [ts for ts, _ in model.funding.predicted(BTC, "bybit")]
    newest = T + 2_999 * 10 * MINUTE
    assert times == sorted(set(times)) and times[-1] == newest
    assert newest - 8 * DAY < times[0] <= newest - 7 * DAY + 2 * HOUR
    day = [ts for ts in times if ts > newest - DAY]
    assert len(day) == 144 and len(times) <= 2 * 144 + 7 * 24
    assert model.funding.settled(BTC, "bybit") == model.funding.predicted(BTC, "nowhere") == []


def test_open_interest_changes_over_each_window_in_dollars_and_coins():
    model = fold(
        interest(100.0, 10.0, ts=T - 7 * DAY), interest(110.0, 10.0, ts=T - DAY), interest(120.0, 16.0, ts=T - HOUR),
        interest(90.0, 8.0),
    )  # fmt: skip
    figure = model.open_interest.figures(T)[BTC]
    for held in (figure, figure.venues["bybit"]):
        assert (held.change_1h_pct, held.change_1h_amount_pct) == pytest.approx((-25.0, -50.0))
        assert (held.change_24h_pct, held.change_24h_amount_pct) == pytest.approx((-200 / 11, -20.0))
        assert (held.change_7d_pct, held.change_7d_amount_pct) == pytest.approx((-10.0, -20.0))


def test_a_venue_that_came_later_is_no_growth():
    model = fold(interest(100.0, ts=T - DAY), interest(90.0), interest(500.0, venue="okx"))
    figure = model.open_interest.figures(T)[BTC]
    assert (figure.usd, figure.change_24h_pct) == (590.0, pytest.approx(-10.0))


ETH = "ETH/USDT:USDT"


def test_several_symbols_together_fall_from_a_peak_of_their_own():
    model = fold(
        interest(50.0, ts=T - 9 * DAY), interest(40.4, ts=T - 5 * DAY, symbol=ETH),
        interest(30.0, ts=T - 3 * DAY), interest(30.0, ts=T - 3 * DAY, symbol=ETH, venue="okx"),
        interest(40.0), interest(11.2, symbol=ETH), interest(11.2, symbol=ETH, venue="okx"),
    )  # fmt: skip
    both = model.open_interest.together([BTC, ETH, "SOL/USDT"], T)
    assert (both.usd, both.peak_usd) == pytest.approx((62.4, 30.0 + 40.4 + 30.0))
    assert both.peak_ts == T - 3 * DAY
    assert list(both.venues) == [f"bybit {BTC}", f"bybit {ETH}", f"okx {ETH}"]
    assert model.open_interest.together(["SOL/USDT"], T) is None


moves = st.lists(
    st.tuples(st.sampled_from(["a", "b"]), st.sampled_from([BTC, ETH]), st.integers(0, 60 * HOUR), st.floats(1, 100)),
    min_size=1, max_size=25,
)  # fmt: skip


@given(moves, st.data())
def test_the_peak_together_against_brute_force_asked_in_between_or_not(rows, data):
    """By the hour: the sum of what each venue had said by its end, without the newest hour of each, which is open."""
    rows = [("a", BTC, 60 * HOUR, 1.0), ("a", ETH, 60 * HOUR, 1.0), *rows]
    asked, quiet = Model(), Model()
    for venue, symbol, off, usd in rows:
        event = interest(usd, venue=venue, ts=T - off, symbol=symbol)
        asked.apply([event])
        quiet.apply([event])
        if data.draw(st.booleans()):
            asked.open_interest.together([BTC, ETH], T)
    figure = quiet.open_interest.together([BTC, ETH], T)
    assert asked.open_interest.together([BTC, ETH], T) == figure
    known = {}
    for number, (venue, symbol, off, usd) in enumerate(rows):
        known.setdefault((venue, symbol), []).append((T - off, number, usd))
    closed = {}
    for key, values in known.items():
        by_hour = {}
        for ts, _, usd in sorted(values):
            by_hour[ts // HOUR] = usd
        closed[key] = dict(sorted(by_hour.items())[:-1])
    hours = {hour for by_hour in closed.values() for hour in by_hour}
    totals = [
        sum(
            by_hour[max(h for h in by_hour if h <= hour)]
            for by_hour in closed.values()
            if min(by_hour, default=hour + 1) <= hour
        )
        for hour in hours
    ]
    newest = sum(max(values)[2] for values in known.values())
    assert figure.peak_usd == pytest.approx(max([newest, *totals]))


def test_history_is_by_the_hour_and_the_last_day_by_the_minute():
    model = fold(
        interest(1.0, ts=T - 50 * HOUR), interest(2.0, ts=T - 2 * MINUTE), interest(3.0, ts=T - MINUTE), interest(4.0),
        interest(10.0, venue="okx", ts=T - 50 * HOUR + 1),
    )  # fmt: skip
    interests = model.open_interest
    assert [usd for _, usd in interests.history([BTC], "bybit")] == [1.0, 2.0, 3.0, 4.0]
    assert [usd for _, usd in interests.history([BTC])] == [11.0, 13.0, 14.0]
    assert interests.history([BTC], "nowhere") == interests.history([]) == []


def test_metrics_know_the_newest_of_each_name_and_survive_a_snapshot():
    def metric(name, value, ts=T):
        return Metric(ts=ts, name=name, value=value)

    model = fold(metric("total_market_cap", 3e12), metric("total_market_cap", 2e12, T - 1), metric("dxy", 100))
    late = fold(*wired(model.snapshot()))
    for each in (model, late):
        assert each.metrics.value("total_market_cap") == 3e12
        assert each.metrics.value("gold") is None
        assert list(each.metrics.figures(T)) == ["dxy", "total_market_cap"]
    model.apply([metric(f"n{number}", 1.0) for number in range(1_100)])
    assert len(model.metrics.figures(T)) == 1_000 and model.rejected == 102


def test_a_venue_that_is_no_longer_followed_stays_out_of_sums_and_peaks():
    days = [interest(100.0, ts=T - day * DAY) for day in range(20, -1, -1)]
    model = fold(*days[:9], interest(80.0, venue="okx", ts=T - 12 * DAY), *days[9:])
    figure = model.open_interest.figures(T)[BTC]
    assert (figure.usd, figure.peak_usd, figure.peak_ts) == (100.0, 180.0, T - 12 * DAY)
    assert list(figure.venues) == ["bybit", "okx"]
    assert model.open_interest.weights(BTC) == {"bybit": 100.0}
    totals = dict(model.open_interest.history([BTC]))
    assert [totals[T - day * DAY] for day in (13, 12, 9, 8)] == [100.0, 180.0, 180.0, 100.0]


def test_changes_asked_again_as_time_goes_on_are_those_asked_once():
    model = fold(*(interest(100.0 + n, ts=T - n * 7 * HOUR) for n in range(40)))
    for now in [*range(T, T + 9 * HOUR, 13 * 60_000), T, T + HOUR]:
        fresh = fold(*(interest(100.0 + n, ts=T - n * 7 * HOUR) for n in range(40)))
        assert model.open_interest.figures(now) == fresh.open_interest.figures(now)


def test_a_rate_that_its_venue_no_longer_tells_weighs_nothing_and_is_shown_with_its_age():
    quiet, now = T - STALE - 1, T
    model = fold(
        funding(0.01, 8.0, "htx", ts=quiet), interest(9e9, venue="htx"),
        funding(0.0001, 8.0, "binance", ts=T - STALE), interest(3e9, venue="binance"),
        funding(0.0003, 8.0, "bybit"), interest(1e9, venue="bybit"),
    )  # fmt: skip
    figure = model.funding.figures(now)[BTC]
    assert figure.mean_8h == pytest.approx((0.0001 * 3 + 0.0003) / 4)
    assert (figure.venues["htx"].rate, figure.venues["htx"].age_ms) == (0.01, STALE + 1)
    assert STALE_AFTER_MS["funding"] == STALE, "what the panel dims is what weighs nothing"
    later = model.funding.figures(now + STALE + 1)[BTC]
    assert (later.mean_8h, later.mean_apr) == (None, None)


settlements = st.lists(
    st.tuples(
        st.integers(0, 14 * 24), st.sampled_from([0, 1, 7]), st.sampled_from([1.0, 4.0, 8.0]), st.floats(-0.01, 0.01)
    ),
    max_size=30,
)


@given(settlements, st.lists(st.integers(0, 15 * 24 * 60), min_size=1, max_size=12))
def test_what_was_settled_is_the_same_whenever_it_was_asked_before(rows, minutes):
    events = [funding(rate, hours, ts=T + hour * HOUR + ms, kind="settled") for hour, ms, hours, rate in rows]
    asked = fold(funding(), *events)
    edges = [ts + turn for hour, ms, hours, _ in rows[:4] for ts in [T + hour * HOUR + ms] for turn in _turns(hours)]
    for now in [T + minute * MINUTE for minute in minutes] + edges:
        fresh = fold(funding(), *events).funding.figures(now)
        assert asked.funding.figures(now) == fresh


def _turns(hours):
    """When a settled rate of an interval of `hours` may come into a figure or leave it, from its time on (ms)."""
    reach = int(1.5 * hours * HOUR)
    return [turn + edge for turn in (0, reach, 7 * DAY - reach, 7 * DAY) for edge in (-1, 0, 1)]
