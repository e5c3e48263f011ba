"""Liquidations by price: what was closed at which price, and an estimate of where more would be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import floor, log10
from typing import Any, NamedTuple

from deskmon.api import DAY, Cell, Choice, Column, Drill, Frame, Intent, Row, Section, TablePanel, action, figures, fmt
from deskmon.components.bars import bar_left, bar_right
from deskmon.components.feed_health import who_listens
from deskmon.components.liquidation_levels import (
    ESTIMATE_STEP,
    LiquidationLevels,
    bucket_edge,
    bucket_of,
    liquidation_estimate,
    remaining_estimate,
)
from deskmon.components.markets import symbols_of

AUTO = 0
SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)
"""Buckets of about 0.1 % that make one row."""
REACH = 120
"""Buckets on each side of the price that are shown one by one at most: about 12 %."""
FIXED = 50
"""Cells of all columns but the bars, the gaps between them among these; on fewer there are no bars."""


class Place(NamedTuple):
    """A row of the map: USD of longs and shorts liquidated there, and what the model expects."""

    long: float = 0.0
    short: float = 0.0
    expected: float = 0.0


class LiquidationMap(TablePanel):
    """Executed liquidations of the linked asset by price, longs to the left, shorts to the right; a model beside it."""

    name = "liquidation_map"
    title = "Liquidation map"
    topics = frozenset({"liquidations", "price_buckets", "prices", "open_interest", "feeds", "clock"})
    bucket = Choice(
        (AUTO, 1, 2, 5, 10), key="b", help="Width of a row: what fits, or 0.1, 0.2, 0.5, 1 % around price", note=None
    )
    definitions = (
        ("long, short 24h", "USD liquidated in the last 24 h at prices of that row, by side of the position closed"),
        ("price", "the lowest price of the row; the line is at the last price. above, below: all beyond the map"),
        ("≥", "a lower bound: a venue publishes only part of its liquidations, or some were missed"),
        ("model", "an estimate, not data: USD that would be liquidated there. Longs below the price, shorts above"),
        (
            "its idea",
            "open interest added in 24 h was opened at the price of its five minutes, a long and a short each",
        ),
        ("its leverage", "assumed, in equal parts 25×, 50×, 100× (options): liquidated at price × (1 ∓ 1/leverage)"),
        ("worn away", "what price reached since is gone; where open interest falls, what is left shrinks with it"),
    )

    class Options(TablePanel.Options, frozen=True):
        """asset: `BTC`; the linked one where empty. leverage: of the model, each above 1; weights: how much of the
        open interest has each of them, in proportion; equal where empty."""

        asset: str = ""
        leverage: tuple[float, ...] = (25.0, 50.0, 100.0)
        weights: tuple[float, ...] = ()

        def __post_init__(self) -> None:
            if not self.leverage or min(self.leverage) <= 1:
                raise ValueError("leverage: one or more, each above 1")
            if self.weights and (len(self.weights) != len(self.leverage) or min(self.weights) <= 0):
                raise ValueError("weights: one above 0 for each leverage")

    def __init__(self, options: Options | None = None) -> None:
        super().__init__(options)
        self._shown = AUTO
        weights = self.options.weights or [1.0] * len(self.options.leverage)
        self._mix = dict(zip(self.options.leverage, weights, strict=True))
        self._estimate: tuple[Any, LiquidationLevels | None] = (None, None)

    def heading(self, frame: Frame) -> str:
        return f"{self._asset(frame)} liquidation map"

    def note_parts(self, frame: Frame) -> Iterable[str]:
        size = f"rows of {self._shown / 10:g}%" if self._shown else ""
        since = frame.model.liquidations.since
        young = since is not None and since > frame.now - DAY
        begun = f"since {fmt.since(since, frame.now)}" if young else ""
        return begun, size, "model " + " ".join(f"{leverage:g}×" for leverage in self._mix)

    def empty(self, frame: Frame) -> str:
        return f"no price and no liquidation of {self._asset(frame)} yet; {who_listens(frame.model, frame.now)}"

    def sections(self, frame: Frame) -> Sequence[Section]:
        return (Section("map", _columns(frame.width), self.rows(frame), self.empty(frame)),)

    def rows(self, frame: Frame) -> Iterable[Row]:
        asset, now = self._asset(frame), frame.now
        held = {bucket.bucket: bucket for bucket in frame.model.price_buckets.of(asset, now)}
        levels = self._levels(asset, frame)
        price = self._price(asset, frame)
        known = {*held, *(levels[0] if levels else ()), *(levels[1] if levels else ())}
        if price is None and not known:
            return []
        middle = sorted(known)[len(known) // 2] if known else 0
        here = middle if price is None else bucket_of(price)
        near = [bucket for bucket in (*known, here) if abs(bucket - here) <= REACH]
        size, first, last = self._extent(min(near), max(near), here, max(1, frame.height - 4))
        self._shown = size
        places = _places(held, levels, size, first, last)
        day = frame.model.liquidations.windows(now).get("24h")
        bound = day is not None and day.lower_bound
        return _rows(
            places, size, first, last, None if price is None else here // size, price, levels is not None, bound
        )

    def open(self, row: Row, frame: Frame) -> Intent | None:
        asset = self._asset(frame)
        if row.key == "price":
            return self.open_page(frame)
        low, _, high = row.key.partition(":")
        options: dict[str, Any] = {"asset": asset, "window": "24h"}
        if low:
            options["low"] = bucket_edge(int(low))
        if high:
            options["high"] = bucket_edge(int(high))
        return Drill("orders", options, str(row.cells["price"][0]))

    @action("page", key="o", help="The page of the asset")
    def open_page(self, frame: Frame) -> Intent | None:
        asset = self._asset(frame)
        return Drill("symbol", {"symbol": asset}, asset)

    def _asset(self, frame: Frame) -> str:
        return self.options.asset or frame.symbol

    def _price(self, asset: str, frame: Frame) -> float | None:
        prices = frame.model.prices
        return next((prices.price(symbol) for symbol in symbols_of(asset, prices.symbols)), None)

    def _levels(self, asset: str, frame: Frame) -> LiquidationLevels | None:
        """The estimate, made once for each stretch of its time, less what price reached since."""
        until = frame.now // ESTIMATE_STEP * ESTIMATE_STEP
        of = (id(frame.model), asset, until)
        if self._estimate[0] != of or self._estimate[1] is None:
            self._estimate = of, liquidation_estimate(frame.model, asset, until, self._mix)
        levels = self._estimate[1]
        return None if levels is None else remaining_estimate(levels, frame.model, asset, until, frame.now)

    def _extent(self, lowest: int, highest: int, here: int, room: int) -> tuple[int, int, int]:
        """Buckets to a row, and the first and last row as multiples of that, at most `room`, around the price."""
        fitting = (size for size in SIZES if highest // size - lowest // size < room)
        size = self.bucket or next(fitting, SIZES[-1])
        first, last = lowest // size, highest // size
        if last - first >= room:
            first = max(first, min(here // size - room // 2, last - room + 1))
            last = first + room - 1
        return size, first, last


def _columns(width: int) -> tuple[Column, ...]:
    """The columns for `width` cells. Longs and shorts have one scale, so their bars have one width, or neither room."""
    sums = (
        Column("long", "long 24h", 8, "right", 1),
        Column("price", "price", 9, "decimal", 0),
        Column("short", "short 24h", 9, "right", 2),
        Column("model", "model", 7, "right", 3),
    )
    if width < FIXED:
        return sums
    bar = max(4, min(40, (width - FIXED) // 3))
    long, short, model = (
        Column(f"{name} bar", "", bar, priority=priority, least=4)
        for name, priority in (("long", 4), ("short", 4), ("model", 5))
    )
    return (sums[0], long, sums[1], short, sums[2], sums[3], model)


def _places(
    held: Mapping[int, figures.PriceBucket], levels: LiquidationLevels | None, size: int, first: int, last: int
) -> dict[int, Place]:
    """The rows by number; what lies beyond the first and the last is in the ones next to them."""
    places: dict[int, Place] = {}

    def add(bucket: int, long: float, short: float, expected: float) -> None:
        number = max(first - 1, min(last + 1, bucket // size))
        so_far = places.get(number, Place())
        places[number] = Place(so_far.long + long, so_far.short + short, so_far.expected + expected)

    for bucket, sums in held.items():
        add(bucket, sums.long_usd, sums.short_usd, 0.0)
    for side in levels or ():
        for bucket, usd in side.items():
            add(bucket, 0.0, 0.0, usd)
    return places


def _rows(
    places: Mapping[int, Place], size: int, first: int, last: int, here: int | None, price: float | None,
    modelled: bool, bound: bool,
) -> Iterable[Row]:  # fmt: skip
    shown = [places.get(number, Place()) for number in range(first, last + 1)]
    most = max(max(place.long, place.short) for place in shown)
    expected = max(place.expected for place in shown)
    step = bucket_edge(first * size + size) - bucket_edge(first * size)
    digits = max(0, 1 - floor(log10(step))) if step > 0 else 10
    if last + 1 in places:
        yield _row(f"{(last + 1) * size}:", "above", places[last + 1], 0.0, 0.0, bound)
    for number in range(last, first - 1, -1):
        if number == here:
            yield _price_line(price, modelled)
        name = fmt.price(bucket_edge(number * size), digits)
        yield _row(f"{number * size}:{(number + 1) * size}", name, places.get(number, Place()), most, expected, bound)
    if first - 1 in places:
        yield _row(f":{first * size}", "below", places[first - 1], 0.0, 0.0, bound)


def _row(key: str, name: str, place: Place, most: float, expected: float, bound: bool) -> Row:
    """One row; bars are shares of `most` and of `expected`, left out where these are 0."""

    def usd(value: float) -> str:
        return fmt.amount(value, lower_bound=bound) if value else ""

    def share(value: float, of: float) -> float:
        return value / of if of else 0.0

    cells: dict[str, Cell] = {
        "long": (usd(place.long), "long flash"),
        "long bar": (lambda width: bar_left(share(place.long, most), width), "long"),
        "price": (name, "text"),
        "short bar": (lambda width: bar_right(share(place.short, most), width), "short"),
        "short": (usd(place.short), "short flash"),
        "model": (f"≈{fmt.amount(place.expected)}" if place.expected else "", "muted"),
        "model bar": (lambda width: bar_right(share(place.expected, expected), width, "▒"), "muted"),
    }
    return Row(key, cells)


def _price_line(price: float | None, modelled: bool) -> Row:
    def rule(width: int) -> str:
        return "─" * width

    cells: dict[str, Cell] = {
        "long bar": (rule, "faint"),
        "price": (fmt.price(price), "accent bold flash"),
        "short bar": (rule, "faint"),
        "model": ("" if modelled else fmt.UNKNOWN, "faint"),
        "model bar": (rule, "faint"),
    }
    return Row("price", cells)
