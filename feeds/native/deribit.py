"""Deribit: perpetuals, futures and options.

https://docs.deribit.com/#subscriptions. `channel` names what is told of which instrument. Amounts of inverse contracts
are dollars, of others coins. A book's changes follow by `prev_change_id`. Liquidations are marked among trades. Faster
channels than 100 ms want an account.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec

from deskmon.feeds.ccxt import liquidations
from deskmon.feeds.ccxt.instruments import Instrument
from deskmon.feeds.ccxt.quotes import Prices
from deskmon.feeds.native.decoding import decoder
from deskmon.feeds.native.pacing import Limit
from deskmon.feeds.native.readings import Change, Forced, Interest, Print, Quote, Rate, Reading, Refusal, Stranger
from deskmon.feeds.native.venue import Market, Markets, Stream, Venue

FUNDING_HOURS = 8.0
"""`funding_8h` is over eight hours by definition, though it is paid continuously."""


class _Stats(msgspec.Struct, gc=False):
    volume: float | None = None
    volume_usd: float | None = None
    volume_notional: float | None = None
    price_change: float | None = None
    high: float | None = None
    low: float | None = None


class _Ticker(msgspec.Struct, gc=False):
    instrument_name: str
    timestamp: int
    last_price: float | None = None
    best_bid_price: float | None = None
    best_ask_price: float | None = None
    mark_price: float | None = None
    index_price: float | None = None
    underlying_price: float | None = None
    open_interest: float | None = None
    funding_8h: float | None = None
    stats: _Stats | None = None


class _TickerParams(msgspec.Struct, gc=False):
    data: _Ticker


class _Tickers(msgspec.Struct, gc=False):
    params: _TickerParams


class _Trade(Print, gc=False):
    name: str = msgspec.field(name="instrument_name")
    ts: int = msgspec.field(name="timestamp")
    price: float
    amount: float
    side: Literal["buy", "sell"] = msgspec.field(name="direction")
    id: str = msgspec.field(name="trade_id")
    liquidation: str | None = None


class _TradeParams(msgspec.Struct, gc=False):
    data: list[_Trade]


class _Trades(msgspec.Struct, gc=False):
    params: _TradeParams


class _Book(msgspec.Struct, gc=False):
    instrument_name: str
    timestamp: int
    change_id: int
    bids: list[tuple[str, float, float]]
    asks: list[tuple[str, float, float]]
    type: str = "change"
    prev_change_id: int | None = None


class _BookParams(msgspec.Struct, gc=False):
    data: _Book


class _Books(msgspec.Struct, gc=False):
    params: _BookParams


class _Params(msgspec.Struct, gc=False):
    channel: str


class _Error(msgspec.Struct):
    code: int = 0
    message: str = ""


class _Frame(msgspec.Struct, gc=False):
    params: _Params | None = None
    id: int | None = None
    error: _Error | None = None


_decode_tickers, _decode_trades, _decode_books = decoder(_Tickers), decoder(_Trades), decoder(_Books)
_decode = decoder(_Frame)
_NOTHING = _Stats()


def _tickers(frame: bytes, markets: Markets, recv: int) -> Sequence[Reading]:
    told = _decode_tickers(frame).params.data
    market = markets[told.instrument_name]
    if market is None:
        return (Stranger(told.instrument_name),)
    stats = told.stats or _NOTHING
    quote = None if market.option else stats.volume_usd if stats.volume_notional is None else stats.volume_notional
    found: list[Reading] = [Quote(market, told.timestamp, Prices(
        last=told.last_price, bid=told.best_bid_price, ask=told.best_ask_price, mark=told.mark_price,
        index=told.index_price, open_24h=_opened(told.last_price, stats), high_24h=stats.high, low_24h=stats.low,
        volume_24h=stats.volume, quote_volume_24h=quote,
    ))]  # fmt: skip
    if told.funding_8h is not None and not market.option:
        found.append(Rate(market, told.timestamp, told.funding_8h, hours=FUNDING_HOURS))
    if told.open_interest is not None:
        found.append(_interest(told, told.open_interest, market))
    return found


def _interest(told: _Ticker, value: float, market: Instrument) -> Interest:
    """Of an option at the price of its underlying, since its own is in coins."""
    price = (told.underlying_price or told.index_price) if market.option else None
    return Interest(market, told.timestamp, value, "quote" if market.kind == "inverse" else "base", price)


def _opened(last: float | None, stats: _Stats) -> float | None:
    """The price of 24 hours ago, of the change in percent since."""
    change = stats.price_change
    return None if last is None or change is None or change <= -100 else last / (1 + change / 100)


def _trades(frame: bytes, markets: Markets, recv: int) -> Sequence[Reading]:
    prints = _decode_trades(frame).params.data
    for told in prints:
        if told.liquidation is not None:
            return [*_forced(prints, markets), *prints]
    return prints


def _forced(prints: Sequence[_Trade], markets: Markets) -> Iterator[Forced]:
    for told in prints:
        market = markets[told.name]
        if market is not None:
            yield from (Forced(market, order) for order in liquidations.deribit(msgspec.to_builtins(told)))


def _books(frame: bytes, markets: Markets, recv: int) -> Sequence[Reading]:
    told = _decode_books(frame).params.data
    market = markets[told.instrument_name]
    if market is None:
        return (Stranger(told.instrument_name),)
    bids = [(price, amount) for _, price, amount in told.bids]
    asks = [(price, amount) for _, price, amount in told.asks]
    is_whole = told.type == "snapshot"
    return (Change(market, told.timestamp, bids, asks, told.change_id, told.prev_change_id, whole=is_whole),)


_READ: dict[str, Callable[[bytes, Markets, int], Sequence[Reading]]] = {
    "ticker": _tickers, "trades": _trades, "book": _books,
}  # fmt: skip

_START = b'{"jsonrpc":"2.0","method":"subscription","params":{"channel":"'
_BY_START = {_START + name.encode()[:4]: read for name, read in _READ.items()}
"""By the first bytes of a frame as the venue writes it; of another the whole frame is read for its channel."""
_LENGTH = len(_START) + 4


def parse(frame: bytes, markets: Markets, recv: int) -> Sequence[Reading]:
    """The readings of one frame. Raises ValueError for what can't be read."""
    begun = _BY_START.get(frame[:_LENGTH])
    if begun is not None:
        return begun(frame, markets, recv)
    told = _decode(frame)
    if told.params is not None:
        kind = told.params.channel.partition(".")[0]
        read = _READ.get(kind)
        if read is None:
            raise ValueError(f"channel: {kind!r} is not known")
        return read(frame, markets, recv)
    if told.error is not None:
        return (Refusal(f"{told.error.message} (code {told.error.code})", number=told.id),)
    return ()


def _topic(kind: str) -> Callable[[Market, int], str]:
    return lambda market, levels: f"{kind}.{market['id']}.100ms"


def _message(word: str) -> Callable[[Sequence[str], int], str]:
    def message(topics: Sequence[str], number: int) -> str:
        asked = {"jsonrpc": "2.0", "id": number, "method": f"public/{word}", "params": {"channels": list(topics)}}
        return msgspec.json.encode(asked).decode()

    return message


def _address(urls: Mapping[str, Any], place: str) -> str:
    return str(urls["ws"])


def _place(market: Market) -> str:
    return ""


VENUE = Venue(
    streams={
        "watchTickers": Stream(_topic("ticker"), _place),
        "watchTradesForSymbols": Stream(_topic("trades"), _place),
        "watchOrderBook": Stream(_topic("book"), _place),
    },
    serves=lambda market: bool(market.get("contract")),
    address=_address,
    subscribe=_message("subscribe"),
    unsubscribe=_message("unsubscribe"),
    parse=parse,
    takers={"buy": "buy", "sell": "sell"},
    items=("params", "data"),
    ping='{"jsonrpc":"2.0","id":0,"method":"public/test","params":{}}',
    ping_s=30.0,
    # public/subscribe costs 3,000 of 30,000 credits, which come back at 10,000 a second
    # (https://docs.deribit.com/articles/rate-limits)
    asks_in_all=(Limit(10, 3.0),),
)
