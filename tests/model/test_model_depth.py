"""Depth: dollars within bands of the reference, lower bounds where the book ends, nothing where it is crossed."""

import json
import os
from decimal import Decimal
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from deskmon.events import Book
from deskmon.model.depth import BANDS, Depth
from tests.model.markets import T

FRAMES = Path(os.environ.get("DESKMON_RECORDED", Path(__file__).parents[3] / "shared" / "data")) / "frames"
BTC = "BTC/USDT:USDT"
FLAT = Book(
    ts=T, venue="bybit", symbol=BTC, bids=((99.95, 2.0), (99.6, 10.0), (98.5, 5.0), (90.0, 1.0)),
    asks=((100.05, 1.0), (100.4, 10.0), (101.5, 5.0), (110.0, 1.0)),
)  # fmt: skip


def figure(*books, reference="mid", now=T):
    part = Depth(reference)
    for book in books:
        part.fold(book)
    return part.figures(now)[books[0].symbol]


def with_(book, **changes):
    return Book(**{name: getattr(book, name) for name in book.__struct_fields__} | changes)


def test_bands_around_the_middle():
    venue = figure(FLAT).venues["bybit"]
    assert venue.mid == 100.0
    assert venue.spread_bps == pytest.approx(10.0)
    assert list(venue.bands) == ["0.1", "0.5", "1", "2"]
    assert [band.bid_usd for band in venue.bands.values()] == pytest.approx([199.9, 1195.9, 1195.9, 1688.4])
    assert [band.ask_usd for band in venue.bands.values()] == pytest.approx([100.05, 1104.05, 1104.05, 1611.55])
    assert not any(band.truncated for band in venue.bands.values())


def test_bands_from_the_best_prices():
    book = with_(FLAT, bids=((99.0, 1.0), (98.9, 1.0), (50.0, 1.0)), asks=((101.0, 1.0), (101.2, 1.0), (150.0, 1.0)))
    best, mid = figure(book, reference="best").venues["bybit"], figure(book).venues["bybit"]
    assert (best.reference, mid.reference) == ("best", "mid")
    assert best.bands["0.1"].bid_usd == 99.0
    assert best.bands["0.5"].bid_usd == pytest.approx(99.0 + 98.9)
    assert best.bands["0.5"].ask_usd == pytest.approx(101.0 + 101.2)
    assert mid.bands["0.5"].bid_usd == 0.0


def test_a_book_that_ends_inside_the_band_is_a_lower_bound():
    short = with_(FLAT, bids=FLAT.bids[:3])
    assert [band.truncated for band in figure(short).venues["bybit"].bands.values()] == [False, False, False, True]
    assert figure(short).bands["2"].truncated


@pytest.mark.parametrize("bid", [100.05, 100.06])
def test_a_crossed_book_has_no_middle_and_no_bands(bid):
    shown = figure(with_(FLAT, bids=((bid, 1.0),)))
    venue = shown.venues["bybit"]
    assert (venue.crossed, venue.mid, venue.spread_bps, venue.bands) == (True, None, None, {})
    assert shown.bands == {}


def test_a_book_with_an_empty_side_has_no_bands_either():
    venue = figure(with_(FLAT, asks=())).venues["bybit"]
    assert (venue.crossed, venue.mid, venue.bands) == (False, None, {})


def test_venues_are_summed_without_the_crossed_ones():
    crossed = with_(FLAT, venue="okx", bids=((200.0, 1.0),))
    alone, summed = figure(FLAT), figure(FLAT, with_(FLAT, venue="binance"), crossed)
    assert list(summed.venues) == ["binance", "bybit", "okx"]
    assert summed.bands["1"].bid_usd == 2 * alone.bands["1"].bid_usd
    assert summed.baseline_ratio == dict.fromkeys(BANDS)


def test_a_sum_with_one_truncated_book_is_a_lower_bound():
    short = with_(FLAT, venue="binance", bids=FLAT.bids[:3])
    assert [band.truncated for band in figure(FLAT, short).bands.values()] == [False, False, False, True]


def test_an_older_book_never_replaces_a_newer_one_and_age_shows():
    shown = figure(FLAT, with_(FLAT, ts=T - 1, bids=((1.0, 1.0),)), now=T + 9_000).venues["bybit"]
    assert (shown.mid, shown.age_ms) == (100.0, 9_000)


def direct(book, percent, reference):
    """The same from its definition, in decimal arithmetic."""
    bid, ask = (Decimal(repr(side[0][0])) for side in (book.bids, book.asks))
    middle = (bid + ask) / 2
    below, above = (middle, middle) if reference == "mid" else (bid, ask)
    width = Decimal(percent) / 100
    sums = []
    for side, inside in (
        (book.bids, lambda price: price >= below * (1 - width)),
        (book.asks, lambda price: price <= above * (1 + width)),
    ):
        levels = [(Decimal(repr(price)), Decimal(repr(amount))) for price, amount in side]
        sums.append(sum((price * amount for price, amount in levels if inside(price)), Decimal(0)))
        sums.append(inside(levels[-1][0]))
    return float(sums[0]), float(sums[2]), sums[1] or sums[3]


def assert_direct(book, reference):
    venue = figure(book, reference=reference).venues[book.venue]
    assert list(venue.bands) == list(BANDS)
    for name, band in venue.bands.items():
        bids, asks, truncated = direct(book, name, reference)
        assert band.bid_usd == pytest.approx(bids, rel=1e-12)
        assert band.ask_usd == pytest.approx(asks, rel=1e-12)
        assert band.truncated == truncated


levels = st.lists(st.tuples(st.integers(1, 400), st.floats(0, 1e6)), min_size=1, max_size=30)


@given(levels, levels, st.integers(10_000, 10_000_000), st.sampled_from(["mid", "best"]))
def test_random_books_against_the_definition(below, above, price, reference):
    """Prices are whole ticks of a cent, so that some stand exactly on an edge."""
    step = price // 10_000
    bids = {(price - step * off) / 100: amount for off, amount in below}
    asks = {(price + step * off) / 100: amount for off, amount in above}
    book = with_(FLAT, bids=tuple(sorted(bids.items(), reverse=True)), asks=tuple(sorted(asks.items())))
    assert_direct(book, reference)


@pytest.mark.parametrize("price", [0.07, 1.1, 64_812.5, 110_000.1])
def test_a_price_on_the_edge_is_inside(price):
    book = with_(
        FLAT, bids=((price * 0.9999, 1.0), (price * 0.99, 1.0)), asks=((price * 1.0001, 1.0), (price * 2, 1.0))
    )
    band = figure(book).venues["bybit"].bands["1"]
    assert band.bid_usd == pytest.approx(price * 1.9899)
    assert band.truncated


def recorded(name):
    path = FRAMES / f"{name}.jsonl.zst"
    if not path.exists():
        pytest.skip(f"{path} is not there: recorded frames stay outside the repository")
    with path.open("rb") as raw, zstandard.ZstdDecompressor().stream_reader(raw) as stream:
        for line in stream.read().splitlines():
            frame = json.loads(line)
            if frame["t"] == "recv":
                yield json.loads(frame["data"])


def sides(updates, held):
    for side, price, amount in updates:
        held[side].pop(float(price), None)
        if float(amount):
            held[side][float(price)] = float(amount)
    bids, asks = held["bid"], held["ask"]
    return {"bids": tuple(sorted(bids.items(), reverse=True)), "asks": tuple(sorted(asks.items()))}


@pytest.mark.parametrize("reference", ["mid", "best"])
def test_books_recorded_from_bybit(reference):
    held, books = {"bid": {}, "ask": {}}, 0
    for frame in recorded("BYBIT"):
        if frame.get("topic") != "orderbook.200.BTCUSDT":
            continue
        if frame["type"] == "snapshot":
            held = {"bid": {}, "ask": {}}
        updates = [(side, *level) for side, key in (("bid", "b"), ("ask", "a")) for level in frame["data"][key]]
        book = Book(ts=frame["ts"], venue="bybit", symbol=BTC, **sides(updates, held))
        books += 1
        if books % 10 == 1:
            assert_direct(book, reference)
    assert books > 10


@pytest.mark.parametrize("reference", ["mid", "best"])
def test_books_recorded_from_coinbase(reference):
    held, books = {"bid": {}, "ask": {}}, 0
    for frame in recorded("COINBASE"):
        for event in frame.get("events", ()) if frame.get("channel") == "l2_data" else ():
            if event["product_id"] != "BTC-USD":
                continue
            updates = [
                ("bid" if update["side"] == "bid" else "ask", update["price_level"], update["new_quantity"])
                for update in event["updates"]
            ]
            book = sides(updates, held)
            books += 1
            if books % 100 == 1:
                assert_direct(Book(ts=T, venue="coinbase", symbol="BTC/USD", **book), reference)
    assert books > 10
