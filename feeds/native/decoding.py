"""Frames → typed structs. Imports no ccxt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from deskmon.events import Side, Trade
from deskmon.feeds.ccxt.instruments import Instrument

T = TypeVar("T")


def decoder(kind: type[T]) -> Callable[[bytes], T]:
    """Decodes a frame as `kind`; numbers may be text. Where that fails, an empty text is a field that isn't there.
    Raises msgspec.DecodeError."""
    decode = plain_decoder(kind)

    def decoded(frame: bytes) -> T:
        try:
            return decode(frame)
        except msgspec.ValidationError:
            return decode(msgspec.json.encode(_without_blanks(msgspec.json.decode(frame))))

    return decoded


def plain_decoder(kind: type[T]) -> Callable[[bytes], T]:
    """The same without a second try. Raises msgspec.DecodeError."""
    return msgspec.json.Decoder(kind, strict=False).decode


def _without_blanks(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_blanks(part) for name, part in value.items() if part != ""}
    if isinstance(value, list):
        return [_without_blanks(part) for part in value]
    return value


def trade(
    market: Instrument, venue: str, ts: int, recv: int, price: float, amount: float, side: Side, identity: str | int
) -> Trade:
    """The event of a trade whose price and amount are the venue's. Raises ValueError for an impossible figure."""
    if market.multiple != 1.0:
        price = market.price(price)
    each, symbol = market.trade_coins, market.symbol
    amount = amount * each if each else market.coins(amount, market.units.trades, price)
    return Trade(
        ts=ts, recv=recv, venue=venue, symbol=symbol, price=price, amount=amount, side=side, id=f"{symbol}#{identity}"
    )


def prices(market: Instrument, **told: float | None) -> dict[str, float | None]:
    """Prices of one coin by the names of `Ticker`'s fields; a price of 0 says that there is none, which `Quotes`
    knows."""
    if market.multiple == 1.0:
        return told
    return {name: market.price(price) if price else None for name, price in told.items()}


def volumes(market: Instrument, coins: float | None, quote: float | None) -> dict[str, float | None]:
    """Volumes of 24 hours in the venue's units of the base and in quote."""
    return {"volume_24h": None if coins is None else coins * market.multiple, "quote_volume_24h": quote}
