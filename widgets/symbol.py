"""The page of one asset: candles with levels, what options expect, venues, liquidations, depth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from deskmon.api import (
    Choice,
    Column,
    Drill,
    Frame,
    Intent,
    Line,
    Row,
    Section,
    Span,
    TablePanel,
    action,
    change,
    figures,
    fmt,
    is_stale,
)
from deskmon.components.candle_view import CHART_DEFINITIONS, CHART_TOPICS, PIN_HELP, CandleView, timeframe_choice
from deskmon.components.depth import DEPTH_DEFINITIONS, depth_section
from deskmon.components.feed_health import who_listens
from deskmon.components.liquidations import windows_section
from deskmon.components.markets import (
    MARKET_DEFINITIONS,
    contract,
    main_symbols,
    market_columns,
    market_row,
    quote_cells,
    symbols_of,
    venues_of,
)
from deskmon.components.options import (
    EXPIRY_DEFINITIONS,
    OPTIONS_DEFINITIONS,
    dollars,
    expiries_section,
    skew_cell,
    smile_page,
    vol,
)
from deskmon.components.since import SINCE_DEFINITION, return_words, since_note, since_phrase
from deskmon.components.text import cell_width, fit, wrapped
from deskmon.components.values import rate

CHARTED = (60, 28)
"""(width, height) in cells from which the page has a chart."""
LEAST_CANDLES = 8
"""Fewer say nothing that the headline doesn't."""
BESIDE = 118
"""Width in cells from which the chart stands beside the tables."""
LEAST_TABLES = 62
"""Cells that tables beside a chart have at least."""
MOST_EXPIRIES = 8
WORDED = 12
"""Lines from which there is one for what options expect."""


HEADLINE = (
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


class Symbol(TablePanel):
    """Everything the desk knows of one asset; the linked one where none is named."""

    name = "symbol"
    title = "Symbol"
    topics = CHART_TOPICS | {"liquidations", "funding", "open_interest", "depth", "options"}
    timeframe = timeframe_choice()
    chart_alone = Choice((False, True), key="v", label="chart", help="The chart alone, or with the tables", note=None)
    definitions = (
        ("last", "last trade at the reference venue, which is named beside it"),
        ("vs high", "last against the highest price of 24 h, in percent"),
        *MARKET_DEFINITIONS,
        ("all", "funding: mean over venues weighted by open interest; open interest: sum over venues and contracts"),
        ("total, long, short", "liquidations of this asset over all venues, in USD, by side of the position closed"),
        *DEPTH_DEFINITIONS,
        *CHART_DEFINITIONS,
        ("expected 1σ", "price × (1 ± DVOL / √365): where a day ends two times out of three, as options price it"),
        ("RR25 30d, 7d", "IV of the 25-delta call less that of the put, at 30 and 7 days; − puts are dearer"),
        *OPTIONS_DEFINITIONS,
        *EXPIRY_DEFINITIONS,
        SINCE_DEFINITION,
        ("from the high", "the last price against the highest of the daily candles that the desk holds"),
    )

    class Options(TablePanel.Options, frozen=True):
        """symbol: an asset (`BTC`) or a unified symbol, whose asset is shown; the linked asset where empty."""

        symbol: str = ""

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self._view = CandleView(self.timeframe)

    def heading(self, frame: Frame) -> str:
        return self._asset(frame) if self.options.symbol else f"{self._asset(frame)} linked"

    def note_parts(self, frame: Frame) -> Iterable[str]:
        main = self._main(frame)
        return (contract(main) if main else "",)

    def sections(self, frame: Frame) -> Sequence[Section]:
        asset, model, now = self._asset(frame), frame.model, frame.now
        main = self._main(frame)
        books = {symbol: model.depth.figure(symbol, now) for symbol in symbols_of(asset, model.depth.symbols)}
        price = model.prices.figures(now).get(main)
        quote = [self._quote(main, price, frame)] if price is not None else ()
        words = f"no price of {asset} yet" if price is None else ""
        return (
            Section("headline", HEADLINE, quote, words, selectable=False),
            self._markets(asset, main, frame),
            self._liquidations(asset, frame),
            depth_section({symbol: book for symbol, book in books.items() if book is not None}, now),
            *self._expiries(frame),
        )

    def beside_width(self, frame: Frame) -> int:
        wide = frame.width >= BESIDE and not self.chart_alone and self._charts(frame)
        return frame.width - max(LEAST_TABLES, frame.width * 9 // 20) if wide else 0

    def beside(self, frame: Frame, size: tuple[int, int]) -> Sequence[Line]:
        width, height = size
        return self.chart(frame, (width - 2, height))

    def on_left_right(self, step: int, frame: Frame) -> Intent | None:
        if self._charts(frame):
            self._view.read(self._charted(frame), step, frame)
        return None

    @action("pin", key="p", help=PIN_HELP)
    def pin(self, frame: Frame) -> Intent | None:
        return self._view.pin(self._charted(frame), frame)

    @timeframe.offered
    def _timeframes(self, frame: Frame) -> Sequence[str]:
        return self._view.timeframes(self._charted(frame), frame) if self._charts(frame) else ()

    def changed(self) -> None:
        super().changed()
        self._view.timeframe = self.timeframe

    def open(self, row: Row, frame: Frame) -> Intent | None:
        if row.pinned:
            return None
        venue, slash, _ = row.key.partition("/")
        if not slash:
            asset, expiry = self._asset(frame), int(row.key)
            return smile_page(asset, expiry)
        return Drill("venue", {"venue": venue}, venue)

    def _asset(self, frame: Frame) -> str:
        return fmt.base(self.options.symbol) or frame.symbol

    def _charted(self, frame: Frame) -> str:
        return self._main(frame) or self._view.symbol(self._asset(frame), frame)

    def _charts(self, frame: Frame) -> bool:
        """Whether there is a chart, above the tables, beside them or alone."""
        room = frame.width >= CHARTED[0] and frame.height >= CHARTED[1]
        return (room or self.chart_alone) and self._view.number(self._charted(frame), frame) >= LEAST_CANDLES

    def chart_height(self, frame: Frame) -> int:
        """Lines of a chart above the tables."""
        if not self._charts(frame) or self.beside_width(frame):
            return 0
        return frame.height - len(self.headline(frame)) if self.chart_alone else frame.height * 2 // 5

    def chart(self, frame: Frame, size: tuple[int, int]) -> Sequence[Line]:
        return self._view.draw(self._charted(frame), frame, size) if size[1] else ()

    def headline(self, frame: Frame) -> Sequence[Line]:
        """What options expect of the asset, and how extreme its returns are; nothing where the page is low."""
        if frame.height < WORDED:
            return []
        returns = self._returns(frame)
        lines = 2 if frame.height >= CHARTED[1] else 1
        return [*self._expected(frame), *(wrapped(returns, frame.width, lines) if returns else ())]

    def _returns(self, frame: Frame) -> list[list[Span]]:
        price = frame.model.prices.figures(frame.now).get(self._main(frame))
        if price is None:
            return []
        parts: list[list[Span]] = []
        for name, held in price.returns.items():
            if held.change_pct is not None and (words := since_phrase(held.since, return_words(name, held.change_pct))):
                text, style = change(held.change_pct)
                parts.append([(f"{name} ", "text"), (f"{text} ", style), (words, "muted")])
        if price.peak is not None and (words := since_phrase(price.peak.since)):
            high = f"from the high of {fmt.price(price.peak.price)} on {fmt.date(price.peak.ts)}, {words}"
            text, style = change(price.peak.drawdown_pct, 1)
            parts.append([(f"{text} ", style), (high, "muted")])
        return parts

    def _expected(self, frame: Frame) -> Sequence[Line]:
        """What options expect of the asset, in one line; none where it has no options."""
        found = frame.model.options.figure(self._asset(frame), frame.now)
        if found is None:
            return []
        price = frame.model.prices.price(self._main(frame)) or found.nearest_forward
        move = found.expected_daily_move_pct
        style = "stale" if is_stale("options", found.age_ms) else "text"
        parts: list[Span] = []
        if price is not None and move is not None:
            low, high = (dollars(price * (1 + sign * move / 100)) for sign in (-1, 1))
            parts.append((f" expected 1σ of a day {low} – {high} (±{move:.1f}%)", style))
        parts.append((f"{'' if parts else ' '}DVOL {vol(found.dvol)}", style))
        for name in ("30d", "7d"):
            at = found.constant_maturity.get(name)
            if at is not None and at.rr25 is not None:
                words = since_note(at.since, frame.now)
                parts.append((f"RR25 {name} {skew_cell(at.rr25)[0]} {words}".rstrip(), style))
        return [fit(parts, frame.width)]

    def _expiries(self, frame: Frame) -> Sequence[Section]:
        """The nearest expiries; none where the asset has no options."""
        found = frame.model.options.figure(self._asset(frame), frame.now)
        if found is None or not found.expiries:
            return ()
        return (expiries_section(found.expiries[:MOST_EXPIRIES], is_stale("options", found.age_ms)),)

    def _symbols(self, frame: Frame) -> list[str]:
        model, now = frame.model, frame.now
        known = {*model.prices.figures(now), *model.funding.figures(now), *model.open_interest.figures(now)}
        return symbols_of(self._asset(frame), known)

    def _main(self, frame: Frame) -> str:
        return main_symbols(self._symbols(frame)).get(self._asset(frame), "")

    def _quote(self, symbol: str, price: figures.PriceFigure, frame: Frame) -> Row:
        digits = fmt.price_digits(price.last)
        cells = quote_cells(symbol, price, frame.model, frame.now)
        cells |= {
            "last": (fmt.price(price.last, digits), "sum flash"),
            "low_24h": (fmt.price(price.low_24h, digits), "text"),
            "high_24h": (fmt.price(price.high_24h, digits), "text"),
        }
        return Row("headline", cells, age_ms=price.age_ms, stale=is_stale("prices", price.age_ms))

    def _markets(self, asset: str, main: str, frame: Frame) -> Section:
        rows = list(self._venues(asset, main, frame))
        widest = max((cell_width(str(row.cells["contract"][0])) for row in rows if "contract" in row.cells), default=0)
        return Section("venues", market_columns("venue", contract=True, widest=widest), rows)

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
        liquidations, now = frame.model.liquidations, frame.now
        windows = liquidations.windows(now)
        sums = {
            name: window.by_symbol.get(asset) or liquidations.nothing(name, now) for name, window in windows.items()
        }
        if all(each.count is None for each in sums.values()):
            words = f"waiting for liquidations; {who_listens(frame.model, now)}"
            return Section("windows", (), (), words, selectable=False)
        bounds = {name: window.lower_bound for name, window in windows.items()}
        since = {name: window.counts_from for name, window in windows.items() if window.warming_up}
        return windows_section(sums, frame.now, lower_bounds=bounds, since=since)
