"""Markets: one symbol on one venue a row, with its price, funding and open interest."""

from __future__ import annotations

from deskmon import format as fmt
from deskmon.assets import by_asset, contract, main_symbols, symbols_of
from deskmon.clock import DAY
from deskmon.components.carry import funding_is_stale
from deskmon.components.columns import Cell, Column, Row, is_stale
from deskmon.components.values import aged, change, rate
from deskmon.model.figures import PriceFigure, VenueFunding, VenueInterest, VenuePrice
from deskmon.model.view import ModelView

__all__ = [
    "MARKET_DEFINITIONS",
    "by_asset",
    "contract",
    "main_symbols",
    "market_columns",
    "market_row",
    "quote_cells",
    "symbols_of",
    "venues_of",
]

UNKNOWN: Cell = (fmt.UNKNOWN, "faint")


def quote_cells(symbol: str, price: PriceFigure, model: ModelView, now: int) -> dict[str, Cell]:
    """Of a symbol at its reference venue: last price, its changes, distance from the high, the day's shape, age."""
    changes = price.change_pct

    def day(width: int) -> str:
        return fmt.sparkline(model.prices.sparkline_values(symbol, now, DAY, width), width).rjust(width)

    return {
        "last": (fmt.price(price.last, fmt.price_digits(price.last)), "text flash"),
        "1h": change(changes.get("1h")),
        "24h": change(changes.get("24h")),
        "7d": change(changes.get("7d"), 1),
        "high": change(price.drawdown_pct, 1),
        "day": (day, "muted"),
        "venue": (price.venue, "muted"),
        "age": (fmt.age(price.age_ms), "faint"),
    }


def market_columns(label: str, contract: bool = False, widest: int = 0) -> tuple[Column, ...]:
    """Columns of markets named by `label` (venue, symbol), with the kind of `contract` where asked: `widest` is the
    length of its longest text."""
    columns = (
        Column("name", label, 12, least=8, most=14, order="up"),
        Column("last", "last", 10, "decimal", 1, order="down"),
        Column("funding", "fund 8h", 8, "right", 2, order="down"),
        Column("apr", "apr", 7, "right", 5, order="down"),
        Column("next", "next", 4, "right", 7),
        Column("interest", "oi usd", 6, "right", 3, order="down"),
        Column("coins", "oi 24h", 7, "right", 4, order="down"),
        Column("mark", "mark", 10, "decimal", 10),
        Column("bid", "bid", 10, "decimal", 9),
        Column("ask", "ask", 10, "decimal", 9),
        Column("age", "age", 4, "right", 6),
    )
    kind = Column("contract", "contract", max(11, widest), priority=8)
    return (columns[0], kind, *columns[1:]) if contract else columns


MARKET_DEFINITIONS = (
    ("fund 8h, apr", "the predicted funding rate as its 8-hour equivalent, and a year of it; negative: shorts pay"),
    ("next", "time until the next funding"),
    ("oi usd, oi 24h", "open interest in USD, and its 24 h change in coins, which price alone doesn't move"),
    ("age", "time since the last price; after 10 s the row dims. Funding and open interest dim after 10 min"),
)
"""What `market_row` shows, for the help page."""


def venues_of(model: ModelView, now: int, symbol: str) -> list[str]:
    """All venues that the desk knows anything of `symbol` from, by name."""
    parts = (model.prices.figures(now), model.funding.figures(now), model.open_interest.figures(now))
    return sorted({venue for part in parts if symbol in part for venue in part[symbol].venues})


def market_row(key: str, name: str, contract: str, symbol: str, venue: str, model: ModelView, now: int) -> Row:
    """What the desk knows of `symbol` on `venue` at desk time `now` (ms UTC). `contract` gives way to the venue's own
    name where it trades many coins as one."""
    prices = model.prices.figures(now).get(symbol)
    fundings = model.funding.figures(now).get(symbol)
    interests = model.open_interest.figures(now).get(symbol)
    price = prices.venues.get(venue) if prices else None
    funding = fundings.venues.get(venue) if fundings else None
    interest = interests.venues.get(venue) if interests else None
    cells: dict[str, Cell] = {
        "name": (name, "text"),
        "contract": ((price.contract if price else None) or contract, "muted"),
        **_price_cells(price),
        **_funding_cells(funding, now),
        **_interest_cells(interest),
    }
    sort = {
        "name": name,
        "last": price.last if price else None,
        "funding": funding.rate_8h if funding else None,
        "apr": funding.apr if funding else None,
        "interest": interest.usd if interest else None,
        "coins": interest.change_24h_amount_pct if interest else None,
    }
    age_ms = price.age_ms if price else None
    return Row(key, cells, sort, age_ms, is_stale("prices", age_ms), text=f"{symbol} {venue}")


def _price_cells(price: VenuePrice | None) -> dict[str, Cell]:
    if price is None:
        return {"last": UNKNOWN, "age": UNKNOWN}
    digits = fmt.price_digits(price.last)
    return {
        "last": (fmt.price(price.last, digits), "text flash"),
        "mark": (fmt.price(price.mark, digits), "muted"),
        "bid": (fmt.price(price.bid, digits), "muted"),
        "ask": (fmt.price(price.ask, digits), "muted"),
        "age": (fmt.age(price.age_ms), "faint"),
    }


def _funding_cells(funding: VenueFunding | None, now: int) -> dict[str, Cell]:
    if funding is None:
        return {"funding": UNKNOWN, "apr": UNKNOWN, "next": UNKNOWN}
    next_in = None if funding.next_ts is None else max(0, funding.next_ts - now)
    stale = funding_is_stale(funding)
    text, annual = rate(funding.rate_8h), rate(funding.apr, 1)
    return {
        "funding": (text[0], "stale") if stale else text,
        "apr": (annual[0], "stale") if stale else annual,
        "next": (fmt.age(next_in), "muted"),
    }


def _interest_cells(interest: VenueInterest | None) -> dict[str, Cell]:
    if interest is None:
        return {"interest": UNKNOWN, "coins": UNKNOWN}
    return {
        "interest": aged("open_interest", interest.age_ms, (fmt.amount(interest.usd), "text")),
        "coins": aged("open_interest", interest.age_ms, change(interest.change_24h_amount_pct, 1)),
    }
