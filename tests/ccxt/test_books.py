"""Depth of recorded books, replayed through ccxt and the feed into the model, against the frames themselves."""

from decimal import Decimal

import pytest

from deskmon.events import Book
from deskmon.model import Model
from deskmon.model.depth import BANDS
from tests.ccxt import venues
from tests.ccxt.desk import recorded, running
from tests.ccxt.replay_server import Bybit, Coinbase, ReplayServer
from tests.ccxt.test_replay import market

pytestmark = recorded


def bybit_sides(frames):
    """Price and amount as they were written, by side, after a snapshot and its deltas."""
    sides = {"b": {}, "a": {}}
    for frame in frames:
        if frame["type"] == "snapshot":
            sides = {"b": {}, "a": {}}
        for name, held in sides.items():
            held |= {Decimal(price): Decimal(amount) for price, amount in frame["data"][name]}
    return sides["b"], sides["a"]


def coinbase_sides(frames):
    sides = {"bid": {}, "offer": {}}
    for frame in frames:
        for event in frame["events"]:
            for update in event["updates"]:
                sides[update["side"]][Decimal(update["price_level"])] = Decimal(update["new_quantity"])
    return sides["bid"], sides["offer"]


def levels(sides, limit):
    bids, asks = ([level for level in side.items() if level[1]] for side in sides)
    return sorted(bids, reverse=True)[:limit], sorted(asks)[:limit]


def bands(bids, asks):
    """By name (bids in USD, asks in USD, whether the book ends inside), from the definition."""
    mid = (bids[0][0] + asks[0][0]) / 2
    found = {}
    for name in BANDS:
        low, high = mid * (1 - Decimal(name) / 100), mid * (1 + Decimal(name) / 100)
        inside = [(p, a) for p, a in bids if p >= low], [(p, a) for p, a in asks if p <= high]
        usd = [float(sum(p * a for p, a in side)) for side in inside]
        found[name] = (*usd, len(inside[0]) == len(bids) or len(inside[1]) == len(asks))
    return found


CASES = {
    "bybit": ("BYBIT", Bybit, "linear/orderbook.200.BTCUSDT", bybit_sides, venues.bybit, "BTC/USDT:USDT"),
    "coinbase": ("COINBASE", Coinbase, "level2:BTC-USD", coinbase_sides, venues.coinbase, "BTC/USD"),
}


@pytest.mark.parametrize("limit", [200, 20])
@pytest.mark.parametrize("venue", CASES)
async def test_bands_of_recorded_books_are_those_of_the_frames(venue, limit):
    name, dialect, topic, sides, point_at, symbol = CASES[venue]
    recording = market(name, dialect())
    bids, asks = levels(sides(recording.frames[topic]), limit)
    expected = tuple(tuple((float(price), float(amount)) for price, amount in side) for side in (bids, asks))
    if venue == "bybit":  # of which a short book is asked for under another name
        short = topic.replace("200", "50")
        recording.frames[short] = [{**frame, "topic": short.partition("/")[2]} for frame in recording.frames[topic]]
    async with (
        ReplayServer(dialect(), recording) as server,
        running(**point_at(server, symbols=(symbol,), channels=("book",), book_limit=limit)) as desk,
    ):
        await desk.until(lambda: any((book.bids, book.asks) == expected for book in desk.of(Book, symbol=symbol)[-5:]))
    model = Model()
    model.apply(desk.events)
    newest = desk.of(Book, symbol=symbol)[-1]
    figure = model.depth.figures(newest.arrival)[symbol].venues[venue]
    assert (newest.bids, newest.asks) == expected
    for band, (bid_usd, ask_usd, truncated) in bands(bids, asks).items():
        shown = figure.bands[band]
        assert (shown.bid_usd, shown.ask_usd) == pytest.approx((bid_usd, ask_usd), rel=1e-12)
        assert shown.truncated is truncated
    assert figure.bands["2"].truncated
