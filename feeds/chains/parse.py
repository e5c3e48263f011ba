"""Bybit's and OKX's chains: pure functions from their answers to quotes.

Both name an option by its contract and quote volatilities as fractions. Bybit prices in dollars, OKX in coins.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from deskmon.events import Option
from deskmon.feedkit import HOUR

SETTLED_AT = 8 * HOUR
"""Both venues settle at 08:00 UTC of the expiry's date."""

Summary = tuple[Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]]
"""OKX's three rows of one option: market data, ticker, open interest; an empty one where there is none."""


def bybit(row: Any, recv: int) -> Option:
    """One row of `v5/market/tickers` of category `option`: `BTC-27DEC24-55000-P`, or with `-USDT` behind it. A price or
    volatility of 0 is none. Raises one of `BAD` for anything else, an underlying price of 0 among them."""
    underlying, date, strike, kind = row["symbol"].split("-")[:4]
    return Option(
        ts=recv, recv=recv, venue="bybit", underlying=underlying, expiry=_expiry(date, "%d%b%y"),
        strike=float(strike), kind=_kind(kind), underlying_price=float(row["underlyingPrice"]),
        mark_iv=_points(row.get("markIv")), bid_iv=_points(row.get("bid1Iv")), ask_iv=_points(row.get("ask1Iv")),
        bid=_number(row.get("bid1Price")), ask=_number(row.get("ask1Price")), mark=_number(row.get("markPrice")),
        open_interest=_number(row.get("openInterest")), volume_24h=_number(row.get("volume24h")),
        delta=_number(row.get("delta")), gamma=_number(row.get("gamma")),
    )  # fmt: skip


def bybit_settlement(rows: Iterable[Any]) -> str:
    """Of the two series that Bybit lists on the same strikes, settled in USDC ("") and in USDT ("USDT"), the one with
    more open interest: one chain can't hold both. Rows of another shape count as nothing."""
    held = {"": 0.0, "USDT": 0.0}
    for row in rows:
        symbol = row.get("symbol") if isinstance(row, dict) else None
        if isinstance(symbol, str):
            held[settlement(symbol)] = held.get(settlement(symbol), 0.0) + (_number(row.get("openInterest")) or 0.0)
    return max(held, key=lambda each: held[each])


def settlement(symbol: str) -> str:
    """In what an option of Bybit is settled, as its name tells it: "" is USDC."""
    return symbol.split("-")[4] if symbol.count("-") > 3 else ""


def okx_rows(summaries: Any, tickers: Any, interests: Any) -> Iterator[Summary]:
    """The three answers' rows by option, of those that have market data."""
    by_name = ({row["instId"]: row for row in rows if isinstance(row, dict)} for rows in (tickers, interests))
    quotes, held = by_name
    for row in summaries:
        name = row.get("instId") if isinstance(row, dict) else None
        yield row, quotes.get(name, {}), held.get(name, {})


def okx(rows: Summary, recv: int) -> Option:
    """`public/opt-summary`, `market/tickers` and `public/open-interest` of one option: `BTC-USD-241227-60000-P`. An
    empty bid or ask is none. Raises one of `BAD` for anything else, a forward of 0 among them."""
    summary, ticker, held = rows
    underlying, _, date, strike, kind = summary["instId"].split("-")
    return Option(
        ts=int(summary["ts"]), recv=recv, venue="okx", underlying=underlying, expiry=_expiry(date, "%y%m%d"),
        strike=float(strike), kind=_kind(kind), underlying_price=float(summary["fwdPx"]),
        mark_iv=_points(summary.get("markVol")), bid_iv=_points(summary.get("bidVol")),
        ask_iv=_points(summary.get("askVol")), bid=_quote(ticker, "bidPx"), ask=_quote(ticker, "askPx"),
        open_interest=_number(held.get("oiCcy")), volume_24h=_number(ticker.get("volCcy24h")),
        delta=_number(summary.get("deltaBS")), gamma=_number(summary.get("gammaBS")),
    )  # fmt: skip


def _expiry(date: str, form: str) -> int:
    midnight = datetime.strptime(date.title(), form).replace(tzinfo=UTC)
    return round(midnight.timestamp() * 1000) + SETTLED_AT


def _kind(letter: str) -> Literal["call", "put"]:
    if letter not in ("C", "P"):
        raise ValueError(f"{letter!r} is neither C nor P")
    return "call" if letter == "C" else "put"


def _number(value: Any) -> float | None:
    return None if value in (None, "") else float(value)


def _points(fraction: Any) -> float | None:
    value = _number(fraction)
    return None if value is None else round(100 * value, 6)


def _quote(row: Mapping[str, Any], field: str) -> float | None:
    """Unknown where the venue doesn't say, 0 where it says that there is none."""
    return float(row[field] or 0.0) if field in row else None
