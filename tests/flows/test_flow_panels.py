"""Flows on the screen: weeks and months with streaks, sums since a date, what funds hold, and what nobody tells."""

from __future__ import annotations

from datetime import date, timedelta
from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.components.flow_periods import PERIODS, by_period, cumulative, period_rows
from deskmon.components.headlines import is_about
from deskmon.events import Headline, Holding, Metric, Ticker
from deskmon.model import Model
from deskmon.model.figures import FlowDay
from deskmon.testing import render
from tests.flows.test_flows import NOON, flow, model_of
from tests.widgets.test_panels import make

NOW = NOON + 60 * 86_400_000
FIRST = date(2025, 10, 1)

days = st.dictionaries(st.integers(0, 120), st.integers(-9, 9), min_size=1, max_size=60).map(
    lambda found: [
        FlowDay(date=(FIRST + timedelta(days=n)).isoformat(), usd=float(found[n]), reported=n % 4, preliminary=n == 7)
        for n in sorted(found)
    ]
)


def key(day, period):
    at = date.fromisoformat(day)
    return {"day": at, "week": at - timedelta(days=at.weekday()), "month": at.replace(day=1)}[period]


@given(days, st.sampled_from(list(PERIODS)))
def test_periods_sums_and_streaks_equal_brute_force(told, period):
    summed = by_period(told, period)
    wanted = {}
    for day in told:
        wanted.setdefault(key(day.date, period), []).append(day)
    assert [each.date for each in summed] == [first.isoformat() for first in sorted(wanted)]
    assert [each.usd for each in summed] == [fsum(day.usd for day in wanted[first]) for first in sorted(wanted)]
    rows = list(period_rows(told, period))[::-1]
    for place, row in enumerate(rows):
        value = summed[place].usd
        back = place
        while value and back and summed[back - 1].usd * value > 0:
            back -= 1
        run = [each.usd for each in summed[back : place + 1]] if value else [0.0]
        assert abs(row.sort["streak"]) == (len(run) if value else 0)
        assert row.sort["streak usd"] == pytest.approx(fsum(run))
        assert row.sort["since"] == pytest.approx(fsum(each.usd for each in summed[place:]))


def test_a_window_of_rows_counts_the_streak_of_all_days_and_the_sum_since_a_day_counts_the_day():
    told = [FlowDay(date=f"2025-10-{n:02}", usd=-1.0, reported=1, preliminary=False) for n in range(1, 11)]
    rows = list(period_rows(told, "day", "2025-10-09"))
    assert [(row.text, row.sort["streak"]) for row in rows] == [("2025-10-10", -10), ("2025-10-09", -9)]
    assert cumulative(told, "2025-10-08") == -3.0 and cumulative(told, "2025-11-01") is None


def funds(*more):
    """Six weeks of outflows of two funds, and what is known of their coins."""
    told = [
        flow(day, usd, fund)
        for day in range(42)
        if (FIRST + timedelta(days=day)).weekday() < 5
        for fund, usd in (("IBIT", -100.0), ("FBTC", -60.0))
    ]
    price = Ticker(ts=NOON, venue="binance", symbol="BTC/USDT:USDT", last=67_800.0)
    return model_of(*told, price, *more)


def held(entity, amount, cost=None):
    return Holding(ts=NOON, entity=entity, asset="BTC", amount=amount, average_cost=cost)


def test_a_funds_share_is_of_the_coins_that_all_funds_hold_and_their_cost_is_a_gain_or_a_loss():
    model = funds(held("IBIT", 780_000.0), held("Spot BTC ETFs", 1_300_000.0, 90_000.0))
    figure = model.flows.figures(NOW)["BTC"]
    assert figure.funds["IBIT"].share == pytest.approx(0.6) and figure.funds["FBTC"].share is None
    assert (figure.coins, figure.average_cost) == (1_300_000.0, 90_000.0)
    assert figure.unrealised_usd == pytest.approx(1_300_000 * (67_800 - 90_000))
    assert 90_000.0 in [cost for _, cost in model.holders.cost_bases("BTC", NOW)], "a level"
    whole = funds(held("IBIT", 780_000.0), held("FBTC", 220_000.0)).flows.figures(NOW)["BTC"]
    assert [each.share for each in whole.funds.values()] == pytest.approx([0.22, 0.78]), "all funds tell their coins"


def test_assets_under_management_come_as_a_series_where_funds_do_not_tell_them():
    model = funds(
        Metric(ts=NOON, name="etf_aum_btc", value=107.65e9), Metric(ts=NOON, name="market_cap_btc", value=1.65e12)
    )
    figure = model.flows.figures(NOW)["BTC"]
    assert figure.aum_usd == 107.65e9 and figure.aum_share == pytest.approx(0.0652, abs=1e-4)
    assert figure.total_usd == pytest.approx(-30 * 160e6) and figure.first == "2025-10-01"


def shown(model, panel="flows", width=118, height=33, press=(), **options):
    made = make(panel, **options)
    for name, value in press:
        setattr(made, name, value)
    return render(made, model, NOW, width=width, height=height)


def test_the_panel_says_what_the_reports_say():
    known = (
        held("Spot BTC ETFs", 676_000.0, 90_000.0), Metric(ts=NOON, name="etf_aum_btc", value=107.65e9),
        Metric(ts=NOON, name="market_cap_btc", value=1.65e12), Metric(ts=NOON, name="etp_aum", value=178e9),
        Metric(ts=NOON, name="total_market_cap", value=3.12e12),
    )  # fmt: skip
    text = "\n".join(shown(funds(*known)))
    for words in ("7 weeks of outflows, −$4.80B", "AUM $108B, 6.5% of BTC's cap", "cost 90,000: −$15.0B −24.7%",
                  "all ETPs $178B, 5.7% of the market", "−7w"):  # fmt: skip
        assert words in text, (words, text)


def test_weeks_and_months_stand_in_place_of_the_funds():
    weeks = shown(funds(), press=[("period", "week")])
    rows = [line.split() for line in weeks if line.strip().startswith(("2025-", "▸2025-"))]
    assert rows[-1][:4] != rows[0][:4]
    newest = next(line for line in weeks if "2025-11-10" in line and "−320M" in line)
    assert newest.split()[1:4] == ["−320M", "−7w", "−4.80B"]
    assert any("month" in line and "in a row" in line for line in shown(funds(), press=[("period", "month")]))


def test_the_sum_since_a_day_has_a_column_where_the_day_is_given():
    lines = shown(funds(), width=150, since="2025-11-10")
    assert any("since 25-11-10" in line for line in lines)
    assert any(line.strip().strip("▸").startswith("BTC ") and line.count("−320M") == 2 for line in lines)


def test_a_live_desk_says_which_figures_no_public_source_tells_and_a_played_one_does_not():
    assert any("no public source tells AUM, each fund's share, the average cost" in line for line in shown(funds()))
    model = Model()
    model.apply([Metric(ts=NOW, name="fear_greed", value=9)])
    assert any("no public source tells USDe loans, WETH loans, ETP assets" in line for line in shown(model, "context"))


@pytest.mark.parametrize(
    ("text", "assets"),
    [
        ("Bitcoin falls through $85,000", {"BTC"}), ("ETH funds lose, SOL gains", {"ETH", "SOL"}), ("Solid day", set()),
        ("Ether and Bitcoin fall; methods differ", {"BTC", "ETH"}), ("the method", set()), ("XRP's day", {"XRP"}),
    ],
)  # fmt: skip
def test_a_headline_names_a_coin_by_its_ticker_or_its_name_as_a_word(text, assets):
    assert {asset for asset in ("BTC", "ETH", "SOL", "XRP") if is_about(text, asset)} == assets


def test_headlines_may_be_those_of_the_linked_asset_alone():
    model = Model()
    model.apply([Headline(ts=NOW, text="Bitcoin falls"), Headline(ts=NOW, text="Rates stay")])
    assert sum("Rates stay" in line for line in shown(model, "headlines")) == 1
    linked = shown(model, "headlines", about="linked")
    assert not any("Rates stay" in line for line in linked) and any("Bitcoin falls" in line for line in linked)
    model.clear()
    model.apply([Headline(ts=NOW, text="Rates stay")])
    assert any("no headline of 1 names BTC" in line for line in shown(model, "headlines", about="linked"))
