"""BitMEX: liquidations of the whole venue, and prices.

https://www.bitmex.com/app/wsAPI. A table is told whole at first and then by its changes. A row of `liquidation` is an
order, from when it is placed (`insert`) until it is done (`delete`): it is counted when it is placed. `leavesQty` is in
contracts. `instrument` rows tell what changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from deskmon.feeds.ccxt.liquidations import Order, sold
from deskmon.feeds.ccxt.quotes import Prices
from deskmon.feeds.native.pacing import Limit
from deskmon.feeds.native.readings import Forced, Quote, Reading, Refusal, Stranger
from deskmon.feeds.native.venue import Market, Markets, Stream, Venue


class _Order(msgspec.Struct, gc=False):
    orderID: str
    symbol: str
    side: str
    price: float
    leavesQty: float
    timestamp: datetime | None = None


class _Instrument(msgspec.Struct, gc=False):
    symbol: str
    timestamp: datetime | None = None
    lastPrice: float | None = None
    bidPrice: float | None = None
    askPrice: float | None = None
    markPrice: float | None = None
    indicativeSettlePrice: float | None = None
    prevPrice24h: float | None = None
    highPrice: float | None = None
    lowPrice: float | None = None


class _Frame(msgspec.Struct, gc=False):
    table: str = ""
    action: str = ""
    data: msgspec.Raw = msgspec.Raw(b"[]")
    error: str = ""
    subscribe: str = ""


_decode = msgspec.json.Decoder(_Frame).decode
_decode_orders = msgspec.json.Decoder(tuple[_Order, ...]).decode
_decode_instruments = msgspec.json.Decoder(tuple[_Instrument, ...]).decode


def parse(frame: bytes, markets: Markets, recv: int) -> Sequence[Reading]:
    """The readings of one frame. Raises ValueError for what can't be read."""
    told = _decode(frame)
    if told.error:
        return (Refusal(told.error),)
    if told.table == "liquidation" and told.action in ("insert", "partial"):
        return tuple(_forced(row, markets, recv) for row in _decode_orders(told.data))
    if told.table == "instrument":
        return tuple(_quote(row, markets, recv) for row in _decode_instruments(told.data))
    return ()


def _forced(row: _Order, markets: Markets, recv: int) -> Reading:
    market = markets[row.symbol]
    if market is None:
        return Stranger(row.symbol)
    side = sold(row.side, sell="Sell", buy="Buy")
    return Forced(market, Order(row.symbol, _ms(row.timestamp, recv), side, row.price, row.leavesQty, row.orderID))


def _quote(row: _Instrument, markets: Markets, recv: int) -> Reading:
    market = markets[row.symbol]
    if market is None:
        return Stranger(row.symbol)
    told = Prices(last=row.lastPrice, bid=row.bidPrice, ask=row.askPrice, mark=row.markPrice,
                  index=row.indicativeSettlePrice, open_24h=row.prevPrice24h, high_24h=row.highPrice,
                  low_24h=row.lowPrice)  # fmt: skip
    return Quote(market, _ms(row.timestamp, recv), told)


def _ms(at: datetime | None, recv: int) -> int:
    return recv if at is None else round(at.timestamp() * 1000)


def _topic(market: Market, levels: int) -> str:
    return f"instrument:{market['id']}"


def _message(word: str, topics: Sequence[str]) -> str:
    return msgspec.json.encode({"op": word, "args": list(topics)}).decode()


def _address(urls: Mapping[str, Any], place: str) -> str:
    return str(urls["ws"])


VENUE = Venue(
    streams={
        "watchLiquidationsForSymbols": Stream(lambda market, levels: "liquidation", lambda market: "", whole=True),
        "watchTickers": Stream(_topic, lambda market: ""),
    },
    serves=lambda market: True,
    address=_address,
    subscribe=lambda topics, number: _message("subscribe", topics),
    unsubscribe=lambda topics, number: _message("unsubscribe", topics),
    parse=parse,
    ping="ping",
    ping_s=15.0,
    openings=(Limit(60, 3600.0),),  # an hour (https://blog.bitmex.com/api_announcement/updates-to-rate-limits/)
)
