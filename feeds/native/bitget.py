"""Bitget: liquidations of contracts.

https://www.bitget.com/api-doc/uta/websocket/public/Liquidation-Channel (the third API): once a second the largest long
and the largest short of each symbol. `side` is the position's, buy was long; `amount` is money of the quote.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from deskmon.feeds.ccxt.liquidations import Order, sold
from deskmon.feeds.native.pacing import Limit
from deskmon.feeds.native.readings import Forced, Reading, Refusal, Stranger
from deskmon.feeds.native.venue import Market, Markets, Stream, Venue

METHOD = "watchLiquidationsForSymbols"


class _Row(msgspec.Struct, gc=False):
    symbol: str
    side: str
    price: float
    amount: float
    ts: int


class _Frame(msgspec.Struct, gc=False):
    event: str = ""
    code: str = ""
    msg: str = ""
    data: tuple[_Row, ...] = ()


_decode = msgspec.json.Decoder(_Frame, strict=False).decode


def parse(frame: bytes, markets: Markets, recv: int) -> Sequence[Reading]:
    """The readings of one frame. Raises ValueError for what can't be read."""
    told = _decode(frame)
    if told.event == "error":
        return (Refusal(f"{told.msg} (code {told.code})"),)
    return tuple(_reading(row, markets) for row in told.data)


def _reading(row: _Row, markets: Markets) -> Reading:
    market = markets[row.symbol]
    if market is None:
        return Stranger(row.symbol)
    side = sold(row.side, sell="buy", buy="sell")
    return Forced(market, Order(row.symbol, row.ts, side, row.price, row.amount / row.price))


def _address(urls: Mapping[str, Any], place: str) -> str:
    return str(urls["ws"]["utaPublic"])


def _kind(market: Market) -> str:
    return "coin-futures" if market.get("inverse") else f"{str(market['settle']).lower()}-futures"


def _message(word: str, topics: Sequence[str]) -> str:
    asked = [{"instType": kind, "topic": "liquidation"} for kind in topics]
    return msgspec.json.encode({"op": word, "args": asked}).decode()


VENUE = Venue(
    streams={METHOD: Stream(lambda market, levels: _kind(market), _kind, whole=True)},
    serves=lambda market: bool(market.get("contract")),
    address=_address,
    subscribe=lambda topics, number: _message("subscribe", topics),
    unsubscribe=lambda topics, number: _message("unsubscribe", topics),
    parse=parse,
    ping="ping",
    ping_s=25.0,
    asks=(Limit(240, 3600.0),),  # subscriptions an hour on a connection ("WebSocket API", connect)
)
