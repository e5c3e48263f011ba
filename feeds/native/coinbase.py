"""Coinbase: spot markets of Advanced Trade.

https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket/websocket-channels. All frames of a connection
are counted together (`sequence_num`); books have no numbers of their own. A book begins with a snapshot of all its
levels. Trades come newest first, and the first frame holds those of before; `side` is the maker's. Markets in USDC are
told under their name in USD, so ccxt keeps them. What is quiet for a minute is closed by the venue, unless `heartbeats`
are asked for, which are here in place of pings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from deskmon.feeds.ccxt.quotes import Prices
from deskmon.feeds.native.decoding import decoder
from deskmon.feeds.native.pacing import Limit
from deskmon.feeds.native.readings import Change, Count, Print, Quote, Reading, Refusal, Stranger
from deskmon.feeds.native.venue import Market, Markets, Stream, Venue


class _Ticker(msgspec.Struct, gc=False):
    product_id: str = ""
    price: float | None = None
    best_bid: float | None = None
    best_ask: float | None = None
    high: float | None = msgspec.field(name="high_24_h", default=None)
    low: float | None = msgspec.field(name="low_24_h", default=None)
    volume: float | None = msgspec.field(name="volume_24_h", default=None)
    change_percent: float | None = msgspec.field(name="price_percent_chg_24_h", default=None)


class _TickerEvent(msgspec.Struct, gc=False):
    tickers: list[_Ticker]


class _Frame(Count, gc=False, tag_field="channel"):
    """Of any channel."""

    number: int = msgspec.field(name="sequence_num")


class _Tickers(_Frame, gc=False, tag="ticker"):
    timestamp: str
    events: list[_TickerEvent]


class _Trade(Print, gc=False, kw_only=True):
    """`ts` is read from `time`."""

    name: str = msgspec.field(name="product_id")
    ts: int = 0
    time: str
    price: float
    amount: float = msgspec.field(name="size")
    side: Literal["BUY", "SELL"]
    id: str = msgspec.field(name="trade_id")


class _TradeEvent(msgspec.Struct, gc=False):
    trades: list[_Trade]


class _Trades(_Frame, gc=False, tag="market_trades"):
    events: list[_TradeEvent]


class _Level(msgspec.Struct, gc=False):
    side: str
    price_level: float
    new_quantity: float


class _BookEvent(msgspec.Struct, gc=False):
    product_id: str
    type: str
    updates: list[_Level]


class _Books(_Frame, gc=False, tag="l2_data"):
    timestamp: str
    events: list[_BookEvent]


class _Other(msgspec.Struct):
    channel: str = ""
    sequence_num: int | None = None
    type: str = ""
    message: str = ""
    reason: str = ""


_decode: Callable[[bytes], Any] = decoder(_Tickers | _Trades | _Books)  # type: ignore[arg-type]
_decode_other = decoder(_Other)


_WHOLE, _DIGITS = slice(19), slice(20, 23)
"""The parts of a time: to its second, and the thousandths of that."""

_SECONDS: dict[str, int] = {}
"""Milliseconds of times of late without parts of a second."""

_THOUSANDTHS = {f"{number:03}": number for number in range(1000)}
"""In a third of the time of `int`."""


def _ms(text: str) -> int:
    """Milliseconds of a time in UTC with as many digits of a second as the venue has, cut off."""
    try:
        return _SECONDS[text[_WHOLE]] + _THOUSANDTHS[text[_DIGITS]]
    except KeyError:
        return _first_ms(text)


def _first_ms(text: str) -> int:
    """The same of a second that wasn't told yet, or with fewer digits."""
    if len(_SECONDS) > 64:
        _SECONDS.clear()
    whole = text[_WHOLE]
    _SECONDS[whole] = second = int(datetime.fromisoformat(whole).replace(tzinfo=UTC).timestamp()) * 1000
    digits = text[_DIGITS] if text[_DIGITS].isdecimal() else text[20:].removesuffix("Z").ljust(3, "0")
    if len(digits) != 3 or not digits.isdecimal():
        raise ValueError(f"time: {text!r} has no digits of a second")
    return second + int(digits)


def _tickers(frame: _Tickers, markets: Markets) -> Sequence[Reading]:
    found: list[Reading] = [frame]
    ts = _ms(frame.timestamp)
    for event in frame.events:
        for told in event.tickers:
            if not told.product_id:  # nothing is left of what was asked for
                continue
            market = markets[told.product_id]
            if market is None:
                found.append(Stranger(told.product_id))
                continue
            found.append(Quote(market, ts, Prices(
                last=told.price, bid=told.best_bid, ask=told.best_ask, open_24h=_opened(told),
                high_24h=told.high, low_24h=told.low, volume_24h=told.volume,
            )))  # fmt: skip
    return found


def _opened(told: _Ticker) -> float | None:
    """The price of 24 hours ago, of the change in percent since."""
    last, change = told.price, told.change_percent
    return None if last is None or change is None or change <= -100 else last / (1 + change / 100)


def _trades(frame: _Trades, markets: Markets) -> Sequence[Reading]:
    found: list[Reading] = [frame]
    for event in frame.events:
        trades = event.trades
        for told in trades:
            text = told.time  # without `_ms`, whose call would take a fiftieth of the whole trade
            try:
                told.ts = _SECONDS[text[_WHOLE]] + _THOUSANDTHS[text[_DIGITS]]
            except KeyError:
                told.ts = _first_ms(text)
        trades.reverse()
        found += trades
    return found


def _books(frame: _Books, markets: Markets) -> Sequence[Reading]:
    found: list[Reading] = [frame]
    ts = _ms(frame.timestamp)
    for event in frame.events:
        market = markets[event.product_id]
        if market is None:
            found.append(Stranger(event.product_id))
            continue
        bids: list[tuple[float, float]] = []
        asks: list[tuple[float, float]] = []
        for level in event.updates:
            (bids if level.side == "bid" else asks).append((level.price_level, level.new_quantity))
        found.append(Change(market, ts, bids, asks, whole=event.type == "snapshot"))
    return found


_READ: dict[type[Any], Callable[[Any, Markets], Sequence[Reading]]] = {
    _Tickers: _tickers, _Trades: _trades, _Books: _books,
}  # fmt: skip
_CHANNELS = {kind.__struct_config__.tag for kind in _READ}


def parse(frame: bytes, markets: Markets, recv: int) -> Sequence[Reading]:
    """The readings of one frame. Raises ValueError for what can't be read."""
    try:
        told = _decode(frame)
    except msgspec.ValidationError as error:
        return _other(_decode_other(frame), error)
    return _READ[type(told)](told, markets)


def _other(told: _Other, error: msgspec.ValidationError) -> Sequence[Reading]:
    """A refusal, or of a channel that is only counted its number. Raises `error` for a frame of any other."""
    if told.type == "error":
        return (Refusal(": ".join(words for words in (told.message, told.reason) if words)),)
    if told.channel in _CHANNELS:
        raise error
    return () if told.sequence_num is None else (Count(told.sequence_num),)


def _topic(channel: str) -> Callable[[Market, int], str]:
    return lambda market, levels: f"{channel}:{market['id']}"


def _message(verb: str) -> Callable[[Sequence[str], int], str]:
    """Topics of one message are of one channel: they are those of one subscription."""

    def message(topics: Sequence[str], number: int) -> str:
        (channel,) = {topic.partition(":")[0] for topic in topics}
        products = [topic.partition(":")[2] for topic in topics]
        return msgspec.json.encode({"type": verb, "product_ids": products, "channel": channel}).decode()

    return message


def _serves(market: Market) -> bool:
    return bool(market.get("spot")) and market.get("quote") != "USDC"


def _address(urls: Mapping[str, Any], place: str) -> str:
    return str(urls["ws"])


def _place(market: Market) -> str:
    return ""


VENUE = Venue(
    streams={
        "watchTicker": Stream(_topic("ticker"), _place),
        "watchTradesForSymbols": Stream(_topic("market_trades"), _place),
        "watchOrderBook": Stream(_topic("level2"), _place),
    },
    serves=_serves,
    address=_address,
    subscribe=_message("subscribe"),
    unsubscribe=_message("unsubscribe"),
    parse=parse,
    takers={"BUY": "sell", "SELL": "buy"},  # what the venue says is the maker's
    items=("events", "trades"),
    ping='{"type":"subscribe","channel":"heartbeats"}',
    ping_s=20.0,
    # of 8 messages a second from an address, those for heartbeats among them, and 8 new connections
    # (https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket/websocket-rate-limits)
    asks_in_all=(Limit(7, 1.0),),
    openings=(Limit(8, 1.0),),
)
