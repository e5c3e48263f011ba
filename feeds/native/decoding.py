"""Frames → typed structs. Imports no ccxt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from deskmon.events import Side, Trade
from deskmon.feeds.ccxt.instruments import Instrument

T = TypeVar("T")


def decoder(kind: type[T]) -> Callable[[bytes], T]:
    """Decodes a frame as `kind`; numbers may be text. Raises msgspec.DecodeError."""
    return msgspec.json.Decoder(kind, strict=False).decode


def without_blanks(value: Any) -> Any:
    """Decoded JSON without the fields whose text is empty: some venues send that for a number that isn't there."""
    if isinstance(value, dict):
        return {name: without_blanks(part) for name, part in value.items() if part != ""}
    if isinstance(value, list):
        return [without_blanks(part) for part in value]
    return value


def trade(
    market: Instrument, venue: str, ts: int, recv: int, price: float, amount: float, side: Side, identity: str | int
) -> Trade:
    """The event of a trade whose price and amount are the venue's. Raises ValueError for an impossible figure."""
    price /= market.multiple
    each, symbol = market.trade_coins, market.symbol
    return Trade(
        ts=ts, recv=recv, venue=venue, symbol=symbol, price=price, side=side, id=f"{symbol}#{identity}",
        amount=amount * each if each else market.coins(amount, market.units.trades, price),
    )  # fmt: skip


def fields(market: Instrument, **told: float | None) -> dict[str, float | None]:
    """Figures of a ticker, by the names of `Ticker`'s fields, of one coin; the venue's are of its unit of the base. A
    price of 0 says that there is none, which `Quotes` knows."""
    multiple = market.multiple
    if multiple == 1.0:
        return told
    return {
        name: value * multiple if name == "volume_24h" else value if name == "quote_volume_24h" else value / multiple
        for name, value in told.items()
        if value is not None
    }
