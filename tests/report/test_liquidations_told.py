"""Liquidations in words: lower bounds, who makes up more than half, waves and stresses, days against each other."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon import format as fmt
from deskmon.clock import DAY, HOUR, MINUTE, SECOND
from deskmon.events import FeedStatus, Journal, Liquidation, LiquidationDay, Pulse
from deskmon.model.figures import SideSums
from deskmon.report.phrases import listed
from deskmon.report.sections.liquidations import fewest_for_half
from deskmon.samples import NOW, model_of
from tests.report.told import MARKET, blocks_of, rows, sentences

TODAY = NOW // DAY * DAY


def market(*events, venue="bybit"):
    opened = Journal(version=1, source="recorded", note="", started=NOW - 8 * DAY)
    heard = [
        FeedStatus(ts=ts, feed=venue, venue=venue, state="live", detail="") for ts in (NOW - 8 * DAY, NOW - SECOND)
    ]
    ordered = sorted([*events, *heard], key=lambda event: event.arrival)
    return model_of([opened, *ordered, Pulse(ts=NOW, seq=1, mode="replay")])


def order(ago, usd, *, side="long", venue="bybit", asset="BTC", n=0):
    return Liquidation(
        ts=NOW - ago, venue=venue, symbol=f"{asset}/USDT:USDT", side=side, price=100.0, amount=usd / 100.0, usd=usd,
        id=f"{ago}-{n}",
    )  # fmt: skip


def told(model, assets=("BTC",)):
    blocks, absent = blocks_of(MARKET["liquidations"], model, NOW, assets)
    return blocks, sentences(blocks), absent


def test_a_venue_that_tells_all_gives_sums_and_one_that_samples_gives_lower_bounds():
    blocks, words, _ = told(market(order(HOUR // 2, 3e6), order(HOUR // 3, 1e6, side="short")))
    assert "In 24 hours 4.00M was liquidated, longs 3.00M (75.0%) and shorts 1.00M" in words
    assert "at least" not in words and not any("≥" in cell for row in rows(blocks, "Liquidated in 24") for cell in row)
    sampled = market(order(HOUR // 2, 3e6, venue="binance"), venue="binance")
    blocks, words, _ = told(sampled)
    assert "In 24 hours at least 3.00M was liquidated, longs at least 3.00M (100.0%) and shorts at least 0" in words
    assert rows(blocks, "Liquidated in 24 hours, by venue")[1][:3] == ["binance", "≥3.00M", "≥3.00M"]
    assert rows(blocks, "Liquidated by day")[-1][1] == "≥3.00M"


def test_nothing_liquidated_and_nobody_listening_are_told_apart():
    assert told(market())[2][0].why == "no liquidation was told"
    assert told(model_of([Pulse(ts=NOW, seq=1, mode="replay")]))[2][0].why in (
        "nobody listened",
        "no liquidation was told",
    )
    assert "was liquidated" not in told(market())[1]


def test_who_makes_up_more_than_half_is_named():
    orders = [order(HOUR, 5e6), order(2 * HOUR, 3e6, asset="ETH"), order(3 * HOUR, 1e6, asset="SOL")]
    _, words, _ = told(market(*orders))
    assert "In 24 hours bybit made up 100.0% of what was liquidated, more than half." in words
    assert "By asset, in 24 hours BTC made up 55.6% of what was liquidated, more than half." in words


amounts = st.dictionaries(st.sampled_from("abcdefg"), st.integers(1, 10**9), min_size=1)


@given(amounts)
def test_no_fewer_venues_would_make_up_more_than_half(usd):
    sums = {name: SideSums(usd=each, long_usd=each, short_usd=0.0, count=1) for name, each in usd.items()}
    names, part = fewest_for_half(sums)
    assert part > 0.5 and part == pytest.approx(sum(usd[name] for name in names) / sum(usd.values()))
    fewer = combinations(usd.values(), len(names) - 1)
    assert all(2 * sum(some) <= sum(usd.values()) for some in fewer)
    assert listed(names)


def test_a_stretch_without_waves_says_so():
    assert "No wave of liquidations was within the stretch." in told(market(order(HOUR, 1e5)))[1]


def test_a_burst_is_a_wave_and_a_stress():
    calm = [order(ago * MINUTE, 2e4, n=1) for ago in range(60, 8 * 60, 3)]
    burst = [order(30 * MINUTE - n * SECOND, 4e6, n=2) for n in range(90)]
    blocks, words, _ = told(market(*calm, *burst))
    assert "Liquidations came in 1 wave in that time" in words
    assert "The waves of the last seven days make 1 stress: runs of them that took a fifth or more." in words
    assert len(rows(blocks, "Waves of liquidations")) == 1


def test_the_largest_day_stands_beside_the_next_one_and_the_usual():
    sums = [(1, 8e6), (2, 4e6), *((ago, 1e6) for ago in range(3, 25))]
    days = [
        LiquidationDay(
            ts=NOW - 9 * DAY, date=fmt.date(TODAY - ago * DAY), long_usd=usd, short_usd=0.0, count=1, heard_ms=DAY
        )
        for ago, usd in sums
    ]
    _, words, _ = told(market(*days))
    assert "8.00M, of which longs are 100.0%; that is 2.00× what it was on" in words
    assert "and 8.00× the median of the" in words
