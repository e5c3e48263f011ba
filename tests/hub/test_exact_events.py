"""An event that goes out without being read again is the one that its JSON gives."""

from hypothesis import given
from hypothesis import strategies as st

from deskmon.events import Ticker, Trade, decode_event, encode_event
from deskmon.hub.running import validated
from tests.length import examples

TS = 1_790_000_000_000
ABOUT = {"ts": TS, "venue": "binance", "symbol": "BTC/USDT:USDT"}
prices = st.one_of(st.none(), st.floats(0.01, 1e6), st.integers(1, 10**6))


@given(last=prices.filter(lambda price: price is not None), bid=prices, high=prices, volume=prices)
@examples(60, 2_000)
def test_a_ticker_is_what_its_json_says_whatever_kind_of_number_it_was_made_of(last, bid, high, volume):
    item = validated(Ticker(**ABOUT, last=last, bid=bid, high_24h=high, volume_24h=volume))
    assert decode_event(item.json()) == item.event
    assert all(type(value) in (float, type(None)) for value in (item.event.last, item.event.bid, item.event.high_24h))


@given(price=prices.filter(lambda price: price is not None), identity=st.one_of(st.none(), st.text(max_size=20)))
@examples(60, 2_000)
def test_so_is_a_trade(price, identity):
    trade = Trade(**ABOUT, price=price, amount=1.5, side="buy", id=identity)
    try:
        encode_event(trade)
    except ValueError:
        return  # half of a character: `emit` rejects it
    item = validated(trade)
    assert decode_event(item.json()) == item.event
    assert type(item.event.price) is float
