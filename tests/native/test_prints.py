"""Trades in the venue's words become events in the intake; one that can't costs itself."""

import json

import pytest

from benchmarks.native import PLACES, session_of
from deskmon.bench.frames import START
from deskmon.events import OpenInterest, Trade
from deskmon.feeds.ccxt.interest import Open
from deskmon.feeds.ccxt.quotes import Prices, Quotes


@pytest.fixture
def bybit(monkeypatch):
    """A session that notes what it emits and rejects."""
    emitted, rejected = [], []
    session = session_of("bybit", emitted.append)
    monkeypatch.setattr(session.context, "reject", lambda raw, reason: rejected.append(reason))
    return session, emitted, rejected


def told(session, *trades):
    rows = [{"T": START, "s": "BTCUSDT", "S": "Buy", "v": "2", "p": "100", "i": str(n), **each}
            for n, each in enumerate(trades)]  # fmt: skip
    frame = json.dumps({"topic": "publicTrade.BTCUSDT", "ts": START, "data": rows}, separators=(",", ":"))
    session.links.intake.frame(frame.encode(), PLACES["bybit"], 1, PLACES["bybit"], START + 5)


def test_a_trade_is_the_takers_and_its_id_names_its_market(bybit):
    session, emitted, _ = bybit
    told(session, {}, {"S": "Sell", "i": "x"})
    first, second = (each for each in emitted if type(each) is Trade)
    assert first == Trade(ts=START, recv=START + 5, venue="bybit", symbol="BTC/USDT:USDT", price=100.0, amount=2.0,
                          side="buy", id="BTC/USDT:USDT#0")  # fmt: skip
    assert (second.side, second.id) == ("sell", "BTC/USDT:USDT#x")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"p": "0"}, "trade BTCUSDT: price"), ({"v": "-1"}, "trade BTCUSDT: amount"), ({"T": 5}, "trade BTCUSDT: ts"),
     ({"S": "Hold"}, "Hold"), ({"p": "dear"}, "Expected `float`")],
)  # fmt: skip
def test_a_trade_that_cannot_be_costs_itself(bybit, wrong, words):
    session, emitted, rejected = bybit
    told(session, {}, wrong, {})
    assert [each.id[-1] for each in emitted if type(each) is Trade] == ["0", "2"]
    (reason,) = rejected
    assert words in reason


def test_a_trade_of_a_market_that_is_not_listed_has_the_list_read_again(bybit):
    session, emitted, rejected = bybit
    told(session, {"s": "NEWUSDT"}, {"s": "NEWUSDT"}, {})
    assert session.unlisted == 1 and rejected == []
    assert [each.symbol for each in emitted if type(each) is Trade] == ["BTC/USDT:USDT"]


def test_open_interest_that_waits_is_valued_by_the_first_price_of_any_kind(bybit):
    session, emitted, _ = bybit
    session.quotes = Quotes("bybit")
    market = session.by_symbol["BTC/USDT:USDT"]
    session.interest_told(market, Open(5.0, "base", START), START, None)
    assert emitted == []
    assert session.noted(market, Prices(mark=100.0), START, START) is None
    assert [each.usd for each in emitted if type(each) is OpenInterest] == [500.0]
