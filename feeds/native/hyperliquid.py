"""Hyperliquid: perpetuals.

https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/websocket/subscriptions. Markets are named by their
coin. Books come whole. The context of a coin (`activeAssetCtx`) has no time of its own; its last price is the middle of
bid and ask, and its impact prices are no bid and ask. Funding is hourly. A connection that is silent for a minute is
closed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from deskmon.feeds.ccxt.quotes import Prices
from deskmon.feeds.native.decoding import decoder
from deskmon.feeds.native.pacing import Limit
from deskmon.feeds.native.readings import Change, Interest, Print, Quote, Rate, Reading, Refusal, Stranger
from deskmon.feeds.native.venue import Market, Markets, Stream, Venue

HOURLY = 1.0


class _Context(Prices, gc=False, kw_only=True):
    last: float | None = msgspec.field(name="midPx", default=None)
    mark: float | None = msgspec.field(name="markPx", default=None)
    index: float | None = msgspec.field(name="oraclePx", default=None)
    open_24h: float | None = msgspec.field(name="prevDayPx", default=None)
    volume_24h: float | None = msgspec.field(name="dayBaseVlm", default=None)
    quote_volume_24h: float | None = msgspec.field(name="dayNtlVlm", default=None)
    openInterest: float | None = None
    funding: float | None = None


class _Told(msgspec.Struct, gc=False):
    coin: str
    ctx: _Context


class _Contexts(msgspec.Struct, gc=False):
    data: _Told


class _Trade(Print, gc=False):
    name: str = msgspec.field(name="coin")
    ts: int = msgspec.field(name="time")
    price: float = msgspec.field(name="px")
    amount: float = msgspec.field(name="sz")
    side: Literal["B", "A"]
    id: int = msgspec.field(name="tid")


class _Trades(msgspec.Struct, gc=False):
    data: list[_Trade]


class _Level(msgspec.Struct, gc=False):
    px: float
    sz: float


class _Book(msgspec.Struct, gc=False):
    coin: str
    time: int
    levels: tuple[list[_Level], list[_Level]]


class _Books(msgspec.Struct, gc=False):
    data: _Book


class _Frame(msgspec.Struct, gc=False):
    channel: str
    data: msgspec.Raw = msgspec.Raw(b"null")


_decode_contexts, _decode_trades, _decode_books = decoder(_Contexts), decoder(_Trades), decoder(_Books)
_decode = decoder(_Frame)


def _contexts(frame: bytes, markets: Markets, recv: int) -> Sequence[Reading]:
    told = _decode_contexts(frame).data
    market, ctx = markets[told.coin], told.ctx
    if market is None:
        return (Stranger(told.coin),)
    found: list[Reading] = [Quote(market, 0, ctx)]
    if ctx.funding is not None:
        found.append(Rate(market, recv, ctx.funding, hours=HOURLY))
    if ctx.openInterest is not None:
        found.append(Interest(market, 0, ctx.openInterest, "base"))
    return found


def _trades(frame: bytes, markets: Markets, recv: int) -> Sequence[Reading]:
    return _decode_trades(frame).data


def _books(frame: bytes, markets: Markets, recv: int) -> Sequence[Reading]:
    told = _decode_books(frame).data
    market = markets[told.coin]
    if market is None:
        return (Stranger(told.coin),)
    bids, asks = ([(level.px, level.sz) for level in side] for side in told.levels)
    return (Change(market, told.time, bids, asks, whole=True),)


_READ: dict[str, Callable[[bytes, Markets, int], Sequence[Reading]]] = {
    "activeAssetCtx": _contexts, "trades": _trades, "l2Book": _books,
}  # fmt: skip


_BY_START = {b'{"channel":"' + name.encode()[:3]: read for name, read in _READ.items()}
"""By the first bytes of a frame as the venue writes it; of another the whole frame is read for its channel."""


def parse(frame: bytes, markets: Markets, recv: int) -> Sequence[Reading]:
    """The readings of one frame. Raises ValueError for what can't be read."""
    read = _BY_START.get(frame[:15])
    if read is not None:
        return read(frame, markets, recv)
    told = _decode(frame)
    read = _READ.get(told.channel)
    if read is not None:
        return read(frame, markets, recv)
    if told.channel == "error":
        return (Refusal(str(msgspec.json.decode(told.data))),)
    return ()


def _topic(kind: str) -> Callable[[Market, int], str]:
    return lambda market, levels: f"{kind}:{market['baseName']}"


def _message(method: str) -> Callable[[Sequence[str], int], str]:
    def message(topics: Sequence[str], number: int) -> str:
        ((kind, _, coin),) = (topic.partition(":") for topic in topics)
        asked = {"method": method, "subscription": {"type": kind, "coin": coin}}
        return msgspec.json.encode(asked).decode()

    return message


def _address(urls: Mapping[str, Any], place: str) -> str:
    return str(urls["ws"]["public"])


def _place(market: Market) -> str:
    return ""


VENUE = Venue(
    streams={
        "watchTicker": Stream(_topic("activeAssetCtx"), _place),
        "watchTrades": Stream(_topic("trades"), _place),
        "watchOrderBook": Stream(_topic("l2Book"), _place),
    },
    serves=lambda market: bool(market.get("swap")),
    address=_address,
    subscribe=_message("subscribe"),
    unsubscribe=_message("unsubscribe"),
    parse=parse,
    takers={"B": "buy", "A": "sell"},
    ping='{"method":"ping"}',
    ping_s=20.0,
    per_message=1,
    # of 2,000 messages a minute from an address, pings among them, and 30 new connections
    # (https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/rate-limits-and-user-limits)
    asks_in_all=(Limit(1_900, 60.0),),
    openings=(Limit(30, 60.0),),
    identity=lambda market: str(market.get("baseName")),
)
