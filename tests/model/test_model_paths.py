"""The past of a price and of open interest in even steps."""

from deskmon.clock import MINUTE
from deskmon.events import OpenInterest, Ticker
from deskmon.model import Model
from tests.model.markets import T

BTC = "BTC/USDT:USDT"


def test_ranges_hold_each_stretch_and_carry_the_last_price_over_silence():
    model = Model()
    path = ((24, 100.0), (22, 90.0), (21, 95.0), (19, 99.0), (1, 80.0))
    model.apply([Ticker(ts=T - ago * MINUTE, venue="okx", symbol=BTC, last=last) for ago, last in path])
    assert model.prices.ranges(BTC, T, 5 * MINUTE, 6) == [
        None, (95.0, 90.0, 100.0), (99.0, 99.0, 99.0), (99.0, 99.0, 99.0), (99.0, 99.0, 99.0), (80.0, 80.0, 80.0),
    ]  # fmt: skip
    assert model.prices.ranges("ETH/USDT", T, MINUTE, 2) == [None, None]


def test_amounts_are_what_was_known_by_then_venue_by_venue():
    model = Model()
    for venue, ago, amount in (("okx", 11, 5.0), ("okx", 4, 6.0), ("bybit", 0, 7.0)):
        model.apply([OpenInterest(ts=T - ago * MINUTE, venue=venue, symbol=BTC, amount=amount, usd=1.0)])
    assert model.open_interest.amounts(BTC, T, 5 * MINUTE, 4) == {
        "okx": [None, 5.0, 5.0, 6.0], "bybit": [None, None, None, 7.0],
    }  # fmt: skip
    assert model.open_interest.amounts("ETH/USDT", T, MINUTE, 2) == {}
