"""Funding, open interest and depth in words: neutral with numbers, below zero by venue, lower bounds, baselines."""

from __future__ import annotations

import pytest

from deskmon.clock import DAY, HOUR, MINUTE
from deskmon.events import Book, Funding, OpenInterest, Pulse
from deskmon.model.figure_path import parse
from deskmon.model.provenance import read_figure
from deskmon.report.reading import Reading
from deskmon.samples import NOW, model_of
from tests.report.told import MARKET, blocks_of, rows, sentences

SYMBOL = "BTC/USDT:USDT"


def funding(rate, venue="binance", ts=NOW):
    return Funding(ts=ts, venue=venue, symbol=SYMBOL, rate=rate, interval_hours=8)


def interest(usd, venue="binance", ts=NOW):
    return OpenInterest(ts=ts, venue=venue, symbol=SYMBOL, amount=usd / 100.0, usd=usd)


def told(*events, name="leverage", assets=("BTC",)):
    model = model_of([*events, Pulse(ts=NOW, seq=1, mode="replay")])
    return sentences(blocks_of(MARKET[name], model, NOW, assets)[0])


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (0.00004, "is +0.0040% per 8 hours, +4.4% a year, neutral (within ±0.005%)."),
        (-0.00004, "is −0.0040% per 8 hours, −4.4% a year, neutral (within ±0.005%)."),
        (0.00031, "is +0.0310% per 8 hours, +33.9% a year, not neutral (longs pay)."),
        (-0.00031, "is −0.0310% per 8 hours, −33.9% a year, not neutral (shorts pay)."),
    ],
)
def test_funding_is_neutral_by_its_number(rate, words):
    assert f"The mean funding of BTC {words}" in told(funding(rate), interest(1e9))


def test_venues_below_zero_are_named_and_the_others_too():
    events = [funding(-0.0001), funding(0.0001, "bybit"), interest(1e9), interest(1e9, "bybit")]
    words = told(*events)
    assert "Funding of BTC was negative on binance (−0.0100% at" in words and "below zero at 1 of 1 looks" in words
    assert words.count("on bybit it was not at any look") == 1
    assert "was not below zero on any of 1 venues" in told(funding(0.0001), interest(1e9))


def test_what_was_on_the_way_is_told_with_its_time():
    kind, model = MARKET["leverage"], model_of([])
    sampled = {}
    for n, rate in enumerate((0.0001, -0.0002, 0.00001)):
        ts = NOW - (2 - n) * HOUR
        model.apply([funding(rate, ts=ts), interest(1e9, ts=ts), Pulse(ts=ts, seq=n, mode="replay")])
        for path in kind.tracked(model, ["BTC"]):
            sampled.setdefault(path, []).append(read_figure(parse(path), model, ts))
    words = sentences(kind.write(Reading(model, NOW - 2 * HOUR, NOW, ["BTC"], sampled)))
    assert "was between −0.0200% (" in words and "and +0.0100% (" in words
    assert "below zero at 1 of 3 looks" in words


def test_open_interest_is_told_from_its_peak_in_dollars_and_coins():
    events = [interest(usd, ts=NOW - ago) for usd, ago in ((4e9, 8 * DAY), (2e9, DAY), (1e9, 0))]
    words = told(*events)
    assert "The open interest of BTC is 1.00B" in words
    assert "changed by −50.0% (−50.0% in coins) in 24 hours" in words
    assert "is −75.0% from its peak of 90 days, 4.00B on" in words
    assert "The largest falls" not in words and "capitalisation" not in words


def test_the_largest_falls_are_those_of_the_venues_farthest_from_their_peaks():
    venues = {"binance": 0.9, "bybit": 0.5, "okx": 0.7, "htx": 0.8}
    events = [interest(1e9, venue, NOW - DAY) for venue in venues]
    events += [interest(1e9 * left, venue) for venue, left in venues.items()]
    assert "are those of bybit (−50.0%), okx (−30.0%), htx (−20.0%)." in told(*events)


def book(ts=NOW, *, levels=60, size=1.0):
    return Book(
        ts=ts, venue="binance", symbol=SYMBOL,
        bids=tuple((10_000.0 - 5 * n, size) for n in range(1, levels)),
        asks=tuple((10_000.0 + 5 * n, size) for n in range(1, levels)),
    )  # fmt: skip


def test_depth_of_a_book_that_ends_inside_the_band_is_a_lower_bound():
    words = told(book(levels=10), name="depth")
    assert "The depth of BTC within 1% is at least 180.00K on 1 venue, bids at least" in words
    assert "The depth of BTC within 1% is 400.00K on 1 venue" in told(book(), name="depth")


def test_depth_stands_against_its_baseline_where_there_is_one():
    past = [book(NOW - n * 10 * MINUTE, size=2.0) for n in range(30, 0, -1)]
    assert "0.50× its baseline of 800.00K, the median since" in told(*past, book(), name="depth")
    assert "baseline" not in told(book(), name="depth")


def test_what_the_books_do_not_hold_is_said():
    words = told(book(size=30.0), name="depth")
    assert "In basis points beyond mid, orders of BTC cost: 1M" in words
    assert "The books of BTC do not hold an order of 25M on both sides." in words
    assert "cost" not in told(book(), name="depth")


def test_a_venue_whose_book_is_stale_is_in_no_sum():
    late = Book(ts=NOW - MINUTE, venue="okx", symbol=SYMBOL, bids=((9_999.0, 1.0),), asks=((10_001.0, 1.0),))
    blocks, _ = blocks_of(MARKET["depth"], model_of([late, book(), Pulse(ts=NOW, seq=1, mode="replay")]), NOW, ["BTC"])
    assert "on 1 venue" in sentences(blocks)
    assert [row[0] for row in rows(blocks, "Depth of BTC, by venue")] == ["binance", "okx (stale, in no sum)"]
