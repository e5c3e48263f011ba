"""What the sections around the market say of markets of any kind: nothing that isn't known, and never nothing."""

from __future__ import annotations

import re

import pytest

from deskmon import format as fmt
from deskmon.clock import DAY, HOUR, MINUTE
from deskmon.events import CalendarEntry, EtfFlow, FeedStatus, Gap, Headline, Holding, HoldingTrade, Metric, Pulse
from deskmon.model.figure_path import parse
from deskmon.report.content import Figure, Link, Paragraph, Table
from deskmon.report.sections import SECTIONS
from deskmon.samples import KINDS, NOW, model_of
from tests.markets import sample
from tests.report.told import blocks_of, rows, sentences

NAMES = ("flows", "holders", "chain", "macro", "levels", "scenarios", "headlines", "coverage")
KIND = {kind.name: kind for kind in SECTIONS}
ASSETS = ("BTC", "ETH", "NOSUCH")
THURSDAY = NOW // DAY * DAY - DAY  # 2025-11-20


@pytest.mark.parametrize("market", KINDS)
@pytest.mark.parametrize("name", NAMES)
def test_a_section_says_only_what_is_known_and_its_figures_have_a_place_in_the_state(name, market):
    blocks, absent = blocks_of(KIND[name], sample(market), NOW, ASSETS)
    told = sentences(blocks)
    assert not re.search(rf"\bNone\b|\bnan\b|\binf\b|{fmt.UNKNOWN}", told), told
    assert all(parse(each.path) and each.why for each in absent)
    assert all(
        not isinstance(block, Table) or {len(row) for row in block.rows} == {len(block.head)} for block in blocks
    )
    lines = [block.parts for block in blocks if isinstance(block, Paragraph)]
    lines += [cell for block in blocks if isinstance(block, Table) for row in block.rows for cell in row]
    figures = [part for line in lines for part in line if isinstance(part, Figure)]
    assert [figure for figure in figures if not parse(figure.path).text or not figure.words] == []
    if market == "full":
        assert blocks
    if market == "empty" and name != "coverage":
        assert blocks == [] and KIND[name].unknown.endswith(".")


def told(name, *events, assets=("BTC",)):
    return blocks_of(KIND[name], model_of([*events, Pulse(ts=NOW, seq=1, mode="replay")]), NOW, assets)


def flow(fund, ago, millions, **more):
    """A report of the day that is `ago` days before Thursday."""
    ts = THURSDAY - ago * DAY
    return EtfFlow(ts=ts + 20 * HOUR, asset="BTC", fund=fund, date=fmt.date(ts), usd=millions * 1e6, **more)


def test_funds_that_have_not_reported_are_named_and_their_day_is_called_not_whole():
    earlier = [flow(fund, ago, -10.0) for fund in ("IBIT", "FBTC", "GBTC") for ago in (1, 2, 3, 6, 7)]
    words = sentences(told("flows", *earlier, flow("IBIT", 0, -30.0))[0])
    assert "1 of 3 expected BTC funds reported that day: FBTC and GBTC have not, so its sums are not whole." in words
    assert "had a net flow of −30.00M on Thu 2025-11-20, after −90.00M earlier in the week" in words
    whole = sentences(told("flows", *earlier, *(flow(fund, 0, -30.0) for fund in ("IBIT", "FBTC", "GBTC")))[0])
    assert "not whole" not in whole and "net outflows 6 business days in a row, −240.00M together" in whole
    assert "preliminary" in sentences(told("flows", flow("IBIT", 0, -30.0, status="preliminary"))[0])


def test_a_month_that_begins_before_what_is_known_has_no_sum_and_says_so():
    blocks, absent = told("flows", flow("IBIT", 0, -30.0))
    assert "Flows of BTC funds are known from 2025-11-20 on: no sum of the month." in sentences(blocks)
    assert {"flows.BTC.month_usd", "flows.BTC.aum_usd"} <= {each.path for each in absent}
    assert "assets of" not in sentences(blocks) and "average cost" not in sentences(blocks)


def test_a_sale_says_how_long_none_was_and_a_holder_without_a_cost_has_none():
    holding = Holding(ts=NOW - DAY, entity="Strategy", asset="BTC", amount=650_000.0)
    sales = [
        HoldingTrade(ts=NOW - ago * DAY, entity="Strategy", asset="BTC", amount=-32.0, usd=2.5e6) for ago in (1461, 2)
    ]
    blocks, absent = told("holders", holding, *sales)
    assert "Strategy sold 32 BTC for 2.50M on Wed 2025-11-19, its first sale in 4.0 years" in sentences(blocks)
    assert rows(blocks, "The largest holders of BTC")[0][2:5] == ["650,000", fmt.UNKNOWN, fmt.UNKNOWN]
    assert "holdings.BTC.Strategy.average_cost" in {each.path for each in absent}
    first, lacking = told("holders", holding, sales[1])
    assert "first" not in sentences(first)
    assert "holdings.BTC.Strategy.trade_last" in {each.path for each in lacking}


def test_spent_coins_are_told_as_a_profit_or_a_loss_and_what_nobody_told_is_left_out():
    coins = Metric(ts=NOW - HOUR, name="sopr_sth", value=0.77, unit="ratio")
    blocks, absent = told("chain", coins)
    assert "is 0.77: they move coins at a loss (−23.0%)." in sentences(blocks)
    assert "long-term" not in sentences(blocks) and "Aave" not in sentences(blocks)
    assert {"metrics.sopr_lth.value", "metrics.active_loans.value"} <= {each.path for each in absent}


def test_events_of_the_calendar_stand_among_those_that_came_or_are_due():
    entries = [
        CalendarEntry(ts=NOW - 2 * DAY, time=NOW + after, text=title)
        for after, title in ((-HOUR, "jobs report"), (3 * DAY, "rate decision"), (400 * DAY, "far away"))
    ]
    blocks, _ = told("macro", *entries)
    assert [row[0] for row in rows(blocks, "Events of this time")] == ["jobs report"]
    assert [row[:3] for row in rows(blocks, "Events that are due")] == [
        ["rate decision", "Mon 2025-11-24 14:32Z", "3d"]
    ]


def test_headlines_are_bounded_and_lead_where_their_sender_says():
    lines = [
        Headline(ts=NOW - n * MINUTE, text=f"{n} " + "x" * 400, source="wire", url="https://example.org" if n else None)
        for n in range(30)
    ]
    blocks, _ = told("headlines", *lines)
    (table,) = (block for block in blocks if isinstance(block, Table))
    assert table.caption == "Headlines, the newest 20 of 30" and len(table.rows) == 20
    assert table.rows[0][1][0] == Link("0 " + "x" * 238 + "…")
    assert table.rows[1][1][0] == Link("1 " + "x" * 238 + "…", "https://example.org")
    old = sentences(told("headlines", Headline(ts=NOW - 3 * DAY, text="old"))[0])
    assert old == "No headline was told in this time."


def test_gaps_and_feeds_that_are_down_are_named():
    hour_ago = NOW - HOUR
    gap = Gap(
        ts=hour_ago,
        feed="bybit",
        venue="bybit",
        channel="liquidations",
        since=NOW - 2 * HOUR,
        until=hour_ago,
        dropped=7,
    )
    states = [
        FeedStatus(ts=NOW, feed=feed, state=state, detail="no answer") for feed, state in (("a", "live"), ("b", "down"))
    ]
    blocks, _ = told("coverage", gap, *states)
    assert rows(blocks, "Gaps of the data") == [
        ["bybit", "liquidations", "Fri 2025-11-21 12:32Z", "Fri 2025-11-21 13:32Z", "1h", "7"]
    ]
    assert "1 of 2 feeds are not live at the end: b." in sentences(blocks)
    assert rows(blocks, "Feeds that are not live")[0][::3] == ["b", "no answer"]
    assert "No gap of the data is known in this time." in sentences(told("coverage", states[0])[0])
