"""Aster: liquidations of perpetuals.

https://github.com/asterdex/api-docs, "All Market Liquidation Order Streams": frames as Binance's, at most one order per
symbol and second, by a stream that names itself around each frame.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from deskmon.feeds.ccxt.liquidations import Order, sold
from deskmon.feeds.native.pacing import Limit
from deskmon.feeds.native.readings import Forced, Reading, Refusal, Stranger
from deskmon.feeds.native.venue import Markets, Stream, Venue

METHOD = "watchLiquidationsForSymbols"


class _Forced(msgspec.Struct, gc=False):
    """`z` is filled of the order, `ap` at this average; `l` is only the last fill."""

    s: str
    S: str
    T: int
    p: float
    q: float
    ap: float = 0.0
    z: float = 0.0


class _Event(msgspec.Struct, gc=False):
    o: _Forced


class _Error(msgspec.Struct):
    code: int = 0
    msg: str = ""


class _Frame(msgspec.Struct, gc=False):
    data: _Event | None = None
    o: _Forced | None = None
    id: int | None = None
    error: _Error | None = None


_decode = msgspec.json.Decoder(_Frame, strict=False).decode


def parse(frame: bytes, markets: Markets, recv: int) -> Sequence[Reading]:
    """The readings of one frame. Raises ValueError for what can't be read."""
    told = _decode(frame)
    if told.error is not None:
        return (Refusal(f"{told.error.msg} (code {told.error.code})", number=told.id),)
    order = told.o if told.data is None else told.data.o
    if order is None:
        return ()
    market = markets[order.s]
    if market is None:
        return (Stranger(order.s),)
    side = sold(order.S, sell="SELL", buy="BUY")
    return (Forced(market, Order(order.s, order.T, side, order.ap or order.p, order.z or order.q)),)


def _message(method: str, topics: Sequence[str], number: int) -> str:
    return msgspec.json.encode({"method": method, "params": list(topics), "id": number}).decode()


def _address(urls: Mapping[str, Any], place: str) -> str:
    return str(urls["ws"]["public"]["swap"])


VENUE = Venue(
    streams={METHOD: Stream(lambda market, levels: "!forceOrder@arr", lambda market: "swap", whole=True)},
    serves=lambda market: bool(market.get("swap")),
    address=_address,
    subscribe=lambda topics, number: _message("SUBSCRIBE", topics, number),
    unsubscribe=lambda topics, number: _message("UNSUBSCRIBE", topics, number),
    parse=parse,
    items=(),
    ping_s=60.0,
    asks=(Limit(8, 1.0),),  # of 10 messages a second, pings and pongs included ("Websocket Market Streams")
)
