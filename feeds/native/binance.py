"""Binance USD-M and COIN-M futures.

https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams. Every event names itself
in `e`; numbers are text. USD-M has an address each for books, quotes and trades ("public") and for the rest ("market").
The venue pings every three minutes, and takes ten messages a second and 200 topics on a connection.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from deskmon.feeds.ccxt import liquidations
from deskmon.feeds.ccxt.quotes import Prices
from deskmon.feeds.native.decoding import decoder
from deskmon.feeds.native.pacing import Limit
from deskmon.feeds.native.readings import Change, Forced, Print, Quote, Rate, Reading, Refusal, Stranger
from deskmon.feeds.native.venue import Market, Markets, Stream, Venue


class _Frame(msgspec.Struct, gc=False, tag_field="e"):
    s: str


class _Trade(Print, gc=False, tag_field="e", tag="trade"):
    """`side`: whether the buyer is the maker."""

    name: str = msgspec.field(name="s")
    ts: int = msgspec.field(name="T")
    price: float = msgspec.field(name="p")
    amount: float = msgspec.field(name="q")
    side: bool = msgspec.field(name="m")
    id: int = msgspec.field(name="t")


class _Aggregate(Print, gc=False, tag_field="e", tag="aggTrade"):
    """Trades of one taker at one price and moment as one."""

    name: str = msgspec.field(name="s")
    ts: int = msgspec.field(name="T")
    price: float = msgspec.field(name="p")
    amount: float = msgspec.field(name="q")
    side: bool = msgspec.field(name="m")
    id: int = msgspec.field(name="a")


class _MiniTicker(_Frame, gc=False, tag="24hrMiniTicker"):
    """`v` is coins on linear markets, contracts on inverse ones; `q` is money and coins."""

    E: int
    c: float
    o: float = 0.0
    h: float = 0.0
    l: float = 0.0  # noqa: E741
    v: float | None = None
    q: float | None = None


class _BookTicker(_Frame, gc=False, tag="bookTicker"):
    b: float
    a: float
    E: int = 0


class _MarkPrice(_Frame, gc=False, tag="markPriceUpdate"):
    E: int
    p: float
    i: float | None = None
    r: float | None = None
    T: int = 0


class _Depth(_Frame, gc=False, tag="depthUpdate"):
    E: int
    U: int
    u: int
    b: list[tuple[float, float]]
    a: list[tuple[float, float]]
    pu: int | None = None


class _Force(msgspec.Struct, gc=False, tag_field="e", tag="forceOrder"):
    o: dict[str, Any]


class _Error(msgspec.Struct):
    msg: str = ""
    code: int = 0


class _Answer(msgspec.Struct):
    """To a message of ours."""

    id: int | str | None = None
    error: _Error | None = None
    code: int | None = None
    msg: str = ""


_Event = _Trade | _Aggregate | _MiniTicker | _BookTicker | _MarkPrice | _Depth | _Force
_decode: Callable[[bytes], Any] = decoder(_Event)  # type: ignore[arg-type]
_decode_answer = decoder(_Answer)


def _mini_ticker(frame: _MiniTicker, markets: Markets, recv: int) -> Sequence[Reading]:
    market = markets[frame.s]
    if market is None:
        return (Stranger(frame.s),)
    if market.kind == "inverse":
        coins, quote = frame.q, None if frame.v is None else frame.v * market.size
    else:
        coins, quote = frame.v, frame.q
    told = Prices(last=frame.c, open_24h=frame.o, high_24h=frame.h, low_24h=frame.l,
                  volume_24h=coins, quote_volume_24h=quote)  # fmt: skip
    return (Quote(market, frame.E, told),)


def _book_ticker(frame: _BookTicker, markets: Markets, recv: int) -> Sequence[Reading]:
    market = markets[frame.s]
    if market is None:
        return (Stranger(frame.s),)
    return (Quote(market, frame.E, Prices(bid=frame.b, ask=frame.a)),)


def _mark_price(frame: _MarkPrice, markets: Markets, recv: int) -> Sequence[Reading]:
    market = markets[frame.s]
    if market is None:
        return (Stranger(frame.s),)
    quote = Quote(market, frame.E, Prices(mark=frame.p, index=frame.i))
    return (quote,) if frame.r is None else (quote, Rate(market, frame.E, frame.r, frame.T or None))


def _depth(frame: _Depth, markets: Markets, recv: int) -> Sequence[Reading]:
    market = markets[frame.s]
    if market is None:
        return (Stranger(frame.s),)
    return (Change(market, frame.E, frame.b, frame.a, after=frame.u, before=frame.pu, first=frame.U),)


def _force(frame: _Force, markets: Markets, recv: int) -> Sequence[Reading]:
    return [Forced(markets[order.market_id], order) for order in liquidations.binance(frame.o)]


_READ: dict[type[Any], Callable[[Any, Markets, int], Sequence[Reading]]] = {
    _MiniTicker: _mini_ticker, _BookTicker: _book_ticker, _MarkPrice: _mark_price, _Depth: _depth, _Force: _force,
}  # fmt: skip


def parse(frame: bytes, markets: Markets, recv: int) -> Sequence[Reading]:
    """The readings of one frame. Raises ValueError for what can't be read."""
    try:
        event = _decode(frame)
    except msgspec.ValidationError:
        return _answer(frame)
    kind = type(event)
    return (event,) if kind is _Trade or kind is _Aggregate else _READ[kind](event, markets, recv)


def _answer(frame: bytes) -> Sequence[Reading]:
    """What isn't an event is an answer to a message of ours, or can't be read."""
    answer = _decode_answer(frame)
    error = answer.error or (_Error(answer.msg, answer.code) if answer.code is not None else None)
    if error is not None:
        number = answer.id if isinstance(answer.id, int) else None
        return (Refusal(f"{error.msg} (code {error.code})", number=number),)
    if answer.id is None:
        raise ValueError("neither an event that is known nor an answer")
    return ()


def _place(kind: str) -> Callable[[Market], str]:
    def place(market: Market) -> str:
        return f"linear/{kind}" if market.get("linear") else "inverse"

    return place


def _topic(name: str) -> Callable[[Market, int], str]:
    return lambda market, levels: f"{market['lowercaseId']}@{name}"


def _address(urls: Mapping[str, Any], place: str) -> str:
    kind, _, sort = place.partition("/")
    url: str = urls["ws"][kind]
    return f"{url.removesuffix('/ws')}/{sort}/ws" if sort and url.endswith("/ws") else url


def _message(method: str) -> Callable[[Sequence[str], int], str]:
    def message(topics: Sequence[str], number: int) -> str:
        return msgspec.json.encode({"method": method, "params": list(topics), "id": number}).decode()

    return message


VENUE = Venue(
    streams={
        "watchTradesForSymbols": Stream(_topic("trade"), _place("public")),
        "watchTickers": Stream(_topic("miniTicker"), _place("market")),
        "watchBidsAsks": Stream(_topic("bookTicker"), _place("public")),
        "watchMarkPrices": Stream(_topic("markPrice@1s"), _place("market")),
        "watchLiquidationsForSymbols": Stream(lambda market, levels: "!forceOrder@arr", _place("market"), whole=True),
        "watchOrderBook": Stream(_topic("depth@100ms"), _place("public")),
    },
    serves=lambda market: bool(market.get("contract")) and not market.get("option"),
    address=_address,
    subscribe=_message("SUBSCRIBE"),
    unsubscribe=_message("UNSUBSCRIBE"),
    parse=parse,
    takers={True: "sell", False: "buy"},
    items=(),
    ping_s=180.0,
    per_message=100,
    per_connection=200,
    snapshots=True,
    asks=(Limit(8, 1.0),),  # of 10 messages a second: pings and pongs count too ("Connect" of both markets' streams)
    openings=(Limit(300, 300.0),),  # 300 in five minutes from an address ("WebSocket Streams" of the spot market)
)
