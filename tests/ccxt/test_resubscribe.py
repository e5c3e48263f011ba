"""Taking one subscription back: the message of each venue, cut to one symbol, with its verb changed."""

import pytest
from ccxt.base.errors import RequestTimeout
from hypothesis import given
from hypothesis import strategies as st

from deskmon.feeds.ccxt.resubscribe import UNSUBSCRIBED_ID, mentioned, narrowed, taken_back
from deskmon.feeds.ccxt.sequence import STEPS, Sequence, Step
from tests.ccxt.test_tap import tapped  # noqa: F401 - a fixture

OURS = UNSUBSCRIBED_ID + 1

MESSAGES = {
    "binance": (
        {"method": "SUBSCRIBE", "params": ["btcusdt@depth"], "id": 3},
        {"method": "UNSUBSCRIBE", "params": ["btcusdt@depth"], "id": OURS},
    ),
    "bybit": (
        {"op": "subscribe", "req_id": 1, "args": ["orderbook.50.BTCUSDT"]},
        {"op": "unsubscribe", "req_id": 1, "args": ["orderbook.50.BTCUSDT"]},
    ),
    "okx": (
        {"op": "subscribe", "args": [{"channel": "books", "instId": "BTC-USDT-SWAP"}]},
        {"op": "unsubscribe", "args": [{"channel": "books", "instId": "BTC-USDT-SWAP"}]},
    ),
    "deribit": (
        {"jsonrpc": "2.0", "method": "public/subscribe", "params": {"channels": ["book.BTC-PERPETUAL.100ms"]}, "id": 2},
        {"jsonrpc": "2.0", "method": "public/unsubscribe", "params": {"channels": ["book.BTC-PERPETUAL.100ms"]},
         "id": OURS},
    ),
    "hyperliquid": (
        {"method": "subscribe", "subscription": {"type": "l2Book", "coin": "BTC"}},
        {"method": "unsubscribe", "subscription": {"type": "l2Book", "coin": "BTC"}},
    ),
    "htx": (
        {"sub": "market.BTC-USDT.depth.size_150.high_freq", "id": "4", "data_type": "incremental"},
        {"unsub": "market.BTC-USDT.depth.size_150.high_freq", "id": str(OURS), "data_type": "incremental"},
    ),
    "gate": (
        {"id": 5, "time": 1, "channel": "futures.trades", "event": "subscribe", "payload": ["BTC_USDT"]},
        {"id": OURS, "time": 1, "channel": "futures.trades", "event": "unsubscribe", "payload": ["BTC_USDT"]},
    ),
    "bitget": (
        {"op": "subscribe", "args": [{"instType": "USDT-FUTURES", "channel": "books", "instId": "BTCUSDT"}]},
        {"op": "unsubscribe", "args": [{"instType": "USDT-FUTURES", "channel": "books", "instId": "BTCUSDT"}]},
    ),
    "krakenfutures": (
        {"event": "subscribe", "feed": "book", "product_ids": ["PF_XBTUSD"]},
        {"event": "unsubscribe", "feed": "book", "product_ids": ["PF_XBTUSD"]},
    ),
    "kraken": (
        {"method": "subscribe", "params": {"channel": "book", "symbol": ["BTC/USD"]}, "req_id": 6},
        {"method": "unsubscribe", "params": {"channel": "book", "symbol": ["BTC/USD"]}, "req_id": 6},
    ),
    "coinbase": (
        {"type": "subscribe", "product_ids": ["BTC-USD"], "channel": "level2"},
        {"type": "unsubscribe", "product_ids": ["BTC-USD"], "channel": "level2"},
    ),
    "lighter": (
        {"type": "subscribe", "channel": "order_book/1"},
        {"type": "unsubscribe", "channel": "order_book/1"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("venue", MESSAGES)
def test_a_venue_takes_back_its_own_message_with_the_verb_changed(venue):
    asked, back = MESSAGES[venue]
    before = repr(asked)
    assert taken_back(asked, OURS) == back
    assert repr(asked) == before


@pytest.mark.parametrize("message", [None, "subscribe", {"id": 1, "jsonrpc": "2.0"}, {"channel": "subscribers"}])
def test_a_message_without_a_verb_is_not_taken_back(message):
    assert taken_back(message, OURS) is None


@given(st.integers(2, 6), st.data())
def test_a_message_is_cut_to_what_is_asked_for(count, data):
    kept = sorted(data.draw(st.sets(st.integers(0, count - 1), min_size=1)))
    topics = [f"trade.{n}" for n in range(count)]
    cut = [topics[place] for place in kept]
    assert narrowed({"op": "subscribe", "args": topics}, count, kept) == {"op": "subscribe", "args": cut}
    nested = {"method": "subscribe", "params": {"channels": topics}, "id": 1}
    assert narrowed(nested, count, kept)["params"]["channels"] == cut
    assert narrowed({"args": [*topics, "more"]}, count, kept) == {"args": [*topics, "more"]}


NAMES = {
    "BTC/USDT:USDT": "BTC/USDT:USDT", "BTCUSDT": "BTC/USDT:USDT", "BTC/USDT": "BTC/USDT",
    "1000PEPE/USDT:USDT": "1000PEPE/USDT:USDT", "1000PEPEUSDT": "1000PEPE/USDT:USDT",
    "PEPE/USDT:USDT": "PEPE/USDT:USDT", "PEPEUSDT": "PEPE/USDT:USDT",
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("orderbook::BTC/USDT:USDT", {"BTC/USDT:USDT"}),
        ("ohlcv::BTC/USDT::1m", {"BTC/USDT"}),
        ("market.btcusdt.trade.detail", {"BTC/USDT:USDT"}),
        ("ticker:1000PEPE/USDT:USDT", {"1000PEPE/USDT:USDT"}),
        ("publicTrade.1000PEPEUSDT", {"1000PEPE/USDT:USDT"}),
        ("tickers::PEPE/USDT:USDT,BTC/USDT", {"PEPE/USDT:USDT", "BTC/USDT"}),
        ("!forceOrder@arr", set()),
    ],
)
def test_a_hash_is_about_the_symbols_it_names(text, found):
    assert mentioned(text, NAMES) == found


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 3)), max_size=30))
def test_a_change_counts_only_if_all_before_it_since_a_whole_book_did(frames):
    """`frames`: whole or not, and by how much the number moves."""
    sequence, number, valid = Sequence(), 0, False
    for is_whole, move in frames:
        number += move
        follows = sequence.follows(Step("B", None if is_whole else number - 1, number))
        missed = valid and not is_whole and move != 1
        valid = is_whole or (valid and move == 1)
        assert (follows is True) is valid
        assert (follows is None) is missed


def test_books_of_one_connection_have_their_own_numbers():
    sequence = Sequence()
    assert sequence.follows(Step("A", None, 5)) and sequence.follows(Step("B", None, 90))
    assert sequence.follows(Step("A", 5, 6))
    assert sequence.follows(Step("B", 95, 96)) is None
    assert sequence.follows(Step("B", 96, 97)) is False
    assert sequence.follows(Step("A", 6, 7))
    assert sequence.follows(Step("B", None, 200))


@pytest.mark.parametrize(
    "frame", [{"topic": "tickers.BTCUSDT"}, {"op": "pong"}, {"params": {"channel": "trades.X"}}, {}]
)
@pytest.mark.parametrize("venue", STEPS)
def test_other_frames_are_no_step(venue, frame):
    assert STEPS[venue](frame) is None


@pytest.mark.parametrize("is_late", [True, False])
async def test_a_pong_that_lies_unread_in_a_desk_that_is_behind_ends_no_connection(tapped, is_late):  # noqa: F811
    exchange, sink = tapped
    sink.is_late = lambda: is_late
    client = exchange.client("ws://venue")
    client.isConnected, client.lastPong = True, 5
    client.on_error(RequestTimeout("ping-pong keepalive missing on time"))
    assert [name for name, *_ in sink.heard] == ([] if is_late else ["lost"])
    assert (client.lastPong == 5) is not is_late
