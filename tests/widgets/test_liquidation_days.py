"""Liquidations by day and week: sums, bars, and two days side by side, "Monday and Friday"."""

from __future__ import annotations

from datetime import UTC, datetime

from deskmon.clock import DAY, HOUR
from deskmon.components.liquidation_days import by_week, largest_beside
from deskmon.events import FeedStatus, Journal, Liquidation
from deskmon.model import Model
from deskmon.testing import render
from tests.widgets.making import make

MONDAY = 1_780_272_000_000  # 2026-06-01
NOW = MONDAY + 6 * DAY + 12 * HOUR


def market(venue="bybit"):
    """A week of which Monday and Friday were flushes: 7B in all, 5.7B of it long."""
    model, millions = Model(), {0: (2_900, 400), 1: (100, 200), 2: (80, 160), 3: (120, 140), 4: (2_500, 400)}
    model.apply([
        Journal(ts=MONDAY - 9 * DAY, version=1, source="recorded", started=MONDAY - 9 * DAY),
        FeedStatus(ts=MONDAY, feed=venue, state="live", detail="", venue=venue, channels={"liquidations": "full"}),
        *(
            Liquidation(ts=MONDAY + day * DAY + HOUR, venue=venue, symbol=f"{asset}/USDT:USDT", side=side, price=1.0,
                        amount=usd * share * 1e6, usd=usd * share * 1e6)
            for day, sides in millions.items()
            for side, usd in zip(("long", "short"), sides, strict=True)
            for asset, share in (("BTC", 0.6), ("ETH", 0.4))
        ),
    ])  # fmt: skip
    assert not model.rejected
    return model


def test_two_flushes_of_a_week_stand_side_by_side_by_asset():
    lines = render(make("liquidation_days"), market(), NOW, width=100, height=36)
    text = "\n".join(lines)
    assert "Mon 1 Jun $3.30B, 88% long · Fri 5 Jun $2.90B, 86% long · 89% of 7 days' $7.00B" in text
    row = next(line.split() for line in lines if line.strip().startswith("all "))
    assert row == ["all", "3.30B", "87.9%", "2.90B", "86.2%", "1.14×"]
    row = next(line.split() for line in lines if line.strip().startswith("ETH"))
    assert row[1] == "1.32B" and row[3] == "1.16B"


def test_another_day_is_chosen_by_enter_and_the_one_beside_it_by_a_mark():
    panel, model = make("liquidation_days", marked="2026-06-02"), market()
    lines = render(panel, model, NOW, width=100, height=36)
    assert any("Mon 1 Jun" in line and "Tue 2 Jun" in line and "side by side" in line for line in lines)
    assert any(line.strip().startswith("◆ Tue 2 Jun") for line in lines)


def test_weeks_are_sums_from_monday_and_whole_when_all_their_days_are():
    model = market()
    weeks = by_week(model.liquidations.days(NOW))
    assert [(week.date, round(week.usd / 1e9, 2)) for week in weeks] == [("2026-06-01", 7.0)]
    assert not weeks[0].whole, "five days of it had liquidations"
    lines = render(make("liquidation_days", period="week"), model, NOW, width=100, height=30)
    assert any("Mon 1 Jun" in line and "7.00B" in line and "so far" in line for line in lines)


def test_a_sampled_venue_makes_lower_bounds():
    text = "\n".join(render(make("liquidation_days"), market("binance"), NOW, width=100, height=36))
    assert "Mon 1 Jun ≥$3.30B" in text and "≥2.90B" in text


def test_the_largest_other_day_is_of_the_same_week():
    days = market().liquidations.days(NOW)
    assert largest_beside(days, "2026-06-05") == "2026-06-01" and largest_beside(days[:1], "2026-06-01") == ""
    assert datetime.fromtimestamp(MONDAY / 1000, UTC).weekday() == 0
