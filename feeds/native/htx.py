"""HTX: liquidations of perpetuals.

https://www.htx.com/en-us/opend/newApiPages, "Subscribe Liquidation Orders (no authentication)"; the wildcard brings
every contract. Frames are gzip. The venue pings by its own message, whose time is text there and a number elsewhere,
and hangs up after five pings without an answer.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from deskmon.feeds.ccxt.liquidations import Order, sold
from deskmon.feeds.native.readings import Forced, Reading, Refusal, Stranger
from deskmon.feeds.native.venue import Market, Markets, Stream, Venue

METHOD = "watchLiquidationsForSymbols"


class _Row(msgspec.Struct, gc=False):
    """`volume` is in contracts. `price` is the bankruptcy price."""

    contract_code: str
    direction: str
    volume: float
    price: float
    created_at: int


class _Frame(msgspec.Struct, gc=False):
    op: str = ""
    topic: str = ""
    ts: msgspec.Raw = msgspec.Raw(b"0")
    data: tuple[_Row, ...] = ()
    code: int = msgspec.field(name="err-code", default=0)
    words: str = msgspec.field(name="err-msg", default="")


_decode = msgspec.json.Decoder(_Frame, strict=False).decode
_PING = b'"ping"'


def parse(frame: bytes, markets: Markets, recv: int) -> Sequence[Reading]:
    """The readings of one frame. Raises ValueError for what can't be read."""
    told = _decode(frame)
    if told.code:
        return (Refusal(f"{told.words} (code {told.code})", topic=told.topic),)
    return tuple(_reading(row, markets) for row in told.data)


def _reading(row: _Row, markets: Markets) -> Reading:
    market = markets[row.contract_code]
    if market is None:
        return Stranger(row.contract_code)
    side = sold(row.direction, sell="sell", buy="buy")
    return Forced(market, Order(row.contract_code, row.created_at, side, row.price, row.volume))


def answer(frame: bytes) -> str | None:
    """The pong to a ping, with its time as it came."""
    if _PING not in frame:
        return None
    told = _decode(frame)
    return f'{{"op":"pong","ts":{bytes(told.ts).decode()}}}' if told.op == "ping" else None


def _address(urls: Mapping[str, Any], place: str) -> str:
    return str(urls["ws"]["api"]["swap"][place]["private"])


def _message(word: str, topics: Sequence[str], number: int) -> str:
    (topic,) = topics
    return msgspec.json.encode({"op": word, "topic": topic, "cid": str(number)}).decode()


def _place(market: Market) -> str:
    return "linear" if market.get("linear") else "inverse"


VENUE = Venue(
    streams={METHOD: Stream(lambda market, levels: "public.*.liquidation_orders", _place, whole=True)},
    serves=lambda market: bool(market.get("swap")),
    address=_address,
    subscribe=lambda topics, number: _message("sub", topics, number),
    unsubscribe=lambda topics, number: _message("unsub", topics, number),
    parse=parse,
    per_message=1,
    unpack=gzip.decompress,
    answer=answer,
)
