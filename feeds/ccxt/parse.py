"""ccxt's unified structures, and what it leaves in `info`, → events. Pure functions; a bad figure raises ValueError."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from deskmon.clock import DAY, HOUR, MINUTE
from deskmon.events import Book, Candle, Funding, OpenInterest, Trade
from deskmon.feeds.ccxt.instruments import Instrument, Rate, no_rate

Raw = Mapping[str, Any]

TIMEFRAMES = {"1m": MINUTE, "1h": HOUR, "1d": DAY}

INTERVAL_FIELDS = {
    "fundingIntervalHour": 1.0,
    "fundingIntervalHours": 1.0,
    "fundInterval": 1.0,
    "funding_interval": 1.0 / 3600.0,
}
"""Fields of `info` that say a funding interval, and the hours of one unit of each."""

LONGEST_INTERVAL = 24.0
"""Hours; a longer one is a unit we don't know."""


class UnknownInterval(ValueError):
    """A funding rate whose interval nobody states; the rate alone says nothing."""


def number(value: Any) -> float | None:
    """A float, or None for nothing. Raises ValueError for a text that is no number."""
    if value is None or value == "":
        return None
    return float(value)


def trade(raw: Raw, market: Instrument, venue: str, recv: int, family: str = "") -> Trade:
    """A ccxt trade. Its id is made the venue's by its symbol, since most venues number trades per market."""
    price, amount, identity = float(raw["price"]), float(raw["amount"]), raw.get("id")
    info = raw.get("info") or {}
    if family == "deribit":
        # ccxt gives contracts where Deribit says them; `amount` of the record is what our unit of 1 counts.
        amount = float(info.get("amount", amount))
    if identity is not None and "e+" in str(identity):
        # HTX's ids are longer than a JSON number keeps: as rounded floats different trades would be one.
        identity = info.get("tradeId", info.get("trade-id"))
    return Trade(
        ts=int(raw["timestamp"] or recv),
        recv=recv,
        venue=venue,
        symbol=market.symbol,
        price=price,
        amount=market.base_amount(amount, price),
        side=raw["side"],
        id=None if identity is None else f"{market.symbol}#{identity}",
    )


def candle(row: Sequence[Any], market: Instrument, venue: str, timeframe: str, recv: int) -> Candle:
    """A row `[open time, open, high, low, close, volume]`; `ts` is its close, or now while it is open."""
    open_time = int(row[0])
    return Candle(
        ts=min(open_time + TIMEFRAMES[timeframe], max(recv, open_time)),
        recv=recv,
        venue=venue,
        symbol=market.symbol,
        timeframe=timeframe,
        open_time=open_time,
        open=float(row[1]),
        high=float(row[2]),
        low=float(row[3]),
        close=float(row[4]),
        volume=float(row[5] or 0.0),
    )


def book(raw: Raw, market: Instrument, venue: str, recv: int, limit: int) -> Book:
    """A ccxt order book, cut to `limit` levels a side, amounts in base coins."""
    inverse, size = market.kind == "inverse", market.size

    def levels(side: Iterable[Sequence[Any]]) -> tuple[tuple[float, float], ...]:
        kept: list[tuple[float, float]] = []
        for level in side:
            price, amount = float(level[0]), float(level[1])
            if amount:
                kept.append((price, amount * size / price if inverse else amount * size))
            if len(kept) == limit:
                break
        return tuple(kept)

    nonce = raw.get("nonce")
    return Book(
        ts=int(raw.get("timestamp") or recv),
        recv=recv,
        venue=venue,
        symbol=market.symbol,
        bids=levels(raw["bids"]),
        asks=levels(raw["asks"]),
        nonce=None if nonce is None else int(nonce),
    )


def prices(raw: Raw, family: str) -> dict[str, float | None]:
    """Fields of a ccxt ticker by the names of our ticker; what it doesn't say is None.

    Hyperliquid's bid and ask there are impact prices of a large order, not the best of the book, so they are left out.
    A bid or ask of 0 says that nobody quotes.
    """
    info = raw.get("info") or {}
    hyperliquid = family == "hyperliquid"
    return {
        "last": number(raw.get("last")),
        "bid": None if hyperliquid else number(raw.get("bid")) or None,
        "ask": None if hyperliquid else number(raw.get("ask")) or None,
        "mark": number(raw.get("markPrice") or info.get("markPx")),
        "index": number(raw.get("indexPrice") or info.get("oraclePx")),
        "open_24h": number(raw.get("open")) or None,
        "high_24h": number(raw.get("high")) or None,
        "low_24h": number(raw.get("low")) or None,
        "volume_24h": number(raw.get("baseVolume")),
        "quote_volume_24h": number(raw.get("quoteVolume")),
    }


def interval_hours(*sources: Any) -> float | None:
    """Hours between two fundings as one of `sources` states them: a unified `8h`, a field of `info`, or None."""
    for source in sources:
        if isinstance(source, str) and source.endswith("h") and source[:-1].isdigit():
            return float(source[:-1])
        if not isinstance(source, Mapping):
            continue
        for field, unit in INTERVAL_FIELDS.items():
            value = source.get(field)
            hours = (number(value) or 0.0) * unit
            if 0 < hours <= LONGEST_INTERVAL:
                return hours
    return None


def hours_between(earlier: Any, later: Any) -> float | None:
    """Hours from one funding to the next, to the minute (venues stamp them some ms late), or None."""
    if not earlier or not later or later <= earlier:
        return None
    return round((int(later) - int(earlier)) / MINUTE) / 60.0 or None


def funding(raw: Raw, market: Instrument, venue: str, recv: int, hours: float | None) -> Funding | None:
    """A ccxt funding rate as the prediction of the next settlement; None while the venue says no rate.

    `hours` is the interval known from elsewhere, used where the record itself doesn't say one. Raises
    UnknownInterval where none is known: it is never assumed.
    """
    rate = number(raw.get("fundingRate"))
    if rate is None:
        return None
    due, after = raw.get("fundingTimestamp"), raw.get("nextFundingTimestamp")
    stated = interval_hours(raw.get("interval"), raw.get("info")) or hours_between(due, after) or hours
    if stated is None:
        raise UnknownInterval(f"{market.symbol}: the venue doesn't say how often funding is due")
    return Funding(
        ts=int(raw.get("timestamp") or recv),
        recv=recv,
        venue=venue,
        symbol=market.symbol,
        rate=rate,
        interval_hours=stated,
        next_ts=int(due or after or 0) or None,
    )


def settled(rows: Sequence[Raw], market: Instrument, venue: str, recv: int) -> list[Funding]:
    """Past fundings, oldest first, each with the interval before it; the first has none, so it is left out."""
    ordered = sorted((row for row in rows if row.get("timestamp")), key=lambda row: int(row["timestamp"]))
    events = []
    for before, row in pairwise(ordered):
        hours = hours_between(before["timestamp"], row["timestamp"])
        # Deribit pays continuously and tells of each hour what was paid in it, and in the eight before its end.
        rate = number((row.get("info") or {}).get("interest_1h", row.get("fundingRate")))
        if hours is not None and rate is not None:
            events.append(
                Funding(
                    ts=int(row["timestamp"]),
                    recv=recv,
                    venue=venue,
                    symbol=market.symbol,
                    rate=rate,
                    interval_hours=hours,
                    kind="settled",
                )
            )
    return events


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


def contracts_in_ticker(info: Raw, family: str) -> float | None:
    """Open contracts as a venue's ticker frame says them, each counted once, or None.

    Since 2026 Bybit's `openInterest` adds the long and the short side: a contract is in it twice. `singleOpenInterest`
    is the one that compares with other venues; frames without it are from when `openInterest` was that figure.
    """
    if family == "bybit":
        return number(info.get("singleOpenInterest")) or number(info.get("openInterest"))
    if family == "deribit":
        return number(info.get("open_interest"))
    if family == "hyperliquid":
        return number(info.get("openInterest"))
    return None


def open_interest(
    contracts: float, market: Instrument, venue: str, *, ts: int, recv: int, price: float, rate: Rate = no_rate
) -> OpenInterest:
    """Open interest of `contracts` valued at `price` (mark, else last)."""
    amount, usd = market.notional(contracts, price, rate)
    return OpenInterest(ts=ts, recv=recv, venue=venue, symbol=market.symbol, amount=amount, usd=usd)


def polled_contracts(raw: Raw, market: Instrument, price: float | None) -> float | None:
    """Open contracts of a ccxt open interest, or None.

    ccxt puts contracts in `openInterestAmount`; of some venues it only knows a value in quote, `openInterestValue`
    (Bybit and Deribit inverse, BingX), which is taken back to contracts at `price`.
    """
    amount, value = number(raw.get("openInterestAmount")), number(raw.get("openInterestValue"))
    if amount is not None or value is None:
        return amount
    if market.kind == "inverse":
        return value / market.size
    return value / price / market.size if price else None
