"""The page of one level: how it stands, what would turn it, its tests and wicks, and what was done at its prices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from msgspec.structs import replace

from deskmon.api import DAY, Cell, Column, Drill, Frame, Intent, Line, Row, Section, TablePanel, figures, fmt, is_stale
from deskmon.components.levels import (
    level_at,
    level_buckets,
    level_cell,
    level_price,
    level_range,
    level_reach,
    level_style,
    level_traded,
    level_turn,
    level_wicks,
    level_words,
)
from deskmon.components.markets import main_symbols
from deskmon.components.sections import only_words
from deskmon.components.text import fit

MOST_WICKS = 20
TRADE = (
    Column("of", "at the level", 16, least=14),
    Column("total", "total", 8, "right", 0),
    Column("share", "share", 6, "right", 1),
    Column("long", "long", 8, "right", 2),
    Column("short", "short", 8, "right", 2),
    Column("count", "orders", 6, "right", 3),
)
TESTS = (
    Column("when", "tests", 16, least=12),
    Column("what", "what", 22, least=11, most=42),
    Column("close", "close", 10, "right", 0),
    Column("away", "beyond", 8, "right", 1),
)


class Level(TablePanel):
    """Everything the desk knows of one level."""

    name = "level"
    title = "Level"
    topics = frozenset({"prices", "candles", "levels", "price_buckets", "liquidations", "clock"})
    definitions = (
        ("below, above", "the price is so far beyond it that a close there turns it; no close has decided yet"),
        ("at the level", "at prices of its zone or within its tolerance of it, max(0.25 %, ATR / 4)"),
        ("liquidated", "USD of the last 24 h, by side of the position closed; share: of all of the asset's"),
        ("volume", "in coins, of 1h candles of one venue, each spread evenly over its range; share: of all it traded"),
        ("tests", "closes that tested, broke or reclaimed it; beyond: from its nearest edge to that close"),
        ("wicks", "closed candles of 30 days that went beyond the zone and opened and closed on one side of its edge"),
        ("≥", "a lower bound: a venue publishes only part of its liquidations, or a candle carries no volume"),
    )

    class Options(TablePanel.Options, frozen=True):
        """symbol: asset (`BTC`) or unified symbol, the linked asset where empty; price: one at the level, 0 for the
        level that is nearest to the last price."""

        symbol: str = ""
        price: float = 0.0

    def __init__(self, options: Options | None = None) -> None:
        super().__init__(options)
        self._known: tuple[Any, figures.LevelFigure | None] = (None, None)

    def heading(self, frame: Frame) -> str:
        level = self._level(frame)
        price = level.price if level else self.options.price
        return f"{fmt.base(self._symbol(frame))} {level_price(price)}" if price else self.title

    def note_parts(self, frame: Frame) -> Iterable[str]:
        closes = f"{frame.model.levels.settings.timeframe} closes"
        since = frame.model.liquidations.since
        young = since is not None and since > frame.now - DAY
        return (f"liquidations since {fmt.since(since, frame.now)}" if young else "", closes)

    def oldest(self, frame: Frame) -> int | None:
        price = frame.model.prices.figures(frame.now).get(self._symbol(frame))
        return None if price is None else price.age_ms

    def sections(self, frame: Frame) -> Sequence[Section]:
        level = self._level(frame)
        if level is None:
            return only_words(self._nothing(frame), "trade")
        timeframe = frame.model.levels.settings.timeframe
        wicks = (replace(TESTS[0], label=f"wicks, {timeframe}"), *TESTS[1:])
        return (
            Section("trade", TRADE, [self._liquidated(level, frame), *self._volume(level, frame)]),
            Section("tests", TESTS, self._tests(level, frame), "no close tested it yet", selectable=False),
            Section("wicks", wicks, self._wicks(level, frame), "no wick beyond it in 30 days", selectable=False),
        )

    def open(self, row: Row, frame: Frame) -> Intent | None:
        level = self._level(frame)
        if level is None or row.key != "liquidations":
            symbol = self._symbol(frame)
            return Drill("symbol", {"symbol": symbol}, fmt.base(symbol))
        low, high = level_range(level)
        asset = fmt.base(self._symbol(frame))
        return Drill("orders", {"asset": asset, "window": "24h", "low": low, "high": high}, "liquidations")

    def _symbol(self, frame: Frame) -> str:
        wanted = self.options.symbol or frame.symbol
        symbols = frame.model.prices.symbols
        return wanted if wanted in symbols else main_symbols(symbols).get(wanted, wanted)

    def _level(self, frame: Frame) -> figures.LevelFigure | None:
        """The level, looked for once a frame."""
        seen = (id(frame.model), frame.now, frame.symbol, tuple(frame.model.revisions.values()))
        if self._known[0] != seen:
            levels = frame.model.levels.of(self._symbol(frame), frame.now)
            nearest = min(levels, key=lambda level: abs(level.distance_pct), default=None)
            self._known = seen, level_at(levels, self.options.price) if self.options.price else nearest
        return self._known[1]

    def _nothing(self, frame: Frame) -> str:
        symbol = self._symbol(frame)
        if frame.model.levels.awaited(symbol):
            return "finding levels"
        levels = frame.model.levels.of(symbol, frame.now)
        if not levels:
            return f"no level of {fmt.base(symbol)} yet: they come from candles that have closed"
        nearest = min(levels, key=lambda level: abs(level.price - self.options.price))
        wanted = level_price(self.options.price, nearest.price)
        return f"no level at {wanted}; the nearest is {level_price(nearest.price)}"

    def headline(self, frame: Frame) -> Sequence[Line]:
        level = self._level(frame)
        if level is None:
            return []
        written = partial(level_price, like=level.price)
        low, high = level_reach(level)
        sigma = "" if level.distance_sigma is None else f"{fmt.percent(level.distance_sigma, 1).rstrip('%')}σ"
        zone = f"zone {written(level.low)}–{written(level.high)}" if level.high > level.low else ""
        way = "below" if level.kind == "support" else "above"
        rule = f"a {frame.model.levels.settings.timeframe} close {way} {written(level_turn(level))} turns it"
        age = self.oldest(frame)
        stale = is_stale("prices", age)
        first = (
            (f"{level_price(level.price)} {level.kind}", "text bold"),
            (_fitting(level_words(level, frame.now), frame.width - 40), "stale" if stale else level_style(level)),
            (f"price {fmt.age(age)} old" if stale else "", "warn"),
            (f"{fmt.percent(level.distance_pct, 1)} away", "stale" if stale else "text"),
            (sigma, "muted"),
        )
        second = (
            (rule, "text"),
            (zone, "muted"),
            (f"at it: {written(low)}–{written(high)}", "muted"),
            (f"score {level.score:.1f}", "muted"),
        )
        label = f"◆ {level.label or 'pinned'}" if level.pinned else ""
        third = ((label, "accent"), (", ".join(text for text in level.sources if not text.startswith("pin")), "muted"))
        lines = ([part for part in parts if part[0]] for parts in (first, second, third))
        return [fit(parts, frame.width) for parts in lines if parts][: max(0, frame.height - 1)]

    def _liquidated(self, level: figures.LevelFigure, frame: Frame) -> Row:
        held = frame.model.price_buckets.of(fmt.base(self._symbol(frame)), frame.now)
        first, last = level_buckets(level)
        here = [bucket for bucket in held if first <= bucket.bucket < last]
        long, short = sum(bucket.long_usd for bucket in here), sum(bucket.short_usd for bucket in here)
        total = sum(bucket.long_usd + bucket.short_usd for bucket in held)
        day = frame.model.liquidations.windows(frame.now).get("24h")
        listened = day is not None and day.usd is not None
        bound = day is not None and day.lower_bound

        def usd(value: float, style: str) -> Cell:
            return fmt.amount(value if listened else None, lower_bound=bound), style

        cells: dict[str, Cell] = {
            "of": ("liquidated 24h", "label"),
            "total": usd(long + short, "sum flash"),
            "share": (fmt.fraction((long + short) / total if total and listened else None, 1), "text"),
            "long": usd(long, "long"),
            "short": usd(short, "short"),
            "count": (f"{sum(bucket.count for bucket in here):,}" if listened else fmt.UNKNOWN, "text"),
        }
        return Row("liquidations", cells)

    def _volume(self, level: figures.LevelFigure, frame: Frame) -> Iterable[Row]:
        symbol = self._symbol(frame)
        for days, name in ((1, "volume 24h"), (30, "volume 30d")):
            found = level_traded(frame.model, symbol, level, days, frame.now)
            known = found is not None and (found.whole or found.inside > 0)
            inside, bound = (found.inside, not found.whole) if found and known else (None, False)
            cells: dict[str, Cell] = {
                "of": (f"{name} {fmt.base(symbol)}", "label"),
                "total": (fmt.amount(inside, lower_bound=bound), "text"),
                "share": (fmt.fraction(inside / found.total if found and inside is not None else None, 1), "text"),
            }
            yield Row(name, cells)

    def _tests(self, level: figures.LevelFigure, frame: Frame) -> Iterable[Row]:
        symbol = self._symbol(frame)
        if level.decides is not None:
            price = frame.model.prices.price(symbol)
            words, style = level_cell(level, frame.now)
            yield _row("now", "now", (words, style), price, level, frame.now)
        changes = [each for each in frame.model.levels.changes(symbol, frame.now, 0) if each.figure.id == level.id]
        for change in reversed(changes):
            what = (_happened(change.status, change.above), "text")
            yield _row(str(change.time), _when(change.time, frame.now), what, change.close, level, frame.now)

    def _wicks(self, level: figures.LevelFigure, frame: Frame) -> Iterable[Row]:
        for wick in level_wicks(frame.model, self._symbol(frame), level, frame.now)[:MOST_WICKS]:
            edge = level.low if wick.reached < level.low else level.high
            cells: dict[str, Cell] = {
                "when": (_when(wick.time, frame.now), "text"),
                "what": (f"reached {level_price(wick.reached, level.price)}", "text"),
                "close": (level_price(wick.close, level.price), "text"),
                "away": (fmt.percent((wick.reached / edge - 1) * 100), "text"),
            }
            yield Row(f"wick {wick.time}", cells)


def _row(key: str, when: str, what: Cell, close: float | None, level: figures.LevelFigure, now: int) -> Row:
    away = None
    if close is not None:
        edge = level.low if close < level.low else level.high if close > level.high else close
        away = (close / edge - 1) * 100
    cells: dict[str, Cell] = {
        "when": (when, "text"),
        "what": what,
        "close": (fmt.UNKNOWN if close is None else level_price(close, level.price), "text"),
        "away": (fmt.percent(away), "text"),
    }
    return Row(key, cells)


def _happened(status: str, above: bool) -> str:
    """What a close did to a level; above: where it left the price."""
    words = {
        "testing": ("tested from above", "tested from below"),
        "holding": ("held as support", "held as resistance"),
        "broken": ("broken up", "broken down"),
        "reclaimed": ("reclaimed", "reclaimed (from above)"),
        "flipped": ("flipped to support", "flipped to resistance"),
    }
    return words[status][not above]


def _when(ts: int, now: int) -> str:
    return fmt.clock(ts)[:5] if now - ts < DAY else f"{fmt.day(ts)} {fmt.clock(ts)[:5]}"


def _fitting(words: Sequence[str], width: int) -> str:
    return next((said for said in words if len(said) <= width), words[-1])
