"""What venues offer: for each channel whether it is streamed, polled or absent, and by which of ccxt's methods.

The plan of a run opens what stands here, docs/feeds.md prints it, and a test holds it against ccxt's own `has`.
Imports no ccxt.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from deskmon.feeds.ccxt.channels import CHANNELS, ChannelName
from deskmon.feeds.ccxt.exchanges import venue_name
from deskmon.feeds.ccxt.units import ROWS
from deskmon.feeds.native import venue_of

How = Literal["streamed", "polled", "none"]

CONTRACTS_ONLY: frozenset[ChannelName] = frozenset({"liquidations", "funding", "open_interest"})
"""Channels that spot markets don't have."""


class Offer(NamedTuple):
    """How a channel comes. `by`: the methods that bring it, as ccxt's `has` spells them; all of them are used. `why`:
    the reason where there is none. `own`: the methods are ours, and ccxt's `has` knows nothing of them."""

    how: How
    by: tuple[str, ...] = ()
    why: str = ""
    own: bool = False


def streamed(*by: str) -> Offer:
    """By websocket. A method may bring several channels: a ticker's frame that carries funding, trades with a flag."""
    return Offer("streamed", by)


def polled(*by: str) -> Offer:
    """By repeated requests."""
    return Offer("polled", by)


def own_poll(by: str) -> Offer:
    """By one repeated request for the whole venue, which ccxt hasn't."""
    return Offer("polled", (by,), own=True)


def own_stream(by: str) -> Offer:
    """By the venue's websocket read without ccxt, which hasn't it."""
    return Offer("streamed", (by,), own=True)


def none(why: str) -> Offer:
    """Not at all."""
    return Offer("none", (), why)


UNPUBLISHED = none("this venue publishes no liquidations that we can read")
NOT_IN_CCXT = none("ccxt has no way to it at this venue")
NATIVE_ONLY = none("ccxt doesn't read this venue's liquidations, and `native` is off")
NOT_READ = none("only prices and liquidations of this venue are read")

Row = Mapping[ChannelName, Offer]

_USUAL: Row = {
    "ticker": streamed("watchTickers"),
    "trades": streamed("watchTradesForSymbols"),
    "liquidations": UNPUBLISHED,
    "funding": polled("fetchFundingRate"),
    "open_interest": streamed("watchTickers"),
    "book": streamed("watchOrderBook"),
    "candles": streamed("watchOHLCV"),
}
"""What venues have most often; a row below says what differs."""

VENUES: dict[str, Row] = {
    "binance": {
        **_USUAL,
        "ticker": streamed("watchTickers", "watchBidsAsks", "watchMarkPrices"),
        "liquidations": streamed("watchLiquidationsForSymbols"),
        "funding": streamed("watchMarkPrices"),
        "open_interest": polled("fetchOpenInterest"),
    },
    "bybit": {**_USUAL, "liquidations": streamed("watchLiquidations"), "funding": streamed("watchTickers")},
    "okx": {
        **_USUAL,
        "ticker": streamed("watchTickers", "watchMarkPrices"),
        "liquidations": streamed("watchLiquidationsForSymbols"),
        "funding": streamed("watchFundingRates"),
        "open_interest": polled("fetchOpenInterest"),
    },
    "hyperliquid": {
        # Its stream of many tickers has mid prices only.
        **_USUAL,
        "ticker": streamed("watchTicker"),
        "trades": streamed("watchTrades"),
        "funding": streamed("watchTicker"),
        "open_interest": streamed("watchTicker"),
        "liquidations": own_poll("fetchVaultFills"),
    },
    "deribit": {**_USUAL, "liquidations": streamed("watchTradesForSymbols"), "funding": streamed("watchTickers")},
    "htx": {
        **_USUAL,
        "ticker": streamed("watchTicker"),
        "trades": streamed("watchTrades"),
        "liquidations": own_stream("watchLiquidationsForSymbols"),
        "open_interest": polled("fetchOpenInterest"),
    },
    "gate": {**_USUAL, "liquidations": own_stream("watchLiquidationsForSymbols")},
    "bitget": {**_USUAL, "liquidations": own_stream("watchLiquidationsForSymbols")},
    "krakenfutures": {
        **_USUAL,
        "liquidations": streamed("watchTradesForSymbols"),
        "candles": polled("fetchOHLCV"),
    },
    "aster": {
        **_USUAL,
        "ticker": streamed("watchTickers", "watchBidsAsks", "watchMarkPrices"),
        "liquidations": own_stream("watchLiquidationsForSymbols"),
        "funding": streamed("watchMarkPrices"),
        "open_interest": NOT_IN_CCXT,
    },
    # Not in ccxt: feeds/ccxt/bitmex.py lists its markets.
    "bitmex": {
        **dict.fromkeys(CHANNELS, NOT_READ),
        "ticker": own_stream("watchTickers"),
        "liquidations": own_stream("watchLiquidationsForSymbols"),
    },
    # Its mark prices are the same stream as its tickers.
    "lighter": {
        **_USUAL,
        "trades": streamed("watchTrades"),
        "liquidations": streamed("watchTrades"),
        "funding": NOT_IN_CCXT,
        "candles": polled("fetchOHLCV"),
    },
    "dydx": {
        **_USUAL,
        "ticker": NOT_IN_CCXT,
        "trades": streamed("watchTrades"),
        "liquidations": streamed("watchTrades"),
        "funding": NOT_IN_CCXT,
        "open_interest": NOT_IN_CCXT,
    },
    "bitfinex": {
        **_USUAL,
        "ticker": streamed("watchTicker"),
        "trades": streamed("watchTrades"),
        "liquidations": own_poll("fetchPositionRows"),
        "open_interest": polled("fetchOpenInterest"),
    },
    # Its stream of many tickers has no open interest.
    "mexc": {"ticker": streamed("watchTicker"), "open_interest": streamed("watchTicker")},
    "coinbase": {
        # Its stream of many tickers comes every 5 s only.
        **_USUAL,
        "ticker": streamed("watchTicker"),
        "funding": NOT_IN_CCXT,
        "open_interest": NOT_IN_CCXT,
        "candles": polled("fetchOHLCV"),
    },
}
"""By ccxt's id, which stands for the venue's other ids too; an exchange that isn't here offers what `derived` says."""

STREAMS: dict[ChannelName, tuple[str, ...]] = {
    "ticker": ("watchTickers", "watchTicker"),
    "trades": ("watchTradesForSymbols", "watchTrades"),
    "liquidations": (),
    "funding": ("watchFundingRates",),
    "open_interest": (),
    "book": ("watchOrderBook",),
    "candles": ("watchOHLCV",),
}
"""Methods that stream a channel at any venue, the best first. What a record of liquidation means differs too much from
venue to venue to be read unseen."""

POLLS: dict[ChannelName, str] = {
    "ticker": "fetchTicker",
    "trades": "fetchTrades",
    "liquidations": "fetchLiquidations",
    "funding": "fetchFundingRate",
    "open_interest": "fetchOpenInterest",
    "book": "fetchOrderBook",
    "candles": "fetchOHLCV",
}
"""The method that polls a channel."""


def in_ticker(exchange: str) -> bool:
    """Whether the ticker's frame carries open interest whose unit is known."""
    names = (exchange, venue_name(exchange))
    return any(units.interest for (name, _), units in ROWS.items() if name in names)


def derived(channel: ChannelName, exchange: str, has: Mapping[str, Any]) -> Offer:
    """What ccxt's `has` promises of a channel: the best stream, else the poll, else none."""
    carried = channel == "open_interest" and in_ticker(exchange)
    stream = next((method for method in STREAMS["ticker" if carried else channel] if has.get(method)), None)
    if stream is not None:
        beside = ("watchMarkPrices",) if channel == "ticker" and has.get("watchMarkPrices") else ()
        return streamed(stream, *beside)
    return polling(channel, has)


def polling(channel: ChannelName, has: Mapping[str, Any]) -> Offer:
    """The poll of a channel, where nothing else brings it, or none."""
    if channel == "liquidations":
        return UNPUBLISHED
    return polled(POLLS[channel]) if has.get(POLLS[channel]) else NOT_IN_CCXT


def row(exchange: str) -> Row | None:
    """The row of an exchange, by its own id or by that of its venue."""
    return VENUES.get(exchange) or VENUES.get(venue_name(exchange))


def offers(exchange: str, has: Mapping[str, Any], *, native: bool = True) -> dict[ChannelName, Offer]:
    """What `exchange` offers with a ccxt whose `has` this is: its row, without methods that this ccxt lacks. `native`:
    whether websockets are read without ccxt; where they aren't, ccxt's poll stands in."""
    found: dict[ChannelName, Offer] = {}
    known = row(exchange) or {}
    for channel in CHANNELS:
        offer = known.get(channel) or derived(channel, exchange, has)
        if offer.own and offer.how == "streamed" and not native:
            offer = polled(POLLS[channel]) if has.get(POLLS[channel]) else NATIVE_ONLY
        kept = tuple(method for method in offer.by if offer.own or has.get(method))
        found[channel] = offer._replace(by=kept) if kept or offer.how == "none" else derived(channel, exchange, has)
    return found


def missing(exchange: str, channels: Iterable[ChannelName]) -> list[tuple[ChannelName, str]]:
    """Those of `channels` that the row of `exchange` says it doesn't have, and why."""
    known = row(exchange) or {}
    return [(name, known[name].why) for name in channels if name in known and known[name].how == "none"]


DOCUMENTED = (
    "binanceusdm", "binancecoinm", "bybit", "okx", "hyperliquid", "deribit", "htx", "gate", "bitget", "krakenfutures",
    "aster", "bitmex", "lighter", "dydx", "bitfinex", "coinbase",
)  # fmt: skip
"""Exchanges that docs/feeds.md has a row of."""


def path(exchange: str, channel: ChannelName) -> str:
    """How a documented exchange's channel comes: as its row says, `own` where the desk's own parser reads it."""
    offer, venue = (row(exchange) or {})[channel], venue_of(exchange)
    own = venue is not None and offer.how == "streamed" and all(method in venue.streams for method in offer.by)
    return "own" if own else offer.how


def markdown() -> str:
    """The table of docs/feeds.md."""
    lines = [f"| exchange | {' | '.join(CHANNELS)} |", f"|---|{'---|' * len(CHANNELS)}"]
    for exchange in DOCUMENTED:
        lines.append(f"| `{exchange}` | {' | '.join(path(exchange, channel) for channel in CHANNELS)} |")
    return "\n".join(lines)
