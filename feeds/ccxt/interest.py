"""Open interest: what a venue counts → coins and dollars, as soon as a price allows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import msgspec

from deskmon.events import OpenInterest
from deskmon.feeds.ccxt.instruments import Instrument, Rate, UnknownValue, no_rate
from deskmon.feeds.ccxt.units import Figure, Unit, find


class Open(msgspec.Struct, frozen=True, gc=False):
    """An open interest as its venue counts it."""

    value: float
    unit: Unit
    ts: int


def valued(
    open_: Open, market: Instrument, venue: str, recv: int, price: float | None, rate: Rate = no_rate
) -> OpenInterest | None:
    """The event at `price` of one coin. Without a price the coins of an inverse contract are None, since only its
    dollars are known, and there is no event of others. Raises UnknownValue without a price of the quote in dollars."""
    amount: float | None
    if price is not None:
        amount, usd = market.notional(open_.value, price, rate, open_.unit)
    else:
        coins, quote = market.split(open_.value, open_.unit)
        if quote is None or market.kind == "quanto":
            return None
        amount, usd = coins, quote * market.dollars(market.quote, rate)
    return OpenInterest(ts=open_.ts, recv=recv, venue=venue, symbol=market.symbol, amount=amount, usd=usd)


class Waiting:
    """The newest open interest of each market of which no price is known yet: `waiting`, by its symbol."""

    def __init__(self, venue: str, emit: Callable[[OpenInterest], None], rate: Rate) -> None:
        self._venue, self._emit, self._rate = venue, emit, rate
        self.waiting: dict[str, Open] = {}

    def take(
        self, record: Mapping[str, Any], figures: tuple[Figure, ...], market: Instrument, ts: int, recv: int,
        price: float | None,
    ) -> bool:  # fmt: skip
        """Tell what `record` says; whether it says anything. Raises UnknownValue as `valued` does."""
        told = find(record, figures)
        if told is None:
            return False
        self.tell(Open(told[0], told[1], ts), market, recv, price)
        return True

    def priced(self, market: Instrument, recv: int, price: float) -> None:
        """A price of `market` is known: tell what waited for it, unless its quote has no price in dollars yet."""
        if waiting := self.waiting.get(market.symbol):
            with suppress(UnknownValue):
                self.tell(waiting, market, recv, price)

    def tell(self, open_: Open, market: Instrument, recv: int, price: float | None) -> None:
        """Tell an open interest at `price`; without one it waits, as `priced` says."""
        event = valued(open_, market, self._venue, recv, price, self._rate)
        if price is None:
            self.waiting[market.symbol] = open_
        else:
            self.waiting.pop(market.symbol, None)
        if event is not None:
            self._emit(event)


def of_option(info: Mapping[str, Any]) -> float | None:
    """The price that an option's open interest is valued at: its underlying's, since its own is in coins."""
    price = info.get("underlying_price") or info.get("underlyingPrice") or info.get("index_price")
    return float(price) if price else None


def unknown(market: Instrument) -> UnknownValue:
    """Why an answer has no open interest that can be told."""
    return UnknownValue(f"{market.listed or market.symbol}: the answer holds none, or what it counts isn't known")
