"""Depth: dollars within bands of the reference, lower bounds where the book ends, nothing where it is crossed."""

import json
import os
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from deskmon.analytics.depth import slippage
from deskmon.clock import DAY
from deskmon.events import Book, decode_event
from deskmon.events.columns import as_text
from deskmon.model.day_values import DayValues
from deskmon.model.depth import BANDS, LOOK_BACK, Depth
from tests.model.markets import T

FRAMES = Path(os.environ.get("DESKMON_RECORDED", Path(__file__).parents[3] / "shared" / "data")) / "frames"
BTC = "BTC/USDT:USDT"
FLAT = Book(
    ts=T, venue="bybit", symbol=BTC, bids=((99.95, 2.0), (99.6, 10.0), (98.5, 5.0), (90.0, 1.0)),
    asks=((100.05, 1.0), (100.4, 10.0), (101.5, 5.0), (110.0, 1.0)),
)  # fmt: skip


def figure(*books, reference="mid", now=T):
    part = Depth(DayValues(), reference)
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


levels = st.lists(st.tuples(st.integers(1, 400), st.floats(0, 1e6, exclude_min=True)), min_size=1, max_size=30)
some_empty = st.lists(st.tuples(st.integers(1, 400), st.sampled_from([0.0, 0.5, 3.0])), max_size=12)


@given(levels, levels, st.integers(10_000, 10_000_000), st.sampled_from(["mid", "best"]))
def test_random_books_against_the_definition(below, above, price, reference):
    """Prices are whole ticks of a cent, so that some stand exactly on an edge."""
    step = price // 10_000
    bids = {(price - step * off) / 100: amount for off, amount in below}
    asks = {(price + step * off) / 100: amount for off, amount in above}
    book = with_(FLAT, bids=tuple(sorted(bids.items(), reverse=True)), asks=tuple(sorted(asks.items())))
    assert_direct(book, reference)


def test_a_level_of_amount_zero_is_no_best_price():
    book = with_(FLAT, bids=((99.99, 0.0), *FLAT.bids), asks=((100.01, 0), *FLAT.asks))
    assert (book.bids[0][0], book.asks[0][0]) == (99.95, 100.05)
    assert figure(book) == figure(FLAT)
    assert decode_event(
        b'{"type":"book","ts":%d,"venue":"a","symbol":"b","bids":[[9,0],[8,1]],"asks":[]}' % T
    ).bids == ((8.0, 1.0),)
    with pytest.raises(ValueError, match="bids"):
        with_(FLAT, bids=((99.0, 0.0), (99.5, 1.0)))


@given(some_empty, some_empty, st.sampled_from(["mid", "best"]))
def test_levels_of_amount_zero_change_no_figure(below, above, reference):
    def book(bids, asks):
        return with_(FLAT, bids=tuple(sorted(bids.items(), reverse=True)), asks=tuple(sorted(asks.items())))

    bids, asks = {1_000 - off: amount for off, amount in below}, {1_000 + off: amount for off, amount in above}
    without = book(*({price: amount for price, amount in side.items() if amount} for side in (bids, asks)))
    assert figure(book(bids, asks), reference=reference) == figure(without, reference=reference)
    assert book(bids, asks) == without


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


def take(updates, held):
    for side, price, amount in updates:
        held[side].pop(float(price), None)
        if float(amount):
            held[side][float(price)] = float(amount)


def sides(held):
    bids, asks = held["bid"], held["ask"]
    return {"bids": tuple(sorted(bids.items(), reverse=True)), "asks": tuple(sorted(asks.items()))}


def test_books_recorded_from_bybit():
    held, books = {"bid": {}, "ask": {}}, 0
    for frame in recorded("BYBIT"):
        if frame.get("topic") != "orderbook.200.BTCUSDT":
            continue
        if frame["type"] == "snapshot":
            held = {"bid": {}, "ask": {}}
        updates = [(side, *level) for side, key in (("bid", "b"), ("ask", "a")) for level in frame["data"][key]]
        take(updates, held)
        books += 1
        if books % 10 == 1:
            book = Book(ts=frame["ts"], venue="bybit", symbol=BTC, **sides(held))
            assert_direct(book, "mid")
            assert_direct(book, "best")
    assert books > 10


def test_books_recorded_from_coinbase():
    held, books = {"bid": {}, "ask": {}}, 0
    for frame in recorded("COINBASE"):
        for event in frame.get("events", ()) if frame.get("channel") == "l2_data" else ():
            if event["product_id"] != "BTC-USD":
                continue
            updates = [
                ("bid" if update["side"] == "bid" else "ask", update["price_level"], update["new_quantity"])
                for update in event["updates"]
            ]
            take(updates, held)
            books += 1
            if books % 100 == 1:
                book = Book(ts=T, venue="coinbase", symbol="BTC/USD", **sides(held))
                assert_direct(book, "mid")
                assert_direct(book, "best")
    assert books > 10


def test_a_stale_book_stays_out_of_the_sums_and_says_so():
    fresh, old = with_(FLAT, venue="binance"), with_(FLAT, venue="okx", ts=T - 30_001)
    shown = figure(fresh, old)
    assert [venue.stale for venue in shown.venues.values()] == [False, True]
    assert shown.bands == figure(fresh).bands
    assert shown.venues["okx"].bands["2"].bid_usd == shown.venues["binance"].bands["2"].bid_usd
    assert figure(fresh, old, now=T + 60_000).bands == {}


def test_imbalance_is_of_whole_figures_only():
    venue = figure(FLAT).venues["bybit"]
    assert venue.bands["2"].imbalance == pytest.approx((1688.4 - 1611.55) / (1688.4 + 1611.55))
    assert figure(with_(FLAT, bids=FLAT.bids[:3])).venues["bybit"].bands["2"].imbalance is None
    empty = with_(FLAT, bids=((99.0, 1.0), (90.0, 1.0)), asks=((101.0, 1.0), (110.0, 1.0)))
    assert figure(empty).venues["bybit"].bands["0.1"].imbalance is None


def test_slippage_is_the_average_price_against_mid():
    deep = with_(
        FLAT, bids=((99.9, 5_000.0), (99.0, 50_000.0), (98.0, 1.0)), asks=((100.1, 20_000.0), (101.0, 50_000.0))
    )
    orders = figure(deep).venues["bybit"].slippage
    assert orders["1M"].buy_bps == pytest.approx(10.0)
    coins = 5_000 + (1e6 - 5_000 * 99.9) / 99.0
    assert orders["1M"].sell_bps == pytest.approx((1 - 1e6 / coins / 100) * 1e4)
    assert (orders["25M"].buy_bps, orders["25M"].sell_bps) == (None, None)


@given(levels, levels, st.floats(1e3, 1e9))
def test_slippage_against_a_fill_coin_by_coin(below, above, usd):
    bids, asks = ({100 - off / 5: amount for off, amount in below}, {100 + off / 5: amount for off, amount in above})
    for side in (sorted(bids.items(), reverse=True), sorted(asks.items())):
        left, coins = Decimal(usd), Decimal(0)
        for price, amount in side:
            taken = min(left, Decimal(price) * Decimal(amount))
            coins += taken / Decimal(price)
            left -= taken
        found = slippage(side, 100.0, usd)
        if left > Decimal("1e-6"):
            assert found is None
        elif found is not None:
            assert found == pytest.approx(float(abs(Decimal(usd) / coins / 100 - 1) * 10_000), abs=1e-6)


def test_together_an_order_takes_where_it_costs_least_against_each_mid():
    """Both books are the same but for the level of their quotes: each takes half, and neither is swept first."""
    book = with_(FLAT, bids=((99.9, 8_000.0), (99.0, 20_000.0)), asks=((100.1, 8_000.0), (101.0, 20_000.0)))
    higher = with_(
        book, venue="okx", bids=tuple((p * 1.01, a / 1.01) for p, a in book.bids),
        asks=tuple((p * 1.01, a / 1.01) for p, a in book.asks),
    )  # fmt: skip
    alone, both = figure(book).slippage, figure(book, higher).slippage
    assert alone["1M"].buy_bps > 20
    assert (both["1M"].buy_bps, both["1M"].sell_bps) == pytest.approx((10.0, 10.0))
    half = 8_000 + (2.5e6 - 8_000 * 100.1) / 101.0
    assert both["5M"].buy_bps == pytest.approx((2.5e6 / half / 100 - 1) * 1e4)
    assert alone["5M"].buy_bps is None
    assert figure(with_(book, ts=T - 60_000), higher).slippage["1M"].buy_bps == pytest.approx(alone["1M"].buy_bps)


STEP = 600_000


def halves(count, scale=lambda step: 1.0):
    """A book at the beginning of each ten minutes and one in their middle, the second with its amounts scaled."""
    for step in range(count):
        for off, by in ((0, 7.0), (STEP // 2, scale(step))):
            sides = {name: tuple((p, a * by) for p, a in getattr(FLAT, name)) for name in ("bids", "asks")}
            yield with_(FLAT, ts=T + step * STEP + off, **sides)


def test_the_baseline_is_the_median_of_what_each_ten_minutes_ended_with():
    part = Depth(DayValues())
    for number, book in enumerate(halves(8, lambda step: 1.0 + step)):
        part.fold(book)
        shown = part.figure(BTC, book.ts)
        assert (shown.baseline["2"] is None) == (number < 12)
    once = 1688.4 + 1611.55
    assert shown.baseline["2"] == pytest.approx(once * 4.0)  # of 1 to 7; the eighth hasn't ended
    assert shown.baseline_ratio["2"] == pytest.approx(2.0)
    assert shown.baseline_since == T + STEP // 2


@pytest.mark.parametrize("then", ["", "2020-01-03"])
def test_depth_is_compared_with_the_median_of_the_seven_days_from_a_date_on(then):
    """A book a day, twice as deep at first; the date is a day of theirs, at first the oldest one known."""
    start, days = 1_577_923_200_000, DayValues()  # 2020-01-02
    part = Depth(days, then=then)
    amounts = [3.0, *[2.0] * 9, *[1.0] * 20]
    for day, amount in enumerate(amounts):
        sides = {name: tuple((p, a * amount) for p, a in getattr(FLAT, name)) for name in ("bids", "asks")}
        part.fold(with_(FLAT, ts=start + day * DAY, **sides))
    now = start + (len(amounts) - 1) * DAY
    shown = part.figure(BTC, now)
    assert shown.then_from == start + (DAY if then else 0)
    assert shown.then_ratio == {"0.1": None, "0.5": None, "1": pytest.approx(0.5), "2": pytest.approx(0.5)}
    again = Depth(days, then="2020-01-28")
    again.restore(part.checkpoint())
    assert again.figure(BTC, now).then_from is None, "its seven days aren't over"
    assert Depth(DayValues(), then="2019-01-01").figure(BTC, now) is None
    long_ago = Depth(days, then="2019-01-01")
    long_ago.restore(part.checkpoint())
    assert long_ago.figure(BTC, now).then_ratio["2"] is None, "nobody remembers"


def test_the_baseline_forgets_after_thirty_days_and_memory_is_bounded():
    part = Depth(DayValues())
    for step in range(30 * 144 + 1_000):
        part.fold(with_(FLAT, ts=T + step * STEP))
    market = part._markets[BTC]
    assert len(market.samples) <= 30 * 144 * 17 // 16 + 1
    now = T + (30 * 144 + 1_000) * STEP
    assert part.figure(BTC, now).baseline_since >= now - LOOK_BACK
    assert part.figure(BTC, now + LOOK_BACK).baseline["1"] is None


def test_samples_leave_out_crossed_and_stale_books():
    part = Depth(DayValues())
    for book in halves(7):
        part.fold(book)
        part.fold(with_(book, venue="okx", bids=((200.0, 1.0),)))
    part.fold(with_(FLAT, venue="htx", ts=T + 1))
    assert part.figure(BTC, T + 7 * STEP).baseline["2"] == pytest.approx(1688.4 + 1611.55)


@given(st.lists(st.tuples(st.sampled_from(["bybit", "okx"]), st.integers(0, 10 * STEP)), max_size=60), st.data())
def test_a_snapshot_keeps_the_samples(moves, data):
    books = [with_(FLAT, venue=venue, ts=T + off) for venue, off in moves]
    cut = data.draw(st.integers(0, len(books)))
    whole, late = Depth(DayValues()), Depth(DayValues())
    for book in books[:cut]:
        whole.fold(book)
    late.restore(json.loads(msgspec.json.encode(whole.checkpoint(), enc_hook=as_text)))
    for book in books[cut:]:
        whole.fold(book)
        late.fold(book)
    assert late.figures(T + 10 * STEP) == whole.figures(T + 10 * STEP)
