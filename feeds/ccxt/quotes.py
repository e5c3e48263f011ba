"""One full ticker per symbol, put together from whatever channels give parts of it."""

from __future__ import annotations

from typing import Literal

import msgspec

from deskmon.events import LIMIT, Ticker
from deskmon.feeds.ccxt.instruments import Instrument

StoodIn = Literal["last", "bid", "ask"]
STOOD_IN: tuple[StoodIn, ...] = ("last", "bid", "ask")
"""Fields that other streams may stand in for."""

VOLUMES = frozenset({"volume_24h", "quote_volume_24h"})
"""Figures that may be 0."""

STAND_IN_MS = 10_000
"""Trades and books stand in for a ticker's last, bid and ask when the ticker gave none for this long (ms)."""


class Prices(msgspec.Struct, gc=False, kw_only=True):
    """What is told of a market, by the names of `Ticker`'s fields. None, and a price of 0, say nothing."""

    last: float | None = None
    bid: float | None = None
    ask: float | None = None
    mark: float | None = None
    index: float | None = None
    open_24h: float | None = None
    high_24h: float | None = None
    low_24h: float | None = None
    volume_24h: float | None = None
    quote_volume_24h: float | None = None

    def of_one_coin(self, multiple: float) -> Prices:
        """The same, where the venue counts so many coins as one."""

        def each(price: float | None) -> float | None:
            return None if price is None else price / multiple

        return Prices(
            last=each(self.last), bid=each(self.bid), ask=each(self.ask), mark=each(self.mark), index=each(self.index),
            open_24h=each(self.open_24h), high_24h=each(self.high_24h), low_24h=each(self.low_24h),
            volume_24h=None if self.volume_24h is None else self.volume_24h * multiple,
            quote_volume_24h=self.quote_volume_24h,
        )  # fmt: skip


class Known:
    """The newest ticker of one market, which each frame that tells something replaces; without a last price, what is
    known. And when the market's own stream gave each field that may be stood in for (ms); None where it gives them in
    `partial` frames, whose fields are all as new as the last."""

    __slots__ = ("_contract", "_symbol", "_venue", "ask_at", "bid_at", "last_at", "newest", "partial_at")

    def __init__(self, venue: str, market: Instrument) -> None:
        self._venue, self._symbol, self._contract = venue, market.symbol, market.own or None
        self.newest: Ticker | Prices = Prices()
        self.last_at: int | None = -STAND_IN_MS
        self.bid_at: int | None = -STAND_IN_MS
        self.ask_at: int | None = -STAND_IN_MS
        self.partial_at = -STAND_IN_MS

    def take(self, told: Prices, ts: int, recv: int, *, partial: bool = False, own: bool = True) -> Ticker | None:
        """Note what is told at `ts`, and that it came at `recv` (ms). The ticker to tell, None where there is none, or
        nothing new. `partial`: the frame tells what changed, so that all that such frames gave before is as new. `own`:
        by the market's own stream. Raises ValueError for a figure or time that is none; what was known before stays."""
        if not (told.last or partial or _tells(told)):
            return None
        old, volume, turnover = self.newest, told.volume_24h, told.quote_volume_24h
        last, ticker = told.last or old.last, None
        if last is None:
            self.newest = _merged(old, told)
        else:
            self.newest = ticker = Ticker(
                ts=ts, recv=recv, venue=self._venue, symbol=self._symbol, last=last, bid=told.bid or old.bid,
                ask=told.ask or old.ask, mark=told.mark or old.mark, index=told.index or old.index,
                open_24h=told.open_24h or old.open_24h, high_24h=told.high_24h or old.high_24h,
                low_24h=told.low_24h or old.low_24h, volume_24h=old.volume_24h if volume is None else volume,
                quote_volume_24h=old.quote_volume_24h if turnover is None else turnover, contract=self._contract,
            )  # fmt: skip
        if not own:
            return ticker
        at = None if partial else recv
        if told.last:
            self.last_at = at
        if told.bid:
            self.bid_at = at
        if told.ask:
            self.ask_at = at
        if partial:
            self.partial_at = recv
        return ticker

    def stand_in(self, ts: int, recv: int, **told: float | None) -> Ticker | None:
        """Note what another stream gives of `last`, `bid` and `ask`, where the market's own gives none. Returns and
        raises as `take` does."""
        lacking = {name: told[name] for name in STOOD_IN if told.get(name) and self.lacks(name, recv)}
        return self.take(Prices(**lacking), ts, recv, own=False)

    def lacks(self, name: StoodIn, recv: int) -> bool:
        """Whether its own stream gave no such field lately, so that it may be stood in for."""
        given = self.last_at if name == "last" else self.bid_at if name == "bid" else self.ask_at
        return recv - (self.partial_at if given is None else given) >= STAND_IN_MS


def _tells(told: Prices) -> bool:
    """Whether there is any figure."""
    return bool(
        told.last or told.bid or told.ask or told.mark or told.index or told.open_24h or told.high_24h or told.low_24h
    ) or (told.volume_24h is not None or told.quote_volume_24h is not None)


def _merged(old: Ticker | Prices, told: Prices) -> Prices:
    """Both as one. Raises ValueError where a figure is none."""
    found: dict[str, float | None] = {}
    for name in Prices.__struct_fields__:
        value = getattr(told, name)
        if value is not None and not 0 <= value < LIMIT:
            raise ValueError(f"{name}: {value!r} is not a positive number below 1e18")
        found[name] = getattr(old, name) if value is None or (value == 0 and name not in VOLUMES) else value
    return Prices(**found)


class Quotes:
    """What is known of each market of a venue, by its symbol."""

    def __init__(self, venue: str) -> None:
        self._venue = venue
        self._known: dict[str, Known] = {}

    def of(self, market: Instrument) -> Known:
        """What is known of a market, to be added to."""
        known = self._known.get(market.symbol)
        if known is None:
            known = self._known[market.symbol] = Known(self._venue, market)
        return known

    def last(self, symbol: str) -> float | None:
        """Last price, or None."""
        known = self._known.get(symbol)
        return None if known is None else known.newest.last

    def mark(self, symbol: str) -> float | None:
        """Mark price, else last price, else None."""
        known = self._known.get(symbol)
        if known is None:
            return None
        newest = known.newest
        return newest.last if newest.mark is None else newest.mark
