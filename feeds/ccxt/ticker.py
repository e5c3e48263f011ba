"""What a venue puts into the frame of its ticker: prices, 24 h figures, funding. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deskmon.feeds.ccxt.instruments import Instrument
from deskmon.feeds.ccxt.parse import Raw, number
from deskmon.feeds.ccxt.quotes import Prices
from deskmon.feeds.ccxt.units import find

MARKS = ("markPrice", "markPx", "mark_price", "mark", "fairPrice")
INDICES = ("indexPrice", "oraclePx", "index_price", "index")
"""Names in `info` of mark and index price, where ccxt leaves them there."""

OPENED = {"hyperliquid": "prevDayPx"}
"""The price of 24 h ago in `info`, by venue, where ccxt leaves it there."""
CHANGED = {"deribit": ("stats", "price_change"), "coinbase": ("stats", "price_change"), "kraken": ("change",)}
"""Of contracts the change over 24 h in percent in `info`, by venue, where ccxt leaves it there or takes it for a
difference."""


def prices(raw: Raw, market: Instrument, family: str) -> Prices:
    """Fields of a ccxt ticker, in coins; what it doesn't say is None.

    Hyperliquid's bid and ask there are impact prices of a large order, not the best of the book, so they are left out.
    A bid or ask of 0 says that nobody quotes.
    """
    info = _info(raw)
    hyperliquid = family == "hyperliquid"
    last = number(raw.get("last"))
    told = {
        "last": last,
        "bid": None if hyperliquid else number(raw.get("bid")) or None,
        "ask": None if hyperliquid else number(raw.get("ask")) or None,
        "mark": _named(raw.get("markPrice"), info, MARKS) if market.contract else None,
        "index": _named(raw.get("indexPrice"), info, INDICES) if market.contract else None,
        "open_24h": opened(raw, market, family, last),
        "high_24h": number(raw.get("high")) or None,
        "low_24h": number(raw.get("low")) or None,
    }
    fields = {name: None if price is None else market.price(price) for name, price in told.items()}
    return Prices(**fields, **volumes(raw, market))


def opened(raw: Raw, market: Instrument, family: str, last: float | None) -> float | None:
    """Price of 24 h ago."""
    info = _info(raw)
    if price := number(info.get(OPENED.get(family, ""))):
        return price
    path = CHANGED.get(family, ()) if market.contract else ()
    found: Any = info if path else None
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    change = number(found)
    if change is not None and last is not None and change > -100:
        return last / (1 + change / 100)
    return number(raw.get("open")) or None


def volumes(raw: Raw, market: Instrument) -> dict[str, float | None]:
    """`volume_24h` in coins and `quote_volume_24h`, as far as the venue says them in a unit that is known."""
    fields: dict[str, float | None] = {"volume_24h": None, "quote_volume_24h": None}
    for figure in market.units.volume:
        told = find(raw, (figure,))
        if told is None:
            continue
        coins, quote = market.split(*told)
        if coins is not None:
            fields["volume_24h"] = coins
        elif quote is not None:
            fields["quote_volume_24h"] = quote
    return fields


def _info(raw: Raw) -> Raw:
    info = raw.get("info")
    return info if isinstance(info, Mapping) else {}


def _named(unified: Any, info: Raw, names: tuple[str, ...]) -> float | None:
    return number(unified) or next((price for name in names if (price := number(info.get(name)))), None)


def funding_in_ticker(info: Raw, family: str) -> dict[str, Any] | None:
    """What a venue's ticker or mark-price frame says of funding, as a ccxt funding rate, or None."""
    if info.get("e") == "markPriceUpdate" and info.get("r") not in (None, ""):
        return {"fundingRate": info["r"], "fundingTimestamp": number(info.get("T")), "timestamp": info.get("E")}
    if family == "deribit" and info.get("funding_8h") is not None:
        # Deribit pays continuously; the rate it publishes as `funding_8h` is over eight hours by definition.
        return {"fundingRate": info["funding_8h"], "interval": "8h", "timestamp": info.get("timestamp")}
    if family == "hyperliquid" and info.get("funding") is not None:
        # Hyperliquid settles hourly on every market; `funding` is the rate of the current hour.
        return {"fundingRate": info["funding"], "interval": "1h"}
    if family == "bybit" and info.get("fundingRate") not in (None, ""):
        return {
            "fundingRate": info["fundingRate"],
            "fundingTimestamp": number(info.get("nextFundingTime")),
            "info": info,
        }
    return None
