"""Coinbase by ccxt's path and by our own: the desk is told the same."""

import json

import msgspec
import pytest

from deskmon.events import Book, Gap, Ticker, Trade
from deskmon.feeds.ccxt.instruments import Instrument
from deskmon.feeds.ccxt.units import SPOT
from deskmon.feeds.native import coinbase
from deskmon.feeds.native.decoding import without_blanks
from deskmon.feeds.native.readings import Change, Count, Quote, Refusal
from tests.ccxt import venues
from tests.ccxt.desk import RECORDED, recorded, running
from tests.ccxt.replay_server import Coinbase, Recording, ReplayServer
from tests.native.paths import by_both, path, recorded_frames

FILE = RECORDED / "frames/COINBASE.jsonl.zst"
NOW = 1_790_000_000_000
AT = "2026-09-21T14:13:20.123456789Z"


def place(address, frame):
    return "", frame


def without_opening(tickers):
    """ccxt divides decimals for the price of 24 hours ago, we divide floats."""
    return [msgspec.structs.replace(each, open_24h=None) for each in tickers]


@recorded
async def test_recorded_frames_are_told_the_same_by_both_paths():
    async with ReplayServer(Coinbase(), Recording(FILE, Coinbase())) as server:
        options = venues.coinbase(server, symbols=("BTC/USD", "ETH/USD"))
        ccxt, own = await by_both(options, recorded_frames(FILE, place))
    assert len(ccxt.events(Trade)) > 250 and len(ccxt.events(Ticker)) > 150 and len(ccxt.events(Book)) > 700
    assert own.events(Trade) == ccxt.events(Trade)
    assert own.events(Book) == ccxt.events(Book)
    assert without_opening(own.events(Ticker)) == without_opening(ccxt.events(Ticker))
    opened = [[each.open_24h or 0.0 for each in one.events(Ticker)] for one in (own, ccxt)]
    assert max(opened[0]) > 60_000 and opened[0] == pytest.approx(opened[1], rel=1e-12)
    assert own.desk.rejected == ccxt.desk.rejected == []


@recorded
async def test_a_recorded_trade_at_the_ask_was_bought():
    """The venue names the maker's side: what trades at the best ask was offered there, and bought."""
    frames = recorded_frames(FILE, place)
    async with ReplayServer(Coinbase(), Recording(FILE, Coinbase())) as server:
        told = await by_both(venues.coinbase(server, symbols=("BTC/USD", "ETH/USD")), frames)
    for one in told:
        best, sides = {}, []
        for event in one.events(Ticker, Trade):
            if isinstance(event, Ticker):
                best[event.symbol] = event
            elif (quote := best.get(event.symbol)) is not None and event.price in (quote.bid, quote.ask):
                sides.append((event.side == "buy") == (event.price == quote.ask))
        assert len(sides) > 50 and sum(sides) / len(sides) > 0.9


@recorded
async def test_a_recorded_frame_that_is_missing_voids_the_books_of_its_connection():
    frames = recorded_frames(FILE, place)
    names = [json.loads(text)["channel"] for _, text, _ in frames]
    missing = max(number for number, name in enumerate(names) if name == "ticker")
    async with (
        ReplayServer(Coinbase(), Recording(FILE, Coinbase())) as server,
        path(venues.coinbase(server, symbols=("BTC/USD", "ETH/USD")), native=True) as own,
    ):
        for each in frames[:missing]:
            await own.frame(*each)
        assert all(book.bids and book.asks for book in own.events(Book))
        for each in frames[missing + 1 :]:
            await own.frame(*each)
    emptied = [book.symbol for book in own.events(Book) if not book.bids]
    assert sorted(emptied) == ["BTC/USD", "ETH/USD"]


# Frames by the documentation of the channels


def product(name):
    return {"product_id": name, "product_type": "SPOT", "status": "online", "base_currency_id": name.split("-")[0],
            "quote_currency_id": name.split("-")[1], "base_display_symbol": name.split("-")[0],
            "quote_display_symbol": name.split("-")[1], "base_increment": "0.00000001", "price_increment": "0.01",
            "quote_increment": "0.01", "base_min_size": "0.00000001", "base_max_size": "3400",
            "quote_min_size": "1", "quote_max_size": "150000000", "is_disabled": False, "trading_disabled": False,
            "cancel_only": False, "limit_only": False, "post_only": False, "auction_mode": False,
            "view_only": False, "price": "100"}  # fmt: skip


def frame(channel, **event):
    return {"channel": channel, "client_id": "", "timestamp": AT, "sequence_num": 0, "events": [event]}


def book(kind, *levels):
    updates = [{"side": side, "event_time": AT, "price_level": str(price), "new_quantity": str(amount)}
               for side, price, amount in levels]  # fmt: skip
    return frame("l2_data", type=kind, product_id="BTC-USD", updates=updates)


def trades(*numbers, kind="update", **changed):
    told = [{"product_id": "BTC-USD", "trade_id": str(number), "price": "100.5", "size": "0.25", "side": "SELL",
             "time": AT, **changed} for number in numbers]  # fmt: skip
    return frame("market_trades", type=kind, trades=told)


WHOLE = book("snapshot", ("bid", 99, 1), ("offer", 101, 2))


@pytest.fixture
async def server():
    async with ReplayServer(Coinbase()) as venue:
        listed = [product("BTC-USD")]
        venue.json["/api/v3/brokerage/market/products"] = lambda request: {
            "products": listed if request.query.get("product_type") != "FUTURE" else [], "num_products": 1,
        }  # fmt: skip
        venue.frames["level2:BTC-USD"] = [WHOLE]
        venue.frames["market_trades:BTC-USD"] = [trades(2, 1, kind="snapshot")]
        yield venue


def feed(server, *channels):
    return running(**venues.coinbase(server, symbols=("BTC/USD",), channels=channels))


async def test_a_missing_frame_voids_the_book_and_asks_for_it_again(server):
    async with feed(server, "book") as desk:
        await desk.until(lambda: desk.of(Book, asks=((101.0, 2.0),)))
        (socket,) = server.sockets
        socket.count += 1
        await server.dialect.send(socket, book("update", ("offer", 100, 1)))
        await desk.until(lambda: desk.said("a change of the book was missed; it is begun afresh"))
        await desk.until(lambda: len(desk.of(Book, asks=((101.0, 2.0),))) > 1)
    verbs = [message["type"] for message in server.messages if message["channel"] == "level2"]
    assert verbs[:3] == ["subscribe", "unsubscribe", "subscribe"]
    assert desk.of(Book, asks=()) and not desk.of(Book, asks=((100.0, 1.0), (101.0, 2.0)))


async def test_a_missing_frame_is_a_gap_of_trades_whatever_it_held(server):
    async with feed(server, "trades", "ticker") as desk:
        await desk.until(lambda: len(desk.of(Trade)) == 2)
        (socket,) = server.sockets
        await server.dialect.send(socket, trades(3))
        await desk.until(lambda: len(desk.of(Trade)) == 3)
        assert desk.of(Gap) == []
        socket.count += 1
        await server.dialect.send(socket, trades(5))
        await desk.until(lambda: len(desk.of(Trade)) == 4)
    (gap,) = desk.of(Gap)
    third, fifth = desk.of(Trade)[2:]
    assert (gap.channel, gap.venue, gap.dropped) == ("trades", "coinbase", 0)
    assert third.recv <= gap.since < gap.until and gap.since <= fifth.recv <= gap.until
    assert desk.events.index(gap) < desk.events.index(fifth)


async def test_a_reconnect_leaves_a_gap_and_tells_no_trade_twice(server):
    async with feed(server, "trades", "book") as desk:
        await desk.until(lambda: len(desk.of(Trade)) == 2 and desk.of(Book, asks=((101.0, 2.0),)))
        server.frames["market_trades:BTC-USD"] = [trades(3, 2, kind="snapshot"), trades(3), trades(4)]
        await server.drop()
        await desk.until(lambda: len(desk.of(Trade)) >= 4 and desk.of(Gap, channel="trades"))
        await desk.until(lambda: len(desk.of(Book, asks=((101.0, 2.0),))) > 1)
    assert [each.id.partition("#")[2] for each in desk.of(Trade)] == ["1", "2", "3", "4"]
    assert {each.side for each in desk.of(Trade)} == {"buy"}
    assert desk.of(Book, asks=())


async def test_a_refused_subscription_is_said_in_the_venues_words(server):
    async def refuse(socket, message):
        if message["channel"] == "level2":
            await socket.send_json({"type": "error", "message": "failure to subscribe"})
        else:
            await server.answer(socket, message)

    server.quirk = refuse
    async with feed(server, "book") as desk:
        await desk.until(lambda: desk.rejected)
    assert desk.rejected[0][1] == "book isn't streamed: not available: failure to subscribe"
    assert desk.of(Book) == []


async def test_heartbeats_are_asked_for_in_place_of_a_ping(server):
    async with feed(server, "book") as desk:
        await desk.until(lambda: {"type": "subscribe", "channel": "heartbeats"} in server.messages)


class Listed(dict):
    def __missing__(self, identity):
        if identity != "BTC-USD":
            return None
        return Instrument(identity, "BTC/USD", "BTC", "USD", None, "spot", listed="BTC/USD", units=SPOT)


def read(told):
    """The readings of a frame; empty texts are left out, as on the second try of the way in."""
    return coinbase.parse(json.dumps(without_blanks(told)).encode(), Listed(), NOW)


def test_readings_of_single_frames():
    assert read(frame("heartbeats", current_time="2026-09-21 14:13:20 +0000 UTC", heartbeat_counter=7)) == (Count(0),)
    assert read(frame("subscriptions", subscriptions={"level2": ["BTC-USD"]})) == (Count(0),)
    assert read({"type": "error", "message": "no", "reason": "such"}) == (Refusal("no: such"),)
    assert read({"sequence_num": 4, **{k: v for k, v in WHOLE.items() if k != "sequence_num"}})[0].number == 4
    _, change = read(WHOLE)
    assert isinstance(change, Change) and (change.ts, change.whole) == (1_790_000_000_123, True)
    assert (change.bids, change.asks) == ([(99.0, 1.0)], [(101.0, 2.0)])
    (_, told) = read(trades(1, side="BUY", time="2026-09-21T14:13:20Z"))
    assert (told.name, told.ts, coinbase.VENUE.takers[told.side]) == ("BTC-USD", 1_790_000_000_000, "sell")


@pytest.mark.parametrize(
    ("digits", "ms"), [("", 0), (".1", 100), (".12", 120), (".123", 123), (".1239", 123), (".123999999", 123)]
)
def test_times_have_as_many_digits_as_the_venue_has(digits, ms):
    _, told = read(trades(1, time=f"2026-09-21T14:13:20{digits}Z"))
    assert told.ts == NOW + ms


def test_a_channel_that_is_called_alike_is_only_counted():
    assert read(frame("ticker_batch", type="update", tickers=[{"product_id": "BTC-USD", "price": "1"}])) == (Count(0),)


def test_a_ticker_without_figures_and_one_without_a_market():
    blank = dict.fromkeys(("product_id", "price", "volume_24_h", "low_24_h", "price_percent_chg_24_h"), "")
    (count,) = read(frame("ticker", type="snapshot", tickers=[blank]))
    assert isinstance(count, Count) and count.number == 0
    _, quote = read(frame("ticker", type="update", tickers=[{**blank, "product_id": "BTC-USD", "price": "110",
                                                            "price_percent_chg_24_h": "10"}]))  # fmt: skip
    assert isinstance(quote, Quote)
    told = quote.prices
    assert (told.last, told.open_24h, told.bid) == (110.0, pytest.approx(100.0), None)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"side": "HOLD"}, "HOLD"),
        ({"time": "today"}, "today"),
        ({"time": "2026-09-21T14:13:20.1x3456Z"}, "1x3"),
        ({"time": "2026-09-21T14:13:20.12Z456Z"}, "12Z456"),
        ({"price": "dear"}, "Expected `float`"),
    ],
)
def test_what_cannot_be_read_raises(changed, words):
    with pytest.raises(ValueError, match=words):
        read(trades(1, **changed))


async def test_a_bad_trade_costs_itself(server):
    both = trades(2, 1)
    both["events"][0]["trades"][0]["side"] = "HOLD"
    server.frames["market_trades:BTC-USD"] = [both, trades(3)]
    async with feed(server, "trades") as desk:
        await desk.until(lambda: len(desk.of(Trade)) == 2 and desk.rejected)
    assert [each.id.partition("#")[2] for each in desk.of(Trade)] == ["1", "3"]
    assert len(desk.rejected) == 1


@pytest.mark.parametrize(
    ("market", "served"),
    [({"spot": True, "quote": "USD"}, True), ({"spot": True, "quote": "USDC"}, False), ({"swap": True}, False)],
)
def test_markets_in_usdc_and_contracts_stay_with_ccxt(market, served):
    assert coinbase.VENUE.serves(market) is served
