"""The page of one asset: price, venues with funding and open interest, liquidations, depth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from deskmon.api import (
    DAY,
    DEPTH_DEFINITIONS,
    MARKET_DEFINITIONS,
    Cell,
    Column,
    Drill,
    Frame,
    Intent,
    Row,
    Section,
    TablePanel,
    change,
    contract,
    depth_section,
    figures,
    fmt,
    is_stale,
    main_symbols,
    market_columns,
    market_row,
    rate,
    symbols_of,
    venues_of,
    windows_section,
)

NOTHING = figures.SideSums(usd=0.0, long_usd=0.0, short_usd=0.0, count=0)


class Symbol(TablePanel):
    """Everything the desk knows of one asset; the linked one where none is named."""

    name = "symbol"
    title = "Symbol"
    topics = frozenset({"prices", "liquidations", "funding", "open_interest", "depth", "clock"})
    definitions = (
        ("last", "last trade at the reference venue, which is named beside it"),
        ("vs high", "last against the highest price of 24 h, in percent"),
        *MARKET_DEFINITIONS,
        ("all", "funding: mean over venues weighted by open interest; open interest: sum over venues and contracts"),
        ("total, long, short", "liquidations of this asset over all venues, in USD, by side of the position closed"),
        *DEPTH_DEFINITIONS,
    )
    headline = (
        Column("last", "last", 10, "decimal", 0),
        Column("1h", "1h", 7, "right", 2),
        Column("24h", "24h", 7, "right", 1),
        Column("7d", "7d", 7, "right", 3),
        Column("high", "vs high", 7, "right", 5),
        Column("day", "day", 12, priority=4, least=8, most=48),
        Column("low_24h", "low 24h", 10, "decimal", 8),
        Column("high_24h", "high 24h", 10, "decimal", 8),
        Column("venue", "venue", 11, priority=6, least=7),
        Column("age", "age", 4, "right", 7),
    )

    class Options(TablePanel.Options, frozen=True):
        """symbol: an asset (`BTC`) or a unified symbol, whose asset is shown; the linked asset where empty."""

        symbol: str = ""

    def heading(self, frame: Frame) -> str:
        return self._asset(frame) if self.options.symbol else f"{self._asset(frame)} linked"

    def note(self, frame: Frame) -> str:
        main = self._main(frame)
        return " · ".join(filter(None, (super().note(frame), contract(main) if main else "")))

    def sections(self, frame: Frame) -> Sequence[Section]:
        asset, model, now = self._asset(frame), frame.model, frame.now
        main = self._main(frame)
        books = {symbol: model.depth.figure(symbol, now) for symbol in symbols_of(asset, model.depth.symbols)}
        price = model.prices.figures(now).get(main)
        headline = Section("headline", self.headline, (), f"no price of {asset} yet", selectable=False)
        if price is not None:
            headline = Section("headline", self.headline, [self._headline(main, price, frame)], selectable=False)
        return (
            headline,
            Section("venues", market_columns("venue", contract=True), self._venues(asset, main, frame)),
            self._liquidations(asset, frame),
            depth_section({symbol: book for symbol, book in books.items() if book is not None}, now),
        )

    def open(self, row: Row, frame: Frame) -> Intent | None:
        venue = row.key.partition("/")[0]
        return None if row.pinned else Drill("venue", {"venue": venue}, venue)

    def _asset(self, frame: Frame) -> str:
        return fmt.base(self.options.symbol) or frame.symbol

    def _symbols(self, frame: Frame) -> list[str]:
        model, now = frame.model, frame.now
        known = {*model.prices.figures(now), *model.funding.figures(now), *model.open_interest.figures(now)}
        return symbols_of(self._asset(frame), known)

    def _main(self, frame: Frame) -> str:
        return main_symbols(self._symbols(frame)).get(self._asset(frame), "")

    def _headline(self, symbol: str, price: figures.PriceFigure, frame: Frame) -> Row:
        changes, digits = price.change_pct, fmt.price_digits(price.last)

        def day(width: int) -> str:
            values = frame.model.prices.sparkline_values(symbol, frame.now, DAY, width)
            return fmt.sparkline(values, width).rjust(width)

        cells: dict[str, Cell] = {
            "last": (fmt.price(price.last, digits), "sum flash"),
            "1h": change(changes.get("1h")),
            "24h": change(changes.get("24h")),
            "7d": change(changes.get("7d"), 1),
            "high": change(price.drawdown_pct, 1),
            "day": (day, "muted"),
            "low_24h": (fmt.price(price.low_24h, digits), "text"),
            "high_24h": (fmt.price(price.high_24h, digits), "text"),
            "venue": (price.venue, "muted"),
            "age": (fmt.age(price.age_ms), "faint"),
        }
        return Row("headline", cells, age_ms=price.age_ms, stale=is_stale("prices", price.age_ms))

    def _venues(self, asset: str, main: str, frame: Frame) -> Iterable[Row]:
        model, now = frame.model, frame.now
        symbols = self._symbols(frame)
        if not symbols:
            return
        funding = model.funding.figures(now).get(main)
        interest = [model.open_interest.figures(now)[s].usd for s in symbols if s in model.open_interest.figures(now)]
        yield Row(
            "all",
            {
                "name": ("all", "text"),
                "funding": rate(funding.mean_8h if funding else None),
                "apr": rate(funding.mean_apr if funding else None, 1),
                "interest": (fmt.amount(sum(interest) if interest else None), "text flash"),
            },
            style="bold",
            pinned=True,
        )
        for symbol in symbols:
            for venue in venues_of(model, now, symbol):
                yield market_row(f"{venue}/{symbol}", venue, contract(symbol), symbol, venue, model, now)

    def _liquidations(self, asset: str, frame: Frame) -> Section:
        windows = frame.model.liquidations.figures(frame.now).windows
        if not windows:
            return Section("windows", (), (), "waiting for liquidations", selectable=False)
        sums = {name: window.by_symbol.get(asset, NOTHING) for name, window in windows.items()}
        bounds = {name: window.lower_bound for name, window in windows.items()}
        since = {name: window.since for name, window in windows.items() if window.warming_up}
        return windows_section(sums, frame.now, lower_bounds=bounds, since=since)
