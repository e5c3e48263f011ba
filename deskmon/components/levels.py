"""Levels: how a zone stands in words, also while the price is beyond it, and what was done at its prices."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from deskmon import format as fmt
from deskmon.analytics.price_grid import bucket_edge, bucket_of
from deskmon.analytics.touches import Traded, Wick, traded, wicks
from deskmon.clock import DAY
from deskmon.components.columns import Cell
from deskmon.components.text import cell_width, shorten
from deskmon.model.figures import LevelFigure
from deskmon.model.view import ModelView

__all__ = [
    "level_at",
    "level_buckets",
    "level_cell",
    "level_price",
    "level_range",
    "level_reach",
    "level_style",
    "level_traded",
    "level_turn",
    "level_wicks",
    "level_words",
]

LEVEL_STYLES = {
    "holding": "muted", "testing": "warn", "broken": "error", "reclaimed": "accent", "flipped": "accent",
}  # fmt: skip
"""Styles by status."""


def level_style(level: LevelFigure) -> str:
    """The style of how a level stands; one that the price is beyond stands out."""
    return LEVEL_STYLES[level.status] if level.decides is None else "warn bold"


def level_words(level: LevelFigure, now: int) -> tuple[str, ...]:
    """How a level stands and since when, in words, from the longest to the shortest. Where the price is beyond it or
    inside it, they say so first, since the status alone is that of the last close."""
    up = level.kind == "support"
    if level.decides is not None:
        way, since, close = "below" if up else "above", fmt.clock(level.beyond_since)[:5], fmt.clock(level.decides)[:5]
        return (
            f"{way} since {since}, the {close} close decides", f"{way} since {since}, {close} decides",
            f"{way} {since}, {close} decides", f"{way} since {since}", f"{way} {since}", way,
        )  # fmt: skip
    if level.distance_pct and (level.distance_pct > 0) is up:
        side, turn = "below" if up else "above", level_price(level_turn(level), level.price)
        return (
            f"just {side}, a close {side} {turn} turns it", f"just {side}, {turn} turns it",
            f"{level.status}, just {side}", f"just {side}",
        )  # fmt: skip
    way = {("broken", True): " up", ("reclaimed", False): " (from above)"}.get((level.status, up), "")
    said = f"{level.status}{way} {fmt.since(level.status_since, now)}"
    if level.low < level.high and not level.distance_pct:
        low, high = (level_price(edge, level.price) for edge in (level.low, level.high))
        return f"inside {low}–{high}, {said}", f"inside, {said}", said, level.status
    pending = (f"{said}, reclaim pending",) if level.status == "broken" and not up else ()
    return (*pending, said, level.status)


def level_cell(level: LevelFigure, now: int) -> Cell:
    """The same as a cell: as many words as have room."""
    words = level_words(level, now)

    def fitting(width: int) -> str:
        return next((said for said in words if cell_width(said) <= width), shorten(words[-1], width))

    return fitting, level_style(level)


def level_price(value: float, like: float | None = None) -> str:
    """A price of a level, with the digits that `like` has, else its own: none from 10,000 on."""
    size = value if like is None else like
    return fmt.price(value, 0 if size >= 10_000 else fmt.price_digits(size))


def level_at(levels: Sequence[LevelFigure], price: float) -> LevelFigure | None:
    """The level whose price is nearest to `price`, if that lies in its zone or within its tolerance."""
    nearest = min(levels, key=lambda level: abs(level.price - price), default=None)
    if nearest is None:
        return None
    low, high = level_reach(nearest)
    return nearest if low <= price <= high else None


def level_reach(level: LevelFigure) -> tuple[float, float]:
    """The prices that count as being at a level: its zone and its tolerance on both sides."""
    tolerance = level.tolerance_pct / 100 * level.price
    return level.low - tolerance, level.high + tolerance


def level_turn(level: LevelFigure) -> float:
    """The price beyond which a close turns a level: half a tolerance beyond its far edge."""
    tolerance = level.tolerance_pct / 100 * level.price
    return level.low - tolerance / 2 if level.kind == "support" else level.high + tolerance / 2


def level_buckets(level: LevelFigure) -> tuple[int, int]:
    """The first bucket of liquidations at a level, and the one after the last."""
    low, high = level_reach(level)
    return bucket_of(low), bucket_of(high) + 1


def level_range(level: LevelFigure) -> tuple[float, float]:
    """The prices of these buckets: from the first up to, without it, the second."""
    first, last = level_buckets(level)
    return bucket_edge(first), bucket_edge(last)


def level_wicks(model: ModelView, symbol: str, level: LevelFigure, now: int) -> list[Wick]:
    """The closed candles of 30 days that went beyond a level with their wick only, the newest first."""
    candles = model.candles.columns(symbol, model.levels.settings.timeframe)
    start = bisect_left(candles.time, now - 30 * DAY)
    stop = bisect_left(candles.time, model.levels.closed(symbol, now))
    return wicks(candles.cut(start, stop), level.low, level.high)


def level_traded(model: ModelView, symbol: str, level: LevelFigure, days: int, now: int) -> Traded | None:
    """What was traded at a level in so many days, by candles of an hour."""
    candles = model.candles.columns(symbol, "1h")
    return traded(candles.cut(bisect_left(candles.time, now - days * DAY)), *level_reach(level))
