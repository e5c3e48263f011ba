"""Option chains and the volatility index DVOL of Deribit: public data by few calls through ccxt's exchange object.

One call brings the summary of every option of a settlement currency, another, hourly, what the options are. Options on
BTC and ETH are settled and quoted in the coin, each under its own currency; those on other coins are settled and quoted
in USDC, all under that one. DVOL comes by the day for years and by the hour for a week at the start, then by the
minute. The expiry that a screen looks at is streamed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from types import ModuleType
from typing import Any, ClassVar, Literal, NamedTuple

from deskmon.events import Option, VolatilityIndex
from deskmon.feedkit import DAY, HOUR, MINUTE, Feed, FeedContext
from deskmon.feeds.chains.polling import BAD, ChainOptions, Polling, asked_coins, limited_exchange, load_ccxt
from deskmon.feeds.chains.watched import Stream, Watched

VENUE = "deribit"
INDEX = "DVOL"

HISTORY: tuple[tuple[str, int, int], ...] = (("1D", DAY, 2_000 * DAY), ("3600", HOUR, 8 * DAY))
"""What DVOL is asked for at the start: resolution, its length and how far back (ms)."""

PAGES = 5
"""Answers that such a history may take: each has 1,000 candles at most, and says where the one before it ends."""

NEWEST = ("60", MINUTE)
CATCH_UP = 12 * HOUR
"""How far back (ms) DVOL is asked for by the minute after a pause."""

COIN_SETTLED = ("BTC", "ETH")
"""Coins with options settled in themselves, and with a DVOL."""

SETTLEMENTS = ("USDC", "USDT")
"""Currencies in which options on several coins are settled; as an underlying, all coins of them."""

LISTED_FOR = HOUR
"""How long (ms) the list of instruments is good; an unknown name renews it, at most once a minute."""


class Contract(NamedTuple):
    """What an option is: coin, what its prices are in (None: the coin), expiry (ms), strike (USD), kind."""

    underlying: str
    quote_currency: str | None
    expiry: int
    strike: float
    kind: Literal["call", "put"]


def contract(row: Any) -> tuple[str, Contract]:
    """One row of `get_instruments` → name and contract. Raises ValueError or another of `BAD` for anything else."""
    kind = row["option_type"]
    if kind not in ("call", "put"):
        raise ValueError(f"option_type {kind!r} is neither call nor put")
    coin, quote = str(row["base_currency"]), str(row["quote_currency"])
    if quote != coin and quote not in SETTLEMENTS:
        raise ValueError(f"prices in {quote!r} are neither in {coin} nor in {' or '.join(SETTLEMENTS)}")
    return str(row["instrument_name"]), Contract(
        coin, None if quote == coin else quote, int(row["expiration_timestamp"]), float(row["strike"]), kind
    )


def currencies(underlyings: Iterable[str]) -> dict[str, set[str]]:
    """Settlement currency → the coins wanted of it, where empty all: what the venue is asked for these underlyings."""
    wanted: dict[str, set[str]] = {}
    for name in underlyings:
        currency = name if name in COIN_SETTLED + SETTLEMENTS else SETTLEMENTS[0]
        wanted.setdefault(currency, set()).add(name)
    return {currency: set() if coins & {*SETTLEMENTS} else coins for currency, coins in wanted.items()}


def option(row: Any, what: Contract, recv: int) -> Option:
    """One row of `get_book_summary_by_currency` → the option's quote.

    A bid or ask that is null is none, and told as 0. Raises one of `BAD` for anything else, an underlying price of 0
    among them.
    """
    return Option(
        ts=int(row.get("creation_timestamp") or recv), recv=recv, venue=VENUE, underlying=what.underlying,
        quote_currency=what.quote_currency, expiry=what.expiry, strike=what.strike, kind=what.kind,
        underlying_price=float(row["underlying_price"]),
        mark_iv=_number(row, "mark_iv"), bid=_quote(row, "bid_price"), ask=_quote(row, "ask_price"),
        mark=_number(row, "mark_price"), open_interest=_number(row, "open_interest"),
        volume_24h=_number(row, "volume"),
    )  # fmt: skip


def streamed(data: Any, what: Contract, recv: int) -> Option:
    """The data of one `ticker.*` frame → the option's quote, as `option`. Raises one of `BAD` for anything else."""
    bid, ask, greeks = (data.get(field) for field in ("best_bid_price", "best_ask_price", "greeks"))
    return Option(
        ts=int(data["timestamp"]), recv=recv, venue=VENUE, underlying=what.underlying,
        quote_currency=what.quote_currency, expiry=what.expiry, strike=what.strike, kind=what.kind,
        underlying_price=float(data["underlying_price"]),
        mark_iv=_number(data, "mark_iv"), bid_iv=_number(data, "bid_iv"), ask_iv=_number(data, "ask_iv"),
        bid=float(bid or 0.0), ask=float(ask or 0.0), mark=_number(data, "mark_price"),
        open_interest=_number(data, "open_interest"), volume_24h=_number(data.get("stats") or {}, "volume"),
        delta=_number(greeks or {}, "delta"), gamma=_number(greeks or {}, "gamma"),
    )  # fmt: skip


def index_value(row: Any, underlying: str, length: int, recv: int) -> VolatilityIndex:
    """One candle of `get_volatility_index_data`, [start, open, high, low, close], → the index at its end, or as of now
    where it isn't over. `length` in ms. Raises one of `BAD` for anything else."""
    start, _, _, _, close = row
    ts = min(int(start) + length - 1, recv)
    return VolatilityIndex(ts=ts, recv=recv, venue=VENUE, name=INDEX, underlying=underlying, value=float(close))


def _number(row: Mapping[str, Any], field: str) -> float | None:
    value = row.get(field)
    return None if value is None else float(value)


def _quote(row: Mapping[str, Any], field: str) -> float | None:
    """Unknown where the venue doesn't say, 0 where it says that there is none."""
    return float(row[field] or 0.0) if field in row else None


class DeribitOptions(Feed):
    """Whole chains at a cadence; DVOL with its history."""

    name: ClassVar[str] = "deribit_options"
    title: ClassVar[str] = "Deribit's option chains and DVOL, public data"
    quiet_s: ClassVar[float] = 600.0

    class Options(ChainOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
        """Options of the feed. `USDC` among the underlyings is every coin whose options are settled in it."""

    @classmethod
    def assets(cls, options: Any) -> Collection[str] | None:
        return asked_coins(options)

    def __init__(self, label: str, options: Any = None) -> None:
        super().__init__(label, options)
        self._watched = Watched()

    def watch(self, topics: frozenset[str]) -> None:
        """`option:BTC:1798185600000` is the expiry of a page that is open."""
        self._watched.set(topics)

    async def run(self, context: FeedContext) -> None:
        """Emit until cancelled."""
        context.status("connecting", "loading ccxt", None)
        base, faults = await asyncio.to_thread(load_ccxt, VENUE)
        exchange = limited_exchange(VENUE, base, faults, self.options, context.tape)
        try:
            await Reading(self.options, context, exchange, faults).forever(self._watched)
        finally:
            await exchange.close()


class Reading:
    """One run: a task per chain and per index, one limiter for all."""

    def __init__(
        self, options: DeribitOptions.Options, context: FeedContext, exchange: Any, faults: ModuleType
    ) -> None:
        self._options, self._context, self._exchange = options, context, exchange
        self._polling = Polling(options, context, faults)
        self._contracts: dict[str, dict[str, Contract]] = {}
        self._listed: dict[str, int] = {}
        self._history: dict[str, int] = {}
        self._newest: dict[str, int] = {}
        self._complained: set[str] = set()

    async def forever(self, watched: Watched) -> None:
        """Until cancelled."""
        keep = self._polling.keep
        stream = Stream(self._exchange, self._context, self._polling, self._channels_of, self._streamed)
        async with asyncio.TaskGroup() as group:
            for currency, coins in currencies(self._options.underlyings).items():
                name = ", ".join(sorted(coins)) or currency
                group.create_task(keep(f"{name} chain", partial(self._chain, currency, coins)))
                if currency in COIN_SETTLED:
                    group.create_task(keep(f"{currency} {INDEX}", partial(self._index, currency)))
            group.create_task(stream.follow(watched))

    def _channels_of(self, underlying: str, expiry: int) -> list[str]:
        """Names of the channels of an expiry's options, of those settled in the coin where both kinds are listed; empty
        while it isn't known what is listed. The venue sends each at most every two seconds, when something changed."""
        for currency in (underlying, *SETTLEMENTS):
            listed = self._contracts.get(currency, {}).items()
            names = [name for name, what in listed if (what.underlying, what.expiry) == (underlying, expiry)]
            if names:
                return [f"ticker.{name}.agg2" for name in names]
        return []

    def _streamed(self, data: Any) -> None:
        """Emit what a frame says."""
        recv = self._context.clock.now()
        self._polling.emit_each([data], lambda row: streamed(row, self._contract(row["instrument_name"]), recv))

    def _contract(self, name: str) -> Contract:
        """Raises LookupError for an instrument that isn't listed."""
        for listed in self._contracts.values():
            if name in listed:
                return listed[name]
        raise LookupError(f"{name} isn't among the listed instruments")

    async def _chain(self, currency: str, coins: set[str]) -> str:
        """Emit a quote of each option on `coins`, where empty on all; how many there were, in words."""
        if self._context.clock.now() - self._listed.get(currency, 0) >= LISTED_FOR:
            await self._list(currency)
        asked = {"currency": currency, "kind": "option"}
        answer = await self._exchange.publicGetGetBookSummaryByCurrency(asked)
        rows = answer["result"]
        if self._unlisted(rows, currency) and self._context.clock.now() - self._listed[currency] >= MINUTE:
            await self._list(currency)
        recv = self._context.clock.now()
        contracts = self._contracts[currency]

        def parse(row: Any) -> Option | None:
            what = contracts.get(row["instrument_name"])
            if what is None:
                self._reject_once(row, f"{row['instrument_name']} isn't among the listed instruments")
                return None
            return option(row, what, recv) if not coins or what.underlying in coins else None

        return f"{self._polling.emit_each(rows, parse)} options"

    def _unlisted(self, rows: Any, currency: str) -> bool:
        known = self._contracts[currency]
        return any(isinstance(row, dict) and row.get("instrument_name") not in known for row in rows)

    async def _list(self, currency: str) -> None:
        """Learn what the options settled in a currency are."""
        answer = await self._exchange.publicGetGetInstruments({"currency": currency, "kind": "option"})
        found: dict[str, Contract] = {}
        for row in answer["result"]:
            try:
                name, what = contract(row)
                found[name] = what
            except BAD as error:
                self._context.reject(row, f"instrument: {error}")
        self._contracts[currency] = found
        self._listed[currency] = self._context.clock.now()

    async def _index(self, underlying: str) -> str:
        """Emit the index since it was last asked for, at the start its history too."""
        now = self._context.clock.now()
        for step in range(self._history.get(underlying, 0), len(HISTORY)):
            resolution, length, span = HISTORY[step]
            await self._candles(underlying, resolution, length, now - span)
            self._history[underlying] = step + 1
        since = max(self._newest.get(underlying, 0), now - CATCH_UP)
        count = await self._candles(underlying, *NEWEST, since)
        return "by the minute" if count else "no new value"

    async def _candles(self, underlying: str, resolution: str, length: int, since: int) -> int:
        """Emit the index at the end of each candle since `since` (ms), page by page, the newest page first; how many
        there were."""
        count, end = 0, self._context.clock.now()
        for _ in range(PAGES):
            asked = {
                "currency": underlying, "resolution": resolution, "start_timestamp": since, "end_timestamp": end,
            }  # fmt: skip
            answer = await self._exchange.publicGetGetVolatilityIndexData(asked)
            count += self._tell_index(underlying, length, answer["result"]["data"])
            before = answer["result"].get("continuation")
            if not before or not since < int(before) < end:
                break
            end = int(before)
        return count

    def _tell_index(self, underlying: str, length: int, rows: Sequence[Any]) -> int:
        recv = self._context.clock.now()
        count = 0
        for row in rows:
            try:
                event = index_value(row, underlying, length, recv)
            except BAD as error:
                self._context.reject(row, f"{INDEX}: {error}")
                continue
            self._context.emit(event)
            count += 1
            if length == NEWEST[1]:
                self._newest[underlying] = max(self._newest.get(underlying, 0), int(row[0]))
        return count

    def _reject_once(self, raw: Any, reason: str) -> None:
        """Count a fault that would repeat with every reading only once."""
        if reason not in self._complained and len(self._complained) < 500:
            self._complained.add(reason)
            self._context.reject(raw, reason)
