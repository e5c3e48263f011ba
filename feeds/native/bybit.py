"""Bybit: spot, linear and inverse contracts.

https://bybit-exchange.github.io/docs/v5/ws/connect. The topic says what a frame is. Tickers of contracts tell only what
changed; books begin with a snapshot, and `u` counts their changes. A connection wants a ping every 20 s, and a message
of ten topics at most on spot.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from deskmon.feeds.ccxt import liquidations
from deskmon.feeds.ccxt.quotes import Prices
from deskmon.feeds.native.decoding import decoder
from deskmon.feeds.native.pacing import Limit
from deskmon.feeds.native.readings import Change, Forced, Interest, Print, Quote, Rate, Reading, Refusal, Stranger
from deskmon.feeds.native.venue import Market, Markets, Stream, Venue

DEPTHS = (1, 50, 200, 1000)


class _Ticker(Prices, gc=False, kw_only=True, rename="camel"):
    symbol: str
    last: float | None = msgspec.field(name="lastPrice", default=None)
    bid: float | None = msgspec.field(name="bid1Price", default=None)
    ask: float | None = msgspec.field(name="ask1Price", default=None)
    mark: float | None = msgspec.field(name="markPrice", default=None)
    index: float | None = msgspec.field(name="indexPrice", default=None)
    open_24h: float | None = msgspec.field(name="prevPrice24h", default=None)
    high_24h: float | None = msgspec.field(name="highPrice24h", default=None)
    low_24h: float | None = msgspec.field(name="lowPrice24h", default=None)
    volume_24h: float | None = msgspec.field(name="volume24h", default=None)
    quote_volume_24h: float | None = msgspec.field(name="turnover24h", default=None)
    open_interest: float | None = None
    single_open_interest: float | None = None
    funding_rate: float | None = None
    next_funding_time: int | None = None
    funding_interval_hour: float | None = None


class _Tickers(msgspec.Struct, gc=False):
    data: _Ticker
    ts: int
    type: str = ""


class _Trade(Print, gc=False):
    name: str = msgspec.field(name="s")
    ts: int = msgspec.field(name="T")
    price: float = msgspec.field(name="p")
    amount: float = msgspec.field(name="v")
    side: Literal["Buy", "Sell"] = msgspec.field(name="S")
    id: str = msgspec.field(name="i")


class _Trades(msgspec.Struct, gc=False):
    data: list[_Trade]


class _Book(msgspec.Struct, gc=False):
    s: str
    u: int
    b: list[tuple[float, float]]
    a: list[tuple[float, float]]


class _Books(msgspec.Struct, gc=False):
    data: _Book
    ts: int
    type: str


class _Liquidations(msgspec.Struct, gc=False):
    data: list[dict[str, Any]]


class _Answer(msgspec.Struct):
    """To a message of ours."""

    op: str
    success: bool = True
    ret_msg: str = ""
    req_id: int | None = None


_decode_tickers, _decode_trades, _decode_books = decoder(_Tickers), decoder(_Trades), decoder(_Books)
_decode_liquidations, _decode_answer = decoder(_Liquidations), decoder(_Answer)


def _tickers(raw: bytes, markets: Markets, recv: int) -> Sequence[Reading]:
    frame = _decode_tickers(raw)
    told, ts = frame.data, frame.ts
    market = markets[told.symbol]
    if market is None:
        return (Stranger(told.symbol),)
    if market.kind == "spot":
        return (Quote(market, ts, told),)
    if market.kind == "inverse":
        told.volume_24h, told.quote_volume_24h = told.quote_volume_24h, told.volume_24h
    found: list[Reading] = [Quote(market, ts, told, partial=True)]
    if told.funding_rate is not None or told.next_funding_time is not None:
        due = told.next_funding_time or None
        found.append(Rate(market, ts, told.funding_rate, due, hours=told.funding_interval_hour))
    # `openInterest` counts both sides where the other figure is told.
    interest = told.single_open_interest if told.single_open_interest is not None else told.open_interest
    if interest is not None and market.units.interest:
        unit = market.units.interest[0].unit
        found.append(Interest(market, ts, interest, unit, stand_in=told.single_open_interest is None))
    return found


def _trades(raw: bytes, markets: Markets, recv: int) -> Sequence[Reading]:
    return _decode_trades(raw).data


def _books(raw: bytes, markets: Markets, recv: int) -> Sequence[Reading]:
    frame = _decode_books(raw)
    book = frame.data
    market = markets[book.s]
    if market is None:
        return (Stranger(book.s),)
    whole = frame.type == "snapshot"
    return (Change(market, frame.ts, book.b, book.a, after=book.u, before=book.u - 1, whole=whole),)


def _liquidations(raw: bytes, markets: Markets, recv: int) -> Sequence[Reading]:
    orders = (order for record in _decode_liquidations(raw).data for order in liquidations.bybit(record))
    return [Forced(markets[order.market_id], order) for order in orders]


_TOPIC = re.compile(rb'\s*{\s*"topic"\s*:\s*"(\w+)').match
"""The topic is the first name of a frame; where it isn't, the whole frame is read for it."""

_READ: dict[bytes, Callable[[bytes, Markets, int], Sequence[Reading]]] = {
    b"tickers": _tickers, b"publicTrade": _trades, b"orderbook": _books, b"allLiquidation": _liquidations,
}  # fmt: skip


_BY_START = {b'{"topic":"' + name[:3]: read for name, read in _READ.items()}
"""By the first bytes of a frame as the venue writes it."""


class _Topic(msgspec.Struct):
    topic: str | None = None


_decode_topic = decoder(_Topic)


def parse(frame: bytes, markets: Markets, recv: int) -> Sequence[Reading]:
    """The readings of one frame. Raises ValueError for what can't be read."""
    read = _BY_START.get(frame[:13])
    if read is not None:
        return read(frame, markets, recv)
    found = _TOPIC(frame)
    kind = found[1] if found is not None else _kind(frame)
    read = _READ.get(kind)
    if read is not None:
        return read(frame, markets, recv)
    if kind:
        raise ValueError(f"topic: {kind.decode()!r} is not known")
    answer = _decode_answer(frame)
    if answer.success:
        return ()
    return (Refusal(answer.ret_msg, number=answer.req_id),)


def _kind(frame: bytes) -> bytes:
    topic = _decode_topic(frame).topic
    return b"" if topic is None else topic.partition(".")[0].encode()


def _place(market: Market) -> str:
    return "spot" if market.get("spot") else "inverse" if market.get("inverse") else "linear"


def _depth(market: Market, levels: int) -> str:
    depth = next((known for known in DEPTHS if known >= levels), DEPTHS[-1])
    return f"orderbook.{depth}.{market['id']}"


def _topic(name: str) -> Callable[[Market, int], str]:
    return lambda market, levels: f"{name}.{market['id']}"


def _address(urls: Mapping[str, Any], place: str) -> str:
    url: str = urls["ws"]["public"][place]
    return url


def _message(verb: str) -> Callable[[Sequence[str], int], str]:
    def message(topics: Sequence[str], number: int) -> str:
        return msgspec.json.encode({"req_id": str(number), "op": verb, "args": list(topics)}).decode()

    return message


VENUE = Venue(
    streams={
        "watchTickers": Stream(_topic("tickers"), _place),
        "watchTradesForSymbols": Stream(_topic("publicTrade"), _place),
        "watchLiquidations": Stream(_topic("allLiquidation"), _place),
        "watchOrderBook": Stream(_depth, _place),
    },
    serves=lambda market: not market.get("option"),
    address=_address,
    subscribe=_message("subscribe"),
    unsubscribe=_message("unsubscribe"),
    parse=parse,
    takers={"Buy": "buy", "Sell": "sell"},
    ping='{"op":"ping"}',
    per_message=10,
    openings=(Limit(500, 300.0),),  # 500 in five minutes ("Connect", IP limits); messages have no limit there
)
