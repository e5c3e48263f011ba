"""Binance USD-M and COIN-M futures.

https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams. Every event names itself
in `e`; numbers are text. USD-M has an address each for books, quotes and trades ("public") and for the rest ("market").
The venue pings every three minutes, and takes ten messages a second and 200 topics on a connection.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from deskmon.events import Trade
from deskmon.feeds.native.readings import Reading, Refusal, Stranger
from deskmon.feeds.native.venue import Market, Markets, Stream, Venue


class _Frame(msgspec.Struct, gc=False, tag_field="e"):
    s: str


class _Trade(_Frame, gc=False, tag="trade"):
    T: int
    id: int = msgspec.field(name="t")
    p: float
    q: float
    m: bool


class _Aggregate(_Frame, gc=False, tag="aggTrade"):
    """Trades of one taker at one price and moment as one."""

    T: int
    id: int = msgspec.field(name="a")
    p: float
    q: float
    m: bool


class _Error(msgspec.Struct):
    msg: str = ""
    code: int = 0


class _Answer(msgspec.Struct):
    """To a message of ours."""

    id: int | str | None = None
    error: _Error | None = None
    code: int | None = None
    msg: str = ""


_decode = msgspec.json.Decoder(_Trade | _Aggregate, strict=False).decode
_decode_answer = msgspec.json.Decoder(_Answer, strict=False).decode


def _trade(frame: _Trade | _Aggregate, markets: Markets, recv: int) -> Sequence[Reading]:
    market = markets[frame.s]
    if market is None:
        return (Stranger(frame.s),)
    price = market.price(frame.p)
    return (
        Trade(
            ts=frame.T,
            recv=recv,
            venue=markets.venue,
            symbol=market.symbol,
            price=price,
            amount=market.coins(frame.q, market.units.trades, price),
            side="sell" if frame.m else "buy",
            id=f"{market.symbol}#{frame.id}",
        ),
    )


_READ: dict[type[Any], Callable[[Any, Markets, int], Sequence[Reading]]] = {_Trade: _trade, _Aggregate: _trade}


def parse(frame: bytes, markets: Markets, recv: int) -> Sequence[Reading]:
    """The readings of one frame. Raises ValueError for what can't be read."""
    try:
        event = _decode(frame)
    except msgspec.ValidationError:
        return _answer(frame)
    return _READ[type(event)](event, markets, recv)


def _answer(frame: bytes) -> Sequence[Reading]:
    """What isn't an event is an answer to a message of ours, or can't be read."""
    answer = _decode_answer(frame)
    error = answer.error or (_Error(answer.msg, answer.code) if answer.code is not None else None)
    if error is not None:
        number = answer.id if isinstance(answer.id, int) else None
        return (Refusal(f"{error.msg} (code {error.code})", number=number),)
    if answer.id is None:
        raise ValueError("neither an event nor an answer")
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
    },
    serves=lambda market: bool(market.get("contract")) and not market.get("option"),
    address=_address,
    subscribe=_message("SUBSCRIBE"),
    unsubscribe=_message("UNSUBSCRIBE"),
    parse=parse,
    items=(),
    ping_s=180.0,
    per_message=100,
    per_connection=200,
    snapshots=True,
)
