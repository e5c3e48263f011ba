"""Prices: one row per asset, at its reference venue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from deskmon.api import (
    EACH_FRAME,
    Cell,
    Column,
    Drill,
    Frame,
    Intent,
    LinkSymbol,
    Row,
    TablePanel,
    action,
    figures,
    fmt,
    is_stale,
)
from deskmon.components.alerts import called_about
from deskmon.components.figure_words import figure_paths
from deskmon.components.markets import main_symbols, quote_cells
from deskmon.components.proposals import proposal
from deskmon.components.since import SINCE_DEFINITION, return_words, since_cell, since_column


class Prices(TablePanel):
    """Last price, changes over the standard windows, distance from the high, and the shape of the day."""

    name = "prices"
    title = "Prices"
    topics = frozenset({"prices", "clock"})
    wave_interval_ms = EACH_FRAME
    definitions = (
        ("order", "assets by open interest in USD, the most held first, until s sorts; or as `symbols` has them"),
        ("last", "last trade at the reference venue, which the venue column names"),
        ("1h 24h 7d", "change of the last price against the price that long ago, in percent"),
        ("vs high", "last against the highest price of 24 h, in percent: how far it has fallen"),
        ("day", "the last 24 hours, each column a share of them, between their own low and high"),
        SINCE_DEFINITION,
        ("age", "time since the last ticker; after 10 s the row is stale and dims"),
    )
    columns = (
        Column("symbol", "symbol", 8, least=5, most=10, order="up"),
        Column("last", "last", 10, "decimal", 0, order="down"),
        Column("1h", "1h", 7, "right", 2, order="down"),
        Column("24h", "24h", 7, "right", 1, order="down"),
        Column("7d", "7d", 7, "right", 3, order="down"),
        Column("high", "vs high", 7, "right", 5, order="down"),
        Column("day", "day", 12, priority=4, least=8, most=48),
        Column("bid", "bid", 10, "decimal", 8),
        Column("ask", "ask", 10, "decimal", 8),
        Column("venue", "venue", 11, priority=7, least=7, order="up"),
        since_column(32),
        Column("age", "age", 4, "right", 6),
    )

    class Options(TablePanel.Options, frozen=True):
        """symbols: assets (`BTC`) or unified symbols, in the order wanted; where empty all, the most held first."""

        symbols: tuple[str, ...] = ()

    def empty(self, frame: Frame) -> str:
        return "waiting for the first price"

    def rows(self, frame: Frame) -> Iterable[Row]:
        prices = frame.model.prices.figures(frame.now)
        main = main_symbols(prices)
        interest = frame.model.open_interest
        most_held = sorted(main.items(), key=lambda item: -sum(interest.weights(item[1]).values()))
        wanted = [(fmt.base(name), main.get(name, name)) for name in self.options.symbols] or most_held
        return [self._row(asset, symbol, prices.get(symbol), frame) for asset, symbol in wanted]

    def marked(self, frame: Frame) -> Mapping[str, str]:
        return called_about(frame.model, "prices")

    def proposes(self, frame: Frame) -> str:
        row = self.selected(frame)
        return "" if row is None else proposal("prices", row.key, "last", row.sort.get("last"))

    def compares(self, frame: Frame) -> Sequence[str]:
        assets = [row.key for row in self.rows(frame)]
        parts = ("last", "change_pct.24h", "drawdown_pct")
        return [path for part in parts for path in figure_paths("prices", assets, part)]

    def open(self, row: Row, frame: Frame) -> Intent | None:
        return Drill("symbol", {"symbol": row.key}, row.key)

    @action("follow", key="f", help="Make the asset under the cursor the desk's linked one")
    def follow(self, frame: Frame) -> Intent | None:
        row = self.selected(frame)
        return None if row is None else LinkSymbol(row.key)

    def _row(self, asset: str, symbol: str, figure: figures.PriceFigure | None, frame: Frame) -> Row:
        linked = "accent" if asset == frame.symbol else "text"
        if figure is None:
            unknown: Cell = (fmt.UNKNOWN, "faint")
            cells = {"symbol": (asset, linked), "last": unknown, "24h": unknown, "venue": ("no price", "faint")}
            return Row(asset, cells, {"symbol": asset})
        here = figure.venues.get(figure.venue)
        digits = fmt.price_digits(figure.last)
        return Row(
            asset,
            {
                **quote_cells(symbol, figure, frame.model, frame.now),
                "symbol": (asset, linked),
                "since": since_cell(
                    frame.now,
                    *((held.since, return_words(name, held.change_pct)) for name, held in figure.returns.items()),
                ),
                "bid": (fmt.price(here.bid if here else None, digits), "muted"),
                "ask": (fmt.price(here.ask if here else None, digits), "muted"),
            },
            {
                "symbol": asset,
                "last": figure.last,
                "high": figure.drawdown_pct,
                "venue": figure.venue,
                **figure.change_pct,
            },
            age_ms=figure.age_ms,
            stale=is_stale("prices", figure.age_ms),
            text=f"{symbol} {figure.venue}",
        )
