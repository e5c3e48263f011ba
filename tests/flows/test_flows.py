"""Flows of funds: sums, streaks and ranks equal brute force; corrections, late funds and bounds."""

from collections import defaultdict
from datetime import date, timedelta
from itertools import groupby
from math import fsum
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import ValidationError

from deskmon.clock import DAY, HOUR
from deskmon.components.flows import asset_row, day_ms, flow_bars, signed_amount
from deskmon.events import EtfFlow, decode_event
from deskmon.model import Model
from deskmon.model.figures import FlowDay
from deskmon.model.flows import HELD
from deskmon.testing import render
from tests.widgets.test_panels import make

FIRST = date(2025, 10, 1)
NOON = 1_759_320_000_000
FUNDS = ("IBIT", "FBTC", "GBTC")


def flow(day, usd, fund="IBIT", asset="BTC", ts=None, **more):
    """A report of the day `day` days after the first, in millions."""
    at = NOON + day * DAY + 14 * HOUR if ts is None else ts
    name = (FIRST + timedelta(days=day)).isoformat()
    return EtfFlow(ts=at, asset=asset, fund=fund, date=name, usd=usd * 1e6, **more)


def model_of(*events):
    model = Model()
    model.apply(events)
    assert not model.rejected, model.samples
    return model


def figure(*events, asset="BTC"):
    return model_of(*events).flows.figures(NOON + 200 * DAY)[asset]


reports = st.dictionaries(
    st.tuples(st.integers(0, 45), st.sampled_from(FUNDS)), st.integers(-900, 900), min_size=1, max_size=60
)


@given(reports, st.randoms(use_true_random=False))
def test_every_sum_equals_brute_force_in_any_order(told, rng):
    events = [flow(day, usd, fund) for (day, fund), usd in told.items()]
    rng.shuffle(events)
    found = figure(*events)
    nets = defaultdict(list)
    for event in events:
        nets[event.date].append(event.usd)
    dates = sorted(nets)
    days = {name: fsum(nets[name]) for name in dates}
    newest = date.fromisoformat(dates[-1])
    monday = newest - timedelta(days=newest.isoweekday() - 1)
    assert found.date == dates[-1] and found.first == dates[0] and found.days == len(dates)
    assert found.day_usd == days[dates[-1]]
    counts = {name: len(nets[name]) for name in dates}
    usual = {name: median(list(counts.values())[: n + 1][-10:]) for n, name in enumerate(dates)}
    counted = [name for name in dates if counts[name] >= usual[name] / 2 or name == dates[-1]]
    assert found.five_days_usd == pytest.approx(sum(days[name] for name in dates if name >= counted[-5:][0]))
    assert found.week_usd == pytest.approx(sum(days[name] for name in dates if date.fromisoformat(name) >= monday))
    assert found.month_usd == pytest.approx(sum(days[name] for name in dates if name[:7] == dates[-1][:7]))
    assert found.reported == len(nets[dates[-1]])
    for fund in FUNDS:
        own = {day: usd for (day, name), usd in told.items() if name == fund}
        if own:
            assert found.funds[fund].day_usd == own[max(own)] * 1e6
            assert found.funds[fund].reported == (max(own) == max(day for day, _ in told))


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=30))
def test_streak_and_rank_of_a_fund_alone(values):
    found = figure(*(flow(day, usd) for day, usd in enumerate(values)))
    runs = [(sign, len(list(run))) for sign, run in groupby((v > 0) - (v < 0) for v in values)]
    sign, length = runs[-1]
    assert found.streak == sign * length
    assert found.streak_usd == pytest.approx(1e6 * sum(values[-length:]) if sign else 0.0)
    newest = values[-1]
    side = 1 if sum(value < newest for value in values) >= sum(value > newest for value in values) else -1
    as_large = [day for day in range(len(values) - 1) if values[day] * side >= newest * side]
    assert found.since.extreme == {1: "high", -1: "low"}[side]
    assert found.since.last == (day_ms((FIRST + timedelta(days=as_large[-1])).isoformat()) if as_large else None)


def test_a_day_that_lacks_a_fund_is_shown_but_neither_streak_nor_rank_is_made_of_it():
    events = [flow(day, -10, fund) for day in range(5) for fund in FUNDS[:2]]
    found = figure(*events, flow(5, 900, "IBIT"))
    assert (found.reported, found.expected, found.day_usd) == (1, 2, 900e6)
    assert found.whole_date == "2025-10-05" and found.streak == -5 and found.whole_usd < 0
    whole = figure(*events, flow(5, 900, "IBIT"), flow(5, -1, "FBTC"))
    assert (whole.whole_date, whole.streak, whole.since.extreme, whole.since.last) == ("2025-10-06", 1, "high", None)


def test_a_row_of_a_day_that_lacks_a_fund_says_which_day_its_streak_is_of():
    known = figure(*(flow(day, -10, fund) for day in range(5) for fund in FUNDS[:2]), flow(5, 288, "IBIT"))
    cells = asset_row("BTC", known, NOON + 6 * DAY).cells
    assert (cells["day"][0], cells["reported"]) == ("+288M", ("1/2", "warn"))
    assert cells["streak"] == ("−5d 5 Oct", "down")


def test_a_chart_of_flows_has_the_colours_of_their_table():
    days = [FlowDay(date=f"2025-10-0{n}", usd=usd, reported=1, preliminary=False) for n, usd in ((1, 5e6), (2, -3e6))]
    styles = {text.strip()[0]: style for line in flow_bars(days, 60, 8) for text, style in line if text.strip()}
    assert styles["+"] == signed_amount(5e6)[1] and styles["−"] == signed_amount(-3e6)[1]
    bars = {style for line in flow_bars(days, 60, 8) for text, style in line if set(text) & set("█▀▔▁")}
    assert bars == {"up", "down"}


def test_a_fund_that_closed_is_no_longer_waited_for():
    found = figure(flow(0, 5, "GBTC"), *(flow(day, 1) for day in range(12)))
    assert (found.reported, found.expected) == (1, 1) and found.whole_date == found.date


def test_a_correction_counts_once_and_preliminary_never_replaces_final():
    first = flow(1, 10, status="preliminary")
    final = flow(1, 12, ts=first.ts + HOUR, status="final")
    late = flow(1, 99, ts=first.ts + 2 * HOUR, status="preliminary")
    for events in ((first, final, late), (final, first, late), (late, final, first)):
        found = figure(*events)
        assert (found.day_usd, found.days, found.preliminary) == (12e6, 1, False)
    assert figure(first).preliminary


def test_aum_is_known_only_when_every_expected_fund_says_it():
    one, other = flow(0, 1, "IBIT", aum_usd=7e9), flow(0, 1, "FBTC")
    assert figure(one, other).aum_usd is None and figure(one).aum_usd == 7e9
    assert figure(one, flow(1, 1, "FBTC", aum_usd=1e9)).aum_usd == 8e9


def test_history_by_day_and_fund():
    model = model_of(flow(1, 5), flow(0, 2), flow(1, -8, "FBTC"))
    assert [(day.date, day.usd, day.reported) for day in model.flows.history("BTC")] == [
        ("2025-10-01", 2e6, 1), ("2025-10-02", -3e6, 2),
    ]  # fmt: skip
    assert [day.usd for day in model.flows.history("BTC", "FBTC")] == [-8e6]
    assert model.flows.history("BTC", "none") == model.flows.history("ETH") == []


@pytest.mark.parametrize(
    "day", ["2025-13-01", "20251121", "2025-W47-5", "21 Nov 2025", "2025-11-21T00:00", "", "٢٠٢٥-١١-٢١"]
)
def test_what_is_no_day_is_no_event(day):
    raw = f'{{"type":"etf_flow","ts":{NOON},"asset":"BTC","fund":"IBIT","date":"{day}","usd":1.0}}'
    with pytest.raises(ValidationError, match="date"):
        decode_event(raw)


def test_a_day_in_the_future_is_refused_and_counted():
    model = Model()
    model.apply([flow(9, 1, ts=NOON), flow(1, 1, ts=NOON)])
    assert model.rejected == 1 and model.flows.figures(NOON)["BTC"].date == "2025-10-02"


def test_what_is_held_is_bounded_and_the_oldest_days_leave():
    model = Model()
    model.apply(flow(day, 1, f"fund {n}", ts=NOON + 999 * DAY) for day in range(700) for n in range(60))
    held = sum(day.reported for day in model.flows.history("BTC"))
    assert HELD <= held <= HELD * 1.07
    assert model.flows.figures(NOON)["BTC"].date == (FIRST + timedelta(days=699)).isoformat()


def test_weeks_of_one_sign_in_a_row_are_counted_and_summed():
    millions = (50, -900, -700, -300, -1_200, -1_000, -800)
    mondays = [7 * week - 2 for week in range(7)]
    model = model_of(*(
        flow(monday + day, usd / 5) for monday, usd in zip(mondays, millions, strict=True) for day in range(5)
    ))  # fmt: skip
    found = model.flows.figures(NOON + 60 * DAY)["BTC"]
    assert (found.week_streak, found.week_streak_usd) == (-6, pytest.approx(-4_900e6))

    def page(**options):
        return render(make("flow", asset="BTC", window="all", **options), model, width=100, height=60)

    assert "6 weeks of outflows, −$4.90B" in "\n".join(page())
    assert any("2025-11-10" in line and "−800M" in line for line in page(period="week"))
    assert any("2025-11" in line.split() and "funds" not in line for line in page(period="month"))
