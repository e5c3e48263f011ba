"""Option chains and the volatility index DVOL of Deribit: public data by few calls through ccxt's exchange object.

One call brings the summary of every option of a currency, another, hourly, what the options are. DVOL comes by the day
for a year and by the hour for a week at the start, then by the minute.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from types import ModuleType
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

import msgspec
from msgspec import Meta

from deskmon.clock import DAY, HOUR, MINUTE
from deskmon.events import FeedState, Option, VolatilityIndex
from deskmon.feed import Feed, FeedContext, backoff
from deskmon.feeds.ccxt.exchanges import load_class, merge_urls, settings
from deskmon.feeds.ccxt.options import CcxtOptions

VENUE = "deribit"
INDEX = "DVOL"

BAD = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What parsing an answer of unexpected shape raises."""

HISTORY: tuple[tuple[str, int, int], ...] = (("1D", DAY, 366 * DAY), ("3600", HOUR, 8 * DAY))
"""What DVOL is asked for at the start: resolution, its length and how far back (ms)."""

NEWEST = ("60", MINUTE)
CATCH_UP = 12 * HOUR
"""How far back (ms) DVOL is asked for by the minute after a pause."""

LISTED_FOR = HOUR
"""How long (ms) the list of instruments is good; an unknown name renews it, at most once a minute."""


class Contract(NamedTuple):
    """What an option is: expiry (ms), strike (USD), kind."""

    expiry: int
    strike: float
    kind: Literal["call", "put"]


def contract(row: Any) -> tuple[str, Contract]:
    """One row of `get_instruments` → name and contract. Raises one of `BAD` for anything else."""
    kind = row["option_type"]
    if kind not in ("call", "put"):
        raise ValueError(f"option_type {kind!r} is neither call nor put")
    return str(row["instrument_name"]), Contract(int(row["expiration_timestamp"]), float(row["strike"]), kind)


def option(row: Any, what: Contract, underlying: str, recv: int) -> Option:
    """One row of `get_book_summary_by_currency` → the option's quote, prices in coins.

    A bid or ask that is null is none, and told as 0. Raises one of `BAD` for anything else, an underlying price of 0
    among them.
    """
    return Option(
        ts=int(row.get("creation_timestamp") or recv), recv=recv, venue=VENUE, underlying=underlying,
        expiry=what.expiry, strike=what.strike, kind=what.kind, underlying_price=float(row["underlying_price"]),
        mark_iv=_number(row, "mark_iv"), bid=_quote(row, "bid_price"), ask=_quote(row, "ask_price"),
        mark=_number(row, "mark_price"), open_interest=_number(row, "open_interest"),
        volume_24h=_number(row, "volume"),
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

    class Options(Feed.Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
        """Options of the feed."""

        underlyings: Annotated[
            tuple[str, ...], Meta(description="Coins whose options are read.", min_length=1, max_length=16)
        ] = ("BTC", "ETH")
        refresh_s: Annotated[float, Meta(description="Seconds between two readings of a chain.", ge=1, le=300)] = 30.0
        urls: Annotated[
            dict[str, Any], Meta(description="Addresses that replace ccxt's own, by the names of its `urls.api`.")
        ] = msgspec.field(default_factory=dict)
        proxy: Annotated[str | None, Meta(description="http://, https:// or socks5:// proxy.")] = None

    options: Options

    async def run(self, context: FeedContext) -> None:
        """Emit until cancelled."""
        context.status("connecting", "loading ccxt", None)
        base, faults = await asyncio.to_thread(_load)
        exchange = polite(base, faults, self.options)
        try:
            await Reading(self.options, context, exchange, faults).forever()
        finally:
            await exchange.close()


def _load() -> tuple[type[Any], ModuleType]:
    """ccxt's class and our words for its faults. Seconds of work, so it is done in a thread."""
    base = load_class(VENUE)
    from deskmon.feeds.ccxt import faults

    return base, faults


def polite(base: type[Any], faults: ModuleType, options: DeribitOptions.Options) -> Any:
    """An instance of ccxt's class, limited, whose refusals come in our words."""

    def handle_errors(self: Any, code: int, reason: str, url: str, method: str, headers: Any, body: Any,
                      response: Any, request_headers: Any, request_body: Any) -> Any:  # fmt: skip
        faults.check_answer(code, headers or {}, body, response)
        return base.handle_errors(
            self, code, reason, url, method, headers, body, response, request_headers, request_body
        )

    exchange = type(base.__name__, (base,), {"handle_errors": handle_errors})(
        settings(CcxtOptions(exchange=VENUE, proxy=options.proxy))
    )
    exchange.urls["api"] = merge_urls(exchange.urls["api"], options.urls)
    exchange.timeout_on_exit = 0
    return exchange


class Reading:
    """One run: a task per chain and per index, one limiter for all."""

    def __init__(
        self, options: DeribitOptions.Options, context: FeedContext, exchange: Any, faults: ModuleType
    ) -> None:
        self._options, self._context, self._exchange, self._faults = options, context, exchange, faults
        self._channels: dict[str, tuple[FeedState, str]] = {}
        self._contracts: dict[str, dict[str, Contract]] = {}
        self._listed: dict[str, int] = {}
        self._history: dict[str, int] = {}
        self._newest: dict[str, int] = {}
        self._complained: set[str] = set()
        self._rest_at = 0

    async def forever(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            for underlying in self._options.underlyings:
                group.create_task(self._keep(f"{underlying} chain", self._chain, underlying))
                group.create_task(self._keep(f"{underlying} {INDEX}", self._index, underlying))

    async def _keep(self, channel: str, read: Callable[[str], Awaitable[str]], underlying: str) -> None:
        """Read again and again; after a fault later each time, and never while the venue asks to be left alone."""
        self._channels[channel] = ("connecting", "waiting for the first answer")
        attempt = 0
        while True:
            wait = (self._rest_at - self._context.clock.now()) / 1000
            if wait > 0:
                await self._context.sleep(wait)
            try:
                words = await read(underlying)
            except self._faults.FAULTS as error:
                attempt += 1
                fault = self._faults.describe(error)
                if fault.wait:
                    self._rest_at = max(self._rest_at, self._context.clock.now() + round(fault.wait * 1000))
                self._say(channel, fault.state, fault.words)
                if fault.final:
                    return
                await self._context.sleep(max(fault.wait, backoff(attempt, self._context.rng)))
                continue
            attempt = 0
            self._say(channel, "live", words)
            await self._context.sleep(self._options.refresh_s)

    def _say(self, channel: str, state: FeedState, words: str) -> None:
        """The feed is as its worst channel is, in the order of what can be done about it."""
        self._channels[channel] = (state, words)
        states = {state for state, _ in self._channels.values()}
        severity: tuple[FeedState, ...] = ("live", "connecting", "stale", "reconnecting", "down")
        worst = max(states, key=severity.index)
        if worst == "down" and len(states) > 1:
            worst = "reconnecting"
        troubled = [f"{name}: {words}" for name, (state, words) in self._channels.items() if state != "live"]
        detail = "; ".join(troubled) or f"every {self._options.refresh_s:g} s"
        self._context.status(worst, detail, {name: words for name, (_, words) in self._channels.items()})

    async def _chain(self, underlying: str) -> str:
        """Emit a quote of each option; how many there were, in words."""
        if self._context.clock.now() - self._listed.get(underlying, 0) >= LISTED_FOR:
            await self._list(underlying)
        asked = {"currency": underlying, "kind": "option"}
        answer = await self._exchange.publicGetGetBookSummaryByCurrency(asked)
        rows = answer["result"]
        if self._unlisted(rows, underlying) and self._context.clock.now() - self._listed[underlying] >= MINUTE:
            await self._list(underlying)
        recv = self._context.clock.now()
        contracts = self._contracts[underlying]
        count = 0
        for row in rows:
            try:
                what = contracts.get(row["instrument_name"])
                if what is None:
                    self._reject_once(row, f"{row['instrument_name']} isn't among the listed instruments")
                    continue
                self._context.emit(option(row, what, underlying, recv))
                count += 1
            except BAD as error:
                self._context.reject(row, f"option: {error}")
        return f"{count} options"

    def _unlisted(self, rows: Any, underlying: str) -> bool:
        known = self._contracts[underlying]
        return any(isinstance(row, dict) and row.get("instrument_name") not in known for row in rows)

    async def _list(self, underlying: str) -> None:
        """Learn what the options of a coin are."""
        answer = await self._exchange.publicGetGetInstruments({"currency": underlying, "kind": "option"})
        found: dict[str, Contract] = {}
        for row in answer["result"]:
            try:
                name, what = contract(row)
                found[name] = what
            except BAD as error:
                self._context.reject(row, f"instrument: {error}")
        self._contracts[underlying] = found
        self._listed[underlying] = self._context.clock.now()

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
        """Emit the index at the end of each candle since `since` (ms); how many there were."""
        asked = {
            "currency": underlying, "resolution": resolution, "start_timestamp": since,
            "end_timestamp": self._context.clock.now(),
        }  # fmt: skip
        answer = await self._exchange.publicGetGetVolatilityIndexData(asked)
        recv = self._context.clock.now()
        count = 0
        for row in answer["result"]["data"]:
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
