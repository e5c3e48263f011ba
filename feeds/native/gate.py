"""Gate: liquidations of perpetuals.

https://www.gate.com/docs/developers/futures/ws/en/#public-liquidates-order-api; `!all` brings every contract, in
batches of a second since 2026-08-20, when the time of a row became milliseconds. The sign of `size` is the order's
here, where in an answer to a request (`liq_orders`) it is the position's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from deskmon.feeds.ccxt.liquidations import Order
from deskmon.feeds.native.readings import Forced, Reading, Refusal, Stranger
from deskmon.feeds.native.venue import Market, Markets, Stream, Venue

METHOD = "watchLiquidationsForSymbols"
CHANNEL = "futures.public_liquidates"
MILLISECONDS_FROM = 10**11
"""A time from here on is in milliseconds, not in seconds."""


class _Row(msgspec.Struct, gc=False):
    """`size` is in contracts."""

    contract: str
    price: float
    size: float
    time: int = 0
    time_ms: int = 0


class _Error(msgspec.Struct):
    code: int = 0
    message: str = ""


class _Frame(msgspec.Struct, gc=False):
    channel: str = ""
    event: str = ""
    error: _Error | None = None
    result: msgspec.Raw = msgspec.Raw(b"null")


_decode = msgspec.json.Decoder(_Frame, strict=False).decode
_decode_rows = msgspec.json.Decoder(tuple[_Row, ...], strict=False).decode


def parse(frame: bytes, markets: Markets, recv: int) -> Sequence[Reading]:
    """The readings of one frame. Raises ValueError for what can't be read."""
    told = _decode(frame)
    if told.error is not None:
        return (Refusal(f"{told.error.message} (code {told.error.code})"),)
    if told.channel != CHANNEL or told.event != "update":
        return ()
    return tuple(_reading(row, markets) for row in _decode_rows(told.result))


def _reading(row: _Row, markets: Markets) -> Reading:
    market = markets[row.contract]
    if market is None:
        return Stranger(row.contract)
    if not row.size:
        raise ValueError("size: 0 closes nothing")
    ts = row.time_ms or (row.time if row.time >= MILLISECONDS_FROM else row.time * 1000)
    return Forced(market, Order(row.contract, ts, "long" if row.size < 0 else "short", row.price, abs(row.size)))


def _address(urls: Mapping[str, Any], place: str) -> str:
    return str(urls["swap"][place])


def _place(market: Market) -> str:
    return str(market["settle"]).lower()


def _message(event: str, number: int) -> str:
    return msgspec.json.encode({"time": number, "channel": CHANNEL, "event": event, "payload": ["!all"]}).decode()


VENUE = Venue(
    streams={METHOD: Stream(lambda market, levels: "!all", _place, whole=True)},
    serves=lambda market: bool(market.get("swap")) and _place(market) in ("usdt", "btc"),
    address=_address,
    subscribe=lambda topics, number: _message("subscribe", number),
    unsubscribe=lambda topics, number: _message("unsubscribe", number),
    parse=parse,
    items=("result",),
    ping='{"time":1,"channel":"futures.ping"}',
    ping_s=15.0,
)
