"""What to ask of a venue: for each channel the streams to keep open and the polls to repeat, as `offers` says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from deskmon.feeds.ccxt.channels import ChannelName
from deskmon.feeds.ccxt.offers import CONTRACTS_ONLY, NOT_IN_CCXT, Offer, offers, polling
from deskmon.feeds.ccxt.positions import PositionRows
from deskmon.feeds.ccxt.session import Session
from deskmon.feeds.ccxt.vaults import VaultFills
from deskmon.feeds.native.venue import Stream as NativeStream

if TYPE_CHECKING:
    from deskmon.feeds.native.links import Links

BOOK_DEPTHS = {"bybit": (1, 50, 200, 1000), "kraken": (10, 25, 100, 500, 1000)}
"""Depths that a venue's book stream knows; elsewhere the venue's own default is taken."""

Kind = Literal["any", "contract", "swap"]


@dataclass(frozen=True, slots=True)
class Method:
    """A method of ccxt that subscribes: to several symbols at once (`many`) or one, of these kinds of market."""

    name: str
    many: bool = False
    kind: Kind = "any"


METHODS: dict[str, Method] = {
    "watchTicker": Method("watch_ticker"),
    "watchTickers": Method("watch_tickers", many=True),
    "watchBidsAsks": Method("watch_bids_asks", many=True),
    "watchMarkPrices": Method("watch_mark_prices", many=True, kind="contract"),
    "watchTrades": Method("watch_trades"),
    "watchTradesForSymbols": Method("watch_trades_for_symbols", many=True),
    "watchLiquidations": Method("watch_liquidations", kind="contract"),
    "watchLiquidationsForSymbols": Method("watch_liquidations_for_symbols", many=True, kind="contract"),
    "watchFundingRates": Method("watch_funding_rates", many=True, kind="swap"),
    "watchOrderBook": Method("watch_order_book"),
    "watchOHLCV": Method("watch_ohlcv"),
}
"""By the names that `offers` uses."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A subscription: `watch` waits for its next update and subscribes when called first. `serves`: the channels that
    it brings, its own first. `name` tells it from other streams of a plan, `key` from those of another plan too."""

    name: str
    key: str
    serves: tuple[ChannelName, ...]
    watch: Callable[[], Awaitable[Any]]

    @property
    def channel(self) -> ChannelName:
        return self.serves[0]


@dataclass(frozen=True, slots=True)
class Poll:
    """A request to repeat: `fetch` asks once and hands the answer to the session. `recovers`: an answer brings what was
    missed before it, so a fault leaves no gap. `seconds`: between two of them, where the venue wants others."""

    key: str
    channel: ChannelName
    fetch: Callable[[], Awaitable[None]]
    recovers: bool = False
    seconds: float | None = None

    @property
    def serves(self) -> tuple[ChannelName, ...]:
        return (self.channel,)


def _offers(session: Session) -> dict[ChannelName, Offer]:
    return offers(session.options.exchange, session.exchange.has, native=session.links is not None)


def _is(market: dict[str, Any], kind: Kind) -> bool:
    if kind == "contract":
        return bool(market.get("contract")) and not market.get("option")
    return kind == "any" or bool(market.get("swap"))


def groups(session: Session, kind: Kind = "any") -> list[list[str]]:
    """Symbols of `kind`, those of one kind of market together: ccxt watches several at once only within one."""
    found: dict[tuple[Any, ...], list[str]] = {}
    for symbol in session.symbols:
        market = session.exchange.markets[symbol]
        if _is(market, kind):
            found.setdefault((market["type"], market.get("inverse"), market.get("settle")), []).append(symbol)
    return list(found.values())


def streams(session: Session) -> list[Stream]:
    """Every stream that a channel asked for needs, each once."""
    found = _offers(session)
    served: dict[str, list[ChannelName]] = {}
    for channel in session.channels:
        if found[channel].how == "streamed" and (channel != "open_interest" or _counts_in_ticker(session)):
            for method in found[channel].by:
                served.setdefault(method, []).append(channel)
    return [
        Stream(name, f"{name} {key}", tuple(channels), watch)
        for method, channels in served.items()
        for name, key, watch in _watches(session, method)
    ]


def _counts_in_ticker(session: Session) -> bool:
    """Whether it is known of any symbol what the open interest in its ticker counts."""
    return any(market.units.interest for market in map(session.instrument, session.symbols) if market is not None)


Watch = Callable[[], Awaitable[Any]]


def _watches(session: Session, method: str) -> Iterable[tuple[str, str, Watch]]:
    """Name, what is asked for, and call of each stream of one method that together bring all symbols."""
    how = METHODS[method]
    asked = groups(session, how.kind)
    if session.links is not None and (native := session.links.venue.streams.get(method)) is not None:
        own, asked = _shared_out(session, asked)
        yield from _native_watches(session, session.links, native, method, own)
        if not session.exchange.has.get(method):
            return
    each = [symbol for symbols in asked for symbol in symbols]
    watch = getattr(session.exchange, how.name)
    if method == "watchLiquidationsForSymbols" and session.family == "binance":
        for kind in sorted({_whole_market(session, symbols) for symbols in asked}):
            yield f"{method} {kind}", "", _call(watch, None, None, None, dict(kind))
    elif how.many:
        for place, symbols in enumerate(asked):
            yield f"{method} {place}", " ".join(symbols), _call(watch, symbols)
    elif method == "watchOHLCV":
        yield from ((f"{method} {symbol}", "", partial(_watch_candles, session, symbol)) for symbol in each)
    else:
        more = (_depth(session),) if method == "watchOrderBook" else ()
        yield from ((f"{method} {symbol}", "", _call(watch, symbol, *more)) for symbol in each)


def _shared_out(session: Session, asked: list[list[str]]) -> tuple[list[list[str]], list[list[str]]]:
    """Groups of symbols whose websocket is read here, and those that ccxt reads."""
    assert session.links is not None
    serves, markets = session.links.venue.serves, session.exchange.markets
    own = [[symbol for symbol in symbols if serves(markets[symbol])] for symbols in asked]
    others = [[symbol for symbol in symbols if not serves(markets[symbol])] for symbols in asked]
    return list(filter(None, own)), list(filter(None, others))


def _native_watches(
    session: Session, links: Links, native: NativeStream, method: str, asked: list[list[str]]
) -> Iterable[tuple[str, str, Watch]]:
    for place, symbols in enumerate(asked):
        # A stream of a whole market is the same whatever is watched of it.
        key = "" if native.whole else " ".join(symbols)
        yield f"{method} own {place}", key, partial(links.watch, native, symbols)


def _whole_market(session: Session, symbols: list[str]) -> tuple[tuple[str, str], ...]:
    """Parameters that make Binance send the liquidations of all markets of a kind as one stream."""
    market = session.exchange.markets[symbols[0]]
    return ("type", market["type"]), ("subType", "inverse" if market.get("inverse") else "linear")


def _depth(session: Session) -> int | None:
    depths = BOOK_DEPTHS.get(session.family)
    wanted = session.options.book_limit
    return None if depths is None else next((known for known in depths if known >= wanted), depths[-1])


async def _watch_candles(session: Session, symbol: str) -> None:
    session.candles(symbol, "1m", await session.exchange.watch_ohlcv(symbol, "1m"), streamed=True)


def _call(method: Callable[..., Awaitable[Any]], *arguments: Any) -> Watch:
    """A call without arguments. Lists are copied for each call: ccxt keeps and changes what it is given."""

    def call() -> Awaitable[Any]:
        return method(*(list(value) if isinstance(value, list) else value for value in arguments))

    return call


def polls(session: Session, streamed: Collection[ChannelName]) -> list[Poll]:
    """Every poll for the channels asked for that aren't in `streamed`."""
    return [poll for channel in session.channels if channel not in streamed for poll in polls_of(session, channel)]


def polls_of(session: Session, channel: ChannelName) -> list[Poll]:
    """The polls of one channel where no stream brings it; of none, an empty list."""
    offer = _offers(session)[channel]
    if offer.how == "streamed":
        offer = polling(channel, session.exchange.has)
    if offer.how == "none":
        return []
    if offer.own:
        whole = WHOLE[offer.by[0]](session)
        poll = Poll(channel, channel, whole.fetch, recovers=True, seconds=whole.EVERY_S)
        return [poll] if groups(session, "contract") else []
    kind: Kind = "swap" if channel in CONTRACTS_ONLY else "any"
    return [
        Poll(f"{channel} {symbol}", channel, partial(_FETCHES[channel], session, symbol))
        for symbols in groups(session, kind)
        for symbol in symbols
        if channel != "open_interest" or session.counts(symbol)
    ]


def why_none(session: Session, channel: ChannelName) -> str:
    """Why a channel has neither a stream nor a poll."""
    if channel in CONTRACTS_ONLY and not groups(session, "contract"):
        return "none of its symbols is a contract"
    offer = _offers(session)[channel]
    if offer.how != "none":
        offer = polling(channel, session.exchange.has)
    if offer.how == "none":
        return offer.why
    if channel == "open_interest" and groups(session, "swap"):
        return "withheld: nobody stated what this venue counts"
    return "none of its symbols is a perpetual" if channel in CONTRACTS_ONLY else NOT_IN_CCXT.why


async def _fetch_ticker(session: Session, symbol: str) -> None:
    session.ticker(symbol, await session.exchange.fetch_ticker(symbol))


async def _fetch_trades(session: Session, symbol: str) -> None:
    for raw in await session.exchange.fetch_trades(symbol, None, 200):
        session.trade(raw)


async def _fetch_liquidations(session: Session, symbol: str) -> None:
    session.polled_liquidations(await session.exchange.fetch_liquidations(symbol))


async def _fetch_funding(session: Session, symbol: str) -> None:
    session.funding(symbol, await session.exchange.fetch_funding_rate(symbol))


async def _fetch_open_interest(session: Session, symbol: str) -> None:
    session.polled_open_interest(symbol, await session.exchange.fetch_open_interest(symbol))
    if "ticker" not in session.channels and session.exchange.has.get("fetchTicker"):
        # Nothing else would bring the price that makes dollars of coins, or coins of dollars.
        session.ticker(symbol, await session.exchange.fetch_ticker(symbol))


async def _fetch_book(session: Session, symbol: str) -> None:
    session.book(symbol, await session.exchange.fetch_order_book(symbol))


async def _fetch_candles(session: Session, symbol: str) -> None:
    session.candles(symbol, "1m", await session.exchange.fetch_ohlcv(symbol, "1m", None, 3))


WHOLE: dict[str, Callable[[Session], VaultFills | PositionRows]] = {
    "fetchVaultFills": VaultFills,
    "fetchPositionRows": PositionRows,
}
"""Polls of a whole venue that are ours, by the names that `offers` uses."""

_FETCHES: dict[ChannelName, Callable[[Session, str], Awaitable[None]]] = {
    "ticker": _fetch_ticker,
    "trades": _fetch_trades,
    "liquidations": _fetch_liquidations,
    "funding": _fetch_funding,
    "open_interest": _fetch_open_interest,
    "book": _fetch_book,
    "candles": _fetch_candles,
}
