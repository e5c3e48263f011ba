"""What to ask of a venue: for each channel the streams to keep open and the polls to repeat."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from deskmon.feeds.ccxt.liquidations import PARSERS
from deskmon.feeds.ccxt.options import ChannelName
from deskmon.feeds.ccxt.session import Session

STREAMED_LIQUIDATIONS = frozenset({"binance", "bybit", "okx", "aster"})
POLLED_LIQUIDATIONS = frozenset({"htx", "gate"})
OWN_QUOTES = frozenset({"binance", "aster"})
"""Venues whose ticker stream has no bid and ask on contracts, so that these come by a stream of their own."""

IN_TICKER = frozenset({"bybit", "deribit", "hyperliquid"})
"""Venues whose ticker frame carries funding and open interest, newer than any poll."""

SINGLE_TICKERS = frozenset({"hyperliquid", "coinbase"})
"""Venues whose stream of many tickers is poorer than that of one: mid prices only, or every 5 s."""

BOOK_DEPTHS = {"bybit": (1, 50, 200, 1000), "kraken": (10, 25, 100, 500, 1000)}
"""Depths that a venue's book stream knows; elsewhere the venue's own default is taken."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A subscription: `watch` waits for its next update and subscribes when called first."""

    channel: ChannelName
    watch: Callable[[], Awaitable[Any]]
    beside: tuple[ChannelName, ...] = ()

    @property
    def serves(self) -> tuple[ChannelName, ...]:
        """Its own channel, and those whose figures come in its frames."""
        return (self.channel, *self.beside)


@dataclass(frozen=True, slots=True)
class Poll:
    """A request to repeat: `fetch` asks once and hands the answer to the session."""

    channel: ChannelName
    fetch: Callable[[], Awaitable[None]]


def groups(session: Session) -> list[list[str]]:
    """Symbols by kind of market: ccxt watches several at once only within one kind."""
    kinds: dict[tuple[Any, ...], list[str]] = {}
    for symbol in session.symbols:
        market = session.exchange.markets[symbol]
        kinds.setdefault((market["type"], market.get("inverse"), market.get("settle")), []).append(symbol)
    return list(kinds.values())


def streams(session: Session) -> list[Stream]:
    """Every stream for the channels asked for, and those that carry other channels' figures."""
    wanted = session.channels
    plan: list[Stream] = []
    beside_ticker = session.family in IN_TICKER and ("funding" in wanted or "open_interest" in wanted)
    if "ticker" in wanted or beside_ticker:
        plan += _tickers(session)
    if "ticker" in wanted and session.family in OWN_QUOTES:
        plan += _grouped(session, "ticker", "watch_bids_asks", "watchBidsAsks")
    if "ticker" in wanted or ("funding" in wanted and session.family in OWN_QUOTES):
        channel: ChannelName = "ticker" if "ticker" in wanted else "funding"
        plan += _grouped(session, channel, "watch_mark_prices", "watchMarkPrices", contracts=True)
    flagged = session.family == "deribit" and "liquidations" in wanted
    if "trades" in wanted or flagged:
        plan += _each_or_grouped(session, "trades", "watch_trades", "watchTrades")
    if "liquidations" in wanted and session.family in STREAMED_LIQUIDATIONS:
        plan += _liquidations(session)
    if "funding" in wanted and session.exchange.has.get("watchFundingRates"):
        plan += _grouped(session, "funding", "watch_funding_rates", "watchFundingRates", contracts=True)
    if "book" in wanted:
        plan += _books(session)
    if "candles" in wanted and session.exchange.has.get("watchOHLCV"):
        plan += [Stream("candles", _candle_watch(session, symbol)) for symbol in session.symbols]
    return [_beside(session, stream) for stream in plan]


def _beside(session: Session, stream: Stream) -> Stream:
    carried: tuple[ChannelName, ...] = ()
    if session.family in IN_TICKER and stream.channel in ("ticker", "open_interest"):
        carried = ("funding", "open_interest")
    elif session.family in OWN_QUOTES and stream.channel == "ticker":
        carried = ("funding",)
    elif session.family == "deribit" and stream.channel == "trades":
        carried = ("liquidations",)
    return Stream(stream.channel, stream.watch, tuple(name for name in carried if name != stream.channel))


def _tickers(session: Session) -> list[Stream]:
    has = session.exchange.has
    channel: ChannelName = "ticker" if "ticker" in session.channels else "open_interest"
    if channel not in session.channels:
        channel = "funding"
    if has.get("watchTickers") and session.family not in SINGLE_TICKERS:
        return _grouped(session, channel, "watch_tickers", "watchTickers")
    if has.get("watchTicker"):
        return [Stream(channel, _bind(session.exchange.watch_ticker, symbol)) for symbol in session.symbols]
    return []


def _grouped(
    session: Session, channel: ChannelName, method: str, flag: str, *, contracts: bool = False
) -> list[Stream]:
    """One stream for each kind of market, where the venue has `flag`."""
    if not session.exchange.has.get(flag):
        return []
    markets = session.exchange.markets
    return [
        Stream(channel, _bind(getattr(session.exchange, method), symbols))
        for symbols in groups(session)
        if not contracts or markets[symbols[0]].get("swap")
    ]


def _each_or_grouped(session: Session, channel: ChannelName, method: str, flag: str) -> list[Stream]:
    if session.exchange.has.get(f"{flag}ForSymbols"):
        return _grouped(session, channel, f"{method}_for_symbols", f"{flag}ForSymbols")
    if session.exchange.has.get(flag):
        return [Stream(channel, _bind(getattr(session.exchange, method), symbol)) for symbol in session.symbols]
    return []


def _liquidations(session: Session) -> list[Stream]:
    """All of the market where the venue sends it as one stream (Binance, OKX), else each symbol's."""
    exchange = session.exchange
    contracts = [symbols for symbols in groups(session) if exchange.markets[symbols[0]].get("contract")]
    plan: list[Stream] = []
    for symbols in contracts:
        market = exchange.markets[symbols[0]]
        if session.family == "binance":
            params = {"type": market["type"], "subType": "inverse" if market.get("inverse") else "linear"}
            plan.append(
                Stream("liquidations", _bind(exchange.watch_liquidations_for_symbols, None, None, None, params))
            )
        elif exchange.has.get("watchLiquidationsForSymbols"):
            plan.append(Stream("liquidations", _bind(exchange.watch_liquidations_for_symbols, symbols)))
        elif exchange.has.get("watchLiquidations"):
            plan += [Stream("liquidations", _bind(exchange.watch_liquidations, symbol)) for symbol in symbols]
    return plan


def _books(session: Session) -> list[Stream]:
    if not session.exchange.has.get("watchOrderBook"):
        return []
    depths = BOOK_DEPTHS.get(session.family)
    wanted = session.options.book_limit
    depth = None if depths is None else next((known for known in depths if known >= wanted), depths[-1])
    return [Stream("book", _bind(session.exchange.watch_order_book, symbol, depth)) for symbol in session.symbols]


def _candle_watch(session: Session, symbol: str) -> Callable[[], Awaitable[Any]]:
    async def watch() -> None:
        session.candles(symbol, "1m", await session.exchange.watch_ohlcv(symbol, "1m"), streamed=True)

    return watch


def _bind(method: Callable[..., Awaitable[Any]], *arguments: Any) -> Callable[[], Awaitable[Any]]:
    """A call without arguments. Lists are copied for each call: ccxt keeps and changes what it is given."""

    def call() -> Awaitable[Any]:
        return method(*(list(value) if isinstance(value, list) else value for value in arguments))

    return call


def polls(session: Session, streamed: set[ChannelName]) -> list[Poll]:
    """Every poll for the channels asked for that aren't in `streamed`."""
    exchange, symbols = session.exchange, session.symbols
    swaps = [symbol for symbol in symbols if exchange.markets[symbol].get("swap")]
    has = exchange.has
    plan: list[Poll] = []
    for channel in [name for name in session.channels if name not in streamed]:
        if channel == "ticker" and has.get("fetchTicker"):
            plan += [Poll("ticker", _fetch_ticker(session, symbol)) for symbol in symbols]
        elif channel == "trades" and has.get("fetchTrades"):
            plan += [Poll("trades", _fetch_trades(session, symbol)) for symbol in symbols]
        elif channel == "liquidations" and session.family in POLLED_LIQUIDATIONS and has.get("fetchLiquidations"):
            plan += [Poll("liquidations", _fetch_liquidations(session, symbol)) for symbol in swaps]
        elif channel == "funding" and has.get("fetchFundingRate"):
            plan += [Poll("funding", _fetch_funding(session, symbol)) for symbol in swaps]
        elif channel == "open_interest" and has.get("fetchOpenInterest"):
            counted = [symbol for symbol in swaps if session.counts(symbol)]
            plan += [Poll("open_interest", _fetch_open_interest(session, symbol)) for symbol in counted]
        elif channel == "book" and has.get("fetchOrderBook"):
            plan += [Poll("book", _fetch_book(session, symbol)) for symbol in symbols]
        elif channel == "candles" and has.get("fetchOHLCV"):
            plan += [Poll("candles", _fetch_candles(session, symbol)) for symbol in symbols]
    return plan


def why_none(session: Session, channel: ChannelName) -> str:
    """Why a channel has neither a stream nor a poll."""
    if channel == "liquidations" and session.family not in PARSERS:
        return "this venue publishes no liquidations that we can read"
    if channel in ("liquidations", "funding", "open_interest") and not any(
        market.contract for market in map(session.instrument, session.symbols) if market is not None
    ):
        return "none of its symbols is a contract"
    if channel == "open_interest" and session.exchange.has.get("fetchOpenInterest"):
        return "withheld: nobody stated what this venue counts"
    return "this venue doesn't offer it"


def _fetch_ticker(session: Session, symbol: str) -> Callable[[], Awaitable[None]]:
    async def fetch() -> None:
        session.ticker(symbol, await session.exchange.fetch_ticker(symbol))

    return fetch


def _fetch_trades(session: Session, symbol: str) -> Callable[[], Awaitable[None]]:
    async def fetch() -> None:
        for raw in await session.exchange.fetch_trades(symbol, None, 200):
            session.trade(raw)

    return fetch


def _fetch_liquidations(session: Session, symbol: str) -> Callable[[], Awaitable[None]]:
    async def fetch() -> None:
        session.polled_liquidations(await session.exchange.fetch_liquidations(symbol))

    return fetch


def _fetch_funding(session: Session, symbol: str) -> Callable[[], Awaitable[None]]:
    async def fetch() -> None:
        session.funding(symbol, await session.exchange.fetch_funding_rate(symbol))

    return fetch


def _fetch_open_interest(session: Session, symbol: str) -> Callable[[], Awaitable[None]]:
    async def fetch() -> None:
        session.polled_open_interest(symbol, await session.exchange.fetch_open_interest(symbol))

    return fetch


def _fetch_book(session: Session, symbol: str) -> Callable[[], Awaitable[None]]:
    async def fetch() -> None:
        session.book(symbol, await session.exchange.fetch_order_book(symbol))

    return fetch


def _fetch_candles(session: Session, symbol: str) -> Callable[[], Awaitable[None]]:
    async def fetch() -> None:
        session.candles(symbol, "1m", await session.exchange.fetch_ohlcv(symbol, "1m", None, 3))

    return fetch
