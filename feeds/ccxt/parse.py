"""ccxt's unified structures, and what it leaves in `info`, → events. Pure functions; a bad figure raises ValueError."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice, pairwise
from typing import Any

from deskmon.events import Book, Candle, Funding, Trade
from deskmon.feedkit import DAY, HOUR, MINUTE
from deskmon.feeds.ccxt.instruments import Instrument

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


def number(value: Any) -> float | None:
    """A float, or None for nothing. Raises ValueError for a text that is no number."""
    if value is None or value == "":
        return None
    return float(value)


def trade(raw: Raw, market: Instrument, venue: str, recv: int, family: str = "") -> Trade:
    """A ccxt trade. Its id is made the venue's by its symbol, since most venues number trades per market."""
    price, identity = market.price(float(raw["price"])), raw.get("id")
    info = raw.get("info") or {}
    # ccxt gives contracts where Deribit says them; `amount` of the record is what is counted there.
    amount = float(info["amount"] if family == "deribit" and "amount" in info else raw["amount"])
    if identity is not None and "e+" in str(identity):
        # HTX's ids are longer than a JSON number keeps: as rounded floats different trades would be one.
        identity = info.get("tradeId", info.get("trade-id"))
    return Trade(
        ts=int(raw["timestamp"] or recv),
        recv=recv,
        venue=venue,
        symbol=market.symbol,
        price=price,
        amount=market.coins(amount, market.units.trades, price),
        side=raw["side"],
        id=None if identity is None else f"{market.symbol}#{identity}",
    )


def candle(
    row: Sequence[Any], market: Instrument, venue: str, timeframe: str, recv: int, *, streamed: bool = False
) -> Candle:
    """A row `[open time, open, high, low, close, volume]`; `ts` is its close, or now while it is open.

    Its volume is None where what it counts isn't known. A volume in contracts of money is taken to coins at the mean of
    the candle's high, low and close.
    """
    open_time = int(row[0])
    opened, high, low, close = (market.price(float(price)) for price in row[1:5])
    unit = market.units.streamed if streamed else market.units.candles
    return Candle(
        ts=min(open_time + TIMEFRAMES[timeframe], max(recv, open_time)),
        recv=recv,
        venue=venue,
        symbol=market.symbol,
        timeframe=timeframe,
        open_time=open_time,
        open=opened,
        high=high,
        low=low,
        close=close,
        volume=None if unit is None else market.coins(float(row[5] or 0.0), unit, (high + low + close) / 3),
    )


def book(raw: Raw, market: Instrument, venue: str, recv: int, limit: int) -> Book:
    """A ccxt order book, cut to `limit` levels a side, amounts in base coins."""
    nonce = raw.get("nonce")
    return Book(
        ts=int(raw.get("timestamp") or recv),
        recv=recv,
        venue=venue,
        symbol=market.symbol,
        bids=levels(raw["bids"], market, limit),
        asks=levels(raw["asks"], market, limit),
        nonce=None if nonce is None else int(nonce),
    )


def levels(side: Iterable[Sequence[Any]], market: Instrument, limit: int) -> tuple[tuple[float, float], ...]:
    """The first `limit` levels of a side that have an amount: price of one coin, and coins."""
    unit = market.units.books
    if market.multiple == 1.0 and unit != "quote" and market.kind != "inverse":
        size = market.size if unit == "contracts" else 1.0
        first = islice(side, limit)
        found = tuple([(float(level[0]), float(level[1]) * size) for level in first])
        if 0.0 not in [amount for _, amount in found]:
            return found
    kept: list[tuple[float, float]] = []
    for level in side:
        price, amount = market.price(float(level[0])), float(level[1])
        if amount:
            kept.append((price, market.coins(amount, unit, price)))
        if len(kept) == limit:
            break
    return tuple(kept)


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


def funding_rate(raw: Raw, market: Instrument, family: str) -> float | None:
    """The rate as a fraction of the position.

    Kraken tells what one contract pays: dollars per coin on linear contracts, which ccxt divides by the mark price, and
    coins per dollar on inverse ones, which it divides too, though they must be multiplied by it.
    """
    rate, info = number(raw.get("fundingRate")), raw.get("info")
    if family != "kraken" or market.kind != "inverse" or not isinstance(info, Mapping):
        return rate
    paid, mark = number(info.get("fundingRate")), number(info.get("markPrice"))
    return None if paid is None or mark is None else paid * mark


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
