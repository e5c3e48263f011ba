"""OKX: spot, swaps and futures.

https://www.okx.com/docs-v5/en/#overview-websocket. `arg` names channel and market of a frame; all figures are text. A
book's changes follow by `seqId`; its checksum is 0 since June 2026, and is not looked at. A connection that is silent
for 30 s is closed, so a ping goes out every 20 s.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from deskmon.feeds.ccxt import liquidations
from deskmon.feeds.ccxt.instruments import Instrument
from deskmon.feeds.ccxt.quotes import Prices
from deskmon.feeds.native.decoding import decoder
from deskmon.feeds.native.pacing import Limit
from deskmon.feeds.native.readings import Change, Forced, Print, Quote, Rate, Reading, Refusal, Stranger
from deskmon.feeds.native.venue import Market, Markets, Stream, Venue


class _Arg(msgspec.Struct, gc=False):
    channel: str
    instId: str = ""


class _Ticker(Prices, gc=False, kw_only=True):
    instId: str
    ts: int
    last: float | None = None
    bid: float | None = msgspec.field(name="bidPx", default=None)
    ask: float | None = msgspec.field(name="askPx", default=None)
    open_24h: float | None = msgspec.field(name="open24h", default=None)
    high_24h: float | None = msgspec.field(name="high24h", default=None)
    low_24h: float | None = msgspec.field(name="low24h", default=None)
    volume_24h: float | None = msgspec.field(name="volCcy24h", default=None)
    contracts: float | None = msgspec.field(name="vol24h", default=None)


class _Tickers(msgspec.Struct, gc=False):
    data: list[_Ticker]


class _Mark(msgspec.Struct, gc=False):
    instId: str
    ts: int
    markPx: float


class _Marks(msgspec.Struct, gc=False):
    data: list[_Mark]


class _Trade(Print, gc=False):
    name: str = msgspec.field(name="instId")
    ts: int
    price: float = msgspec.field(name="px")
    amount: float = msgspec.field(name="sz")
    side: Literal["buy", "sell"]
    id: str = msgspec.field(name="tradeId")


class _Trades(msgspec.Struct, gc=False):
    data: list[_Trade]


class _Funding(msgspec.Struct, gc=False):
    instId: str
    fundingRate: float | None = None
    fundingTime: int | None = None
    nextFundingTime: int | None = None
    ts: int = 0


class _Fundings(msgspec.Struct, gc=False):
    data: list[_Funding]


class _Book(msgspec.Struct, gc=False):
    asks: list[tuple[float, ...]]
    bids: list[tuple[float, ...]]
    ts: int
    seqId: int | None = None
    prevSeqId: int | None = None


class _Books(msgspec.Struct, gc=False):
    arg: _Arg
    data: list[_Book]
    action: str = "snapshot"


class _Liquidations(msgspec.Struct, gc=False):
    data: list[dict[str, Any]]


class _Answer(msgspec.Struct):
    """To a message of ours, or a notice."""

    event: str
    code: str = "0"
    msg: str = ""
    arg: _Arg | None = None
    id: int | None = None


_decode_tickers, _decode_marks, _decode_trades = decoder(_Tickers), decoder(_Marks), decoder(_Trades)
_decode_fundings, _decode_books, _decode_liquidations = decoder(_Fundings), decoder(_Books), decoder(_Liquidations)
_decode_answer = decoder(_Answer)


def _tickers(raw: bytes, markets: Markets, recv: int) -> Sequence[Reading]:
    found: list[Reading] = []
    for told in _decode_tickers(raw).data:
        market = markets[told.instId]
        if market is None:
            found.append(Stranger(told.instId))
            continue
        if market.kind != "linear":
            _take_volumes(told, market)
        found.append(Quote(market, told.ts, told))
    return found


def _take_volumes(told: _Ticker, market: Instrument) -> None:
    """Of a market that isn't linear: `vol24h` is coins on spot, contracts of money on inverse ones."""
    if market.kind == "spot":
        told.volume_24h, told.quote_volume_24h = told.contracts, told.volume_24h
    elif market.kind == "inverse" and told.contracts is not None:
        told.quote_volume_24h = told.contracts * market.size


def _marks(raw: bytes, markets: Markets, recv: int) -> Sequence[Reading]:
    found: list[Reading] = []
    for told in _decode_marks(raw).data:
        market = markets[told.instId]
        if market is None:
            found.append(Stranger(told.instId))
        else:
            found.append(Quote(market, told.ts, Prices(mark=told.markPx)))
    return found


def _trades(raw: bytes, markets: Markets, recv: int) -> Sequence[Reading]:
    return _decode_trades(raw).data


def _fundings(raw: bytes, markets: Markets, recv: int) -> Sequence[Reading]:
    found: list[Reading] = []
    for told in _decode_fundings(raw).data:
        market = markets[told.instId]
        if market is None:
            found.append(Stranger(told.instId))
        elif told.fundingRate is not None:
            found.append(Rate(market, told.ts, told.fundingRate, told.fundingTime, told.nextFundingTime))
    return found


def _books(raw: bytes, markets: Markets, recv: int) -> Sequence[Reading]:
    frame = _decode_books(raw)
    market = markets[frame.arg.instId]
    if market is None:
        return (Stranger(frame.arg.instId),)
    whole = frame.action == "snapshot"
    return [
        Change(market, book.ts, book.bids, book.asks, after=book.seqId, before=book.prevSeqId, whole=whole)
        for book in frame.data
    ]


def _liquidations(raw: bytes, markets: Markets, recv: int) -> Sequence[Reading]:
    orders = (order for record in _decode_liquidations(raw).data for order in liquidations.okx(record))
    return [Forced(markets[order.market_id], order) for order in orders]


_CHANNEL = re.compile(rb'\s*{\s*"arg"\s*:\s*{\s*"channel"\s*:\s*"([\w-]+)').match
"""The channel is the first name of a frame; where it isn't, the whole frame is read for it."""

_READ: dict[bytes, Callable[[bytes, Markets, int], Sequence[Reading]]] = {
    b"tickers": _tickers, b"mark-price": _marks, b"trades": _trades, b"funding-rate": _fundings, b"books": _books,
    b"liquidation-orders": _liquidations,
}  # fmt: skip


_BY_START = {b'{"arg":{"channel":"' + name[:3]: read for name, read in _READ.items()}
"""By the first bytes of a frame as the venue writes it."""


class _Named(msgspec.Struct):
    arg: _Arg | None = None
    event: str = ""


_decode_named = decoder(_Named)


def parse(frame: bytes, markets: Markets, recv: int) -> Sequence[Reading]:
    """The readings of one frame. Raises ValueError for what can't be read."""
    read = _BY_START.get(frame[:22])
    if read is not None:
        return read(frame, markets, recv)
    found = _CHANNEL(frame)
    kind = found[1] if found is not None else _kind(frame)
    read = _READ.get(kind)
    if read is not None:
        return read(frame, markets, recv)
    if kind:
        raise ValueError(f"channel: {kind.decode()!r} is not known")
    answer = _decode_answer(frame)
    if answer.event != "error":
        return ()
    topic = None if answer.arg is None else f"{answer.arg.channel}:{answer.arg.instId}"
    return (Refusal(f"{answer.msg} (code {answer.code})", topic, answer.id),)


def _kind(frame: bytes) -> bytes:
    named = _decode_named(frame)
    return b"" if named.event or named.arg is None else named.arg.channel.encode()


def _topic(channel: str) -> Callable[[Market, int], str]:
    return lambda market, levels: f"{channel}:{market['id']}"


def _kind_of(market: Market, levels: int) -> str:
    return f"liquidation-orders:{'FUTURES' if market.get('future') else 'SWAP'}"


def _address(urls: Mapping[str, Any], place: str) -> str:
    return f"{urls['ws']}/{place}"


def _message(verb: str) -> Callable[[Sequence[str], int], str]:
    def arg(topic: str) -> dict[str, str]:
        channel, _, name = topic.partition(":")
        return {"channel": channel, "instType" if channel == "liquidation-orders" else "instId": name}

    def message(topics: Sequence[str], number: int) -> str:
        return msgspec.json.encode({"id": str(number), "op": verb, "args": [arg(topic) for topic in topics]}).decode()

    return message


def _place(market: Market) -> str:
    return "public"


VENUE = Venue(
    streams={
        "watchTickers": Stream(_topic("tickers"), _place),
        "watchMarkPrices": Stream(_topic("mark-price"), _place),
        "watchFundingRates": Stream(_topic("funding-rate"), _place),
        "watchTradesForSymbols": Stream(_topic("trades"), _place),
        "watchLiquidationsForSymbols": Stream(_kind_of, _place, whole=True),
        "watchOrderBook": Stream(_topic("books"), _place),
    },
    serves=lambda market: not market.get("option"),
    address=_address,
    subscribe=_message("subscribe"),
    unsubscribe=_message("unsubscribe"),
    parse=parse,
    takers={"buy": "buy", "sell": "sell"},
    ping="ping",
    asks=(Limit(480, 3600.0),),  # subscriptions and their ends, each hour, on a connection ("Connection count limit")
    openings=(Limit(3, 1.0),),  # a second from an address ("WebSocket", connection limit)
)
