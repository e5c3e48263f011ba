"""Open interest: how much leverage is left, by asset, and by venue of the linked asset."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from deskmon.api import (
    DAY,
    Cell,
    Column,
    Drill,
    Frame,
    Intent,
    LinkSymbol,
    Row,
    Section,
    TablePanel,
    action,
    change,
    figures,
    fmt,
    is_stale,
    never_cut,
)
from deskmon.components import carry
from deskmon.components.alerts import called_about
from deskmon.components.carry import by_interest
from deskmon.components.figure_words import figure_paths
from deskmon.components.markets import by_asset, contract, main_symbols, symbols_of
from deskmon.components.sections import only_words
from deskmon.components.since import SINCE_DEFINITION, since_cell, since_column

WINDOWS = ("1h", "24h", "7d")
BEHIND = 3 * DAY
"""A venue this far (ms) behind the one that spoke last is in no sum, as docs/metrics/funding.md says."""
_USD_PRIORITY = {"1h": 7, "24h": 2, "7d": 9}
_COINS_PRIORITY = {"1h": 8, "24h": 4, "7d": 10}
_OF_ASSETS = ("leverage", "since")
"""Columns that the table of venues keeps blank, so that both line up."""


class OpenInterest(TablePanel):
    """Open contracts in USD and in coins, how both changed, and how far they are from their peak."""

    name = "open_interest"
    title = "Open interest"
    topics = frozenset({"open_interest", "metrics", "clock"})
    min_interval_ms = 5_000
    definitions = (
        ("usd, coins", "open contracts at the mark, and in base coins; all: every asset, venue and contract"),
        ("usd 1h 24h 7d", "change of the USD value, of the venues that the desk knew then"),
        ("coins 1h 24h 7d", "change in coins, which price alone doesn't move"),
        ("from peak", "USD against the highest value of 90 days that the desk holds, of all or of one venue; its date"),
        ("oi / cap", "leverage: open interest over market capitalisation, with its age where that is over a day"),
        (*SINCE_DEFINITION[:1], f"{SINCE_DEFINITION[1]}; of the value or of its change in 24 h"),
        ("age", "time since the oldest report in a sum, amber after 10 min; a row dims when all are that old"),
    )
    columns = (
        Column("name", "asset", 13, least=11, most=15, order="up"),
        Column("contract", "contract", 11, priority=11),
        Column("usd", "usd", 6, "right", 0, order="down"),
        *(
            Column(f"usd {window}", f"usd {window}", 7, "right", priority, order="down")
            for window, priority in _USD_PRIORITY.items()
        ),
        Column("coins", "coins", 6, "right", 6, order="down"),
        *(
            Column(f"coins {window}", f"coins {window}", 9, "right", priority, order="down")
            for window, priority in _COINS_PRIORITY.items()
        ),
        Column("drawdown", "from peak", 9, "right", 3, order="up"),
        Column("peak", "peak", 18, priority=5, least=17),
        Column("leverage", "oi / cap", 8, "right", 12, order="down"),
        since_column(30),
        Column("age", "age", 4, "right", 13),
    )

    def sections(self, frame: Frame) -> Sequence[Section]:
        model, now = frame.model, frame.now
        known = model.open_interest.figures(now)
        if not known:
            return only_words("waiting for the first open interest", "assets")
        assets = by_interest(model, {fmt.base(symbol) for symbol in known})
        markets = [
            Column("name", f"{frame.symbol} on", 13, least=11, most=15, order="up"),
            *(replace(column, label="") if column.id in _OF_ASSETS else column for column in self.columns[1:]),
        ]
        rows = list(self._markets(frame, known))
        return (
            Section("assets", self.columns, self._assets(assets, known, frame), sorted_by="usd"),
            Section("markets", markets, rows, f"no open interest of {frame.symbol} yet", sorted_by="usd"),
        )

    def marked(self, frame: Frame) -> Mapping[str, str]:
        return called_about(frame.model, "open_interest")

    def plots(self, frame: Frame) -> str:
        row = self.selected(frame)
        symbol, _, venue = ("", "", "") if row is None else row.key.partition(" ")
        rest = "usd" if not venue else f"venues.{venue}.usd"
        return next(iter(figure_paths("open_interest", filter(None, (symbol,)), rest)), "")

    def compares(self, frame: Frame) -> Sequence[str]:
        known = main_symbols(frame.model.open_interest.figures(frame.now))
        parts = ("usd", "amount", "change_24h_pct", "drawdown_pct")
        return [path for part in parts for path in figure_paths("open_interest", known, part)]

    def open(self, row: Row, frame: Frame) -> Intent | None:
        symbol, _, venue = row.key.partition(" ")
        label = f"{fmt.base(symbol)} {venue}".strip()
        return Drill("history", {"series": "open_interest", "symbol": symbol, "venue": venue}, label)

    @action("follow", key="f", help="Make the asset under the cursor the desk's linked one")
    def follow(self, frame: Frame) -> Intent | None:
        row = self.selected(frame)
        return None if row is None else LinkSymbol(fmt.base(row.key.partition(" ")[0]))

    def _assets(self, assets: Sequence[str], known: dict[str, figures.InterestFigure], frame: Frame) -> Iterable[Row]:
        model, now = frame.model, frame.now
        if len(assets) > 1:
            total = model.open_interest.together(tuple(known), now)
            if total is not None:
                row = self._row("all", "all", total, "total_market_cap", frame)
                blank: dict[str, Cell] = {name: ("", "") for name in row.cells if name.startswith("coins")}
                cells = {**row.cells, **blank}
                yield Row("all", cells, age_ms=row.age_ms, style="bold", pinned=True)
        symbols = by_asset(known)
        for asset in assets:
            figure = model.open_interest.together(tuple(symbols[asset]), now)
            if figure is not None:
                yield self._row(asset, asset, figure, f"market_cap_{asset.lower()}", frame)

    def _row(self, key: str, name: str, figure: figures.InterestFigure, capital: str, frame: Frame) -> Row:
        cap = frame.model.metrics.figures(frame.now).get(capital)
        ratio = None if cap is None else carry.leverage(figure.usd, cap.value)
        ages = [venue.age_ms for venue in figure.venues.values()]
        oldest = max(age for age in ages if age <= min(ages) + BEHIND)
        live = [age for age in ages if not is_stale("open_interest", age)]
        cells, sort = _figures(figure)
        cells |= {
            "name": (name, "text"),
            "leverage": _leverage(ratio, cap),
            "since": since_cell(
                frame.now, (figure.since, ("highest", "lowest")),
                (figure.change_24h_since, ("largest rise", "largest fall")),
            ),
        }  # fmt: skip
        sort |= {"name": name, "leverage": ratio}
        age = max(live) if live else min(ages)
        cells["age"] = (fmt.age(oldest), "warn" if is_stale("open_interest", oldest) else "faint")
        return Row(key, cells, sort, age, not live, text=f"{name} {' '.join(figure.venues)}")

    def _markets(self, frame: Frame, known: dict[str, figures.InterestFigure]) -> Iterable[Row]:
        markets = [
            (held, venue, symbol)
            for symbol in symbols_of(frame.symbol, known)
            for venue, held in known[symbol].venues.items()
        ]
        for held, venue, symbol in sorted(markets, key=lambda market: (-market[0].usd, market[1:])):
            cells, sort = _figures(held)
            cells |= {
                "name": (venue, "text"),
                "contract": (contract(symbol), "muted"),
                "age": (fmt.age(held.age_ms), "faint"),
            }
            sort["name"] = venue
            stale = is_stale("open_interest", held.age_ms)
            yield Row(f"{symbol} {venue}", cells, sort, held.age_ms, stale, text=f"{venue} {symbol}")


def _leverage(ratio: float | None, cap: figures.MetricFigure | None) -> Cell:
    """Open interest over a capitalisation, with the age of that where it is older than a day: 2.41% 7d."""
    text = fmt.fraction(ratio, 2)
    if ratio is None or cap is None or cap.age_ms <= DAY:
        return text, "text"
    return f"{text} {fmt.age(cap.age_ms)}", "stale" if cap.stale else "warn"


def _figures(held: figures.PeakedInterest) -> tuple[dict[str, Cell], dict[str, float | str | None]]:
    """Cells and sort values of amounts and changes."""
    cells: dict[str, Cell] = {
        "usd": (fmt.amount(held.usd), "sum flash"),
        "coins": (fmt.amount(held.amount), "text flash"),
        "drawdown": change(held.drawdown_pct, 1),
        "peak": (never_cut(f"{fmt.amount(held.peak_usd)} {fmt.date(held.peak_ts)}"), "muted"),
    }
    sort: dict[str, float | str | None] = {
        "usd": held.usd, "coins": held.amount, "drawdown": held.drawdown_pct,
    }  # fmt: skip
    for window in WINDOWS:
        for name, field in (("usd", f"change_{window}_pct"), ("coins", f"change_{window}_amount_pct")):
            value = getattr(held, field)
            cells[f"{name} {window}"] = change(value, 1)
            sort[f"{name} {window}"] = value
    return cells, sort
