"""Entries of the tape: liquidations and trades, one row each."""

from __future__ import annotations

from functools import lru_cache

from deskmon import format as fmt
from deskmon.assets import contract
from deskmon.clock import DAY
from deskmon.components.choices import Choice
from deskmon.components.columns import Cell, Column, Row
from deskmon.events import Liquidation, Trade

__all__ = [
    "ENTRY_COLUMNS",
    "Entry",
    "entry_key",
    "entry_row",
    "entry_side",
    "entry_usd",
    "from_size",
    "heat",
    "smallest_choice",
]

Entry = Liquidation | Trade
"""What stands on the tape."""
HEAT = ((5_000_000, "heat5"), (1_000_000, "heat4"), (250_000, "heat3"), (50_000, "heat2"))

ENTRY_COLUMNS = (
    Column("time", "time", 8, "right", 3),
    Column("venue", "venue", 11, priority=5, order="up"),
    Column("symbol", "symbol", 8, priority=1, least=6, most=10, order="up"),
    Column("side", "side", 9, priority=2, order="up"),
    Column("usd", "usd", 6, "right", 0, order="down"),
    Column("price", "price", 10, "decimal", 4),
    Column("amount", "amount", 7, "right", 6),
    Column("contract", "contract", 11, priority=7),
)
"""Columns of `entry_row`."""

SMALLEST = (0.0, 10_000.0, 100_000.0, 1_000_000.0)


def from_size(usd: float) -> str:
    """What a note says of the smallest size shown: from 100K; nothing where all are."""
    return f"from {fmt.amount(usd)}" if usd else ""


def smallest_choice() -> Choice[float]:
    """A panel's choice of the smallest size (USD) that it shows."""
    return Choice(SMALLEST, key="m", label="size", help="Smallest size shown: all, 10K, 100K, 1M USD", note=from_size)


def heat(usd: float) -> str:
    """Style of a size in USD: from 50K, 250K, 1M and 5M on a step hotter each."""
    return next((style for size, style in HEAT if usd >= size), "heat1")


def entry_usd(entry: Entry) -> float:
    """Notional in USD; a trade's is price × amount."""
    return entry.usd if isinstance(entry, Liquidation) else entry.price * entry.amount


def entry_key(entry: Entry) -> str:
    """What tells an entry from all others."""
    return f"{entry.ts}/{entry.venue}/{entry.symbol}/{entry.side}/{entry.price}/{entry.amount}/{entry.id or ''}"


def entry_side(entry: Entry) -> Cell:
    """Side of the position or of the taker, in words and colour."""
    if isinstance(entry, Liquidation):
        return f"liq {entry.side}", entry.side
    return entry.side, "up" if entry.side == "buy" else "down"


def entry_row(entry: Entry, now: int) -> Row:
    """One entry, as hot as its size; `now` (ms UTC) decides whether its time needs the day. Each entry's row is made
    once, for all tables: they ask for the same few hundred with every frame."""
    return _entry_row(entry, now - entry.ts >= DAY)


@lru_cache(512)
def _entry_row(entry: Entry, is_of_another_day: bool) -> Row:
    usd, asset, side = entry_usd(entry), fmt.base(entry.symbol), entry_side(entry)
    hot = heat(usd)
    cells: dict[str, Cell] = {
        "time": (fmt.moment(entry.ts, entry.ts + DAY * is_of_another_day), "muted"),
        "venue": (entry.venue, "muted"),
        "symbol": (asset, hot),
        "side": side,
        "usd": (fmt.amount(usd), hot),
        "price": (fmt.price(entry.price), hot),
        "amount": (fmt.amount(entry.amount), "muted"),
        "contract": (contract(entry.symbol), "faint"),
    }
    sort = {"venue": entry.venue, "symbol": asset, "side": side[0], "usd": usd}
    return Row(entry_key(entry), cells, sort, text=f"{entry.venue} {entry.symbol} {side[0]}")
