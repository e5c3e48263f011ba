"""The ladder of support and resistance: zones above and below the price, how far they are, how they stand, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from deskmon.api import Cell, Column, Drill, Frame, Intent, Notify, Pin, Row, TablePanel, action, figures, fmt, is_stale
from deskmon.components.alerts import called_levels
from deskmon.components.levels import level_cell, level_price, level_words
from deskmon.components.markets import main_symbols
from deskmon.components.proposals import awaited, proposal

PRICE = "price"
"""Key of the row of the price itself."""
MARK = "◆"
"""Stands before a level that the operator pinned."""
MOST_SCORE = 12.0
"""Fills the bar."""


class Levels(TablePanel):
    """A ladder, the highest price on top, the current price in the middle."""

    name = "levels"
    title = "Levels"
    topics = frozenset({"prices", "candles", "levels", "clock"})
    min_interval_ms = 5_000
    home = PRICE
    columns = (
        Column("level", "level", 7, "right"),
        Column("kind", "S/R", 3, priority=4),
        Column("away", "away", 7, "right", 0),
        Column("sigma", "σ", 5, "right", 2),
        Column("atr", "ATR", 5, "right", 6),
        Column("status", "status", 29, priority=0, least=12, most=42),
        Column("score", "score", 5, "right", 5),
        Column("bar", "", 6, priority=5),
        Column("sources", "sources", 26, priority=3, least=20, most=60),
        Column("zone", "zone", 17, "right", 7),
    )
    definitions = (
        ("level", "the price that founded the zone; zone: from the lowest to the highest of its sources; ◆ pinned"),
        ("sup, res", "support: the last close beyond it was above; resistance: below"),
        ("away", "from the price to the nearest edge: in percent, in σ of a day's expected move, in ATR14 of days"),
        ("σ", "DVOL / √365; realised over 30 days where there is no DVOL: the title says which"),
        ("holding", "no close beyond it; testing: the price is within its tolerance: max(0.25 %, ATR / 4)"),
        (
            "below, above",
            "the price is so far beyond it that a close there turns it: since when, and when that close comes",
        ),
        ("just below, above", "beyond it, but by less than half a tolerance; inside: between the zone's edges"),
        ("broken", "a close beyond it by half a tolerance; down: reclaim pending, for a close back above"),
        (
            "reclaimed",
            "a close back above within 14 days of the break, below within 3; flipped: a test from there held",
        ),
        ("score", "sum of the sources' weights, fading with age: [levels.weights] in deskmon.toml"),
        ("former", "no source counts any more: what was tested or broken stays for 14 days"),
        ("high, low", "swings of 1h, 4h, 1d candles, and of the day, week, month before; ×3: three of them"),
        ("POC, VAH, VAL, HVN", "volume profile of 30 days: busiest price, value area; nodes of all; t-: by time"),
    )

    class Options(TablePanel.Options, frozen=True):
        """symbol: asset (`BTC`) or unified symbol; the linked asset where empty."""

        symbol: str = ""

    def heading(self, frame: Frame) -> str:
        return f"Levels {fmt.base(self._wanted(frame))}"

    def note_parts(self, frame: Frame) -> Iterable[str]:
        symbol = self._symbol(frame)
        if symbol is None:
            return ()
        units = frame.model.levels.distance_units(symbol, frame.now)
        of = "DVOL" if units.implied else "realised"
        sigma = "" if units.sigma_pct is None else f"1σ {units.sigma_pct:.1f}% {of}"
        by_time = "no volume: nodes by time" if units.by_time else ""
        closes = f"{frame.model.levels.settings.timeframe} closes"
        return by_time, sigma, closes

    def rows(self, frame: Frame) -> Iterable[Row]:
        symbol = self._symbol(frame)
        price = None if symbol is None else frame.model.prices.figures(frame.now).get(symbol)
        if symbol is None or price is None:
            return
        levels = frame.model.levels.of(symbol, frame.now)
        below = next((n for n, level in enumerate(levels) if level.price < price.last), len(levels))
        for level in levels[:below]:
            yield _row(level, frame.now)
        words = "finding levels" if frame.model.levels.awaited(symbol) else "no candle has closed yet"
        words = symbol if levels else words
        yield self._price(price, words)
        for level in levels[below:]:
            yield _row(level, frame.now)

    def awaits(self, frame: Frame) -> bool:
        return frame.model.levels.awaited(self._symbol(frame) or "")

    def empty(self, frame: Frame) -> str:
        return f"no price of {self._wanted(frame)} yet"

    def marked(self, frame: Frame) -> Mapping[str, str]:
        symbol = self._symbol(frame)
        called = {} if symbol is None else called_levels(frame.model, fmt.base(symbol))
        levels = frame.model.levels.of(symbol, frame.now) if symbol is not None and called else ()
        return {
            level.id: style for level in levels for price, style in called.items() if level.low <= price <= level.high
        }

    def proposes(self, frame: Frame) -> str:
        row, symbol = self.selected(frame), self._symbol(frame)
        price = None if symbol is None else frame.model.prices.price(symbol)
        if price is None or row is None:
            return ""
        asset = fmt.base(self._wanted(frame))
        if row.key == PRICE:
            return proposal("prices", asset, "last", price)
        level = row.sort["level"]
        return awaited("prices", asset, "last", level, is_above=level > price)

    def open(self, row: Row, frame: Frame) -> Intent | None:
        symbol = self._symbol(frame)
        if symbol is None:
            return None
        if row.key == PRICE:
            return Drill("symbol", {"symbol": symbol}, fmt.base(symbol))
        return Drill("level", {"symbol": symbol, "price": row.sort["level"]}, level_price(row.sort["level"]))

    @action("pin", key="p", help="Pin the level under the cursor, or the price, with a label")
    def pin(self, frame: Frame) -> Intent | None:
        row = self.selected(frame)
        price = None if row is None else row.sort.get("level")
        return Notify("no price to pin yet", "warn") if price is None else Pin(fmt.base(self._wanted(frame)), price)

    def _wanted(self, frame: Frame) -> str:
        return self.options.symbol or frame.symbol

    def _symbol(self, frame: Frame) -> str | None:
        wanted = self._wanted(frame)
        symbols = frame.model.prices.symbols
        return wanted if wanted in symbols else main_symbols(symbols).get(wanted)

    def _price(self, price: figures.PriceFigure, words: str) -> Row:
        stale = is_stale("prices", price.age_ms)
        words = f"{fmt.age(price.age_ms)} old · {words}" if stale else words
        cells: dict[str, Cell] = {
            "level": (level_price(price.last), "accent bold flash"),
            "kind": ("◂──", "accent"),
            "status": (words, "accent"),
        }
        return Row(PRICE, cells, {"level": _round(price.last)}, price.age_ms, stale)


def _row(level: figures.LevelFigure, now: int) -> Row:
    why = ", ".join(source for source in level.sources if not source.startswith("pin"))
    label = " · ".join(filter(None, (level.label or "pinned", why))) if level.pinned else why
    mark = MARK if level.pinned else ""
    cells: dict[str, Cell] = {
        "level": (f"{mark}{level_price(level.price)}", "text bold" if level.pinned else "text"),
        "kind": ("sup" if level.kind == "support" else "res", "muted"),
        "away": (fmt.percent(level.distance_pct, 1), "text flash"),
        "sigma": (_signed(level.distance_sigma), "text"),
        "atr": (_signed(level.distance_atr), "muted"),
        "status": level_cell(level, now),
        "score": (f"{level.score:.1f}", "muted"),
        "bar": (lambda width: fmt.bar(level.score / MOST_SCORE, width), "faint"),
        "sources": (label, "accent" if level.pinned else "muted"),
        "zone": (f"{level_price(level.low)}–{level_price(level.high)}" if level.high > level.low else "", "faint"),
    }
    return Row(level.id, cells, {"level": level.price}, text=" ".join((level_words(level, now)[0], label, level.kind)))


def _round(value: float) -> float:
    """To the digits that are shown."""
    return round(value, 0 if value >= 10_000 else fmt.price_digits(value))


def _signed(value: float | None) -> str:
    return fmt.UNKNOWN if value is None else fmt.percent(value, 1).rstrip("%")
