"""Streak and rank of flows: the stated rule of expected funds equals brute force, and no odd fund freezes them."""

from datetime import UTC, date, datetime, timedelta
from math import fsum
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.clock import DAY
from deskmon.components.flows import day_ms
from deskmon.events import EtfFlow
from deskmon.model import Model
from deskmon.testing import render
from tests.widgets.test_panels import make

START = date(2026, 1, 15)
NOON = 1_768_874_400_000


def weekdays(count, first=START):
    days = [first + timedelta(days=n) for n in range(2 * count + 2)]
    return [day for day in days if day.weekday() < 5][:count]


def report(fund, day, usd, asset="BTC"):
    ts = int(datetime(day.year, day.month, day.day, 23, tzinfo=UTC).timestamp()) * 1000
    return EtfFlow(ts=ts, asset=asset, fund=fund, date=day.isoformat(), usd=usd)


def model_of(*events):
    model = Model()
    model.apply(events)
    assert not model.rejected, model.samples
    return model


def figure(*events):
    return model_of(*events).flows.figures(NOON + 200 * DAY)["BTC"]


def inflows(days, *funds, usd=1e6):
    return [report(fund, day, usd) for day in days for fund in funds]


@pytest.fixture
def reported_once():
    """IBIT −500M, then 100M more each weekday up to +400M, then −900M; another fund reports once, on the 19th."""
    days = weekdays(11)
    flows = [-500e6 + 100e6 * n for n in range(10)] + [-900e6]
    seldom = EtfFlow(ts=NOON, asset="BTC", fund="DEFI", date="2026-01-19", usd=7e6)
    return [*(report("IBIT", day, usd) for day, usd in zip(days, flows, strict=True)), seldom]


def test_a_fund_that_reported_once_in_ten_days_freezes_neither_streak_nor_rank(reported_once):
    found = figure(*reported_once)
    assert (found.date, found.whole_date) == ("2026-01-29", "2026-01-29")
    assert (found.streak, found.streak_usd, found.whole_usd) == (-1, -900e6, -900e6)
    assert (found.since.extreme, found.since.last) == ("low", None)
    assert (found.reported, found.expected) == (1, 1)


def brute_force(told):
    """By the words of docs/metrics/flows.md: expected and reported of the newest date, the newest whole day, and what
    stands on it. `told`: usd by (day, fund)."""
    dates = sorted({day for day, _ in told})
    funds_of = {day: {fund for at, fund in told if at == day} for day in dates}

    def is_business(day):
        newest = [other for other in dates if other <= day][-10:]
        return len(funds_of[day]) >= median(len(funds_of[other]) for other in newest) / 2

    business = [day for day in dates if is_business(day)]

    def regular(day):
        before = [other for other in business if other < day][-10:]
        every = {fund for other in before for fund in funds_of[other]}
        return {fund for fund in every if sum(fund in funds_of[other] for other in before) > len(before) / 2}

    whole = [day for day in business[-10:] if regular(day) <= funds_of[day]]
    counts = len(funds_of[dates[-1]]), len(funds_of[dates[-1]] | regular(dates[-1]))
    if not whole:
        return counts, None, None, None
    nets = [(day, fsum(usd for (at, _), usd in told.items() if at == day)) for day in business if day <= whole[-1]]
    newest, streak = nets[-1][1], 0
    for _, net in reversed(nets):
        if net * newest <= 0:
            break
        streak += 1 if newest > 0 else -1
    is_high = sum(net < newest for _, net in nets) >= sum(net > newest for _, net in nets)
    as_large = [day for day, net in nets[:-1] if (net >= newest if is_high else net <= newest)]
    return counts, whole[-1], streak, as_large[-1] if as_large else None


@given(
    st.dictionaries(
        st.tuples(st.integers(0, 24), st.sampled_from(["daily", "late", "seldom", "new"])),
        st.integers(-9, 9),
        min_size=1,
        max_size=60,
    ),
    st.integers(0, 24),
)
def test_expected_funds_streak_and_rank_equal_the_stated_rule(some, days):
    told = {(day, "always"): 1 + day % 3 - day // 7 for day in range(days)} | some
    dates = {day: START + timedelta(days=day) for day, _ in told}
    found = figure(*(report(fund, dates[day], usd * 1e6) for (day, fund), usd in told.items()))
    (reported, expected), whole, streak, since = brute_force(told)
    assert (found.reported, found.expected, found.streak) == (reported, expected, streak)
    assert found.whole_date == (None if whole is None else dates[whole].isoformat())
    last = found.since and found.since.last
    assert last == (None if since is None else day_ms(dates[since].isoformat()))


def test_a_fund_that_is_not_expected_is_not_called_late(reported_once):
    lines = render(make("flows"), model_of(*reported_once), width=150)
    assert "not yet" not in "\n".join(lines) and any("DEFI" in line for line in lines)
    page = make("flow", asset="BTC", fund="DEFI", window="all")
    assert "not reported yet" not in "\n".join(render(page, model_of(*reported_once), width=150))
    days = weekdays(10)
    late = model_of(*inflows(days[:9], "IBIT", "FBTC"), report("IBIT", days[9], 9e6))
    assert "not yet" in "\n".join(render(make("flows"), late, width=150))


def test_a_holiday_on_which_one_fund_reports_is_no_day_of_streak_rank_and_five_days():
    days = weekdays(12)
    events = inflows([day for n, day in enumerate(days) if n != 8], "IBIT", "FBTC", "ARKB", usd=-1e6)
    found = figure(*events, report("DEFI", days[8], 50e6))
    assert (found.whole_date, found.streak) == (days[11].isoformat(), -11)
    assert found.five_days_usd == pytest.approx(5 * -3e6 + 50e6)
    assert figure(*events, report("DEFI", days[8], -50e6)).since.last == day_ms(days[10].isoformat())


def test_a_launch_is_not_waited_for_before_it_reported_on_most_days():
    days = weekdays(16)
    for reported in range(1, 6):
        events = inflows(days[:11], "IBIT", "FBTC") + inflows(days[10 - reported : 10], "NEW")
        assert figure(*events).whole_date == days[10].isoformat()
    lacking = figure(*inflows(days[:11], "IBIT", "FBTC"), *inflows(days[4:10], "NEW"))
    assert (lacking.reported, lacking.expected, lacking.whole_date) == (2, 3, days[9].isoformat())


def test_a_closed_fund_is_waited_for_on_five_business_days_at_most():
    days = weekdays(30)
    wholes = []
    for silent in range(1, 8):
        events = inflows(days[: 20 + silent], "IBIT", "FBTC") + inflows(days[:20], "CLOSED")
        wholes.append(days.index(date.fromisoformat(figure(*events).whole_date)) - 19)
    assert wholes == [0, 0, 0, 0, 0, 6, 7]


def test_a_fund_that_reports_a_day_late_moves_streak_and_rank_back_by_that_day_alone():
    days = weekdays(20)
    for newest in range(2, 20):
        found = figure(*inflows(days[: newest + 1], "IBIT"), *inflows(days[:newest], "LATE"))
        assert found.whole_date == days[newest - 1].isoformat() and found.streak == newest
        assert (found.reported, found.expected) == (1, 2)


def test_a_streak_of_another_day_than_the_one_shown_carries_its_date():
    days = weekdays(10)
    events = inflows(days[:9], "IBIT", "FBTC", usd=-1e6)
    for panel in (make("flows"), make("flow", asset="BTC", window="all")):
        text = "\n".join(render(panel, model_of(*events, report("IBIT", days[9], 9e6)), width=150))
        assert "9 days of outflows to 27 Jan" in text
    row = next(
        line for line in render(make("flows"), model_of(*events, report("IBIT", days[9], 9e6)), width=150)
        if line.lstrip("▸ ").startswith("BTC ") and "1/2" in line
    )  # fmt: skip
    assert "28 Jan" in row and "−9d 27 Jan" in row
    whole = "\n".join(render(make("flows"), model_of(*events, *inflows(days[9:], "IBIT", "FBTC", usd=-1e6)), width=150))
    assert "10 days of outflows, " in whole and "−10d" in whole and "27 Jan" not in whole
