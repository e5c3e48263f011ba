"""Depth: how much stands in the book near the price, by venue, and what a large order would cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from deskmon import format as fmt
from deskmon.analytics.depth import cumulative, imbalance, walls
from deskmon.assets import contract
from deskmon.clock import HOUR
from deskmon.components.columns import Cell, Column, Row, Text
from deskmon.components.sections import Section
from deskmon.components.text import cell_width
from deskmon.model.depth import BANDS, ORDERS, REMEMBERED
from deskmon.model.figures import Band, DepthFigure, Slippage, VenueDepth

__all__ = [
    "DEPTH_DEFINITIONS",
    "SLIPPAGE_DEFINITIONS",
    "book_state",
    "cumulative",
    "depth_section",
    "slippage_section",
    "together",
    "walls",
]

Figures = Mapping[str, DepthFigure]
"""By unified symbol; the symbols of one asset, the main one first."""

_BAND_PRIORITY = {"1": 1, "2": 5, "0.1": 6, "0.5": 8}
_ORDER_PRIORITY = {"1M": 1, "5M": 2, "25M": 3}

DEPTH_DEFINITIONS = (
    ("depth", "USD in the book within that many percent of the reference, bid side and ask side; all: of live books"),
    ("mid, best", "the reference: the middle of best bid and ask, or of each side its best price"),
    ("≥", "the book's last level lies inside the band: at least this much"),
    (
        "× usual depth",
        "bids and asks of all live books against their median over the last 30 days, or since then; — under 1 h",
    ),
    (
        "× date",
        "bids and asks of all live books within 1 and 2 % against their median over the seven days from that date on",
    ),
    ("imbalance", "(bid − ask) / (bid + ask) within 1 %; + where bids are more; — of lower bounds"),
    ("bps", "best ask less best bid, in basis points of their middle"),
    ("crossed, stale", "a bid above an ask; a book older than 30 s: neither is in the sums"),
)
"""What `depth_section` shows, for the help page."""
SLIPPAGE_DEFINITIONS = (
    (
        "slippage",
        "average price of an order of that many USD against mid, in basis points; — where the book ends before",
    ),
    ("all", "the order takes from all live books, wherever it costs least against that book's own mid"),
)
"""What `slippage_section` shows, for the help page."""


def depth_section(figures: Figures, now: int, *, selectable: bool = False) -> Section:
    """Bands of all symbols together, against what is usual, and of each venue."""
    books = _books(figures)
    if not books:
        return Section("depth", (), (), "no order book yet", selectable=False)
    bands = together(figures.values())
    columns = [Column("name", f"{books[0][2].reference} depth", 15, least=11, order="up")]
    columns.append(Column("contract", "contract", 11, priority=12))
    for name in BANDS:
        priority = _BAND_PRIORITY[name]
        columns.append(Column(f"bid {name}", f"bid {name}%", 8, "right", priority, order="down"))
        columns.append(Column(f"ask {name}", f"ask {name}%", 8, "right", priority, order="down"))
    columns += (
        Column("imbalance", "imbalance", 9, "right", 4, order="down"),
        Column("spread", "bps", 5, "right", 3, order="up"),
        Column("mid", "mid", 10, "decimal", 9),
        *_state_column(books),
        Column("age", "age", 4, "right", 7),
    )
    rows = [Row("all", {"name": ("all", "text"), **_bands(bands)}, style="sum", pinned=True)]
    if selectable or any(value for figure in figures.values() for value in figure.baseline.values()):
        rows.append(_usual(figures, bands, now))
    if any(figure.then_from is not None for figure in figures.values()):
        rows.append(_then(figures))
    rows += [_book_row(venue, symbol, depth) for venue, symbol, depth in books]
    return Section("depth", columns, rows, selectable=selectable)


def slippage_section(figures: Figures, all_books: Mapping[str, Slippage]) -> Section:
    """What orders cost: of all live books together (`all_books`), and of each."""
    books = _books(figures)
    columns = [Column("name", "cost bps", 15, least=11), Column("contract", "contract", 11, priority=6)]
    for name in ORDERS:
        for side in ("buy", "sell"):
            columns.append(Column(f"{side} {name}", f"{side} {name}", 7, "right", _ORDER_PRIORITY[name]))
    columns += _state_column(books)
    rows = [Row("all", {"name": ("all", "text"), **_costs(all_books)}, style="sum")]
    for venue, symbol, depth in books:
        cells: dict[str, Cell] = {"name": (venue, "text"), "contract": (contract(symbol), "muted")}
        cells |= {**_costs(depth.slippage), "state": book_state(depth)}
        rows.append(Row(f"{symbol} {venue}", cells, age_ms=depth.age_ms, stale=depth.stale or depth.mid is None))
    return Section("slippage", columns, rows if books else (), selectable=False)


def book_state(depth: VenueDepth) -> Cell:
    """In words why a book isn't live; "" where it is."""
    if depth.crossed:
        return "crossed", "warn"
    if depth.mid is None:
        return "one side", "warn"
    return ("stale", "warn") if depth.stale else ("", "")


def together(figures: Iterable[DepthFigure]) -> dict[str, Band]:
    """Bands of several symbols together; empty where no book is live."""
    found: dict[str, Band] = {}
    for figure in figures:
        for name, band in figure.bands.items():
            held = found.get(name)
            bid, ask = (held.bid_usd, held.ask_usd) if held else (0.0, 0.0)
            bid, ask = bid + band.bid_usd, ask + band.ask_usd
            truncated = band.truncated or (held is not None and held.truncated)
            balance = None if truncated else imbalance(bid, ask)
            found[name] = Band(bid_usd=bid, ask_usd=ask, truncated=truncated, imbalance=balance)
    return found


def _books(figures: Figures) -> list[tuple[str, str, VenueDepth]]:
    return [(venue, symbol, depth) for symbol, figure in figures.items() for venue, depth in figure.venues.items()]


def _state_column(books: list[tuple[str, str, VenueDepth]]) -> list[Column]:
    """The column that says why a book isn't live, where one isn't."""
    return [Column("state", "book", 8, priority=2)] if any(book_state(depth)[0] for _, _, depth in books) else []


def _usual(figures: Figures, bands: Mapping[str, Band], now: int) -> Row:
    """All books against their baselines, band by band; where one symbol has none, it isn't known."""
    cells: dict[str, Cell] = {"name": (_fitting("× usual depth", "× usual"), "muted")}
    since = [figure.baseline_since for figure in figures.values() if figure.baseline_since is not None]
    for name in BANDS:
        usual = [figure.baseline[name] for figure in figures.values() if figure.bands]
        known = [value for value in usual if value]
        band = bands.get(name)
        ratio = (band.bid_usd + band.ask_usd) / sum(known) if band and known and len(known) == len(usual) else None
        cells[f"bid {name}"] = (fmt.UNKNOWN if ratio is None else f"{ratio:.2f}×", "text flash")
    heard = now - min(since) if since else 0
    if heard < HOUR and not any(figure.baseline[name] for figure in figures.values() for name in BANDS):
        wait = fmt.age(HOUR - heard)
        cells["name"] = (_fitting(f"usual in {wait}", f"usual: {wait}"), "muted")
    if since:
        cells["contract"] = (f"since {fmt.since(min(since), now)}", "faint")
    return Row("usual", cells, pinned=True)


def _then(figures: Figures) -> Row:
    """All books against what they held from a date on; of several symbols the main one's, which comes first."""
    figure = next(figure for figure in figures.values() if figure.then_from is not None)
    day = fmt.date(figure.then_from)
    cells: dict[str, Cell] = {
        "name": (_fitting(f"× {day}", f"× {day[2:]}"), "muted"),
        "contract": ("7 d from then", "faint"),
    }
    for name in REMEMBERED:
        ratio = figure.then_ratio[name]
        cells[f"bid {name}"] = (fmt.UNKNOWN if ratio is None else f"{ratio:.2f}×", "text flash")
    return Row("then", cells, pinned=True)


def _fitting(*words: str) -> Text:
    """The first of these words that has room."""
    return lambda width: next((each for each in words if cell_width(each) <= width), words[-1])


def _book_row(venue: str, symbol: str, depth: VenueDepth) -> Row:
    cells: dict[str, Cell] = {
        "name": (venue, "text"),
        "contract": (contract(symbol), "muted"),
        "spread": (fmt.UNKNOWN if depth.spread_bps is None else f"{depth.spread_bps:.2f}", "muted"),
        "mid": (fmt.price(depth.mid), "muted"),
        "state": book_state(depth),
        "age": (fmt.age(depth.age_ms), "faint"),
        **_bands(depth.bands),
    }
    wide = depth.bands.get("1")
    sort = {"name": venue, "spread": depth.spread_bps, "imbalance": wide.imbalance if wide else None}
    for name, band in depth.bands.items():
        sort |= {f"bid {name}": band.bid_usd, f"ask {name}": band.ask_usd}
    return Row(f"{symbol} {venue}", cells, sort, depth.age_ms, depth.stale or depth.mid is None, f"{venue} {symbol}")


def _bands(bands: Mapping[str, Band]) -> dict[str, Cell]:
    cells: dict[str, Cell] = {}
    for name in BANDS:
        band = bands.get(name)
        for side in ("bid", "ask"):
            usd = None if band is None else band.bid_usd if side == "bid" else band.ask_usd
            text = fmt.amount(usd, lower_bound=usd is not None and band is not None and band.truncated)
            cells[f"{side} {name}"] = (text, "text flash")
    balance = bands["1"].imbalance if "1" in bands else None
    cells["imbalance"] = (fmt.UNKNOWN if balance is None else fmt.fraction(balance, 0, plus=True), "text flash")
    return cells


def _costs(slippage: Mapping[str, Slippage]) -> dict[str, Cell]:
    cells: dict[str, Cell] = {}
    for name in ORDERS:
        cost = slippage.get(name)
        for side, bps in (("buy", cost and cost.buy_bps), ("sell", cost and cost.sell_bps)):
            cells[f"{side} {name}"] = (fmt.UNKNOWN if not isinstance(bps, float) else f"{bps:,.1f}", "text flash")
    return cells
