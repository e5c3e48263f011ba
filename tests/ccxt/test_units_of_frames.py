"""Frames of venues that send open interest in their tickers only, through ccxt's handlers to the desk's events."""

from __future__ import annotations

import pytest

from deskmon.events import OpenInterest, Ticker
from deskmon.feeds.ccxt import CcxtFeed
from deskmon.feeds.ccxt.exchanges import load_class, settings
from deskmon.feeds.ccxt.session import Session
from deskmon.feeds.ccxt.tap import tap
from tests.ccxt.desk import Desk
from tests.ccxt.frames import BITGET, KRAKEN, LIGHTER
from tests.ccxt.test_units import market_of


class Client:
    """A connection that frames come by."""

    url = "wss://venue"

    def resolve(self, *_result) -> None:
        pass


GATE = {
    "contract": "BTC_USDT", "last": "66000", "change_percentage": "1.5", "total_size": "32323904",
    "volume_24h": "900000",
    "volume_24h_base": "90", "volume_24h_quote": "5940000", "mark_price": "66000", "index_price": "65990",
}  # fmt: skip
DATED = {"product_id": "FI_XBTUSD_261225", "volume": 1, "volumeQuote": 1, "openInterest": 28064920}
FRAMES = [  # exchange, market, frame, symbol, coins, mark
    ("gate", "gate", {"channel": "futures.tickers", "result": [GATE]}, "BTC/USDT:USDT", 3232.3904, 66_000.0),
    ("krakenfutures", "krakenfutures inverse",
     {**KRAKEN, "product_id": "PI_XBTUSD", "volume": 1, "volumeQuote": 1, "openInterest": 28064920}, "BTC/USD:BTC",
     1000.0,
     28064.92),
    ("krakenfutures", "krakenfutures dated", {**KRAKEN, **DATED}, "BTC/USD:BTC-261225", 1000.0, 28064.92),
    ("bitget", "bitget inverse",
     {"arg": {"instType": "COIN-FUTURES", "channel": "ticker", "instId": "BTCUSD"}, "data": [{**BITGET,
     "instId": "BTCUSD"}]},
     "BTC/USD:BTC", 3251.4, 27000.4),
    ("lighter", "lighter", {"channel": "market_stats:0", "market_stats": LIGHTER}, "BTC/USDC:USDC", 40723.275, 3013.91),
]  # fmt: skip


@pytest.mark.parametrize(("exchange", "name", "frame", "symbol", "coins", "mark"), FRAMES, ids=lambda v: str(v)[:20])
async def test_open_interest_and_mark_come_with_the_ticker(exchange, name, frame, symbol, coins, mark):
    options = CcxtFeed.Options(exchange=exchange, channels=("ticker", "open_interest"))
    desk = Desk()
    session = Session("test", exchange, options, desk.context)
    session.exchange = tap(load_class(exchange), settings(options), session)
    session.exchange.set_markets([market_of(name)])
    session.symbols = [symbol]
    session.exchange.handle_ticker(Client(), frame)
    await session.exchange.close()
    (ticker, *_), (interest, *_) = desk.of(Ticker), desk.of(OpenInterest)
    assert (ticker.symbol, ticker.mark) == (symbol, mark)
    assert interest.amount == pytest.approx(coins)
    assert interest.usd == pytest.approx(coins * mark)
    assert desk.rejected == []
